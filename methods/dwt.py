"""DWT: discrete wavelet transform fusion."""

from collections.abc import Sequence

import numpy as np

from methods import Fusion, Method, Option, Reference
from methods._common.channels import fuse_channels
from methods._common.selection import average, choose_max

METHOD = Method(
    id="dwt",
    label="DWT",
    title="Biorthogonal spline wavelets, details chosen by local maximum with a consistency check",
    citation=(
        "H. Li, B. S. Manjunath, S. K. Mitra, Multisensor image fusion using the wavelet transform, Graphical Models "
        "and Image Processing 57(3), 1995; settings of Y. Liu, L. Wang, J. Cheng, C. Li, X. Chen, Multi-focus image "
        "fusion: a survey of the state of the art, Information Fusion 64, 2020"
    ),
    doi="10.1006/gmip.1995.1022",
    year=1995,
    kind="transform",
    cost=0.5,
    comparison=True,
    options={
        "variant": Option(
            "dbss22",
            "dbss22: four levels of the spline wavelet DBSS(2,2), as in the survey; haar1: one Haar level, low band "
            "chosen like the others and levels truncated, as in the SESF-Fuse and GACN tables.",
            choices=("dbss22", "haar1"),
        ),
    },
    presets={"sesf": {"variant": "haar1"}},
)

REFERENCES = (
    Reference(
        "published",
        "dwt",
        why="Where two coefficients have equal magnitude, rounding noise decides which one is taken.",
    ),
)

LEVELS = 4
#: The mirror by seven samples needs eight; the halving keeps eight from there on (8 -> 8 -> 8).
_SMALLEST = 8

# Taps at offsets -2..2 or -1..1. They are not replaced by dyadic ones (which would make every tie exact): the
# published results have the rounding noise of these.
_SCALE = 4 * np.sqrt(2)
_ANALYSIS_LOW = np.array([-1, 2, 6, 2, -1]) / _SCALE
_ANALYSIS_HIGH = np.array([-2, 4, -2]) / _SCALE
_SYNTHESIS_LOW = np.array([2, 4, 2]) / _SCALE
_SYNTHESIS_HIGH = np.array([-1, -2, 6, -2, -1]) / _SCALE


def _convolve(extended: np.ndarray, taps: np.ndarray, start: int, count: int, step: int) -> np.ndarray:
    """Sums over d of taps(d) x(start + step k - d) along the last axis, k = 0..count-1.

    Taps are added in rising order, one rounding each, so that ties are decided alike on every platform.
    """
    radius = len(taps) // 2
    result = np.zeros((*extended.shape[:-1], count))
    for offset, tap in zip(range(-radius, radius + 1), taps, strict=True):
        first = start - offset
        result += tap * extended[..., first : first + step * (count - 1) + 1 : step]
    return result


def _mirror(array: np.ndarray, width: int) -> np.ndarray:
    return np.pad(array, [(0, 0)] * (array.ndim - 1) + [(width, width)], mode="reflect")


