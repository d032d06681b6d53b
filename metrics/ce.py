"""CE: cross entropy of the grey levels of the sources and the fused image.

    CE = 1/n sum_k sum p_k log2(p_k / p_F),

over the grey levels that occur in both images, p the share of the pixels of a level, for any number of sources n
(n = 2: half of the sum of the two).

Notes
-----
Levels that one of the images lacks are left out, so the value is no divergence and may be negative, down to
-log2(e)/e. Where two images have no level in common the sum is empty and would be the 0 of equal histograms: there is
no value then.

References
----------
D. M. Bulanon, T. F. Burks, V. Alchanatis, "Image fusion of visible and thermal images for fruit detection", Biosystems
Engineering 103(1), 2009; as computed by X. Zhang, P. Ye, G. Xiao, "VIFB", CVPR Workshops, 2020.
"""

import math

import numpy as np
from numpy.typing import NDArray

from files.errors import Undefined
from metrics import Fused, Metric, Sources
from metrics._common.information import level_shares

METRIC = Metric(
    id="ce",
    label="CE",
    latex=r"\mathrm{CE}",
    title="Cross entropy of the histograms of the sources and the fused image (bits)",
    citation="D. M. Bulanon, T. F. Burks, V. Alchanatis, Image fusion of visible and thermal images for fruit detection, "
    "Biosystems Engineering 103(1), 2009; as in X. Zhang, P. Ye, G. Xiao, VIFB, CVPR Workshops, 2020",
    family="information",
    direction="smaller",
    # Least of P log2(P / Q), P and Q the shares of the levels that count.
    lower=-math.log2(math.e) / math.e,
    upper=float("inf"),
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` when it has no grey level in common with one of them."""
    own = fused.once("level shares", level_shares)
    total = 0.0
    for number, source in enumerate(sources.each("level shares", level_shares)):
        both = (source > 0) & (own > 0)
        if not both.any():
            raise Undefined(f"CE: the fused image and source {number + 1} have no grey level in common")
        total += _cross_entropy(source[both], own[both])
    return total / len(sources)


def _cross_entropy(source: NDArray[np.float64], own: NDArray[np.float64]) -> float:
    return float(source @ np.log2(source / own))
