"""TF (also BRW): two-scale focus maps combined by boosted random walks."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imaging.filters import guided_filter
from imaging.levels import gray_real, round_levels, to_levels
from methods import Fusion, Method, Reference
from methods._common.compose import as_map, blend
from methods._common.tensor_saliency import gradients, tensor_saliency

METHOD = Method(
    id="tf",
    label="TF",
    title="Focus maps at two scales, combined by their reliability, spread by a fast global smoother",
    citation=(
        "J. Ma, Z. Zhou, B. Wang, L. Miao, H. Zong, Multi-focus image fusion using boosted random walks-based "
        "algorithm with two-scale focus maps, Neurocomputing 335, 2019"
    ),
    doi="10.1016/j.neucom.2019.01.048",
    year=2019,
    kind="spatial",
    cost=1.3,
    decision_map=True,
)

REFERENCES = (Reference("published", "brw"), Reference("mfifb", "TF"))

#: Scale of the saliency, radius of the guided filter and share of pixels that a map leaves unreliable.
_SCALES = ((3.0, 5, 0.9), (8.0, 11, 0.8))
_EPSILON = 0.01
_SMOOTHING = 300.0
_RANGE = 5.1
_ITERATIONS = 3


def _bound(histogram: np.ndarray, share: float) -> float:
    """Smallest histogram level up to which `share` of the counts lie, on the scale [0, 1]."""
    return (1 + np.argmax(np.cumsum(histogram) >= share * histogram.sum())) / 256


def _histogram(focus_map: np.ndarray) -> np.ndarray:
    """Counts of 256 levels without the two largest (the map's 0 and 1)."""
    counts = np.bincount(round_levels(255 * focus_map).ravel(), minlength=256)
    counts[np.argsort(counts, kind="stable")[-2:]] = 0
    return counts


def reliabilities(maps: Sequence[np.ndarray]) -> list[NDArray[np.float64]]:
    """Where each of the two focus maps is certain (list of two float64 arrays of 0 and 1, H x W).

    The upper bound of the second map is read off the first map's histogram, as in the authors' program.
    """
    histograms = [_histogram(focus_map) for focus_map in maps]
    certain = []
    for focus_map, histogram, (_, _, share) in zip(maps, histograms, _SCALES, strict=True):
        low = _bound(histogram, (1 - share) / 2)
        high = _bound(histograms[0], (1 + share) / 2)
        value = np.maximum(focus_map, 0)
        certain.append(((value < low) | (value > high)).astype(np.float64))
    return certain


def _solve_lines(values: np.ndarray, couplings: np.ndarray, smoothness: float) -> np.ndarray:
    """Solve (1 + s sum w) x - s sum w x_neighbour = u along the first axis, all lines at once (Thomas algorithm).

    `values` hold K lines of length L of S signals (L x K x S), `couplings` the weights w between neighbours along
    the lines ((L - 1) x K).
    """
    length = values.shape[0]
    if length == 1:
        return values
    off = -smoothness * couplings
    diagonal = np.ones((length, couplings.shape[1]))
    diagonal[:-1] -= off
    diagonal[1:] -= off
    ratio = np.empty_like(off)
    solution = values.copy()
    ratio[0] = off[0] / diagonal[0]
    solution[0] /= diagonal[0][:, None]
    for k in range(1, length):
        pivot = diagonal[k] - off[k - 1] * ratio[k - 1]
        if k < length - 1:
            ratio[k] = off[k] / pivot
        solution[k] = (solution[k] - off[k - 1][:, None] * solution[k - 1]) / pivot[:, None]
    for k in range(length - 2, -1, -1):
        solution[k] -= ratio[k][:, None] * solution[k + 1]
    return solution


def fast_global_smoother(guide: np.ndarray, signals: np.ndarray) -> np.ndarray:
    """Edge-preserving smoothing of H x W x S signals by alternating one-dimensional solves.

    Parameters
    ----------
    guide : numpy.ndarray
        Gray levels, H x W.
    signals : numpy.ndarray
        float64, H x W x S.

    References
    ----------
    D. Min et al., "Fast global image smoothing based on weighted least squares", IEEE TIP 23(12), 2014, algorithm 1.
    """
    along_rows = np.exp(-np.abs(np.diff(guide, axis=1)) / _RANGE).T
    along_columns = np.exp(-np.abs(np.diff(guide, axis=0)) / _RANGE)
    smoothness = 1.5 * _SMOOTHING * 4 ** (_ITERATIONS - 1) / (4**_ITERATIONS - 1)
    for _ in range(_ITERATIONS):
        signals = _solve_lines(signals.transpose(1, 0, 2), along_rows, smoothness).transpose(1, 0, 2)
        signals = _solve_lines(signals, along_columns, smoothness)
        smoothness /= 4
    return signals


def fuse(images: Sequence[np.ndarray]) -> Fusion:
    """Per pixel the guided-filtered focus map of the more reliable scale weighs the two images."""
    first, second = (gray_real(to_levels(image)) / 255 for image in images)
    fields = [gradients(gray) for gray in (first, second)]
    maps = []
    for sigma, radius, _ in _SCALES:
        wins = tensor_saliency(*fields[0], sigma) > tensor_saliency(*fields[1], sigma)
        maps.append(guided_filter(first, wins, radius, _EPSILON))
    small, large = reliabilities(maps)
    guide = round_levels(255 * first).astype(np.float64)
    signals = fast_global_smoother(guide, np.stack([small, small + large], axis=-1))
    share = signals[..., 0] / np.maximum(signals[..., 1], np.spacing(signals[..., 1]))
    weight = np.where(1 - share >= share, maps[1], maps[0])
    return Fusion(blend(images[0], images[1], weight), decision_map=as_map(weight))
