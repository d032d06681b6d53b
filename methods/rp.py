"""RP: ratio of low-pass pyramid fusion."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from methods import Fusion, Method, Reference
from methods._common import pyramid
from methods._common.channels import fuse_channels

METHOD = Method(
    id="rp",
    label="RP",
    title="Ratio of low-pass pyramid, ratios chosen by local maximum with a consistency check",
    citation=(
        "A. Toet, Image fusion by a ratio of low-pass pyramid, Pattern Recognition Letters 9(4), 1989; settings of "
        "Y. Liu, S. Liu, Z. Wang, A general framework for image fusion based on multi-scale transform and sparse "
        "representation, Information Fusion 24, 2015"
    ),
    doi="10.1016/0167-8655(89)90003-2",
    year=1989,
    kind="transform",
    cost=0.4,
    comparison=True,
)

REFERENCES = (Reference("published", "rp"),)


def fuse(images: Sequence[np.ndarray]) -> Fusion:
    """Ratio of low-pass pyramid fusion of a pair, each colour channel on its own (float32, shape of a source, [0, 1]).

    The size of the ratio itself is compared, not its distance from 1, so dark surroundings are favoured; this is how
    the published results were made. Levels and small images as in `methods.lp`.
    """
    return fuse_channels(images, partial(pyramid.fuse_levels, ratio=True))
