"""Are the newest methods better than those that the field compares itself with? Tests over the scenes of a data set.

Every method that came after the paper's comparison (`study.entries.Entry.is_newest`) is held against every anchor (DSIFT, QB, GFDF and the
highlighted methods, by default GACN) on the six metrics and, where a data set has truth, on the errors against it: the paired tests of `study.tables.statistics_table`, with Holm's correction
over the newest methods, for each anchor and metric.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

import metrics
from files.atomic import write_text
from study.entries import NEWEST_AFTER
from study.store import About, Results, read_frame, write_frame
from study.tables import statistics_table as statistics
from study.tables import writers
from study.tables.inline import escape, message
from study.tables.means_table import counted
from study.tables.table import Column, Page, Table

#: Columns of ``newest.csv``.
COLUMNS: Final = ("dataset", "by", "metric", "anchor", "anchor_label", "method", "label", "n")
RESULT: Final = ("method_minus_anchor", "p", "p_holm", "method_is")

#: Errors against the truth that a run may have; the scores of the first two count only where they are against the truth.
TRUTH: Final = ("psnr", "ssim", "wrong_pixels")

#: Kinds of metrics in words: by the six, by the truth.
BY: Final = {"six": "the six metrics", "truth": "the truth"}


def compute(about: About, scores: pd.DataFrame) -> pd.DataFrame:
    """Every newest method against every anchor on one data set.

    Parameters
    ----------
    about : About
    scores : pandas.DataFrame
        Tidy scores.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS` and `RESULT`: one row per metric, anchor and method; ``by`` is a key of `BY`. ``method_minus_anchor`` is the median over the
        scenes that both have, positive where the method is better whatever the metric's direction; ``method_is`` says better, worse, not
        different (alpha = 0.05 after Holm) or too few scenes. Numbers are text, but ``n`` is int.
    """
    anchors, newest = about.anchors, about.newest
    rows: list[statistics.Row] = []
    for by, metric, mine in _judged(about, scores):
        matrix = statistics.values(mine, [entry.name for entry in (*anchors, *newest)], metric.id)
        good = statistics.goodness(matrix.to_numpy(), metric)
        for place, anchor in enumerate(anchors):
            family = []
            for column, entry in enumerate(newest, start=len(anchors)):
                differences = good[:, column] - good[:, place]
                differences = differences[np.isfinite(differences)]
                if differences.size:
                    row: statistics.Row = {
                        "dataset": about.dataset,
                        "by": by,
                        "metric": metric.id,
                        "anchor": anchor.name,
                        "anchor_label": anchor.label,
                        "method": entry.name,
                        "label": entry.label,
                        "n": int(differences.size),
                        "method_minus_anchor": statistics.number(float(np.median(differences))),
                        "method_is": "too few scenes",
                    }
                    rows.append(row)
                    family.append((row, differences))
            if any(differences.size >= statistics.LEAST_SCENES for _, differences in family):
                statistics.test(family, "method_is")
    return pd.DataFrame(
        [[row.get(name, "") for name in (*COLUMNS, *RESULT)] for row in rows], columns=[*COLUMNS, *RESULT]
    )


def _judged(about: About, scores: pd.DataFrame) -> Iterator[tuple[str, metrics.Metric, pd.DataFrame]]:
    """Kind, metric and scores of everything that methods are judged by."""
    for name in about.metrics:
        if name in metrics.SIX:
            yield "six", metrics.registry.get(name), scores
        elif name in TRUTH:
            true = scores[(scores["metric"] == name) & (scores["reference"] == "truth")]
            if len(true):
                yield "truth", metrics.registry.get(name), true


def counts(rows: pd.DataFrame) -> tuple[int, int, int]:
    """How many verdicts are better, worse and not different."""
    found = rows["method_is"].value_counts()
    return int(found.get("better", 0)), int(found.get("worse", 0)), int(found.get("not different", 0))


def ahead(rows: pd.DataFrame) -> bool:
    """Whether a method is significantly better on more metrics than it is worse on."""
    better, worse, _ = counts(rows)
    return better > worse


# -- what is printed -----------------------------------------------------------------------------------------------


def page(about: About, found: pd.DataFrame) -> Page:
    """The table for ``newest.md`` and ``newest.tex``; `found` as of `compute` or `read`."""
    title = f"{about.label}, methods after {NEWEST_AFTER}"
    if found.empty:
        why = message(about.reason) or f"it has no method after {NEWEST_AFTER}, or none of those to compare with"
        return Page(title, (), f"Nothing to compare: {why}.")
    tables = []
    for by, words in BY.items():
        mine = found[found["by"] == by]
        if len(mine):
            tables.append(_table(mine, f"By {words}", f"{about.dataset}_newest_{by}"))
    n = int(found["n"].max())
    lead = "Metrics on which a method is significantly better / worse / not different, against each of the methods named on top."
    return Page(title, tables, lead, _notes(n, found))


def _table(mine: pd.DataFrame, title: str, label: str) -> Table:
    anchors = dict(zip(mine["anchor"], mine["anchor_label"], strict=True))
    rows = []
    for name, own in mine.groupby("method", sort=False):
        row = {"method": name, "label": own["label"].iloc[0]}
        for anchor in anchors:
            row[anchor] = " / ".join(map(str, counts(own[own["anchor"] == anchor])))
        rows.append(row)
    columns = [Column("label", "Method", align="left"), *(Column(name, text) for name, text in anchors.items())]
    return Table(
        pd.DataFrame(rows), columns, title=title, label=label, caption=f"{title}: better / worse / not different."
    )


def _notes(n: int, found: pd.DataFrame) -> list[str]:
    lines = [
        f"n = {counted(n)} at most; scenes that both methods have. Wilcoxon signed-rank test, Holm over the methods of a column for every metric, "
        f"level {statistics.ALPHA}. Where the scenes are too few for a verdict, nothing is counted.",
    ]
    truth = [metrics.registry.get(name).label for name in dict.fromkeys(found["metric"][found["by"] == "truth"])]
    if truth:
        lines.append(f"The truth: {', '.join(map(escape, truth))}; methods without a decision map have fewer of them.")
    return lines


def read(results: Results, dataset: str) -> pd.DataFrame:
    """The stored tests of a data set, as `compute` gives them (empty where there are none)."""
    return read_frame(results.table("newest.csv", dataset), (*COLUMNS, *RESULT)).astype({"n": int})


def write(results: Results, about: About, scores: pd.DataFrame) -> None:
    """Write ``newest.csv``, ``newest.md`` and ``newest.tex``; parameters as `compute`."""
    found = compute(about, scores)
    write_frame(results.table("newest.csv", about.dataset), found)
    write_text(results.table("newest.md", about.dataset), writers.markdown(page(about, found)))
    write_text(results.table("newest.tex", about.dataset), writers.latex(page(about, found)))
