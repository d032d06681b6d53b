"""Comparison sheets: per scene the sources, every method's result, an enlarged crop and a difference image."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imaging.files import read_image
from study.entries import Entry
from study.figures import panels, style
from study.figures.panels import Image, Images, Place, Window
from study.figures.stored import row_of
from study.run import sources
from study.store import DatasetFacts, Results

#: Side of a tile in pixels of the sheet, methods per row, sources shown of a long stack.
_TILE, _PER_ROW, _SOURCES = 150, 3, 3
#: Distance between tiles and room for a label above them, in pixels of the sheet.
_GAP, _HEAD = 6, 26
#: Points of type times characters that a block's label has room for.
_LABEL = 300.0


class Block(NamedTuple):
    """Tiles of one source or method, side by side below its name."""

    label: str
    tiles: list[NDArray[np.float32]]


def draw_all(results: Results, facts: DatasetFacts, entries: Sequence[Entry]) -> list[str]:
    """Draw the sheets of a data set as PNG and PDF.

    Parameters
    ----------
    results : study.store.Results
    facts : study.store.DatasetFacts
    entries : sequence of study.entries.Entry

    Returns
    -------
    list of str
        Names of the scenes drawn: those with at least one result.
    """
    if facts.status != "ok":
        return []
    dataset = sources.load(facts)
    ended = [(entry.label, results.read_fused(facts.dataset, entry.name)) for entry in entries]
    drawn = []
    for scene in facts.usable:
        rows = [(label, row_of(found, scene.name)) for label, found in ended]
        done = [(label, row) for label, row in rows if row is not None and row.status == "ok"]
        if not done:
            continue
        # One image after the other: all results of a large scene do not fit into memory at once.
        images = ((label, read_image(results.image(row.dataset, row.method, row.scene))) for label, row in done)
        title = f"{facts.label}, {scene.name}: result, enlarged crop, difference to the last source"
        paths = [results.figure(f"sheets/{scene.name}{ending}", facts.dataset) for ending in (".png", ".pdf", ".txt")]
        draw(title, dataset.scene(scene.name).sources, images, paths)
        drawn.append(scene.name)
    return drawn


def draw(title: str, images: Images, fused: Iterable[tuple[str, Image]], paths: Iterable[str | Path]) -> None:
    """Draw one sheet.

    Parameters
    ----------
    title : str
    images : sequence of numpy.ndarray
        The sources; some of a long stack are shown.
    fused : iterable of (str, numpy.ndarray)
        Label and fused image, in table order.
    paths : iterable of path-like
    """
    window = panels.window_of(images)
    last = images[len(images) - 1]
    shown = panels.picked(len(images), _SOURCES)
    above = [Block(f"Source {k + 1}", _tiles(images[k], images[k][window])) for k in shown]
    below = [Block(label, _tiles(image, image[window], panels.difference(image, last))) for label, image in fused]
    caption = f"{title} ({panels.DIFFERENCE_KEY})."
    _compose(caption, above, below, window, last.shape, paths)


def _tiles(*images: Image) -> list[NDArray[np.float32]]:
    return [panels.tile(image, _TILE) for image in images]


def _compose(
    caption: str,
    above: Sequence[Block],
    below: Sequence[Block],
    window: Window,
    shape: Sequence[int],
    paths: Iterable[str | Path],
) -> None:
    """Put blocks on one sheet, the sources in rows of their own with the outline of the crop."""
    width = 3 * _TILE + 4 * _GAP
    rows = [part[k : k + _PER_ROW] for part in (above, below) for k in range(0, len(part), _PER_ROW)]
    canvas = np.ones((len(rows) * (_TILE + _HEAD + _GAP), _PER_ROW * width, 3), np.float32)
    corners = []
    for number, row in enumerate(rows):
        top = number * (_TILE + _HEAD + _GAP) + _HEAD
        for place, block in enumerate(row):
            left = place * width
            corners.append((left, top, block.label))
            for step, tile in enumerate(block.tiles):
                start = left + step * (_TILE + _GAP)
                canvas[top : top + _TILE, start : start + _TILE] = tile
    with style.drawing():
        inches = canvas.shape[0] * style.WIDTH / canvas.shape[1]
        figure = style.plt.figure(figsize=(style.WIDTH, inches))
        ax = figure.add_axes((0, 0, 1, 1))
        ax.imshow(canvas, interpolation="none", aspect="auto")
        ax.set_axis_off()
        for left, top, label in corners:
            # A long label must not meet that of the next block.
            size = min(6.5, _LABEL / max(len(label), 1))
            ax.text(left, top - 4, style.plain(label), fontsize=size, va="bottom")
        side = max(shape[:2])
        high, wide = shape[0] / side * _TILE, shape[1] / side * _TILE
        for left, top, _ in corners[: len(above)]:
            inside = Place(left + (_TILE - wide) / 2 - 0.5, top + (_TILE - high) / 2 - 0.5, wide, high)
            panels.outline(ax, window, shape, inside)
        style.save(figure, paths, caption)
