"""Boundary error: mean distance in pixels between the region boundaries of the decision map and of the truth.

The boundary of the region of a source is the set of edges between horizontally or vertically neighbouring pixels of
which one belongs to the region and the other does not; an edge is represented by its midpoint. With T_k and R_k the
boundaries of source k in the truth and in the result, and d the distance to the nearest midpoint,

    error = sum_k (sum_{t in T_k} d(t, R_k) + sum_{r in R_k} d(r, T_k)) / sum_k (|T_k| + |R_k|),

the average symmetric surface distance, taken region by region, which holds for any number of sources; for two sources
both regions have the same boundary and it is the distance between the two boundaries. A straight boundary that is
off by s pixels has the error s.

Where only one of T_k, R_k is empty, its distances are the length of the image diagonal. Where neither map has any
boundary the error is 0 if they are equal and the diagonal otherwise.

References
----------
T. Heimann et al., "Comparison and evaluation of methods for liver segmentation from CT datasets", IEEE Trans. Medical
Imaging 28(8), 2009, section II-C (average symmetric surface distance).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from metrics import Fused, Metric, Sources

METRIC = Metric(
    id="boundary_error",
    label="Boundary error",
    latex=r"d_{\partial}",
    title="Mean distance (pixels) between the boundaries of decision map and truth",
    citation="T. Heimann et al., Comparison and evaluation of methods for liver segmentation from CT datasets, IEEE "
    "Transactions on Medical Imaging 28(8), 2009 (average symmetric surface distance)",
    family="truth",
    direction="smaller",
    lower=0.0,
    upper=float("inf"),
    digits=2,
    needs=("truth_map", "index_map"),
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image; both arguments must carry an index map, the true and the chosen one."""
    assert sources.truth_map is not None and fused.index_map is not None  # `METRIC.needs`
    height, width = sources.shape
    diagonal = float(np.hypot(height, width))
    total, count = 0.0, 0
    for number in range(len(sources)):
        truth = _boundary(sources.truth_map == number)
        result = _boundary(fused.index_map == number)
        total += _distances(truth, result, diagonal) + _distances(result, truth, diagonal)
        count += len(truth) + len(result)
    if count == 0:
        return 0.0 if np.array_equal(sources.truth_map, fused.index_map) else diagonal
    return total / count


def _boundary(region: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Midpoints of the edges between the pixels of a region (bool, H x W) and the others: float, k x 2."""
    below = np.argwhere(region[1:] != region[:-1]) + np.array([0.5, 0])
    beside = np.argwhere(region[:, 1:] != region[:, :-1]) + np.array([0, 0.5])
    return np.concatenate([below, beside])


def _distances(points: np.ndarray, others: np.ndarray, diagonal: float) -> float:
    """Sum of the distances of `points` to the nearest of `others`."""
    if len(points) == 0 or len(others) == 0:
        return len(points) * diagonal
    return cKDTree(others).query(points)[0].sum()
