"""The data set ``embedded``: pairs and a focus stack with exact truth, rendered from photographs inside scikit-image.

Nothing is downloaded. The objects' outlines are in ``contours.toml``, the optics in `scenes._defocus`. In the index
map the sharpest source of a pixel is the one that has the surface in focus which the all-in-focus image shows there.
What is in focus equals the all-in-focus image to the last bit, except where something blurred lies before it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scenes import _defocus
from scenes._rendered import Recipe, Rendering, disparities, encoded, outline, photograph


def _render(
    slices: Sequence[np.ndarray], sharp: np.ndarray, index_map: np.ndarray, depth: np.ndarray, blur: float
) -> Rendering:
    """Rendering from linear light."""
    *sources, image = encoded((*slices, sharp))
    return Rendering(sources, image, index_map.astype(np.uint8), depth, blur, range(len(sources)))


def _object_pair(
    front: np.ndarray, alpha: np.ndarray, back: np.ndarray, radius: float, far_first: bool = False
) -> Rendering:
    near, far, sharp = _defocus.pair(front, alpha, back, radius)
    behind = alpha < 0.5
    index_map = ~behind if far_first else behind
    return _render((far, near) if far_first else (near, far), sharp, index_map, index_map, radius)


def _object_in_place(
    file: str, name: str, window: tuple[slice, slice], radius: float, far_first: bool = False
) -> Rendering:
    """Pair from one photograph: an object in it, and its own background, invented where the object hides it."""
    light = photograph(file)
    alpha = outline(name, *light.shape[:2])
    # The object's rim is mixed with light of the object and tells nothing of the background.
    rim = _defocus.Planes(alpha[..., None], 2.5).blurred(2.5)[..., 0] > 1e-3
    back = np.where((alpha > 0)[..., None], _defocus.fill(light, ~rim), light)
    return _object_pair(light[window], alpha[window], back[window], radius, far_first)


def astronaut() -> Rendering:
    """Portrait in front of a flag and a model."""
    return _object_in_place("astronaut.png", "astronaut", np.s_[0:400, 8:408], 5.0)


def coffee() -> Rendering:
    """Cup and saucer in front of a table; background first."""
    return _object_in_place("coffee.png", "coffee", np.s_[:, 40:520], 6.0, far_first=True)


def camera() -> Rendering:
    """Man with a tripod (thin legs) in front of a lawn and buildings, gray."""
    return _object_in_place("camera.png", "camera", np.s_[50:512, 0:430], 4.0)


def cat() -> Rendering:
    """Cat in front of gravel; background first."""
    front = photograph("chelsea.png")
    height, width = front.shape[:2]
    back = np.repeat(photograph("gravel.png")[:height, :width], 3, axis=2)
    return _object_pair(front, outline("chelsea", height, width), back, 4.5, far_first=True)


def horse() -> Rendering:
    """Cut-out figure with thin legs in front of a garage."""
    # Inside the silhouette levels go up to 6 of 255, which is not transparency.
    figure = np.clip(1.05 * (1 - photograph("horse.png")[..., 0] ** (1 / _defocus.GAMMA)), 0, 1)
    height, width = figure.shape
    front = photograph("ihc.png")[:height, :width]
    return _object_pair(front, figure, photograph("motorcycle_left.png")[30 : 30 + height, 300 : 300 + width], 3.5)


def coins() -> Rendering:
    """Many coins in front of a lawn, gray; background first."""
    front = photograph("coins.png")
    height, width = front.shape[:2]
    back = photograph("grass.png")[60 : 60 + height, 40 : 40 + width]
    return _object_pair(front, outline("coins", height, width), back, 3.0, far_first=True)


def _motorcycle() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Linear light and disparity of the Motorcycle; what only one eye sees belongs to the farther side."""
    disparity = disparities("motorcycle_disp.npz")
    filled = []
    for row in disparity:
        valid = np.flatnonzero(np.isfinite(row))
        place = np.searchsorted(valid, np.arange(len(row)))
        left = row[valid[np.maximum(place - 1, 0)]]
        right = row[valid[np.minimum(place, len(valid) - 1)]]
        filled.append(np.where(np.isfinite(row), row, np.minimum(left, right)))
    return photograph("motorcycle_left.png"), np.array(filled)


