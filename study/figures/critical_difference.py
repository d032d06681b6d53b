"""Critical-difference diagrams: mean ranks of all methods per metric, with the groups that do not differ."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

import metrics
from study.figures import style
from study.store import About
from study.tables.statistics_table import LEAST_SCENES, REFERENCE

#: Height of one method's line, in inches, for few and for many methods: a page holds two rows of panels of 46 methods.
_LINE, _TIGHT_LINE, _MANY = 0.125, 0.092, 30


def draw(about: About, comparisons: pd.DataFrame, friedman: pd.DataFrame, paths: Iterable[str | Path]) -> None:
    """Draw the mean ranks on one data set; bars join methods that do not differ by Nemenyi's test.

    Parameters
    ----------
    about : study.store.About
    comparisons, friedman : pandas.DataFrame
        ``statistics.csv`` and ``friedman.csv``, as text.
    paths : iterable of path-like
    """
    tests = [row for _, row in friedman.iterrows() if row["critical_difference"] and row["metric"] in metrics.SIX]
    if not tests:
        reason = f"no test is made with fewer than {LEAST_SCENES} scenes or fewer than three methods"
        return style.message(f"{about.label}: {reason}", paths)
    most = max(int(row["methods"]) for row in tests)
    line = _TIGHT_LINE if most > _MANY else _LINE
    ranked = comparisons[comparisons["mean_rank"] != ""]
    ranked = ranked.assign(mean_rank=ranked["mean_rank"].astype(float))
    with style.drawing():
        figure, axes = style.plots(len(tests), 0.75 + -(-len(tests) // 3) * (0.5 + line * most))
        for ax, test in zip(axes, tests, strict=True):
            mine = ranked[ranked["metric"] == test["metric"]].sort_values("mean_rank", kind="stable")
            _panel(ax, test, mine, tight=most > _MANY)
        figure.suptitle(
            f"{style.plain(about.label)}: mean ranks over scenes (1 = best). Bars join methods that do not differ "
            "(Nemenyi, 5 %);\nshaded: not different from GACN.",
            fontsize=8.5,
        )
        style.legend(figure, style.kind_handles(comparisons["kind"]))
        style.save(figure, paths)


def groups(ranks: Sequence[float], difference: float) -> list[tuple[int, int]]:
    """Largest groups of methods that do not differ.

    Parameters
    ----------
    ranks : sequence of float
        Mean ranks, ascending.
    difference : float
        Critical difference.

    Returns
    -------
    list of (int, int)
        First and last place of each group of two or more; none lies within another.
    """
    found, reached = [], -1
    for first, rank in enumerate(ranks):
        last = int(np.searchsorted(np.asarray(ranks) - rank, difference, side="left")) - 1
        if last > first and last > reached:
            found.append((first, last))
            reached = last
    return found


def lanes(intervals: Iterable[tuple[int, int]]) -> list[int]:
    """A lane (from 0) for every interval so that those in one lane neither overlap nor touch."""
    ends: list[int] = []
    chosen = []
    for first, last in intervals:
        free = next((lane for lane, end in enumerate(ends) if end < first), len(ends))
        ends[free : free + 1] = [last]
        chosen.append(free)
    return chosen


def _panel(ax: Axes, test: "pd.Series[str]", ranked: pd.DataFrame, tight: bool) -> None:
    ranks, kinds = ranked["mean_rank"].tolist(), ranked["kind"].tolist()
    difference, count = float(test["critical_difference"]), len(ranks)
    for reference in ranked.loc[ranked["method"] == REFERENCE, "mean_rank"]:
        low, high = max(1, reference - difference), min(count, reference + difference)
        ax.axvspan(low, high, color="#eeeeee", linewidth=0, zorder=0)
    for place, (kind, rank) in enumerate(zip(kinds, ranks, strict=True)):
        colour, marker = style.STYLE[kind]
        ax.plot([1, rank], [place, place], color="#dddddd", linewidth=0.4, zorder=1)
        ax.plot(rank, place, marker, color=colour, markersize=6 if marker == "*" else 3, markeredgewidth=0, zorder=2)
    intervals = groups(ranks, difference)
    chosen = lanes(intervals)
    step = count * 0.028
    for (first, last), lane in zip(intervals, chosen, strict=True):
        ax.plot([count * 1.05 + lane * step] * 2, [first - 0.2, last + 0.2], color="#333333", linewidth=1.1)
    ax.set_xlim(0.5, count * 1.07 + (max(chosen, default=0) + 1) * step)
    ax.set_ylim(count - 0.4, -0.6)
    ax.set_yticks(range(count), map(style.plain, ranked["label"]), fontsize=5.4 if tight else 6.5)
    for label, kind in zip(ax.get_yticklabels(), kinds, strict=True):
        if kind == "proposed":
            label.set(color=style.STYLE["proposed"].colour, fontweight="bold")
    ax.set_xticks([1, *range(5 if count < 25 else 10, count + 1, 5 if count < 25 else 10)])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_bounds(1, count)
    metric = metrics.registry.get(test["metric"])
    ax.set_title(f"${metric.latex}$   CD = {difference:.1f}, n = {test['n']}")
