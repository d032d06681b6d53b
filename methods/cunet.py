"""CU-Net: what two images have in common and what is their own, by three convolutional sparse codes.

Each code is the result of four unfolded iterations of soft thresholding with learned 9 x 9 dictionaries. Two codes
explain the sources, a third one what these leave unexplained of both; the fused image is the sum of the three parts
that a decoder makes of them. The network works on R, G and B at once and rebuilds every pixel, so it takes nothing from
the sources unchanged.

References
----------
X. Deng, P. L. Dragotti, "Deep convolutional neural network for multi-modal image restoration and fusion", IEEE
Transactions on Pattern Analysis and Machine Intelligence 43(10), 2021.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from imaging.levels import from_levels, to_levels
from methods import Fusion, Method, Reference
from methods._common.torch import array, conv, inference, planes, tiles, weights

METHOD = Method(
    id="cunet",
    label="CU-Net",
    title="Common and unique convolutional sparse codes, unfolded",
    citation=(
        "X. Deng, P. L. Dragotti, Deep convolutional neural network for multi-modal image restoration and fusion, "
        "IEEE Trans. Pattern Analysis and Machine Intelligence 43(10) (2021) 3333-3348"
    ),
    doi="10.1109/TPAMI.2020.2984244",
    year=2021,
    kind="learned",
    cost=10.0,
    needs=("device",),
    keeps_equal_sources=False,
    files=("cunet/multi_focus.pth",),
    note="the authors do not say which image comes first nor how the result is written; here clipped and rounded",
)

REFERENCES = (
    Reference(
        "official", "cunet", why="float differences of 4e-6 turn the rounding to 8 bit at about one value in 10,000"
    ),
)

_ITERATIONS = 4
#: Side of all kernels.
_SIDE = 9
#: Sum of the radii of one code and of the convolution after it.
_HALO = (2 * _ITERATIONS + 2) * (_SIDE // 2)
#: Longest side of a tile in pixels: 64 channels of one are 130 MB on a CPU, and the surroundings cost little.
_TILE = {"cpu": 640, "cuda": 2048}


def fuse(images: Sequence[np.ndarray], *, device: str = "cpu") -> Fusion:
    """Fuse a pair. A gray image is taken for three equal channels, and the mean of the three results is its own.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        Two, H x W or H x W x 3, [0, 1].
    device : {"cpu", "cuda"}

    Returns
    -------
    Fusion
        Without a decision map.
    """
    import torch

    parameters = weights(METHOD.files, convert, device)
    colour = np.ndim(images[0]) == 3

    def unique(values):
        """Own parts of the result (3 channels) and the residuals of both sources (6), of the sources (6)."""
        parts = [
            synthesis(code(source, parameters, f"net_{name}"), parameters[f"out_{name}"])
            for name, source in zip("uv", values.split(3, dim=1), strict=True)
        ]
        return torch.cat([parts[0][:, :3] + parts[1][:, :3], values - torch.cat([p[:, 3:] for p in parts], 1)], 1)

    def common(values):
        return values[:, :3] + synthesis(code(values[:, 3:], parameters, "net_z"), parameters["out_z"])

    with inference(device):
        values = torch.cat([planes(_three_channels(image), device) for image in images], dim=1)
        fused = array(_tiled(common, _tiled(unique, values)))
    return Fusion(from_levels(np.float64(255) * (fused if colour else fused.mean(axis=2, dtype=np.float64))))


def _three_channels(image):
    values = to_levels(image).astype(np.float32) / np.float32(255)
    return values if values.ndim == 3 else np.repeat(values[..., None], 3, axis=2)


def _tiled(network, values):
    """Output of a network of radius `_HALO`, computed tile by tile, on the whole frame (1 x c x H x W)."""
    result = None
    for tile in tiles(values.shape[2:], _HALO, _TILE[values.device.type]):
        output = network(values[(..., *tile.outer)])
        if result is None:
            result = output.new_empty((1, output.shape[1], *values.shape[2:]))
        result[(..., *tile.inner)] = output[(..., *tile.within)]
    return result


def code(values, parameters, name):
    """Sparse code of an image.

    Parameters
    ----------
    values : torch.Tensor
        1 x c x H x W.
    parameters : dict of str to torch.Tensor
        See `convert`.
    name : {"net_u", "net_v", "net_z"}
        Part of the network; c is 3, 3 and 6.

    Returns
    -------
    torch.Tensor
        1 x 64 x H x W.
    """
    analysis = conv(values, parameters[f"{name}.layer_in"])
    state = _shrink(analysis.clone(), parameters[f"{name}.lam_in"])
    for i in range(_ITERATIONS):
        explained = synthesis(state, parameters[f"{name}.down_conv_{i}"])
        state += analysis
        state -= conv(explained, parameters[f"{name}.up_conv_{i}"])
        state = _shrink(state, parameters[f"{name}.lam_{i}"])
    return state


def _shrink(values, threshold):
    """Soft threshold in place: new memory for 64 channels would take longer than the computation."""
    import torch

    return torch.ops.aten.softshrink.out(values, threshold.item(), out=values)


def synthesis(state, weight):
    """Convolution from 64 to a few channels.

    On a CPU a convolution to three channels leaves most of a vector register idle. So each row of the kernels becomes
    an output channel of its own, and the rows are added with their shifts: 2.5 times as fast.

    Parameters
    ----------
    state : torch.Tensor
        1 x 64 x H x W.
    weight : torch.Tensor
        9 c x 64 x 1 x 9: the first c kernels are the uppermost rows.

    Returns
    -------
    torch.Tensor
        1 x c x H x W.
    """
    import torch
    from torch.nn import functional as F

    height, radius = state.shape[2], _SIDE // 2
    state = state.contiguous(memory_format=torch.channels_last)
    rows = F.conv2d(state, weight, padding=(0, radius)).chunk(_SIDE, dim=1)
    total = rows[radius].clone()
    for shift in (*range(-radius, 0), *range(1, radius + 1)):
        first, last = max(-shift, 0), min(height - shift, height)
        if first < last:
            total[:, :, first:last] += rows[radius + shift][:, :, first + shift : last + shift]
    return total


def convert(paths):
    """Arrays of the network, with the kernels that lead out of a code as `synthesis` takes them.

    ``out_u`` and ``out_v`` hold the kernels of the result and those of the explained part of the source.
    """
    import torch

    # Beside the weights lies the list of losses, as NumPy scalars; nothing but these types is admitted.
    scalar: Any = (np.float64(0).__reduce__()[0], "numpy.core.multiarray.scalar")
    with torch.serialization.safe_globals([scalar, np.dtype, type(np.dtype("float64"))]):
        state = torch.load(paths[0], map_location="cpu", weights_only=True)["model"]
    state = {name.removesuffix(".weight"): values.float().numpy() for name, values in state.items()}
    converted = {
        name: _rows(values) if ".down_conv_" in name else values
        for name, values in state.items()
        if name.startswith("net_")
    }
    # The second convolution of the decoder belongs to the common part.
    converted["out_u"] = _rows(np.concatenate([state["decoder.conv_1"], state["conv_u"]]))
    converted["out_v"] = _rows(np.concatenate([state["decoder.conv_3"], state["conv_v"]]))
    converted["out_z"] = _rows(state["decoder.conv_2"])
    return converted


def _rows(kernels):
    """Kernels of single rows (9 c x 64 x 1 x 9) from c x 64 x 9 x 9."""
    return kernels.transpose(2, 0, 1, 3).reshape(-1, kernels.shape[1], 1, _SIDE)
