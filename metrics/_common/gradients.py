"""Gradients of integer images with zeros outside the image; the results are exact integers."""

import numpy as np
from numpy.typing import NDArray

#: Why a metric of preserved edges has no value.
NO_EDGES = "no source has an edge that the fused image could preserve"


def _pair(image: np.ndarray, centre: int) -> tuple[np.ndarray, np.ndarray]:
    """Differences along columns and rows, each smoothed across by (1, `centre`, 1)."""
    padded = np.pad(image, 1)
    rows = padded[:-2] + centre * padded[1:-1] + padded[2:]
    columns = padded[:, :-2] + centre * padded[:, 1:-1] + padded[:, 2:]
    return rows[:, 2:] - rows[:, :-2], columns[2:] - columns[:-2]


def sobel(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Horizontal and vertical Sobel derivative, correlation with [-1 0 1; -2 0 2; -1 0 1] and its transpose."""
    return _pair(image, 2)


def prewitt_magnitude(image: np.ndarray) -> NDArray[np.float64]:
    """Magnitude of the Prewitt gradient."""
    horizontal, vertical = _pair(image, 1)
    return np.sqrt(horizontal**2 + vertical**2)
