"""Losses and learning rate of a training, epoch by epoch."""

from collections.abc import Iterable
from pathlib import Path

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
        for ax, part in zip(axes, _PARTS, strict=False):
            _losses(ax, epochs, part)
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
        style.legend(figure, axes[0].get_legend_handles_labels()[0])
        caption = (
            f"Losses and learning rate of the training {name}, {len(epochs)} epochs; losses are on a logarithmic axis. Dotted line: epoch "
            f"{best['epoch']:.0f}, whose validation loss, {best['validation_total']:.4f}, is the lowest."
        )
        style.save(figure, paths, caption)


def _losses(ax: Axes, epochs: pd.DataFrame, part: str) -> None:
    """Draw one part of the loss: on a logarithmic axis, since the validation loss jumps at first by more than the training loss ever falls."""
    for kind, (colour, line, text) in _CURVES.items():
        values = epochs[f"{kind}_{part}"]
        ax.plot(epochs["epoch"], values, line, color=colour, linewidth=1.1, marker=".", markersize=3, label=text)
    ax.set_yscale("log")
    ax.set_title(_PARTS[part])
