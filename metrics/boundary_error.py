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

Where the truth decides nothing the result is taken as right, and only edges with a decided pixel on at least one side count:
what a method chose at undecided pixels changes nothing, and a boundary beside them still has its counterpart.

Made for pairs. In a stack of a slanted surface every boundary between neighbour slices is arbitrary by a fraction of a step,
and a shift between slices that are equally sharp costs as much as one between the ends: see `metrics.excess_defocus`.

References
----------
T. Heimann et al., "Comparison and evaluation of methods for liver segmentation from CT datasets", IEEE Trans. Medical
Imaging 28(8), 2009, section II-C (average symmetric surface distance).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from metrics import Fused, Metric, Sources
from metrics._common.maps import decided

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
    """Score of a fused image; both arguments must carry an index map. `Undefined` where the truth decides at no pixel."""
    true, chosen = sources.truth_map, fused.index_map
    assert true is not None and chosen is not None  # `METRIC.needs`
    if sources.truth_decided is not None:
        chosen = np.where(sources.truth_decided, chosen, true)
    height, width = sources.shape
    diagonal = float(np.hypot(height, width))
    # Also refuses a truth that decides nowhere.
    equal = bool(np.all(decided(sources, true == chosen)))
    total, count = 0.0, 0
    for number in range(len(sources)):
        truth, result = (_boundary(found == number, sources.truth_decided) for found in (true, chosen))
        for (points, counted), (others, _) in ((truth, result), (result, truth)):
            total += _distances(points[counted], others, diagonal)
            count += int(counted.sum())
    if count == 0:
        return 0.0 if equal else diagonal
    return total / count


def _boundary(
    region: NDArray[np.bool_], known: NDArray[np.bool_] | None
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Midpoints (k x 2) of the edges between the pixels of a region (H x W) and the others, and which of them count (k)."""
    below = np.argwhere(region[1:] != region[:-1])
    beside = np.argwhere(region[:, 1:] != region[:, :-1])
    points = np.concatenate([below + np.array([0.5, 0]), beside + np.array([0, 0.5])])
    if known is None:
        return points, np.ones(len(points), dtype=bool)
    counted = [known[1:] | known[:-1], known[:, 1:] | known[:, :-1]]
    return points, np.concatenate([part[tuple(edges.T)] for part, edges in zip(counted, (below, beside), strict=True)])


def _distances(points: NDArray[np.float64], others: NDArray[np.float64], diagonal: float) -> float:
    """Sum of the distances of `points` to the nearest of `others`."""
    if len(points) == 0 or len(others) == 0:
        return len(points) * diagonal
    return float(cKDTree(others).query(points)[0].sum())
