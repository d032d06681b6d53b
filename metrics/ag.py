"""AG: average gradient of the fused image.

    AG = 1/(H W) sum sqrt((d_x^2 + d_y^2) / 2),      d forward differences, 0 in the last column and row,

on grey levels 0..255. It measures the fused image alone: the sources do not enter, however many there are, and noise
and sharpening raise it.

References
----------
G. Cui, H. Feng, Z. Xu, Q. Li, Y. Chen, "Detail preserved fusion of visible and infrared images using regional saliency
extraction and multi-scale image decomposition", Optics Communications 341, 2015.
"""

import numpy as np

from files.errors import Undefined
from metrics import Fused, Metric, Sources, Variant
from metrics._common.differences import forward

METRIC = Metric(
    id="ag",
    label="AG",
    latex=r"\mathrm{AG}",
    title="Average gradient of the fused image, which alone it looks at",
    citation="G. Cui, H. Feng, Z. Xu, Q. Li, Y. Chen, Detail preserved fusion of visible and infrared images using "
    "regional saliency extraction and multi-scale image decomposition, Optics Communications 341, 2015",
    family="feature",
    direction="larger",
    lower=0.0,
    upper=255.0,
    digits=3,
)


def score(sources: Sources, fused: Fused) -> float:
    """Average gradient of a fused image."""
    along, across = fused.once("differences", forward)
    square = np.zeros_like(fused.gray)
    square[:, :-1] += along**2
    square[:-1] += across**2
    return float(np.sqrt(square / 2).mean())


def _central(sources: Sources, fused: Fused) -> float:
    height, width = fused.gray.shape
    if min(height, width) < 2:
        raise Undefined("AG by central differences needs images of at least 2 x 2 pixels")
    across, along = np.gradient(fused.gray)
    return float(np.sqrt((along**2 + across**2) / 2).sum() / ((height - 1) * (width - 1)))


VARIANTS = {
    "vifb": Variant("VIFB and MEFB: central differences, one-sided at the ends; divided by (H - 1)(W - 1)", _central)
}
