"""DTCWT: dual-tree complex wavelet transform fusion."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from methods import Fusion, Method, Option, Reference
from methods._common import dualtree
from methods._common.channels import fuse_channels
from methods._common.selection import average, choose_max

METHOD = Method(
    id="dtcwt",
    label="DTCWT",
    title="Dual-tree complex wavelets, sub-bands chosen by modulus with a consistency check",
    citation=(
        "J. J. Lewis, R. J. O'Callaghan, S. G. Nikolov, D. R. Bull, N. Canagarajah, Pixel- and region-based image "
        "fusion with complex wavelets, Information Fusion 8(2), 2007; settings of Y. Liu, L. Wang, J. Cheng, C. Li, "
        "X. Chen, Multi-focus image fusion: a survey of the state of the art, Information Fusion 64, 2020"
    ),
    doi="10.1016/j.inffus.2005.09.006",
    year=2007,
    kind="transform",
    cost=1.3,
    comparison=True,
    options={
        "level_one": Option("near_sym_a", "Filters of the first level.", choices=tuple(dualtree.LEVEL_ONE)),
    },
    presets={"toolbox": {"level_one": "legall"}},
)

REFERENCES = (
    Reference("published", "dtcwt", why="Rounding noise breaks a few ties in some pairs, by one grey level each."),
)

LEVELS = 4


def _fuse_levels(first: np.ndarray, second: np.ndarray, level_one: str) -> np.ndarray:
    levels = dualtree.levels_for(first.shape, LEVELS)
    first_details, first_base = dualtree.decompose(first, levels, level_one)
    second_details, second_base = dualtree.decompose(second, levels, level_one)
    details = [choose_max(one, other) for one, other in zip(first_details, second_details, strict=True)]
    return dualtree.reconstruct(details, average(first_base, second_base), first.shape, level_one)


def fuse(images: Sequence[np.ndarray], level_one: str) -> Fusion:
    """Dual-tree wavelet fusion of a pair, each colour channel on its own (float32, shape of a source, [0, 1]).

    Four levels; fewer below 17 pixels a side, the mean of the sources below 3. The preset ``toolbox`` takes the
    first level of the toolbox of Liu et al. (2015), which the SESF-Fuse and GACN tables used.
    """
    return fuse_channels(images, partial(_fuse_levels, level_one=level_one))
