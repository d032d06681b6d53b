"""Where do the metrics contradict each other and the truth?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

import metrics
from study.findings.facts import (
    SIX,
    Result,
    label_of,
    sign_of,
)
from study.tables import metric_truth_table
from study.tables.inline import escape

#: A metric whose interval of rank correlation with an error lies above this orders methods much as the truth does.
TRUSTED: Final = 0.5


@dataclass(frozen=True)
class Agreement:
    """How far two metrics order the methods alike, at the extremes, and the method that the metrics place most differently.

    Parameters
    ----------
    label : str
        Data set.
    most, least : tuple of (str, str, float)
        Two metrics and the Spearman correlation of their mean ranks.
    moves : tuple of (str, float, str, float, str)
        A method, its best mean rank and by which metric, its worst and by which.
    """

    label: str
    most: tuple[str, str, float]
    least: tuple[str, str, float]
    moves: tuple[str, float, str, float, str]


def agreement(result: Result) -> Agreement | None:
    """How the six metrics agree on a data set; None with too few methods."""
    ids = [metric.id for metric in result.six]
    tests = pd.DataFrame([row for row in result.tests.values() if row["metric"] in ids and row["mean_rank"]])
    if tests.empty or len(ids) < 2:
        return None
    values = tests.assign(mean_rank=tests["mean_rank"].astype(float))
    ranks = values.pivot(index="method", columns="metric", values="mean_rank").reindex(columns=ids)
    complete = ranks.dropna()
    if len(complete) < metric_truth_table.LEAST_METHODS:
        return None
    found = []
    for place, first in enumerate(result.six):
        for second in result.six[place + 1 :]:
            rho = float(stats.spearmanr(complete[first.id], complete[second.id]).statistic)
            found.append((first.label, second.label, rho))
    name = str((ranks.max(axis=1) - ranks.min(axis=1)).idxmax())
    own = {metric_id: ranks[metric_id][name] for metric_id in ids if pd.notna(ranks[metric_id][name])}
    low, high = min(own, key=lambda metric_id: own[metric_id]), max(own, key=lambda metric_id: own[metric_id])
    label = escape(str(tests["label"][tests["method"] == name].iloc[0]))
    moves = (label, own[low], label_of(low), own[high], label_of(high))
    by_rho = sorted(found, key=lambda each: each[2])
    return Agreement(result.label, by_rho[-1], by_rho[0], moves)


@dataclass(frozen=True)
class Controls:
    """What the six metrics say of controls on one data set.

    Parameters
    ----------
    label : str
        Data set.
    fooled : list of str
        Metrics that rate an unfused source above every fused image.
    oracle : bool
        Whether there is an oracle.
    above : list of (str, int)
        Metrics, and how many methods they rate above the oracle; most first.
    methods : int
        Methods that are no controls.
    """

    label: str
    fooled: list[str]
    oracle: bool
    above: list[tuple[list[str], int]]
    methods: int


def controls(result: Result) -> Controls | None:
    """What the metrics say of controls; None where there is nothing to say."""
    every = result.every
    fused = every[every["kind"] != "control"]
    unfused, oracle = (every[every["method"].isin(names)] for names in (["first", "second"], ["oracle"]))
    if fused.empty or (unfused.empty and oracle.empty):
        return None
    here = [metric for metric in SIX if metric.id in every.columns]
    fooled = [metric.label for metric in here if _best(unfused, metric) > _best(fused, metric)]
    above: dict[int, list[str]] = {}
    for metric in here if len(oracle) else ():
        count = int((sign_of(metric) * fused[metric.id] > _best(oracle, metric)).sum())
        if count:
            above.setdefault(count, []).append(metric.label)
    if not fooled and oracle.empty:
        return None
    counts = [(labels, count) for count, labels in sorted(above.items(), reverse=True)]
    return Controls(result.label, fooled, len(oracle) > 0, counts, len(fused))


def _best(rows: pd.DataFrame, metric: metrics.Metric) -> float:
    best = (sign_of(metric) * rows[metric.id]).max()
    return -np.inf if pd.isna(best) else float(best)


@dataclass(frozen=True)
class TruthOrder:
    """How the six metrics order methods against the truth in one comparison: (metric, Spearman correlation), best first."""

    label: str
    title: str
    methods: int
    scenes: int
    order: list[tuple[str, str]]


def truth_orders(results: Sequence[Result], correlations: pd.DataFrame) -> list[TruthOrder]:
    """Rank correlations of the six metrics with every error, from ``metric_truth.csv``."""
    labels = {result.about.dataset: result.label for result in results}
    six = correlations[correlations["metric"].isin(metrics.SIX)]
    found = []
    for comparison in metric_truth_table.COMPARISONS:
        for dataset, mine in six[six["comparison"] == comparison.id].groupby("dataset", sort=False):
            ordered = mine.loc[mine["spearman"].astype(float).sort_values(ascending=False, kind="stable").index]
            methods, scenes = int(mine["methods"].max()), int(mine["scenes"].max())
            order = []
            for metric_id, rho, n in ordered[["metric", "spearman", "scenes"]].itertuples(index=False):
                order.append((label_of(metric_id), rho if n == scenes else f"{rho} (n={n})"))
            found.append(TruthOrder(labels[str(dataset)], comparison.title, methods, scenes, order))
    return found


@dataclass(frozen=True)
class Trust:
    """Which of the six order methods as the truth does.

    Parameters
    ----------
    total : int
        Comparisons with an interval.
    sure : list of str
        Metrics whose interval lies above `TRUSTED` in every comparison.
    partly : list of str
        Metrics whose interval always lies above 0, but above `TRUSTED` only in some, with how many.
    doubtful : list of str
        Metrics whose interval reaches 0 in some comparisons, with how many.
    """

    total: int
    sure: list[str]
    partly: list[str]
    doubtful: list[str]


def trust(correlations: pd.DataFrame) -> Trust | None:
    """Which of the six can be trusted; None without any interval."""
    total, sure, partly, doubtful = 0, [], [], []
    for metric in SIX:
        above, unrelated, count = intervals(correlations, metric.id)
        total = max(total, count)
        if count and above == count:
            sure.append(metric.label)
        elif count and not unrelated:
            partly.append(f"{metric.label} ({above} of {count})")
        if count and unrelated:
            doubtful.append(f"{metric.label} ({unrelated} of {count})")
    return Trust(total, sure, partly, doubtful) if total else None


def intervals(correlations: pd.DataFrame, metric_id: str) -> tuple[int, int, int]:
    """In how many comparisons a metric's interval lies above `TRUSTED`, in how many it reaches 0, and how many have one."""
    low = correlations["spearman_low"][
        (correlations["metric"] == metric_id) & (correlations["spearman_low"] != "")
    ].astype(float)
    return int((low > TRUSTED).sum()), int((low <= 0).sum()), len(low)
