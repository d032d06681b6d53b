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

#: Share of the methods, the worst ones, that may lie outside a panel: where methods differ little, names need the room.
_CUT = 0.2


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
    device = ", ".join(sorted({f"{row['device_name']}, {row['threads']} threads" for _, row in timed.iterrows()}))
    panels = {metric: _points(metric, rows, seconds) for metric in style.six(known)}
    with style.drawing():
        figure, axes = style.plots(len(panels), 0.6 + 2.3 * -(-len(panels) // 3), sharex=True)
        for ax, (metric, points) in zip(axes, panels.items(), strict=True):
            _panel(ax, metric, points, seconds)
        for ax in axes[-3:]:
            ax.set_xlabel("median seconds per fusion")
            ax.tick_params(labelbottom=True)
        # Names are placed where the panels have their final size.
        figure.draw_without_rendering()
        for ax, (metric, points) in zip(axes, panels.items(), strict=True):
            named = front(points, metric.direction)
            _name(ax, [p for p in points if p in named or p.kind == "proposed"], points)
        style.legend(figure, style.kind_handles(rows["kind"]))
        caption = (
            f"Mean of each metric on {about.label} against the median time of one fusion ({device}). The line joins the methods that no other "
            "beats in both; they have a black edge and their names. "
            "Triangles at the edge of a panel: methods that lie beyond it."
        )
        style.save(figure, paths, caption)


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
    ax.margins(x=0.14)
    low, high = _limits(metric.direction, [p.value for p in points])
    ax.set_ylim(low, high)
    for point in points:
        if not low <= point.value <= high:
            edge, arrow = (low, 7) if point.value < low else (high, 6)
            colour = style.STYLE[point.kind].colour
            ax.plot(point.seconds, edge, marker=arrow, color=colour, markersize=4, markeredgewidth=0, clip_on=False)
    style.light_grid(ax)
    ax.set_title(f"${metric.latex}$  ({style.direction(metric)})")


def _limits(direction: str, values: Sequence[float]) -> tuple[float, float]:
    """What a panel shows: all but the worst methods, with room for names at the better end."""
    better = np.sort(values)[:: -1 if direction == "larger" else 1]
    kept = better[: max(2, round(len(better) * (1 - _CUT)))]
    spread = kept.max() - kept.min() or 0.1
    above, below = (0.3, 0.08) if direction == "larger" else (0.08, 0.3)
    return float(kept.min() - below * spread), float(kept.max() + above * spread)


def _name(ax: Axes, points: Sequence[Point], others: Sequence[Point]) -> None:
    """Names beside points, where they lie over no marker, no other name and stay inside the panel; a thin line leads to those farther off."""
    box = ax.get_window_extent()
    scale = 72 / ax.figure.dpi
    width, height = box.width * scale, box.height * scale

    def place(point: Point) -> tuple[float, float]:
        x, y = ax.transAxes.inverted().transform(ax.transData.transform((point.seconds, point.value)))
        return x * width, y * height

    size = 6.3
    taken = [(x - 2.6, y - 2.6, x + 2.6, y + 2.6) for x, y in map(place, others)]
    for point in sorted(points, key=lambda p: -p.value):
        x, y = place(point)
        long, tall = 0.54 * size * len(point.label) + 2, size + 1
        candidates = []
        for reach in (5, 9, 14, 20, 27, 35, 45):
            for turn in range(16):
                dx, dy = reach * np.cos(turn * np.pi / 8), reach * np.sin(turn * np.pi / 8)
                left = x + dx if dx >= 0 else x + dx - long
                candidates.append((left, y + dy - tall / 2, reach))
        best = min(
            candidates, key=lambda c: (_covered((c[0], c[1], c[0] + long, c[1] + tall), taken, width, height), c[2])
        )
        taken.append((best[0], best[1], best[0] + long, best[1] + tall))
        middle = best[0] + long / 2
        near = best[0] if middle > x else best[0] + long
        line = {"arrowstyle": "-", "linewidth": 0.4, "color": style.PALETTE["gray"], "shrinkA": 0, "shrinkB": 2}
        ax.annotate(
            style.plain(point.label),
            (point.seconds, point.value),
            xytext=(near - x, best[1] + tall / 2 - y),
            textcoords="offset points",
            fontsize=size,
            ha="left" if middle > x else "right",
            va="center",
            path_effects=[withStroke(linewidth=1.0, foreground="white", alpha=0.8)],
            arrowprops=line if best[2] > 6 else None,
        )


def _covered(
    box: tuple[float, float, float, float],
    taken: Iterable[tuple[float, float, float, float]],
    width: float,
    height: float,
) -> float:
    """Area of a box that lies over others, or outside a panel, in square points."""
    left, low, right, high = box
    inside = max(0.0, min(right, width) - max(left, 0.0)) * max(0.0, min(high, height) - max(low, 0.0))
    area = 3 * ((right - left) * (high - low) - inside)
    for a, b, c, d in taken:
        area += max(0.0, min(right, c) - max(left, a)) * max(0.0, min(high, d) - max(low, b))
    return round(area, 6)
