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
from metrics._common.gaussian_windows import SIZE, C, covariance, statistics
from metrics._common.windows import Statistics, require_size, similarity

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

_AGREEMENT = 0.75


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` below 7 x 7 pixels."""
    require_size(sources.shape, SIZE, "Q_Y")
    own = fused.once("windows 7", statistics)
    agree = sources.lasting("agreement_v1", lambda: _agreement(sources))
    mixed, best = 0.0, -np.inf
    for gray, original, weight in zip(sources.gray, _originals(sources), _weights(sources), strict=True):
        value = _similarity(gray, original, fused.gray, own)
        mixed = mixed + weight * value
        best = np.maximum(best, value)
    return np.where(agree, mixed, best).mean()


def _originals(sources: Sources) -> Iterator[Statistics]:
    return sources.each("windows 7", statistics)


def _similarity(x: np.ndarray, statistics_x: Statistics, y: np.ndarray, statistics_y: Statistics) -> np.ndarray:
    (mean_x, variance_x, _), (mean_y, variance_y, _) = statistics_x, statistics_y
    return similarity(mean_x, mean_y, variance_x, variance_y, covariance(x, statistics_x, y, statistics_y), C, C)


def _agreement(sources: Sources) -> NDArray[np.bool_]:
    """Where every pair of sources is similar."""
    agree: Any = True
    for second, original in enumerate(_originals(sources)):
        for first, other in zip(range(second), _originals(sources), strict=False):
            value = _similarity(sources.gray[first], other, sources.gray[second], original)
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
