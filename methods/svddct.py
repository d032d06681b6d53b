"""SVDDCT: singular values of 8 x 8 DCT blocks."""

from collections.abc import Sequence

import numpy as np

from methods import Fusion, Method, Reference
from methods._common.dct_blocks import OPTIONS, choose_blocks

_WHY = "For blocks of rank below five, the published program lets the rounding noise of the singular values decide."

METHOD = Method(
    id="svddct",
    label="SVDDCT",
    title="8 x 8 blocks with the largest product of five singular values, with a consistency check",
    citation=(
        "M. Amin-Naji, P. Ranjbar-Noiey, A. Aghagolzadeh, Multi-focus image fusion using singular value decomposition "
        "in DCT domain, 10th Iranian Conference on Machine Vision and Image Processing, 2017"
    ),
    year=2017,
    kind="spatial",
    cost=0.9,
    native_stack=True,
    decision_map=True,
    options=OPTIONS,
)

REFERENCES = (Reference("mfifb", "SVDDCT", options={"strict_upstream": True}, why=_WHY),)

_COUNT = 5
_NULL = 1e-9


def singular_product(blocks: np.ndarray) -> np.ndarray:
    """Product of the five largest singular values of every block.

    Singular values that are zero but for rounding count as the machine precision times the largest one, the size
    they have in floating point, so that blocks of low rank do not depend on the linear algebra library.
    """
    values = np.linalg.svd(blocks, compute_uv=False)[..., :_COUNT]
    largest = values[..., :1]
    return np.prod(np.where(values < _NULL * largest, np.finfo(float).eps * largest, values), axis=-1)


def fuse(images: Sequence[np.ndarray], strict_upstream: bool) -> Fusion:
    """Blocks of the last source with the largest product, then the majority of 3 x 3 blocks.

    Where a side is not a multiple of 8, the edge is repeated unless `strict_upstream` leaves that strip gray.
    """
    return choose_blocks(images, singular_product, np.greater_equal, strict_upstream)
