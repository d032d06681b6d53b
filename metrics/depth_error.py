"""Median error of the depth that the index map says, in slice steps.

    error = median |k - z|

over the pixels where the truth decides, with k the slice chosen and z the slice at which the surface seen at the pixel is
in focus. An index map is a coarse depth map, and this is its error: z has fractions, so that the right choice still has up
to half a step, and no method of whole slices reaches 0 on a slanted surface. Stacks with a known depth only, whose slices
are in order. The tail is in `metrics.depth_error_95`.
"""

import numpy as np

from metrics import Fused, Metric, Sources
from metrics._common.maps import depth_errors

METRIC = Metric(
    id="depth_error",
    label="Depth error",
    latex=r"\Delta z_{50}",
    title="Median distance (slice steps) between the chosen slice and the true depth",
    citation="No source: the median absolute error of depth from focus.",
    family="truth",
    direction="smaller",
    lower=0.0,
    upper=float("inf"),
    digits=3,
    needs=("truth_depth", "index_map"),
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image with an index map, in slice steps. `Undefined` where the truth decides at no pixel."""
    return float(np.median(depth_errors(sources, fused)))
