"""Orthogonal matching pursuit of many signals with one dictionary, compiled with numba.

Imported inside functions only: numba takes half a second to import.

The residual's correlations with all atoms are carried along instead of the residual itself. With q_k the
orthonormal basis of the chosen atoms and w_k = D^T q_k, choosing atom i as the k-th costs, from the Gram matrix
G = D^T D and the earlier w_j,

    R_jk = w_j[i],   R_kk = sqrt(1 - sum_j R_jk^2),   w_k = (G[:, i] - sum_j R_jk w_j) / R_kk,

which is one column of the progressive Cholesky factor R of the Gram matrix of the support. The coefficient on q_k is
z_k = (D^T r)_i / R_kk, the squared residual falls by z_k^2, and in the end R c = z.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

#: An atom nearer than this (squared) to the span of the chosen ones, or correlated less, ends the pursuit.
DEGENERATE = 1e-14


@njit(nogil=True, cache=True, fastmath=True)
def _subtract(target: np.ndarray, scales: np.ndarray, rows: np.ndarray, count: int) -> None:
    """target -= sum over j < count of scales[j] * rows[j], four rows at a time to spare memory traffic."""
    j = 0
    while j + 4 <= count:
        a, b, c, d = scales[j], scales[j + 1], scales[j + 2], scales[j + 3]
        w, x, y, z = rows[j], rows[j + 1], rows[j + 2], rows[j + 3]
        for n in range(target.size):
            target[n] -= a * w[n] + b * x[n] + c * y[n] + d * z[n]
        j += 4
    while j < count:
        a, w = scales[j], rows[j]
        for n in range(target.size):
            target[n] -= a * w[n]
        j += 1


@njit(nogil=True, cache=True, fastmath=True)
def _largest(values: np.ndarray, spare: np.ndarray) -> int:
    """First index of the largest magnitude; `spare` has half as many elements.

    Halves are folded onto each other, which the compiler turns into vector instructions; a running maximum it does not.
    """
    size = (values.size + 1) // 2
    for n in range(size):
        spare[n] = abs(values[n])
    for n in range(values.size - size):
        spare[n] = max(spare[n], abs(values[size + n]))
    while size > 1:
        half = (size + 1) // 2
        for n in range(size - half):
            spare[n] = max(spare[n], spare[half + n])
        size = half
    for n in range(values.size):
        if abs(values[n]) == spare[0]:
            return n
    return 0


@njit(nogil=True, cache=True, fastmath=True)
def pursue(
    signals: np.ndarray,
    atoms: np.ndarray,
    gram: np.ndarray,
    bound: float,
    support: np.ndarray,
    coefficients: np.ndarray,
    sizes: np.ndarray,
) -> None:
    """Code signals by orthogonal matching pursuit.

    Parameters
    ----------
    signals : numpy.ndarray
        float64, P x M: one signal per row.
    atoms : numpy.ndarray
        float64, M x K: unit-norm atoms in columns.
    gram : numpy.ndarray
        float64, K x K: ``atoms.T @ atoms``.
    bound : float
        The pursuit ends when the squared l2 norm of the residual is at most ``bound``.
    support, coefficients, sizes : numpy.ndarray
        Filled in: int16 P x M, float64 P x M, int16 P. Entries beyond a signal's size are not touched.
    """
    length, count = atoms.shape
    correlations = np.empty(count)
    spare = np.empty((count + 1) // 2)
    basis = np.empty((length, count))
    factor = np.empty((length, length))
    projections = np.empty(length)
    for p in range(signals.shape[0]):
        residual = 0.0
        correlations[:] = 0.0
        for m in range(length):
            residual += signals[p, m] * signals[p, m]
        size = 0
        if residual > bound:
            _subtract(correlations, -signals[p], atoms, length)
        while residual > bound and size < length:
            best = _largest(correlations, spare)
            if correlations[best] * correlations[best] < DEGENERATE:
                break
            distance = 1.0
            for j in range(size):
                factor[size, j] = basis[j, best]
                distance -= factor[size, j] * factor[size, j]
            if distance <= DEGENERATE:
                break
            pivot = np.sqrt(distance)
            factor[size, size] = pivot
            row = basis[size]
            row[:] = gram[best]
            _subtract(row, factor[size], basis, size)
            projection = correlations[best] / pivot
            scale = 1 / pivot
            for n in range(count):
                row[n] *= scale
                correlations[n] -= projection * row[n]
            support[p, size] = best
            projections[size] = projection
            residual -= projection * projection
            size += 1
        for i in range(size - 1, -1, -1):
            value = projections[i]
            for j in range(i + 1, size):
                value -= factor[j, i] * coefficients[p, j]
            coefficients[p, i] = value / factor[i, i]
        sizes[p] = size


@njit(nogil=True, cache=True, fastmath=True)
def synthesise(
    atoms: np.ndarray, support: np.ndarray, coefficients: np.ndarray, sizes: np.ndarray
) -> NDArray[np.float64]:
    """Signals of codes: float64 P x M, for the arguments of `pursue`."""
    signals = np.zeros((sizes.size, atoms.shape[0]))
    columns = np.ascontiguousarray(atoms.T)
    for p in range(sizes.size):
        for k in range(sizes[p]):
            scale, atom = coefficients[p, k], columns[support[p, k]]
            for m in range(atom.size):
                signals[p, m] += scale * atom[m]
    return signals
