"""The two-stream networks of HaoZhang1018: MFF-GAN and PMGI have one graph, SDNet a simpler one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imaging.levels import round_levels
from methods import Fusion
from methods._common import writer
from methods._common.torch import bundle, conv
from methods._common.ycc import STUDIO, fuse_luminance

if TYPE_CHECKING:
    from torch import Tensor

#: Sum of the radii of the kernels (5 x 5, then three of 3 x 3).
HALO = 5

#: What their tables must say.
NOTE = writer.NOTE


def fuse(
    images: Sequence[np.ndarray], network: Callable[[list[NDArray[np.float32]]], np.ndarray], stretch: bool
) -> Fusion:
    """Fuse a pair: 8-bit luminance scaled to [-1, 1] goes into the network, luminance on that scale comes out.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        The first is the authors' "near", the second their "far" image.
    network : callable
        Takes the sources' scaled luminance (list of float32 H x W), returns the fused one.
    stretch : bool
        See `methods._common.writer`.

    Returns
    -------
    methods.Fusion
    """

    def on_levels(luminance: Sequence[np.ndarray]) -> np.ndarray:
        scaled = [((round_levels(values) - 127.5) / 127.5).astype(np.float32) for values in luminance]
        return network(scaled).astype(np.float64) * 127.5 + 127.5

    return fuse_luminance(images, STUDIO, on_levels, writer.stretched if stretch else None)


def exchanging(
    first: Tensor,
    second: Tensor,
    parameters: Mapping[str, Tensor],
    suffixes: Sequence[str],
    normalise: Callable[[Tensor], Tensor] | None = None,
) -> Tensor:
    """Fused luminance of the graph of MFF-GAN and PMGI: streams that exchange features after layers 2 and 3.

    Parameters
    ----------
    first, second : torch.Tensor
        Inputs of the two streams, 1 x C x H x W.
    parameters : dict of str to torch.Tensor
        See `convert`.
    suffixes : sequence of str
        What the names of each stream's layers and variables end with.
    normalise : callable, optional
        Applied between convolution and leaky ReLU.

    Returns
    -------
    torch.Tensor
        1 x 1 x H x W in (-1, 1).
    """
    import torch

    def both(number: str, inputs: Sequence[Tensor]) -> list[Tensor]:
        names = (f"layer{number}{suffix}/{{}}{number}{suffix}" for suffix in suffixes)
        return [_layer(values, parameters, name, normalise) for values, name in zip(inputs, names, strict=True)]

    def exchange(number: str, outputs: list[Tensor]) -> list[Tensor]:
        return both(number, [torch.cat(outputs, dim=1)] * 2)

    one = both("1", (first, second))
    two = both("2", one)
    shared = exchange("2_3", two)
    three = both("3", _dense(one, two, shared))
    shared = exchange("3_4", three)
    four = both("4", _dense(one, two, three, shared))
    return _last((one, two, three, four), parameters, "layer5/{}5")


def separate(first: Tensor, second: Tensor, parameters: Mapping[str, Tensor], suffixes: Sequence[str]) -> Tensor:
    """Fused luminance of SDNet's graph, whose streams meet in the last layer only (see `exchanging`)."""

    def both(number: str, inputs: Sequence[Tensor]) -> list[Tensor]:
        names = (f"layer{number}{suffix}/{{}}{number}{suffix}" for suffix in suffixes)
        return [_layer(values, parameters, name) for values, name in zip(inputs, names, strict=True)]

    one = both("1", (first, second))
    two = both("2", one)
    three = both("3", _dense(one, two))
    four = both("4", _dense(one, two, three))
    return _last((one, two, three, four), parameters, "layer5_fuse/{}5_fuse")


def _dense(*outputs: Sequence[Tensor]) -> list[Tensor]:
    """Input of a dense layer: each stream's own earlier outputs, concatenated."""
    import torch

    return [torch.cat(own, dim=1) for own in zip(*outputs, strict=True)]


def _layer(
    values: Tensor, parameters: Mapping[str, Tensor], name: str, normalise: Callable[[Tensor], Tensor] | None = None
) -> Tensor:
    """Convolution with zeros outside, optional normalisation, leaky ReLU of slope 0.2."""
    from torch.nn import functional as F

    values = conv(values, parameters[name.format("w")], parameters[name.format("b")])
    return F.leaky_relu(values if normalise is None else normalise(values), 0.2)


def _last(outputs: Iterable[Sequence[Tensor]], parameters: Mapping[str, Tensor], name: str) -> Tensor:
    """1 x 1 convolution of all outputs (those of the two streams alternate), tanh."""
    import torch

    values = torch.cat([values for pair in outputs for values in pair], dim=1)
    return conv(values, parameters[name.format("w")], parameters[name.format("b")]).tanh()


def convert(paths: Sequence[Path]) -> dict[str, np.ndarray]:
    """Variables of the fusion model, ``layer1/w1`` and so on (the discriminator is left out)."""
    prefix = "fusion_model/"
    return {name.removeprefix(prefix): values for name, values in bundle(paths).items() if name.startswith(prefix)}
