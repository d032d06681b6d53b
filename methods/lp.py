"""LP: Laplacian pyramid fusion."""

from collections.abc import Sequence

import numpy as np

from methods import Fusion, Method, Reference
from methods._common import pyramid
from methods._common.channels import fuse_channels

METHOD = Method(
    id="lp",
    label="LP",
    title="Laplacian pyramid, details chosen by local maximum with a consistency check",
    citation=(
        "P. J. Burt, E. H. Adelson, The Laplacian pyramid as a compact image code, IEEE Transactions on Communications "
        "31(4), 1983; settings of Y. Liu, S. Liu, Z. Wang, A general framework for image fusion based on multi-scale "
        "transform and sparse representation, Information Fusion 24, 2015"
    ),
    doi="10.1109/TCOM.1983.1095851",
    year=1983,
    kind="transform",
    cost=0.4,
    comparison=True,
)

REFERENCES = (Reference("published", "lp"),)


def fuse(images: Sequence[np.ndarray]) -> Fusion:
    """Laplacian pyramid fusion of a pair, each colour channel on its own (float32, shape of a source, [0, 1]).

    Four levels; fewer below 17 pixels a side, the mean of the sources below 3.
    """
    return fuse_channels(images, pyramid.fuse_levels)
