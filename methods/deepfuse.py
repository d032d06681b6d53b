"""DeepFuse in the one-channel re-implementation by H. Li, whose weights exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from imaging.levels import from_levels, to_levels
from methods import Fusion, Method, Reference
from methods._common import writer
from methods._common.torch import bundle, conv, run, weights

if TYPE_CHECKING:
    from torch import Tensor

METHOD = Method(
    id="deepfuse",
    label="DeepFuse (re-impl.)",
    title="Unsupervised two-layer encoder, sum of the features; re-implementation by H. Li",
    citation=(
        "K. R. Prabhakar, V. S. Srikar, R. V. Babu, DeepFuse: a deep unsupervised approach for exposure fusion with "
        "extreme exposure image pairs, ICCV (2017) 4714-4722; network and weights of the re-implementation by H. Li"
    ),
    doi="10.1109/ICCV.2017.505",
    year=2017,
    kind="learned",
    cost=1.0,
    comparison=True,
    needs=("device",),
    keeps_equal_sources=False,
    files=(
        "deepfuse/deepfuse_model_bs2_epoch4_all.ckpt.index",
        "deepfuse/deepfuse_model_bs2_epoch4_all.ckpt.data-00000-of-00001",
    ),
    options={"stretch": writer.OPTION},
    presets={"upstream_writer": writer.PRESET},
    minimum_size=2,
    note=f"an unofficial re-implementation with a different loss, the only one with published weights; {writer.NOTE}",
)

REFERENCES = (
    Reference("official", "deepfuse", why="float differences of 1e-4 levels flip the rounding of single grey levels"),
)

#: Sum of the radii of the five kernels.
_HALO = 5


def fuse(images: Sequence[np.ndarray], stretch: bool, device: str) -> Fusion:
    """Fuse a pair, colour channels one by one.

    The sum of the two images' features doubles the brightness, so the network's output is halved.
    """
    parameters = weights(METHOD.files, convert, device)

    def network(*values: Tensor) -> Tensor:
        # Channels take the place of samples.
        features: Any = sum(_encode(value.transpose(0, 1), parameters) for value in values)
        return _decode(features, parameters).transpose(0, 1)

    fused = run(network, [to_levels(image) for image in images], _HALO, device)
    return Fusion(from_levels(writer.stretched(fused) if stretch else fused.astype(np.float64) / 2))


def _encode(values: Tensor, parameters: Mapping[str, Tensor]) -> Tensor:
    return _layer(_layer(values, parameters, "encoder/conv1_1").relu(), parameters, "encoder/conv1_2")


def _decode(values: Tensor, parameters: Mapping[str, Tensor]) -> Tensor:
    for name in ("decoder/conv2_1", "decoder/conv2_2"):
        values = _layer(values, parameters, name).relu()
    return _layer(values, parameters, "decoder/conv2_3")


def _layer(values: Tensor, parameters: Mapping[str, Tensor], name: str) -> Tensor:
    return conv(values, parameters[f"{name}/kernel"], parameters[f"{name}/bias"], padding="reflect")


def convert(paths: Sequence[Path]) -> dict[str, np.ndarray]:
    """Kernels and biases of the checkpoint, without the optimiser's variables."""
    layers = ("encoder/conv1_1", "encoder/conv1_2", "decoder/conv2_1", "decoder/conv2_2", "decoder/conv2_3")
    return bundle(paths, [f"{layer}/{part}" for layer in layers for part in ("kernel", "bias")])
