"""Figures of the statistics: critical-difference diagrams, and the metrics against the truth."""

import matplotlib.pyplot as plt
import numpy as np

import metrics
from study.figures.style import _RC, STYLE, WIDTH, message, save
from study.tables import metric_truth_table as metric_truth
from study.tables import statistics_table as statistics

#: Height of one method's line, in inches, for few and for many methods: a page holds two rows of panels of 46 methods.
_LINE, _TIGHT_LINE, _MANY = 0.125, 0.092, 30


def groups(ranks, difference):
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


def lanes(intervals):
    """A lane (from 0) for every interval so that those in one lane neither overlap nor touch."""
    ends, chosen = [], []
    for first, last in intervals:
        free = next((lane for lane, end in enumerate(ends) if end < first), len(ends))
        ends[free : free + 1] = [last]
        chosen.append(free)
    return chosen


def critical_difference(about, comparisons, friedman, paths):
    """Mean ranks of all methods per metric; bars join methods that do not differ by Nemenyi's test.

    Parameters
    ----------
    about : dict
        From `study.about.describe`; only its label is used.
    comparisons, friedman : list of dict
        Rows of ``statistics.csv`` and ``friedman.csv``.
    paths : list of path-like
    """
    shown = [r for r in friedman if r["critical_difference"] and r["metric"] in metrics.SIX]
    if not shown:
        reason = f"fewer than {statistics.LEAST_SCENES} scenes or fewer than three methods: no test is made"
        return message(f"{about['label']}: {reason}", paths)
    most = max(int(r["methods"]) for r in shown)
    line = _TIGHT_LINE if most > _MANY else _LINE
    rows = -(-len(shown) // 3)
    with plt.rc_context(_RC):
        size = (WIDTH, 0.75 + rows * (0.5 + line * most))
        figure, axes = plt.subplots(rows, 3, figsize=size, layout="constrained", squeeze=False)
        for ax in axes.flat[len(shown) :]:
            ax.set_axis_off()
        for ax, row in zip(axes.flat, shown, strict=False):
            ranked = [r for r in comparisons if r["metric"] == row["metric"] and r["mean_rank"]]
            _rank_panel(ax, row, sorted(ranked, key=lambda r: float(r["mean_rank"])), tight=most > _MANY)
        figure.suptitle(
            f"{about['label']}: mean ranks over scenes (1 = best). Bars join methods that do not differ (Nemenyi, 5 %);\n"
            "shaded: not different from GACN.",
            fontsize=8.5,
        )
        kinds = list(dict.fromkeys(r["kind"] for r in comparisons))
        handles = [plt.Line2D([], [], color=STYLE[k][0], marker=STYLE[k][1], linestyle="", label=k) for k in kinds]
        figure.legend(handles=handles, loc="outside lower center", ncols=len(kinds), frameon=False)
        save(figure, paths)
    return None


def _rank_panel(ax, row, ranked, tight):
    ranks = [float(r["mean_rank"]) for r in ranked]
    difference, count = float(row["critical_difference"]), len(ranks)
    reference = next((rank for r, rank in zip(ranked, ranks, strict=True) if r["method"] == statistics.REFERENCE), None)
    if reference is not None:
        low, high = max(1, reference - difference), min(count, reference + difference)
        ax.axvspan(low, high, color="#eeeeee", linewidth=0, zorder=0)
    for place, (r, rank) in enumerate(zip(ranked, ranks, strict=True)):
        colour, marker = STYLE[r["kind"]]
        ax.plot([1, rank], [place, place], color="#dddddd", linewidth=0.4, zorder=1)
        ax.plot(rank, place, marker, color=colour, markersize=6 if marker == "*" else 3, markeredgewidth=0, zorder=2)
    intervals = groups(ranks, difference)
    chosen = lanes(intervals)
    step = count * 0.028
    for (first, last), lane in zip(intervals, chosen, strict=True):
        ax.plot([count * 1.05 + lane * step] * 2, [first - 0.2, last + 0.2], color="#333333", linewidth=1.1)
    ax.set_xlim(0.5, count * 1.07 + (max(chosen, default=0) + 1) * step)
    ax.set_ylim(count - 0.4, -0.6)
    ax.set_yticks(range(count), [r["label"] for r in ranked], fontsize=5.4 if tight else 6.5)
    for label, r in zip(ax.get_yticklabels(), ranked, strict=True):
        if r["kind"] == "proposed":
            label.set(color=STYLE["proposed"][0], fontweight="bold")
    ax.set_xticks([1, *range(5 if count < 25 else 10, count + 1, 5 if count < 25 else 10)])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_bounds(1, count)
    metric = metrics.registry.get(row["metric"])
    ax.set_title(f"${metric.latex}$   CD = {difference:.1f}, n = {row['n']}")


#: Markers that tell the data sets apart in gray print.
_SETS = (("#0072B2", "o"), ("#D55E00", "s"), ("#009E73", "D"), ("#CC79A7", "^"))


def truth(rows, paths):
    """Mean rank correlation of every metric with the errors against the truth, with bootstrap intervals.

    Parameters
    ----------
    rows : list of dict
        Rows of ``metric_truth.csv``.
    paths : list of path-like
    """
    shown = [c for c in metric_truth.COMPARISONS if any(r["comparison"] == c.id for r in rows)]
    if not shown:
        return message("No data set of this run has scenes with truth and enough methods.", paths)
    ids = list(dict.fromkeys(r["metric"] for r in rows))
    sets = dict.fromkeys(r["dataset"] for r in rows)
    style = {name: _SETS[place % len(_SETS)] for place, name in enumerate(sets)}
    with plt.rc_context(_RC):
        figure, axes = plt.subplots(
            1, len(shown), figsize=(WIDTH, 1.3 + 0.24 * len(ids)), layout="constrained", sharey=True, squeeze=False
        )
        for ax, comparison in zip(axes.flat, shown, strict=True):
            _truth_panel(ax, comparison, [r for r in rows if r["comparison"] == comparison.id], ids, style)
        axes[0, 0].set_ylim(len(ids) - 0.5, -0.5)
        axes[0, 0].set_yticks(range(len(ids)), [f"${metrics.registry.get(m).latex}$" for m in ids])
        figure.supxlabel("Spearman correlation over methods, mean over scenes (95 % interval)", fontsize=7.5)
        labels = {r["dataset"]: r["label"] for r in rows}
        handles = [
            plt.Line2D([], [], color=c, marker=m, linestyle="", markersize=4, label=labels[s])
            for s, (c, m) in style.items()
        ]
        figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), frameon=False)
        save(figure, paths)
    return None


def _truth_panel(ax, comparison, mine, ids, style):
    shift = {name: 0.3 * (place - (len(style) - 1) / 2) for place, name in enumerate(style)}
    for row in mine:
        place = ids.index(row["metric"]) + shift[row["dataset"]]
        colour, marker = style[row["dataset"]]
        if row["spearman_low"]:
            ax.plot([float(row["spearman_low"]), float(row["spearman_high"])], [place] * 2, color=colour, linewidth=1)
        ax.plot(float(row["spearman"]), place, marker, color=colour, markersize=4, markeredgewidth=0)
    ax.axvline(0, color="black", linewidth=0.6)
    ax.set_xlim(-1.03, 1.03)
    ax.set_xticks([-1, -0.5, 0, 0.5, 1])
    ax.grid(axis="x", linewidth=0.3, color="#dddddd")
    for boundary in np.arange(0.5, len(ids) - 1):
        ax.axhline(boundary, color="#eeeeee", linewidth=0.4)
    first, _, second = comparison.title.partition(", ")
    ax.set_title(f"{first}:\n{second}", fontsize=7.5)
