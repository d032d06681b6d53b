"""What the findings are about: numbers and verdicts, computed from the stored tables of a run.

Questions: does GACN lead the comparison; what does decision calibration save on stacks; what do parameters trained by this program change; what are
the network's design choices worth; where do the metrics contradict each other and the truth. The sentences stand in ``findings.md.j2``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import stats

import metrics
from study.store import POOLED, About, Results, read_frame
from study.tables import means_table, metric_truth_table
from study.tables import statistics_table as statistics
from study.tables.inline import escape
from study.tables.means_table import REFERENCE, Place
from study.tables.table import Column, Table, printed

#: The data set of the paper's comparison; another one takes its place in a run without it.
MAIN: Final = "lytro"
#: A metric whose interval of rank correlation with an error lies above this orders methods much as the truth does.
TRUSTED: Final = 0.5
#: What the paper says that calibration saves of the time of a stack, in percent.
CLAIMED_SAVING: Final = 30
#: A difference of a changed network of more standard errors than this counts.
CLEAR: Final = 2

SIX: Final = tuple(metrics.registry.get(metric) for metric in metrics.SIX)


def label_of(metric_id: str) -> str:
    """Name of a metric for people."""
    return metrics.registry.get(metric_id).label


@dataclass(frozen=True)
class Result:
    """The tables of one data set.

    Parameters
    ----------
    about : About
    main, every : pandas.DataFrame
        ``table.csv`` and ``means.csv``, indexed by method.
    tests : dict
        (method, metric) -> row of ``statistics.csv``.
    """

    about: About
    main: pd.DataFrame = field(repr=False)
    every: pd.DataFrame = field(repr=False)
    tests: dict[tuple[str, str], dict[str, str]] = field(repr=False)

    @property
    def label(self) -> str:
        """Name of the data set as Markdown."""
        return escape(self.about.label)

    @property
    def six(self) -> list[metrics.Metric]:
        """Those of the six metrics that GACN has a value of."""
        if REFERENCE not in self.main.index:
            return []
        own = row_of(self.main, REFERENCE)
        return [metric for metric in SIX if np.isfinite(own.get(metric.id, np.nan))]

    @property
    def leads(self) -> bool:
        """Whether GACN is here to be compared, with others."""
        others = self.main[(self.main["kind"] != "proposed") & self.main["mean_rank"].notna()]
        return bool(self.six) and not others.empty

    def test(self, method: str, metric: metrics.Metric) -> Mapping[str, str]:
        """The test of GACN against a method on a metric: a row of ``statistics.csv``, all empty where there is none."""
        return self.tests.get((method, metric.id)) or dict.fromkeys(statistics.COMPARISON, "")


def row_of(frame: pd.DataFrame, name: str) -> dict[str, Any]:
    """The row of a method in a frame that is indexed by method."""
    return {str(column): values[name] for column, values in frame.items()}


def read(results: Results) -> tuple[list[Result], Result]:
    """The data sets of a run, and the pool of them."""
    pooled = _read_one(results, POOLED)
    return [_read_one(results, dataset) for dataset in pooled.about.datasets], pooled


def _read_one(results: Results, dataset: str) -> Result:
    main, every = (
        means_table.read(results, dataset, name).set_index("method", drop=False) for name in ("table", "means")
    )
    tests = read_frame(results.table("statistics.csv", dataset), statistics.COMPARISON)
    rows = [{str(column): text for column, text in row.items()} for row in tests.to_dict("records")]
    return Result(results.read_about(dataset), main, every, {(row["method"], row["metric"]): row for row in rows})


def main_result(results: Sequence[Result]) -> Result | None:
    """The result the text is about: `MAIN`, or else the data set of most scenes that GACN has results on."""
    usable = [result for result in results if result.leads]
    return max(usable, key=lambda r: (r.about.dataset == MAIN, r.about.readable), default=None)


# -- does GACN lead? -----------------------------------------------------------------------------------------------


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


def _sign(metric: metrics.Metric) -> int:
    return 1 if metric.direction == "larger" else -1


def best_other(result: Result, metric: metrics.Metric) -> dict[str, Any] | None:
    """The ranked method of the paper's table with the best mean, other than GACN and its variants; or None."""
    others = _others(result.main[result.main[f"{metric.id}_rank"].notna()])
    return None if others.empty else row_of(others, str((_sign(metric) * others[metric.id]).idxmax()))


def _is_best(result: Result, metric: metrics.Metric) -> bool:
    other = best_other(result, metric)
    if other is None:
        return False
    means = (result.main[metric.id][REFERENCE], other[metric.id])
    own, theirs = (float(printed(value, metric.digits)) for value in means)
    return _sign(metric) * own > _sign(metric) * theirs


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
        means = [_mean(row, metric, result.about.readable) for row in (own, other)]
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


