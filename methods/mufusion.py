"""MUFusion: one encoder-decoder that regresses the fused luminance, multi-focus weights.

1. Luminance of both sources (first place: near, second: far), / 255, as the two channels of one input.
2. Encoder of six 3x3 convolutions, the third of stride 2, with dense connections; decoder of six with skip
   connections and one bicubic enlargement. All with reflection at the border and ReLU, the last with tanh.
3. The output is the fused luminance; the chroma is joined by `methods._common.jfif`.

The "memory unit" of the title concerns training only. The authors' program cuts the image into patches of 128 x 128
every 124 pixels, fuses each on its own and takes the mean where they overlap. A patch does not see its
neighbours, so levels jump at the seams (by up to 32 in luminance); the default fuses the whole image. It works in
tiles with all the surroundings that their result depends on.

References
----------
C. Cheng, T. Xu, X.-J. Wu, "MUFusion: a general unsupervised image fusion network based on memory unit", Information
Fusion 92, 2023. Constants as in the authors' program for multi-focus images.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import product

import numpy as np

from imaging.levels import from_levels, to_levels
from methods import Fusion, Method, Option, Reference
from methods._common import jfif, writer
from methods._common.aligned import aligned_tiles
from methods._common.torch import array, conv, inference, planes, state_dict, weights

METHOD = Method(
    id="mufusion",
    label="MUFusion",
    title="General unsupervised fusion network with a memory unit, multi-focus weights",
    citation=(
        "C. Cheng, T. Xu, X.-J. Wu, MUFusion: a general unsupervised image fusion network based on memory unit, "
        "Information Fusion 92 (2023) 80-92"
    ),
    doi="10.1016/j.inffus.2022.11.010",
    year=2023,
    kind="learned",
    cost=3.0,
    needs=("device",),
    keeps_equal_sources=False,
    files=("mufusion/multi-focus/models/Final.model",),
    options={
        "patches": Option(False, "fuse patches of 128 x 128 on their own, with visible seams, as the authors' program"),
        "chroma": jfif.OPTION,
        "stretch": Option(False, "stretch the fused values of gray images to 0..255 as the authors' writer does"),
    },
    presets={"upstream": {"patches": True, "chroma": "upstream", "stretch": True}},
    minimum_size=3,
    note=(
        "fused as a whole and with chroma weighted around its true neutral value; the authors' program fuses patches, "
        "nearly averages the chroma and stretches gray results (preset upstream). The network brightens the image "
        "by 5 to 11 grey levels"
    ),
)

REFERENCES = (
    Reference(
        "official",
        "mufusion",
        {"preset": "upstream"},
        why="the authors compute in float64, this program in float32, which turns the rounding of single levels",
    ),
)

_PATCH, _STEP = 128, 124
#: Pixels beyond a part of the image that its result depends on: kernels at full and at half size, enlargement.
_HALO = 24
#: Longest side of a tile in pixels.
_TILE = {"cpu": 260, "cuda": 2048}


def fuse(images: Sequence[np.ndarray], *, patches: bool, chroma: str, stretch: bool, device: str) -> Fusion:
    """Fuse a pair; the first image takes the place the authors call "IR" (near focus)."""
    luminance, colours = zip(*(jfif.COLOUR.split(to_levels(image)) for image in images), strict=True)
    inputs = (np.stack(luminance, axis=2) / 255).astype(np.float32)
    parameters = weights(METHOD.files, state_dict, device)
    with inference(device):
        fused = 255 * (_patchwise if patches else _whole)(inputs, parameters, device).astype(np.float64)
    if stretch and colours[0] is None:
        return Fusion(from_levels(writer.stretched(fused)))
    return Fusion(jfif.image(fused, colours, chroma))


def _whole(inputs, parameters, device):
    """Network's output (float32, H x W) on the whole image (H x W x 2); an odd side is reflected by one pixel."""
    height, width = inputs.shape[:2]
    inputs = np.pad(inputs, ((0, height % 2), (0, width % 2), (0, 0)), mode="reflect")
    output = np.empty(inputs.shape[:2], np.float32)
    for tile in aligned_tiles(output.shape, 2, _HALO, _TILE[device]):
        output[tile.inner] = array(_network(planes(inputs[tile.outer], device), parameters))[tile.within]
    return output[:height, :width]


def _patchwise(inputs, parameters, device):
    """Mean of the network's outputs on patches; sides below that of a patch are filled by repeating the border.

    Where the image ends with a patch of the grid, the last ones come twice in the authors' list, and count so.
    """
    height, width = inputs.shape[:2]
    missing = [(0, max(_PATCH - length, 0)) for length in (height, width)]
    inputs = np.pad(inputs, (*missing, (0, 0)), mode="edge")
    total, count = np.zeros((2, *inputs.shape[:2]), np.float32)
    for (row, column), times in Counter(product(*map(_origins, total.shape))).items():
        part = slice(row, row + _PATCH), slice(column, column + _PATCH)
        total[part] += times * array(_network(planes(inputs[part], device), parameters))
        count[part] += times
    return (total / count)[:height, :width]


def _origins(length):
    """First rows (or columns) of the patches; the last of them end at the border."""
    last = length - _PATCH
    return [*range(0, last + 1, _STEP), last]


def _network(values, parameters):
    """Fused luminance (1 x 1 x h x w, 0..1 and a little beyond) of two planes (1 x 2 x h x w, h and w even, >= 4)."""
    import torch
    from torch.nn import functional as F

    def layer(name, *parts):
        joined = torch.cat(parts, dim=1) if len(parts) > 1 else parts[0]
        return conv(joined, parameters[f"{name}.1.weight"], parameters[f"{name}.1.bias"], padding="reflect")

    def halved(*parts):
        padded = F.pad(torch.cat(parts, dim=1), (1, 1, 1, 1), mode="reflect")
        padded = padded.contiguous(memory_format=torch.channels_last)
        return F.conv2d(padded, parameters["conv3.1.weight"], parameters["conv3.1.bias"], stride=2)

    g1 = layer("conv1", values).relu_()
    g2 = layer("conv2", g1).relu_()
    g3 = halved(g1, g2).relu_()
    g4 = layer("conv4", g3).relu_()
    g5 = layer("conv5", g3, g4).relu_()
    g6 = layer("conv6", g3, g4, g5).relu_()
    d6 = layer("conv66", g6).relu_()
    d5 = layer("conv55", g5, d6).relu_()
    d4 = layer("conv44", g4, d5).relu_()
    d3 = layer("conv33", g3, d4).relu_()
    enlarged = F.interpolate(d3, scale_factor=2, mode="bicubic", align_corners=False)
    d2 = layer("conv22", g2, enlarged).relu_()
    return layer("conv11", g1, d2).tanh_()
