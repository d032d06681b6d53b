"""SR: fusion of overlapping patches by sparse representation with a learned dictionary.

The survey's images code every position (step 1); the toolbox script, and with it the tables of the GACN paper, every
second one (preset ``toolbox``). At step 2 the last row and column of an image with an odd side are covered by no patch
and are the mean of the sources, as upstream.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from methods import Fusion, Method, Reference
from methods._common.channels import fuse_channels
from methods._common.sparse import DICTIONARY, fuse_patches, load_dictionaries, options

METHOD = Method(
    id="sr",
    label="SR",
    title="Sparse codes of overlapping patches, larger l1 norm",
    citation="B. Yang, S. Li, Multifocus image fusion and restoration with sparse representation, "
    "IEEE Transactions on Instrumentation and Measurement 59 (4), 2010, 884-892",
    doi="10.1109/TIM.2009.2026612",
    year=2010,
    kind="sparse",
    cost=280.0,
    comparison=True,
    files=(DICTIONARY,),
    options=options(step=1),
    presets={"toolbox": {"step": 2}},
)

REFERENCES = (Reference("published", "sr"),)


def fuse(images: Sequence[np.ndarray], *, step: int, error: float) -> Fusion:
    """Fuse two images by the sparse codes of their 8 x 8 patches, each channel on its own.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        Two sources, float32, H x W or H x W x 3, [0, 1].
    step : int
        Distance of neighbouring patches in pixels.
    error : float
        Bound epsilon of the l2 norm of a patch's residual, in grey levels.

    Notes
    -----
    An image with a side below 8 pixels holds no patch; the result is the mean of the sources.
    """
    fuse_levels = partial(fuse_patches, dictionaries=load_dictionaries(DICTIONARY), step=step, error=error)
    return fuse_channels(images, fuse_levels)
