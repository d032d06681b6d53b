"""Figures that compare stored images of one scene: decision maps, enlarged crops, galleries."""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from skimage.transform import resize

import scenes
from files.errors import InputError
from imaging.files import read_image
from imaging.levels import gray_real
from study.figures import style as figures
from study.figures.sheets import find_crop

log = logging.getLogger(__name__)

#: Resolution of images inside figures, in pixels per inch of print.
RESOLUTION = 200
#: Grey levels of difference that reach white or black.
GAIN = 25
#: Distance between panels and height of a panel's title, in inches.
GAP, TITLE = 0.05, 0.16
#: Colours of the frame of the enlarged crop: light in dark, so that it shows on any image and in gray.
FRAME = ("white", "black")


@dataclass(frozen=True)
class Result:
    """What a method left of one scene.

    Parameters
    ----------
    label : str
    image : numpy.ndarray
        float32, H x W or H x W x 3, [0, 1].
    chosen, initial : numpy.ndarray or None
        Decision or index map, and the decision map before post-processing: float32, H x W, [0, 1].
    """

    label: str
    image: np.ndarray
    chosen: np.ndarray | None = None
    initial: np.ndarray | None = None


def load(scene, entries, statuses, fused):
    """Stored results of a scene.

    Parameters
    ----------
    scene : str
    entries : list of study.config.Entry
    statuses : list of list of dict
        Status rows of every entry, in the same order.
    fused : path-like
        Folder with one folder of fused images per method.

    Returns
    -------
    results : list of Result
    missing : list of str
        "label (reason)" of the methods without a result.
    """
    results, missing = [], []
    for entry, rows in zip(entries, statuses, strict=True):
        row = next((r for r in rows if r["scene"] in (scene, "")), None)
        if row is None or row["status"] != "ok":
            missing.append(f"{entry.label} ({row['reason'] if row else 'no result'})")
            continue
        folder = Path(fused) / entry.name
        found = {"image": read_image(folder / f"{scene}.png")}
        if row["map"]:
            found["chosen"] = read_image(folder / f"{scene}.map.png")
            if row["map"] == "index":
                found["chosen"] = found["chosen"] / max(float(found["chosen"].max()), 1 / 255)
        if (folder / f"{scene}.initial.png").is_file() and row["map"] == "decision":
            found["initial"] = read_image(folder / f"{scene}.initial.png")
        results.append(Result(entry.label, **found))
    for text in missing:
        log.warning("%s: not drawn: %s", scene, text)
    return results, missing


def sources(dataset, scene, folder=None):
    """Source images of a scene; of a long stack the first and the last."""
    images = scenes.load(dataset, folder=folder).scene(scene).sources
    return [images[0], images[len(images) - 1]]


def _grid(rows, columns, ratio, left=0.0, foot=0.0):
    """Figure with a grid of equal panels for images of the given height / width, each below its title."""
    width = (figures.WIDTH - left - (columns - 1) * GAP) / columns
    cell = width * ratio + TITLE + GAP
    height = rows * cell + foot
    figure = figures.plt.figure(figsize=(figures.WIDTH, height))
    axes = np.empty((rows, columns), object)
    for r, c in np.ndindex(rows, columns):
        bottom = height - (r + 1) * cell + GAP
        place = ((left + c * (width + GAP)) / figures.WIDTH, bottom / height)
        axes[r, c] = figure.add_axes((*place, width / figures.WIDTH, width * ratio / height))
        axes[r, c].set_axis_off()
    return figure, axes


def _show(ax, image, title="", size=7):
    """Draw an image at the resolution of print, framed by a thin line."""
    inches = ax.get_position().width * figures.WIDTH
    scale = inches * RESOLUTION / image.shape[1]
    shape = (max(1, round(image.shape[0] * scale)), max(1, round(image.shape[1] * scale)))
    if scale != 1:
        image = resize(image, shape, order=1 if scale < 1 else 0, anti_aliasing=scale < 1)
    levels = np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)
    ax.imshow(levels, cmap="gray", vmin=0, vmax=255, interpolation="none", aspect="auto")
    ax.set_axis_on()
    ax.set(xticks=[], yticks=[])
    for side in ax.spines.values():
        side.set(visible=True, linewidth=0.4, color="#444444")
    # Long labels of neighbours must not meet: about 1.9 characters of a size go into its height.
    ax.set_title(title, fontsize=min(size, inches * 72 * 1.85 / max(len(title), 1)), pad=2.5)


