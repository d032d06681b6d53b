"""Comparison sheets: per scene the sources, every method's result, an enlarged crop and a difference image."""

from pathlib import Path

import numpy as np
from scipy.ndimage import uniform_filter
from skimage.transform import resize

from imaging.files import read_image
from imaging.levels import gray_real
from study.figures import style as figures
from study.run.sources import load_described

#: Side of a tile in pixels of the sheet, methods per row, share of the image side that the crop shows.
TILE, PER_ROW, CROP = 150, 3, 0.16

#: Height of the title in inches.
TITLE = 0.16

#: Grey levels (0..1) of difference that reach full contrast in the difference tile.
GAIN = 0.10


def find_crop(sources):
    """The window where the sources differ most, which is where the choice of focus shows.

    Parameters
    ----------
    sources : sequence of numpy.ndarray
        float32, H x W or H x W x 3, [0, 1].

    Returns
    -------
    tuple of slice
        Rows and columns of a square window.
    """
    first, last = gray_real(sources[0]), gray_real(sources[len(sources) - 1])
    height, width = first.shape
    side = max(8, min(height, width, round(CROP * max(height, width))))
    side = min(side, height, width)
    energy = [uniform_filter((g - uniform_filter(g, 5)) ** 2, side) for g in (first, last)]
    # High where both focus states have their share of detail: a window across the border of focus.
    score = np.minimum(*energy) + 0.05 * np.maximum(*energy)
    half = side // 2
    inner = score[half : height - side + half + 1, half : width - side + half + 1]
    row, column = np.unravel_index(np.argmax(inner), inner.shape)
    return slice(row, row + side), slice(column, column + side)


def _tile(image, box):
    height, width = image.shape[:2]
    scale = min(box / height, box / width)
    shape = (max(1, round(height * scale)), max(1, round(width * scale)))
    small = resize(image, shape, order=1 if scale < 1 else 0, anti_aliasing=scale < 1)
    canvas = np.ones((box, box, 3))
    if small.ndim == 2:
        small = small[..., None]
    top, left = (box - shape[0]) // 2, (box - shape[1]) // 2
    canvas[top : top + shape[0], left : left + shape[1]] = np.clip(small, 0, 1)
    return canvas


def framed(image, crop):
    """The image with the crop's outline."""
    shown = np.repeat(image[..., None], 3, axis=2) if image.ndim == 2 else image.copy()
    thick = max(1, round(max(image.shape[:2]) / 150))
    rows, columns = crop
    for band in (slice(rows.start, rows.start + thick), slice(rows.stop - thick, rows.stop)):
        shown[band, columns] = (1, 0.1, 0.1)
    for band in (slice(columns.start, columns.start + thick), slice(columns.stop - thick, columns.stop)):
        shown[rows, band] = (1, 0.1, 0.1)
    return shown


def draw(title, sources, results, paths):
    """Draw one sheet.

    Parameters
    ----------
    title : str
    sources : sequence of numpy.ndarray
        The sources; of a long stack four are shown.
    results : list of (str, numpy.ndarray)
        Label and fused image, in table order.
    paths : list of path-like
    """
    crop = find_crop(sources)
    last = gray_real(sources[len(sources) - 1])
    shown = sorted({round(k) for k in np.linspace(0, len(sources) - 1, min(4, len(sources)))})
    blocks = [
        (f"Source {k + 1}", [_tile(framed(sources[k], crop), TILE), _tile(sources[k][crop], TILE)]) for k in shown
    ]
    for label, image in results:
        difference = np.clip(0.5 + (gray_real(image) - last) / (2 * GAIN), 0, 1)
        blocks.append((label, [_tile(image, TILE), _tile(image[crop], TILE), _tile(difference, TILE)]))
    _compose(title, blocks, len(shown), paths)


def _compose(title, blocks, sources, paths):
    gap, head = 6, 16
    block_width = 3 * TILE + 4 * gap
    # The sources stand in rows of their own.
    parts = (blocks[:sources], blocks[sources:])
    rows = [part[i : i + PER_ROW] for part in parts for i in range(0, len(part), PER_ROW)]
    canvas = np.ones((len(rows) * (TILE + head + gap), PER_ROW * block_width, 3))
    labels = []
    for number, row in enumerate(rows):
        top = number * (TILE + head + gap) + head
        for place, (label, tiles) in enumerate(row):
            left = place * block_width
            labels.append((left, top - 4, label))
            for step, tile in enumerate(tiles):
                start = left + step * (TILE + gap)
                canvas[top : top + TILE, start : start + TILE] = tile
    plt = figures.plt
    with plt.rc_context(figures._RC):
        scale = figures.WIDTH / canvas.shape[1]
        figure = plt.figure(figsize=(figures.WIDTH, canvas.shape[0] * scale + TITLE))
        height = canvas.shape[0] * scale / (canvas.shape[0] * scale + TITLE)
        ax = figure.add_axes((0, 0, 1, height))
        ax.imshow(canvas, interpolation="none", aspect="auto")
        ax.set_axis_off()
        for x, y, label in labels:
            ax.text(x, y, label, fontsize=5.2, va="bottom")
        figure.text(0.005, 0.995, title, va="top", fontsize=7)
        figures.save(figure, paths)


def draw_set(described, entries, statuses, fused, output, folder=None):
    """Draw the sheets of a data set.

    Parameters
    ----------
    described : dict
        From `study.run.sources.collect`.
    entries : list of study.config.Entry
    statuses : list of list of dict
        Status rows of every entry, in the same order.
    fused : path-like
        Folder that holds one folder of fused images per method.
    output : path-like
        Folder for ``SCENE.png`` and ``SCENE.pdf``.
    folder : path-like, optional

    Returns
    -------
    list of str
        Names of the scenes drawn.
    """
    if described["status"] != "ok":
        return []
    usable = [s["name"] for s in described["scenes"] if s["status"] == "ok"]
    loaded = {s.name: s for s in load_described(described, folder).scenes}
    drawn = []
    for name in usable:
        results = []
        for entry, rows in zip(entries, statuses, strict=True):
            if any(r["scene"] == name and r["status"] == "ok" for r in rows):
                results.append((entry.label, read_image(Path(fused) / entry.name / f"{name}.png")))
        if results:
            title = (
                f"{described['label']}, {name}: result, enlarged crop, difference to the last source "
                f"(gray = equal, white/black = ±{GAIN * 255:.0f} levels)"
            )
            draw(title, loaded[name].sources, results, [Path(output) / f"{name}{end}" for end in (".png", ".pdf")])
            drawn.append(name)
    return drawn
