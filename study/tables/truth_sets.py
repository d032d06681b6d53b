"""Scenes whose all-in-focus image is known, with the scores on them: what the metrics are held against.

A truth set is a data set of a run, as far as its scenes have a truth, or the published scores of the Real-MFF study
(`study.published`). The tables that ask which metric can be trusted are all made of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import metrics
from study.store import POOLED, About, Results
from study.tables import statistics_table as statistics

Matrix = NDArray[np.float64]

#: The error that decides which methods lead, and how near a fused image is to the truth.
ERROR = "psnr"

#: All truth sets of a run together.
ALL_SETS, ALL_SETS_LABEL = POOLED, "All truth sets"

#: A mean over fewer scenes is none: one scene says nothing about the next.
LEAST_SCENES = 2

#: Sources that nobody fused.
UNFUSED = ("first", "second")
AVERAGE = "average"
#: Controls that know the truth; the first that is there stands for an ideal selection.
IDEAL = ("oracle", "best_source")


@dataclass(frozen=True)
class TruthSet:
    """Scores on scenes with truth.

    Parameters
    ----------
    dataset, label : str
        Id and name for people.
    scores : pandas.DataFrame
        Tidy scores of scenes with truth only.
    methods : tuple of str
        Methods that compete, without controls.
    labels : dict of str to str
        Name of every method for people.
    maps : frozenset of str
        Those that choose or weight source pixels by a map.
    judged : tuple of str
        Ids of metrics that do not know the truth.
    """

    dataset: str
    label: str
    scores: pd.DataFrame = field(repr=False)
    methods: tuple[str, ...]
    labels: Mapping[str, str]
    maps: frozenset[str]
    judged: tuple[str, ...]

    def goodness(self, metric_id: str, names: Sequence[str] | None = None) -> pd.DataFrame:
        """Values of a metric turned so that larger is better: scenes x methods (those that compete by default), NaN where there is none."""
        frame = statistics.values(self.scores, self.methods if names is None else names, metric_id)
        return frame if metrics.registry.get(metric_id).direction == "larger" else -frame

    @property
    def enough(self) -> bool:
        """Whether there are `LEAST_SCENES`."""
        return len(self.goodness(ERROR)) >= LEAST_SCENES

    def leading(self, count: int) -> list[str]:
        """The methods with the best mean `ERROR` over the scenes, the best first."""
        means = self.goodness(ERROR).mean()
        return [str(name) for name in means.dropna().sort_values(ascending=False, kind="stable").index[:count]]


def of_run(abouts: Iterable[About], scores: Mapping[str, pd.DataFrame]) -> list[TruthSet]:
    """The data sets of a run that have scenes with truth.

    Parameters
    ----------
    abouts : iterable of About
    scores : mapping of str to pandas.DataFrame
        Data set -> its tidy scores.
    """
    return list(_of_run(abouts, scores))


def read(results: Results, datasets: Sequence[str]) -> list[TruthSet]:
    """`of_run` of stored data sets."""
    return of_run([results.read_about(name) for name in datasets], {name: results.read_tidy(name) for name in datasets})


def _of_run(abouts: Iterable[About], scores: Mapping[str, pd.DataFrame]) -> Iterator[TruthSet]:
    for about in abouts:
        every = scores[about.dataset]
        true = every["scene"][(every["metric"] == ERROR) & (every["reference"] == "truth")]
        mine = every[every["scene"].isin(true)]
        if mine.empty:
            continue
        mapped = mine["method"][(mine["metric"] == "wrong_pixels") & (mine["status"] == "ok")]
        competing = tuple(entry.name for entry in about.entries if not entry.is_control)
        yield TruthSet(
            about.dataset,
            about.label,
            mine,
            competing,
            {entry.name: entry.label for entry in about.entries},
            frozenset(mapped) & frozenset(competing),
            tuple(name for name in about.metrics if judged(metrics.registry.get(name))),
        )


def single(labels: Iterable[str]) -> list[str]:
    """What tables say of truth sets of fewer than `LEAST_SCENES` scenes, a sentence each."""
    return [
        f"{label}: one scene with truth, hence no statistics over scenes; it does not enter those of all sets."
        for label in labels
    ]


def judged(metric: metrics.Metric) -> bool:
    """Whether a metric is held against the truth: it does not know it."""
    return metric.family != "truth" and not metric.prefers_truth


def metric_ids(sets: Iterable[TruthSet]) -> list[str]:
    """Metrics of any of the sets, in their order."""
    return list(dict.fromkeys(name for each in sets for name in each.judged))
