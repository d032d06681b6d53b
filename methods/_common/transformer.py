"""What networks with attention between channels share.

Features lie pixel by pixel in memory (torch's channels_last), where normalisation over the channels and 1 x 1
convolutions are fastest on a CPU.

In this attention each channel of the queries and keys is divided by its norm over all pixels of the image, so the matrix
of a head is small and the same for every pixel. The sums it needs can be taken tile by tile; with them the attention is a
1 x 1 convolution.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from methods._common.torch import TILE, tiles

if TYPE_CHECKING:
    import torch

_SMALLEST_NORM = 1e-12


def by_tiles(
    network: Callable, inputs: Sequence[torch.Tensor], halo: int, result: torch.Tensor | None = None
) -> torch.Tensor:
    """Output of a network without global operations, tile by tile, as `methods._common.torch.tiled`.

    Parameters
    ----------
    network : callable
        Takes as many 1 x C x h x w tensors as there are `inputs` and returns one of 1 x c x h x w.
    inputs : sequence of torch.Tensor
        1 x C x H x W.
    halo : int
        Sum of the radii of the network's kernels.
    result : torch.Tensor, optional
        What is filled in and returned, instead of new memory. May be one of the inputs, if the network's output at a
        pixel depends on that input at the same pixel only.

    Returns
    -------
    torch.Tensor
        1 x c x H x W, in channels_last order.
    """
    import torch

    shape = inputs[0].shape[2:]
    for tile in tiles(shape, halo, TILE[inputs[0].device.type]):
        output = network(*(values[(..., *tile.outer)] for values in inputs))
        if result is None:
            result = torch.empty((1, output.shape[1], *shape), device=output.device, memory_format=torch.channels_last)
        result[(..., *tile.inner)] = output[(..., *tile.within)]
    assert result is not None, "an image has at least one tile"
    return result


def normalised(values: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Layer normalisation over the channels of every pixel (1 x C x h x w)."""
    from torch.nn import functional as F

    return F.layer_norm(values.permute(0, 2, 3, 1), weight.shape, weight, bias).permute(0, 3, 1, 2)


def depthwise(values: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """Convolution of each channel on its own (weight C x 1 x k x k), zero outside the image."""
    from torch.nn import functional as F

    return F.conv2d(values, weight, bias, padding=weight.shape[-1] // 2, groups=values.shape[1])


def products(network: Callable, inputs: Sequence[torch.Tensor], halo: int) -> torch.Tensor:
    """Sums over the pixels of all products of two channels of a network's output.

    Parameters
    ----------
    network, inputs, halo
        See `by_tiles`; the network's output has c channels.

    Returns
    -------
    torch.Tensor
        float64, c x c.
    """
    import torch

    total = torch.zeros((), dtype=torch.float64, device=inputs[0].device)
    for tile in tiles(inputs[0].shape[2:], halo, TILE[inputs[0].device.type]):
        output = network(*(values[(..., *tile.outer)] for values in inputs))
        flat = output[(..., *tile.within)][0].permute(1, 2, 0).flatten(0, 1)
        total = total + (flat.T @ flat).double()
    return total


def channel_attention(sums: torch.Tensor, temperature: torch.Tensor) -> torch.Tensor:
    """The matrix that attention multiplies the values of each pixel with.

    Parameters
    ----------
    sums : torch.Tensor
        `products` of the queries' channels, then as many of the keys.
    temperature : torch.Tensor
        One factor per head; heads are runs of consecutive channels.

    Returns
    -------
    torch.Tensor
        float32, C x C, zero between channels of different heads.
    """
    import torch

    channels, heads = sums.shape[0] // 2, temperature.numel()
    size = channels // heads
    norms = sums.diagonal().sqrt().clamp(min=_SMALLEST_NORM)
    similarity = (sums / norms[:, None] / norms)[:channels, channels:]
    blocks = []
    for head, factor in enumerate(temperature.flatten()):
        part = slice(head * size, (head + 1) * size)
        blocks.append((similarity[part, part] * factor).softmax(dim=1))
    return torch.block_diag(*blocks).float()
