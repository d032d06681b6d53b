"""Do the highlighted methods lead the comparison, or who does?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

import metrics
from study.entries import PROPOSED
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
from study.tables.means_table import Place
from study.tables.table import Column, Table, printed


@dataclass(frozen=True)
class Verdicts:
    """How the tests of a method against others ended (method and metric of the six).

    Parameters
    ----------
    better, worse, equal : int
        Comparisons in which it is significantly better, significantly worse, and not different.
    worse_than : dict of str to list of str
        Label of a method -> metrics on which it is worse than that.
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
    """A method on one data set.

    Parameters
    ----------
    result : Result
    name, label : str
        The method.
    six : list of metrics.Metric
        Those of the six that it has a value of.
    best : list of metrics.Metric
        Those of the six on which its mean is better than that of every other method, on the printed digits.
    place : Place or None
        By mean rank in the paper's table; None where it is not ranked, or no place can be stated.
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
    name: str
    label: str
    six: list[metrics.Metric]
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
        return len(self.best) == len(self.six)

    @property
    def over_budget(self) -> bool:
        """Whether no place can be stated since the budget left methods out."""
        return not means_table.has_places(self.result.about, self.result.about.main_entries)


def standing(result: Result, name: str) -> Standing:
    """How a method stands on a data set on which it can be compared."""
    others = result.others(result.main[result.main["mean_rank"].notna()], name)
    about = result.about
    placed = means_table.has_places(about, about.main_entries)
    return Standing(
        result,
        name,
        escape(str(result.main["label"][name])),
        result.six(name),
        [metric for metric in result.six(name) if _is_best(result, name, metric)],
        means_table.place(result.main, name, about.variants(name)) if placed else None,
        result.main["mean_rank"][name],
        next(iter(with_ranks(others.sort_values("mean_rank", kind="stable"))), "–"),
        verdicts(result, name, result.main),
        [escape(label) for label in means_table.left_out(about, about.main_entries, result.main)],
    )


def with_ranks(rows: pd.DataFrame) -> list[str]:
    """Labels with their mean ranks."""
    return [f"{escape(label)} ({rank:.2f})" for label, rank in zip(rows["label"], rows["mean_rank"], strict=True)]


def best_other(result: Result, name: str, metric: metrics.Metric) -> dict[str, Any] | None:
    """The ranked method of the paper's table with the best mean, other than the named one and its variants; or None."""
    others = result.others(result.main[result.main[f"{metric.id}_rank"].notna()], name)
    return None if others.empty else row_of(others, str((sign_of(metric) * others[metric.id]).idxmax()))


def _is_best(result: Result, name: str, metric: metrics.Metric) -> bool:
    other = best_other(result, name, metric)
    if other is None:
        return False
    means = (result.main[metric.id][name], other[metric.id])
    own, theirs = (float(printed(value, metric.digits)) for value in means)
    return sign_of(metric) * own > sign_of(metric) * theirs


def verdicts(result: Result, name: str, rows: pd.DataFrame) -> Verdicts:
    """How the tests of a method against those of `rows` ended."""
    found = {"better": 0, "worse": 0, "not different": 0}
    worse_than: dict[str, list[str]] = {}
    for other, label in result.others(rows, name)["label"].items():
        for metric in result.six(name):
            verdict = result.test(name, str(other), metric)["reference_is"]
            if verdict in found:
                found[verdict] += 1
            if verdict == "worse":
                worse_than.setdefault(escape(label), []).append(metric.label)
    return Verdicts(found["better"], found["worse"], found["not different"], worse_than)


def lead_table(main: Standing) -> Table:
    """A method against the best other one, metric by metric."""
    result, label = main.result, str(main.result.main["label"][main.name])
    rows, own = [], row_of(result.main, main.name)
    for metric in main.six:
        other = best_other(result, main.name, metric)
        if other is None:
            continue
        test = result.test(main.name, str(other["method"]), metric)
        rank = own[f"{metric.id}_rank"]
        rank = "" if pd.isna(rank) else f"{rank:g}"
        means = [mean_text(row, metric, result.about.readable) for row in (own, other)]
        verdict = test["reference_is"] or "not tested"
        rows.append([metric, means[0], rank, other["label"], means[1], _effect(test), test["p_holm"], verdict])
    columns = [
        Column("metric", "Metric", align="left"),
        Column("own", label),
        Column("rank", "rank", missing="–"),
        Column("other", "best other method", align="left"),
        Column("theirs", "its mean"),
        Column("effect", "median difference (95 % interval)", missing="–"),
        Column("p", "p (Holm)", missing=""),
        Column("verdict", f"{label} is", align="left"),
    ]
    return Table(pd.DataFrame(rows, columns=[column.key for column in columns]), columns)


