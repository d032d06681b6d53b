"""Local structural similarity in Gaussian windows of 11 x 11 pixels, shared by SSIM, MS-SSIM and MEF-SSIM."""

import numpy as np
from numpy.typing import NDArray

from metrics._common.windows import Statistics, gaussian_taps, separable_valid

SIZE = 11
TAPS = gaussian_taps(SIZE, 1.5)
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def statistics(gray: NDArray[np.float64]) -> Statistics:
    """The image, its local mean and its local variance (full windows)."""
    mean = separable_valid(gray, TAPS)
    return gray, mean, separable_valid(gray**2, TAPS) - mean**2


def covariance(first: Statistics, second: Statistics) -> NDArray[np.float64]:
    """Local covariance of two images whose `statistics` these are."""
    return separable_valid(first[0] * second[0], TAPS) - first[1] * second[1]
