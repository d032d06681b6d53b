"""Choosing the stronger of two sub-bands with a consistency check, as all transform-domain methods here do.

References
----------
H. Li, B. S. Manjunath, S. K. Mitra, "Multisensor image fusion using the wavelet transform", Graphical Models and
Image Processing 57(3), 1995.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

#: Votes of a 3 x 3 neighbourhood that make a majority.
_MAJORITY = 5


def extend(array: np.ndarray, width: int) -> np.ndarray:
    """Extend by whole-sample mirroring and leave the four corner blocks at zero.

    The empty corners are part of the published pyramids: they darken or weaken what a filter sees beyond a corner.

    Parameters
    ----------
    array : numpy.ndarray
        ... x H x W with H, W > `width`.
    width : int
        Samples added on each side; the edge sample is not repeated.

    Returns
    -------
    numpy.ndarray
        ... x (H + 2 width) x (W + 2 width), the input's dtype.
    """
    height, columns = array.shape[-2:]
    result = np.zeros((*array.shape[:-2], height + 2 * width, columns + 2 * width), array.dtype)
    inner_rows = slice(width, width + height)
    inner_columns = slice(width, width + columns)
    result[..., inner_rows, inner_columns] = array
    for step in range(1, width + 1):
        result[..., width - step, inner_columns] = array[..., step, :]
        result[..., width + height - 1 + step, inner_columns] = array[..., -1 - step, :]
        result[..., inner_rows, width - step] = array[..., step]
        result[..., inner_rows, width + columns - 1 + step] = array[..., -1 - step]
    return result


def _along_three(combine: Callable[[np.ndarray, np.ndarray], np.ndarray], array: np.ndarray) -> np.ndarray:
    """Combine each 3 x 3 neighbourhood with a ufunc, valid part only."""
    rows = combine(combine(array[..., :-2, :], array[..., 1:-1, :]), array[..., 2:, :])
    return combine(combine(rows[..., :-2], rows[..., 1:-1]), rows[..., 2:])


def activity(coefficients: np.ndarray) -> NDArray[np.float64]:
    """Activity level: largest magnitude in each 3 x 3 neighbourhood of the sub-band extended by one sample.

    Parameters
    ----------
    coefficients : numpy.ndarray
        ... x H x W with H, W >= 2, real or complex.

    Returns
    -------
    numpy.ndarray
        float64, ... x (H + 2) x (W + 2): one ring more than the sub-band, which takes part in the vote.
    """
    height, width = coefficients.shape[-2:]
    ringed = np.zeros((*coefficients.shape[:-2], height + 4, width + 4))
    ringed[..., 1:-1, 1:-1] = extend(np.abs(coefficients), 1)
    return _along_three(np.maximum, ringed)


def choose_first(first: np.ndarray, second: np.ndarray) -> NDArray[np.bool_]:
    """Where a majority of the 3 x 3 neighbourhood finds the first sub-band the more active (ties go to the second).

    Parameters
    ----------
    first, second : numpy.ndarray
        ... x H x W with H, W >= 2, real or complex (then the modulus counts).

    Returns
    -------
    numpy.ndarray
        bool, ... x H x W.
    """
    stronger = (activity(first) > activity(second)).view(np.uint8)
    return _along_three(np.add, stronger) >= _MAJORITY


def choose_max(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The more active of two sub-bands at every coefficient, decided by `choose_first`.

    Parameters
    ----------
    first, second : numpy.ndarray
        ... x H x W with H, W >= 2, of one shape, real or complex.

    Returns
    -------
    numpy.ndarray
        ... x H x W, coefficients of `first` or `second`.
    """
    return np.where(choose_first(first, second), first, second)


def average(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Mean of two arrays, the usual rule for the low band."""
    return (first + second) / 2
