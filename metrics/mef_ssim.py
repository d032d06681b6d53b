"""MEF-SSIM: contrast and structure of the fused image against the best patch that the sources could give.

In windows of 11 x 11 pixels, with x_k the patch of source k without its mean, |x_k| its norm and e_k = |x_k| + 0.001,

    R = |sum_k x_k| / sum_k |x_k|,      p = min(tan(pi R / 2), 10),      w_k = (e_k / 11)^p, of sum 1,
    r = the patch sum_k w_k x_k / e_k, rescaled to the norm max_k e_k,
    MEF-SSIM = mean over the windows of (2 c_rF + C) / (v_r + v_F + C),      C = (0.03 * 255)^2,

with covariance and variances under a Gaussian of sigma 1.5. The formulas hold for any number of sources as they are.

Notes
-----
One scale, structure only: the measure of the first paper. The programs of a later comparison (MEFB) print the
multiscale version under the same name. 2^-52 is added to the norms of R and to the weights, as in the reference
program. Where every source is flat the reference patch is zero.

Everything follows from box and Gaussian means of the sources, the fused image and their products: there is no loop over
windows.

References
----------
K. Ma, K. Zeng, Z. Wang, "Perceptual quality assessment for multi-exposure image fusion", IEEE Trans. Image Processing
24(11), 2015, eq. 1 to 10.
"""

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics import Fused, Metric, Sources
from metrics._common.structural_similarity import C2, SIZE, covariance, statistics
from metrics._common.windows import require_size

METRIC = Metric(
    id="mef_ssim",
    label="MEF-SSIM",
    latex=r"\mathrm{MEF\mbox{-}SSIM}",
    title="Structural similarity with the best patch of the sources (one scale)",
    citation="K. Ma, K. Zeng, Z. Wang, Perceptual quality assessment for multi-exposure image fusion, IEEE Transactions "
    "on Image Processing 24(11), 2015",
    family="structure",
    direction="larger",
    lower=-1.0,
    upper=1.0,
)

_EPSILON = 2.0**-52
_FLOOR = 0.001
_LARGEST_EXPONENT = 10


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` below 11 x 11 pixels."""
    require_size(sources.shape, SIZE, "MEF-SSIM")
    own = fused.once("windows 11", statistics)
    # A covariance is linear in the reference patch, which is a mixture of the patches of the sources.
    shares, variance = _reference(sources)
    shared = np.zeros_like(variance)
    for share, source in zip(shares, sources.each("windows 11", statistics), strict=True):
        shared += share * covariance(source, own)
    return float(((2 * shared + C2) / (variance + own[2] + C2)).mean())


def _reference(sources: Sources) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The reference patches: share of every source (n x h x w), and variance (h x w) under the Gaussian."""
    found = sources.lasting("mef_reference_v1", lambda: _mixtures(sources))
    return found[:-1], found[-1]


def _mixtures(sources: Sources) -> NDArray[np.float64]:
    """Shares of the sources, and behind them the variance: one array, since stacks have many sources."""
    total = functools.reduce(np.add, sources.gray)
    together = np.sqrt(_product(total, total))
    largest, apart = np.zeros_like(together), np.zeros_like(together)
    for gray in sources.gray:
        norm = np.sqrt(_product(gray, gray))
        apart += norm
        np.maximum(largest, norm, out=largest)
    agreement = np.minimum((together + _EPSILON) / (apart + _EPSILON), 1 - _EPSILON)
    exponent = np.minimum(np.tan(np.pi / 2 * agreement), _LARGEST_EXPONENT)
    found = np.empty((len(sources) + 1, *together.shape))
    shares, variance = found[:-1], found[-1]
    given = np.zeros_like(together)
    for share, gray in zip(shares, sources.gray, strict=True):
        floored = np.sqrt(_product(gray, gray)) + _FLOOR
        weight = (floored / SIZE) ** exponent + _EPSILON
        given += weight
        share[:] = weight / floored
    shares /= given
    square = np.zeros_like(together)
    variance[:] = 0
    for k, second in enumerate(sources.each("windows 11", statistics)):
        for m, first in zip(range(k + 1), sources.each("windows 11", statistics), strict=False):
            both = shares[k] * shares[m] * (1 if k == m else 2)
            square += both * _product(first[0], second[0])
            variance += both * covariance(first, second)
    scale = (largest + _FLOOR) / np.sqrt(np.where(square > 0, square, np.inf))
    shares *= scale
    variance *= scale**2
    return found


def _product(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inner product of the patches of two images without their means, exact up to the division for integers."""
    count = SIZE**2
    return (count * _sums(first * second) - _sums(first) * _sums(second)) / count


def _sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
    import cv2

    sums: NDArray[Any] = cv2.boxFilter(
        values, cv2.CV_64F, (SIZE, SIZE), normalize=False, borderType=cv2.BORDER_CONSTANT
    )
    radius = SIZE // 2
    return sums[radius : values.shape[0] - radius, radius : values.shape[1] - radius]
