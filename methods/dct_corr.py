"""DCT_Corr: correlation of 8 x 8 DCT blocks with their blurred version."""

from collections.abc import Sequence

import numpy as np
from scipy import fft

from methods import Fusion, Method, Reference
from methods._common.dct_blocks import OPTIONS, SIDE, choose_blocks, filter_blocks

_WHY = "Flat blocks correlate perfectly with their blurred version; in the published program rounding noise decides."

METHOD = Method(
    id="dct_corr",
    label="DCT_Corr",
    title="8 x 8 blocks that correlate least with their blurred version, with a consistency check",
    citation=(
        "M. Amin-Naji, A. Aghagolzadeh, Multi-focus image fusion in DCT domain using variance and energy of Laplacian "
        "and correlation coefficient for visual sensor networks, Journal of AI and Data Mining 6(2), 2018"
    ),
    doi="10.22044/jadm.2017.5169.1624",
    year=2018,
    kind="spatial",
    cost=0.4,
    native_stack=True,
    decision_map=True,
    options=OPTIONS,
)

REFERENCES = (Reference("mfifb", "DCT_Corr", options={"strict_upstream": True}, why=_WHY),)

_CORNER, _EDGE, _CENTRE = 0.0751, 0.1238, 0.2042
_DCT = fft.dct(np.eye(SIDE), axis=0, norm="ortho")
_BLUR = ((_CORNER, _EDGE, _CORNER), (_EDGE, _CENTRE, _EDGE), (_CORNER, _EDGE, _CORNER))


def blur_change(blocks: np.ndarray) -> np.ndarray:
    """One minus the correlation of a block's 64 DCT coefficients with those of its blurred version.

    The means are those of the 64 coefficients. NaN for a block that is 128 everywhere.
    """
    sharp, blurred = (
        (_DCT @ part @ _DCT.T).reshape(*part.shape[:-2], SIDE**2) for part in (blocks, filter_blocks(blocks, _BLUR))
    )
    sharp, blurred = (part - part.mean(axis=-1, keepdims=True) for part in (sharp, blurred))
    scale = np.sqrt(np.sum(sharp**2, axis=-1)) * np.sqrt(np.sum(blurred**2, axis=-1))
    shared = np.sum(sharp * blurred, axis=-1)
    return 1 - np.divide(shared, scale, out=np.full(scale.shape, np.nan), where=scale > 0)


def fuse(images: Sequence[np.ndarray], strict_upstream: bool) -> Fusion:
    """Blocks of the first source that blurring changes most, then the majority of 3 x 3 blocks.

    Where a side is not a multiple of 8, the edge is repeated unless `strict_upstream` leaves that strip gray.
    """
    return choose_blocks(images, blur_change, np.greater, strict_upstream)
