"""Points of methods in a panel: markers by family, limits, names that cover nothing."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from study.figures import style

#: Share of the methods, the worst ones, that may lie outside a panel: where methods differ little, names need the room.
_CUT = 0.2


class Point(NamedTuple):
    """A method in one panel."""

    x: float
    value: float
    label: str
    kind: str


def mark(ax: Axes, points: Iterable[Point], edged: Sequence[Point]) -> None:
    """Draw the marker of every point; those of `edged` have a black edge."""
    for point in points:
        colour, marker = style.STYLE[point.kind]
        ax.plot(
            point.x,
            point.value,
            marker=marker,
            color=colour,
            markersize=6 if marker == "*" else 3.8,
            linestyle="",
            zorder=2,
            markeredgecolor="black" if point in edged else colour,
            markeredgewidth=0.8 if point in edged else 1.0,
        )


def limit(ax: Axes, points: Sequence[Point], direction: str, better_above: bool = False) -> None:
    """Limit a panel to all but the worst points, which triangles at its edge stand for.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    points : sequence of Point
    direction : {"larger", "smaller"}
        Which values are better.
    better_above : bool
        Turn the axis where smaller values are better.
    """
    low, high = limits(direction, [p.value for p in points])
    turned = better_above and direction == "smaller"
    ax.set_ylim((high, low) if turned else (low, high))
    for point in points:
        if not low <= point.value <= high:
            down = (point.value < low) != turned
            colour = style.STYLE[point.kind].colour
            edge = low if point.value < low else high
            marker = 7 if down else 6
            ax.plot(point.x, edge, marker=marker, color=colour, markersize=4, markeredgewidth=0, clip_on=False)


def limits(direction: str, values: Sequence[float]) -> tuple[float, float]:
    """What a panel shows: all but the worst methods, with room for names at the better end."""
    better = np.sort(values)[:: -1 if direction == "larger" else 1]
    kept = better[: max(2, round(len(better) * (1 - _CUT)))]
    spread = kept.max() - kept.min() or 0.1
    above, below = (0.3, 0.08) if direction == "larger" else (0.08, 0.3)
    return float(kept.min() - below * spread), float(kept.max() + above * spread)


def name(ax: Axes, points: Sequence[Point], others: Sequence[Point], size: float = 6.3) -> None:
    """Names beside points, where they lie over no marker, no other name and stay inside the panel; a thin line leads to those farther off.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With its final size and limits.
    points : sequence of Point
        Those that get a name; one outside the limits gets none.
    others : sequence of Point
        All whose markers names must not cover.
    size : float
        Of the letters, in points.
    """
    box = ax.get_window_extent()
    scale = 72 / ax.figure.dpi
    width, height = box.width * scale, box.height * scale

    def place(point: Point) -> tuple[float, float]:
        x, y = ax.transAxes.inverted().transform(ax.transData.transform((point.x, point.value)))
        return x * width, y * height

    taken = [(x - 2.6, y - 2.6, x + 2.6, y + 2.6) for x, y in map(place, others)]
    low, high = sorted(ax.get_ylim())
    for point in sorted(points, key=lambda p: -p.value):
        if not low <= point.value <= high:
            continue
        x, y = place(point)
        long, tall = size * sum(0.68 if c.isupper() else 0.5 for c in point.label) + 2, size + 1
        candidates = []
        for reach in (5, 9, 14, 20, 27, 35, 45):
            for turn in range(16):
                dx, dy = reach * np.cos(turn * np.pi / 8), reach * np.sin(turn * np.pi / 8)
                left = x + dx if dx >= 0 else x + dx - long
                candidates.append((left, y + dy - tall / 2, reach))
        best = min(
            candidates, key=lambda c: (covered((c[0], c[1], c[0] + long, c[1] + tall), taken, width, height), c[2])
        )
        taken.append((best[0], best[1], best[0] + long, best[1] + tall))
        middle = best[0] + long / 2
        near = best[0] if middle > x else best[0] + long
        line = {"arrowstyle": "-", "linewidth": 0.4, "color": style.PALETTE["gray"], "shrinkA": 0, "shrinkB": 2}
        ax.annotate(
            style.plain(point.label),
            (point.x, point.value),
            xytext=(near - x, best[1] + tall / 2 - y),
            textcoords="offset points",
            fontsize=size,
            ha="left" if middle > x else "right",
            va="center",
            path_effects=[withStroke(linewidth=1.0, foreground="white", alpha=0.8)],
            arrowprops=line if best[2] > 6 else None,
        )


def covered(
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
