"""SSIM of the fused image, against the true image where there is one and against the sources otherwise.

Mean local SSIM in gray, 0..255: Gaussian window 11 x 11, sigma 1.5, full windows, C1 = (0.01 * 255)^2,
C2 = (0.03 * 255)^2. Without a true image: the mean of the values with each of the sources, however many there are
(n = 2: half of the sum of the two).

References
----------
Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image quality assessment: from error visibility to structural
similarity", IEEE Trans. Image Processing 13(4), 2004.
"""

import functools

from metrics import Fused, Metric, Sources, Variant
from metrics._common.structural_similarity import C1, C2, SIZE, covariance, statistics
from metrics._common.windows import Statistics, require_size, similarity

METRIC = Metric(
    id="ssim",
    label="SSIM",
    latex=r"\mathrm{SSIM}",
    title="Structural similarity with the true image, else mean over the sources",
    citation="Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, Image quality assessment: from error visibility to "
    "structural similarity, IEEE Transactions on Image Processing 13(4), 2004",
    family="structure",
    direction="larger",
    lower=-1.0,
    upper=1.0,
    prefers_truth=True,
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` below 11 x 11 pixels."""
    require_size(sources.shape, SIZE, "SSIM")
    own = fused.once("windows 11", statistics)
    if sources.truth_gray is not None:
        truth = sources.cached("truth windows 11", functools.partial(statistics, sources.truth_gray))
        return _mean_similarity(truth, own)
    return _mean_over_sources(sources, own)


def _mean_over_sources(sources: Sources, own: Statistics) -> float:
    return sum(_mean_similarity(source, own) for source in sources.each("windows 11", statistics)) / len(sources)


def _mean_similarity(reference: Statistics, own: Statistics) -> float:
    (_, mean_x, variance_x), (_, mean_y, variance_y) = reference, own
    return similarity(mean_x, mean_y, variance_x, variance_y, covariance(reference, own), C1, C2).mean()


def _sum(sources: Sources, fused: Fused) -> float:
    require_size(sources.shape, SIZE, "SSIM")
    return 2 * _mean_over_sources(sources, fused.once("windows 11", statistics))


VARIANTS = {"vifb": Variant("VIFB and MEFB: the sum over the two sources, at most 2 (twice the mean of more)", _sum)}
