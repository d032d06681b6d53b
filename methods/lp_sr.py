"""LP-SR: Laplacian pyramid whose coarsest level is fused by sparse codes instead of averaged."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from methods import Fusion, Method, Reference
from methods._common import pyramid
from methods._common.channels import fuse_channels
from methods._common.sparse import DICTIONARY, fuse_patches, load_dictionaries, options

METHOD = Method(
    id="lp_sr",
    label="LP-SR",
    title="Laplacian pyramid, coarsest level by sparse codes with the larger l1 norm",
    citation=(
        "Y. Liu, S. Liu, Z. Wang, A general framework for image fusion based on multi-scale transform and sparse "
        "representation, Information Fusion 24, 2015"
    ),
    doi="10.1016/j.inffus.2014.09.004",
    year=2015,
    kind="sparse",
    cost=0.9,
    files=(DICTIONARY,),
    options=options(step=2),
)

REFERENCES = (
    Reference(
        "mfifb", "MST_SR", why="Where two codes have nearly equal l1 norms, the last bits decide which patch is taken."
    ),
)


def fuse(images: Sequence[np.ndarray], *, step: int, error: float) -> Fusion:
    """Laplacian pyramid fusion of a pair with a sparse base, each colour channel on its own.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        Two sources, float32, H x W or H x W x 3, [0, 1].
    step : int
        Distance of neighbouring patches of the coarsest level, in its pixels.
    error : float
        Bound epsilon of the l2 norm of a patch's residual, in grey levels.

    Notes
    -----
    The coarsest of four levels is 16 times smaller than the image. Where it has a side below 8 (images below about
    113 pixels) no patch fits, and the two coarsest levels are averaged.
    """
    fuse_base = partial(fuse_patches, dictionaries=load_dictionaries(DICTIONARY), step=step, error=error)
    return fuse_channels(images, partial(pyramid.fuse_levels, fuse_base=fuse_base))
