"""DCT_EOL: energy of the Laplacian of 8 x 8 DCT blocks."""

from collections.abc import Sequence

import numpy as np

from methods import Fusion, Method, Reference
from methods._common.dct_blocks import OPTIONS, choose_blocks, filter_blocks

_WHY = "Between blocks of equal energy the published program lets DCT rounding noise decide; here the first image wins."

METHOD = Method(
    id="dct_eol",
    label="DCT_EOL",
    title="8 x 8 blocks with the largest energy of Laplacian, with a consistency check",
    citation=(
        "M. Amin-Naji, A. Aghagolzadeh, Multi-focus image fusion in DCT domain using variance and energy of Laplacian "
        "and correlation coefficient for visual sensor networks, Journal of AI and Data Mining 6(2), 2018"
    ),
    doi="10.22044/jadm.2017.5169.1624",
    year=2018,
    kind="spatial",
    cost=0.3,
    native_stack=True,
    decision_map=True,
    options=OPTIONS,
)

REFERENCES = (Reference("mfifb", "DCT_EOL", options={"strict_upstream": True}, why=_WHY),)

_LAPLACIAN = ((-1, -4, -1), (-4, 20, -4), (-1, -4, -1))


def energy_of_laplacian(blocks: np.ndarray) -> np.ndarray:
    """Sum of the squared Laplacian of every block, its own edge values repeated (exact for integer levels)."""
    return np.sum(filter_blocks(blocks, _LAPLACIAN) ** 2, axis=(-2, -1))


def fuse(images: Sequence[np.ndarray], strict_upstream: bool) -> Fusion:
    """Blocks of the first source with the largest energy, then the majority of 3 x 3 blocks.

    Where a side is not a multiple of 8, the edge is repeated unless `strict_upstream` leaves that strip gray.
    """
    return choose_blocks(images, energy_of_laplacian, np.greater, strict_upstream)
