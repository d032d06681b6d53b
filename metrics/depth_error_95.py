"""95th percentile of the error of the depth that the index map says, in slice steps.

As `metrics.depth_error`, whose median hides what goes wrong at depth edges and in flat regions: one pixel in twenty is
farther off than this.
"""

import numpy as np

from metrics import Fused, Metric, Sources
from metrics._common.maps import depth_errors

METRIC = Metric(
    id="depth_error_95",
    label="Depth error (95 %)",
    latex=r"\Delta z_{95}",
    title="95th percentile of the distance (slice steps) between the chosen slice and the true depth",
    citation="No source: a percentile of the absolute error of depth from focus.",
    family="truth",
    direction="smaller",
    lower=0.0,
    upper=float("inf"),
    digits=3,
    needs=("truth_depth", "index_map"),
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image with an index map, in slice steps. `Undefined` where the truth decides at no pixel."""
    return float(np.percentile(depth_errors(sources, fused), 95))
