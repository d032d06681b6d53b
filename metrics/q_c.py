"""Q_C: structural similarity weighted by how the sources vary with the fused image.

With local SSIM s (8 x 8 mean, full windows, C1 = C2 = 2e-16) and the local covariances c_A of A and F, c_B of B and F,

    Q_C = mean(w s(A, F) + (1 - w) s(B, F)),     w = c_A / (c_A + c_B), clipped to [0, 1], and 1/2 where it is 0/0.

More than two sources: the weights are the shares of the total covariance, those of the other sign cut off,

    w_k = p_k / sum_l p_l,     p_k = max(c_k, 0), or max(-c_k, 0) where sum_l c_l < 0,     1/n where all c_l are 0.

For n = 2 this is the clipped w: p_A / (p_A + p_B) is 1 where w > 1 and 0 where w < 0.

Notes
-----
The definition of the 2024 collection. Window sums of grey levels are integers, and divided by 64 they are exact, so that
a constant window has no variance and no covariance at all.

The variants decide constancy exactly, too, where other programs leave it to rounding noise. The toolbox's has no value then
where a window divides 0 by 0, and both are defined for two sources only.

References
----------
N. Cvejic, A. Loza, D. Bull, N. Canagarajah, "A similarity metric for assessment of image fusion algorithms",
International Journal of Signal Processing 2(3), 2005.
"""

import functools

import numpy as np
from numpy.typing import NDArray

from files.errors import Undefined
from metrics import Fused, Metric, Sources, Variant
from metrics._common import gaussian_windows
from metrics._common.gaussian_windows import C
from metrics._common.windows import BOX, Statistics, box_covariance, box_statistics, require_size, similarity

METRIC = Metric(
    id="q_c",
    label="Q_C",
    latex=r"Q_{\mathrm{C}}",
    title="Similarity to the sources, weighted by covariance (Cvejic)",
    citation="N. Cvejic, A. Loza, D. Bull, N. Canagarajah, A similarity metric for assessment of image fusion algorithms, "
    "International Journal of Signal Processing 2(3), 2005",
    family="structure",
    direction="larger",
    lower=-1.0,
    upper=1.0,
)

_SCALE = 1 / BOX**2


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` below 8 x 8 pixels."""
    require_size(sources.shape, BOX, "Q_C")
    own = fused.once("exact windows 8", _statistics)
    similar, covariances = [], []
    for original in sources.each("exact windows 8", _statistics):
        covariance = box_covariance(original, own, _SCALE)
        similar.append(similarity(original[1], own[1], original[2], own[2], covariance, C, C))
        covariances.append(covariance)
    return float(functools.reduce(np.add, map(np.multiply, _weights(covariances), similar)).mean())


def _statistics(gray: NDArray[np.float64]) -> Statistics:
    return box_statistics(gray, _SCALE)


def _weights(covariances: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Weights of the sources in every window, of sum 1."""
    sign = np.where(functools.reduce(np.add, covariances) < 0, -1.0, 1.0)
    parts = [np.maximum(sign * covariance, 0) for covariance in covariances]
    total = functools.reduce(np.add, parts)
    empty = total == 0
    total[empty] = 1
    return [np.where(empty, 1 / len(parts), part / total) for part in parts]


def _in_gaussian_windows(sources: Sources, fused: Fused, unit: float, tiny: float) -> float:
    """Toolbox and SESF: levels divided by `unit`, `tiny` added to the denominators."""
    require_size(sources.shape, gaussian_windows.SIZE, "Q_C with Gaussian windows")
    if len(sources) != 2:
        raise Undefined("this variant of Q_C is defined for two sources only")
    target = fused.gray / unit
    own = gaussian_windows.statistics(target)
    similar, covariances = [], []
    for gray in sources.gray:
        image = gray / unit
        original = gaussian_windows.statistics(image)
        covariance = gaussian_windows.covariance(image, original, target, own)
        numerator = (2 * original[0] * own[0] + C) * (2 * covariance + C)
        similar.append(numerator / ((original[0] ** 2 + own[0] ** 2 + C) * (original[1] + own[1] + C) + tiny))
        covariances.append(covariance)
    weight = covariances[0] / (sum(covariances) + tiny)
    if np.isnan(weight).any():
        raise Undefined(
            "this variant of Q_C divides 0 by 0 in a window where no source varies with the fused image; the toolbox "
            "leaves such windows to rounding noise"
        )
    quality = weight * similar[0] + (1 - weight) * similar[1]
    # The map is overwritten, and not the weight clipped: this is what the toolbox does.
    return float(np.select([weight < 0, weight > 1], [0.0, 1.0], quality).mean())


VARIANTS = {
    "original": Variant(
        "Z. Liu's toolbox: Gaussian windows 7 x 7; windows with a weight below 0 count 0, those with one above 1 count 1",
        functools.partial(_in_gaussian_windows, unit=1.0, tiny=0.0),
    ),
    "sesf": Variant(
        "SESF-Fuse: as the toolbox, on grey levels 0..1 with 1e-10 added to the denominators of similarity and weight",
        functools.partial(_in_gaussian_windows, unit=255.0, tiny=1e-10),
    ),
}
