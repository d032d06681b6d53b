"""Q_CV: perceived difference to the sources, weighted by their local edge strength, after Chen and Varshney.

Every image is stretched to 0..255 on its own. In blocks of 16 x 16 pixels (the last ones completed with zeros)

    lam_X = sum of g_X^5 (g the Sobel magnitude),    d_X = 1/256 sum of (X - F filtered with a contrast sensitivity)^2,
    Q_CV = sum over blocks and sources of lam_X d_X / sum over blocks and sources of lam_X.

The formula is a sum over the sources and holds for any number of them as it is. The divisor 256 is kept in incomplete
blocks, as in the reference program.

References
----------
H. Chen, P. K. Varshney, "A human perception inspired quality metric for image fusion based on regional information",
Information Fusion 8(2), 2007.
"""

import functools

import numpy as np
from numpy.typing import NDArray

from metrics import Fused, Metric, Sources
from metrics._common.contrast_sensitivity import filtered, mannos_sakrison
from metrics._common.gradients import sobel
from metrics._common.information import stretched_fused, stretched_sources

METRIC = Metric(
    id="q_cv",
    label="Q_CV",
    latex=r"Q_{\mathrm{CV}}",
    title="Perceived regional difference to the sources",
    citation="H. Chen, P. K. Varshney, A human perception inspired quality metric for image fusion based on regional "
    "information, Information Fusion 8(2), 2007",
    family="perception",
    direction="smaller",
    lower=0.0,
    upper=float("inf"),
    digits=2,
)

_BLOCK = 16


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` when an image is constant."""
    target = fused.cached("seen", lambda: _seen(stretched_fused(fused)))
    weighted = weight = 0.0
    for number, stretched in enumerate(stretched_sources(sources)):
        seen = sources.cached(("seen", number), functools.partial(_seen, stretched))
        saliency = sources.cached(("block saliency", number), functools.partial(_saliency, stretched))
        weighted += (saliency * _block_sums((seen - target) ** 2)).sum() / _BLOCK**2
        weight += saliency.sum()
    return weighted / weight


def _seen(stretched: np.ndarray) -> NDArray[np.float64]:
    return filtered(stretched, mannos_sakrison(stretched.shape))


def _saliency(stretched: np.ndarray) -> NDArray[np.float64]:
    horizontal, vertical = sobel(stretched.astype(np.float64))
    return _block_sums(np.sqrt(horizontal**2 + vertical**2) ** 5)


def _block_sums(values: np.ndarray) -> np.ndarray:
    rows = np.add.reduceat(values, np.arange(0, values.shape[0], _BLOCK), axis=0)
    return np.add.reduceat(rows, np.arange(0, values.shape[1], _BLOCK), axis=1)
