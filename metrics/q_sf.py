"""Q_SF: how far the spatial frequency of the fused image is from the greatest that the sources allow.

With the differences d_1 of horizontal neighbours, d_2 of vertical ones, d_3 and d_4 along the two diagonals (pairs inside
the image), and weights w = (1, 1, sqrt(1/2), sqrt(1/2)),

    SF_F = sqrt(1/(H W) sum_k w_k sum d_k(F)^2),
    SF_R = sqrt(1/(H W) sum_k w_k sum max(|d_k(A)|, |d_k(B)|)^2),      Q_SF = (SF_F - SF_R) / SF_R.

More than two sources: the maximum is taken over all of them.

Notes
-----
The ideal is 0. Below it the fused image lacks detail, above it has more than the sources: noise, or sharpening. Larger
counts as better here, as in the published tables, because nearly every fusion lies below 0, where larger and nearer to 0
are the same. Between two images above 0 the smaller one is the better, and the ranking is wrong there.

References
----------
Y. Zheng, E. A. Essock, B. C. Hansen, A. M. Haun, "A new metric based on extended spatial frequency and its application
to DWT based fusion algorithms", Information Fusion 8(2), 2007.
"""

import functools
import math

import numpy as np
from numpy.typing import NDArray

from files.errors import Undefined
from metrics import Fused, Metric, Sources
from metrics._common.differences import diagonal, forward

METRIC = Metric(
    id="q_sf",
    label="Q_SF",
    latex=r"Q_{\mathrm{SF}}",
    title="Spatial frequency relative to the sources; 0 is ideal",
    citation="Y. Zheng, E. A. Essock, B. C. Hansen, A. M. Haun, A new metric based on extended spatial frequency and its "
    "application to DWT based fusion algorithms, Information Fusion 8(2), 2007",
    family="feature",
    direction="larger",
    lower=-1.0,
    upper=math.inf,
)

_DIAGONAL = math.sqrt(0.5)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` when no source has a difference."""
    reference = float(sources.lasting("spatial_frequency_v1", lambda: np.array(_energy(_greatest(sources)))))
    if reference == 0:
        raise Undefined("Q_SF is relative to the detail of the sources, and every source is constant")
    own = [*fused.once("differences", forward), *diagonal(fused.gray)]
    # The divisors H W cancel.
    return math.sqrt(_energy(own) / reference) - 1


def _energy(differences: list[NDArray[np.float64]]) -> float:
    """Weighted sum of the squares of the four differences."""
    straight, oblique = (sum(float((d**2).sum()) for d in pair) for pair in (differences[:2], differences[2:]))
    return straight + _DIAGONAL * oblique


def _greatest(sources: Sources) -> list[NDArray[np.float64]]:
    """Greatest absolute differences of all sources."""
    of_sources = ([np.abs(d) for d in (*forward(gray), *diagonal(gray))] for gray in sources.gray)
    return functools.reduce(lambda first, second: list(map(np.maximum, first, second)), of_sources)