def _effect(test: Mapping[str, str]) -> str:
    value = test["reference_minus_method"]
    if not value:
        return ""
    return signed(value) + (f" ({signed(test['ci_low'])} to {signed(test['ci_high'])})" if test["ci_low"] else "")


def standings_table(standings: Sequence[Standing]) -> Table:
    """A method on every data set; with its name where it is not the same on all."""
    named = len({each.name for each in standings}) > 1
    rows = []
    for each in standings:
        counts = (each.verdicts.better, each.verdicts.worse, each.verdicts.equal)
        rows.append(
            [
                each.result.about.label,
                each.result.about.readable,
                str(each.result.main["label"][each.name]),
                f"{len(each.best)} of {len(each.six)}",
                printed(each.rank, 2),
                "" if each.place is None else f"{each.place.place} of {each.place.of}",
                each.leader,
                " / ".join(map(str, counts)) if any(counts) else "too few scenes",
            ]
        )
    columns = [
        Column("label", "Data set", align="left"),
        Column("n", "n"),
        Column("method", "method", align="left"),
        Column("best", "best mean on", align="left"),
        Column("rank", "mean rank", missing="–"),
        Column("place", "place", missing="–"),
        Column("leader", "best other by mean rank", align="left"),
        Column("verdicts", "better / worse / not different", align="left"),
    ]
    frame = pd.DataFrame(rows, columns=[column.key for column in columns])
    return Table(frame, [column for column in columns if named or column.key != "method"])


@dataclass(frozen=True)
class Lead:
    """Whether a method leads.

    Parameters
    ----------
    label : str
        The highlighted method; empty where this is about the leader of every data set, since no highlighted method has results.
    claimed : bool
        Whether it is the method whose paper claims the lead.
    main : Standing
        On the data set that the text is about.
    every : Place or None
        Its place among all methods of the run there; None where these are no more than those of the paper's table, or no place can be stated.
    every_rank : float
        Its mean rank among them.
    every_verdicts : Verdicts
        Against them.
    others : list of Standing
        On the other data sets, and on all together.
    single : list of Standing
        On all data sets, one by one.
    """

    label: str
    claimed: bool
    main: Standing
    every: Place | None
    every_rank: float
    every_verdicts: Verdicts
    others: list[Standing]
    single: list[Standing]


def leads(results: Sequence[Result], pooled: Result) -> tuple[list[Lead], list[str]]:
    """Whether the highlighted methods lead; where none has results beside other methods, who does.

    Returns
    -------
    leads : list of Lead
        One per highlighted method with results, or one about the leader of every data set.
    absent : list of str
        Labels of the highlighted methods of the run without results.
    """
    highlighted = {entry.name: entry.label for result in results for entry in result.about.highlighted}
    found = {name: [result for result in results if result.compares(name)] for name in highlighted}
    absent = [escape(label) for name, label in highlighted.items() if not found[name]]
    chosen = [_lead(mine, pooled, name) for name, mine in found.items() if mine]
    leaders = [result for result in results if result.candidates]
    if not chosen and leaders:
        chosen = [_lead(leaders, pooled, "")]
    return chosen, absent


def _lead(results: Sequence[Result], pooled: Result, name: str) -> Lead:
    """Whether a method leads on the data sets on which it can be compared; without a name, about the leader of each."""
    chosen = main_result(results)
    assert chosen is not None  # each of them has a candidate
    own = name or chosen.leader
    main = standing(chosen, own)
    every = None
    if means_table.has_places(chosen.about, chosen.about.entries):
        every = means_table.place(chosen.every, own, chosen.about.variants(own))
    if every is not None and main.place is not None and every.of <= main.place.of:
        every = None
    # Of one data set, all together say the same once more, with ranks taken within the scenes.
    together = [pooled] if len(results) > 1 and pooled.compares(name or pooled.leader) else []
    others = [standing(each, name or each.leader) for each in (*results, *together) if each is not chosen]
    single = [main, *(each for each in others if each.result is not pooled)]
    label, claimed = main.label if name else "", name == PROPOSED
    rank = chosen.every["mean_rank"][own]
    return Lead(label, claimed, main, every, rank, verdicts(chosen, own, chosen.every), others, single)
