"""Which methods differ: mean ranks per metric with Nemenyi's critical difference, or, for many methods, every pair of them."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

import metrics
from study.figures import style
from study.store import About
from study.tables.statistics_table import LEAST_SCENES

#: Height of one method's line in a diagram, and side of a cell of the matrix at most, in inches.
_LINE, _CELL = 0.125, 0.16


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
    # One row per metric and method, however many methods are highlighted.
    ranked = comparisons[comparisons["mean_rank"] != ""].drop_duplicates(["metric", "method"])
    ranked = ranked.assign(mean_rank=ranked["mean_rank"].astype(float))
    most = max(int(row["methods"]) for row in tests)
    # Bars that join dozens of methods say nothing.
    (_diagrams if most <= style.MOST else _matrix)(about, ranked, tests, paths)


def _diagrams(
    about: About, ranked: pd.DataFrame, tests: Sequence["pd.Series[str]"], paths: Iterable[str | Path]
) -> None:
    most = max(int(row["methods"]) for row in tests)
    with style.drawing():
        figure, axes = style.plots(len(tests), 0.35 + -(-len(tests) // 3) * (0.5 + _LINE * most))
        for ax, test in zip(axes, tests, strict=True):
            _panel(ax, test, about, ranked[ranked["metric"] == test["metric"]].sort_values("mean_rank", kind="stable"))
        style.legend(figure, style.kind_handles(ranked["kind"]))
        caption = (
            f"Mean ranks over the scenes of {about.label}, 1 = best. Bars join methods whose mean ranks differ by less than the critical "
            "difference CD of Nemenyi's test (5 %)"
        )
        first = next(iter(about.highlighted), None)
        caption += f"; methods in the shaded range do not differ from {first.label}." if first else "."
        style.save(figure, paths, caption)


def _matrix(about: About, ranked: pd.DataFrame, tests: Sequence["pd.Series[str]"], paths: Iterable[str | Path]) -> None:
    balance, order = pairs(ranked, {str(test["metric"]): float(test["critical_difference"]) for test in tests})
    by_name = ranked.drop_duplicates("method").set_index("method")
    side = min(style.WIDTH - 1.6, _CELL * len(order))
    with style.drawing():
        figure, ax = plt.subplots(figsize=(style.WIDTH, side + 1.1), layout="constrained")
        picture = ax.imshow(balance.to_numpy(), cmap="PuOr", vmin=-len(tests), vmax=len(tests))
        labels, size = [style.plain(by_name["label"][name]) for name in order], min(7.0, 72 * 0.95 * side / len(order))
        ax.set_xticks(range(len(order)), labels, rotation=90, fontsize=size)
        ax.set_yticks(range(len(order)), labels, fontsize=size)
        for labels_of_axis in (ax.get_xticklabels(), ax.get_yticklabels()):
            style.emphasise(labels_of_axis, order, about.emphasised)
        ax.tick_params(length=0)
        for spine in ax.spines.values():
            spine.set_visible(False)
        bar = figure.colorbar(picture, ax=ax, shrink=0.4, aspect=15, pad=0.02, ticks=[-len(tests), 0, len(tests)])
        bar.set_label("metrics by which the row is better, minus worse", fontsize=7)
        bar.outline.set_visible(False)
        counts = sorted({int(test["n"]) for test in tests})
        caption = (
            f"Pairwise comparison of {len(order)} methods on {about.label} ({' to '.join(map(str, counts))} scenes), the best mean rank first. "
            f"A cell counts by how many of {len(tests)} metrics the method of the row is better than that of the column, minus by how many it "
            "is worse, where their mean ranks differ by more than Nemenyi's critical difference (5 %); 0: no difference, or as many in both "
            "directions."
        )
        style.save(figure, paths, caption)


def pairs(ranked: pd.DataFrame, differences: Mapping[str, float]) -> tuple[pd.DataFrame, list[str]]:
    """By how many metrics each method is better than each other, minus worse.

    Parameters
    ----------
    ranked : pandas.DataFrame
        Columns metric, method, mean_rank.
    differences : mapping
        Metric -> critical difference.

    Returns
    -------
    balance : pandas.DataFrame
        Methods x methods, antisymmetric.
    order : list of str
        The methods, the best mean over the metrics first.
    """
    table = ranked[ranked["metric"].isin(list(differences))].pivot(index="method", columns="metric", values="mean_rank")
    order = list(table.mean(axis=1).sort_values(kind="stable").index)
    table = table.loc[order]
    balance = np.zeros((len(order), len(order)), int)
    for metric, difference in differences.items():
        ranks = table[metric].to_numpy()
        distance = ranks[None, :] - ranks[:, None]
        balance += (distance > difference).astype(int) - (distance < -difference).astype(int)
    return pd.DataFrame(balance, order, order), order


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


def _panel(ax: Axes, test: "pd.Series[str]", about: About, ranked: pd.DataFrame) -> None:
    ranks, kinds = ranked["mean_rank"].tolist(), ranked["kind"].tolist()
    difference, count = float(test["critical_difference"]), len(ranks)
    first = [entry.name for entry in about.highlighted[:1]]
    for reference in ranked.loc[ranked["method"].isin(first), "mean_rank"]:
        low, high = max(1, reference - difference), min(count, reference + difference)
        ax.axvspan(low, high, color="#eeeeee", linewidth=0, zorder=0)
    for place, (kind, rank) in enumerate(zip(kinds, ranks, strict=True)):
        colour, marker = style.STYLE[kind]
        ax.plot([1, rank], [place, place], color="#dddddd", linewidth=0.4, zorder=1)
        ax.plot(rank, place, marker, color=colour, markersize=6 if marker == "*" else 3, markeredgewidth=0, zorder=2)
    intervals = groups(ranks, difference)
    chosen = lanes(intervals)
    step = count * 0.028
    for (upper, lower), lane in zip(intervals, chosen, strict=True):
        ax.plot([count * 1.05 + lane * step] * 2, [upper - 0.2, lower + 0.2], color="#333333", linewidth=1.1)
    ax.set_xlim(0.5, count * 1.07 + (max(chosen, default=0) + 1) * step)
    ax.set_ylim(count - 0.4, -0.6)
    ax.set_yticks(range(count), map(style.plain, ranked["label"]), fontsize=7)
    style.emphasise(ax.get_yticklabels(), ranked["method"], about.emphasised)
    apart = 5 if count < 25 else 10
    ax.set_xticks([1, *range(apart, count - 1, apart), count])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_bounds(1, count)
    metric = metrics.registry.get(test["metric"])
    ax.set_title(f"{style.formula(metric)}   CD = {difference:.1f}, n = {test['n']}")
