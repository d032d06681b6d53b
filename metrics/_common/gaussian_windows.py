"""Gaussian windows of 7 x 7 pixels (sigma 1.5) in which constancy is decided exactly, shared by Q_Y and Q_C."""

import numpy as np
from numpy.typing import NDArray

from metrics._common.windows import Statistics, constant_windows, gaussian_taps, separable_valid

SIZE = 7
_TAPS = gaussian_taps(SIZE, 1.5)

#: Constant of the local SSIM, C1 = C2.
C = 2e-16


def statistics(gray: NDArray[np.float64]) -> Statistics:
    """Local mean, local variance, and which windows are constant."""
    constant = constant_windows(gray, SIZE)
    mean = separable_valid(gray, _TAPS)
    variance = separable_valid(gray**2, _TAPS) - mean**2
    radius = SIZE // 2
    mean = np.where(constant, gray[radius:-radius, radius:-radius], mean)
    return mean, np.where(constant, 0, variance), constant


def covariance(
    x: NDArray[np.float64], statistics_x: Statistics, y: NDArray[np.float64], statistics_y: Statistics
) -> NDArray[np.float64]:
    """Local covariance of two images with their `statistics`; 0 where one of them is constant."""
    (mean_x, _, constant_x), (mean_y, _, constant_y) = statistics_x, statistics_y
    local = separable_valid(x * y, _TAPS) - mean_x * mean_y
    local[constant_x | constant_y] = 0
    return local
