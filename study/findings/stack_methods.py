"""Do methods that take a whole stack at once beat folded methods for pairs, and which one should a person take?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

import metrics
from study.findings.facts import sign_of
from study.store import POOLED, Results
from study.tables import stacks_table
from study.tables import statistics_table as statistics
from study.tables.inline import escape
from study.tables.stacks_table import SECONDS
from study.tables.table import printed

#: What the families are compared by, the first one decides which method is best.
COMPARED = ("psnr", "ssim", "excess_defocus")


@dataclass(frozen=True)
class Comparison:
    """The native methods of a run against the folded ones, by one metric.

    Parameters
    ----------
    label : str
        Of the metric.
    native, folded : str
        Mean over stacks and methods, with the digits that are printed.
    difference : float
        Median over the stacks of the difference of the means over methods, positive where the native ones are better.
    p : float or None
        Signed-rank test over the stacks, corrected by Holm over all comparisons; None with too few stacks.
    stacks : int
    """

    label: str
    native: str
    folded: str
    difference: float
    p: float | None
    stacks: int

    @property
    def verdict(self) -> str:
        """What the test says of the native methods: better, worse, not different or untested."""
        if self.p is None:
            return "untested"
        if self.p >= statistics.ALPHA:
            return "not different"
        return "better" if self.difference > 0 else "worse"


@dataclass(frozen=True)
class Choice:
    """A method a person may take: the best of its way, or one that no other beats in quality and time."""

    label: str
    way: str
    quality: str
    seconds: str


@dataclass(frozen=True)
class Disturbance:
    """What a disturbance of a stack's images does to the methods.

    Parameters
    ----------
    base, name : str
        The undisturbed stack, and what the disturbed one adds to its name.
    native, folded : str
        Median over the methods of a way of the change of the first of `COMPARED`, signed; empty where there is none.
    worst, change : str
        The method that loses most, and its change.
    """

    base: str
    name: str
    native: str
    folded: str
    worst: str
    change: str


@dataclass(frozen=True)
class StackMethods:
    """Native and folded methods on the stacks with truth.

    Parameters
    ----------
    stacks, native, folded : int
        Number of stacks, and of methods that have all of them; controls do not count.
    families : list of Comparison
        All native against all folded methods.
    best : Comparison
        The best native method against the best folded one, by PSNR.
    first : dict of str to Choice
        The best method of each way.
    highlighted : list of (Choice, int)
        The highlighted methods that have all stacks, each with its place among all methods.
    front : list of Choice
        Methods that no other beats in PSNR and time, the fastest first; empty where nothing was timed.
    seconds : dict of str to str
        Way -> median over its methods of the seconds per megapixel and image; empty where nothing was timed.
    disturbances : list of Disturbance
        Where a stack was fused in several variants.
    """

    stacks: int
    native: int
    folded: int
    families: list[Comparison]
    best: Comparison
    first: dict[str, Choice]
    highlighted: list[tuple[Choice, int]]
    front: list[Choice]
    seconds: dict[str, str]
    disturbances: list[Disturbance]


def stack_methods(results: Results) -> StackMethods | None:
    """What ``stacks.csv`` says; None without stacks with truth, or without a native and a folded method that have all of them."""
    frame = stacks_table.read(results)
    frame = frame[(frame["kind"] != "control") & frame[COMPARED[0]].notna()]
    found = stacks_table.means(frame)
    found = found[found[f"{COMPARED[0]}_n"] == found[f"{COMPARED[0]}_n"].max()].reset_index(drop=True)
    ways = {way: found[found["way"] == way] for way in ("native", "folded")}
    if any(rows.empty for rows in ways.values()):
        return None
    frame = frame[frame["method"].isin(found["method"])]
    leaders = frame[frame["method"].isin([rows["method"].iloc[0] for rows in ways.values()])]
    compared = [_differences(frame, metric) for metric in COMPARED] + [_differences(leaders, COMPARED[0])]
    *families, best = _tested([each for each in compared if each is not None])
    own = found[found["method"].isin(results.read_about(POOLED).names_highlighted)]
    timed = found[found[SECONDS].notna()]
    return StackMethods(
        stacks=len(frame.drop_duplicates(["dataset", "scene"])),
        native=len(ways["native"]),
        folded=len(ways["folded"]),
        families=families,
        best=best,
        first={way: _choice(rows.iloc[0]) for way, rows in ways.items()},
        highlighted=[(_choice(row), place) for place, (_, row) in zip(own.index + 1, own.iterrows(), strict=True)],
        front=[_choice(row) for _, row in _front(timed).iterrows()],
        seconds={way: f"{rows[SECONDS].median():.2g}" for way, rows in timed.groupby("way", sort=False)},
        disturbances=_disturbances(frame),
    )


def _disturbances(frame: pd.DataFrame) -> list[Disturbance]:
    changes = stacks_table.variants(frame)
    found = []
    for (base, name), rows in changes.groupby(["base", "disturbance"], sort=False):
        medians = rows.groupby("way")["difference"].median()
        signed = {way: f"{medians[way]:+.2f}" if way in medians else "" for way in ("native", "folded")}
        worst = rows.sort_values("difference", kind="stable").iloc[0]
        change = f"{worst['difference']:+.2f}"
        found.append(
            Disturbance(str(base), str(name), signed["native"], signed["folded"], escape(str(worst["label"])), change)
        )
    return found


def _choice(row: pd.Series) -> Choice:
    metric = metrics.registry.get(COMPARED[0])
    seconds = "" if np.isnan(row[SECONDS]) else f"{row[SECONDS]:.2g}"
    return Choice(escape(str(row["label"])), str(row["way"]), printed(float(row[metric.id]), metric.digits), seconds)


def _front(timed: pd.DataFrame) -> pd.DataFrame:
    """Rows that no other beats in quality and time, the fastest first."""
    ordered = timed.sort_values([SECONDS, COMPARED[0]], ascending=[True, False], kind="stable")
    before = ordered[COMPARED[0]].cummax().shift(fill_value=-np.inf)
    return ordered[ordered[COMPARED[0]] > before]


def _differences(frame: pd.DataFrame, name: str) -> tuple[metrics.Metric, pd.DataFrame] | None:
    """Means over the methods of each way, one row per stack; None where a way has no value."""
    valued = frame[frame[name].notna()]
    means = valued.pivot_table(index=["dataset", "scene"], columns="way", values=name, aggfunc="mean").dropna()
    if means.empty or set(means.columns) != {"native", "folded"}:
        return None
    return metrics.registry.get(name), means


def _tested(compared: list[tuple[metrics.Metric, pd.DataFrame]]) -> list[Comparison]:
    differences = [
        sign_of(metric) * (means["native"] - means["folded"]).to_numpy(dtype=np.float64) for metric, means in compared
    ]
    enough = [len(each) >= statistics.LEAST_SCENES for each in differences]
    raw = [statistics.signed_rank(each) for each, whole in zip(differences, enough, strict=True) if whole]
    corrected = iter(statistics.holm(raw))
    return [
        Comparison(
            metric.label,
            native=printed(float(means["native"].mean()), metric.digits),
            folded=printed(float(means["folded"].mean()), metric.digits),
            difference=float(np.median(each)),
            p=float(next(corrected)) if whole else None,
            stacks=len(each),
        )
        for (metric, means), each, whole in zip(compared, differences, enough, strict=True)
    ]