def _analyse(signal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Low and high band along the last axis of length N >= 8, each of ceil((N + 8) / 2) coefficients.

    Low coefficients sit on the odd samples from -3, high ones on the even samples from -4; those outside the
    signal make every length invertible.
    """
    count = (signal.shape[-1] + 9) // 2
    extended = _mirror(signal, 7)
    return _convolve(extended, _ANALYSIS_LOW, 7 - 3, count, 2), _convolve(extended, _ANALYSIS_HIGH, 7 - 4, count, 2)


def _spread(band: np.ndarray) -> np.ndarray:
    """Band at the even positions of an array of twice the length, mirrored by three samples."""
    result = np.zeros((*band.shape[:-1], 2 * band.shape[-1]))
    result[..., ::2] = band
    return _mirror(result, 3)


def _synthesise(low: np.ndarray, high: np.ndarray, length: int) -> np.ndarray:
    """Inverse of `_analyse` along the last axis."""
    return _convolve(_spread(low), _SYNTHESIS_LOW, 3 + 4 - 1, length, 1) + _convolve(
        _spread(high), _SYNTHESIS_HIGH, 3 + 4, length, 1
    )


def _transposed(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.ascontiguousarray(first.T), np.ascontiguousarray(second.T)


def decompose(
    image: np.ndarray, levels: int = LEVELS
) -> tuple[list[tuple[np.ndarray, np.ndarray, np.ndarray]], np.ndarray]:
    """Wavelet decomposition.

    Parameters
    ----------
    image : numpy.ndarray
        float64, H x W with H, W >= 8, any range.
    levels : int

    Returns
    -------
    details : list of tuple of numpy.ndarray
        From fine to coarse: the bands high-high, high-low and low-high (rows' filter named first).
    base : numpy.ndarray
        The low band of the last level.
    """
    details, current = [], image
    for _ in range(levels):
        low, high = _transposed(*_analyse(current))
        low_low, low_high = _transposed(*_analyse(low))
        high_low, high_high = _transposed(*_analyse(high))
        details.append((high_high, high_low, low_high))
        current = low_low
    return details, current


def reconstruct(details: Sequence[tuple[np.ndarray, ...]], base: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Inverse of `decompose` for an image of `shape` (float64, H x W)."""
    sizes = [shape, *(bands[0].shape for bands in details)][: len(details)]
    current = base
    for (high_high, high_low, low_high), (height, width) in zip(reversed(details), reversed(sizes), strict=True):
        low = _synthesise(*_transposed(current, low_high), height)
        high = _synthesise(*_transposed(high_low, high_high), height)
        current = _synthesise(*_transposed(low, high), width)
    return current


def _fuse_spline(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    if min(first.shape) < _SMALLEST:
        return average(first, second)
    first_details, first_base = decompose(first)
    second_details, second_base = decompose(second)
    details = [
        tuple(choose_max(one, other) for one, other in zip(ours, theirs, strict=True))
        for ours, theirs in zip(first_details, second_details, strict=True)
    ]
    return reconstruct(details, average(first_base, second_base), first.shape)


def _haar(image: np.ndarray) -> np.ndarray:
    """One orthonormal Haar step on 2 x 2 blocks (even H x W): four bands stacked, 4 x H/2 x W/2. Its own inverse
    is `_inverse_haar`."""
    a, b = image[0::2, 0::2], image[0::2, 1::2]
    c, d = image[1::2, 0::2], image[1::2, 1::2]
    return np.stack([a + b + c + d, a + b - c - d, a - b + c - d, a - b - c + d]) / 2


def _inverse_haar(bands: np.ndarray) -> np.ndarray:
    low, vertical, horizontal, diagonal = bands
    result = np.empty((2 * low.shape[0], 2 * low.shape[1]))
    result[0::2, 0::2] = low + vertical + horizontal + diagonal
    result[0::2, 1::2] = low + vertical - horizontal - diagonal
    result[1::2, 0::2] = low - vertical + horizontal - diagonal
    result[1::2, 1::2] = low - vertical - horizontal + diagonal
    return result / 2


def _resize(image: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    import cv2

    if image.shape == tuple(shape):
        return image
    return cv2.resize(image, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)


def _fuse_haar(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """All four bands of one Haar level by `choose_max`; odd sizes are enlarged by one pixel and shrunk back."""
    shape = first.shape
    if min(shape) < 3:
        return np.floor(average(first, second))
    even = tuple(side + side % 2 for side in shape)
    bands = choose_max(_haar(_resize(first, even)), _haar(_resize(second, even)))
    return np.trunc(np.clip(_resize(_inverse_haar(bands), shape), 0, 255))


def fuse(images: Sequence[np.ndarray], variant: str) -> Fusion:
    """Wavelet fusion of a pair, each colour channel on its own (float32, shape of a source, [0, 1]).

    The mean of the sources below 8 pixels a side (3 for the Haar variant). The toolbox of Liu et al. has a third
    setting, four periodic Haar levels, which fails for sizes that are not multiples of 16; it is not offered.
    """
    return fuse_channels(images, {"dbss22": _fuse_spline, "haar1": _fuse_haar}[variant])
