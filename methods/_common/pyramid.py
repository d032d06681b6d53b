"""Laplacian and ratio-of-low-pass pyramids with the border rule of the published fusion results.

References
----------
P. J. Burt, E. H. Adelson, "The Laplacian pyramid as a compact image code", IEEE Transactions on Communications 31(4),
1983. A. Toet, "Image fusion by a ratio of low-pass pyramid", Pattern Recognition Letters 9(4), 1989.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from methods._common.selection import average, choose_max, extend

LEVELS = 4
#: Binomial kernel w of Burt and Adelson, outer tap, inner tap and centre.
_OUTER, _INNER, _CENTRE = 1 / 16, 4 / 16, 6 / 16
#: Keeps a ratio finite where the expanded level is black (Toet's pyramid in grey levels 0..255).
RATIO_EPSILON = 1e-6
#: Smallest side that the mirror by two samples can extend.
_SMALLEST = 3


def levels_for(shape: tuple[int, int], wanted: int = LEVELS) -> int:
    """Number of levels, at most `wanted`, for which every array that enters the filter has 3 samples a side.

    Images of 64 pixels a side and more always get 4 levels; below 3 pixels there is none.
    """
    side, levels = min(shape), 0
    while levels < wanted and side >= _SMALLEST:
        side, levels = (side + 1) // 2, levels + 1
    return levels


def _to_even(array: np.ndarray) -> np.ndarray:
    """Append one mirrored row or column where the size is odd (edge sample not repeated)."""
    height, width = array.shape
    return np.pad(array, ((0, height % 2), (0, width % 2)), mode="reflect")


def _halve(extended: np.ndarray) -> np.ndarray:
    """Filter the last axis of a mirror-extended array with w and keep the even samples."""
    outer = extended[..., 0:-4:2] + extended[..., 4::2]
    inner = extended[..., 1:-3:2] + extended[..., 3:-1:2]
    return _OUTER * outer + _INNER * inner + _CENTRE * extended[..., 2:-2:2]


def reduce(array: np.ndarray) -> np.ndarray:
    """Next coarser level: low-pass filtered, even rows and columns kept (H x W even; result H/2 x W/2).

    The array is extended once, rows are filtered before columns: this order matters because of the empty corners.
    """
    rows = _halve(extend(array, 2))
    return _halve(rows.T).T


def _double(extended: np.ndarray) -> np.ndarray:
    """Interpolate the last axis, extended by one sample at each end, to twice its length with the kernel 2w."""
    result = np.empty((*extended.shape[:-1], 2 * (extended.shape[-1] - 2)))
    result[..., 0::2] = 2 * _OUTER * (extended[..., :-2] + extended[..., 2:]) + 2 * _CENTRE * extended[..., 1:-1]
    result[..., 1::2] = 2 * _INNER * (extended[..., 1:-1] + extended[..., 2:])
    return result


def expand(array: np.ndarray) -> NDArray[np.float64]:
    """Interpolate a level to twice its size (h x w -> 2h x 2w), h, w >= 2.

    The zeros between the samples are skipped. The mirror of the up-sampled array shows its second sample before the
    first one and, the last position being a zero, repeats its last sample after the end.
    """
    height, width = array.shape
    ringed = np.zeros((height + 2, width + 2))
    ringed[1:-1, 1:-1] = array
    ringed[0, 1:-1] = array[1]
    ringed[-1, 1:-1] = array[-1]
    ringed[1:-1, 0] = array[:, 1]
    ringed[1:-1, -1] = array[:, -1]
    rows = _double(ringed)
    return _double(rows.T).T


def decompose(image: np.ndarray, levels: int, ratio: bool = False) -> tuple[list[np.ndarray], np.ndarray]:
    """Pyramid of an image.

    Parameters
    ----------
    image : numpy.ndarray
        float64, H x W, any range (grey levels for the ratio).
    levels : int
        Number of detail levels, at most `levels_for(image.shape)`.
    ratio : bool
        Detail is the ratio of a level to the expanded coarser one instead of the difference.

    Returns
    -------
    details : list of numpy.ndarray
        float64, from fine to coarse, each of even size (an odd level is extended by one mirrored sample).
    base : numpy.ndarray
        The coarsest low-pass level.
    """
    details, current = [], np.asarray(image, dtype=np.float64)
    for _ in range(levels):
        current = _to_even(current)
        coarser = reduce(current)
        expanded = expand(coarser)
        details.append(current / (expanded + RATIO_EPSILON) if ratio else current - expanded)
        current = coarser
    return details, current


def reconstruct(
    details: Sequence[np.ndarray], base: np.ndarray, shape: tuple[int, int], ratio: bool = False
) -> np.ndarray:
    """Inverse of `decompose`.

    Parameters
    ----------
    details : list of numpy.ndarray
    base : numpy.ndarray
    shape : tuple of int
        Height and width of the image.
    ratio : bool

    Returns
    -------
    numpy.ndarray
        float64, of `shape`.
    """
    sizes = [shape, *((detail.shape[0] // 2, detail.shape[1] // 2) for detail in details)][: len(details)]
    current = base
    for detail, (height, width) in zip(reversed(details), reversed(sizes), strict=True):
        expanded = expand(current)
        current = (expanded + RATIO_EPSILON) * detail if ratio else expanded + detail
        current = current[:height, :width]
    return current


def fuse_levels(
    first: np.ndarray,
    second: np.ndarray,
    ratio: bool = False,
    fuse_base: Callable[[np.ndarray, np.ndarray], np.ndarray] = average,
) -> np.ndarray:
    """Fuse two channels: details by `choose_max`, base by `fuse_base`.

    Parameters
    ----------
    first, second : numpy.ndarray
        float64, H x W, levels.
    ratio : bool
    fuse_base : callable
        Function of the two base levels.

    Returns
    -------
    numpy.ndarray
        float64, H x W, not rounded.
    """
    levels = levels_for(first.shape)
    first_details, first_base = decompose(first, levels, ratio)
    second_details, second_base = decompose(second, levels, ratio)
    details = [choose_max(one, other) for one, other in zip(first_details, second_details, strict=True)]
    return reconstruct(details, fuse_base(first_base, second_base), first.shape, ratio)
