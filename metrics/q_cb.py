"""Q_CB: preservation of perceived contrast, after Chen and Blum.

Every image is stretched to 0..255 on its own and filtered with a contrast sensitivity function. The local contrast is
C = |G2 / G4 - 1|, the ratio of two Gaussian means (sigma 2 and 4, 31 x 31), masked to C' = C^3 / (C^2 + 1e-4). Then

    q_X = min(C'_X, C'_F) / max(C'_X, C'_F),      lam_X = C'_X^2 / sum over the sources of C'^2,

and Q_CB is the mean over the pixels of the sum of lam_X q_X, for any number of sources.

References
----------
Y. Chen, R. S. Blum, "A new automated quality assessment algorithm for image fusion", Image and Vision Computing 27(10),
2009.
"""

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics import Fused, Metric, Sources
from metrics._common.contrast_sensitivity import difference_of_gaussians, filtered
from metrics._common.information import stretched_fused, stretched_sources
from metrics._common.windows import gaussian_taps, separable_same

METRIC = Metric(
    id="q_cb",
    label="Q_CB",
    latex=r"Q_{\mathrm{CB}}",
    title="Preservation of perceived contrast",
    citation="Y. Chen, R. S. Blum, A new automated quality assessment algorithm for image fusion, Image and Vision "
    "Computing 27(10), 2009",
    family="perception",
    direction="larger",
    lower=0.0,
    upper=1.0,
)

#: The Gaussians are cut at 31 taps and not normalised again.
_FINE, _COARSE = (gaussian_taps(31, sigma, normalised=False) / (np.sqrt(2 * np.pi) * sigma) for sigma in (2, 4))


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` when an image is constant."""
    own = fused.cached("contrast", lambda: _contrast(stretched_fused(fused)))
    energy = sources.cached("contrast energy", lambda: sum(contrast**2 for contrast in _contrasts(sources)))
    quality: Any = 0.0
    for contrast in _contrasts(sources):
        quality = quality + contrast**2 / energy * (np.minimum(contrast, own) / np.maximum(contrast, own))
    return quality.mean()


def _contrasts(sources: Sources) -> Iterator[NDArray[np.float64]]:
    for number, stretched in enumerate(stretched_sources(sources)):
        yield sources.cached(("contrast", number), functools.partial(_contrast, stretched))


def _contrast(stretched: np.ndarray) -> NDArray[np.float64]:
    """Masked local contrast of the image as the eye sees it."""
    seen = filtered(stretched, difference_of_gaussians(stretched.shape))
    contrast = np.abs(separable_same(seen, _FINE) / separable_same(seen, _COARSE) - 1)
    square = contrast**2
    return contrast * square / (square + 1e-4)
