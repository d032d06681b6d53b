"""One table for a paper: means, ranks, and whether one's own method differs significantly from each other one.

The means and ranks are those of the paper's table (`study.tables.means_table`), the tests those of `study.tables.statistics_table` with one's own
method as reference. Every value of another method has the verdict behind it. Of the notes on single methods it has those on one's own and on the
best ones, so that it fits on a page; ``table.md`` has them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from files.atomic import write_text
from study.entries import Entry
from study.store import Results
from study.tables import means_table, statistics_table, writers
from study.tables.inline import escape
from study.tables.table import Page, Table


def page(found: means_table.Means, comparisons: pd.DataFrame, own: Sequence[Entry]) -> Page:
    """A table for each of one's own methods.

    Parameters
    ----------
    found : means_table.Means
        The paper's table, one's own rows among them.
    comparisons : pandas.DataFrame
        As of `study.tables.statistics_table.compute`, with one's own methods as references.
    own : sequence of Entry
    """
    about = found.about
    here = [entry for entry in own if entry in found.entries]
    tables = [replace(_table(found, comparisons, entry), title=entry.label if len(here) > 1 else "") for entry in here]
    notes = [_signs(comparisons, found, entry) for entry in here]
    told = {entry.name for entry in here} | _best(found)
    return Page(f"{about.label}: means, ranks and tests", tables, "", [*notes, *means_table.notes(found, told)])


def _best(found: means_table.Means) -> set[str]:
    """Names of the methods with a value in bold."""
    best: set[str] = set()
    for metric in found.valued:
        pairs = zip(found.frame["method"], means_table.marks(found.frame, metric), strict=True)
        best |= {name for name, mark in pairs if mark == "best"}
    return best


def _table(found: means_table.Means, comparisons: pd.DataFrame, own: Entry) -> Table:
    about = found.about
    table = means_table.body(found, found.valued)
    mine = comparisons[comparisons["reference"] == own.name].set_index(["metric", "method"])["reference_is"].to_dict()
    suffixes = dict(table.suffixes)
    for metric in found.valued:
        signs = [statistics_table.SIGN[mine.get((metric.id, name), "")] for name in found.frame["method"]]
        suffixes[metric.id] = [
            f" {sign}{count}" if sign else count for sign, count in zip(signs, suffixes[metric.id], strict=True)
        ]
    n = means_table.counted(about.readable)
    caption = f"{about.label}: means over n = {n}, mean ranks, and {own.label} against each method. Best bold, second underlined."
    return replace(table, suffixes=suffixes, caption=caption, label=f"{about.dataset}_compare_{own.name}")


def _signs(comparisons: pd.DataFrame, found: means_table.Means, own: Entry) -> str:
    """What the signs behind the values mean: test, correction, number of scenes and methods."""
    tested = comparisons[
        (comparisons["reference"] == own.name) & (comparisons["p"] != "") & comparisons["method"].isin(found.about.main)
    ]
    tested = tested[tested["metric"].isin([metric.id for metric in found.declared])]
    label = escape(own.label)
    if tested.empty:
        return f"No test of {label} is made: fewer than {statistics_table.LEAST_SCENES} scenes cannot give p < {statistics_table.ALPHA}."
    methods, scenes = tested.groupby("metric").size(), tested["n"]
    few = (tested["reference_is"] == "too few scenes").any()
    needed = f", which needs {statistics_table.scenes_for_a_verdict(int(methods.max()))} scenes" if few else ""
    return (
        f"Behind the value of a method: {label} is significantly better (+), significantly worse (−) or not different (·) by this metric; two-sided "
        f"Wilcoxon signed-rank test over the n = {_span(scenes)} scenes that both have, Holm's correction over the {_span(methods)} methods that "
        f"{label} is tested against by a metric, level {statistics_table.ALPHA}. No sign: no test or no verdict"
        f"{needed}."
    )


def _span(numbers: pd.Series[int]) -> str:
    low, high = int(numbers.min()), int(numbers.max())
    return str(high) if low == high else f"{low} to {high}"


def write(results: Results, found: means_table.Means, comparisons: pd.DataFrame, own: Sequence[Entry]) -> None:
    """Write ``compare.md`` and ``compare.tex``; parameters as of `page`."""
    content = page(found, comparisons, own)
    for kind, writer in (("md", writers.markdown), ("tex", writers.latex)):
        write_text(results.table(f"compare.{kind}", found.about.dataset), writer(content))
