"""Gallery of one scene: results of a chosen row of methods, each with the enlarged crop in its corner."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from matplotlib.axes import Axes

from study.figures import panels, style
from study.figures.panels import Image, Window
from study.figures.stored import Scene

#: Panels in a row at most; side of the enlarged crop as a share of a panel's width.
_COLUMNS, _INSET = 6, 0.42


def draw(scene: Scene, paths: Iterable[str | Path], given: Sequence[int] = ()) -> None:
    """Draw the sources and the results, each with the enlarged crop in its corner.

    Parameters
    ----------
    scene : study.figures.stored.Scene
    paths : iterable of path-like
    given : sequence of int
        Row, column and side of the crop in pixels; where empty, a crop across the border of focus.
    """
    if not scene.fused:
        return style.message(scene.nothing("result"), paths)
    first, last = scene.pair
    window = panels.window_of(scene.pair, given)
    shown = [("First source", first), ("Last source", last), *((fused.label, fused.image) for fused in scene.fused)]
    rows = -(-len(shown) // _COLUMNS)
    columns = -(-len(shown) // rows)
    with style.drawing():
        figure, axes = panels.grid(rows, columns, first.shape[0] / first.shape[1])
        for ax, (label, image) in zip((ax for row in axes for ax in row), shown, strict=False):
            panels.show(ax, image, label)
            panels.outline(ax, window, image.shape)
            _inset(ax, image, window)
        caption = (
            f"{scene.title}: the sources and results, each with the outlined part enlarged in a corner. {scene.without}"
        )
        style.save(figure, paths, caption)


def _inset(ax: Axes, image: Image, window: Window) -> None:
    """The enlarged crop, in the corner that is farthest from what it enlarges."""
    rows, columns = window
    height, width = image.shape[:2]
    tall = _INSET * width / height
    x = 0 if columns.start + columns.stop > width else 1 - _INSET
    y = 0 if rows.start + rows.stop < height else 1 - tall
    inset = ax.inset_axes((x, y, _INSET, tall))
    panels.show(inset, image[window])
    for line in inset.spines.values():
        line.set(color="white", linewidth=1.0)
