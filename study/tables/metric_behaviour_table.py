"""What else a metric does on scenes with truth: which images it prefers to an ideal selection, and how stable its ranking is.

* Preferences: how often it rates an unfused source, the plain average, or a method above a control that knows the truth, although
  that image has the smaller PSNR.
* Stability: for how many pairs of methods the order of their mean ranks is the same in 95 % of bootstrap resamples of the scenes, and how
  many scenes it would take until the order of the first ten is certain.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

import metrics
from files.atomic import write_text
from study.store import Results, read_frame, write_frame
from study.tables import statistics_table as statistics
from study.tables import truth_sets, writers
from study.tables.metric_truth_table import LEADING
from study.tables.table import Column, Page, Table
from study.tables.truth_sets import ALL_SETS, ALL_SETS_LABEL, AVERAGE, ERROR, IDEAL, UNFUSED, Matrix, TruthSet

#: Share of resamples in which two methods must have the same order.
CERTAIN = 0.95
#: Numbers of scenes above this are printed as such: nobody will have them.
MOST = 10000

COLUMNS = ("dataset", "label", "metric", "scenes", "methods", "unfused", "average", "above", "certain", "needed")
NUMBERS = COLUMNS[5:]

#: Rows of the published scores, from `study.published`.
PUBLISHED = "published_behaviour.csv"

NOTES = (
    "Unfused, average: share of the scenes in which the metric rates one of the first two sources, or the average of all, above the oracle, which takes every pixel from the "
    "sharp source (where there is none: above the selection nearest to the truth). Methods: share of scenes and methods in which it rates a method above it. Only images with a "
    "smaller PSNR than the oracle count: every preference is an error.",
    f"Certain pairs: share of pairs of methods whose mean ranks have the same order in {100 * CERTAIN:.0f} % of {statistics.RESAMPLES} bootstrap resamples of the scenes. Ranks are "
    "within each scene, among the methods that have all scenes.",
    f"Scenes needed: number at which the mean ranks of neighbours among the first {LEADING} differ by their 95 % interval (normal approximation, the largest over the pairs); "
    "“more” where the data set has fewer. The row of PSNR says how certain the order by the truth itself is.",
)  # fmt: skip


def compute(sets: Sequence[TruthSet]) -> pd.DataFrame:
    """Preferences and stability in every truth set, and over the scenes of all.

    Parameters
    ----------
    sets : sequence of TruthSet

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`: one row per truth set and metric, those that do not know the truth and `study.tables.truth_sets.ERROR`;
        ``scenes`` and ``methods`` (int) are those of the ranking; `NUMBERS` are float, NaN where there is none; ``needed`` is infinite
        where two neighbours have equal mean ranks.
    """
    rows = [_row(each.dataset, each.label, [each], name) for each in sets for name in (ERROR, *each.judged)]
    several = [each for each in sets if each.enough]
    if len(several) > 1:
        for name in (ERROR, *truth_sets.metric_ids(several)):
            having = [each for each in several if name in (ERROR, *each.judged)]
            rows.append(_row(ALL_SETS, ALL_SETS_LABEL, having, name))
    frame = pd.DataFrame([[row.get(column, np.nan) for column in COLUMNS] for row in rows], columns=list(COLUMNS))
    return frame.astype({name: float for name in NUMBERS} | {"scenes": int, "methods": int})


def _row(dataset: str, label: str, sets: Sequence[TruthSet], metric: str) -> statistics.Row:
    ranks = _ranks([each.goodness(metric) for each in sets])
    row: statistics.Row = {"dataset": dataset, "label": label, "metric": metric}
    row |= {"scenes": len(ranks), "methods": ranks.shape[1]}
    if len(ranks) >= statistics.LEAST_SCENES and ranks.shape[1] > 1:
        row |= {"certain": certain_pairs(ranks), "needed": scenes_needed(ranks)}
    if metric != ERROR and all(each.enough for each in sets):
        found = [part for each in sets if (part := _preferred(each, metric)) is not None]
        for name in ("unfused", "average", "above"):
            values = np.concatenate([part[name] for part in found]) if found else np.empty(0)
            row[name] = float(values.mean()) if values.size else np.nan
    return row


def _ranks(parts: Sequence[pd.DataFrame]) -> Matrix:
    """Ranks within the scenes of all parts, among the methods that have every scene: scenes x methods."""
    shared = [name for name in parts[0].columns if all(name in part for part in parts)]
    good = pd.concat([part[shared] for part in parts], ignore_index=True).to_numpy()
    methods, scenes = statistics.complete(good)
    return statistics.scene_ranks(good[scenes][:, methods])


def certain_pairs(ranks: Matrix) -> float:
    """Share of pairs of methods whose mean ranks have the same order in `CERTAIN` of the bootstrap resamples of the scenes (rows)."""
    scenes, methods = ranks.shape
    generator = np.random.default_rng(statistics.SEED)
    counts = generator.multinomial(scenes, np.full(scenes, 1 / scenes), size=statistics.RESAMPLES)
    sums = ranks.T @ counts.T.astype(np.float64)
    certain = 0
    for place, first in enumerate(sums):
        others = sums[place + 1 :]
        same = np.maximum(np.count_nonzero(first < others, axis=1), np.count_nonzero(first > others, axis=1))
        certain += int(np.count_nonzero(same >= CERTAIN * statistics.RESAMPLES))
    return certain / (methods * (methods - 1) / 2)


def scenes_needed(ranks: Matrix) -> float:
    """Scenes at which the order of the first `LEADING` methods is certain: the most that a pair of neighbours needs.

    The mean difference of ranks of a pair has the standard error s / sqrt(n), with s over the scenes (rows) of `ranks`; n is the least number
    at which the difference is 1.96 times as large. Infinite for equal mean ranks.
    """
    order = np.argsort(ranks.mean(axis=0), kind="stable")[:LEADING]
    differences = np.diff(ranks[:, order], axis=1)
    quantile = stats.norm.ppf((1 + CERTAIN) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = (quantile * differences.std(axis=0, ddof=1) / differences.mean(axis=0)) ** 2
    return float(np.ceil(np.nan_to_num(needed, nan=np.inf, posinf=np.inf).max()))


def _preferred(truth: TruthSet, metric: str) -> dict[str, NDArray[np.float64]] | None:
    """1 where the metric prefers a worse image to the ideal selection, 0 where not; None without a control that knows the truth."""
    controls = truth.goodness(metric, IDEAL)
    ideal = next((controls[name].dropna() for name in IDEAL if controls[name].notna().any()), None)
    if ideal is None:
        return None
    # An image that equals the truth has an infinite PSNR, which is stored as undefined.
    nearest = truth.goodness(ERROR, [str(ideal.name)]).iloc[:, 0].reindex(ideal.index).fillna(np.inf)
    sources, average, methods = (
        _errors(truth, metric, names, ideal, nearest) for names in (UNFUSED, (AVERAGE,), truth.methods)
    )
    return {"unfused": sources.max(axis=1).dropna().to_numpy()} | {
        name: values[np.isfinite(values)]
        for name, values in (("average", average.to_numpy()), ("above", methods.to_numpy()))
    }


def _errors(truth: TruthSet, metric: str, names: Sequence[str], ideal: pd.Series, nearest: pd.Series) -> pd.DataFrame:
    """1 where an image is rated above the ideal one, 0 where not, NaN where it is not worse by `ERROR`: scenes x names."""
    values = truth.goodness(metric, names).reindex(ideal.index)
    error = truth.goodness(ERROR, names).reindex(ideal.index)
    worse = error.lt(nearest, axis=0) & values.notna()
    return values.gt(ideal, axis=0).astype(float).where(worse)


# -- what is printed -----------------------------------------------------------------------------------------------


def page(behaviour: pd.DataFrame) -> Page:
    """One table per truth set: metrics down, preferences and stability across.

    Parameters
    ----------
    behaviour : pandas.DataFrame
        From `compute` or `read`.
    """
    title = "Preferences and stability of the metrics"
    if behaviour.empty:
        return Page(title, (), "No data set of this run has scenes with truth.")
    parts = {str(mine["label"].iloc[0]): mine for _, mine in behaviour.groupby("dataset", sort=False)}
    single = [label for label, mine in parts.items() if mine[list(NUMBERS)].isna().all(axis=None)]
    tables = [_table(mine) for label, mine in parts.items() if label not in single]
    return Page(title, tables, notes=(*truth_sets.single(single), *NOTES))


def _table(mine: pd.DataFrame) -> Table:
    first = mine.iloc[0]
    frame = mine.reset_index(drop=True).assign(shown=mine["metric"].map(metrics.registry.get).to_numpy())
    for name in ("unfused", "average", "above", "certain"):
        frame[name] = [share(value) for value in frame[name]]
    more = frame["needed"] > frame["scenes"]
    frame["needed"] = [count(value) for value in frame["needed"]]
    columns = [
        Column("shown", "Metric", align="left"),
        Column("unfused", "prefers\nunfused"),
        Column("average", "prefers\naverage"),
        Column("above", "prefers\nmethods"),
        Column("certain", "certain\npairs"),
        Column("needed", "scenes\nneeded"),
        Column("scenes", "scenes"),
        Column("methods", "methods"),
    ]
    suffixes = {"needed": [" (more)" if each else "" for each in more]}
    label = f"{first['dataset']}_metric_behaviour"
    caption = f"{first['label']}: what the metrics prefer to an ideal selection, and how stable their rankings are."
    return Table(frame, columns, first["label"], suffixes=suffixes, label=label, caption=caption)


def share(value: float) -> str:
    """A share in percent for tables; empty where there is none."""
    return f"{100 * value:.0f} %" if np.isfinite(value) else ""


def count(value: float) -> str:
    """A number of scenes for tables, up to `MOST`; empty where there is none."""
    return "" if np.isnan(value) else f"over {MOST}" if value > MOST else f"{value:.0f}"


def read(results: Results, name: str = "metric_behaviour.csv") -> pd.DataFrame:
    """The stored table, or another one of its form, as `compute` gives it (empty where there is none)."""
    return read_frame(results.table(name), COLUMNS, NUMBERS).astype({"scenes": int, "methods": int})


def write(results: Results, sets: Sequence[TruthSet]) -> None:
    """Write ``metric_behaviour.csv``, ``.md`` and ``.tex``; parameters as `study.tables.metric_truth_table.write`."""
    behaviour = pd.concat([compute(sets), read(results, PUBLISHED)], ignore_index=True)
    write_frame(results.table("metric_behaviour.csv"), behaviour)
    write_text(results.table("metric_behaviour.md"), writers.markdown(page(behaviour)))
    write_text(results.table("metric_behaviour.tex"), writers.latex(page(behaviour)))
