"""GIFNet: one model for all fusion tasks, two interacting transformer branches.

1. Luminance of both sources, cut to 8 bit and divided by 255, as the two channels of one input (first place: near
   focus, second: far focus). Three densely connected 3x3 convolutions give 98 features.
2. A 3x3 convolution each for the branches "ivif" (A) and "mfif" (M), which for one pair of images see the same.
3. Two blocks of a norm over the whole image and all channels, attention in windows of 8 x 8 with a learned position
   bias, a 5x5 depthwise convolution beside it and a two-layer perceptron. In block 0 the query of M serves both
   branches, and a part of A is added to M; block 1 shifts the windows by half and needs M alone.
4. A decoder of two pointwise and four 3x3 convolutions gives the fused luminance; the chroma is joined by
   `methods._common.jfif`.

The norms need mean and deviation of the whole image: three of each. A large image is worked on in tiles with all the
surroundings that their result depends on, once for each set of these moments; a small one is computed once. The
linear norm is folded into the layers after it.

References
----------
C. Cheng, T. Xu, Z. Feng, X. Wu, Z. Tang, H. Li, Z. Zhang, S. Atito, M. Awais, J. Kittler, "One model for all: low-level
task interaction is a key to task-agnostic image fusion", CVPR 2025. Constants as in the authors' program.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import islice

import numpy as np

from imaging.levels import from_levels, to_levels
from methods import Fusion, Method, Option, Reference
from methods._common import jfif
from methods._common.aligned import aligned_tiles
from methods._common.pixels import as_pixels, as_planes
from methods._common.torch import conv, inference, planes, state_dict, weights

METHOD = Method(
    id="gifnet",
    label="GIFNet",
    title="One model for all fusion tasks, two interacting transformer branches",
    citation=(
        "C. Cheng, T. Xu, Z. Feng, X. Wu, Z. Tang, H. Li, Z. Zhang, S. Atito, M. Awais, J. Kittler, One model for all: "
        "low-level task interaction is a key to task-agnostic image fusion, CVPR (2025) 28102-28112"
    ),
    year=2025,
    kind="learned",
    cost=14.0,
    needs=("device",),
    keeps_equal_sources=False,
    files=("gifnet/model/Final.model",),
    options={
        "chroma": jfif.OPTION,
        "upstream_rounding": Option(
            False, "luminance as the authors' floating-point sum gives it, and gray results cut to 8 bit, not rounded"
        ),
    },
    presets={"upstream": {"chroma": "upstream", "upstream_rounding": True}},
    minimum_size=5,
    note=(
        "with exact luminance and with chroma weighted around its true neutral value, unlike the authors' program "
        "(preset upstream). The network changes contrast and brightens the image by 7 to 14 grey levels"
    ),
)

REFERENCES = (
    Reference(
        "official",
        "gifnet",
        {"preset": "upstream"},
        why="float differences of 3e-7 of the luminance turn the rounding of single levels",
    ),
)

#: Weights of R, G and B in thousandths.
_LUMA = (299, 587, 114)
_FEATURES, _HEADS, _WINDOW = 98, 2, 8
#: The embedding fills the image to multiples of this.
_PATCH = 4
_EPSILON = 1e-5
#: Radius of the depthwise convolution.
_DEPTHWISE = 2
_STATES = "extractor_multask.SwinTransformerSpecific."
#: Pixels beyond a part of the image that its result depends on, apart from the moments.
_HALO = 24
#: Longest side of a tile in pixels: about 3 GB.
_TILE = {"cpu": 960, "cuda": 2048}
#: Rows whose moments are computed at once.
_MOMENT_ROWS = 16
#: Pixels of a strip of windows, whose values stay in the processor's cache.
_STRIP = {"cpu": 4096, "cuda": 2**18}


def fuse(images: Sequence[np.ndarray], *, chroma: str, upstream_rounding: bool, device: str) -> Fusion:
    """Fuse a pair; the first image takes the place the authors call "ir" (near focus)."""
    levels = [to_levels(image) for image in images]
    colours = [jfif.COLOUR.split(values)[1] for values in levels]
    inputs = np.stack([luminance(values, upstream_rounding) for values in levels], axis=2) / np.float32(255)
    parameters = weights(METHOD.files, state_dict, device)
    with inference(device):
        fused = _network(inputs, parameters, device) * np.float32(255)
    if upstream_rounding and colours[0] is None:
        return Fusion(from_levels(np.floor(fused)))
    return Fusion(jfif.image(fused, colours, chroma))


def luminance(levels: np.ndarray, upstream_rounding: bool = False) -> np.ndarray:
    """Luminance cut to integers (float32, H x W, 0..255) of integer levels (H x W x 3); gray levels as they are.

    The authors' program adds products in floating point, each step rounded once. Where the exact sum is an integer,
    as for all gray pixels, theirs may lie just below and loses a level.
    """
    if levels.ndim == 2:
        return levels.astype(np.float32)
    thousandths = levels.astype(np.int64) @ np.array(_LUMA)
    result = thousandths // 1000
    if upstream_rounding:
        whole = thousandths % 1000 == 0
        colours, places = np.unique(levels[whole].astype(np.int64), axis=0, return_inverse=True)
        below = np.array([_sum_lies_below(*colour) for colour in colours.tolist()], dtype=np.int64)
        result[whole] -= below[places.reshape(-1)]
    return result.astype(np.float32)


def _sum_lies_below(red, green, blue):
    """Whether the chain of fused multiplications and additions in double precision stays below the exact sum."""
    total = 0.0
    for level, share in zip((red, green, blue), _LUMA, strict=True):
        total = float(Fraction(share / 1000) * level + Fraction(total))
    return total < (red * _LUMA[0] + green * _LUMA[1] + blue * _LUMA[2]) // 1000


def _network(inputs, parameters, device):
    """Fused luminance (float32, H x W, (0, 1)) of both sources' (float32, H x W x 2)."""
    filled = tuple(-(-length // _PATCH) * _PATCH for length in inputs.shape[:2])
    tiles = aligned_tiles(filled, _WINDOW, _HALO, _TILE[device])
    fused = np.empty(filled, np.float32)
    moments: list[list[tuple[float, float]]] = []

    def stages(tile):
        return _stages(planes(inputs[tile.outer], device), moments, parameters)

    # The stages of a single tile go on where they stopped; those of many would not fit into memory together.
    only = stages(tiles[0]) if len(tiles) == 1 else None
    for stage in range(3):
        sums = []
        for tile in tiles:
            values = next(only if only is not None else islice(stages(tile), stage, None))
            if stage == 2:
                fused[tile.inner] = values[tile.within].cpu().numpy()
            else:
                sums.append([_row_moments(branch[tile.within]) for branch in values])
        moments.extend(_moments(branch) for branch in zip(*sums, strict=True))
    return fused[: inputs.shape[0], : inputs.shape[1]]


def _row_moments(values):
    """Length, means and variances of the rows (of h x w x C values) on the CPU."""
    import torch

    means, variances = [], []
    for rows in values.split(_MOMENT_ROWS):
        mean = rows.mean(dim=(1, 2), keepdim=True)
        means.append(mean.flatten())
        variances.append((rows - mean).square_().mean(dim=(1, 2)))
    return values.shape[1], *(torch.cat(part).double().cpu().numpy() for part in (means, variances))


def _moments(rows):
    """Mean and standard deviation of everything, from groups of rows."""
    lengths = np.concatenate([np.full(len(means), length) for length, means, _ in rows])
    means, variances = (np.concatenate([part[number] for part in rows]) for number in (1, 2))
    mean = np.average(means, weights=lengths)
    variance = np.average(variances + (means - mean) ** 2, weights=lengths)
    return float(mean), float(np.sqrt(variance + _EPSILON))


def _stages(values, moments, parameters):
    """Values of a tile (1 x 2 x h x w), stage by stage.

    Yields [A, M] before block 0, [M] before block 1 (h' x w' x 98; h' and w' filled up to the patch), and the fused
    luminance (h' x w'; what is filled up has no meaning). Between the stages the caller appends the moments of what it
    got. The lists are used up by the next stage, so that no more features than needed are kept.
    """
    import torch
    from torch.nn import functional as F

    height, width = values.shape[2:]
    for number in (1, 2, 3):
        new = _layer(values, parameters, f"getSharedFeatures.conv_{number}.conv2d").relu_()
        values = torch.cat([values, new], dim=1)
    shared = values
    values = F.pad(values, (0, -width % _PATCH, 0, -height % _PATCH), mode="reflect")
    branches = [as_pixels(_layer(values, parameters, f"{_STATES}patch_embed_{name}.proj")) for name in ("ivif", "mfif")]
    del values
    yield branches

    branches = _block(branches, 0, moments[:2], parameters)
    ivif = branches.pop(0)
    branches[0] += ivif * parameters[f"{_STATES}layer1.weights_mfif.0"]
    yield branches

    branches = _block(branches, 1, moments[2:], parameters)
    values = _layer(as_planes(branches.pop()), parameters, f"{_STATES}patch_unembed.proj.0")
    values = _decoded(as_pixels(shared), as_pixels(values)[:height, :width], parameters)[0, 0]
    yield F.pad(values, (0, -width % _PATCH, 0, -height % _PATCH))


def _layer(values, parameters, name):
    return conv(values, parameters[f"{name}.weight"], parameters[f"{name}.bias"], padding="reflect")


def _block(branches, number, moments, parameters):
    """A block of attention and perceptron on one or both branches (h x w x 98), of which the last is M.

    Everything but the depthwise convolution and the attention is pointwise, so it commutes with reflection: the
    values are filled up once for both. The list of branches is used up.
    """
    import torch
    from torch.nn import functional as F

    height, width = branches[0].shape[:2]
    names = ("", "_mfif")[-len(branches) :]
    layers = [
        _folded(number, name, mean, deviation, parameters)
        for name, (mean, deviation) in zip(names, moments, strict=True)
    ]
    bias = _position_bias(number, parameters)
    shift = number * _WINDOW // 2
    before = max(shift, _DEPTHWISE)
    after = [max(-(length + shift) % _WINDOW, _DEPTHWISE) for length in (height, width)]
    filled = []
    while branches:
        sides = before, after[1], before, after[0]
        filled.append(as_pixels(F.pad(as_planes(branches.pop(0)), sides, mode="reflect")))
    results = [values.new_empty((height, width, _FEATURES)) for values in filled]

    rows, columns = (-(-(length + shift) // _WINDOW) * _WINDOW for length in (height, width))
    step = max(_STRIP[filled[0].device.type] // (_WINDOW * columns), 1) * _WINDOW
    start = before - shift
    for top in range(0, rows, step):
        bottom = min(top + step, rows)
        windows = [_cut(values[start + top : start + bottom, start : start + columns]) for values in filled]
        first, last = max(top - shift, 0), min(bottom - shift, height)
        query = _heads(F.linear(windows[-1], *layers[-1]["query"]))
        for layer, values, window, result in zip(layers, filled, windows, results, strict=True):
            key, value = (_heads(F.linear(window, layer[name])) for name in ("key", "value"))
            attended = F.scaled_dot_product_attention(query, key, value, attn_mask=bias)
            attended = _uncut(attended, bottom - top)[first + shift - top :, shift:][: last - first, :width]
            outer = slice(before + first - _DEPTHWISE, before + last + _DEPTHWISE)
            around = as_planes(F.linear(values[outer], layer["value"]))
            around = as_pixels(F.conv2d(around, layer["depthwise"], groups=_FEATURES))
            mixed = attended + around[:, before - _DEPTHWISE :][:, :width]
            old = values[before + first : before + last, before : before + width]
            new = F.linear(mixed, *layer["project"]).add_(old)
            hidden = F.linear(new, *layer["expand"]).relu_()
            new += layer["contract"][1]
            hidden, new, result = (part.flatten(0, 1) for part in (hidden, new, result[first:last]))
            torch.addmm(new, hidden, layer["contract"][0].T, out=result)
    return results


def _cut(values):
    """Windows (n x 64 x C) of values (rows x columns x C, multiples of 8)."""
    rows, columns, features = values.shape
    parts = values.reshape(rows // _WINDOW, _WINDOW, columns // _WINDOW, _WINDOW, features)
    return parts.transpose(1, 2).reshape(-1, _WINDOW**2, features)


def _uncut(windows, rows):
    """Values (rows x columns x 98) from windows by head (n x 2 x 64 x 49)."""
    parts = windows.reshape(rows // _WINDOW, -1, _HEADS, _WINDOW, _WINDOW, windows.shape[-1])
    return parts.permute(0, 3, 1, 4, 2, 5).reshape(rows, -1, _FEATURES)


def _heads(values):
    """n x 64 x 98 as n x 2 x 64 x 49."""
    return values.unflatten(2, (_HEADS, -1)).transpose(1, 2)


def _folded(number, branch, mean, deviation, parameters):
    """Weights and biases of a branch's layers, with the norm before and its counterpart behind the attention folded in.

    The norm is (v - m) / s * weight + bias; what comes from the attention is scaled by meta1(s) and moved by meta2(m).
    A bias of the keys moves all scores of a query alike and has no effect; one of the values comes out of the
    attention (whose weights add up to 1) and of the depthwise convolution as a constant, and goes into the bias behind.
    """
    prefix = f"{_STATES}layer1.blocks.{number}."

    def get(name):
        return parameters[prefix + name]

    def layer(name):
        return get(f"{name}.weight").flatten(1), get(f"{name}.bias")

    norm = f"norm1{branch}"
    gain = get(f"{norm}.weight").flatten() / deviation
    offset = get(f"{norm}.bias").flatten() - mean * gain
    scale = get(f"{norm}.meta1.weight").flatten() * deviation + get(f"{norm}.meta1.bias")
    shift = get(f"{norm}.meta2.weight").flatten() * mean + get(f"{norm}.meta2.bias")
    value, value_bias = layer(f"attn.V{branch}")
    both, both_bias = layer(f"attn.QK{branch}")
    query, key = both[:_FEATURES], both[_FEATURES:]
    project, project_bias = layer(f"attn.proj{branch}")
    depthwise = get(f"attn.conv{branch}.weight")
    constant = (value_bias + value @ offset) * (1 + depthwise.sum(dim=(1, 2, 3))) + get(f"attn.conv{branch}.bias")
    return {
        "query": (query * gain, both_bias[:_FEATURES] + query @ offset),
        "key": key * gain,
        "value": value * gain,
        "depthwise": depthwise,
        "project": (project * scale[:, None], (project_bias + project @ constant) * scale + shift),
        "expand": layer(f"mlp{branch}.mlp.0"),
        "contract": layer(f"mlp{branch}.mlp.2"),
    }


def _position_bias(number, parameters):
    """What is added to the scores of a window: 1 x 2 x 64 x 64 (head, query, key)."""
    from torch.nn import functional as F

    prefix = f"{_STATES}layer1.blocks.{number}.attn.attn."

    def layer(name, values):
        return F.linear(values, parameters[f"{prefix}{name}.weight"], parameters[f"{prefix}{name}.bias"])

    hidden = layer("meta.0", parameters[f"{prefix}relative_positions"]).relu()
    return layer("meta.2", hidden).permute(2, 0, 1)[None].contiguous()


def _decoded(shared, features, parameters):
    """Fused luminance (1 x 1 x h x w, (0, 1)) of the shared features and those of the branches (h x w x 98 each)."""
    import torch
    from torch.nn import functional as F

    first, second = (
        parameters[f"cnnDecoder.fuseComplementFeatures.mlp.{number}.weight"].flatten(1) for number in (0, 2)
    )
    height, width = shared.shape[:2]
    values = shared.new_empty((height, width, len(second)))
    step = max(_STRIP[shared.device.type] // width, 1)
    for top in range(0, height, step):
        rows = slice(top, top + step)
        joined = torch.cat([shared[rows], features[rows]], dim=2)
        values[rows] = F.linear(F.linear(joined, first).relu_(), second)
    values = as_planes(values)
    for number in (1, 4, 7):
        values = _layer(values, parameters, f"cnnDecoder.decoder.{number}").relu_()
    return _layer(values, parameters, "cnnDecoder.decoder.10").tanh_().div_(2).add_(0.5)
