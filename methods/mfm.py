"""MFM: multi-scale focus measures combined by generalised random walks."""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse.linalg import splu

from imaging.filters import guided_filter
from imaging.levels import gray_real, to_levels
from methods import Fusion, Method, Reference
from methods._common.compose import as_map, blend

METHOD = Method(
    id="mfm",
    label="MFM",
    title="Focus maps at three scales, selected by generalised random walks",
    citation=(
        "J. Ma, Z. Zhou, B. Wang, M. Dong, Multi-focus image fusion based on multi-scale focus measures and "
        "generalized random walk, 36th Chinese Control Conference, 2017"
    ),
    year=2017,
    kind="spatial",
    cost=9.0,
    decision_map=True,
)

REFERENCES = (Reference("mfifb", "MFM"),)

#: Half size of the focus measure's window, radius and regularisation of the guided filter.
_SCALES = ((5, 5, 1e-2), (11, 14, 1e-3), (17, 21, 1e-4))
_FINAL_RADIUS, _FINAL_EPSILON = 3, 0.01
_SURE = 0.8
_CONTRAST = 0.01
#: Keeps the system regular where no map is sure anywhere.
_TINY = 1e-12


def modified_laplacian(gray: np.ndarray) -> np.ndarray:
    """Sum of the absolute second differences along both axes, edge values repeated (H x W)."""
    padded = np.pad(gray, 1, mode="edge")
    inner = padded[1:-1, 1:-1]
    across = np.abs(2 * inner - padded[1:-1, :-2] - padded[1:-1, 2:])
    return np.abs(2 * inner - padded[:-2, 1:-1] - padded[2:, 1:-1]) + across


def _window_sum(values: np.ndarray, half: int) -> np.ndarray:
    """Sum over square windows, each added up on its own: running sums would break the ties of flat areas."""
    for axis in (0, 1):
        values = ndimage.correlate1d(values, np.ones(2 * half + 1), axis=axis, mode="nearest")
    return values


def _neighbour_weights(gray: np.ndarray) -> sparse.csc_array:
    """Symmetric matrix of the weights between 8-connected pixels (sparse, HW x HW)."""
    number = np.arange(gray.size).reshape(gray.shape)
    height, width = gray.shape
    starts, ends = [], []
    for down, across in ((0, 1), (1, 0), (1, 1), (1, -1)):
        start = slice(max(-across, 0), width - max(across, 0))
        stop = slice(max(across, 0), width - max(-across, 0))
        starts.append(number[: height - down, start].ravel())
        ends.append(number[down:, stop].ravel())
    rows, columns = np.concatenate(starts), np.concatenate(ends)
    values = np.exp(-((gray.ravel()[rows] - gray.ravel()[columns]) ** 2) / _CONTRAST)
    upper = sparse.coo_array((values, (rows, columns)), shape=(gray.size, gray.size))
    return (upper + upper.T).tocsc()


def trust(gray: np.ndarray, confidences: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Shares of trust in each focus map: solutions of (Laplacian + diag(sum of y)) x_k = y_k.

    Parameters
    ----------
    gray : numpy.ndarray
        H x W, [0, 1]: the graph's weights.
    confidences : sequence of numpy.ndarray
        y_k, H x W, of K maps.

    Returns
    -------
    list of numpy.ndarray
        K shares, H x W, of sum 1.
    """
    weights = _neighbour_weights(gray)
    total = np.sum(confidences, axis=0).ravel() + _TINY
    system = sparse.diags_array(weights.sum(axis=0) + total) - weights
    factors = splu(system.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    shares = [factors.solve(confidence.ravel()).reshape(gray.shape) for confidence in confidences[:-1]]
    return [*shares, 1 - np.sum(shares, axis=0)]


def fuse(images: Sequence[np.ndarray]) -> Fusion:
    """Per pixel the focus map of the most trusted scale, guided-filtered; only the first image guides."""
    first, second = (gray_real(to_levels(image)) / 255 for image in images)
    measures = [modified_laplacian(gray) for gray in (first, second)]
    maps, confidences = [], []
    for half, radius, epsilon in _SCALES:
        sums = [_window_sum(measure, half) for measure in measures]
        maps.append(guided_filter(first, sums[0] > sums[1], radius, epsilon))
        value = np.maximum(maps[-1], 0)
        confidences.append(np.where(value < 1 - _SURE, 1 - value, np.where(value > _SURE, value, 0)))
    shares = trust(first, confidences)
    largest = np.max(shares, axis=0)
    chosen = maps[0]
    for focus_map, share in zip(maps[1:], shares[1:], strict=True):
        chosen = np.where(share >= largest, focus_map, chosen)
    weight = guided_filter(first, chosen, _FINAL_RADIUS, _FINAL_EPSILON)
    return Fusion(blend(images[0], images[1], weight), decision_map=as_map(weight))
