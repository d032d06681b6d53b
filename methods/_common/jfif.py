"""Colour as MUFusion and GIFNet compute it: JFIF constants, chroma around 0, and their rule for the chroma of two sources.

The rule weighs the chroma of a source by its distance from the neutral value, so that the more colourful source
prevails. The authors' programs take 128 for the neutral value although their chroma lies around 0: all weights are
then near 128, and the result is nearly the plain mean. Here 0 is the default and theirs an option.
"""

from collections.abc import Sequence

import numpy as np

from imaging.levels import from_levels
from methods import Option
from methods._common.ycc import Colour, fused_chroma

#: Constants of both programs (they round those of JFIF in other places than U2Fusion's).
COLOUR = Colour(
    np.array([[0.299, 0.587, 0.114], [-0.169, -0.331, 0.5], [0.5, -0.419, -0.081]]),
    np.array([[1, 0, 1.402], [1, -0.344136, -0.714136], [1, 1.772, 0]]),
    0.0,
)
#: What the authors' programs subtract from chroma that already lies around 0.
_WRONG_NEUTRAL = 128.0

OPTION = Option(
    "saturation",
    "chroma of the sources: weighted by its magnitude, or by its distance from 128 as in the authors' program",
    choices=("saturation", "upstream"),
)


def image(luminance: np.ndarray, chroma: Sequence[np.ndarray | None], rule: str) -> np.ndarray:
    """Fused image of fused luminance and the chroma of two sources.

    Parameters
    ----------
    luminance : numpy.ndarray
        H x W, 0..255, neither rounded nor limited.
    chroma : sequence of numpy.ndarray or None
        H x W x 2 of each source, around 0; or all None (gray).
    rule : {"saturation", "upstream"}
        See `OPTION`.

    Returns
    -------
    numpy.ndarray
        float32, [0, 1], H x W or H x W x 3, rounded to 8 bit (ties to even, as the authors' programs do).
    """
    joined = fused_chroma(chroma) if rule == "saturation" else _nearly_mean(chroma)
    return from_levels(np.rint(COLOUR.join(np.asarray(luminance, dtype=np.float64), joined)))


def _nearly_mean(chroma):
    """The authors' rule; its weights are never 0, since chroma does not reach 128."""
    if chroma[0] is None:
        return None
    shares = [np.abs(values - _WRONG_NEUTRAL) for values in chroma]
    return sum(values * share for values, share in zip(chroma, shares, strict=True)) / sum(shares)
