"""Saliency from the structure tensor's eigenvalues, which MWGF and TF share.

References
----------
Z. Zhou, S. Li, B. Wang, Information Fusion 20, 2014.
"""

import math

import numpy as np
from scipy import ndimage

_ANISOTROPY = 0.5


def gradients(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Backward differences along x and y, zero on all four rims of the image (float64, H x W each)."""
    across, down = np.zeros_like(values), np.zeros_like(values)
    across[1:-1, 1:-1] = values[1:-1, 1:-1] - values[1:-1, :-2]
    down[1:-1, 1:-1] = values[1:-1, 1:-1] - values[:-2, 1:-1]
    return across, down


def tensor_saliency(across: np.ndarray, down: np.ndarray, sigma: float) -> np.ndarray:
    """Saliency Q of a gradient field at one scale.

    Parameters
    ----------
    across, down : numpy.ndarray
        Gradients along x and y, H x W.
    sigma : float
        Scale: standard deviation in pixels of the Gaussian that smooths the structure tensor.

    Returns
    -------
    numpy.ndarray
        float64, H x W, in units of the gradients.
    """
    size = math.ceil(6 * sigma)
    radius = (size + 1 - size % 2) // 2
    taps = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * sigma**2))
    taps /= taps.sum()

    def smooth(values: np.ndarray) -> np.ndarray:
        for axis in (0, 1):
            values = ndimage.correlate1d(values, taps, axis=axis, mode="reflect")
        return values

    j11, j12, j22 = smooth(across * across), smooth(across * down), smooth(down * down)
    root = np.sqrt((j11 - j22) ** 2 + 4 * j12**2)
    larger, smaller = np.abs(j11 + j22 + root) / 2, np.abs(j11 + j22 - root) / 2
    larger, smaller = np.sqrt(np.maximum(larger, smaller)), np.sqrt(np.minimum(larger, smaller))
    return np.sqrt((larger + smaller) ** 2 + _ANISOTROPY * (larger - smaller) ** 2)
