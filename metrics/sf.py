"""SF: spatial frequency of the fused image.

    SF = sqrt((sum of the squared differences of horizontal neighbours + the same of vertical ones) / (H W))

on grey levels 0..255. It measures the fused image alone: the sources do not enter, however many there are, and noise
and sharpening raise it.

References
----------
A. M. Eskicioglu, P. S. Fisher, "Image quality measures and their performance", IEEE Trans. Communications 43(12), 1995.
"""

import math

from metrics import Fused, Metric, Sources
from metrics._common.differences import forward

METRIC = Metric(
    id="sf",
    label="SF",
    latex=r"\mathrm{SF}",
    title="Spatial frequency of the fused image, which alone it looks at",
    citation="A. M. Eskicioglu, P. S. Fisher, Image quality measures and their performance, IEEE Transactions on "
    "Communications 43(12), 1995",
    family="feature",
    direction="larger",
    lower=0.0,
    upper=255 * math.sqrt(2),
    digits=3,
)


def score(sources: Sources, fused: Fused) -> float:
    """Spatial frequency of a fused image."""
    along, across = fused.once("differences", forward)
    return math.sqrt(((along**2).sum() + (across**2).sum()) / fused.gray.size)
