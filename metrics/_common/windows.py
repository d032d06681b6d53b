"""Window statistics that several metrics share."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from files.errors import Undefined

#: What the structural metrics keep of an image for every window, such as the image, local mean and local variance.
Statistics = tuple[np.ndarray, np.ndarray, np.ndarray]


def require_size(shape: tuple[int, ...], size: int, metric: str) -> None:
    """Raise `Undefined` unless a window of `size` x `size` pixels fits into an image of `shape`."""
    if min(shape) < size:
        raise Undefined(f"{metric} needs images of at least {size} x {size} pixels; got {shape[1]} x {shape[0]}")


def gaussian_taps(size: int, sigma: float, normalised: bool = True) -> NDArray[np.float64]:
    """One axis of a square Gaussian window (`size` taps, odd), of sum 1 when `normalised`."""
    offsets = np.arange(size) - (size - 1) / 2
    taps = np.exp(-(offsets**2) / (2 * sigma**2))
    return taps / taps.sum() if normalised else taps


def separable_same(values: np.ndarray, taps: NDArray[np.float64]) -> np.ndarray:
    """Correlation with ``outer(taps, taps)``, zeros outside the image, result of the same size (float64)."""
    import cv2

    return cv2.sepFilter2D(values, cv2.CV_64F, taps, taps, borderType=cv2.BORDER_CONSTANT)


def separable_valid(values: np.ndarray, taps: NDArray[np.float64]) -> np.ndarray:
    """Correlation with ``outer(taps, taps)``, full windows only: (H - n + 1) x (W - n + 1)."""
    radius = len(taps) // 2
    return separable_same(values, taps)[radius : values.shape[0] - radius, radius : values.shape[1] - radius]


#: Side of the windows of `box_sums` in pixels.
BOX = 8


def box_sums(values: np.ndarray) -> np.ndarray:
    """Sums over all full windows of 8 x 8 pixels.

    Three doublings an axis: without rounding for integers, and for a window of one repeated value.
    """
    for step in (1, 2, 4):
        values = values[:-step] + values[step:]
    for step in (1, 2, 4):
        values = values[:, :-step] + values[:, step:]
    return values


def box_statistics(image: np.ndarray, scale: float) -> Statistics:
    """The image, its local mean and its local variance: window sums (`box_sums`) times `scale`."""
    mean = box_sums(image) * scale
    return image, mean, box_sums(image**2) * scale - mean**2


def box_covariance(first: Statistics, second: Statistics, scale: float) -> np.ndarray:
    """Local covariance of two images whose `box_statistics` these are."""
    return box_sums(first[0] * second[0]) * scale - first[1] * second[1]


def halved(gray: np.ndarray, border: Literal["constant", "symmetric"]) -> NDArray[np.float64]:
    """Means of blocks of 2 x 2 pixels; a last odd row or column is completed with zeros, or with itself ("symmetric")."""
    padded = np.pad(gray, [(0, length % 2) for length in gray.shape], mode=border)
    return (padded[::2, ::2] + padded[::2, 1::2] + padded[1::2, ::2] + padded[1::2, 1::2]) / 4


def constant_windows(levels: np.ndarray, size: int) -> NDArray[np.bool_]:
    """Where all pixels of a full `size` x `size` window (odd) are equal: bool, (H - n + 1) x (W - n + 1)."""
    import cv2

    radius = size // 2
    whole, window = levels.astype(np.uint8), np.ones((size, size), np.uint8)
    # The filters are much faster on bytes, which gray in the benchmark's form fits into.
    values = whole if np.array_equal(whole, levels) else levels
    constant = cv2.dilate(values, window) == cv2.erode(values, window)
    return constant[radius : levels.shape[0] - radius, radius : levels.shape[1] - radius]


def similarity(
    mean_x: np.ndarray,
    mean_y: np.ndarray,
    variance_x: np.ndarray,
    variance_y: np.ndarray,
    covariance: np.ndarray,
    c1: float,
    c2: float,
) -> np.ndarray:
    """Local SSIM from window statistics (Wang et al., IEEE TIP 13(4), 2004, eq. 13)."""
    return ((2 * mean_x * mean_y + c1) * (2 * covariance + c2)) / (
        (mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2)
    )
