"""Figures of GACN on stacks, from saved tables and images: time and memory per number of images, one stack in pictures."""

from pathlib import Path

import numpy as np
from matplotlib.colors import BoundaryNorm
from scipy.ndimage import uniform_filter
from skimage.transform import resize

from imaging.files import read_image
from imaging.levels import gray_real
from study.figures import style as figures
from study.figures.sheets import framed
from study.gacn.stack_tables import index_map
from study.gacn.time_stacks import CALIBRATED, SERIAL, stack_scenes
from study.run.sources import load_described

plt = figures.plt

#: Colour, line and marker of a strategy: different in gray too.
_SIDES = {
    "serial": ("one by one", "#0072B2", "--", "s"),
    "calibrated": ("calibrated", "#D55E00", "-", "o"),
}
#: Images of a stack that a figure shows; longest side of a picture in it, in pixels.
SHOWN, SIDE = 6, 700


def times(rows, labels, paths):
    """Time and peak memory against the number of images, both strategies; one column of panels per data set.

    Parameters
    ----------
    rows : list of dict
        `study.gacn.stack_tables.TIME_COLUMNS`.
    labels : mapping
        Data set -> name for people.
    paths : list of path-like
    """
    good = [r for r in rows if r["status"] == "ok"]
    if not good:
        return figures.message("GACN on stacks: nothing was timed (see gacn_stacks.md)", paths)
    datasets = list(dict.fromkeys(r["dataset"] for r in good))
    with plt.rc_context(figures._RC):
        size = (figures.WIDTH, 4.6)
        figure, axes = plt.subplots(2, len(datasets), figsize=size, layout="constrained", squeeze=False, sharex="col")
        for column, dataset in enumerate(datasets):
            mine = sorted((r for r in good if r["dataset"] == dataset), key=lambda r: int(r["images"]))
            _time_panel(axes[0, column], mine)
            _memory_panel(axes[1, column], mine)
            megapixels = float(mine[0]["megapixels"])
            axes[0, column].set_title(f"{labels.get(dataset, dataset)} ({megapixels:.2f} megapixels)")
            axes[1, column].set_xlabel("number of images n")
        axes[0, 0].set_ylabel("seconds per stack")
        axes[1, 0].set_ylabel("peak memory, MiB")
        handles, names = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=2, frameon=False)
        threads = "1 thread" if good[0]["threads"] == "1" else f"{good[0]['threads']} threads"
        title = f"GACN on stacks, {good[0]['device']}, {threads}; percent: time that the calibration saves"
        figure.suptitle(title, fontsize=9)
        figures.save(figure, paths)
    return None


def _curve(ax, rows, column):
    counts = [int(r["images"]) for r in rows]
    for side, (label, colour, line, marker) in _SIDES.items():
        values = [float(r[f"{side}_{column}"]) for r in rows]
        ax.plot(counts, values, line, color=colour, marker=marker, markersize=3.5, linewidth=1.1, label=label)
    ax.set_xscale("log", base=2)
    ax.set_xticks(counts, [str(c) for c in counts])
    ax.minorticks_off()
    ax.margins(x=0.12)
    ax.grid(linewidth=0.3, color="#dddddd")


def _time_panel(ax, rows):
    _curve(ax, rows, "s")
    if len(rows) > 3:
        ax.set_yscale("log")
    else:
        ax.set_ylim(bottom=0)
    ax.margins(y=0.15)
    for r in rows:
        if int(r["images"]) == 2:
            continue  # the same computation
        place = int(r["images"]), min(float(r["serial_s"]), float(r["calibrated_s"]))
        text = f"{float(r['reduction_percent']):.0f} %".replace("-", "−")
        ax.annotate(text, place, xytext=(4, -9), textcoords="offset points", fontsize=6.5)


def _memory_panel(ax, rows):
    _curve(ax, rows, "peak_mb")
    ax.set_ylim(bottom=0, top=1.25 * max(float(r[f"{side}_peak_mb"]) for r in rows for side in _SIDES))


def view(described, statuses, fused, paths, folder=None):
    """One stack in pictures: some of its images, the result, the image taken at every pixel, the true one where known.

    Parameters
    ----------
    described : dict
        From `study.run.sources.collect`; its first stack is drawn.
    statuses : list of dict
        `study.records.STATUS` of the calibrated fusion.
    fused : path-like
        Folder that holds one folder of fused images and index maps per strategy; the one-by-one strategy may be missing.
    paths : list of path-like
    folder : path-like, optional
    """
    done = {r["scene"] for r in statuses if r["status"] == "ok"}
    found = [s for s in stack_scenes(described) if s["name"] in done]
    if not found:
        reasons = [r["reason"] for r in statuses if r["reason"]] or [described["reason"] or "no stack"]
        return figures.message(f"{described['label']}: no stack to show ({reasons[0]})", paths)
    name = found[0]["name"]
    scene = load_described(described, folder).scene(name)
    truth = scene.truth()
    found = [("calibrated", CALIBRATED), ("one by one", SERIAL)]
    maps = [(text, index_map(Path(fused) / entry / f"{name}.map.png")) for text, entry in found]
    maps = [(f"Image taken, {text}", chosen) for text, chosen in maps if chosen is not None]
    if truth is not None and truth.index_map is not None:
        maps.append(("Sharpest image, truth", truth.index_map))
    result = read_image(Path(fused) / CALIBRATED / f"{name}.png")
    with plt.rc_context(figures._RC):
        _draw_view(f"{described['label']}, {name}: {scene.count} images", scene.sources, result, maps, paths)
    return None


