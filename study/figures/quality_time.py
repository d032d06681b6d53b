"""Mean of each metric against the median time of one fusion (logarithmic), with the Pareto front."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

import metrics
from metrics import Metric
from study.figures import style
from study.store import About


class Point(NamedTuple):
    """A method in one panel."""

    seconds: float
    value: float
    label: str
    kind: str


def draw(about: About, means: pd.DataFrame, timing: pd.DataFrame, paths: Iterable[str | Path]) -> None:
    """Draw quality against time on one data set; controls are left out.

    Parameters
    ----------
    about : study.store.About
    means, timing : pandas.DataFrame
        ``means.csv`` and ``timing.csv`` of the data set, as text.
    paths : iterable of path-like
    """
    timed = timing[timing["status"] == "ok"] if len(timing) else timing
    seconds = {str(row["method"]): float(row["median_s"]) for _, row in timed.iterrows()}
    rows = means[means["method"].isin(seconds) & (means["kind"] != "control")] if len(means) else means
    known = [name for name in metrics.registry.ids() if name in rows and (rows[name] != "").any()]
    if not known:
        return style.message(f"{about.label}: nothing is both timed and scored", paths)
    panels = {metric: _points(metric, rows, seconds) for metric in style.six(known)}
    with style.drawing():
        figure, axes = style.plots(len(panels), 0.6 + 2.3 * -(-len(panels) // 3), sharex=True)
        for ax, (metric, points) in zip(axes, panels.items(), strict=True):
            _panel(ax, metric, points, seconds)
        for ax in axes[-3:]:
            ax.set_xlabel("median seconds per fusion")
            ax.tick_params(labelbottom=True)
        figure.suptitle(f"{style.plain(about.label)}: quality against time (line and black edges: Pareto front)")
        style.legend(figure, style.kind_handles(rows["kind"]))
        style.save(figure, paths)


def _points(metric: Metric, rows: pd.DataFrame, seconds: dict[str, float]) -> list[Point]:
    return [
        Point(seconds[row["method"]], float(row[metric.id]), row["label"], row["kind"])
        for _, row in rows.iterrows()
        if row[metric.id] and np.isfinite(float(row[metric.id]))
    ]


def front(points: Sequence[Point], direction: str) -> list[Point]:
    """The Pareto front: points that no other beats in both time and value, the fastest first."""
    sign = 1 if direction == "larger" else -1
    found: list[Point] = []
    for point in sorted(points, key=lambda p: (p.seconds, -sign * p.value)):
        if not found or sign * point.value > sign * found[-1].value:
            found.append(point)
    return found


def _panel(ax: Axes, metric: Metric, points: Sequence[Point], seconds: dict[str, float]) -> None:
    best = front(points, metric.direction)
    line = [p.seconds for p in best], [p.value for p in best]
    ax.step(*line, where="post", color=style.PALETTE["gray"], linewidth=0.8, zorder=1)
    for point in points:
        colour, marker = style.STYLE[point.kind]
        ax.plot(
            point.seconds,
            point.value,
            marker=marker,
            color=colour,
            markersize=6 if marker == "*" else 3.8,
            linestyle="",
            zorder=2,
            markeredgecolor="black" if point in best else colour,
            markeredgewidth=0.8 if point in best else 1.0,
        )
    ax.set_xscale("log")
    spread = max(seconds.values()) / max(min(seconds.values()), 1e-9)
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0,) if spread > 30 else (1.0, 2.0, 5.0)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.margins(x=0.12, y=0.1)
    style.light_grid(ax)
    ax.set_title(f"${metric.latex}$  ({style.direction(metric)})")
    _name(ax, [p for p in points if p in best or p.kind == "proposed"])


def _name(ax: Axes, points: Sequence[Point]) -> None:
    """Names beside points, moved apart where they would lie over each other, then with a line."""
    (left, right), (low, high) = np.log10(ax.get_xlim()), ax.get_ylim()
    height = ax.get_window_extent().height * 72 / ax.figure.dpi
    # Height of a line of text as a share of the panel.
    least = 0.055
    for side, align, step in ((False, "left", 5), (True, "right", -5)):
        mine = [p for p in points if ((np.log10(p.seconds) - left) / (right - left) > 0.6) == side]
        above = np.inf
        for point in sorted(mine, key=lambda p: -p.value):
            own = (point.value - low) / (high - low)
            above = place = min(own, above - least)
            line = {"arrowstyle": "-", "linewidth": 0.4, "color": style.PALETTE["gray"], "shrinkA": 0, "shrinkB": 2}
            ax.annotate(
                style.plain(point.label),
                (point.seconds, point.value),
                xytext=(step, (place - own) * height),
                textcoords="offset points",
                fontsize=5.8,
                ha=align,
                va="center",
                path_effects=[withStroke(linewidth=1.0, foreground="white", alpha=0.8)],
                arrowprops=line if own - place > least / 2 else None,
            )
