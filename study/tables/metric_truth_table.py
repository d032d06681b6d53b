"""Do the metrics order methods as the truth does? Rank correlation with the error, on scenes whose truth is known.

The assessment metrics look at the sources only. Where the all-in-focus image and the map of the sharp source are known,
they can be held against errors: PSNR and SSIM against the all-in-focus image, and the share of pixels taken from the
wrong source. A leader board is read at its top, so the ten methods that lead by the error stand by themselves, too.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

import metrics
from files.atomic import write_text
from study.store import Results, read_frame, write_frame
from study.tables import statistics_table as statistics
from study.tables import truth_sets, writers
from study.tables.table import Column, Page, Table
from study.tables.truth_sets import ALL_SETS, ALL_SETS_LABEL, TruthSet

#: A rank correlation over fewer methods says nothing.
LEAST_METHODS = 5
#: How many methods lead.
LEADING = 10
RESAMPLES = 9999

COLUMNS: tuple[str, ...] = ("dataset", "label", "comparison", "metric", "scenes", "methods")
COLUMNS += tuple(f"spearman{part}" for part in ("", "_low", "_high"))

#: Rows of the published scores, from `study.published`.
PUBLISHED = "published_truth.csv"

#: Which methods enter a comparison, in words.
GROUPS = {
    "all": "all methods",
    "maps": "methods with a decision map",
    "leading": f"leading {LEADING}",
}


@dataclass(frozen=True)
class Comparison:
    """An error and the methods that enter.

    Parameters
    ----------
    metric : str
        Metric that measures the error against the truth.
    group : {"all", "maps", "leading"}
        Which methods enter.
    """

    metric: str
    group: str

    @property
    def id(self) -> str:
        """Name in ``metric_truth.csv``."""
        return f"{self.metric}_{self.group}"

    @property
    def error(self) -> str:
        """Name of the error for people."""
        return metrics.registry.get(self.metric).label

    @property
    def title(self) -> str:
        """Error and methods in words."""
        return f"{self.error}, {GROUPS[self.group]}"

    def methods(self, truth: TruthSet) -> list[str]:
        """The methods of a truth set that enter."""
        if self.group == "leading":
            return truth.leading(LEADING)
        return [name for name in truth.methods if name in truth.maps or self.group == "all"]


COMPARISONS = (
    *(Comparison(error, group) for error in ("psnr", "ssim") for group in GROUPS),
    Comparison("wrong_pixels", "maps"),
)

NOTES = (
    "Spearman's rank correlation over methods between the metric and the error (turned so that better is larger), in every scene, then the mean over scenes; "
    f"in brackets the 95 % percentile interval of {RESAMPLES} bootstrap resamples of the scenes. 1: the metric orders the methods as the truth does; 0: no "
    "relation; negative: it prefers the worse result.",
    "PSNR and SSIM: against the true all-in-focus image. Wrong pixels: share of pixels taken from a source other than the sharp one.",
    f"Leading {LEADING}: the methods with the best mean PSNR over the scenes of the data set. Among them differences are small, and so is every correlation.",
    "Controls do not enter. Methods that compute new pixel values enter under all methods; among them are learned ones that change the tone of the "
    "image, which costs them PSNR. Methods with a decision map copy or blend source pixels and cannot change it.",
    f"{ALL_SETS_LABEL}: every scene of this run once; published scores stand by themselves.",
    "Metrics that are themselves measured against the truth are not listed.",
)


def compute(sets: Sequence[TruthSet]) -> pd.DataFrame:
    """Rank correlations in every truth set, and over the scenes of all.

    Parameters
    ----------
    sets : sequence of TruthSet

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`: one row per truth set, comparison and metric; ``scenes`` and ``methods`` (int) count what entered (methods: the most
        in a scene); the correlations are text with the digits that are stored, empty for a single scene. Where there are several sets, rows of
        `study.tables.truth_sets.ALL_SETS` follow.
    """
    found = {each.dataset: _of_set(each) for each in sets}
    rows = [row for each in sets for row in _rows(each.dataset, each.label, found[each.dataset])]
    several = [each for each in sets if each.enough]
    if len(several) > 1:
        together: dict[tuple[str, str], list[tuple[float, int]]] = {}
        for each in several:
            for key, values in found[each.dataset].items():
                together.setdefault(key, []).extend(values)
        ordered = {
            (c.id, m): together[c.id, m]
            for c in COMPARISONS
            for m in truth_sets.metric_ids(several)
            if (c.id, m) in together
        }
        rows += _rows(ALL_SETS, ALL_SETS_LABEL, ordered)
    return pd.DataFrame([[row[column] for column in COLUMNS] for row in rows], columns=list(COLUMNS))


def _of_set(truth: TruthSet) -> dict[tuple[str, str], list[tuple[float, int]]]:
    """(Comparison, metric) -> correlation and number of methods in every scene where both are known for enough methods."""
    metric = {name: truth.goodness(name) for name in truth.judged}
    found = {}
    for comparison in COMPARISONS:
        names = comparison.methods(truth)
        error = truth.goodness(comparison.metric, names)
        for name, values in metric.items():
            if pairs := _correlations(values[names], error):
                found[comparison.id, name] = pairs
    return found


def _correlations(metric: pd.DataFrame, error: pd.DataFrame) -> list[tuple[float, int]]:
    found = []
    scenes = error.index.intersection(metric.index)
    for first, second in zip(metric.loc[scenes].to_numpy(), error.loc[scenes].to_numpy(), strict=True):
        both = np.isfinite(first) & np.isfinite(second)
        if both.sum() >= LEAST_METHODS and np.ptp(first[both]) > 0 and np.ptp(second[both]) > 0:
            found.append((spearman(first[both], second[both]), int(both.sum())))
    return found


def spearman(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Spearman's correlation of two vectors that are not constant: Pearson's of the ranks, ties sharing the mean rank."""
    return float(np.corrcoef(stats.rankdata(first), stats.rankdata(second))[0, 1])


def _rows(
    dataset: str, label: str, found: Mapping[tuple[str, str], list[tuple[float, int]]]
) -> Iterator[statistics.Row]:
    for (comparison, metric), pairs in found.items():
        row: statistics.Row = {"dataset": dataset, "label": label, "comparison": comparison, "metric": metric}
        values = np.array([value for value, _ in pairs])
        low, high = mean_interval(values)
        row |= {"scenes": len(pairs), "methods": max(count for _, count in pairs)}
        mean = values.mean() if len(pairs) >= truth_sets.LEAST_SCENES else np.nan
        yield row | {"spearman": _text(mean), "spearman_low": _text(low), "spearman_high": _text(high)}


def mean_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Bootstrap 95 % percentile interval of a mean over scenes; NaN with fewer than `statistics.LEAST_SCENES`."""
    if len(values) < statistics.LEAST_SCENES:
        return np.nan, np.nan
    found = stats.bootstrap(
        (values,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=1000,
        method="percentile",
        rng=np.random.default_rng(statistics.SEED),
    )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def _text(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else ""


# -- what is printed -----------------------------------------------------------------------------------------------


def page(correlations: pd.DataFrame) -> Page:
    """One table per truth set: metrics down, comparisons across.

    Parameters
    ----------
    correlations : pandas.DataFrame
        From `compute` or `read`.
    """
    title = "Metrics against the truth"
    if correlations.empty:
        return Page(title, (), "No data set of this run has scenes with truth and enough methods.")
    parts = [mine for _, mine in known(correlations).groupby("dataset", sort=False)]
    labels = {str(mine["label"].iloc[0]) for mine in parts}
    single = truth_sets.single(label for label in dict.fromkeys(correlations["label"]) if label not in labels)
    return Page(title, [_table(mine) for mine in parts], notes=(*single, *NOTES))


def known(correlations: pd.DataFrame) -> pd.DataFrame:
    """The rows that have a correlation: those of more than one scene."""
    return correlations[correlations["spearman"] != ""]


def _table(mine: pd.DataFrame) -> Table:
    """The correlations in one truth set."""
    first = mine.iloc[0]
    frame = mine[["metric"]].drop_duplicates().reset_index(drop=True)
    frame["shown"] = frame["metric"].map(metrics.registry.get)
    columns = [Column("shown", "Metric", align="left")]
    suffixes = {}
    for comparison in COMPARISONS:
        some = mine[mine["comparison"] == comparison.id]
        if len(some):
            texts = {row["metric"]: interval_text(row) for row in some.to_dict("records")}
            frame[comparison.id] = frame["metric"].map(texts)
            scenes = some["scenes"].max()
            counts = f"({some['methods'].max()} methods, {scenes} scenes)"
            own = frame["metric"].map(some.set_index("metric")["scenes"]).fillna(scenes)
            suffixes[comparison.id] = [f" (n={n:.0f})" if n != scenes else "" for n in own]
            columns.append(Column(comparison.id, f"{comparison.error},\n{GROUPS[comparison.group]}\n{counts}"))
    caption = f"{first['label']}: rank correlation of the metrics with the error against the truth."
    label = f"{first['dataset']}_metric_truth"
    return Table(frame, columns, first["label"], suffixes=suffixes, label=label, caption=caption)


def interval_text(row: Mapping[Hashable, str]) -> str:
    """Mean Spearman correlation and its interval, for tables."""
    return (
        f"{row['spearman']} ({row['spearman_low']} to {row['spearman_high']})"
        if row["spearman_low"]
        else row["spearman"]
    )


def read(results: Results, name: str = "metric_truth.csv") -> pd.DataFrame:
    """The stored table, or another one of its form, as `compute` gives it (empty where there is none)."""
    return read_frame(results.table(name), COLUMNS).astype({"scenes": int, "methods": int})


def write(results: Results, sets: Sequence[TruthSet]) -> None:
    """Write ``metric_truth.csv``, ``.md`` and ``.tex``.

    Parameters
    ----------
    results : Results
        May hold rows of the published scores, which follow those of the run.
    sets : sequence of TruthSet
        Of the run.
    """
    correlations = pd.concat([compute(sets), read(results, PUBLISHED)], ignore_index=True)
    write_frame(results.table("metric_truth.csv"), correlations)
    write_text(results.table("metric_truth.md"), writers.markdown(page(correlations)))
    write_text(results.table("metric_truth.tex"), writers.latex(page(correlations)))
