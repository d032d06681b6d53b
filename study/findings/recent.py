"""Are the methods after the paper's comparison better than those that the field compares itself with?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from study.entries import NEWEST_AFTER
from study.figures import quality_year
from study.findings.facts import Result, main_result
from study.store import Results, read_frame
from study.tables import means_table, newest_table
from study.tables.inline import escape
from study.tables.table import Column, Table, printed


@dataclass(frozen=True)
class Standing:
    """The newest methods on one data set, by one kind of metric.

    Parameters
    ----------
    label : str
        Data set.
    scenes : int
        Of the tests.
    methods : int
        Newest methods that were tested.
    anchors : dict of str to (list of str, list of str)
        Label of an anchor -> labels of the methods ahead of it (significantly better on more metrics than worse), and of those behind it.
    """

    label: str
    scenes: int
    methods: int
    anchors: dict[str, tuple[list[str], list[str]]]

    @property
    def ahead_of_all(self) -> list[str]:
        """Methods that are ahead of every anchor."""
        first, *others = (ahead for ahead, _ in self.anchors.values())
        return [name for name in first if all(name in each for each in others)]


@dataclass(frozen=True)
class Recent:
    """What the newest methods achieve.

    Parameters
    ----------
    since : int
        Methods of later years are meant.
    anchors : list of str
        Labels of what they are compared with, on the data set that the text is about.
    main : Standing
        On that data set, by the six metrics.
    best, best_anchor : str
        The best of the newest methods and of the anchors there by mean rank in ``recent.csv``, with the rank; "" where none is ranked.
    six, truth : list of Standing
        By the six metrics and by the truth, on every data set with a verdict, and on all together.
    trends : list of (str, quality_year.Trend)
        Data set -> how the mean rank goes with the year of publication.
    """

    since: int
    anchors: list[str]
    main: Standing
    best: str
    best_anchor: str
    six: list[Standing]
    truth: list[Standing]
    trends: list[tuple[str, quality_year.Trend]]


def recent(stored: Results, results: Sequence[Result], pooled: Result) -> Recent | None:
    """What the newest methods achieve; None where no data set has verdicts on them.

    Parameters
    ----------
    stored : study.store.Results
    results : sequence of Result
        Data sets of the run.
    pooled : Result
    """
    every = [*results, pooled]
    found = {by: [s for result in every if (s := _standing(stored, result, by))] for by in newest_table.BY}
    chosen = main_result(results)
    labels = [standing.label for standing in found["six"]]
    if not labels:
        return None
    about = chosen if chosen is not None and chosen.label in labels else next(r for r in every if r.label == labels[0])
    main = found["six"][labels.index(about.label)]
    frame = means_table.read(stored, about.about.dataset, "recent")
    best = _best(frame, [entry.name for entry in about.about.newest])
    best_anchor = _best(frame, [entry.name for entry in about.about.anchors])
    trends = _trends(stored, every)
    return Recent(NEWEST_AFTER, list(main.anchors), main, best, best_anchor, found["six"], found["truth"], trends)


def _standing(stored: Results, result: Result, by: str) -> Standing | None:
    tests = newest_table.read(stored, result.about.dataset)
    mine = tests[(tests["by"] == by) & tests["method_is"].isin(["better", "worse", "not different"])]
    if mine.empty:
        return None
    anchors = {}
    for label, against in mine.groupby("anchor_label", sort=False):
        ahead: list[str] = []
        behind: list[str] = []
        for name, own in against.groupby("label", sort=False):
            better, worse, _ = newest_table.counts(own)
            if better != worse:
                (ahead if better > worse else behind).append(escape(str(name)))
        anchors[escape(str(label))] = (ahead, behind)
    return Standing(result.label, int(mine["n"].max()), mine["method"].nunique(), anchors)


def _best(frame: pd.DataFrame, names: Sequence[str]) -> str:
    ranked = frame[frame["method"].isin(names) & frame["mean_rank"].notna()].sort_values("mean_rank", kind="stable")
    if ranked.empty:
        return ""
    return f"{escape(str(ranked['label'].iloc[0]))} ({printed(float(ranked['mean_rank'].iloc[0]), 2)})"


def _trends(stored: Results, every: Sequence[Result]) -> list[tuple[str, quality_year.Trend]]:
    found = []
    for result in every:
        means = read_frame(stored.table("means.csv", result.about.dataset))
        points = quality_year.points_of(result.about, means, quality_year.RANK)
        trend = quality_year.trend(points, quality_year.RANK.direction)
        if trend is not None:
            found.append((result.label, trend))
    return found


def table(standings: Sequence[Standing]) -> Table:
    """How many of the newest methods are ahead of each anchor and behind it, per data set."""
    anchors = list(dict.fromkeys(anchor for standing in standings for anchor in standing.anchors))
    rows = []
    for standing in standings:
        row = {"label": standing.label, "n": standing.scenes, "methods": standing.methods}
        for anchor in anchors:
            sides = standing.anchors.get(anchor)
            row[anchor] = "" if sides is None else " / ".join(str(len(side)) for side in sides)
        rows.append(row)
    columns = [Column("label", "Data set", align="left"), Column("n", "n"), Column("methods", "methods")]
    columns += [Column(anchor, anchor, missing="–") for anchor in anchors]
    return Table(pd.DataFrame(rows), columns)
