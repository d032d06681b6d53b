"""Which metrics can be trusted, for which question, and what does the leader board look like by the truth?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from study.findings.facts import label_of
from study.store import Results
from study.tables import (
    metric_behaviour_table,
    metric_trust_table,
    metric_truth_table,
    real_calibration_table,
    truth_ranks_table,
)
from study.tables.inline import escape
from study.tables.metric_trust_table import DEGRADED, FAMILIES, LEAST_CORRELATION, MOST_REWARD, MOST_UNFUSED
from study.tables.truth_sets import ALL_SETS, ERROR

#: How many methods are named that move most, in each direction.
MOVERS: Final = 3
#: How many metrics are named that order methods best and worst.
ENDS: Final = (3, 1)
#: The methods of the question, by the published scores on real photographs: one leads by the six, the other by PSNR.
QUESTIONED: Final = ("dsift", "lp")


@dataclass(frozen=True)
class Order:
    """How well metrics order methods in one truth set.

    Parameters
    ----------
    label : str
        Truth set.
    group : str
        Methods that enter, in words.
    methods, scenes : int
    best, worst : list of (str, str)
        Metrics with their Spearman correlation with PSNR, best first: those at both ends, or all as the best where they are few.
    """

    label: str
    group: str
    methods: int
    scenes: int
    best: list[tuple[str, str]]
    worst: list[tuple[str, str]]


def orders(results: Results) -> list[Order]:
    """Rank correlations with PSNR in every truth set, from ``metric_truth.csv``."""
    correlations = metric_truth_table.known(metric_truth_table.read(results))
    found = []
    for comparison in metric_truth_table.COMPARISONS:
        own = correlations[(correlations["comparison"] == comparison.id) & (comparison.metric == ERROR)]
        for _, mine in own.groupby("dataset", sort=False):
            ordered = mine.loc[mine["spearman"].astype(float).sort_values(ascending=False, kind="stable").index]
            order = [(label_of(name), rho) for name, rho in ordered[["metric", "spearman"]].itertuples(index=False)]
            group = metric_truth_table.GROUPS[comparison.group]
            label = escape(str(mine["label"].iloc[0]))
            few = len(order) <= sum(ENDS)
            best, worst = (order, []) if few else (order[: ENDS[0]], order[-ENDS[1] :])
            found.append(Order(label, group, int(mine["methods"].max()), int(mine["scenes"].max()), best, worst))
    return found


@dataclass(frozen=True)
class Trust:
    """The answer to: which metrics, for which question, on what evidence?

    Parameters
    ----------
    metrics : int
        Metrics that were held against a truth.
    sets : list of str
        Truth sets, with their numbers of scenes.
    trusted : list of str
    groups : dict of str to list of (str, str, int)
        "all", "maps" and "leading": metrics whose correlation with PSNR is above `LEAST_CORRELATION` in every truth set that has
        values of them, with the least correlation and the number of these sets, best first.
    best : dict of str to (str, str, str)
        For each of these the metric whose least correlation is largest, that correlation, and its truth set.
    unfused : list of str
        Metrics that prefer an unfused source in more than `MOST_UNFUSED` of the scenes of a set, with the largest share.
    average : list of str
        The same for the plain average.
    rewarded : list of str
        Metrics that reward a degradation by more than `MOST_REWARD`, with what and by how much.
    certain : (str, str)
        Least and largest share of pairs of methods in certain order, over metrics and sets.
    enough : list of str
        Metrics and sets in which the order of the first ten is certain.
    """

    metrics: int
    sets: list[str]
    trusted: list[str]
    groups: dict[str, list[tuple[str, str, int]]]
    best: dict[str, tuple[str, str, str]]
    unfused: list[str]
    average: list[str]
    rewarded: list[str]
    certain: tuple[str, str]
    enough: list[str]


def trust(results: Results) -> Trust | None:
    """What ``metric_trust.csv`` says; None where it is not there, or no metric was held against a truth."""
    table = metric_trust_table.read(results)
    if table.empty:
        return None
    behaviour = metric_behaviour_table.read(results)
    behaviour = behaviour[(behaviour["dataset"] != ALL_SETS) & behaviour["certain"].notna()]
    groups, best = {}, {}
    for key in ("all", "maps", "leading"):
        ordered = table[table[key].notna()].sort_values(key, ascending=False, kind="stable")
        above = ordered[ordered[key] > LEAST_CORRELATION]
        groups[key] = [
            (label_of(name), f"{value:.2f}", int(sets))
            for name, value, sets in above[["metric", key, "sets"]].itertuples(index=False)
        ]
        if len(ordered):
            first = ordered.iloc[0]
            best[key] = (label_of(first["metric"]), f"{first[key]:.2f}", escape(str(first[f"{key}_set"])))
    shares = behaviour["certain"]
    sets = behaviour.groupby("label", sort=False)["scenes"].max()
    enough = behaviour[behaviour["needed"] <= behaviour["scenes"]]
    return Trust(
        metrics=len(table),
        sets=[f"{escape(str(label))} ({scenes})" for label, scenes in sets.items()],
        trusted=metric_trust_table.labels(table, "yes"),
        groups=groups,
        best=best,
        unfused=_shares(table, "unfused"),
        average=_shares(table, "average"),
        rewarded=list(_rewarded(table)),
        certain=(metric_behaviour_table.share(shares.min()), metric_behaviour_table.share(shares.max())),
        enough=[
            f"{label_of(name)} on {escape(str(label))}"
            for name, label in enough[["metric", "label"]].itertuples(index=False)
        ],
    )


def _shares(table: pd.DataFrame, key: str) -> list[str]:
    above = table[table[key] > MOST_UNFUSED].sort_values(key, ascending=False, kind="stable")
    return [
        f"{label_of(name)} ({metric_behaviour_table.share(value)})"
        for name, value in zip(above["metric"], above[key], strict=True)
    ]


def _rewarded(table: pd.DataFrame) -> Iterable[str]:
    for _, row in table.iterrows():
        found = [f"{DEGRADED[family]} {row[family]:+.1f}" for family in FAMILIES if row[family] > MOST_REWARD]
        if found:
            yield f"{label_of(str(row['metric']))} ({', '.join(found)})"


@dataclass(frozen=True)
class Mover:
    """A method with its places by the truth and by the six metrics, and its mean ranks by the two errors behind the first."""

    label: str
    place: int
    place_six: int
    psnr: float
    ssim: float


@dataclass(frozen=True)
class Questioned:
    """A method whose place on real photographs is published, and its place on our truth sets.

    Parameters
    ----------
    label : str
    six, truth : int
        Places on our truth sets by the six metrics and by the truth.
    published, of : int
        Place by PSNR in the published scores, and the number of methods there.
    ours_shared, published_shared : int
        Places by PSNR among the methods that both have.
    image : str
        What the metrics say of its image there: "the same" as ours, "nearly the same", "another"; empty where it was not compared.
    """

    label: str
    six: int
    truth: int
    published: int
    of: int
    ours_shared: int
    published_shared: int
    image: str


@dataclass(frozen=True)
class Held:
    """Places by mean PSNR of the two methods of `QUESTIONED` on one of our truth sets."""

    label: str
    first: int
    second: int

    @property
    def second_ahead(self) -> bool:
        """Whether the second one stands before the first."""
        return self.second < self.first


@dataclass(frozen=True)
class Board:
    """The leader board by the truth beside that by the six.

    Parameters
    ----------
    methods, scenes : int
    agreement : float
        Spearman correlation of the mean ranks by the truth and by the six.
    agreement_leading : float
        The same among the ten methods that lead by the truth.
    first, first_six : list of str
        The first five by each.
    up, down : list of Mover
        Methods that gain and lose the most places by the truth.
    families : dict of str to float
        Places gained by the truth, mean over the methods of a family.
    questioned : list of Questioned
        Those of `QUESTIONED` with a published place.
    shared : int
        Methods that our truth sets and the published scores have.
    shared_agreement : float
        Spearman correlation of their places by PSNR; NaN for fewer than `metric_truth_table.LEAST_METHODS`.
    compared : dict of str to list of str
        Published methods whose image on Real-MFF was compared with ours, by what the metrics say of it: the same, nearly the
        same, another; empty where nothing was compared.
    held : list of Held
        The two methods of `QUESTIONED` on each of our truth sets; empty where one is lacking.
    mapped : dict of str to float
        Places gained by the truth, mean over the methods that choose pixels by a decision map, and over the others.
    """

    methods: int
    scenes: int
    agreement: float
    agreement_leading: float
    first: list[str]
    first_six: list[str]
    up: list[Mover]
    down: list[Mover]
    families: dict[str, float]
    questioned: list[Questioned]
    shared: int
    shared_agreement: float
    compared: dict[str, list[str]]
    held: list[Held]
    mapped: dict[str, float]


def board(results: Results) -> Board | None:
    """What ``truth_ranks.csv`` says; None with too few methods."""
    ranks = truth_ranks_table.read(results)
    if len(ranks) < metric_truth_table.LEAST_METHODS:
        return None
    leading = ranks.nsmallest(metric_truth_table.LEADING, "rank")
    moved = ranks.sort_values("moves", kind="stable")
    published = truth_ranks_table.read_places(results)
    compared = real_calibration_table.read(results)
    images = real_calibration_table.by_method(compared).set_index("method") if len(compared) else compared
    shared = ranks[ranks[truth_ranks_table.PLACE_PUBLISHED].notna()].set_index("method")
    ours = shared["rank_psnr"].rank(method="min")
    theirs = shared[truth_ranks_table.PLACE_PUBLISHED].rank(method="min")
    questioned = [
        Questioned(
            escape(str(shared["label"][name])),
            int(shared["place_six"][name]),
            int(shared["place"][name]),
            int(shared[truth_ranks_table.PLACE_PUBLISHED][name]),
            len(published),
            int(ours[name]),
            int(theirs[name]),
            str(images["image"][name]) if name in images.index else "",
        )
        for name in QUESTIONED
        if name in shared.index
    ]
    by_six = ranks.sort_values("place_six", kind="stable")
    has_map = ranks["rank_wrong_pixels"].notna()
    return Board(
        methods=len(ranks),
        scenes=int(ranks["scenes"].iloc[0]),
        agreement=_agreement(ranks["rank"], ranks["rank_six"]),
        agreement_leading=_agreement(leading["rank"], leading["rank_six"]),
        first=[escape(str(label)) for label in ranks["label"][:5]],
        first_six=[escape(str(label)) for label in by_six["label"][:5]],
        up=_movers(moved[moved["moves"] > 0].iloc[::-1]),
        down=_movers(moved[moved["moves"] < 0]),
        families={str(kind): float(moves) for kind, moves in ranks.groupby("kind")["moves"].mean().items()},
        questioned=questioned,
        shared=len(shared),
        shared_agreement=_agreement(ours, theirs),
        compared={
            str(image): [escape(str(label)) for label in mine["label"]]
            for image, mine in (images.groupby("image", sort=False) if len(images) else ())
        },
        held=_held(results, ranks) if len(questioned) == len(QUESTIONED) else [],
        mapped={
            words: float(moves.mean())
            for words, moves in (
                ("with a decision map", ranks["moves"][has_map]),
                ("without", ranks["moves"][~has_map]),
            )
            if len(moves)
        },
    )


def _held(results: Results, ranks: pd.DataFrame) -> list[Held]:
    """Where the two methods stand on each of our truth sets."""
    by_name = ranks.set_index("method")
    names = [str(name) for name in ranks if str(name).startswith(truth_ranks_table.PLACE_ON)]
    found = []
    for name in names:
        places = [by_name[name][method] for method in QUESTIONED]
        if name != truth_ranks_table.PLACE_PUBLISHED and np.isfinite(places).all():
            label = results.read_about(name.removeprefix(truth_ranks_table.PLACE_ON)).label
            found.append(Held(escape(label), *(int(place) for place in places)))
    return found


def _agreement(first: pd.Series, second: pd.Series) -> float:
    if len(first) < metric_truth_table.LEAST_METHODS or first.nunique() < 2 or second.nunique() < 2:
        return np.nan
    return metric_truth_table.spearman(first.to_numpy(), second.to_numpy())


def _movers(rows: pd.DataFrame) -> list[Mover]:
    return [
        Mover(escape(str(label)), int(place), int(place_six), float(psnr), float(ssim))
        for label, place, place_six, psnr, ssim in rows[["label", "place", "place_six", "rank_psnr", "rank_ssim"]]
        .head(MOVERS)
        .itertuples(index=False)
    ]
