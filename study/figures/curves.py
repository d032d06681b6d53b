"""Per-scene curves of the metrics: one panel per metric, one line per method."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

import metrics
from metrics import Metric
from study.entries import Entry
from study.figures import style
from study.figures.style import PALETTE
from study.store import About

#: How many methods are drawn in colour besides the proposed ones.
BEST = 4
#: Colour, line and marker of the highlighted methods, so that they are told apart in gray print.
_LINES = tuple(zip(("blue", "green", "orange", "pink"), ("-", "--", "-.", ":"), "sD^v", strict=True))
#: Line, width and marker size of the proposed method, and of its variants, which lie over it in black.
_PROPOSED = (("-", 1.5, 4.5), ("--", 0.7, 2.2), (":", 0.9, 2.2), ("-.", 0.7, 2.2))
#: Share of the gray lines' values that a panel may cut off at its worse end.
_CUT = 0.05

#: Metric -> values (scenes x methods, NaN where there is none).
Values = Mapping[str, pd.DataFrame]


def leaders(entries: Iterable[Entry], values: Values, count: int = BEST) -> list[str]:
    """The methods of best mean rank over the six metrics, without controls and the proposed ones.

    Parameters
    ----------
    entries : iterable of study.entries.Entry
    values : mapping
        Metric -> data frame of values, scenes x methods.
    count : int

    Returns
    -------
    list of str
        Names, the best first.
    """
    names = [e.name for e in entries if e.kind not in ("control", "proposed")]
    ranks = pd.DataFrame(index=names)
    for metric in (m for m in metrics.SIX if m in values):
        means = values[metric].reindex(columns=names).mean()
        larger = metrics.registry.get(metric).direction == "larger"
        ranks[metric] = means.rank(method="first", ascending=not larger)
    return list(ranks.mean(axis=1).dropna().sort_values(kind="stable").index[:count])


def draw(about: About, tidy: pd.DataFrame, paths: Iterable[str | Path]) -> None:
    """Draw curves of every metric over the scenes of a data set; controls are left out.

    Parameters
    ----------
    about : study.store.About
    tidy : pandas.DataFrame
        Scores of the data set (`study.store.Results.read_tidy`).
    paths : iterable of path-like
    """
    good = tidy[(tidy["status"] == "ok") & np.isfinite(tidy["value"])]
    scenes = sorted(good["scene"].unique())
    shown = [e for e in about.entries if not e.is_control and (good["method"] == e.name).any()]
    present = set(good.loc[good["method"].isin([e.name for e in shown]), "metric"])
    chosen = [m for m in metrics.SIX if m in present] + sorted(present - set(metrics.SIX))
    if not chosen or len(scenes) < 2:
        return style.message(f"{about.label}: curves need scores of two scenes or more", paths)
    values = {
        metric: good[good["metric"] == metric]
        .pivot(index="scene", columns="method", values="value")
        .reindex(index=scenes, columns=[e.name for e in shown])
        for metric in chosen
    }
    best = leaders(shown, values)
    with style.drawing():
        figure, axes = style.plots(len(chosen), 1.55 * -(-len(chosen) // 3) + 0.7)
        for ax, metric in zip(axes, chosen, strict=True):
            _panel(ax, metrics.registry.get(metric), shown, best, values[metric])
        figure.suptitle(f"{style.plain(about.label)}: every scene, {len(shown)} methods")
        style.legend(figure, axes[0].get_legend_handles_labels()[0])
        style.save(figure, paths)


def _panel(ax: Axes, metric: Metric, entries: Sequence[Entry], best: Sequence[str], values: pd.DataFrame) -> None:
    by_name = {entry.name: entry for entry in entries}
    places = np.arange(1, len(values) + 1)
    others = [e.name for e in entries if e.kind != "proposed" and e.name not in best]
    for number, name in enumerate(others):
        label = "other methods" if number == 0 else None
        ax.plot(places, values[name], color="#c8c8c8", linewidth=0.5, zorder=1, label=label)
    drawn = []
    for name, (colour, line, marker) in zip(best, _LINES, strict=False):
        drawn.append((by_name[name], PALETTE[colour], line, marker, 0.9, 2.2))
    colour, marker = style.STYLE["proposed"]
    proposed = [entry for entry in entries if entry.kind == "proposed"]
    for entry, (line, width, size) in zip(proposed, itertools.cycle(_PROPOSED), strict=False):
        drawn.append((entry, colour, line, marker, width, size))
        colour = "black"
    for entry, colour, line, marker, width, size in drawn:
        ax.plot(
            places,
            values[entry.name],
            line,
            color=colour,
            marker=marker,
            markersize=size,
            linewidth=width,
            markeredgewidth=0,
            zorder=3,
            label=style.plain(entry.label),
        )
    coloured = values[[entry.name for entry, *_ in drawn]].to_numpy()
    _limit(ax, metric.direction, values[others].to_numpy(), coloured)
    names = short(list(values.index))
    step = -(-len(names) // 10)
    shown = list(map(style.plain, names[::step]))
    ax.set_xticks(places[::step], shown, rotation=0 if max(map(len, names)) < 4 else 30)
    style.light_grid(ax, "y")
    ax.set_title(f"${metric.latex}$" + ("" if metric.direction == "larger" else "  (smaller is better)"))


def _limit(ax: Axes, direction: str, others: NDArray[np.float64], coloured: NDArray[np.float64]) -> None:
    """Cut off the worst few values of the gray lines, which would flatten all others; never a coloured line."""
    gray, kept = others[np.isfinite(others)], coloured[np.isfinite(coloured)]
    if not gray.size:
        return
    worse = np.quantile(gray, _CUT if direction == "larger" else 1 - _CUT)
    gray = gray[gray >= worse] if direction == "larger" else gray[gray <= worse]
    low, high = min([*gray, *kept]), max([*gray, *kept])
    margin = 0.05 * (high - low) or 0.05
    ax.set_ylim(low - margin, high + margin)


def short(names: Sequence[str]) -> list[str]:
    """Scene names without what they have in common at the start."""
    first, last = min(names), max(names)
    start = next((k for k, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    return [name[start:] or name for name in names]
