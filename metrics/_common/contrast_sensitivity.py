"""Filtering with a contrast sensitivity function in the frequency domain (circular)."""

import functools

import numpy as np
from numpy.typing import NDArray
from scipy import fft


def radial_frequency(shape: tuple[int, int], cycles: float) -> NDArray[np.float64]:
    """Radial frequency of the coefficients of a real transform, H x (W // 2 + 1).

    Parameters
    ----------
    shape : tuple of int
        Height and width of the image.
    cycles : float
        An axis of n samples spans the frequencies -n / cycles .. n / cycles.
    """
    height, width = shape
    v = fft.fftfreq(height) * 2 * (height / cycles)
    u = fft.rfftfreq(width) * 2 * (width / cycles)
    return np.sqrt(u**2 + v[:, None] ** 2)


def filtered(image: np.ndarray, response: NDArray[np.float64]) -> NDArray[np.float64]:
    """The image with its transform multiplied by `response`, an even real H x (W // 2 + 1)."""
    return fft.irfft2(fft.rfft2(image.astype(np.float64)) * response, image.shape)


@functools.lru_cache(maxsize=2)
def mannos_sakrison(shape: tuple[int, int]) -> NDArray[np.float64]:
    """Contrast sensitivity of J. L. Mannos, D. J. Sakrison, IEEE Trans. Information Theory 20(4), 1974."""
    radius = radial_frequency(shape, 8)
    return 2.6 * (0.0192 + 0.144 * radius) * np.exp(-((0.144 * radius) ** 1.1))


@functools.lru_cache(maxsize=2)
def difference_of_gaussians(shape: tuple[int, int]) -> NDArray[np.float64]:
    """Contrast sensitivity of Q_CB: a difference of two Gaussians."""
    radius = radial_frequency(shape, 30)
    return np.exp(-((radius / 15.3870) ** 2)) - 0.7622 * np.exp(-((radius / 1.3456) ** 2))
