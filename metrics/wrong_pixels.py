"""Share of the pixels where a method chose another source than the sharpest one.

Counts over the whole image, for any number of sources. Where two sources are equally sharp (a textureless region) a
wrong choice costs as much as elsewhere; it is a measure of the decision, not of what is seen of it.
"""

import numpy as np

from metrics import Metric

METRIC = Metric(
    id="wrong_pixels",
    label="Wrong pixels",
    latex=r"\epsilon_{D}",
    title="Share of pixels taken from another source than the sharpest",
    citation="No source: the classification error of the decision map.",
    family="truth",
    direction="smaller",
    lower=0.0,
    upper=1.0,
    needs=("truth_map", "index_map"),
)


def score(sources, fused):
    """Value for a `Sources` and a `Fused` that carry the true and the chosen index map."""
    return np.mean(sources.truth_map != fused.index_map)
