"""MADCNN: dilated convolutions with visual attention that give a weight map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imaging.levels import from_levels, to_levels
from methods import Fusion, Method, Reference
from methods._common.torch import conv, kernel_first, run, weights

if TYPE_CHECKING:
    from torch import Tensor

METHOD = Method(
    id="madcnn",
    label="MADCNN",
    title="Multi-scale visual attention deep convolutional network",
    citation=(
        "R. Lai, Y. Li, J. Guan, A. Xiong, Multi-scale visual attention deep convolutional neural network for "
        "multi-focus image fusion, IEEE Access 7 (2019) 114385-114399"
    ),
    year=2019,
    kind="learned",
    cost=2.0,
    decision_map=True,
    needs=("device",),
    files=("madcnn/weights.hdf5",),
)

REFERENCES = (
    Reference(
        "official", "madcnn", why="float differences of 1e-5 in the weight map flip the rounding of single levels"
    ),
)

#: Weights of R, G and B in the gray image of the network.
_GRAY = (0.299, 0.587, 0.114)
_BLOCKS = 6
#: Sum of the radii: a dilated kernel and two plain ones in each block, one in the head.
_HALO = 4 * _BLOCKS + 1


def fuse(images: Sequence[np.ndarray], device: str) -> Fusion:
    """Fuse a pair; the decision map is the network's weight map."""
    parameters = weights(METHOD.files, convert, device)
    first, second = (to_levels(image) for image in images)
    inputs = np.stack([_centred_gray(levels) for levels in (first, second)], axis=2)
    weight = run(lambda values: _weight_map(values, parameters), [inputs], _HALO, device)
    spread = weight if first.ndim == 2 else weight[..., None]
    fused = first * spread + second * (1 - spread)
    # The authors' writer rounds ties to even.
    return Fusion(image=from_levels(np.rint(fused)), decision_map=weight)


def _centred_gray(levels: np.ndarray) -> NDArray[np.float32]:
    """Gray (float32, [0, 1]) minus its mean over the image."""
    gray = (levels if levels.ndim == 2 else levels @ np.array(_GRAY)).astype(np.float32) / np.float32(255)
    return gray - gray.mean(dtype=np.float64).astype(np.float32)


def _weight_map(values: Tensor, parameters: Mapping[str, Tensor]) -> Tensor:
    """Weight of the first image (1 x 1 x H x W, (0, 1)) from the two centred gray planes."""
    import torch

    def layer(number: int, values: Tensor, dilation: int = 1) -> Tensor:
        return conv(values, parameters[f"{number}.weight"], parameters[f"{number}.bias"], dilation=dilation)

    for first in range(1, 4 * _BLOCKS, 4):
        wide, narrow = layer(first, values, dilation=2), layer(first + 1, values)
        mixed = torch.cat([wide, narrow], dim=1).relu()
        attention = layer(first + 3, layer(first + 2, mixed).relu()).sigmoid()
        values = mixed * attention
    return layer(4 * _BLOCKS + 1, values).sigmoid()


def convert(paths: Sequence[Path]) -> dict[str, np.ndarray]:
    """Arrays ``k.weight`` and ``k.bias`` of the Keras file's convolutions, k = 1..25, without the optimiser's."""
    import h5py

    converted = {}
    with h5py.File(paths[0], "r") as stored:
        for number in range(1, 4 * _BLOCKS + 2):
            layer = stored[f"model_weights/conv2d_{number}/conv2d_{number}"]
            converted[f"{number}.weight"] = layer["kernel:0"][()]
            converted[f"{number}.bias"] = layer["bias:0"][()]
    return kernel_first(converted)
