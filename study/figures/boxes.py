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

#: Scenes below which quartiles say nothing: the dots stand alone.
_LEAST = 5
#: Share of the dots, those at the worse end, that may lie outside a panel: a few failures would squeeze everything else.
_CUT = 0.04
#: Methods a panel has room for at least: between fewer the labels would touch.
_ROWS = 5


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
    shown = style.chosen(present, style.mean_ranks(good, present), about.emphasised)
    good = good[good["method"].isin([entry.name for entry in shown])]
    metrics = style.six(good["metric"].unique())
    with style.drawing():
        rows = -(-len(metrics) // 3)
        figure, axes = style.plots(len(metrics), 0.3 + rows * (0.4 + 0.135 * max(_ROWS, len(shown))), sharey=True)
        cut = False
        for ax, metric in zip(axes, metrics, strict=True):
            cut |= _panel(ax, metric, shown, good[good["metric"] == metric.id], about.readable)
        # The panels of a row share the labels of the first.
        for ax in axes[:: min(3, len(axes))]:
            style.emphasise(ax.get_yticklabels(), [entry.name for entry in reversed(shown)], about.emphasised)
        style.legend(figure, style.kind_handles(entry.kind for entry in shown))
        style.save(figure, paths, _caption(about, len(shown), len(present), cut))


def _caption(about: About, shown: int, present: int, cut: bool) -> str:
    boxes = about.readable >= _LEAST
    parts = [f"Metrics on {about.label} ({about.readable} scenes)."]
    parts.append("Box: quartiles and median; dots: scenes." if boxes else "Dots: scenes, too few for quartiles.")
    if shown < present:
        parts.append(f"The {shown} of {present} methods with the best mean rank, the highlighted ones among them.")
    if cut:
        parts.append("Triangles at the edge of a panel: scenes that lie beyond it.")
    return " ".join(parts)


def _panel(ax: Axes, metric: Metric, entries: Sequence[Entry], scores: pd.DataFrame, scenes: int) -> bool:
    """Draw one metric; returns whether dots lie outside the panel."""
    low, high = _limits(metric, scores["value"].to_numpy())
    outside = False
    for place, entry in enumerate(reversed(entries)):
        values = scores.loc[scores["method"] == entry.name, "value"].to_numpy()
        if not values.size:
            continue
        colour = style.STYLE[entry.kind].colour
        if values.size >= _LEAST:
            ax.boxplot(
                values,
                positions=[place],
                orientation="horizontal",
                widths=0.62,
                showfliers=False,
                patch_artist=True,
                boxprops={"facecolor": colour, "alpha": 0.35, "linewidth": 0.5},
                medianprops={"color": "black", "linewidth": 0.9},
                whiskerprops={"linewidth": 0.5},
                capprops={"linewidth": 0.5},
            )
        inside = values[(values >= low) & (values <= high)]
        size = 2.2 if values.size >= _LEAST else 4
        ax.plot(inside, np.full(inside.size, place), ".", color=colour, markersize=size, alpha=0.8, markeredgewidth=0)
        for beyond, edge, marker in ((values < low, low, 4), (values > high, high, 5)):
            if beyond.any():
                outside = True
                ax.plot(edge, place, marker=marker, color=colour, markersize=3, markeredgewidth=0, clip_on=False)
    ax.set_xlim(low, high)
    ax.set_yticks(range(len(entries)), [style.plain(entry.label) for entry in reversed(entries)])
    ax.set_ylim(-0.6, len(entries) - 0.4)
    ax.tick_params(axis="y", length=0)
    style.light_grid(ax, "x")
    count = scores.groupby("method").size().max()
    fewer = f", n = {count}" if count < scenes else ""
    ax.set_title(f"{style.formula(metric)} ({style.direction(metric)}{fewer})")
    return outside


def _limits(metric: Metric, values: np.ndarray) -> tuple[float, float]:
    """What the panel shows: all values but the worst few, with a margin."""
    # Of a few values none is cut off: the quantile of any number of them leaves one outside.
    share = _CUT if values.size * _CUT >= 1 else 0
    worst = np.quantile(values, share if metric.direction == "larger" else 1 - share)
    kept = values[values >= worst] if metric.direction == "larger" else values[values <= worst]
    margin = 0.04 * (kept.max() - kept.min()) or 0.05
    low, high = kept.min() - margin, kept.max() + margin
    # Where next to nothing would be cut off, nothing is.
    if values.max() - values.min() < 1.5 * (high - low):
        low, high = min(low, values.min() - margin), max(high, values.max() + margin)
    return float(low), float(high)
