"""Q_E: edge-dependent fusion quality index of Piella and Heijmans.

With local SSIM s (8 x 8 mean, full windows, C1 = C2 = (1e-6 * 255)^2), local variances v and the saliency weight
c = max(v_A, v_B),

    q = lam s(F, A) + (1 - lam) s(F, B),     lam = v_A / (v_A + v_B),
    Q_W(A, B, F) = sum(c q) / sum(c),        Q_E = Q_W(A, B, F) Q_W(A', B', F'),

where X' is the Prewitt gradient magnitude of X. Where all variances are zero, 1/2 is added to each.

More than two sources: the weights are the shares v_k / sum v, and c is the greatest of all variances.

Notes
-----
The corrected variant. The reference values were computed with filters whose taps are off by an ulp, so that a constant
window that is not black has a tiny positive variance; every window mean is multiplied by 1 - 2^-52 here, on exact
window sums, to the same effect.

References
----------
G. Piella, H. Heijmans, "A new quality metric for image fusion", ICIP 2003.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from metrics import Fused, Metric, Sources
from metrics._common.gradients import prewitt_magnitude
from metrics._common.windows import Statistics, box_sums, require_size, similarity

METRIC = Metric(
    id="q_e",
    label="Q_E",
    latex=r"Q_{\mathrm{E}}",
    title="Edge-dependent fusion quality index",
    citation="G. Piella, H. Heijmans, A new quality metric for image fusion, ICIP 2003",
    family="structure",
    direction="larger",
    lower=-1.0,
    upper=1.0,
)

_SIZE = 8
_SCALE = (1 - 2.0**-52) / _SIZE**2
_C = (1e-6 * 255) ** 2


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` below 8 x 8 pixels."""
    require_size(sources.shape, _SIZE, "Q_E")
    value = 1.0
    for stage, statistics in (("levels", _statistics), ("prewitt", _gradient_statistics)):
        originals = list(sources.each((stage, "windows 8"), statistics))
        value *= _weighted_quality(originals, fused.once((stage, "windows 8"), statistics))
    return value


def _statistics(image: np.ndarray) -> Statistics:
    """The image, its local mean and its local variance."""
    mean = box_sums(image) * _SCALE
    return image, mean, box_sums(image**2) * _SCALE - mean**2


def _gradient_statistics(gray: np.ndarray) -> Statistics:
    return _statistics(prewitt_magnitude(gray))


def _weighted_quality(originals: Sequence[Statistics], own: Statistics) -> float:
    """Q_W: local similarity weighted by the saliency of the sources."""
    image, mean, variance = own
    variances = [v for _, _, v in originals]
    empty = sum(variances) == 0
    variances = [np.where(empty, 0.5, v) for v in variances]
    total = sum(variances)
    shares: list[Any] = [v / total for v in variances[:-1]]
    shares.append(1 - sum(shares))
    quality = 0.0
    for share, (source, source_mean, source_variance) in zip(shares, originals, strict=True):
        covariance = box_sums(source * image) * _SCALE - source_mean * mean
        quality = quality + share * similarity(mean, source_mean, variance, source_variance, covariance, _C, _C)
    saliency = np.maximum.reduce(variances)
    return (saliency * quality).sum() / saliency.sum()