def _mean(row: Mapping[str, Any], metric: metrics.Metric, scenes: int) -> str:
    """A mean as it is printed, with the number of its scenes where that is not `scenes`."""
    n = row[f"{metric.id}_n"]
    return printed(row[metric.id], metric.digits) + (f" (n={n:.0f})" if n != scenes else "")


def _effect(test: Mapping[str, str]) -> str:
    value = test["reference_minus_method"]
    if not value:
        return ""
    return signed(value) + (f" ({signed(test['ci_low'])} to {signed(test['ci_high'])})" if test["ci_low"] else "")


def signed(value: str | float) -> str:
    """A difference with two digits and its sign."""
    return f"{float(value):+.2g}"


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
    others = [standing(result) for result in (*results, pooled) if result.leads and result is not chosen]
    single = [main, *(each for each in others if each.result is not pooled)]
    rank = chosen.every["mean_rank"][REFERENCE]
    return Lead(main, every, rank, verdicts(chosen, chosen.every), others, single)


# -- stacks --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Savings:
    """What decision calibration saves on stacks.

    Parameters
    ----------
    table : Table
    low, high : float
        Smallest and largest saving in percent of the time of one-by-one fusion.
    above, total : int
        Cases that save more than `CLAIMED_SAVING`, and all.
    """

    table: Table
    low: float
    high: float
    above: int
    total: int


def savings(results: Results) -> Savings | None:
    """What calibration saves, from ``gacn_stacks.csv``; None where nothing was measured."""
    needed = ("dataset", "images", "serial_s", "calibrated_s")
    rows = read_frame(results.table("gacn_stacks.csv"), (*needed, "status"))
    if not {*needed} <= {*rows.columns}:
        return None
    rows = rows[(rows["status"] == "ok") if "status" in rows else slice(None)]
    rows = rows[rows["images"].astype(int) > 2]
    if rows.empty:
        return None
    saved = 100 * (1 - rows["calibrated_s"].astype(float) / rows["serial_s"].astype(float))
    columns = [
        Column("dataset", "Data set", align="left"),
        Column("images", "images"),
        Column("serial_s", "one by one s"),
        Column("calibrated_s", "calibrated s"),
        Column("saved", "saved"),
    ]
    table = Table(rows.assign(saved=saved.map(lambda share: f"{share:.1f} %")), columns)
    return Savings(table, float(saved.min()), float(saved.max()), int((saved > CLAIMED_SAVING).sum()), len(saved))


@dataclass(frozen=True)
class TruthChange:
    """A mean against the truth before and after: text with the digits that are printed, and whether it became "better", "worse" or "equal"."""

    label: str
    before: str
    after: str
    verdict: str


@dataclass(frozen=True)
class Quality:
    """What calibration costs on the stacks of one data set: metrics of the six whose mean is better or worse, and means against the truth."""

    dataset: str
    better: list[str]
    worse: list[str]
    truth: list[TruthChange]


def stack_quality(results: Results) -> list[Quality]:
    """What calibration costs, from ``stack_quality.csv``."""
    columns = ("dataset", "metric", "reference", "serial", "calibrated")
    rows = read_frame(results.table("stack_quality.csv"), columns, ("serial", "calibrated"))
    rows = rows[rows["serial"].notna() & rows["calibrated"].notna()]
    found = []
    for dataset, mine in rows.groupby("dataset", sort=False):
        better: list[str] = []
        worse: list[str] = []
        for metric in SIX:
            values = mine[mine["metric"] == metric.id]
            if len(values):
                change = _sign(metric) * float(np.mean((values["calibrated"] - values["serial"]).to_numpy()))
                (better if change > 0 else worse).append(metric.label)
        truth = []
        for metric_id, values in mine[mine["reference"] == "truth"].groupby("metric", sort=False):
            serial, calibrated = (float(np.mean(values[strategy].to_numpy())) for strategy in ("serial", "calibrated"))
            metric = metrics.registry.get(str(metric_id))
            truth.append(
                TruthChange(metric.label, f"{serial:.4g}", f"{calibrated:.4g}", _change(metric, serial, calibrated))
            )
        found.append(Quality(escape(str(dataset)), better, worse, truth))
    return found


def _change(metric: metrics.Metric, before: float, after: float) -> str:
    if before == after:
        return "equal"
    return "better" if _sign(metric) * after > _sign(metric) * before else "worse"


# -- parameters of our own training --------------------------------------------------------------------------------

_OPPOSITE: Final = {"better": "worse", "worse": "better", "not different": "not different"}
_OPPOSITE_OR_NONE: Final = _OPPOSITE | {"too few scenes": "too few scenes", "": "not tested"}


