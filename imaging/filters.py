"""Filters that more than one room uses: box means, guided filter, components of binary maps."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import label


def _window_limits(length: int, radius: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First and one-past-last index of the windows of half size `radius`, cut at the ends of an axis."""
    centre = np.arange(length)
    return np.maximum(centre - radius, 0), np.minimum(centre + radius + 1, length)


def _box_sum(values: NDArray[np.float64], radius: int, axis: int) -> NDArray[np.float64]:
    total = np.cumsum(values, axis=axis)
    total = np.concatenate([np.zeros_like(np.take(total, [0], axis=axis)), total], axis=axis)
    start, stop = _window_limits(values.shape[axis], radius)
    return np.take(total, stop, axis=axis) - np.take(total, start, axis=axis)


def box_mean(values: ArrayLike, radius: int) -> NDArray[np.float64]:
    """Mean over a square window that is cut at the image border.

    Parameters
    ----------
    values : array_like
        H x W or H x W x C, any scale.
    radius : int
        Half size r >= 0: the window has 2 r + 1 rows and columns, of which those inside the image count.

    Returns
    -------
    numpy.ndarray
        float64, same shape.
    """
    values = np.asarray(values, dtype=np.float64)
    height, width = values.shape[:2]
    rows = np.subtract(*_window_limits(height, radius)[::-1])
    columns = np.subtract(*_window_limits(width, radius)[::-1])
    count = np.outer(rows, columns).reshape((height, width) + (1,) * (values.ndim - 2))
    return _box_sum(_box_sum(values, radius, 0), radius, 1) / count


def guided_filter(guide: ArrayLike, values: ArrayLike, radius: int, epsilon: float) -> NDArray[np.float64]:
    """Guided filter with a gray guide.

    Parameters
    ----------
    guide : array_like
        H x W, [0, 1].
    values : array_like
        H x W, to be filtered.
    radius : int
        Half size of the windows, which are cut at the border (`box_mean`).
    epsilon : float
        Regularisation, added to the variance of the guide as it is.

    Returns
    -------
    numpy.ndarray
        float64, H x W. May leave the range of `values`.

    References
    ----------
    K. He, J. Sun, X. Tang, "Guided image filtering", IEEE TPAMI 35(6), 2013, eq. 5, 6 and 8.
    """
    guide = np.asarray(guide, dtype=np.float64)
    values = np.asarray(values, dtype=np.float64)
    mean_guide = box_mean(guide, radius)
    mean_values = box_mean(values, radius)
    covariance = box_mean(guide * values, radius) - mean_guide * mean_values
    variance = box_mean(guide * guide, radius) - mean_guide * mean_guide
    slope = covariance / (variance + epsilon)
    offset = mean_values - slope * mean_guide
    return box_mean(slope, radius) * guide + box_mean(offset, radius)


def remove_small_components(mask: ArrayLike, area: float, connectivity: int = 8) -> NDArray[np.bool_]:
    """Remove connected components of fewer than `area` pixels from a binary map.

    Parameters
    ----------
    mask : array_like of bool
        H x W.
    area : float
        Components with strictly fewer pixels go.
    connectivity : {4, 8}
        Whether pixels that touch at a corner are connected.

    Returns
    -------
    numpy.ndarray
        bool, H x W.
    """
    mask = np.asarray(mask, dtype=bool)
    labels, _ = label(mask, structure=np.ones((3, 3)) if connectivity == 8 else None)
    large = np.bincount(labels.ravel()) >= area
    large[0] = False
    return large[labels]
