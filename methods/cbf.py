"""CBF: cross bilateral filter fusion."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from methods import Fusion, Method, Option, Reference
from methods._common.channels import fuse_channels

METHOD = Method(
    id="cbf",
    label="CBF",
    title="Weights from the local covariance of cross bilateral filter details",
    citation=(
        "B. K. Shreyamsha Kumar, Image fusion based on pixel significance using cross bilateral filter, Signal, Image "
        "and Video Processing 9, 2015"
    ),
    doi="10.1007/s11760-013-0556-9",
    year=2015,
    kind="transform",
    cost=4.8,
    options={
        "spatial_sigma": Option(1.8, "Spatial sigma of the filter in pixels.", minimum=0.1, maximum=100.0),
        "range_sigma": Option(25.0, "Range sigma of the filter in grey levels.", minimum=0.1, maximum=1000.0),
        "radius": Option(5, "The filter kernel has 2 radius + 1 rows and columns.", minimum=1, maximum=50),
    },
)

REFERENCES = (Reference("mfifb", "CBF"),)

_WINDOW = 5
#: Weight of a pixel whose neighbourhood has no detail at all.
_NO_DETAIL = np.finfo(float).eps


def cross_bilateral(
    levels: np.ndarray, guide: np.ndarray, spatial_sigma: float, range_sigma: float, radius: int
) -> NDArray[np.float64]:
    """Bilateral filter of one channel with the range weights of another one.

    Parameters
    ----------
    levels, guide : numpy.ndarray
        H x W, integer grey levels 0..255 (a table holds the range weights of all 256 differences).
    spatial_sigma, range_sigma : float
        Pixels and grey levels.
    radius : int
        Half size of the kernel; the border is mirrored (edge not repeated).

    Returns
    -------
    numpy.ndarray
        float64, H x W.
    """
    height, width = levels.shape
    table = np.exp(-(np.arange(256.0) ** 2) / (2 * range_sigma**2))
    padded = np.pad(levels, radius, mode="reflect")
    guide = guide.astype(np.int16)
    padded_guide = np.pad(guide, radius, mode="reflect")
    numerator, denominator = np.zeros(levels.shape), np.zeros(levels.shape)
    for r in range(2 * radius + 1):
        for c in range(2 * radius + 1):
            window = (slice(r, r + height), slice(c, c + width))
            spatial = np.exp(-((r - radius) ** 2 + (c - radius) ** 2) / (2 * spatial_sigma**2))
            weight = (spatial * table)[np.abs(padded_guide[window] - guide)]
            numerator += weight * padded[window]
            denominator += weight
    return numerator / denominator


def _windowed_variance(values: np.ndarray, axis: int) -> np.ndarray:
    """Sample variance of each run of five samples along an axis, valid part."""
    runs = np.lib.stride_tricks.sliding_window_view(values, _WINDOW, axis)
    samples = [runs[..., k] for k in range(_WINDOW)]
    mean = sum(samples) / _WINDOW
    return sum((sample - mean) ** 2 for sample in samples) / (_WINDOW - 1)  # type: ignore[return-value]


def _windowed_sum(values: np.ndarray, axis: int) -> np.ndarray:
    runs = np.lib.stride_tricks.sliding_window_view(values, _WINDOW, axis)
    return sum(runs[..., k] for k in range(_WINDOW))  # type: ignore[return-value]


def detail_strength(detail: np.ndarray) -> np.ndarray:
    """Weight of each pixel: variances of the five rows and the five columns of its 5 x 5 neighbourhood, added.

    These are the traces of the two covariance matrices whose eigenvalues the paper adds up (H x W, > 0).
    """
    padded = np.pad(detail, _WINDOW // 2, mode="reflect")
    strength = _windowed_sum(_windowed_variance(padded, 0), 1) + _windowed_sum(_windowed_variance(padded, 1), 0)
    return np.where(strength == 0, _NO_DETAIL, strength)


def _fuse_levels(first: np.ndarray, second: np.ndarray, **filter_options: Any) -> np.ndarray:
    one = detail_strength(first - cross_bilateral(first, second, **filter_options))
    other = detail_strength(second - cross_bilateral(second, first, **filter_options))
    return (first * one + second * other) / (one + other)


def fuse(images: Sequence[np.ndarray], spatial_sigma: float, range_sigma: float, radius: int) -> Fusion:
    """Fuse a pair by weighted means, each colour channel on its own (float32, shape of a source, [0, 1])."""
    options = {"spatial_sigma": spatial_sigma, "range_sigma": range_sigma, "radius": radius}
    return fuse_channels(images, lambda first, second: _fuse_levels(first, second, **options))