def _halved(light: np.ndarray) -> np.ndarray:
    """Mean of every 2 x 2 pixels (H x W x C, even sides)."""
    height, width = light.shape[0] // 2, light.shape[1] // 2
    return light.reshape(height, 2, width, 2, -1).mean((1, 3))


def _steps(disparity: np.ndarray, focus: Sequence[float] | np.ndarray) -> NDArray[np.float64]:
    """Slice, counted in steps from the first one, at which each pixel's disparity is in focus (H x W)."""
    return (disparity - focus[0]) / (focus[1] - focus[0])


def _depth_scene(
    light: np.ndarray, disparity: np.ndarray, focus: Sequence[float] | np.ndarray, aperture: float, step: float
) -> Rendering:
    slices = _defocus.focus_slices(light, disparity, focus, aperture, step)
    index_map = _defocus.sharpest(disparity, focus)
    return _render(slices, light, index_map, _steps(disparity, focus), aperture * abs(focus[1] - focus[0]))


def _motorcycle_scene(
    window: tuple[slice, slice], focus: Sequence[float] | np.ndarray, aperture: float, step: float
) -> Rendering:
    """Scene by measured depth, rendered at twice its size: layers have hard edges, a photograph has none."""
    light, disparity = (array[window] for array in _motorcycle())
    slices = _defocus.focus_slices(light, disparity, focus, aperture, step)
    # Depths must not be averaged across an edge: every second sample is kept.
    disparity = disparity[::2, ::2]
    index_map, depth = _defocus.sharpest(disparity, focus), _steps(disparity, focus)
    blur = aperture * abs(focus[1] - focus[0]) / 2
    return _render([_halved(each) for each in slices], _halved(light), index_map, depth, blur)


def motorcycle_pair() -> Rendering:
    """Front of a motorcycle and the garage behind it, by measured depth."""
    return _motorcycle_scene(np.s_[0:500, 200:740], (46.0, 18.0), 0.28, 4.0)


def motorcycle_stack() -> Rendering:
    """Eight slices through the garage, far to near, by measured depth."""
    return _motorcycle_scene(np.s_[0:500, 0:740], np.linspace(11.0, 53.0, 8), 0.28, 4.0)


def tissue() -> Rendering:
    """Stained tissue on an uneven slide: focus changes gradually between two heights."""
    light = photograph("ihc.png")[100:484, 60:444]
    y, x = np.indices(light.shape[:2]) / 384.0
    relief = 0.6 * np.cos(2.1 * np.pi * x + 0.6) * np.cos(1.7 * np.pi * y - 0.4) + 0.4 * np.sin(2.9 * x - 3.7 * y)
    return _depth_scene(light, np.tanh(4 * relief), (-0.9, 0.9), 2.2, 0.15)


def page() -> Rendering:
    """Printed page with a bend, its lower part nearer, gray; the upper part first."""
    light = photograph("page.png")
    y, x = np.indices(light.shape[:2]) / 191.0
    return _depth_scene(light, np.tanh(7 * (y + 0.1 * x - 0.62)), (-0.95, 0.95), 1.5, 0.15)


#: Recipe of every scene.
RECIPES = {
    "astronaut": Recipe(astronaut, 2),
    "camera": Recipe(camera, 2),
    "cat": Recipe(cat, 2),
    "coffee": Recipe(coffee, 2),
    "coins": Recipe(coins, 2),
    "horse": Recipe(horse, 2),
    "motorcycle_pair": Recipe(motorcycle_pair, 2),
    "motorcycle_stack": Recipe(motorcycle_stack, 8),
    "page": Recipe(page, 2),
    "tissue": Recipe(tissue, 2),
}