def _frame(ax, window, shape):
    """Outline of the crop on the panel of a whole image."""
    rows, columns = window
    high, wide = ax.images[0].get_array().shape[:2]
    y, x = high / shape[0], wide / shape[1]
    box = ((columns.start * x, rows.start * y), (columns.stop - columns.start) * x, (rows.stop - rows.start) * y)
    for colour, line in zip(reversed(FRAME), (2.0, 0.9), strict=True):
        ax.add_patch(figures.plt.Rectangle(*box, fill=False, edgecolor=colour, linewidth=line))


def _foot(figure, notes):
    figure.text(0.5, 0.005, "   ".join(n for n in notes if n), ha="center", va="bottom", fontsize=6, color="#333333")


def _missing(missing):
    return f"Not available: {'; '.join(missing)}." if missing else ""


def changed(result):
    """Share of pixels that post-processing assigns to the other source (0..1)."""
    return float(((result.initial > 0.5) != (result.chosen > 0.5)).mean())


def decision_maps(title, pair, results, missing, paths):
    """Sources above each other, then per method the decision map before and after post-processing.

    Parameters
    ----------
    title : str
    pair : sequence of numpy.ndarray
        First and last source.
    results : list of Result
    missing : list of str
        Methods without a result, with the reason.
    paths : list of path-like
    """
    results = [r for r in results if r.chosen is not None]
    if not results:
        return figures.message(f"{title}: no decision map to show. {_missing(missing)}", paths)
    ratio = pair[0].shape[0] / pair[0].shape[1]
    with figures.plt.rc_context(figures._RC):
        figure, axes = _grid(2, 1 + len(results), ratio, foot=0.16)
        _show(axes[0, 0], pair[0], "First source (white)")
        _show(axes[1, 0], pair[1], "Last source (black)")
        for column, result in enumerate(results, start=1):
            if result.initial is None:
                axes[0, column].text(0.5, 0.5, "no initial map", ha="center", va="center", fontsize=6)
            else:
                _show(axes[0, column], result.initial, f"{result.label}, initial")
            turned = "" if result.initial is None else f" ({changed(result):.1%} turned)"
            _show(axes[1, column], result.chosen, f"{result.label}, final{turned}", 6.5)
        _foot(figure, [title, _missing(missing)])
        figures.save(figure, paths)
    return None


def copied(image, pair):
    """Share of pixels whose gray level is that of one of the sources to half a level (0..1)."""
    gray = gray_real(image)
    return float(np.min([np.abs(gray - gray_real(s)) for s in pair], axis=0).__le__(0.5 / 255).mean())


def window_of(images, given=None):
    """Rows and columns of the enlarged crop: as configured, else where the choice of focus shows most.

    Raises
    ------
    files.errors.InputError
        The configured window leaves the image.
    """
    if given is None:
        return find_crop(images)
    row, column, side = given
    height, width = images[0].shape[:2]
    if side < 2 or row + side > height or column + side > width:
        raise InputError(f"window {list(given)} does not fit into an image of {width} x {height} pixels")
    return slice(row, row + side), slice(column, column + side)


def _difference(image, source):
    return np.clip(0.5 + (gray_real(image) - gray_real(source)) * 255 / (2 * GAIN), 0, 1)


