"""GACN on stacks: metrics of its strategies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import metrics
from files.atomic import write_text
from study.gacn.entries import BASELINE, STRATEGIES, STRATEGY_ENTRIES, strategy_entry
from study.gacn.labels import label
from study.run import sources
from study.run.scores_table import joined
from study.store import DatasetFacts, Results, read_frame, write_frame
from study.tables import writers
from study.tables.inline import escape, message
from study.tables.means_table import GRAY_NOTE
from study.tables.table import Column, Mark, Page, Table, printed

#: Metrics that compare the strategies only where the truth is known.
AGAINST_TRUTH = ("psnr", "ssim", "wrong_pixels", "boundary_error")
#: Strategy -> column of its difference from the baseline.
DIFFERENCES = {strategy: f"{strategy}_difference" for strategy in STRATEGIES if strategy != BASELINE}
_NUMBERS = (*STRATEGIES, *DIFFERENCES.values())
COLUMNS = ("dataset", "scene", "images", "metric", *_NUMBERS, "reference")
#: Metrics of the fused image itself, shown stack by stack; larger is better.
AGAINST_IMAGE = ("psnr", "ssim")
#: Share of the pixels that come from image 2, which the decision volume favours; no metric. Its ``reference`` is the true share.
SECOND = "second_image"

#: States of a score that say why there is no image to compare.
LOST = ("unavailable", "failed", "skipped")

#: An index map (integer, H x W, numbers from 0), or None where there is none.
IndexMap = NDArray[Any] | None


def compare(
    facts: DatasetFacts,
    scores: pd.DataFrame,
    taken: Callable[[str, str], IndexMap],
    truth: Callable[[str], IndexMap],
) -> pd.DataFrame:
    """The strategies on the stacks of one data set.

    Parameters
    ----------
    facts : DatasetFacts
    scores : pandas.DataFrame
        Tidy scores of the strategies.
    taken : callable
        (entry, scene) -> index map of the fusion.
    truth : callable
        Scene -> true index map.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`: a value per strategy (NaN where it has none), and its difference from `BASELINE`. What only one
        strategy has is left out.
    """
    good = scores[scores["status"] == "ok"]
    keys = zip(good["scene"], good["metric"], good["method"], strict=True)
    values = dict(zip(keys, zip(good["value"].tolist(), good["reference"], strict=True), strict=True))
    rows: list[dict[str, Any]] = []
    for scene in facts.stacks:
        base = {"dataset": facts.dataset, "scene": scene.name, "images": scene.count}
        for metric in (*metrics.SIX, *AGAINST_TRUTH):
            scored = {s: values.get((scene.name, metric, strategy_entry(s))) for s in STRATEGIES}
            known = {strategy: value for strategy, value in scored.items() if value is not None}
            reference = next((value[1] for value in known.values()), "")
            # PSNR and SSIM against the sources say nothing of a choice between strategies.
            if len(known) < 2 or (metric in AGAINST_TRUTH and reference != "truth"):
                continue
            numbers = {strategy: value[0] for strategy, value in known.items()}
            rows.append(base | {"metric": metric, "reference": reference} | numbers)
        maps = {strategy: taken(strategy_entry(strategy), scene.name) for strategy in STRATEGIES}
        shares = {strategy: float(np.mean(numbers == 1)) for strategy, numbers in maps.items() if numbers is not None}
        if len(shares) > 1:
            true = truth(scene.name)
            share = "" if true is None else repr(float(np.mean(true == 1)))
            rows.append(base | {"metric": SECOND, "reference": share} | shares)
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(_NUMBERS, float))
    for strategy, column in DIFFERENCES.items():
        frame[column] = frame[strategy] - frame[BASELINE]
    return frame


def missing(facts: DatasetFacts, scores: pd.DataFrame) -> list[str]:
    """What could not be compared on a data set, and why (inline Markdown)."""
    lost = scores[scores["status"].isin(LOST)][["scene", "status", "reason"]].drop_duplicates().sort_values("scene")
    notes = []
    for scene, status, reason in lost.to_numpy().tolist():
        what = ", ".join(map(escape, filter(None, (facts.label, scene))))
        notes.append(f"{what}: {status} ({message(reason)}).")
    if facts.status == "ok" and not facts.stacks:
        notes.append(f"{escape(facts.label)}: no scene of more than two images.")
    return notes


def page(frame: pd.DataFrame, missing: Sequence[str] = ()) -> Page:
    """Means over the stacks of every data set.

    Parameters
    ----------
    frame : pandas.DataFrame
        From `compare`, of all data sets.
    missing : sequence of str
        What could not be compared, and why.
    """
    measured = frame[frame["metric"] != SECOND]
    notes = [
        GRAY_NOTE,
        "Means over the stacks that all strategies of a table fused. The best one is bold.",
        *_second_notes(frame[frame["metric"] == SECOND]),
        *missing,
    ]
    tables = [_table(str(dataset), rows) for dataset, rows in measured.groupby("dataset", sort=False)]
    tables += _against_truth(measured)
    return Page("GACN on stacks: quality of its strategies", tables, notes=notes)


def _table(dataset: str, rows: pd.DataFrame) -> Table:
    shown = [strategy for strategy in STRATEGIES if rows[strategy].notna().any()]
    others = [strategy for strategy in shown if strategy != BASELINE and BASELINE in shown]
    rows = rows.dropna(subset=shown)
    whole = rows["scene"].nunique()
    words = [STRATEGIES[strategy] for strategy in shown]
    words += [f"{STRATEGIES[strategy]} − {STRATEGIES[BASELINE]}" for strategy in others]
    frame = pd.DataFrame({"strategy": words})
    columns = [Column("strategy", "Strategy", align="left")]
    marks: dict[str, list[Mark]] = {}
    suffixes = {}
    for name, mine in rows.groupby("metric", sort=False):
        metric = metrics.registry.get(str(name))
        texts = {s: printed(float(np.mean(mine[s].to_numpy())), metric.digits) for s in shown}
        best = (max if metric.direction == "larger" else min)(texts.values(), key=float)
        differences = [f"{float(texts[s]) - float(texts[BASELINE]):+.{metric.digits}f}" for s in others]
        frame[metric.id] = [*texts.values(), *differences]
        marks[metric.id] = ["best" if text == best else "" for text in [*texts.values(), *("" for _ in others)]]
        suffixes[metric.id] = [f" (n={len(mine)})" if len(mine) < whole else ""] * len(words)
        # The texts are printed as they stand: marks are decided on their digits, differences have a sign.
        columns.append(replace(Column.of(metric), digits=None))
    title = f"{label(dataset)}: {whole} {'stack' if whole == 1 else 'stacks'}"
    groups = ["strategies"] * len(shown) + ["differences"] * len(others)
    return Table(frame, columns, title, marks=marks, suffixes=suffixes, groups=groups, label=f"stack_quality_{dataset}")


def _against_truth(rows: pd.DataFrame) -> list[Table]:
    """Fused against true image, a row per stack, by the number of images; no table where no truth is known."""
    rows = rows[rows["metric"].isin(AGAINST_IMAGE)]
    shown = [strategy for strategy in STRATEGIES if rows[strategy].notna().any()]
    if rows.empty:
        return []
    rows = rows.assign(images=rows["images"].astype(int)).sort_values(["images", "dataset", "scene"], kind="stable")
    wide = rows.pivot_table(index=["images", "dataset", "scene"], columns="metric", values=shown, sort=False)
    frame = pd.DataFrame(index=wide.index).reset_index()
    frame["name"] = [
        f"{label(dataset)}, {scene}" for dataset, scene in zip(frame["dataset"], frame["scene"], strict=True)
    ]
    columns = [Column("name", "Stack", align="left"), Column("images", "n")]
    marks: dict[str, list[Mark]] = {}
    for name in AGAINST_IMAGE:
        metric = metrics.registry.get(name)
        texts = pd.DataFrame({s: [printed(value, metric.digits) for value in wide[s, name]] for s in shown})
        best = texts.astype(float).max(axis=1)
        for strategy in shown:
            key = f"{name}_{strategy}"
            frame[key] = texts[strategy]
            marks[key] = [
                "best" if value == top else "" for value, top in zip(texts[strategy].astype(float), best, strict=True)
            ]
            columns.append(Column(key, f"{metric.label} {STRATEGIES[strategy]}"))
    return [
        Table(frame, columns, "Against the true image, by number of images", marks=marks, label="stack_quality_truth")
    ]


def _second_notes(rows: pd.DataFrame) -> list[str]:
    """What decides between the strategies: how often image 2 is taken."""
    notes = []
    for row in rows.to_dict("records"):
        truth = f", truth {100 * float(row['reference']):.0f} %" if row["reference"] else ""
        shares = ", ".join(
            f"{words} {100 * row[strategy]:.0f} %"
            for strategy, words in STRATEGIES.items()
            if row[strategy] == row[strategy]
        )
        notes.append(
            f"{escape(label(row['dataset']))}, {escape(row['scene'])} ({row['images']} images), pixels taken from image 2: "
            f"{shares}{truth}."
        )
    if notes:
        notes.append(
            "Why the calibration favours image 2: every image is compared with image 1 only, and where images 2 and i "
            "are both sharper than image 1, their maps are both 0. The published volume has `V_1 = 1 - M_1` for image 2, but "
            "`V_i = M_1 / (M_i + 0.0001) (1 - M_i)` for the others, which is 0 where `M_1` is 0. So wherever image 2 is "
            "clearly sharper than image 1 it is taken, however sharp the others are: the result depends on which images come "
            "first and second."
        )
    return notes


def read(results: Results) -> pd.DataFrame:
    """The stored ``stack_quality.csv`` (empty where there is none); a strategy that it does not know has no values."""
    frame = read_frame(results.table("stack_quality.csv")).reindex(columns=list(COLUMNS), fill_value="")
    return frame.assign(**{name: pd.to_numeric(frame[name]) for name in _NUMBERS})


def stored(results: Results, datasets: Sequence[str]) -> Page:
    """The page from what is stored of these data sets."""
    notes = []
    for name in datasets:
        notes += missing(results.read_sources(name), joined(results, name, list(STRATEGY_ENTRIES.values())))
    return page(read(results), notes)


def write(results: Results, datasets: Sequence[str]) -> None:
    """Write ``stack_quality.csv`` and ``.md`` from the scores and index maps of the strategies."""
    write_frame(results.table("stack_quality.csv"), pd.concat([_compared(results, name) for name in datasets]))
    write_text(results.table("stack_quality.md"), writers.markdown(stored(results, datasets)))


def _compared(results: Results, dataset: str) -> pd.DataFrame:
    facts = results.read_sources(dataset)
    scenes = {} if facts.status != "ok" else {scene.name: scene for scene in sources.load(facts).scenes}
    fused = {
        (e, row.scene): row for e in STRATEGY_ENTRIES for row in results.read_fused(dataset, e) if row.status == "ok"
    }

    def taken(entry: str, scene: str) -> IndexMap:
        return results.read_map(fused[entry, scene]) if (entry, scene) in fused else None

    def truth(scene: str) -> IndexMap:
        known = scenes[scene].truth()
        return None if known is None else known.index_map

    return compare(facts, joined(results, dataset, list(STRATEGY_ENTRIES.values())), taken, truth)
