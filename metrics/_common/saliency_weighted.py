"""Local quality of Piella and Heijmans, shared by Q_S, Q_W and Q_E: similarity to the sources weighted by their variance.

With local SSIM s and local variances v,

    q = lam s(F, A) + (1 - lam) s(F, B),     lam = v_A / (v_A + v_B),     c = max(v_A, v_B).

Where all variances are zero, 1/2 is added to each. More than two sources: the weights are the shares v_k / sum v, and c
is the greatest of all variances.

References
----------
G. Piella, H. Heijmans, "A new quality metric for image fusion", ICIP 2003.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from metrics import Fused, Sources
from metrics._common import structural_similarity
from metrics._common.gradients import prewitt_magnitude
from metrics._common.windows import (
    BOX,
    Statistics,
    box_covariance,
    box_statistics,
    constant_windows,
    require_size,
    similarity,
)

#: The reference values were computed with filters whose taps are off by an ulp, so that a constant window that is not
#: black has a tiny positive variance. On exact window sums this factor has the same effect.
_SCALE = (1 - 2.0**-52) / BOX**2
_C = (1e-6 * 255) ** 2


class Stage(NamedTuple):
    """What is compared, and in which windows.

    Parameters
    ----------
    name : str
        Tells cached values apart.
    size : int
        Side of the windows in pixels.
    statistics : callable
        Gray image (H x W, levels 0..255) -> the compared image, its local mean and its local variance.
    covariance : callable
        Local covariance of two images by their statistics.
    c1, c2 : float
        Constants of the local SSIM.
    """

    name: str
    size: int
    statistics: Callable[[NDArray[np.float64]], Statistics]
    covariance: Callable[[Statistics, Statistics], NDArray[np.float64]]
    c1: float
    c2: float


def _box_statistics(gray: NDArray[np.float64]) -> Statistics:
    return box_statistics(gray, _SCALE)


def _gradient_statistics(gray: NDArray[np.float64]) -> Statistics:
    return box_statistics(prewitt_magnitude(gray), _SCALE)


def _box_covariance(first: Statistics, second: Statistics) -> NDArray[np.float64]:
    return box_covariance(first, second, _SCALE)


def _gaussian_statistics(gray: NDArray[np.float64]) -> Statistics:
    image, mean, variance = structural_similarity.statistics(gray)
    # Rounding noise would decide the weights of constant windows.
    return image, mean, np.where(constant_windows(gray, structural_similarity.SIZE), 0, variance)


#: Grey levels in 8 x 8 means (the corrected variant), the Prewitt magnitude likewise, and the toolbox's original windows.
LEVELS = Stage("levels", BOX, _box_statistics, _box_covariance, _C, _C)
GRADIENTS = Stage("prewitt", BOX, _gradient_statistics, _box_covariance, _C, _C)
ORIGINAL = Stage(
    "levels, original",
    structural_similarity.SIZE,
    _gaussian_statistics,
    structural_similarity.covariance,
    structural_similarity.C1,
    structural_similarity.C2,
)


def local_quality(
    sources: Sources, fused: Fused, stage: Stage, metric: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Quality and saliency of every full window.

    Parameters
    ----------
    sources : metrics.Sources
    fused : metrics.Fused
    stage : Stage
    metric : str
        Label of the metric, for the message.

    Returns
    -------
    quality : numpy.ndarray
        q, (H - n + 1) x (W - n + 1), -1..1.
    saliency : numpy.ndarray
        c, same shape, positive; it belongs to the sources and must not be changed.

    Raises
    ------
    files.errors.Undefined
        The images are smaller than a window.
    """
    require_size(sources.shape, stage.size, metric)
    originals = list(sources.each((stage.name, "windows"), stage.statistics))
    own = fused.once((stage.name, "windows"), stage.statistics)
    shares, saliency = sources.cached((stage.name, "shares"), lambda: _shares([v for _, _, v in originals]))
    quality: Any = 0.0
    for share, original in zip(shares, originals, strict=True):
        _, mean, variance = original
        covariance = stage.covariance(original, own)
        quality = quality + share * similarity(own[1], mean, own[2], variance, covariance, stage.c1, stage.c2)
    return quality, saliency


def _shares(variances: list[NDArray[np.float64]]) -> tuple[list[NDArray[np.float64]], NDArray[np.float64]]:
    """Weights of the sources, and the saliency."""
    empty = sum(variances) == 0
    variances = [np.where(empty, 0.5, v) for v in variances]
    total = sum(variances)
    shares: list[Any] = [v / total for v in variances[:-1]]
    shares.append(1 - sum(shares))
    return shares, np.maximum.reduce(variances)


def weighted_mean(quality: NDArray[np.float64], saliency: NDArray[np.float64]) -> float:
    """Q_W of what `local_quality` returns: the mean of the quality, weighted by the saliency."""
    return float((saliency * quality).sum() / saliency.sum())
