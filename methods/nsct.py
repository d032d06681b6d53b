"""NSCT: nonsubsampled contourlet transform fusion."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from methods import Fusion, Method, Option, Reference
from methods._common import nsct
from methods._common.channels import fuse_channels

METHOD = Method(
    id="nsct",
    label="NSCT",
    title="Nonsubsampled contourlets, directional bands chosen by local maximum with a consistency check",
    citation=(
        "Q. Zhang, B.-L. Guo, Multifocus image fusion using the nonsubsampled contourlet transform, Signal Processing "
        "89(7), 2009; settings of Y. Liu, L. Wang, J. Cheng, C. Li, X. Chen, Multi-focus image fusion: a survey of "
        "the state of the art, Information Fusion 64, 2020"
    ),
    doi="10.1016/j.sigpro.2009.01.012",
    year=2009,
    kind="transform",
    cost=9.0,
    comparison=True,
    options={
        "directional": Option("7-9", "Filters of the directional filter bank.", choices=tuple(nsct.DIRECTIONAL)),
    },
    presets={"toolbox": {"directional": "vk"}},
)

REFERENCES = (Reference("published", "nsct"),)


def fuse(images: Sequence[np.ndarray], directional: str) -> Fusion:
    """Contourlet fusion of a pair, each colour channel on its own (float32, shape of a source, [0, 1]).

    Four levels with 16, 8, 8 and 4 directions from fine to coarse, at every size; the mean of the sources where a
    side is 1 pixel. The preset ``toolbox`` takes the directional filters of the toolbox of Liu et al. (2015), which
    the SESF-Fuse and GACN tables used. Frequency responses of recent image sizes are kept: about 225 MB per megapixel.
    """
    return fuse_channels(images, partial(nsct.fuse_levels, directional=directional))
