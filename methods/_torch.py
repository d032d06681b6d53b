"""What the learned methods share: weights on a device, inference, convolutions and tiles.

torch is imported inside the functions, so that listing methods does not need it. Nothing here touches global
settings: the number of threads is the caller's, precision is set for the time of a fusion only.
"""

import contextlib
import functools
from dataclasses import dataclass

import numpy as np

from imaging.errors import Unavailable

#: Longest side of a tile in pixels. On a CPU small tiles keep the feature maps in its caches.
TILE = {"cpu": 512, "cuda": 2048}


def check_device(device):
    """Raise `Unavailable` when CUDA is asked for and cannot be used."""
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise Unavailable("device cuda: this machine or this installation of torch has no CUDA; use device cpu")


@contextlib.contextmanager
def inference(device):
    """Context of a fusion: no gradients, and full float32 precision in convolutions (no TF32) on CUDA."""
    import torch

    check_device(device)
    cudnn = torch.backends.cudnn
    with torch.inference_mode(), cudnn.flags(enabled=cudnn.enabled, deterministic=True, allow_tf32=False):
        yield


@functools.lru_cache(maxsize=4)
def weights(keys, convert, device):
    """Weights as float32 tensors.

    Parameters
    ----------
    keys : tuple of str
        Catalogue keys of the original files.
    convert : callable
        See `imaging.weights_cache.arrays`.
    device : {"cpu", "cuda"}

    Returns
    -------
    dict of str to torch.Tensor
        Not to be changed: it is kept for the next call.
    """
    import torch

    from imaging.weights_cache import arrays

    check_device(device)
    return {name: torch.from_numpy(values).to(device) for name, values in arrays(keys, convert).items()}


def state_dict(paths):
    """Converter of one PyTorch state dict (float tensors only; nothing in the file is executed)."""
    import torch

    state = torch.load(paths[0], map_location="cpu", weights_only=True)
    return {name: values.float().numpy() for name, values in state.items() if values.is_floating_point()}


def bundle(paths, names=None):
    """Converter of a TensorFlow checkpoint: paths of its index and its data file (kernels as in `kernel_first`)."""
    from imaging.tf_checkpoint import read_bundle

    return kernel_first(read_bundle(paths[0].read_bytes(), paths[1].read_bytes(), names))


def kernel_first(variables):
    """Kernels from TensorFlow's order (height, width, in, out) to torch's (out, in, height, width)."""
    return {name: values.transpose(3, 2, 0, 1) if values.ndim == 4 else values for name, values in variables.items()}


def planes(image, device):
    """Tensor 1 x C x H x W (float32) from an array H x W or H x W x C."""
    import torch

    array = np.asarray(image, dtype=np.float32)
    array = array[None, None] if array.ndim == 2 else array.transpose(2, 0, 1)[None]
    return torch.from_numpy(np.ascontiguousarray(array)).to(device)


def conv(values, weight, bias=None, padding="zeros", dilation=1):
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
    from torch.nn import functional as F

    radius = dilation * (weight.shape[-1] // 2)
    if padding != "zeros" and radius:
        values, radius = F.pad(values, (radius,) * 4, mode=padding), 0
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

    inner: tuple
    outer: tuple

    @property
    def within(self):
        """Rows and columns of `inner`, counted from the start of `outer`."""
        return tuple(slice(i.start - o.start, i.stop - o.start) for i, o in zip(self.inner, self.outer, strict=True))


def tiles(shape, halo, device):
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
    device : {"cpu", "cuda"}

    Returns
    -------
    list of Tile
    """
    axes = [
        [_interval(length, part, -(-length // TILE[device]), halo) for part in range(-(-length // TILE[device]))]
        for length in shape[:2]
    ]
    return [Tile((row[0], column[0]), (row[1], column[1])) for row in axes[0] for column in axes[1]]


def _interval(length, part, parts, halo):
    start, stop = length * part // parts, length * (part + 1) // parts
    return slice(start, stop), slice(max(start - halo, 0), min(stop + halo, length))


def run_tiled(network, inputs, halo, device):
    """Output of a network on arrays of any size, tile by tile.

    Parameters
    ----------
    network : callable
        Takes 1 x C x h x w tensors, one per input, and returns a 1 x c x h x w tensor; no global operations.
    inputs : sequence of numpy.ndarray
        H x W or H x W x C.
    halo : int
        Sum of the radii of the network's kernels.
    device : {"cpu", "cuda"}

    Returns
    -------
    numpy.ndarray
        float32, H x W (c = 1) or H x W x c.
    """
    shape = inputs[0].shape[:2]
    result = None
    with inference(device):
        for tile in tiles(shape, halo, device):
            output = network(*(planes(values[tile.outer], device) for values in inputs))
            output = output[0].permute(1, 2, 0)[tile.within].cpu().numpy()
            if result is None:
                result = np.empty((*shape, output.shape[2]), dtype=np.float32)
            result[tile.inner] = output
    return result[..., 0] if result.shape[2] == 1 else result
