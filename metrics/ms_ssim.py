"""MS-SSIM of the fused image against the true image.

With local SSIM in Gaussian windows (11 x 11, sigma 1.5, full windows), split into luminance l and contrast and
structure cs, at five scales, each the 2 x 2 means of the one before at every second pixel (mirrored border),

    MS-SSIM = mean(l_5 cs_5)^0.1333 * prod_{j = 1..4} mean(cs_j)^w_j,      w = 0.0448, 0.2856, 0.3001, 0.2363.

The sources do not enter, however many there are. There is no value where the mean structure of a scale is negative.

References
----------
Z. Wang, E. P. Simoncelli, A. C. Bovik, "Multiscale structural similarity for image quality assessment", Asilomar
Conference on Signals, Systems and Computers, 2003.
"""

import math

import numpy as np
from numpy.typing import NDArray

from files.errors import Undefined
from metrics import Fused, Metric, Sources
from metrics._common.structural_similarity import C1, C2, SIZE, covariance, statistics
from metrics._common.windows import Statistics, halved, require_size, similarity

METRIC = Metric(
    id="ms_ssim",
    label="MS-SSIM",
    latex=r"\mathrm{MS\mbox{-}SSIM}",
    title="Multiscale structural similarity with the true image",
    citation="Z. Wang, E. P. Simoncelli, A. C. Bovik, Multiscale structural similarity for image quality assessment, "
    "Asilomar Conference on Signals, Systems and Computers, 2003",
    family="truth",
    direction="larger",
    lower=0.0,
    upper=1.0,
    needs=("truth_image",),
)

_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
#: Smallest side whose fifth scale has a window.
_SMALLEST = (SIZE - 1) * 2 ** (len(_WEIGHTS) - 1) + 1


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image; `Undefined` below 161 x 161 pixels or when structures are opposite on average."""
    require_size(sources.shape, _SMALLEST, "MS-SSIM")
    truth = sources.truth_gray
    assert truth is not None  # one of `METRIC.needs`
    references = sources.cached("truth scales 11", lambda: _scales(truth))
    means = [
        _mean(reference, own, last=scale == len(_WEIGHTS) - 1)
        for scale, (reference, own) in enumerate(zip(references, fused.once("scales 11", _scales), strict=True))
    ]
    if min(means) < 0:
        raise Undefined("MS-SSIM: the fused image runs against the true image at one of its five scales")
    return math.prod(mean**weight for mean, weight in zip(means, _WEIGHTS, strict=True))


def _scales(gray: NDArray[np.float64]) -> list[Statistics]:
    found = [statistics(gray)]
    for _ in _WEIGHTS[1:]:
        gray = halved(gray, "symmetric")
        found.append(statistics(gray))
    return found


def _mean(reference: Statistics, own: Statistics, last: bool) -> float:
    (_, mean_x, variance_x), (_, mean_y, variance_y) = reference, own
    shared = covariance(reference, own)
    if last:
        return float(similarity(mean_x, mean_y, variance_x, variance_y, shared, C1, C2).mean())
    return float(((2 * shared + C2) / (variance_x + variance_y + C2)).mean())
