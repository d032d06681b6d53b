"""Q_Y: structural similarity that weighs the sources where they agree and takes the better one where they do not.

With local SSIM s (Gaussian window 7 x 7, sigma 1.5, full windows, C1 = C2 = 2e-16) and local variances v,

    s(A, B) >= 0.75:   lam s(A, F) + (1 - lam) s(B, F),     lam = v_A / (v_A + v_B),
    otherwise:         max(s(A, F), s(B, F)),

and Q_Y is the mean over the windows.

More than two sources: the weights are the shares v_k / sum v, the better one is the best of all, and the sources count
as agreeing where *every* pair of them has s >= 0.75, because a weighted mean makes sense only of redundant sources.

Notes
-----
The corrected variant. Whether a window is constant is decided exactly, on integers; a constant window has variance and
covariances zero, and where all sources are constant their weights are equal. Without that, rounding noise would be
divided by rounding noise.

References
----------
C. Yang, J.-Q. Zhang, X.-R. Wang, X. Liu, "A novel similarity based quality metric for image fusion", Information
Fusion 9(2), 2008.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics import Fused, Metric, Sources
from metrics._common.windows import (
    Statistics,
    constant_windows,
    gaussian_taps,
    require_size,
    separable_valid,
    similarity,
)

METRIC = Metric(
    id="q_y",
    label="Q_Y",
    latex=r"Q_{\mathrm{Y}}",
    title="Similarity-based structural quality (Yang)",
    citation="C. Yang, J.-Q. Zhang, X.-R. Wang, X. Liu, A novel similarity based quality metric for image fusion, "
    "Information Fusion 9(2), 2008",
    family="structure",
    direction="larger",
    lower=-1.0,
    upper=1.0,
)

_SIZE = 7
_TAPS = gaussian_taps(_SIZE, 1.5)
_C = 2e-16
_AGREEMENT = 0.75


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` below 7 x 7 pixels."""
    require_size(sources.shape, _SIZE, "Q_Y")
    own = fused.once("windows 7", _statistics)
    agree = sources.lasting("agreement_v1", lambda: _agreement(sources))
    mixed, best = 0.0, -np.inf
    for gray, statistics, weight in zip(sources.gray, _originals(sources), _weights(sources), strict=True):
        value = _similarity(gray, statistics, fused.gray, own)
        mixed = mixed + weight * value
        best = np.maximum(best, value)
    return np.where(agree, mixed, best).mean()


def _originals(sources: Sources) -> Iterator[Statistics]:
    return sources.each("windows 7", _statistics)


def _statistics(gray: np.ndarray) -> Statistics:
    """Local mean, local variance, and which windows are constant."""
    constant = constant_windows(gray, _SIZE)
    mean = separable_valid(gray, _TAPS)
    variance = separable_valid(gray**2, _TAPS) - mean**2
    radius = _SIZE // 2
    mean = np.where(constant, gray[radius:-radius, radius:-radius], mean)
    return mean, np.where(constant, 0, variance), constant


def _similarity(x: np.ndarray, statistics_x: Statistics, y: np.ndarray, statistics_y: Statistics) -> np.ndarray:
    mean_x, variance_x, constant_x = statistics_x
    mean_y, variance_y, constant_y = statistics_y
    covariance = separable_valid(x * y, _TAPS) - mean_x * mean_y
    covariance[constant_x | constant_y] = 0
    return similarity(mean_x, mean_y, variance_x, variance_y, covariance, _C, _C)


def _agreement(sources: Sources) -> NDArray[np.bool_]:
    """Where every pair of sources is similar."""
    agree: Any = True
    for second, statistics in enumerate(_originals(sources)):
        for first, other in zip(range(second), _originals(sources), strict=False):
            value = _similarity(sources.gray[first], other, sources.gray[second], statistics)
            agree = agree & (value >= _AGREEMENT)
    return agree


def _weights(sources: Sources) -> Iterator[np.ndarray]:
    """Weights of the sources in turn: their shares of the variance, equal where all variances are zero."""
    total = sources.cached("variance total", lambda: sum(variance for _, variance, _ in _originals(sources)))
    given: Any = 0.0
    for number, (_, variance, _) in enumerate(_originals(sources)):
        last = number == len(sources) - 1
        weight = 1 - given if last else np.where(total == 0, 1 / len(sources), variance / total)
        given = given + weight
        yield weight
