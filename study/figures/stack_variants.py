"""What disturbs the fusion of a stack (noise, flicker, breathing, ...), and how much is lost with the number of images."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

import metrics
from study.figures import style
from study.tables import stacks_table

#: Colours of methods that take all images at once, and of folded ones for pairs, and their places beside a tick.
_WAYS = {"native": (style.PALETTE["blue"], -0.16), "folded": (style.PALETTE["orange"], 0.16)}


def draw(frame: pd.DataFrame, paths: Iterable[str | Path]) -> None:
    """Draw the change by every disturbance, and the distance to the selection bound against the number of images; without controls.

    Parameters
    ----------
    frame : pandas.DataFrame
        From `study.tables.stacks_table.read`.
    paths : iterable of path-like
    """
    changes = stacks_table.variants(frame)
    changes = changes[changes["kind"] != "control"]
    lost = stacks_table.to_bound(frame)
    lost = lost[lost["kind"] != "control"].dropna(subset=["lost"])
    if changes.empty and lost.empty:
        return style.message("No stack with truth was fused in several variants or together with best_source", paths)
    metric = metrics.registry.get(stacks_table.LEADING)
    with style.drawing():
        figure, axes = style.plots(2 - changes.empty - lost.empty, 2.9, columns=2)
        parts = []
        if not changes.empty:
            _changes(axes[0], changes)
            axes[0].set_ylabel(f"change of {metric.label} [dB]")
            parts.append(
                f"{metric.label} of a disturbed stack minus that of the undisturbed one, a dot per method; bars: medians."
            )
        if not lost.empty:
            _lost(axes[-1], lost)
            axes[-1].set_ylabel(f"{metric.label} below the selection bound [dB]")
            parts.append(
                f"{metric.label} below that of the source nearest to the truth at every pixel (best_source), a dot per stack "
                "(mean over the methods)."
            )
        handles = [
            axes[0].plot([], [], "o", color=colour, markersize=4, label=way)[0] for way, (colour, _) in _WAYS.items()
        ]
        style.legend(figure, handles)
        style.save(figure, paths, _caption(parts))


def _caption(parts: Sequence[str]) -> str:
    sides = ("Left: ", "Right: ") if len(parts) > 1 else ("",)
    shown = " ".join(f"{side}{part}" for side, part in zip(sides, parts, strict=True))
    return f"{shown} Native methods take all images at once, folded ones are methods for pairs. Controls are left out."


def _changes(ax: Axes, changes: pd.DataFrame) -> None:
    found = list(changes.groupby(["base", "disturbance"], sort=False))
    for place, (_, rows) in enumerate(found):
        for way, (colour, shift) in _WAYS.items():
            values = rows.loc[rows["way"] == way, "difference"].sort_values().to_numpy()
            if len(values):
                spread = np.linspace(-0.1, 0.1, len(values)) if len(values) > 1 else [0.0]
                ax.plot(place + shift + np.asarray(spread), values, "o", color=colour, markersize=2, alpha=0.7)
                ax.hlines(
                    np.median(values),
                    place + shift - 0.14,
                    place + shift + 0.14,
                    color="black",
                    linewidth=1.2,
                    zorder=3,
                )
    names = [style.plain(f"{base}\n{disturbance}".replace("_", " ")) for (base, disturbance), _ in found]
    # Upright: a turned label of two lines reads as two labels.
    ax.set_xticks(range(len(names)), names, fontsize=6)
    ax.axhline(0, color="black", linewidth=0.6)
    style.light_grid(ax, "y")


def _lost(ax: Axes, lost: pd.DataFrame) -> None:
    for way, (colour, _) in _WAYS.items():
        means = lost[lost["way"] == way].groupby(["dataset", "scene", "images"])["lost"].mean().reset_index()
        ax.plot(means["images"], means["lost"], "o", color=colour, markersize=4, alpha=0.8)
    ax.set_xscale("log", base=2)
    counts = sorted(set(lost["images"]))
    ax.set_xticks(counts, list(map(str, counts)))
    ax.minorticks_off()
    ax.set_xlabel("number of images")
    style.light_grid(ax, "y")
