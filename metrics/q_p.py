"""Q_P: how much of the phase congruency of the sources the fused image keeps.

Features of an image: phase congruency and its maximum and minimum moment (`metrics._phase_congruency`). A "maximum"
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

import numpy as np

from imaging.errors import Undefined
from metrics import Metric
from metrics._phase_congruency import features
from metrics._windows import gaussian_taps, require_size, separable_same

METRIC = Metric(
    id="q_p",
    label="Q_P",
    latex="Q_{P}",
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


def score(sources, fused):
    """Value for a `Sources` and a `Fused`; `Undefined` when an image is constant or no pixel is a feature."""
    require_size(sources.shape, 2, "Q_P")
    originals = [_source_features(sources, number) for number in range(len(sources))]
    references = [
        sources.cached(("phase reference", number), lambda o=original: _reference(o))
        for number, original in enumerate(originals)
    ]
    references.append(sources.cached("phase reference of the maximum", lambda: _reference(_strongest(originals))))
    count = np.count_nonzero(references[-1][0])
    if count == 0:
        raise Undefined("Q_P: no pixel of the sources has a phase congruency above 0.1")
    value = 1.0
    for kind, (feature, mean, variance) in enumerate(_fused_features(fused)):
        best = None
        for mask, masked, means, variances in references:
            covariance = separable_same(masked[kind] * feature, _TAPS) - means[kind] * mean
            correlation = (covariance + _C) / (np.sqrt(np.abs(variances[kind] * variance)) + _C)
            correlation = np.where(mask, correlation, 0)
            best = correlation if best is None else np.maximum(best, correlation)
        value *= best.sum() / count
    return value


def _source_features(sources, number):
    gray = sources.gray[number]
    if gray.min() == gray.max():
        raise Undefined(f"Q_P: source {number + 1} is constant and has no phase congruency")
    return sources.cached(("phase congruency", number), lambda: features(gray))


def _fused_features(fused):
    """Phase congruency, maximum and minimum moment of the fused image, each with its local mean and variance."""
    if fused.gray.min() == fused.gray.max():
        raise Undefined("Q_P: the fused image is constant and has no phase congruency")
    for feature in fused.cached("phase congruency", lambda: features(fused.gray)):
        yield feature, *_statistics(feature)


def _strongest(originals):
    """At every pixel the features of the source of greatest phase congruency (of the later one when equal)."""
    best = originals[0]
    for original in originals[1:]:
        best = np.where(best[0] > original[0], best, original)
    return best


def _reference(feature):
    """Where features count, the features there (zero elsewhere), and their local means and variances."""
    mask = feature[0] > _THRESHOLD
    masked = feature * mask
    means, variances = zip(*map(_statistics, masked), strict=True)
    return mask, masked, means, variances


def _statistics(values):
    mean = separable_same(values, _TAPS)
    return mean, separable_same(values**2, _TAPS) - mean**2
