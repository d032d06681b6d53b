"""Share of the pixels where a method chose another source than the sharpest one.

Counts over the whole image, for any number of sources. Where two sources are equally sharp (a textureless region) a
wrong choice costs as much as elsewhere; it is a measure of the decision, not of what is seen of it.
"""

import numpy as np

from metrics import Fused, Metric, Sources

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
    """Score of a fused image; both arguments must carry an index map, the true and the chosen one."""
    assert sources.truth_map is not None  # one of `METRIC.needs`
    return float(np.mean(sources.truth_map != fused.index_map))
