"""CVT: curvelet transform fusion."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from methods import Fusion, Method, Reference
from methods._common import curvelet
from methods._common.channels import fuse_channels
from methods._common.selection import average, choose_max

METHOD = Method(
    id="cvt",
    label="CVT",
    title="Curvelets, real and imaginary sub-bands chosen by local maximum with a consistency check",
    citation=(
        "F. Nencini, A. Garzelli, S. Baronti, L. Alparone, Remote sensing image fusion using the curvelet transform, "
        "Information Fusion 8(2), 2007; settings of Y. Liu, S. Liu, Z. Wang, A general framework for image fusion "
        "based on multi-scale transform and sparse representation, Information Fusion 24, 2015"
    ),
    doi="10.1016/j.inffus.2006.02.001",
    year=2007,
    kind="transform",
    cost=2.6,
    comparison=True,
)

REFERENCES = (Reference("published", "cvt"),)


def _chosen(first: Iterable[np.ndarray], second: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Fused sub-bands of two equal sequences, of which the last is the coarse band."""
    for one, other in zip(first, second, strict=True):
        if np.iscomplexobj(one):
            yield choose_max(one.real, other.real) + 1j * choose_max(one.imag, other.imag)
        else:
            yield average(one, other)


def _fuse_levels(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    scales = curvelet.scales_for(first.shape)
    if scales < 2:
        return average(first, second)
    layout = curvelet.plan(first.shape, scales)
    bands = _chosen(curvelet.analyse(layout, first), curvelet.analyse(layout, second))
    return curvelet.synthesise(layout, bands)


def fuse(images: Sequence[np.ndarray]) -> Fusion:
    """Curvelet fusion of a pair, each colour channel on its own (float32, shape of a source, [0, 1]).

    Five scales with 16 to 64 angles; below 72 pixels a side fewer (see `curvelet.scales_for`), at 16 pixels and
    less the mean of the sources. The windows of the last two image sizes are kept.
    """
    return fuse_channels(images, _fuse_levels)
