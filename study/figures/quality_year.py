"""Quality against the year of publication: has the field moved? By the six metrics and, where there is truth, by the truth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats

import metrics
from study.entries import Entry
from study.figures import scatter, style
from study.figures.quality_time import front
from study.figures.scatter import Point
from study.store import About
from study.tables.metric_truth_table import LEAST_METHODS

#: What is known of the truth, as far as a run has it.
_TRUTH = ("psnr", "ssim", "wrong_pixels")
#: The axis of years begins here; older methods stand at its left edge.
_FIRST = 2000
#: So many of the newest methods, the best ones, have a name in a small panel.
_NEWEST_NAMED = 3
#: Methods of one year stand side by side, over so much of its width.
_SPREAD = 0.64


@dataclass(frozen=True)
class Quality:
    """What a panel shows.

    Parameters
    ----------
    column : str
        Column of the table of means.
    title : str
        Name of the quantity.
    direction : {"larger", "smaller"}
        Which values are better.
    """

    column: str
    title: str
    direction: str


#: The mean rank of a method, over the six metrics.
RANK = Quality("mean_rank", "Mean rank over the six metrics", "smaller")


@dataclass(frozen=True)
class Trend:
    """How a quality goes with the year.

    Parameters
    ----------
    rho, p : float
        Spearman's rank correlation with the year, positive where newer methods are better, and its two-sided p value.
    slope, start : float
        Theil and Sen's line: value per year, and value in the year 0.
    methods : int
    """

    rho: float
    p: float
    slope: float
    start: float
    methods: int


def points_of(about: About, means: pd.DataFrame, quality: Quality) -> list[Point]:
    """The methods that enter a panel, by year: no controls, and variants only in place of their method.

    Parameters
    ----------
    about : study.store.About
    means : pandas.DataFrame
        ``means.csv`` of the data set, as text.
    quality : Quality

    Returns
    -------
    list of Point
        ``x`` is the year.
    """
    if quality.column not in means:
        return []
    stored = {row["method"]: row[quality.column] for row in means.to_dict("records")}
    values = {name: float(text) for name, text in stored.items() if text and np.isfinite(float(text))}
    return [
        Point(float(entry.declared.year), values[entry.name], entry.label, entry.kind)
        for entry in about.entries
        if entry.name in values and entry.declared.year is not None and _stands_for_its_method(entry, values)
    ]


def _stands_for_its_method(entry: Entry, values: Iterable[str]) -> bool:
    return entry.name == entry.method or entry.method not in values


def trend(points: Sequence[Point], direction: str) -> Trend | None:
    """How the values go with the year; None for fewer methods than a rank correlation needs, or where all values or years are equal."""
    years, values = np.array([p.x for p in points]), np.array([p.value for p in points])
    if len(points) < LEAST_METHODS or not np.ptp(years) or not np.ptp(values):
        return None
    found = stats.spearmanr(years, values if direction == "larger" else -values)
    line = stats.theilslopes(values, years)
    return Trend(float(found.statistic), float(found.pvalue), float(line.slope), float(line.intercept), len(points))


def draw(about: About, means: pd.DataFrame, paths: Iterable[str | Path]) -> None:
    """Draw the mean rank against the year and, on a data set with truth, the errors against the truth.

    Parameters
    ----------
    about : study.store.About
    means : pandas.DataFrame
        ``means.csv`` of the data set, as text.
    paths : iterable of path-like
    """
    panels = {quality: points_of(about, means, quality) for quality in _qualities(about, means)}
    trends = {quality: trend(points, quality.direction) for quality, points in panels.items()}
    shown = [quality for quality in panels if trends[quality] is not None]
    if not shown:
        return style.message(f"{about.label}: too few ranked methods for a trend over the years", paths)
    with style.drawing():
        columns = 1 if len(shown) == 1 else 2
        figure, axes = style.plots(
            len(shown), 0.5 + (4.4 if columns == 1 else 3.0) * -(-len(shown) // columns), columns
        )
        for ax, quality in zip(axes, shown, strict=True):
            _panel(ax, quality, panels[quality], trends[quality])
        # Names are placed where the panels have their final size.
        style.legend(figure, style.kind_handles(p.kind for points in panels.values() for p in points))
        figure.draw_without_rendering()
        for ax, quality in zip(axes, shown, strict=True):
            beside = _side_by_side(panels[quality], quality.direction)
            few = worth_a_name(about, panels[quality], quality.direction)
            scatter.name(ax, beside if columns == 1 else [beside[place] for place in few], beside, size=6)
        style.save(figure, paths, _caption(about, shown, trends))


def _qualities(about: About, means: pd.DataFrame) -> list[Quality]:
    chosen = [RANK]
    if any(scene.truth for scene in about.scenes):
        for metric in (metrics.registry.get(name) for name in _TRUTH):
            if metric.id in means:
                chosen.append(Quality(metric.id, f"{metric.label} against the truth", metric.direction))
    return chosen


def _side_by_side(points: Sequence[Point], direction: str) -> list[Point]:
    """The points where they are drawn, in the order given: those of one year beside each other, those before the axis at its left edge."""
    years = [max(p.x, _FIRST - 1) for p in points]
    order = sorted(range(len(points)), key=lambda k: points[k].value, reverse=direction == "smaller")
    drawn = {}
    for year in set(years):
        mine = [k for k in order if years[k] == year]
        for place, k in enumerate(mine):
            drawn[k] = points[k]._replace(x=year + _SPREAD * ((place + 0.5) / len(mine) - 0.5))
    return [drawn[k] for k in range(len(points))]


def worth_a_name(about: About, points: Sequence[Point], direction: str) -> list[int]:
    """Places of the points that a small panel names: the best so far in their year, what recent methods are compared with, the best of the newest."""
    anchors = {entry.label for entry in about.anchors}
    newest = {entry.label for entry in about.newest}
    sign = 1 if direction == "larger" else -1
    ordered = sorted((p for p in points if p.label in newest), key=lambda p: -sign * p.value)
    named = {*front(points, direction), *ordered[:_NEWEST_NAMED]}
    return [place for place, point in enumerate(points) if point in named or point.label in anchors]


def _panel(ax: Axes, quality: Quality, points: Sequence[Point], found: Trend | None) -> None:
    best = front(points, quality.direction)
    beside = _side_by_side(points, quality.direction)
    edged = [drawn for point, drawn in zip(points, beside, strict=True) if point in best]
    last = max(p.x for p in points)
    ax.set_xlim(_FIRST - 2, last + 1.2)
    scatter.mark(ax, beside, edged)
    if quality == RANK:
        # Every method is shown: ranks have no outliers.
        low, high = min(p.value for p in points), max(p.value for p in points)
        ax.set_ylim(high + 0.04 * (high - low), low - 0.12 * (high - low))
        # The best rank is 1; there is none at 0 and above.
        ax.set_yticks([1, *(tick for tick in ax.get_yticks() if low < tick <= high and tick > 1)])
    else:
        scatter.limit(ax, beside, quality.direction, better_above=True)
    if found is not None:
        ends = np.array([_FIRST - 0.5, last + 0.5])
        ax.plot(ends, found.start + found.slope * ends, color=style.PALETTE["gray"], linewidth=0.9, zorder=1)
        words = f"Spearman {found.rho:+.2f}, {_p(found.p)} ({found.methods} methods)".replace("-", "−")
        ax.set_title(f"{quality.title}\n{words}", fontsize=8)
    ticks = [_FIRST - 1, *range(_FIRST + 5, int(last) + 1, 5)]
    ax.set_xticks(ticks, ["older", *map(str, ticks[1:])])
    ax.set_xlabel("year of publication")
    ax.set_ylabel(f"{quality.title.split(' over')[0]} (better above)")
    style.light_grid(ax)


def _p(value: float) -> str:
    return f"p = {value:.2g}" if value >= 0.0001 else "p < 0.0001"


def _caption(about: About, shown: Sequence[Quality], trends: dict[Quality, Trend | None]) -> str:
    parts = []
    for quality in shown:
        found = trends[quality]
        if found is not None:
            word = (
                "no trend"
                if found.p >= 0.05
                else "newer methods are better"
                if found.rho > 0
                else "newer methods are worse"
            )
            parts.append(f"{quality.title}: {word} (Spearman {found.rho:+.2f}, {_p(found.p)}, {found.methods} methods)")
    beyond = " Triangles at the edge of a panel: methods that lie beyond it." if shown != [RANK] else ""
    return (
        f"Methods on {about.label} by year of publication, better above; controls are left out. Methods of one year stand beside each other, "
        f"those before {_FIRST} at the left edge. Black edge: better than every method up to its year. {'; '.join(parts)}. The line is Theil and "
        "Sen's. The methods are those of this benchmark, no sample of the field; p says how often a random order of them would show as strong a "
        f"correlation.{beyond}"
    )
