"""Pearson's correlation of images, shared by the metrics that are made of correlations."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from files.errors import Undefined


def centred(image: NDArray[Any], what: str) -> tuple[NDArray[np.float64], float]:
    """An image without its mean, and its norm.

    Parameters
    ----------
    image : numpy.ndarray
        H x W, any scale.
    what : str
        Names the image in a message.

    Raises
    ------
    files.errors.Undefined
        The image is constant: it has no correlation with anything.
    """
    if image.min() == image.max():
        raise Undefined(f"{what} is constant and has no correlation with another image")
    values = (image - image.mean()).ravel()
    return values, float(np.sqrt(values @ values))


def correlation(first: tuple[NDArray[np.float64], float], second: tuple[NDArray[np.float64], float]) -> float:
    """Pearson's correlation over all pixels of two images that `centred` has prepared."""
    return float(first[0] @ second[0]) / (first[1] * second[1])
