"""Enlarged crops of one scene: per method the result and its differences to both sources."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from imaging.levels import gray_real
from study.figures import panels, style
from study.figures.panels import Image
from study.figures.stored import Scene


def draw(scene: Scene, paths: Iterable[str | Path], given: Sequence[int] = ()) -> None:
    """Draw per method the enlarged crop of the result and its differences to both sources.

    Parameters
    ----------
    scene : study.figures.stored.Scene
    paths : iterable of path-like
    given : sequence of int
        Row, column and side of the crop in pixels; where empty, a crop across the border of focus.
    """
    if not scene.fused:
        return style.message(scene.nothing("result"), paths)
    pair = scene.pair
    window = panels.window_of(pair, given)
    with style.drawing():
        figure, axes = panels.grid(3, 2 + len(scene.fused), 1.0, left=0.26)
        places = [row[0].get_position() for row in axes]
        for place, name in zip(places[1:], ("fused −\nfirst source", "fused −\nlast source"), strict=True):
            figure.text(
                0.003, (place.y0 + place.y1) / 2, name, rotation=90, va="center", ha="left", fontsize=6.5, ma="center"
            )
        for row, name, source in zip(axes, ("First source", "Last source"), pair, strict=False):
            whole = panels.square(source)
            panels.show(row[0], whole, name)
            panels.outline(row[0], panels.shifted(window, panels.square_offset(source)), whole.shape)
            panels.show(row[1], source[window], f"{name}, crop")
        between = panels.difference(*pair)
        panels.show(axes[2][0], panels.square(between), "First − last")
        panels.show(axes[2][1], between[window], "First − last, crop")
        for column, fused in enumerate(scene.fused, start=2):
            crop = fused.image[window]
            panels.show(axes[0][column], crop, fused.label)
            share = f"copied: {copied(fused.image, pair):.0%}"
            for row, source, name in zip(axes[1:], pair, (share, ""), strict=True):
                panels.show(row[column], panels.difference(crop, source[window]), name, 6.5)
        caption = (
            f"{scene.title}: an enlarged crop of the sources and the results (first row), and differences to the first and the last source; "
            f"{panels.DIFFERENCE_KEY}. Copied: share of the pixels of the whole result whose gray level is that of a source to half a level. "
            f"{scene.without}"
        )
        style.save(figure, paths, caption)


def copied(image: Image, pair: Sequence[Image]) -> float:
    """Share of pixels whose gray level is that of one of the sources to half a level (0..1)."""
    gray = gray_real(image)
    return float((np.min([np.abs(gray - gray_real(source)) for source in pair], axis=0) <= 0.5 / 255).mean())
