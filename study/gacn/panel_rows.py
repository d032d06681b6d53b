"""Rows of image panels of different size: a row of many small ones above a row of few large ones."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from study.figures.panels import GAP, TITLE
from study.figures.style import WIDTH, plt


def panel_rows(rows: Sequence[tuple[int, float]], foot: float = 0.0) -> tuple[Figure, list[list[Axes]]]:
    """A figure of the printed width with rows of panels, each below the room of its title.

    Parameters
    ----------
    rows : sequence of (int, float)
        Number of panels in a row, and height of each divided by its width.
    foot : float
        Room below all panels, in inches.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : list of list of matplotlib.axes.Axes
        By row.
    """
    widths = [(WIDTH - (count - 1) * GAP) / count for count, _ in rows]
    heights = [width * ratio for width, (_, ratio) in zip(widths, rows, strict=True)]
    whole = sum(heights) + len(rows) * (TITLE + GAP) + foot
    figure = plt.figure(figsize=(WIDTH, whole))
    bottom = whole
    axes = []
    for (count, _), width, height in zip(rows, widths, heights, strict=True):
        bottom -= TITLE + height
        lefts = [number * (width + GAP) for number in range(count)]
        places = [(left / WIDTH, bottom / whole, width / WIDTH, height / whole) for left in lefts]
        axes.append([figure.add_axes(place) for place in places])
        bottom -= GAP
    return figure, axes
