"""Does GACN lead the comparison?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

import metrics
from study.findings.facts import (
    Result,
    main_result,
    mean_text,
    row_of,
    sign_of,
    signed,
)
from study.tables import means_table
from study.tables.inline import escape
from study.tables.means_table import REFERENCE, Place
from study.tables.table import Column, Table, printed


@dataclass(frozen=True)
class Verdicts:
    """How the tests of GACN against other methods ended (method and metric of the six).

    Parameters
    ----------
    better, worse, equal : int
        Comparisons in which GACN is significantly better, significantly worse, and not different.
    worse_than : dict of str to list of str
        Label of a method -> metrics on which GACN is worse.
    """

    better: int
    worse: int
    equal: int
    worse_than: dict[str, list[str]]

    @property
    def total(self) -> int:
        """Comparisons with a verdict."""
        return self.better + self.worse + self.equal


@dataclass(frozen=True)
class Standing:
    """GACN on one data set.

    Parameters
    ----------
    result : Result
    best : list of metrics.Metric
        Those of the six on which its mean is better than that of every other method, on the printed digits.
    place : Place or None
        By mean rank in the paper's table; None where it is not ranked.
    rank : float
        Its mean rank there.
    leader : str
        The best other method by mean rank, with its mean rank.
    verdicts : Verdicts
        Against the methods of the paper's table.
    left_out : list of str
        Labels of methods that are not ranked.
    """

    result: Result
    best: list[metrics.Metric]
    place: Place | None
    rank: float
    leader: str
    verdicts: Verdicts
    left_out: list[str]

    @property
    def first(self) -> bool:
        """Whether no other method has a better mean rank."""
        return self.place is not None and self.place.place == 1

    @property
    def best_everywhere(self) -> bool:
        """Whether its mean is the best on all of the six that there are."""
        return len(self.best) == len(self.result.six)


def standing(result: Result) -> Standing:
    """How GACN stands on a data set on which it can be compared."""
    others = _others(result.main[result.main["mean_rank"].notna()]).sort_values("mean_rank", kind="stable")
    return Standing(
        result,
        [metric for metric in result.six if _is_best(result, metric)],
        means_table.place(result.main),
        result.main["mean_rank"][REFERENCE],
        next(iter(with_ranks(others)), "–"),
        verdicts(result, result.main),
        [escape(label) for label in means_table.left_out(result.about, result.about.main_entries, result.main)],
    )


def _others(rows: pd.DataFrame) -> pd.DataFrame:
    """Methods that are neither controls nor GACN or a variant of it."""
    return rows[~rows["kind"].isin(["control", "proposed"])]


def with_ranks(rows: pd.DataFrame) -> list[str]:
    """Labels with their mean ranks."""
    return [f"{escape(label)} ({rank:.2f})" for label, rank in zip(rows["label"], rows["mean_rank"], strict=True)]


def best_other(result: Result, metric: metrics.Metric) -> dict[str, Any] | None:
    """The ranked method of the paper's table with the best mean, other than GACN and its variants; or None."""
    others = _others(result.main[result.main[f"{metric.id}_rank"].notna()])
    return None if others.empty else row_of(others, str((sign_of(metric) * others[metric.id]).idxmax()))


def _is_best(result: Result, metric: metrics.Metric) -> bool:
    other = best_other(result, metric)
    if other is None:
        return False
    means = (result.main[metric.id][REFERENCE], other[metric.id])
    own, theirs = (float(printed(value, metric.digits)) for value in means)
    return sign_of(metric) * own > sign_of(metric) * theirs


def verdicts(result: Result, rows: pd.DataFrame) -> Verdicts:
    """How the tests of GACN against the methods of `rows` ended."""
    found = {"better": 0, "worse": 0, "not different": 0}
    worse_than: dict[str, list[str]] = {}
    for name, label in _others(rows)["label"].items():
        for metric in result.six:
            verdict = result.test(str(name), metric)["reference_is"]
            if verdict in found:
                found[verdict] += 1
            if verdict == "worse":
                worse_than.setdefault(escape(label), []).append(metric.label)
    return Verdicts(found["better"], found["worse"], found["not different"], worse_than)


