"""U2Fusion: one densely connected network for several fusion tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from methods import Fusion, Method, Option, Reference
from methods._common.torch import bundle, conv, run, weights
from methods._common.ycc import FULL, fuse_luminance

if TYPE_CHECKING:
    from torch import Tensor

METHOD = Method(
    id="u2fusion",
    label="U2Fusion",
    title="Unified unsupervised fusion network",
    citation=(
        "H. Xu, J. Ma, J. Jiang, X. Guo, H. Ling, U2Fusion: a unified unsupervised image fusion network, "
        "IEEE Trans. Pattern Analysis and Machine Intelligence 44(1) (2022) 502-518"
    ),
    doi="10.1109/TPAMI.2020.3012548",
    year=2022,
    kind="learned",
    cost=6.8,
    comparison=True,
    needs=("device",),
    keeps_equal_sources=False,
    files=("u2fusion/model.ckpt.index", "u2fusion/model.ckpt.data-00000-of-00001"),
    options={
        "stretch": Option(False, "Scale the fused luminance so that its maximum is 255, as the authors' program does.")
    },
    presets={"upstream_writer": {"stretch": True}},
    minimum_size=2,
    note="without the stretch per image of the authors' program (preset upstream_writer adds it)",
)

REFERENCES = (
    Reference(
        "official", "u2fusion", why="float differences of 1e-7 in the luminance flip its rounding at single pixels"
    ),
)

_ENCODER = ("conv1_1", *(f"dense_block_conv{k}" for k in range(1, 6)))
_DECODER = tuple(f"conv2_{k}" for k in range(1, 5))
#: Sum of the radii of the ten kernels.
_HALO = len(_ENCODER) + len(_DECODER)


def fuse(images: Sequence[np.ndarray], stretch: bool, device: str) -> Fusion:
    """Fuse a pair; the second image takes the network's first place (the authors' "far" one)."""
    parameters = weights(METHOD.files, convert, device)

    def on_levels(luminance: Sequence[np.ndarray]) -> NDArray[np.float64]:
        near, far = ((values / 255).astype(np.float32) for values in luminance)
        return run(lambda *pair: _network(pair, parameters), [far, near], _HALO, device) * np.float64(255)

    return fuse_luminance(images, FULL, on_levels, _to_full_maximum if stretch else None)


def _to_full_maximum(luminance: np.ndarray) -> np.ndarray:
    return luminance * 255 / luminance.max()


def _network(pair: tuple[Tensor, ...], parameters: Mapping[str, Tensor]) -> Tensor:
    """Fused luminance (1 x 1 x H x W, (0, 1)) of two planes; new channels of the dense block come first."""
    import torch
    from torch.nn import functional as F

    values = torch.cat(pair, dim=1)
    for name in _ENCODER:
        new = F.leaky_relu(_layer(values, parameters, f"Generator/encoder/{name}"), 0.2)
        values = new if name == _ENCODER[0] else torch.cat([new, values], dim=1)
    for name in _DECODER[:-1]:
        values = F.leaky_relu(_layer(values, parameters, f"Generator_1/decoder/{name}"), 0.2)
    return _layer(values, parameters, f"Generator_1/decoder/{_DECODER[-1]}").tanh() / 2 + 0.5


def _layer(values: Tensor, parameters: Mapping[str, Tensor], name: str) -> Tensor:
    return conv(values, parameters[f"{name}/kernel"], parameters[f"{name}/bias"], padding="reflect")


def convert(paths: Sequence[Path]) -> dict[str, np.ndarray]:
    """All variables of the checkpoint."""
    return bundle(paths)
