"""NSCT-SR: nonsubsampled contourlets whose low band is fused by sparse codes instead of averaged.

The survey's images split one level into 16 directions and code every patch position. MFIFB (preset ``mfifb``) splits it
into 4 and codes every second position; the toolbox (preset ``toolbox``) names four levels in a comment.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from methods import Fusion, Method, Option, Reference
from methods._common import nsct
from methods._common.channels import fuse_channels
from methods._common.sparse import DICTIONARY, fuse_patches, load_dictionaries, options

METHOD = Method(
    id="nsct_sr",
    label="NSCT-SR",
    title="Nonsubsampled contourlets, low band by sparse codes with the larger l1 norm",
    citation=(
        "Y. Liu, S. Liu, Z. Wang, A general framework for image fusion based on multi-scale transform and sparse "
        "representation, Information Fusion 24, 2015"
    ),
    doi="10.1016/j.inffus.2014.09.004",
    year=2015,
    kind="sparse",
    cost=260.0,
    files=(DICTIONARY,),
    options={
        "exponents": Option(
            "4",
            "Numbers of directions as powers of 2, one per level from coarse to fine.",
            choices=("4", "2", "2,3,3,4"),
        ),
        **options(step=1),
    },
    presets={"mfifb": {"exponents": "2", "step": 2}, "toolbox": {"exponents": "2,3,3,4", "step": 2}},
)

REFERENCES = (
    Reference("published", "nsct-sr"),
    Reference(
        "mfifb",
        "NSCT_SR",
        {"preset": "mfifb"},
        why="Where two codes have nearly equal l1 norms, the last bits decide which patch is taken.",
    ),
)


def fuse(images: Sequence[np.ndarray], *, exponents: str, step: int, error: float) -> Fusion:
    """Contourlet fusion of a pair with a sparse low band, each colour channel on its own.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        Two sources, float32, H x W or H x W x 3, [0, 1].
    exponents : str
        Direction exponents of the levels, separated by commas.
    step : int
        Distance of neighbouring patches of the low band in pixels.
    error : float
        Bound epsilon of the l2 norm of a patch's residual, in grey levels.
    """
    fuse_base = partial(fuse_patches, dictionaries=load_dictionaries(DICTIONARY), step=step, error=error)
    levels = tuple(int(exponent) for exponent in exponents.split(","))
    fuse_levels = partial(nsct.fuse_levels, exponents=levels, directional="vk", fuse_base=fuse_base)
    return fuse_channels(images, fuse_levels)
