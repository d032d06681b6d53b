"""Where do the metrics contradict each other, and what do they say of controls?"""

from __future__ import annotations

from dataclasses import dataclass

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
    # One row per method and metric, however many methods it is tested against.
    ranked = {(row["method"], row["metric"]): row for row in result.tests.values() if row["mean_rank"]}
    six = [metric for metric in SIX if any(metric.id == measured for _, measured in ranked)]
    ids = [metric.id for metric in six]
    tests = pd.DataFrame([row for (_, measured), row in ranked.items() if measured in ids])
    if len(ids) < 2:
        return None
    values = tests.assign(mean_rank=tests["mean_rank"].astype(float))
    ranks = values.pivot(index="method", columns="metric", values="mean_rank").reindex(columns=ids)
    complete = ranks.dropna()
    if len(complete) < metric_truth_table.LEAST_METHODS:
        return None
    found = []
    for place, first in enumerate(six):
        for second in six[place + 1 :]:
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
