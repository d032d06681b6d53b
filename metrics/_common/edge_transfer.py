"""Where the edges of the sources went: preserved (Q_abf), lost (L_abf) or joined by new ones (N_abf).

With Sobel derivatives / 8 (image mirrored at its border without repeating the edge pixel), g the magnitude of the
gradient and a its angle modulo pi, for each source X

    G = min(g_X, g_F) / max(g_X, g_F)   (0 where one of them is 0),      D = ||a_X - a_F| - pi/2| 2/pi,
    Q_X = sqrt(0.9999 / (1 + exp(-19 (G - 0.5))) * 0.9995 / (1 + exp(-22 (D - 0.5)))),
    W_X = g_X^1.5 where g_X >= 2, else 0.001.

A source weighs W_X: it keeps Q_X W_X of this, and (1 - Q_X) W_X is lost, or artefact where the fused image has a
stronger gradient than every source. Each of the three sums, over pixels and sources, is divided by the sum of all W_X,
so that they add up to 1. The formula is a sum over the sources and holds for any number of them as it is.

References
----------
V. Petrovic, C. Xydeas, "Objective image fusion performance characterisation", ICCV 2005; with the distinction of losses
and artefacts as modified by B. K. Shreyamsha Kumar, "Multifocus and multispectral image fusion based on pixel
significance using discrete cosine harmonic wavelet transform", Signal, Image and Video Processing 7(6), 2013.
"""

import functools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from files.errors import Undefined
from metrics import Fused, Sources
from metrics._common.gradients import NO_EDGES

_Edge = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]

_WEAK = 2.0
_WEAK_WEIGHT = 0.001


class Transfer(NamedTuple):
    """Shares of the edges of the sources; they add up to 1."""

    preserved: float
    lost: float
    added: float


def transfer(sources: Sources, fused: Fused) -> Transfer:
    """The three shares for a fused image, computed once for its three metrics; `Undefined` when no source has an edge."""
    # The sources stand in the key: one fused image may be compared with several.
    return fused.cached(("edge transfer", sources), lambda: _transfer(sources, fused))


def _transfer(sources: Sources, fused: Fused) -> Transfer:
    own = fused.once("mirrored edge", _edge)
    strongest = sources.cached(
        "strongest edge", lambda: functools.reduce(np.maximum, (g for g, _, _ in _edges(sources)))
    )
    if not strongest.any():
        raise Undefined(NO_EDGES)
    added = own[0] > strongest
    preserved = new = total = 0.0
    for strength, angle, weight in _edges(sources):
        kept = _kept(strength, angle, own[0], own[1]) * weight
        preserved += kept.sum()
        new += (weight - kept)[added].sum()
        total += weight.sum()
    return Transfer(preserved / total, (total - preserved - new) / total, new / total)


def _edges(sources: Sources) -> Iterator[_Edge]:
    return sources.each("mirrored edge", _edge)


def _edge(gray: NDArray[np.float64]) -> _Edge:
    """Magnitude and angle of the gradient, and the weight of the pixel."""
    import cv2

    horizontal, vertical = (
        cv2.Sobel(gray, cv2.CV_64F, 1 - axis, axis, ksize=3, scale=1 / 8, borderType=cv2.BORDER_REFLECT_101)
        for axis in (0, 1)
    )
    strength = np.sqrt(horizontal**2 + vertical**2)
    angle = np.arctan(horizontal / vertical)
    angle[strength == 0] = 0
    return strength, angle, np.where(strength >= _WEAK, strength * np.sqrt(strength), _WEAK_WEIGHT)


def _kept(
    source_strength: NDArray[np.float64],
    source_angle: NDArray[np.float64],
    strength: NDArray[np.float64],
    angle: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Edge preservation Q_X per pixel."""
    larger = np.maximum(source_strength, strength)
    ratio = np.minimum(source_strength, strength) / np.where(larger == 0, 1, larger)
    agreement = np.abs(np.abs(source_angle - angle) - np.pi / 2) * (2 / np.pi)
    return np.sqrt(0.9999 / (1 + np.exp(-19 * (ratio - 0.5))) * (0.9995 / (1 + np.exp(-22 * (agreement - 0.5)))))