@dataclass(frozen=True)
class Own:
    """GACN with other parameters than the authors', against the authors'.

    Parameters
    ----------
    label : str
    better, worse, equal : int
        Comparisons (data set and metric of the six) in which the own parameters are significantly better, worse, and not different.
    table : Table
    truth : dict of str to list of TruthChange
        Data set -> means of the truth metrics.
    """

    label: str
    better: int
    worse: int
    equal: int
    table: Table
    truth: dict[str, list[TruthChange]]

    @property
    def total(self) -> int:
        """Comparisons with a verdict."""
        return self.better + self.worse + self.equal


def own_parameters(results: Sequence[Result], pooled: Result) -> list[Own]:
    """Every entry of the run that is GACN with other parameters than the authors'."""
    entries = {entry.name: entry for result in results for entry in result.about.entries}
    found = []
    for name, entry in entries.items():
        if entry.method != REFERENCE or entry.options.get("weights", "official") == "official":
            continue
        shown = [result for result in (*results, pooled) if result.six and name in result.every.index]
        if not shown:
            continue
        tests = [result.test(name, metric)["reference_is"] for result in results for metric in result.six]
        better, worse, equal = (
            sum(_OPPOSITE.get(test) == verdict for test in tests) for verdict in ("better", "worse", "not different")
        )
        truth = {
            result.label: changes for result in shown if (changes := _own_truth(result, name)) and result is not pooled
        }
        found.append(Own(escape(entry.label), better, worse, equal, _own_table(shown, name), truth))
    return found


def _own_table(shown: Sequence[Result], name: str) -> Table:
    rows = []
    for result in shown:
        cells = []
        for metric in SIX:
            test = result.test(name, metric)
            effect = test["reference_minus_method"]
            cells.append(f"{signed(-float(effect))}, {_OPPOSITE_OR_NONE[test['reference_is']]}" if effect else "")
        rows.append([result.about.label, result.about.readable, *cells])
    columns = [Column("label", "Data set", align="left"), Column("n", "n")]
    columns += [Column(metric.id, metric.label, align="left", missing="–") for metric in SIX]
    return Table(pd.DataFrame(rows, columns=[column.key for column in columns]), columns)


def _own_truth(result: Result, name: str) -> list[TruthChange]:
    theirs, own = row_of(result.every, REFERENCE), row_of(result.every, name)
    found = []
    for metric in map(metrics.registry.get, result.about.metrics):
        if metric.family == "truth" and np.isfinite(theirs[metric.id]) and np.isfinite(own[metric.id]):
            before, after = float(theirs[metric.id]), float(own[metric.id])
            texts = [_mean(row, metric, result.about.readable) for row in (theirs, own)]
            found.append(TruthChange(metric.label.lower(), texts[0], texts[1], _change(metric, before, after)))
    return found


# -- ablation ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Variant:
    """A changed network: cases (metric and data set) in which it is clearly better or worse than the complete one."""

    label: str
    better: list[str]
    worse: list[str]
    neither: list[str]


def ablation(results: Results) -> list[Variant]:
    """Every variant against the complete network, from ``ablation.csv``."""
    columns = ("dataset", "label", "metric", "difference", "standard_error")
    rows = read_frame(results.table("ablation.csv"), columns, ("difference", "standard_error"))
    rows = rows[rows["difference"].notna()]
    found = []
    for label, mine in rows.groupby("label", sort=False):
        cases: dict[str, list[str]] = {"better": [], "worse": [], "neither": []}
        for dataset, metric_id, difference, error in mine[
            ["dataset", "metric", "difference", "standard_error"]
        ].itertuples(index=False):
            metric = metrics.registry.get(metric_id)
            # A difference without an error (one scene) is never clear.
            clear = abs(difference) > CLEAR * error
            verdict = ("better" if _sign(metric) * difference > 0 else "worse") if clear else "neither"
            cases[verdict].append(f"{metric.label} ({dataset})")
        found.append(Variant(escape(str(label)), **cases))
    return found


# -- metrics -------------------------------------------------------------------------------------------------------


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
        count = int((_sign(metric) * fused[metric.id] > _best(oracle, metric)).sum())
        if count:
            above.setdefault(count, []).append(metric.label)
    if not fooled and oracle.empty:
        return None
    counts = [(labels, count) for count, labels in sorted(above.items(), reverse=True)]
    return Controls(result.label, fooled, len(oracle) > 0, counts, len(fused))


def _best(rows: pd.DataFrame, metric: metrics.Metric) -> float:
    best = (_sign(metric) * rows[metric.id]).max()
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