def lead_table(result: Result) -> Table:
    """GACN against the best other method, metric by metric."""
    rows, own = [], row_of(result.main, REFERENCE)
    for metric in result.six:
        other = best_other(result, metric)
        if other is None:
            continue
        test = result.test(str(other["method"]), metric)
        rank = own[f"{metric.id}_rank"]
        rank = "" if pd.isna(rank) else f"{rank:g}"
        means = [mean_text(row, metric, result.about.readable) for row in (own, other)]
        verdict = test["reference_is"] or "not tested"
        rows.append([metric, means[0], rank, other["label"], means[1], _effect(test), test["p_holm"], verdict])
    columns = [
        Column("metric", "Metric", align="left"),
        Column("own", "GACN"),
        Column("rank", "rank", missing="–"),
        Column("other", "best other method", align="left"),
        Column("theirs", "its mean"),
        Column("effect", "median difference (95 % interval)", missing="–"),
        Column("p", "p (Holm)", missing=""),
        Column("verdict", "GACN is", align="left"),
    ]
    return Table(pd.DataFrame(rows, columns=[column.key for column in columns]), columns)


def _effect(test: Mapping[str, str]) -> str:
    value = test["reference_minus_method"]
    if not value:
        return ""
    return signed(value) + (f" ({signed(test['ci_low'])} to {signed(test['ci_high'])})" if test["ci_low"] else "")


def standings_table(standings: Sequence[Standing]) -> Table:
    """GACN on every data set."""
    rows = []
    for each in standings:
        counts = (each.verdicts.better, each.verdicts.worse, each.verdicts.equal)
        rows.append(
            [
                each.result.about.label,
                each.result.about.readable,
                f"{len(each.best)} of {len(each.result.six)}",
                printed(each.rank, 2),
                "" if each.place is None else f"{each.place.place} of {each.place.of}",
                each.leader,
                " / ".join(map(str, counts)) if any(counts) else "too few scenes",
            ]
        )
    columns = [
        Column("label", "Data set", align="left"),
        Column("n", "n"),
        Column("best", "best mean on", align="left"),
        Column("rank", "mean rank", missing="–"),
        Column("place", "place", missing="–"),
        Column("leader", "best other by mean rank", align="left"),
        Column("verdicts", "better / worse / not different", align="left"),
    ]
    return Table(pd.DataFrame(rows, columns=[column.key for column in columns]), columns)


@dataclass(frozen=True)
class Lead:
    """Whether GACN leads.

    Parameters
    ----------
    main : Standing
        On the data set that the text is about.
    every : Place or None
        Its place among all methods of the run there; None where these are no more than those of the paper's table.
    every_rank : float
        Its mean rank among them.
    every_verdicts : Verdicts
        Against them.
    others : list of Standing
        On the other data sets, and on all together.
    single : list of Standing
        On all data sets, one by one.
    """

    main: Standing
    every: Place | None
    every_rank: float
    every_verdicts: Verdicts
    others: list[Standing]
    single: list[Standing]


def lead(results: Sequence[Result], pooled: Result) -> Lead | None:
    """Whether GACN leads; None where it has no results beside other methods."""
    chosen = main_result(results)
    if chosen is None:
        return None
    main = standing(chosen)
    every = means_table.place(chosen.every)
    if every is not None and main.place is not None and every.of <= main.place.of:
        every = None
    # Of one data set, all together say the same once more, with ranks taken within the scenes.
    together = (pooled,) if len(results) > 1 else ()
    others = [standing(result) for result in (*results, *together) if result.leads and result is not chosen]
    single = [main, *(each for each in others if each.result is not pooled)]
    rank = chosen.every["mean_rank"][REFERENCE]
    return Lead(main, every, rank, verdicts(chosen, chosen.every), others, single)
