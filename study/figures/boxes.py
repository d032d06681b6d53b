"""Box plot of every metric over the scenes of a data set: one box per method, every scene a dot."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from metrics import Metric
from study.entries import Entry
from study.figures import style
from study.store import About


def draw(about: About, tidy: pd.DataFrame, paths: Iterable[str | Path]) -> None:
    """Draw the box plots of one data set.

    Parameters
    ----------
    about : study.store.About
    tidy : pandas.DataFrame
        Scores of the data set (`study.store.Results.read_tidy`).
    paths : iterable of path-like
    """
    good = tidy[(tidy["status"] == "ok") & np.isfinite(tidy["value"])]
    present = [entry for entry in about.entries if (good["method"] == entry.name).any()]
    if not present:
        return style.message(f"{about.label}: no scores ({about.reason or 'see the table'})", paths)
    chosen = style.six(good["metric"].unique())
    with style.drawing():
        rows = -(-len(chosen) // 3)
        figure, axes = style.plots(len(chosen), 0.5 + rows * (0.45 + 0.145 * len(present)), sharey=True)
        for ax, metric in zip(axes, chosen, strict=True):
            _panel(ax, metric, present, good[good["metric"] == metric.id], about.readable)
        label = style.plain(about.label)
        figure.suptitle(f"{label}: n = {about.readable} scenes (box: quartiles, dots: scenes)")
        style.legend(figure, style.kind_handles(entry.kind for entry in present))
        style.save(figure, paths)


def _panel(ax: Axes, metric: Metric, entries: Sequence[Entry], scores: pd.DataFrame, scenes: int) -> None:
    for place, entry in enumerate(reversed(entries)):
        values = scores.loc[scores["method"] == entry.name, "value"].to_numpy()
        if not values.size:
            continue
        colour = style.STYLE[entry.kind].colour
        ax.boxplot(
            values,
            positions=[place],
            orientation="horizontal",
            widths=0.62,
            showfliers=False,
            patch_artist=True,
            boxprops={"facecolor": colour, "alpha": 0.35, "linewidth": 0.6},
            medianprops={"color": "black", "linewidth": 1.0},
            whiskerprops={"linewidth": 0.6},
            capprops={"linewidth": 0.6},
        )
        ax.plot(values, np.full(values.size, place), ".", color=colour, markersize=2.2, alpha=0.8, markeredgewidth=0)
    ax.set_yticks(range(len(entries)), [style.plain(entry.label) for entry in reversed(entries)])
    ax.set_ylim(-0.6, len(entries) - 0.4)
    style.light_grid(ax, "x")
    count = scores.groupby("method").size().max()
    fewer = f", n = {count}" if count < scenes else ""
    ax.set_title(f"${metric.latex}$  ({style.direction(metric)}{fewer})")
