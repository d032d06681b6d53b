"""Q_G (Q^{AB/F}): how much edge strength and orientation the fused image keeps.

With g the Sobel magnitude and a the angle of the gradient (modulo pi), for each source X

    G = min(g_X, g_F) / max(g_X, g_F),      D = 1 - |a_X - a_F| 2 / pi,
    Q_X = 0.9994 / (1 + exp(-15 (G - 0.5))) * 0.9879 / (1 + exp(-22 (D - 0.8))),
    Q_G = sum_X sum(Q_X g_X) / sum_X sum(g_X).

The formula is a sum over the sources and holds for any number of them as it is.

Notes
-----
The corrected variant. Zeros of the gradients are replaced by 1e-5 as the reference program does: where both are zero G
is 1; where only g_F is zero G is 0 for the first source and 1e-5 / g_X for the others (there the replaced zeros stay).
D does not wrap around and may be negative. The greatest value is 0.974794 and not 1.

References
----------
C. S. Xydeas, V. Petrovic, "Objective image fusion performance measure", Electronics Letters 36(4), 2000.
"""

from typing import Any

import numpy as np

from files.errors import Undefined
from metrics import Fused, Metric, Sources, Variant
from metrics._common.gradients import NO_EDGES, sobel

METRIC = Metric(
    id="q_g",
    label="Q_G",
    latex=r"Q_{\mathrm{G}}",
    title="Gradient-based edge preservation (Q^{AB/F})",
    citation="C. S. Xydeas, V. Petrovic, Objective image fusion performance measure, Electronics Letters 36(4), 2000",
    family="feature",
    direction="larger",
    lower=0.0,
    upper=0.9994 / (1 + np.exp(-7.5)) * 0.9879 / (1 + np.exp(-4.4)),
)

_TINY = 1e-5


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` when all sources are constant."""
    _check_edges(sources)
    strength, angle = fused.once("edge", _edge)
    kept: Any = 0.0
    weight: Any = 0.0
    for number, (source_strength, source_angle) in enumerate(sources.each("edge", _edge)):
        quality = _preservation(source_strength, source_angle, strength, angle, first=number == 0)
        weights = _without_zeros(source_strength)
        kept = kept + quality * weights
        weight = weight + weights
    return kept.sum() / weight.sum()


def _check_edges(sources: Sources) -> None:
    """`Undefined` when all sources are constant: the border of zeros outside the image would be their only edge."""
    if all(gray.min() == gray.max() for gray in sources.gray):
        raise Undefined(NO_EDGES)


def _edge(gray: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Strength and angle in (-pi/2, pi/2] of the gradient."""
    horizontal, vertical = sobel(gray)
    strength = np.sqrt(horizontal**2 + vertical**2)
    horizontal[horizontal == 0] = _TINY
    return strength, np.arctan(vertical / horizontal)


def _without_zeros(strength: np.ndarray) -> np.ndarray:
    return np.where(strength == 0, _TINY, strength)


def _preservation(
    source_strength: np.ndarray, source_angle: np.ndarray, strength: np.ndarray, angle: np.ndarray, first: bool
) -> np.ndarray:
    """Edge preservation Q_X per pixel."""
    ratio = _ratio(source_strength, strength, first)
    agreement = 1 - np.abs(source_angle - angle) * (2 / np.pi)
    kept_strength = 0.9994 / (1 + np.exp(-15 * (ratio - 0.5)))
    kept_angle = 0.9879 / (1 + np.exp(-22 * (agreement - 0.8)))
    return kept_strength * kept_angle


def _ratio(source_strength: np.ndarray, strength: np.ndarray, first: bool) -> np.ndarray:
    nonzero = _without_zeros(strength)
    source_nonzero = _without_zeros(source_strength)
    weaker = (strength if first else nonzero) / source_nonzero
    return np.where(source_strength > strength, weaker, source_nonzero / nonzero)


def _original(sources: Sources, fused: Fused) -> float:
    _check_edges(sources)
    strength, angle = fused.once("edge", _edge)
    kept: Any = 0.0
    weight: Any = 0.0
    for number, (source_strength, source_angle) in enumerate(sources.each("edge", _edge)):
        ratio = _ratio(source_strength, strength, first=number == 0)
        agreement = np.abs(np.abs(source_angle - angle) - np.pi / 2) * (2 / np.pi)
        weights = _without_zeros(source_strength)
        kept = kept + weights / ((1 + np.exp(-10 * (ratio - 0.5))) * (1 + np.exp(-20 * (agreement - 0.75))))
        weight = weight + weights
    return float((kept / weight).mean())


VARIANTS = {
    "original": Variant(
        "Z. Liu's toolbox before its correction: other constants, angles that wrap around, and every pixel weighs the same",
        _original,
    )
}
