"""Share of the pixels where a method chose another source than the sharpest one.

Counts wherever the truth decides, for any number of sources. Without a map of decided pixels every pixel counts, and where
two sources are equally sharp (a textureless region) a wrong choice costs as much as elsewhere; it is a measure of the
decision, not of what is seen of it.

Made for pairs. In a stack it counts the neighbour of the sharpest slice, which is nearly as sharp, like the farthest one, so
that it says little about quality: see `metrics.excess_defocus`, `metrics.excess_share` and `metrics.index_distance`.
"""

import numpy as np

from metrics import Fused, Metric, Sources
from metrics._common.maps import decided

METRIC = Metric(
    id="wrong_pixels",
    label="Wrong pixels",
    latex=r"\epsilon_{\mathrm{D}}",
    title="Share of pixels taken from another source than the sharpest",
    citation="No source: the classification error of the decision map.",
    family="truth",
    direction="smaller",
    lower=0.0,
    upper=1.0,
    needs=("truth_map", "index_map"),
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image; both arguments must carry an index map. `Undefined` where the truth decides at no pixel."""
    assert sources.truth_map is not None  # one of `METRIC.needs`
    return float(np.mean(decided(sources, sources.truth_map != fused.index_map)))
