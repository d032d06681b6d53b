"""Losses and learning rate of a training, epoch by epoch."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from study.figures import style
from study.figures.style import PALETTE

#: Training and held-out images: colour, line, name for people.
_CURVES = {
    "train": (PALETTE["blue"], "-", "training images"),
    "validation": (PALETTE["red"], "--", "held-out images"),
}
_PARTS = {"total": "total loss", "dice": "dice loss", "gradient": "gradient loss ($1 - Q_G$)"}


def draw(name: str, epochs: pd.DataFrame, paths: Iterable[str | Path], reason: str = "") -> None:
    """Total, dice and gradient loss of training and validation by epoch, and the learning rate.

    Parameters
    ----------
    name : str
        Name of the run.
    epochs : pandas.DataFrame
        Rows of its ``log.csv`` (`study.gacn.train_network.epochs`).
    paths : iterable of path-like
    reason : str
        Why there is nothing to draw.
    """
    if epochs.empty:
        return style.message(f"Training {name}: nothing to draw ({reason or 'no epoch is finished'})", paths)
    best = epochs.iloc[int(epochs["validation_total"].argmin())]
    with style.drawing():
        figure, axes = style.plots(4, 4.2, columns=2, sharex=True)
        outside = [_losses(ax, epochs, part) for ax, part in zip(axes, _PARTS, strict=False)]
        for ax in axes[:3]:
            ax.axvline(best["epoch"], color=PALETTE["gray"], linewidth=0.6, linestyle=":")
        axes[3].plot(epochs["epoch"], epochs["learning_rate"], color="#555555", linewidth=1.1)
        axes[3].set_title("learning rate")
        axes[3].ticklabel_format(axis="y", style="sci", scilimits=(0, 0), useMathText=True)
        for ax in axes:
            style.light_grid(ax)
            ax.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 2.5, 5, 10], integer=True))
        for ax in axes[2:]:
            ax.set_xlabel("epoch")
        figure.suptitle(
            f"Training {style.plain(name)}: {len(epochs)} epochs; lowest validation loss {best['validation_total']:.4f} in "
            f"epoch {best['epoch']:.0f} (dotted line)" + ("\ntriangles: beyond the axis" if any(outside) else "")
        )
        style.legend(figure, axes[0].get_legend_handles_labels()[0])
        style.save(figure, paths)


def _losses(ax: Axes, epochs: pd.DataFrame, part: str) -> bool:
    """Draw one part of the loss; whether some of its values lie beyond the axis."""
    top = _top(epochs[f"train_{part}"], epochs[f"validation_{part}"])
    outside = False
    for kind, (colour, line, text) in _CURVES.items():
        values = epochs[f"{kind}_{part}"]
        inside = values.where(values <= top)
        ax.plot(epochs["epoch"], inside, line, color=colour, linewidth=1.1, marker=".", markersize=3, label=text)
        beyond = epochs["epoch"][values > top]
        ax.plot(beyond, np.full(len(beyond), top), "^", color=colour, markersize=3)
        outside |= bool(len(beyond))
    ax.set_title(_PARTS[part])
    return outside


def _top(training: pd.Series, validation: pd.Series) -> float:
    """Upper end of the axis: jumps of the validation loss beyond twice the range of the training loss must not flatten all else."""
    everything = pd.concat([training, validation])
    return min(everything.max(), max(2 * training.max() - training.min(), everything.median()))
