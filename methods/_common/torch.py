"""What the learned methods share: weights on a device, inference, convolutions and tiles.

torch is imported inside the functions, so that listing methods does not need it. Nothing here touches global
settings: the number of threads is the caller's, precision is set for the time of a fusion only.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from files.errors import Unavailable

if TYPE_CHECKING:
    import torch
    from torch import Tensor

#: Longest side of a tile in pixels. On a CPU small tiles keep the feature maps in its caches.
TILE = {"cpu": 200, "cuda": 2048}

#: Longest side of a block whose features are kept while all images are read: about half a gigabyte for 64 features.
BLOCK = 1448


def check_device(device: str) -> None:
    """Raise `Unavailable` when CUDA is requested but not available."""
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise Unavailable("device cuda: this machine or this installation of torch has no CUDA; use device cpu")


@contextlib.contextmanager
def inference(device: str) -> Iterator[None]:
    """Context of a fusion: no gradients, and full float32 precision in convolutions (no TF32) on CUDA."""
    import torch

    check_device(device)
    cudnn = torch.backends.cudnn
    with torch.inference_mode(), cudnn.flags(enabled=cudnn.enabled, deterministic=True, allow_tf32=False):
        yield


@functools.lru_cache(maxsize=4)
def weights(
    keys: tuple[str, ...], convert: Callable[[Sequence[Path]], Mapping[str, np.ndarray]], device: str
) -> dict[str, Tensor]:
    """Weights as float32 tensors.

    Parameters
    ----------
    keys : tuple of str
        Catalogue keys of the original files.
    convert : callable
        See `files.weights_cache.arrays`.
    device : {"cpu", "cuda"}

    Returns
    -------
    dict of str to torch.Tensor
        Do not modify: cached for the next call.
    """
    import torch

    from files.weights_cache import arrays

    check_device(device)
    return {name: torch.from_numpy(values).to(device) for name, values in arrays(keys, convert).items()}


def state_dict(paths: Sequence[Path]) -> dict[str, np.ndarray]:
    """Converter of one PyTorch state dict (float tensors only; nothing in the file is executed)."""
    import torch

    state = torch.load(paths[0], map_location="cpu", weights_only=True)
    return {name: values.float().numpy() for name, values in state.items() if values.is_floating_point()}


def bundle(paths: Sequence[Path], names: Iterable[str] | None = None) -> dict[str, np.ndarray]:
    """Converter of a TensorFlow checkpoint: paths of its index and its data file (kernels as in `kernel_first`)."""
    from methods._common.tf_checkpoint import read_bundle

    return kernel_first(read_bundle(paths[0].read_bytes(), paths[1].read_bytes(), names))


def kernel_first(variables: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Kernels from TensorFlow's order (height, width, in, out) to torch's (out, in, height, width)."""
    return {name: values.transpose(3, 2, 0, 1) if values.ndim == 4 else values for name, values in variables.items()}


def planes(image: np.ndarray, device: str | torch.device) -> Tensor:
    """Tensor 1 x C x H x W (float32) from an array H x W or H x W x C."""
    import torch

    array = np.asarray(image, dtype=np.float32)
    array = array[None, None] if array.ndim == 2 else array.transpose(2, 0, 1)[None]
    return torch.from_numpy(np.ascontiguousarray(array)).to(device)


