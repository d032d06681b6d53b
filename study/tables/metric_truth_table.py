"""Do the metrics order methods as the truth does? Rank correlation with the error, on scenes whose truth is known.

The assessment metrics look at the sources only. Where the all-in-focus image and the map of the sharp source are known,
they can be held against two errors: RMSE, the root mean square difference to the all-in-focus image (gray levels; from
the PSNR against it), and the share of pixels taken from the wrong source.
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
from study.store import About, Results, read_frame, write_frame
from study.tables import statistics_table as statistics
from study.tables import writers
from study.tables.table import Column, Page, Table

#: A rank correlation over fewer methods says nothing.
LEAST_METHODS = 5
RESAMPLES = 9999

COLUMNS: tuple[str, ...] = ("dataset", "label", "comparison", "metric", "scenes", "methods")
COLUMNS += tuple(f"{kind}{part}" for kind in ("spearman", "kendall") for part in ("", "_low", "_high"))


@dataclass(frozen=True)
class Comparison:
    """An error and the methods that enter: all, or those with a decision map.

    Parameters
    ----------
    id : str
    error : str
        Name of the error.
    group : str
        Which methods enter.
    metric : str
        Metric that measures the error against the truth.
    maps_only : bool
        Whether only methods with a decision map enter.
    """

    id: str
    error: str
    group: str
    metric: str
    maps_only: bool

    @property
    def title(self) -> str:
        """Error and methods in words."""
        return f"{self.error}, {self.group}"


COMPARISONS = (
    Comparison("rmse_all", "RMSE", "all methods", "psnr", maps_only=False),
    Comparison("rmse_maps", "RMSE", "methods with a decision map", "psnr", maps_only=True),
    Comparison("wrong_pixels", "Wrong pixels", "methods with a decision map", "wrong_pixels", maps_only=True),
)

NOTES = (
    "Spearman's rank correlation over methods between the metric and minus the error, in every scene, then the mean over scenes; in brackets the "
    f"95 % percentile interval of {RESAMPLES} bootstrap resamples of the scenes. 1: the metric orders the methods as the truth does; 0: no "
    "relation; negative: it prefers the worse result. Kendall's tau: metric_truth.csv.",
    "RMSE: root mean square difference to the true all-in-focus image, 8-bit gray. Wrong pixels: share of pixels taken from a source other than "
    "the sharp one.",
    "Controls do not enter. Methods that compute new pixel values enter under all methods; among them are learned ones that change the tone of the "
    "image, which costs them RMSE. Methods with a decision map copy or blend source pixels and cannot change it.",
    "Metrics that are themselves measured against the truth here (PSNR, SSIM, wrong pixels, boundary error) are not listed.",
)


def compute(abouts: Sequence[About], scores: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Rank correlations of all data sets of a run that have a truth.

    Parameters
    ----------
    abouts : sequence of About
    scores : mapping of str to pandas.DataFrame
        Data set -> its tidy scores.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`: one row per data set with truth, comparison and metric; ``scenes`` and ``methods`` (int) count what entered (methods: the most
        in a scene); the correlations are text with the digits that are stored.
    """
    rows = [row for about in abouts for row in _dataset_rows(about, scores[about.dataset])]
    return pd.DataFrame([[row[column] for column in COLUMNS] for row in rows], columns=list(COLUMNS))


def _dataset_rows(about: About, scores: pd.DataFrame) -> Iterator[statistics.Row]:
    true = scores["scene"][(scores["metric"] == "psnr") & (scores["reference"] == "truth")]
    good = scores[scores["scene"].isin(true)]
    mapped = set(good["method"][(good["metric"] == "wrong_pixels") & (good["status"] == "ok")])
    entries = [entry for entry in about.entries if not entry.is_control]
    for comparison in COMPARISONS:
        names = [entry.name for entry in entries if entry.name in mapped or not comparison.maps_only]
        error = _by_scene(good, names, comparison.metric)
        for metric_id in about.metrics:
            if _uses_truth(metrics.registry.get(metric_id)):
                continue
            found = _correlations(_by_scene(good, names, metric_id), error)
            if found:
                base: statistics.Row = {"dataset": about.dataset, "label": about.label, "comparison": comparison.id}
                yield base | {"metric": metric_id} | _summary(found)


