"""EI: edge intensity of the fused image.

    EI = mean of sqrt(s_x^2 + s_y^2),      s Sobel derivatives, border replicated,

on grey levels 0..255. It measures the fused image alone: the sources do not enter, however many there are, and noise
and sharpening raise it.

References
----------
B. Rajalingam, R. Priya, "Hybrid multimodality medical image fusion technique for feature enhancement in medical
diagnosis", International Journal of Engineering Science Invention 2, 2018; as computed by X. Zhang, P. Ye, G. Xiao,
"VIFB", CVPR Workshops, 2020.
"""

import math

import numpy as np

from metrics import Fused, Metric, Sources
from metrics._common.gradients import sobel

METRIC = Metric(
    id="ei",
    label="EI",
    latex=r"\mathrm{EI}",
    title="Edge intensity of the fused image, which alone it looks at",
    citation="B. Rajalingam, R. Priya, Hybrid multimodality medical image fusion technique for feature enhancement in "
    "medical diagnosis, International Journal of Engineering Science Invention 2, 2018; as in X. Zhang, P. Ye, G. Xiao, "
    "VIFB, CVPR Workshops, 2020",
    family="feature",
    direction="larger",
    lower=0.0,
    upper=4 * 255 * math.sqrt(2),
    digits=2,
)


def score(sources: Sources, fused: Fused) -> float:
    """Edge intensity of a fused image."""
    horizontal, vertical = sobel(np.pad(fused.gray, 1, mode="edge"))
    return float(np.sqrt(horizontal**2 + vertical**2)[1:-1, 1:-1].mean())
