"""What aligning a stack changes: the fusion of the aligned images, and a crop of it without and with alignment."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator
from scipy.ndimage import uniform_filter

from imaging.levels import gray_real
from study.figures import panels, style
from study.figures.panels import Image, Window
from study.figures.style import PALETTE
from study.gacn.panel_rows import panel_rows
from study.gacn.stack_alignment import Alignment

#: Room of the axes' numbers and names around the plot, as shares of its panel: left, below.
_LEFT, _BELOW = 0.15, 0.12


def draw(alignment: Alignment, before: Image | None, after: Image | None, paths: Iterable[str | Path]) -> None:
    """Draw the comparison.

    Parameters
    ----------
    alignment : study.gacn.stack_alignment.Alignment
    before, after : numpy.ndarray or None
        Fused images without and with alignment, of one size; None where there is no comparison.
    paths : iterable of path-like
    """
    if before is None or after is None:
        return style.message(f"{alignment.label}: not aligned ({alignment.reason})", paths)
    window = most_different(before, after)
    rows, columns = window
    with style.drawing():
        whole = after.shape[0] / after.shape[1]
        crop = (rows.stop - rows.start) / (columns.stop - columns.start)
        figure, ((picture, drift), crops) = panel_rows([(2, whole), (2, crop)])
        panels.show(picture, after, "Fusion of the aligned images")
        panels.outline(picture, window, after.shape)
        left, bottom, width, height = drift.get_position().bounds
        drift.set_position(
            (left + _LEFT * width, bottom + _BELOW * height, (1 - _LEFT) * width * 0.98, (1 - _BELOW) * height)
        )
        drift.plot(
            alignment.images, alignment.magnification, "o-", color=PALETTE["blue"], markersize=3.5, linewidth=1.1
        )
        drift.ticklabel_format(axis="y", useOffset=False)
        drift.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
        drift.set_xlabel("number of the image", labelpad=1)
        drift.set_title("Magnification relative to image 1", fontsize=7, pad=2.5)
        style.light_grid(drift)
        for ax, image, words in zip(crops, (before, after), ("as they are", "aligned"), strict=True):
            panels.show(ax, image[window], f"Crop, images {words}")
        caption = (
            f"{alignment.label}, {alignment.scene}: {len(alignment.images)} of its images, fused by GACN as they are and after alignment "
            f"({alignment.model}). The outlined crop is the place where the two results differ most."
        )
        style.save(figure, paths, caption)


def most_different(first: Image, second: Image) -> Window:
    """Window of an eighth of the width, twice as wide as high where it fits, in which two images differ most in gray."""
    difference = np.abs(gray_real(first) - gray_real(second))
    side = min(*difference.shape, max(8, difference.shape[1] // 8))
    height, width = (side, 2 * side) if 2 * side <= difference.shape[1] else (side, side)
    mean = uniform_filter(
        difference, (height, width), origin=(-(height // 2) + 1 - height % 2, -(width // 2) + 1 - width % 2)
    )
    inner = mean[: difference.shape[0] - height + 1, : difference.shape[1] - width + 1]
    row, column = map(int, np.unravel_index(np.argmax(inner), inner.shape))
    return slice(row, row + height), slice(column, column + width)
