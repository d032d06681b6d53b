"""Share of the pixels whose excess defocus is above half a pixel.

The stack's counterpart of `metrics.wrong_pixels`: a pixel counts as wrong where the chosen source blurs it by more than
half a pixel beyond the sharpest source, which is about where the loss can be seen. The mean excess
(`metrics.excess_defocus`) mixes many small losses with few large ones; this tells them apart.
"""

import numpy as np

from metrics import Fused, Metric, Sources
from metrics._common.maps import excess_defocus

#: Excess blur radius, in pixels, up to which a choice counts as right.
LIMIT = 0.5

METRIC = Metric(
    id="excess_share",
    label="Excess share",
    latex=r"\epsilon_{\Delta r}",
    title=f"Share of pixels blurred by more than {LIMIT} pixels beyond the sharpest source",
    citation="No source: the classification error of the index map, with a tolerance in blur radius.",
    family="truth",
    direction="smaller",
    lower=0.0,
    upper=1.0,
    needs=("truth_defocus", "index_map"),
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image with an index map. `Undefined` where the truth decides at no pixel."""
    return float(np.mean(excess_defocus(sources, fused) > LIMIT))