def _draw_view(title, sources, result, maps, paths):
    count = len(sources)
    numbers = sorted({round(k) for k in np.linspace(0, count - 1, min(SHOWN, count))})
    big = len(maps) + 1
    ratio = result.shape[0] / result.shape[1]
    heights = [ratio / len(numbers), ratio / big]
    # Titles, and the bar below the maps, in inches.
    inches = [figures.WIDTH * heights[0] + 0.2, figures.WIDTH * heights[1] + 0.65]
    figure = plt.figure(figsize=(figures.WIDTH, sum(inches) + 0.2), layout="constrained")
    upper, lower = figure.subfigures(2, 1, height_ratios=inches)
    for ax, number in zip(upper.subplots(1, len(numbers)), numbers, strict=True):
        _picture(ax, sources[number], f"Image {number + 1}", SIDE // 2)
    axes = lower.subplots(1, big)
    _picture(axes[0], result, "Calibrated result", SIDE)
    norm = BoundaryNorm(np.arange(0.5, count + 1), 256)
    for ax, (text, chosen) in zip(axes[1:], maps, strict=True):
        # Nearest pixels: numbers of images must not be averaged.
        step = max(1, -(-max(chosen.shape) // SIDE))
        shown = ax.imshow(chosen[::step, ::step] + 1, cmap="cividis", norm=norm, interpolation="nearest")
        ax.set_title(text)
        ax.set_axis_off()
    ticks = sorted({round(k) for k in np.linspace(1, count, min(count, 9))})
    bar = lower.colorbar(shown, ax=list(axes), location="bottom", ticks=ticks, aspect=50, shrink=0.6)
    bar.ax.minorticks_off()
    bar.set_label("number of the image")
    figure.suptitle(title, fontsize=9)
    figures.save(figure, paths)


def _picture(ax, image, title, side):
    height, width = image.shape[:2]
    scale = min(1.0, side / max(height, width))
    small = resize(image, (round(height * scale), round(width * scale)), anti_aliasing=scale < 1)
    ax.imshow(np.clip(small, 0, 1), cmap="gray", vmin=0, vmax=1, interpolation="none")
    ax.set_title(title)
    ax.set_axis_off()


def alignment(about, folder, paths):
    """What aligning a stack changes: the fusion of the aligned images, and a crop of it without and with alignment.

    Parameters
    ----------
    about : dict
        From `study.gacn.stack_alignment.compare`.
    folder : path-like
        Folder of its images.
    paths : list of path-like
    """
    if about["status"] != "ok":
        return figures.message(f"{about['label']}: not aligned ({about['reason']})", paths)
    before, after = (read_image(Path(folder) / f"{name}.png") for name in ("before", "after"))
    crop = most_different(before, after)
    with plt.rc_context(figures._RC):
        ratio = after.shape[0] / after.shape[1]
        # Half the width each, with titles; crops are twice as wide as high.
        inches = [figures.WIDTH / 2 * ratio + 0.2, figures.WIDTH / 4 + 0.25]
        figure = plt.figure(figsize=(figures.WIDTH, sum(inches) + 0.2), layout="constrained")
        upper, lower = figure.subfigures(2, 1, height_ratios=inches)
        whole, drift = upper.subplots(1, 2)
        _picture(whole, framed(after, crop), "Calibrated fusion of the aligned images", SIDE)
        drift.plot(about["images"], about["magnification"], "o-", color="#0072B2", markersize=3.5, linewidth=1.1)
        drift.set_xlabel("number of the image")
        drift.set_title("Magnification relative to image 1")
        drift.grid(linewidth=0.3, color="#dddddd")
        for ax, image, text in zip(lower.subplots(1, 2), (before, after), ("as they are", "aligned"), strict=True):
            _picture(ax, image[crop], f"Crop, images {text}", SIDE)
        title = f"{about['label']}, {about['scene']}: {len(about['images'])} of its images, {about['model']}"
        figure.suptitle(title, fontsize=9)
        figures.save(figure, paths)
    return None


def most_different(first, second):
    """Window (slices) of an eighth of the width where two images differ most, both in gray."""
    difference = np.abs(gray_real(first) - gray_real(second))
    side = min(*difference.shape, max(8, difference.shape[1] // 8))
    height, width = (side, 2 * side) if 2 * side <= difference.shape[1] else (side, side)
    mean = uniform_filter(
        difference, (height, width), origin=(-(height // 2) + 1 - height % 2, -(width // 2) + 1 - width % 2)
    )
    inner = mean[: difference.shape[0] - height + 1, : difference.shape[1] - width + 1]
    row, column = np.unravel_index(np.argmax(inner), inner.shape)
    return slice(row, row + height), slice(column, column + width)
