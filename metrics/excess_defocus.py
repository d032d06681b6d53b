"""Mean excess defocus: how much more a pixel is blurred than it had to be.

    excess = mean over pixels of (r_k - min_j r_j), k the source chosen there,

with r_j the radius, in pixels, to which source j blurs the surface seen at the pixel; over the pixels where the truth
decides. 0 where every pixel comes from a sharpest source.

The errors of pairs mislead on stacks: `metrics.wrong_pixels` counts a neighbour slice that is nearly as sharp like the
farthest one. Here a choice costs what it blurs, whatever the number, the order and the repetition of slices.
"""

import numpy as np

from metrics import Fused, Metric, Sources
from metrics._common.maps import excess_defocus

METRIC = Metric(
    id="excess_defocus",
    label="Excess defocus",
    latex=r"\Delta r",
    title="Mean blur radius (pixels) beyond that of the sharpest source",
    citation="No source: the regret of the index map in blur radius.",
    family="truth",
    direction="smaller",
    lower=0.0,
    upper=float("inf"),
    digits=3,
    needs=("truth_defocus", "index_map"),
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image with an index map, in pixels. `Undefined` where the truth decides at no pixel."""
    return float(np.mean(excess_defocus(sources, fused)))
