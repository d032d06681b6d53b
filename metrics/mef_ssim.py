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
24(11), 2015.
"""

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics import Fused, Metric, Sources
from metrics._common.structural_similarity import C2, SIZE, covariance, statistics
from metrics._common.windows import Statistics, require_size

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
    exponent, scale, variance = sources.lasting("mef_reference_v1", lambda: _reference(sources))
    # A covariance is linear in the reference patch, which is a mixture of the patches of the sources.
    shared = np.zeros_like(variance)
    for share, source in zip(_shares(sources, exponent), sources.each("windows 11", statistics), strict=True):
        shared += share * covariance(source, own)
    return float(((2 * scale * shared + C2) / (variance + own[2] + C2)).mean())


def _reference(sources: Sources) -> NDArray[np.float64]:
    """What the reference patches need beside the sources: exponent p, scale of the mixture, and variance (3 x h x w).

    Three maps and not the shares of all sources, which would not fit anywhere for a long stack.
    """
    total = functools.reduce(np.add, sources.gray)
    together = np.sqrt(_product(total, total))
    largest, apart = np.zeros_like(together), np.zeros_like(together)
    for gray in sources.gray:
        norm = np.sqrt(_product(gray, gray))
        apart += norm
        np.maximum(largest, norm, out=largest)
    agreement = np.minimum((together + _EPSILON) / (apart + _EPSILON), 1 - _EPSILON)
    exponent = np.minimum(np.tan(np.pi / 2 * agreement), _LARGEST_EXPONENT)
    square, variance = np.zeros_like(together), np.zeros_like(together)
    for k, (mine, second) in enumerate(_mixed(sources, exponent)):
        for m, (other, first) in zip(range(k + 1), _mixed(sources, exponent), strict=False):
            both = mine * other * (1 if k == m else 2)
            square += both * _product(first[0], second[0])
            variance += both * covariance(first, second)
    scale = (largest + _FLOOR) / np.sqrt(np.where(square > 0, square, np.inf))
    return np.stack([exponent, scale, variance * scale**2])


def _mixed(sources: Sources, exponent: NDArray[np.float64]) -> Iterator[tuple[NDArray[np.float64], Statistics]]:
    return zip(_shares(sources, exponent), sources.each("windows 11", statistics), strict=True)


def _shares(sources: Sources, exponent: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
    """w_k / e_k of every source in turn; the sum of the weights need not be 1, since the mixture is rescaled."""
    return sources.each("mef share", functools.partial(_share, exponent))


def _share(exponent: NDArray[np.float64], gray: NDArray[np.float64]) -> NDArray[np.float64]:
    floored = np.sqrt(_product(gray, gray)) + _FLOOR
    return ((floored / SIZE) ** exponent + _EPSILON) / floored


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
