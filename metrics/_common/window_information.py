"""Mutual information of two feature images in windows of 3 x 3, compiled with numba.

Imported inside functions only: numba takes half a second to import. The formulas stand in `metrics.fmi`; this is the
loop over the windows.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

_SIDE = 3
_COUNT = _SIDE**2


@njit(nogil=True, cache=True)
def mean_information(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Mean over all full windows of the normalised mutual information of two feature images.

    Parameters
    ----------
    first, second : numpy.ndarray
        float64, H x W, of one size, at least 3 x 3; any scale.

    Returns
    -------
    float
        Mean of 2 I / (H(p) + H(q)); a window counts 1 where both images have the same values in it, and 0 where one of
        them is constant.
    """
    height, width = first.shape
    # Values, shares and their logarithms; a window has one row for each image.
    values, shares, logarithms = np.empty((2, _COUNT)), np.empty((2, _COUNT)), np.empty((2, _COUNT))
    cells, masses = np.empty((2 * _COUNT - 1, 2), np.intp), np.empty(2 * _COUNT - 1)
    total = 0.0
    for y in range(height - _SIDE + 1):
        for x in range(width - _SIDE + 1):
            same = True
            for column in range(_SIDE):
                for row in range(_SIDE):
                    k = column * _SIDE + row
                    values[0, k], values[1, k] = first[y + row, x + column], second[y + row, x + column]
                    same &= values[0, k] == values[1, k]
            if same:
                total += 1
            elif _distribute(values[0], shares[0]) and _distribute(values[1], shares[1]):
                total += _normalised_information(shares, logarithms, cells, masses)
    return total / ((height - _SIDE + 1) * (width - _SIDE + 1))


@njit(nogil=True, cache=True)
def _distribute(values: NDArray[np.float64], shares: NDArray[np.float64]) -> bool:
    """Turn values into shares of their sum above the least one; False where all are equal."""
    low, high = values[0], values[0]
    for k in range(1, _COUNT):
        low, high = min(low, values[k]), max(high, values[k])
    if low == high:
        return False
    total = 0.0
    for k in range(_COUNT):
        shares[k] = (values[k] - low) / (high - low)
        total += shares[k]
    for k in range(_COUNT):
        shares[k] /= total
    return True


@njit(nogil=True, cache=True)
def _normalised_information(
    shares: NDArray[np.float64], logarithms: NDArray[np.float64], cells: NDArray[np.intp], masses: NDArray[np.float64]
) -> float:
    """2 I / (H(p) + H(q)) of the two rows of `shares`; the other arrays are room to work in."""
    p, q = shares
    log_p, log_q = logarithms
    products = squares_p = squares_q = entropies = 0.0
    mean_p = mean_q = moment_p = moment_q = 0.0
    for k in range(_COUNT):
        # Both have the mean 1/9.
        from_mean_p, from_mean_q = p[k] - 1 / _COUNT, q[k] - 1 / _COUNT
        products += from_mean_p * from_mean_q
        squares_p += from_mean_p**2
        squares_q += from_mean_q**2
        mean_p += k * p[k]
        mean_q += k * q[k]
        moment_p += k**2 * p[k]
        moment_q += k**2 * q[k]
        log_p[k] = math.log(p[k]) if p[k] > 0 else 0.0
        log_q[k] = math.log(q[k]) if q[k] > 0 else 0.0
        entropies -= p[k] * log_p[k] + q[k] * log_q[k]
    variance_p, variance_q = moment_p - mean_p**2, moment_q - mean_q**2
    if products == 0 or variance_p <= 0 or variance_q <= 0:
        return 0.0
    count = _bound(p, q, products > 0, cells, masses)
    covariance = -mean_p * mean_q
    for n in range(count):
        covariance += masses[n] * cells[n, 0] * cells[n, 1]
    if products * covariance <= 0:
        # The spread of the indices is lost in rounding.
        return 0.0
    phi = products / math.sqrt(squares_p * squares_q) * math.sqrt(variance_p * variance_q) / covariance

    # Outside the cells of the bound the joint mass is (1 - phi) p q, whose entropy is known: only these change it.
    rest = 1 - phi
    log_rest = math.log(abs(rest)) if rest != 0 else 0.0
    information = entropies + rest * (log_rest - entropies)
    for n in range(count):
        i, j = cells[n]
        independent = rest * p[i] * q[j]
        mass = phi * masses[n] + independent
        if mass != 0:
            information += mass * math.log(abs(mass))
        information -= independent * (log_rest + log_p[i] + log_q[j])
    return 2 * information / entropies


@njit(nogil=True, cache=True)
def _bound(
    p: NDArray[np.float64], q: NDArray[np.float64], upper: bool, cells: NDArray[np.intp], masses: NDArray[np.float64]
) -> int:
    """Joint distribution of the largest (or least) covariance of the indices: its cells and their masses; how many.

    Its mass lies on a staircase of at most 17 cells, up along both lists, or down along the second one.
    """
    i, j, step = (0, 0, 1) if upper else (0, _COUNT - 1, -1)
    reached, edge_p, edge_q = 0.0, p[i], q[j]
    count = 0
    while True:
        end = min(edge_p, edge_q)
        cells[count, 0], cells[count, 1], masses[count] = i, j, end - reached
        count += 1
        reached = end
        if edge_p == end:
            i += 1
            if i == _COUNT:
                return count
            edge_p += p[i]
        if edge_q == end:
            j += step
            if j in (-1, _COUNT):
                return count
            edge_q += q[j]
