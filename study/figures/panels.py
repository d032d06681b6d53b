"""Pieces of figures that show images: panels in a grid, an image in a panel, outline and crop, difference, tiles.

Images are float32, H x W or H x W x 3, in [0, 1]; a window is the pair of slices (rows, columns) that cuts a part out of one.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter
from skimage.transform import resize

from files.errors import InputError
from imaging.levels import gray_real, to_uint8
from study.figures.style import RESOLUTION, WIDTH, plain, plt

Image = NDArray[np.floating[Any]]
Window = tuple[slice, slice]

#: Distance between panels and height of a panel's title, in inches.
GAP, TITLE = 0.05, 0.16
#: Room below all panels for `colour_bar`, in inches.
COLOUR_BAR = 0.42
#: Gray levels (0..255) of difference that reach white or black.
GAIN = 25
#: What to say of a difference image.
DIFFERENCE_KEY = f"gray = equal, white and black = ±{GAIN} levels"
#: Pixels of an image for one of print, above which it is made smaller: large photographs would make files of hundreds of megabytes.
_DENSEST = 3
#: Outline of a window: light in dark, so that it shows on any image and in gray print. Colour and width in points.
_OUTLINE = (("black", 2.0), ("white", 0.9))
#: Side of the window that `window_of` looks for, as a share of the longer side of the image.
_SHARE = 0.16
#: Contrast of equal images in a difference image.
_EQUAL = 0.5


class Images(Protocol):
    """Several images of one size; a stack of the benchmark reads each of them only when it is asked for."""

    def __len__(self) -> int: ...

    def __getitem__(self, number: int, /) -> Image: ...


class Place(NamedTuple):
    """Where an image stands within an axes, in its data coordinates: left, top, width, height."""

    left: float
    top: float
    width: float
    height: float


def grid(
    rows: int, columns: int, ratio: float, left: float = 0.0, foot: float = 0.0
) -> tuple[Figure, list[list[Axes]]]:
    """A figure of the printed width with equal panels, each below the room of its title.

    Parameters
    ----------
    rows, columns : int
    ratio : float
        Height of a panel divided by its width.
    left, foot : float
        Room left of all panels and below them, in inches.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : list of list of matplotlib.axes.Axes
        By row and column; switched off until something is shown in them.
    """
    width = (WIDTH - left - (columns - 1) * GAP) / columns
    cell = width * ratio + TITLE + GAP
    height = rows * cell + foot
    figure = plt.figure(figsize=(WIDTH, height))

    def panel(row: int, column: int) -> Axes:
        bottom = height - (row + 1) * cell + GAP
        corner = ((left + column * (width + GAP)) / WIDTH, bottom / height)
        ax = figure.add_axes((*corner, width / WIDTH, width * ratio / height))
        ax.set_axis_off()
        return ax

    axes = [[panel(row, column) for column in range(columns)] for row in range(rows)]
    return figure, axes


def show(ax: Axes, image: Image, title: str = "", size: float = 7) -> AxesImage:
    """Show an image in a panel with its own pixels, in a thin frame; only one of far more than print can show is made smaller.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    image : numpy.ndarray
    title : str
        Set smaller than `size` (points) where it would be wider than the panel.
    """
    inches = _inches(ax)
    scale = _DENSEST * inches * RESOLUTION / max(image.shape[1], 1)
    if scale < 1:
        image = resized(image, (max(1, round(image.shape[0] * scale)), max(1, round(image.shape[1] * scale))))
    drawn = ax.imshow(to_uint8(np.clip(image, 0, 1)), cmap="gray", vmin=0, vmax=255, interpolation="none")
    _frame(ax, title, size, inches)
    return drawn


def show_numbers(
    ax: Axes, numbers: NDArray[np.integer[Any]], count: int, title: str = "", size: float = 7
) -> AxesImage:
    """Show an index map: at every pixel the number (from 0) of the image that was taken of `count`; counted from 1 in the colour bar.

    Returns
    -------
    matplotlib.image.AxesImage
        To make the colour bar of.
    """
    inches = _inches(ax)
    # Nearest pixels: numbers of images must not be averaged.
    step = max(1, round(numbers.shape[1] / (inches * RESOLUTION)))
    norm = BoundaryNorm(np.arange(0.5, count + 1), 256)
    drawn = ax.imshow(numbers[::step, ::step] + 1, cmap="cividis", norm=norm, interpolation="nearest")
    _frame(ax, title, size, inches)
    return drawn


def colour_bar(figure: Figure, drawn: AxesImage, count: int) -> None:
    """The colours of `show_numbers` for a stack of `count` images, in the room of `COLOUR_BAR` inches below all panels."""
    height = figure.get_figheight()
    place = figure.add_axes((0.2, 0.29 / height, 0.6, 0.09 / height))
    ticks = [number + 1 for number in picked(count, 9)]
    bar = figure.colorbar(drawn, cax=place, orientation="horizontal", ticks=ticks)
    bar.ax.minorticks_off()
    bar.ax.tick_params(pad=1)
    bar.set_label("number of the image", labelpad=0)


def _inches(ax: Axes) -> float:
    return float(ax.get_window_extent().width / ax.figure.dpi)


def _frame(ax: Axes, title: str, size: float, inches: float) -> None:
    ax.set_axis_on()
    ax.set(xticks=[], yticks=[])
    for side in ax.spines.values():
        side.set(visible=True, linewidth=0.4, color="#444444")
    # Long labels of neighbours must not meet: about 1.85 characters of a size go into its height.
    ax.set_title(plain(title), fontsize=min(size, inches * 72 * 1.85 / max(len(title), 1)), pad=2.5)


def outline(ax: Axes, window: Window, shape: Sequence[int], place: Place | None = None) -> None:
    """Outline a window on the panel of a whole image.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    window : tuple of slice
    shape : sequence of int
        Height and width of the image that the window cuts.
    place : Place, optional
        Where that image stands in the axes; by default it is what `show` showed there.
    """
    if place is None:
        left, right, bottom, top = ax.images[0].get_extent()
        place = Place(left, top, right - left, bottom - top)
    rows, columns = window
    y, x = place.height / shape[0], place.width / shape[1]
    corner = (place.left + columns.start * x, place.top + rows.start * y)
    for colour, line in _OUTLINE:
        box = plt.Rectangle(
            corner,
            (columns.stop - columns.start) * x,
            (rows.stop - rows.start) * y,
            fill=False,
            edgecolor=colour,
            linewidth=line,
        )
        ax.add_patch(box)


def picked(count: int, most: int) -> list[int]:
    """Numbers (from 0) of at most `most` images of a stack: the first, the last, and some between at equal distances."""
    return sorted({round(number) for number in np.linspace(0, count - 1, min(most, count))})


def window_of(images: Images, given: Sequence[int] = ()) -> Window:
    """The part of a scene that figures enlarge: as configured, else a square across the border of focus.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        Sources of one size.
    given : sequence of int
        Row, column and side in pixels; empty to look for one.

    Returns
    -------
    tuple of slice
        Rows and columns of a square window.

    Raises
    ------
    files.errors.InputError
        The configured window leaves the image.
    """
    height, width = images[0].shape[:2]
    if not given:
        return _border_of_focus(gray_real(images[0]), gray_real(images[len(images) - 1]))
    row, column, side = given
    if side < 2 or row + side > height or column + side > width:
        raise InputError(f"window {list(given)} does not fit into an image of {width} x {height} pixels")
    return slice(row, row + side), slice(column, column + side)


def _border_of_focus(first: Image, last: Image) -> Window:
    height, width = first.shape
    side = min(height, width, max(8, round(_SHARE * max(height, width))))
    energy = [uniform_filter((g - uniform_filter(g, 5)) ** 2, side) for g in (first, last)]
    # High where both focus states have their share of detail: a window across the border of focus.
    score = np.minimum(*energy) + 0.05 * np.maximum(*energy)
    half = side // 2
    inner = score[half : height - side + half + 1, half : width - side + half + 1]
    row, column = map(int, np.unravel_index(np.argmax(inner), inner.shape))
    return slice(row, row + side), slice(column, column + side)


def difference(image: Image, other: Image) -> Image:
    """Difference of two images in gray, to be shown: see `DIFFERENCE_KEY` (float64, H x W, [0, 1])."""
    return np.clip(_EQUAL + (gray_real(image) - gray_real(other)) * 255 / (2 * GAIN), 0, 1)


def resized(image: Image, shape: Sequence[int]) -> Image:
    """The image in another size (height, width): smoothed where it shrinks, in plain pixels where it grows."""
    if tuple(shape) == image.shape[:2]:
        return np.clip(image, 0, 1)
    smaller = shape[0] < image.shape[0]
    return np.clip(resize(image, tuple(shape), order=int(smaller), anti_aliasing=smaller), 0, 1)


def square(image: Image) -> Image:
    """The image in the middle of a white square (float32)."""
    side = max(image.shape[:2])
    top, left = square_offset(image)
    canvas = np.ones((side, side, *image.shape[2:]), np.float32)
    canvas[top : top + image.shape[0], left : left + image.shape[1]] = image
    return canvas


def square_offset(image: Image) -> tuple[int, int]:
    """Row and column of the image's first pixel in `square`."""
    side = max(image.shape[:2])
    return (side - image.shape[0]) // 2, (side - image.shape[1]) // 2


def shifted(window: Window, offset: tuple[int, int]) -> Window:
    """A window of an image that was moved down and to the right by `offset` pixels."""
    (rows, columns), (down, right) = window, offset
    return slice(rows.start + down, rows.stop + down), slice(columns.start + right, columns.stop + right)


def tile(image: Image, side: int) -> NDArray[np.float32]:
    """The image as large as it goes into a white square of that side, in colour (float32, side x side x 3)."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    small = square(resized(image, (max(1, round(height * scale)), max(1, round(width * scale)))))
    colour = small if small.ndim == 3 else np.repeat(small[..., None], 3, axis=2)
    return colour.astype(np.float32)
