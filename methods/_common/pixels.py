"""Two views of the same memory: h x w x C pixels for pointwise layers, 1 x C x h x w planes for convolutions."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def as_pixels(values: "torch.Tensor") -> "torch.Tensor":
    """h x w x C from 1 x C x h x w; no copy where the channels come last in memory."""
    return values[0].permute(1, 2, 0).contiguous()


def as_planes(values: "torch.Tensor") -> "torch.Tensor":
    """1 x C x h x w, channels last in memory, from h x w x C, without a copy."""
    return values[None].permute(0, 3, 1, 2)
