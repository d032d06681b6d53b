"""EN: entropy of the fused image in bits.

    EN = -sum p log2 p      over the 256 grey levels, p the share of the pixels of a level.

It measures the fused image alone: the sources do not enter, however many there are, and noise raises it.

References
----------
J. W. Roberts, J. A. van Aardt, F. B. Ahmed, "Assessment of image fusion procedures using entropy, image quality, and
multispectral classification", Journal of Applied Remote Sensing 2(1), 2008.
"""

from metrics import Fused, Metric, Sources
from metrics._common.information import level_entropy

METRIC = Metric(
    id="en",
    label="EN",
    latex=r"\mathrm{EN}",
    title="Entropy of the fused image (bits), which alone it looks at",
    citation="J. W. Roberts, J. A. van Aardt, F. B. Ahmed, Assessment of image fusion procedures using entropy, image "
    "quality, and multispectral classification, Journal of Applied Remote Sensing 2(1), 2008",
    family="information",
    direction="larger",
    lower=0.0,
    upper=8.0,
)


def score(sources: Sources, fused: Fused) -> float:
    """Entropy of a fused image."""
    return level_entropy(fused.gray)
