"""Mean of each metric against the median time of one fusion (logarithmic), with the Pareto front."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

import metrics
from metrics import Metric
from study.figures import scatter, style
from study.figures.scatter import Point
from study.store import About


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
    caption = (
        f"Mean of each metric on {about.label} against the median time of one fusion ({device}). The line joins the methods that no other "
        "beats in both; they have a black edge and their names. "
        "Triangles at the edge of a panel: methods that lie beyond it."
    )
    emphasised = [entry.label for entry in about.entries if entry.name in about.emphasised]
    draw_panels(panels, "median seconds per fusion", paths, caption, emphasised)


def draw_panels(
    panels: Mapping[Metric, Sequence[Point]],
    seconds: str,
    paths: Iterable[str | Path],
    caption: str,
    emphasised: Collection[str],
) -> None:
    """Draw a panel per metric: values against time, with the Pareto front and its names.

    Parameters
    ----------
    panels : mapping of metrics.Metric to sequence of Point
    seconds : str
        Name of the time axis.
    paths : iterable of path-like
    caption : str
    emphasised : collection of str
        Labels of methods that are named wherever they lie.
    """
    with style.drawing():
        figure, axes = style.plots(len(panels), 0.6 + 2.3 * -(-len(panels) // 3), sharex=True)
        times = [point.x for points in panels.values() for point in points]
        for ax, (metric, points) in zip(axes, panels.items(), strict=True):
            _panel(ax, metric, points, times)
        for ax in axes[-3:]:
            ax.set_xlabel(seconds)
            ax.tick_params(labelbottom=True)
        # Names are placed where the panels have their final size.
        figure.draw_without_rendering()
        for ax, (metric, points) in zip(axes, panels.items(), strict=True):
            named = front(points, metric.direction)
            scatter.name(ax, [p for p in points if p in named or p.label in emphasised], points)
        style.legend(figure, style.kind_handles(dict.fromkeys(p.kind for points in panels.values() for p in points)))
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
    for point in sorted(points, key=lambda p: (p.x, -sign * p.value)):
        if not found or sign * point.value > sign * found[-1].value:
            found.append(point)
    return found


def _panel(ax: Axes, metric: Metric, points: Sequence[Point], times: Sequence[float]) -> None:
    best = front(points, metric.direction)
    line = [p.x for p in best], [p.value for p in best]
    ax.step(*line, where="post", color=style.PALETTE["gray"], linewidth=0.8, zorder=1)
    scatter.mark(ax, points, best)
    ax.set_xscale("log")
    spread = max(times) / max(min(times), 1e-9)
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0,) if spread > 30 else (1.0, 2.0, 5.0)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.margins(x=0.14)
    scatter.limit(ax, points, metric.direction)
    style.light_grid(ax)
    ax.set_title(f"{style.formula(metric)}  ({style.direction(metric)})")
