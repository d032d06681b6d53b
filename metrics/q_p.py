"""Q_P: how much of the phase congruency of the sources the fused image keeps.

Features of an image: phase congruency and its maximum and minimum moment (`metrics._common.phase_congruency`). A "maximum"
image takes all three from the source whose phase congruency is greatest at the pixel. For each feature and each of
the sources and the maximum image, a local correlation with the feature of the fused image is formed where the phase
congruency of that source exceeds 0.1,

    (cov(x, y) + C) / (sqrt(|var x var y|) + C),     C = 1e-4, Gaussian window 11 x 11, sigma 1.5,

with x zero elsewhere. P_u is the sum over the pixels of the greatest of these maps, divided by the number of pixels
where the maximum image has phase congruency above 0.1, and Q_P the product over the three features.

More than two sources: the maximum image takes the greatest of all n, and the greatest map is taken among n + 1
instead of 3; nothing else refers to the number of sources.

References
----------
J. Zhao, R. Laganiere, Z. Liu, "Performance assessment of combinative pixel-level image fusion based on an absolute
feature measurement", IJICIC 3(6A), 2007.
"""

import functools
import math
from typing import Any

import numpy as np

from files.errors import Undefined
from metrics import Fused, Metric, Sources
from metrics._common.phase_congruency import phase_congruency
from metrics._common.windows import Statistics, gaussian_taps, require_size, separable_same

METRIC = Metric(
    id="q_p",
    label="Q_P",
    latex=r"Q_{\mathrm{P}}",
    title="Preservation of phase congruency",
    citation="J. Zhao, R. Laganiere, Z. Liu, Performance assessment of combinative pixel-level image fusion based on an "
    "absolute feature measurement, IJICIC 3(6A), 2007",
    family="feature",
    direction="larger",
    lower=0.0,
    upper=1.0,
)

_THRESHOLD = 0.1
_C = 1e-4
_TAPS = gaussian_taps(11, 1.5)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` when an image is constant or no pixel is a feature."""
    require_size(sources.shape, 2, "Q_P")
    own = fused.once("phase statistics", _fused_statistics)
    best: list[Any] = [-np.inf] * len(own)
    count: int | np.integer = 0
    for number in range(len(sources) + 1):
        mask, *features = sources.cached(("phase reference", number), functools.partial(_reference, sources, number))
        for kind, ((original, mean_x, variance_x), (feature, mean_y, variance_y)) in enumerate(
            zip(features, own, strict=True)
        ):
            covariance = separable_same(original * feature, _TAPS) - mean_x * mean_y
            correlation = (covariance + _C) / (np.sqrt(np.abs(variance_x * variance_y)) + _C)
            best[kind] = np.maximum(best[kind], correlation * mask)
        count = np.count_nonzero(mask)
    if count == 0:
        raise Undefined("Q_P: no pixel of the sources has a phase congruency above 0.1")
    return math.prod(part.sum() / count for part in best)


def _reference(sources: Sources, number: int) -> tuple[Any, ...]:
    """What the fused image is compared with: source `number`, or behind the last of them the maximum image.

    Returns
    -------
    mask : numpy.ndarray
        Where it has features: bool, H x W.
    *features : tuple of numpy.ndarray
        Phase congruency, maximum and minimum moment (each zero outside the mask), with local mean and variance.
    """
    features = _strongest(sources) if number == len(sources) else _source_features(sources, number)
    mask = features[0] > _THRESHOLD
    return mask, *(_statistics(feature * mask) for feature in features)


def _source_features(sources: Sources, number: int) -> np.ndarray:
    gray = sources.gray[number]
    if gray.min() == gray.max():
        raise Undefined(f"Q_P: source {number + 1} is constant and has no phase congruency")
    return sources.lasting(f"phase_congruency_v1_{number}", functools.partial(phase_congruency, gray))


def _strongest(sources: Sources) -> np.ndarray:
    """At every pixel the features of the source of greatest phase congruency (of the later one when equal)."""
    best = _source_features(sources, 0)
    for number in range(1, len(sources)):
        other = _source_features(sources, number)
        best = np.where(best[0] > other[0], best, other)
    return best


def _fused_statistics(gray: np.ndarray) -> list[Statistics]:
    if gray.min() == gray.max():
        raise Undefined("Q_P: the fused image is constant and has no phase congruency")
    return [_statistics(feature) for feature in phase_congruency(gray)]


def _statistics(feature: np.ndarray) -> Statistics:
    """The feature, its local mean and its local variance."""
    mean = separable_same(feature, _TAPS)
    return feature, mean, separable_same(feature**2, _TAPS) - mean**2
