"""MGFF: multi-scale guided filter fusion."""

from collections.abc import Sequence

import numpy as np

from imaging.filters import guided_filter
from methods import Fusion, Method, Option, Reference
from methods._common.channels import fuse_channels
from methods._common.selection import average

METHOD = Method(
    id="mgff",
    label="MGFF",
    title="Details of mutually guided filters at four scales, weighted by their magnitude",
    citation=(
        "D. P. Bavirisetti, G. Xiao, J. Zhao, R. Dhuli, G. Liu, Multi-scale guided image and video fusion: a fast and "
        "efficient approach, Circuits, Systems, and Signal Processing 38, 2019"
    ),
    doi="10.1007/s00034-019-01131-z",
    year=2019,
    kind="transform",
    cost=3.2,
    options={
        "radius": Option(9, "Radius r of the guided filter in pixels.", minimum=1, maximum=200),
        "epsilon": Option(
            1000.0, "Regularisation epsilon of the guided filter, squared grey levels.", minimum=1e-6, maximum=1e9
        ),
        "levels": Option(4, "Number of filterings.", minimum=1, maximum=16),
    },
)

REFERENCES = (Reference("mfifb", "MGFF"),)


def _fuse_levels(first: np.ndarray, second: np.ndarray, radius: int, epsilon: float, levels: int) -> np.ndarray:
    detail = np.zeros(first.shape)
    for _ in range(levels):
        first_base = guided_filter(first, second, radius, epsilon)
        second_base = guided_filter(second, first, radius, epsilon)
        one, other = first - first_base, second - second_base
        total = np.abs(one) + np.abs(other)
        # Where both details vanish their weights are undefined, and of no consequence.
        weight = np.divide(np.abs(one), total, out=np.full(total.shape, 0.5), where=total > 0)
        detail += one * weight + other * (1 - weight)
        first, second = first_base, second_base
    return average(first, second) + detail


def fuse(images: Sequence[np.ndarray], radius: int, epsilon: float, levels: int) -> Fusion:
    """Fuse a pair, each colour channel on its own (float32, shape of a source, [0, 1]).

    Each image guides the filtering of the other one. Deviation from the authors' program: where both details vanish
    exactly, its weights are 0/0 and the pixel becomes black; here the detail is 0 there.
    """
    return fuse_channels(images, lambda first, second: _fuse_levels(first, second, radius, epsilon, levels))