def conv(
    values: Tensor, weight: Tensor, bias: Tensor | None = None, padding: str = "zeros", dilation: int = 1
) -> Tensor:
    """Cross-correlation of stride 1 that keeps the size.

    Parameters
    ----------
    values : torch.Tensor
        N x C x H x W.
    weight : torch.Tensor
        out x C x k x k, k odd.
    bias : torch.Tensor, optional
    padding : {"zeros", "reflect", "replicate"}
        What lies outside the image; "reflect" mirrors without repeating the edge.
    dilation : int
    """
    import torch
    from torch.nn import functional as F

    radius = dilation * (weight.shape[-1] // 2)
    if padding != "zeros" and radius:
        values, radius = F.pad(values, (radius,) * 4, mode=padding), 0
    # On a CPU convolutions of this order in memory are about a third faster.
    values = values.contiguous(memory_format=torch.channels_last)
    return F.conv2d(values, weight, bias, padding=radius, dilation=dilation)


@dataclass(frozen=True)
class Tile:
    """A rectangle of the image and the same with its surroundings.

    Parameters
    ----------
    inner : tuple of slice
        Rows and columns the tile is responsible for.
    outer : tuple of slice
        The same with the surroundings that its result depends on, cut at the image border.
    """

    inner: tuple[slice, slice]
    outer: tuple[slice, slice]

    @property
    def within(self) -> tuple[slice, slice]:
        """Rows and columns of `inner`, counted from the start of `outer`."""
        rows, columns = (
            slice(i.start - o.start, i.stop - o.start) for i, o in zip(self.inner, self.outer, strict=True)
        )
        return rows, columns


def tiles(shape: Sequence[int], halo: int, longest: int) -> list[Tile]:
    """Tiles of about equal size that cover an image.

    A network without global operations, run on ``outer`` and cut to ``within``, gives there what it gives on
    the whole image: ``outer`` ends either `halo` pixels beyond the tile or at the border of the image, where the
    network's own padding is right.

    Parameters
    ----------
    shape : tuple of int
        Height and width.
    halo : int
        Sum of the radii of the network's kernels.
    longest : int
        Longest side of a tile, without its surroundings.

    Returns
    -------
    list of Tile
    """
    rows, columns = (
        [_interval(length, part, -(-length // longest), halo) for part in range(-(-length // longest))]
        for length in shape
    )
    return [Tile((row[0], column[0]), (row[1], column[1])) for row in rows for column in columns]


def _interval(length: int, part: int, parts: int, halo: int) -> tuple[slice, slice]:
    start, stop = length * part // parts, length * (part + 1) // parts
    return slice(start, stop), slice(max(start - halo, 0), min(stop + halo, length))


def tiled(network: Callable[..., Tensor], inputs: Sequence[Tensor], halo: int) -> Tensor:
    """Output of a network without global operations, computed tile by tile.

    Parameters
    ----------
    network : callable
        Takes as many 1 x C x h x w tensors as there are `inputs` and returns one of 1 x c x h x w.
    inputs : sequence of torch.Tensor
        1 x C x H x W.
    halo : int
        Sum of the radii of the network's kernels.

    Returns
    -------
    torch.Tensor
        1 x c x H x W.
    """
    shape = inputs[0].shape[2:]
    result: Any = None
    for tile in tiles(shape, halo, TILE[inputs[0].device.type]):
        output = network(*(values[(..., *tile.outer)] for values in inputs))
        if output.shape[2:] == shape:
            return output
        if result is None:
            result = output.new_empty((*output.shape[:2], *shape))
        result[(..., *tile.inner)] = output[(..., *tile.within)]
    return result


def run(network: Callable[..., Tensor], inputs: Sequence[np.ndarray], halo: int, device: str) -> NDArray[np.float32]:
    """Output of a network without global operations on arrays.

    Parameters
    ----------
    network, halo
        See `tiled`.
    inputs : sequence of numpy.ndarray
        H x W or H x W x C.
    device : {"cpu", "cuda"}

    Returns
    -------
    numpy.ndarray
        float32, H x W (c = 1) or H x W x c.
    """
    with inference(device):
        return array(tiled(network, [planes(values, device) for values in inputs], halo))


def array(values: Tensor) -> NDArray[np.float32]:
    """H x W (C = 1) or H x W x C array from a 1 x C x H x W tensor."""
    channels_last = values[0].permute(1, 2, 0).cpu().numpy()
    return channels_last[..., 0] if channels_last.shape[2] == 1 else channels_last


@dataclass(frozen=True)
class Autoencoder:
    """A network that encodes each image, joins the features of all images and decodes the result.

    Parameters
    ----------
    encode : callable
        1 x C x h x w tensor of an image to its features, 1 x c x h x w.
    join : callable
        Features of the images so far and of the next one to joined features, element by element.
    decode : callable
        Joined features to the fused image.
    radii : tuple of int
        Sums of the radii of the encoder's and of the decoder's kernels.
    """

    encode: Callable[[Tensor], Tensor]
    join: Callable[[Tensor, Tensor], Tensor]
    decode: Callable[[Tensor], Tensor]
    radii: tuple[int, int]


def fuse_features(
    network: Autoencoder, images: Sequence[np.ndarray], prepare: Callable[[np.ndarray], np.ndarray], device: str
) -> NDArray[np.float32]:
    """Fuse any number of images by their features.

    The image is worked on in blocks of bounded size (see `BLOCK`), each with one pass over the images: memory does
    not grow with their number, and images of up to this size are read once.

    Parameters
    ----------
    network : Autoencoder
    images : sequence of numpy.ndarray
        H x W or H x W x 3; may be lazy.
    prepare : callable
        An image, or a part of one, to the network's input (H x W or H x W x C).
    device : {"cpu", "cuda"}

    Returns
    -------
    numpy.ndarray
        float32, H x W or H x W x C.
    """
    shape = np.shape(images[0])[:2]
    result: Any = None
    with inference(device):
        for block in tiles(shape, sum(network.radii), BLOCK):
            joined: Any = None
            for image in images:
                values = planes(prepare(image[block.outer]), device)
                features = tiled(network.encode, [values], network.radii[0])
                joined = features if joined is None else network.join(joined, features)
            output = array(tiled(network.decode, [joined], network.radii[1]))[block.within]
            if result is None:
                result = np.empty(shape + output.shape[2:], dtype=np.float32)
            result[block.inner] = output
    return result
