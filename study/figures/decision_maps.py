"""Decision maps of one scene: per method before and after post-processing, beside the sources."""

from collections.abc import Iterable
from pathlib import Path

from study.figures import panels, style
from study.figures.panels import Image
from study.figures.stored import Scene


def draw(scene: Scene, paths: Iterable[str | Path]) -> None:
    """Draw the sources above each other, then per method the decision map before and after post-processing.

    Parameters
    ----------
    scene : study.figures.stored.Scene
    paths : iterable of path-like
    """
    mapped = [(fused.label, fused.initial, fused.chosen) for fused in scene.fused if fused.chosen is not None]
    if not mapped:
        return style.message(scene.nothing("decision map"), paths)
    first, last = scene.pair
    with style.drawing():
        figure, axes = panels.grid(2, 1 + len(mapped), first.shape[0] / first.shape[1])
        panels.show(axes[0][0], first, "First source (white)")
        panels.show(axes[1][0], last, "Last source (black)")
        for (label, initial, chosen), above, below in zip(mapped, axes[0][1:], axes[1][1:], strict=True):
            share = ""
            if initial is None:
                above.text(0.5, 0.5, "no initial map", ha="center", va="center", fontsize=6)
            else:
                panels.show(above, initial, f"{label}, initial")
                share = f" ({100 * changed(initial, chosen):.1f} % changed)"
            panels.show(below, chosen, f"{label}, final{share}", 6.5)
        caption = (
            f"{scene.title}: decision maps before (above) and after post-processing (below), white where the first source is taken. Changed: "
            f"share of the pixels that post-processing assigns to the other source. {scene.without}"
        )
        style.save(figure, paths, caption)


def changed(initial: Image, chosen: Image) -> float:
    """Share of pixels that post-processing assigns to the other source (0..1)."""
    return float(((initial > 0.5) != (chosen > 0.5)).mean())