def crops(title, pair, results, missing, paths, given=None):
    """Per method the enlarged crop of the result and its differences to both sources.

    Parameters
    ----------
    title : str
    pair : sequence of numpy.ndarray
    results : list of Result
    missing : list of str
    paths : list of path-like
    given : sequence of int, optional
        Row, column and side of the crop in pixels.
    """
    if not results:
        return figures.message(f"{title}: nothing to show. {_missing(missing)}", paths)
    window = window_of(pair, given)
    with figures.plt.rc_context(figures._RC):
        figure, axes = _grid(3, 2 + len(results), 1.0, left=0.26, foot=0.16)
        places = [axes[row, 0].get_position() for row in range(3)]
        for place, name in zip(places[:2], ("fused", "fused −\nfirst source"), strict=True):
            middle = (place.y0 + place.y1) / 2
            figure.text(0.004, middle, name, rotation=90, va="center", ha="left", fontsize=6.5, ma="center")
        gray = f"Differences: gray = equal,\nblack and white = ±{GAIN} levels."
        notes = ("fused − last source →", gray, "Copied: share of pixels\nthat equal a source.")
        figure.text(places[2].x0, places[2].y1, "\n\n".join(notes), va="top", fontsize=6.5)
        for row, name in enumerate(("First source", "Last source")):
            whole = _padded(pair[row])
            _show(axes[row, 0], whole, name, 6.5)
            _frame(axes[row, 0], _shifted(window, pair[row]), whole.shape)
            _show(axes[row, 1], pair[row][window], f"{name}, crop", 6.5)
        for column, result in enumerate(results, start=2):
            _show(axes[0, column], result.image[window], result.label)
            for row, source in enumerate(pair, start=1):
                name = f"{copied(result.image, pair):.0%} copied" if row == 1 else ""
                _show(axes[row, column], _difference(result.image[window], source[window]), name, 6)
        _foot(figure, [f"{title}.", _missing(missing)])
        figures.save(figure, paths)
    return None


def _offsets(image):
    side = max(image.shape[:2])
    return side, (side - image.shape[0]) // 2, (side - image.shape[1]) // 2


def _padded(image):
    """The image in the middle of a white square."""
    side, top, left = _offsets(image)
    canvas = np.ones((side, side, *image.shape[2:]), np.float32)
    canvas[top : top + image.shape[0], left : left + image.shape[1]] = image
    return canvas


def _shifted(window, image):
    _, top, left = _offsets(image)
    rows, columns = window
    return slice(rows.start + top, rows.stop + top), slice(columns.start + left, columns.stop + left)


def _middle(span):
    return (span.start + span.stop) / 2


def gallery(title, pair, results, missing, paths, given=None, columns=6):
    """All results of one scene, each with the enlarged crop in its corner.

    Parameters
    ----------
    title : str
    pair : sequence of numpy.ndarray
    results : list of Result
    missing : list of str
    paths : list of path-like
    given : sequence of int, optional
        Row, column and side of the crop in pixels.
    columns : int
        Panels in a row.
    """
    if not results:
        return figures.message(f"{title}: nothing to show. {_missing(missing)}", paths)
    window = window_of(pair, given)
    shown = [("First source", pair[0]), ("Last source", pair[1]), *((r.label, r.image) for r in results)]
    ratio = pair[0].shape[0] / pair[0].shape[1]
    with figures.plt.rc_context(figures._RC):
        figure, axes = _grid(-(-len(shown) // columns), columns, ratio, foot=0.16)
        for ax, (label, image) in zip(axes.flat, shown, strict=False):
            _show(ax, image, label)
            _frame(ax, window, image.shape)
            place = ax.get_position()
            side = 0.42 * place.width
            tall = side * figures.WIDTH / figure.get_figheight()
            # In the corner that is farthest from what it enlarges.
            x = place.x0 if _middle(window[1]) > image.shape[1] / 2 else place.x1 - side
            y = place.y0 if _middle(window[0]) < image.shape[0] / 2 else place.y1 - tall
            inset = figure.add_axes((x, y, side, tall))
            _show(inset, image[window])
            for line in inset.spines.values():
                line.set(color="white", linewidth=1.0)
        _foot(figure, [title, _missing(missing)])
        figures.save(figure, paths)
    return None


DRAW = {"decision_maps": decision_maps, "crops": crops, "gallery": gallery}


def draw(figure, described, scene, entries, statuses, fused, paths, folder=None, given=None):
    """Draw one of the figures of this module from stored images.

    Parameters
    ----------
    figure : {"decision_maps", "crops", "gallery"}
    described : dict
        From `study.run.sources.collect`.
    scene : str
    entries, statuses, fused
        As for `load`.
    paths : list of path-like
    folder : path-like, optional
        Folder of a user's data set.
    given : sequence of int, optional
        Row, column and side of the crop.
    """
    title = f"{described['label']}, {scene}"
    state = next((s for s in described["scenes"] if s["name"] == scene), described)
    if described["status"] != "ok" or state["status"] != "ok":
        return figures.message(f"{title}: {state['status']} ({state['reason']})", paths)
    results, missing = load(scene, entries, statuses, fused)
    more = {} if figure == "decision_maps" else {"given": given}
    return DRAW[figure](title, sources(described["dataset"], scene, folder), results, missing, paths, **more)
