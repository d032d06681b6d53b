"""Binary and flat gray-scale morphology with the footprints and border rules of the published spatial methods.

Pixels outside the image never win: dilation pads with minus infinity, erosion with plus infinity. Even footprints
look at offsets -(ceil(k/2)-1) .. floor(k/2) in erosions and medians, and at the mirrored offsets in dilations.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from imaging.filters import remove_small_components

_CROSS = ndimage.generate_binary_structure(2, 1)
_SQUARE = ndimage.generate_binary_structure(2, 2)


def _line_set(step: tuple[int, int], reach: int) -> NDArray[np.bool_]:
    """Footprint of the pixels k * step, k = -reach..reach (rows, columns)."""
    half = reach * max(abs(step[0]), abs(step[1]))
    footprint = np.zeros((2 * half + 1, 2 * half + 1), dtype=bool)
    for k in range(-reach, reach + 1):
        footprint[half + k * step[0], half + k * step[1]] = True
    return footprint


@lru_cache(maxsize=32)
def disc(radius: int) -> NDArray[np.bool_]:
    """Disc footprint as the published codes build it (bool, odd sides; read-only).

    The Euclidean disc up to radius 2; beyond, the octagon that four line sets make
    (R. Jones, P. Soille, "Periodic lines", Pattern Recognition Letters 17, 1996), widened by a horizontal and a
    vertical line where it falls short of the radius.
    """
    if radius <= 2:
        offsets = np.arange(-radius, radius + 1)
        footprint = np.add.outer(offsets**2, offsets**2) <= radius**2
    else:
        k = 2 * radius / (1 / np.tan(np.pi / 8) + 1 / np.sin(np.pi / 8))
        size = 2 * radius + 5
        canvas = np.zeros((2 * size + 1, 2 * size + 1), dtype=bool)
        canvas[size, size] = True
        diagonal = int(k / np.sqrt(2))
        for step, reach in (((0, 1), int(k)), ((1, 0), int(k)), ((1, 1), diagonal), ((1, -1), diagonal)):
            canvas = ndimage.binary_dilation(canvas, _line_set(step, reach))
        half = int(np.abs(np.nonzero(canvas)[0] - size).max())
        length = 2 * (radius - half) - 1
        if half < radius and length >= 3:
            canvas = ndimage.binary_dilation(canvas, np.ones((1, length), dtype=bool))
            canvas = ndimage.binary_dilation(canvas, np.ones((length, 1), dtype=bool))
        half = int(np.abs(np.nonzero(canvas)[0] - size).max())
        footprint = canvas[size - half : size + half + 1, size - half : size + half + 1]
    footprint = np.ascontiguousarray(footprint)
    footprint.setflags(write=False)
    return footprint


def square(side: int) -> NDArray[np.bool_]:
    """Square footprint (bool)."""
    return np.ones((side, side), dtype=bool)


def _morph(
    function: Callable[..., np.ndarray], values: np.ndarray, footprint: np.ndarray, anchor_of: Callable[[int], int]
) -> np.ndarray:
    values = np.asarray(values)
    kernel = np.ascontiguousarray(footprint).astype(np.uint8)
    work = values.astype(np.uint8) if values.dtype == bool else np.ascontiguousarray(values)
    anchor = tuple(anchor_of(side) for side in kernel.shape[::-1])
    return function(work, kernel, anchor=anchor).astype(values.dtype)


def erode(values: np.ndarray, footprint: np.ndarray) -> np.ndarray:
    """Minimum over the footprint (bool, uint8 or float, H x W)."""
    import cv2

    return _morph(cv2.erode, values, footprint, lambda side: (side + 1) // 2 - 1)


def dilate(values: np.ndarray, footprint: np.ndarray) -> np.ndarray:
    """Maximum over the mirrored footprint (bool, uint8 or float, H x W)."""
    import cv2

    return _morph(cv2.dilate, values, np.asarray(footprint)[::-1, ::-1], lambda side: side // 2)


def opening(values: np.ndarray, footprint: np.ndarray) -> np.ndarray:
    """Erosion, then dilation."""
    return dilate(erode(values, footprint), footprint)


def closing(values: np.ndarray, footprint: np.ndarray) -> np.ndarray:
    """Dilation, then erosion."""
    return erode(dilate(values, footprint), footprint)


def components(mask: np.ndarray, connectivity: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Labels 1.. of the connected components (0 elsewhere) and their sizes (index 0: the background)."""
    labels, count = ndimage.label(mask, _SQUARE if connectivity == 8 else _CROSS)
    return labels, np.bincount(labels.ravel(), minlength=count + 1)


def fill_area(mask: np.ndarray, minimum: float, connectivity: int = 8) -> NDArray[np.bool_]:
    """Fill the components of the complement with fewer than `minimum` pixels (bool, H x W)."""
    return ~remove_small_components(~np.asarray(mask, dtype=bool), minimum, connectivity)


def largest_component(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The 8-connected component with the most pixels, the first among equals (bool, H x W)."""
    labels, sizes = components(mask)
    if sizes.size == 1:
        return np.zeros(labels.shape, dtype=bool)
    return labels == 1 + np.argmax(sizes[1:])


def window_sum(mask: np.ndarray, rows: int, columns: int) -> NDArray[np.float64]:
    """Sum over a window of `rows` x `columns` (even sides: the offsets of erosions), zero outside."""
    total = np.asarray(mask, dtype=np.float64)
    for axis, side in ((0, rows), (1, columns)):
        before, after = (side + 1) // 2 - 1, side // 2
        padding = [(0, 0), (0, 0)]
        padding[axis] = (before + 1, after)
        running = np.cumsum(np.pad(total, padding), axis=axis)
        length = total.shape[axis]
        total = np.take(running, range(side, side + length), axis=axis) - np.take(running, range(length), axis=axis)
    return total
