"""Networks that fuse one luminance plane, and the colour rules around them.

The authors' programs do the colour in separate MATLAB scripts and store luminance as 8-bit JPEG in between; here
nothing but the 8-bit luminance that goes into the network is rounded before the end.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from imaging.levels import from_levels, round_levels, to_levels
from methods import Fusion


@dataclass(frozen=True)
class Colour:
    """A luminance and chroma space for levels 0..255.

    Parameters
    ----------
    forward : numpy.ndarray
        3 x 3: rows give Y, Cb and Cr from R, G and B.
    inverse : numpy.ndarray
        3 x 3: rows give R, G and B from Y, Cb and Cr without their offsets.
    offset : float
        Of Y; Cb and Cr have 128.
    """

    forward: np.ndarray
    inverse: np.ndarray
    offset: float

    def split(self, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Luminance (H x W) and chroma around 0 (H x W x 2) of levels (H x W x 3 or H x W, then without chroma)."""
        if levels.ndim == 2:
            return levels, None
        transformed = levels @ self.forward.T
        return transformed[..., 0] + self.offset, transformed[..., 1:]

    def join(self, luminance: np.ndarray, chroma: np.ndarray | None) -> np.ndarray:
        """Levels from luminance and chroma around 0 (or None for gray), neither rounded nor limited."""
        if chroma is None:
            return luminance
        return np.concatenate([(luminance - self.offset)[..., None], chroma], axis=2) @ self.inverse.T


#: Constants of MFF-GAN, SDNet and PMGI (BT.601, luminance 16..235).
STUDIO = Colour(
    np.array([[0.257, 0.504, 0.098], [-0.148, -0.291, 0.439], [0.439, -0.368, -0.071]]),
    np.array([[1.164, 0, 1.596], [1.164, -0.392, -0.813], [1.164, 2.017, 0]]),
    16.0,
)

#: Constants of U2Fusion (BT.601, luminance 0..255).
FULL = Colour(
    np.array([[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]]),
    np.array([[1, 0, 1.402], [1, -0.34414, -0.71414], [1, 1.772, 0]]),
    0.0,
)


def fused_chroma(chroma: Sequence[Any]) -> np.ndarray | None:
    """Mean of the sources' chroma, weighted by its own magnitude, so that the more colourful source prevails.

    Parameters
    ----------
    chroma : sequence of numpy.ndarray
        Chroma around 0, H x W x 2 each; or all None.

    Returns
    -------
    numpy.ndarray or None
        H x W x 2, 0 where all sources are neutral.
    """
    if chroma[0] is None:
        return None
    total = sum(np.abs(values) for values in chroma)
    weighted = sum(values * np.abs(values) for values in chroma)
    return np.divide(weighted, total, out=np.zeros_like(total), where=total > 0)


def fuse_luminance(
    images: Sequence[np.ndarray],
    colour: Colour,
    network: Callable[[list[np.ndarray]], np.ndarray],
    limits: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Fusion:
    """Fuse a pair whose luminance a network fuses.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        H x W or H x W x 3, [0, 1]. The levels of gray images are taken for luminance as they are.
    colour : Colour
    network : callable
        Takes the list of the sources' luminance (float64, H x W, 0..255, not rounded), returns the fused one.
    limits : callable, optional
        Maps the fused luminance before it is rounded to 8 bit (`methods._common.writer.stretched`, say).

    Returns
    -------
    Fusion
    """
    luminance, chroma = zip(*(colour.split(to_levels(image)) for image in images), strict=True)
    fused = network(list(luminance)).astype(np.float64)
    fused = round_levels(fused if limits is None else limits(fused)).astype(np.float64)
    return Fusion(from_levels(colour.join(fused, fused_chroma(chroma))))
