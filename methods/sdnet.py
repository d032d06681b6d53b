"""SDNet: squeeze-and-decomposition network, its multi-focus model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from methods import Fusion, Method, Reference
from methods._common import two_stream, writer
from methods._common.torch import run, weights

if TYPE_CHECKING:
    from torch import Tensor

METHOD = Method(
    id="sdnet",
    label="SDNet",
    title="Squeeze-and-decomposition network, multi-focus model",
    citation=(
        "H. Zhang, J. Ma, SDNet: a versatile squeeze-and-decomposition network for real-time image fusion, "
        "International Journal of Computer Vision 129 (2021) 2761-2785"
    ),
    doi="10.1007/s11263-021-01501-8",
    year=2021,
    kind="learned",
    cost=0.6,
    needs=("device",),
    keeps_equal_sources=False,
    files=("sdnet/MFF.model-19.index", "sdnet/MFF.model-19.data-00000-of-00001"),
    options={"stretch": writer.OPTION},
    presets={"upstream_writer": writer.PRESET},
    note=writer.NOTE,
)

REFERENCES = (
    Reference("official", "sdnet", why="float differences of 1e-4 levels flip the rounding of single grey levels"),
)


def fuse(images: Sequence[np.ndarray], stretch: bool, device: str) -> Fusion:
    """Fuse a pair; the first image takes the place of the authors' "near" image."""
    parameters = weights(METHOD.files, two_stream.convert, device)

    def network(near: Tensor, far: Tensor) -> Tensor:
        return two_stream.separate(near, far, parameters, ("_ir", "_vi"))

    return two_stream.fuse(images, lambda pair: run(network, pair, two_stream.HALO, device), stretch)