def _uses_truth(metric: metrics.Metric) -> bool:
    return metric.family == "truth" or metric.prefers_truth


def _by_scene(scores: pd.DataFrame, names: Sequence[str], metric_id: str) -> dict[str, NDArray[np.float64]]:
    """Scene -> goodness of every method (larger better, NaN where there is none)."""
    frame = statistics.values(scores, names, metric_id)
    return dict(zip(frame.index, statistics.goodness(frame.to_numpy(), metrics.registry.get(metric_id)), strict=True))


def _correlations(
    metric: Mapping[str, NDArray[np.float64]], error: Mapping[str, NDArray[np.float64]]
) -> list[tuple[float, float, int]]:
    """(Spearman, Kendall, methods) of every scene where both are known for enough methods."""
    found = []
    for scene in sorted(metric.keys() & error.keys()):
        both = np.isfinite(metric[scene]) & np.isfinite(error[scene])
        first, second = metric[scene][both], error[scene][both]
        if both.sum() >= LEAST_METHODS and np.ptp(first) > 0 and np.ptp(second) > 0:
            rho, tau = stats.spearmanr(first, second).statistic, stats.kendalltau(first, second).statistic
            found.append((float(rho), float(tau), int(both.sum())))
    return found


def _summary(found: Sequence[tuple[float, float, int]]) -> statistics.Row:
    coefficients = np.array([each[:2] for each in found])
    row: statistics.Row = {"scenes": len(found), "methods": max(each[2] for each in found)}
    low = high = np.full(2, np.nan)
    if len(found) >= statistics.LEAST_SCENES:
        interval = stats.bootstrap(
            (coefficients,),
            np.mean,
            axis=0,
            n_resamples=RESAMPLES,
            method="percentile",
            rng=np.random.default_rng(statistics.SEED),
        ).confidence_interval
        low, high = interval.low, interval.high
    for place, kind in enumerate(("spearman", "kendall")):
        row |= {kind: _text(coefficients[:, place].mean()), f"{kind}_low": _text(low[place])}
        row |= {f"{kind}_high": _text(high[place])}
    return row


def _text(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else ""


# -- what is printed -----------------------------------------------------------------------------------------------


def page(correlations: pd.DataFrame) -> Page:
    """One table per data set: metrics down, comparisons across.

    Parameters
    ----------
    correlations : pandas.DataFrame
        From `compute` or `read`.
    """
    title = "Metrics against the truth"
    if correlations.empty:
        return Page(title, (), "No data set of this run has scenes with truth and enough methods.")
    return Page(title, [_table(mine) for _, mine in correlations.groupby("dataset", sort=False)], notes=NOTES)


def _table(mine: pd.DataFrame) -> Table:
    """The correlations of one data set."""
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
            columns.append(Column(comparison.id, f"{comparison.error},\n{comparison.group}\n{counts}"))
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


def read(results: Results) -> pd.DataFrame:
    """The stored ``metric_truth.csv``, as `compute` gives it."""
    return read_frame(results.table("metric_truth.csv"), COLUMNS).astype({"scenes": int, "methods": int})


def write(results: Results, abouts: Sequence[About], scores: Mapping[str, pd.DataFrame]) -> None:
    """Write ``metric_truth.csv``, ``.md`` and ``.tex``; parameters as `compute`."""
    correlations = compute(abouts, scores)
    write_frame(results.table("metric_truth.csv"), correlations)
    write_text(results.table("metric_truth.md"), writers.markdown(page(correlations)))
    write_text(results.table("metric_truth.tex"), writers.latex(page(correlations)))
