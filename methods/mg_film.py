"""Mg-FILM: the student network of a text-guided distillation; it needs no text itself.

1. Gray image of both sources, rounded to 8 bit, / 255. A 3x3 convolution gives 32 features; four transformer blocks
   follow, then a base branch (four more blocks) and a detail branch (an invertible network of three nodes, then nine
   3x3 convolutions). The same weights serve both sources.
2. The features of both sources are added, base and detail apart; one more block and one more invertible network.
3. Base and detail are modulated by each other: attention between grids of 160 x 224 samples gives 256 factors, which
   scale the samples by their position; the result is enlarged again by nearest neighbour.
4. Three transformer blocks and a pointwise convolution give the fused gray image, by a sigmoid.

A transformer block attends over channels: 8 heads of 4 or 8 channels, whose products are summed over the whole image.
Each step works in tiles with the pixels around them that it needs: one pass over the image sums the products, the next
applies them. So there are no seams, and only the features between the steps are kept for the whole image.

The authors' program is gray and stretches its result to 0..255 image by image. The default does not stretch, and gives
colour pairs chroma by the rule of `methods._common.ycc`, which is not the authors'.

References
----------
ECNU MultiDimLab, "Text-guided defocus knowledge distillation for multi-focus image fusion", program of August 2025.
Constants as in that program, for the weights of Lytro and Real-MFF.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from files.errors import InputError
from imaging.levels import from_levels, round_levels, to_levels
from methods import Fusion, Method, Option, Reference
from methods._common.pixels import as_pixels, as_planes
from methods._common.torch import inference, tiles, weights
from methods._common.writer import stretched
from methods._common.ycc import FULL, fused_chroma

if TYPE_CHECKING:
    import torch

METHOD = Method(
    id="mg_film",
    label="Mg-FILM",
    title="Student network of a text-guided defocus distillation",
    citation=(
        "MultiDimLab, East China Normal University, Text-guided defocus knowledge distillation for multi-focus image "
        "fusion (program of 2025)"
    ),
    year=2025,
    kind="learned",
    cost=20.0,
    needs=("device",),
    keeps_equal_sources=False,
    files=("mg_film/checkpoints/stu.pth",),
    options={
        "stretch": Option(False, "stretch the fused luminance to 0..255 and cut it to 8 bit, as the authors' program"),
        "colour": Option(True, "give colour images chroma; the authors' program is gray"),
    },
    presets={"upstream": {"stretch": True, "colour": False}},
    minimum_size=2,
    note=(
        "not stretched to 0..255 image by image, as the authors' program does, and in colour by a rule of this suite "
        "(weighted chroma of both sources), where that program is gray (preset upstream)"
    ),
)

REFERENCES = (
    Reference(
        "official",
        "mg_film",
        {"preset": "upstream"},
        why="the authors' images are gray and cut to 8 bit, so float differences of 1e-5 turn single levels by one",
    ),
)

#: Weights of R, G and B in the gray image of the network.
_GRAY = np.array((0.299, 0.587, 0.114), dtype=np.float32)
_FEATURES, _HEADS = 32, 8
_EPSILON = 1e-5
#: Smallest norm that queries, keys and factors are divided by.
_LEAST = 1e-12
#: Samples of the attention between base and detail: rows and columns, and how many make a vector.
_GRID, _TOKEN = (160, 224), 256
#: Queries of that attention at once.
_QUERIES = 64
#: Slope of the leaky ReLU.
_LEAK = 0.01
_ENCODER, _CROSS = "Restormer_Encoder.", "CrossAttentionFusion."
#: Values of a tile (pixels times features); on a CPU they stay in its caches.
_VALUES = {"cpu": 2**20, "cuda": 2**26}
#: Between the steps at most 160 features are kept whole: about 0.75 GB a megapixel.
_MOST_PIXELS = 25_000_000


def fuse(images: Sequence[np.ndarray], *, stretch: bool, colour: bool, device: str) -> Fusion:
    """Fuse a pair; the order of the images does not matter.

    Raises
    ------
    files.errors.InputError
        The images have more than 25 megapixels.
    """
    pixels = math.prod(images[0].shape[:2])
    if pixels > _MOST_PIXELS:
        raise InputError(f"method mg_film needs all of an image at once: at most {_MOST_PIXELS} pixels; got {pixels}")
    levels = [to_levels(image) for image in images]
    parameters = weights(METHOD.files, convert, device)
    with inference(device):
        fused = network([gray(values) for values in levels], parameters, device)
    if stretch:
        luminance = np.floor(stretched(255 * fused.astype(np.float64)))
    else:
        luminance = round_levels(255 * fused.astype(np.float64)).astype(np.float64)
    if not colour and levels[0].ndim == 3:
        return Fusion(from_levels(np.repeat(luminance[..., None], 3, axis=2)))
    return Fusion(from_levels(FULL.join(luminance, fused_chroma([FULL.split(values)[1] for values in levels]))))


def gray(levels: np.ndarray) -> np.ndarray:
    """Gray image (float32, H x W, [0, 1], of 8 bit, ties rounded to even) of levels (H x W x 3 or H x W)."""
    values = levels.astype(np.float32)
    return np.rint(values if values.ndim == 2 else values @ _GRAY) / np.float32(255)


def network(grays: Sequence[np.ndarray], parameters: dict, device: str) -> np.ndarray:
    """Fused gray image (float32, H x W, (0, 1)) of two (float32, H x W, [0, 1]); to be called in `inference`."""
    import torch
    from torch.nn import functional as F

    base, detail = encoded(grays, parameters, device)
    base = _transformer(base, "BaseFuseLayer", parameters)
    detail = _invertible(detail, "DetailFuseLayer", parameters)
    values = _modulated(base, detail, parameters)
    del base, detail
    values = _transformer(values, "restormer1", parameters)
    values = F.linear(values, *_layer("conv1", parameters))
    for name in ("restormer2", "restormer3"):
        values = _transformer(values, name, parameters)
    return torch.sigmoid(F.linear(values, *_layer("conv2", parameters)))[..., 0].cpu().numpy()


def encoded(grays: Sequence[np.ndarray], parameters: dict, device: str) -> "tuple[torch.Tensor, torch.Tensor]":
    """Base and detail features (H x W x 32 each), summed over the images (see `network`)."""
    import torch

    base = detail = None
    for image in grays:
        values = torch.from_numpy(image).to(device)[..., None]
        kernel = parameters[f"{_ENCODER}patch_embed.proj.weight"]
        values = _tiled(values, 1, _FEATURES, lambda part, edges, k=kernel: _convolved(part, k, edges))
        for number in range(4):
            values = _transformer(values, f"{_ENCODER}encoder_level1.{number}", parameters)
        details = _invertible(values, f"{_ENCODER}detailFeature", parameters)
        for name in ("Detail1", "Detail2", "Detail3"):
            details = _three_convolutions(details, name, parameters)
        detail = details if detail is None else detail.add_(details)
        del details
        for name in (f"{_ENCODER}baseFeature", "Base1", "Base2", "Base3"):
            values = _transformer(values, name, parameters)
        base = values if base is None else base.add_(values)
    assert base is not None and detail is not None, "there are two sources"
    return base, detail


def _layer(name, parameters):
    """Matrix and bias of a pointwise convolution."""
    return parameters[f"{name}.weight"].flatten(1), parameters[f"{name}.bias"]


@dataclass(frozen=True)
class _Edges:
    """At which sides a tile ends at the border of the image."""

    top: bool
    bottom: bool
    left: bool
    right: bool

    @classmethod
    def of(cls, tile, shape):
        rows, columns = tile.outer
        return cls(rows.start == 0, rows.stop == shape[0], columns.start == 0, columns.stop == shape[1])


def _parts(values, radius, widest):
    """Tiles (with their edges) of values (H x W x C) for a step that has up to `widest` features."""
    longest = max(math.isqrt(_VALUES[values.device.type] // widest), 1)
    return [(tile, _Edges.of(tile, values.shape)) for tile in tiles(values.shape[:2], radius, longest)]


def _inner(result, tile):
    """What a tile is responsible for, of a result that reaches beyond it only up to the border of the image."""
    start = [inner.start if outer.start == 0 else 0 for inner, outer in zip(tile.inner, tile.outer, strict=True)]
    return result[tuple(slice(s, s + i.stop - i.start) for s, i in zip(start, tile.inner, strict=True))]


def _tiled(values, radius, features, step, widest=None):
    """A step on values (H x W x C), tile by tile; gives H x W x `features`.

    The step takes a tile with `radius` pixels around it and its edges, and gives it without those pixels. Beyond the
    border of the image there are none; there its convolutions fill up.
    """
    result = values.new_empty((*values.shape[:2], features))
    for tile, edges in _parts(values, radius, widest or features):
        result[tile.inner] = _inner(step(values[tile.outer], edges), tile)
    return result


def _convolved(values, weight, edges, bias=None, reflect=False):
    """3x3 convolution of h x w x C that fills up (by zeros or reflection) at the edges and takes a pixel off elsewhere."""
    from torch.nn import functional as F

    groups = values.shape[2] // weight.shape[1]
    planes = as_planes(values)
    if reflect:
        sides = edges.left, edges.right, edges.top, edges.bottom
        planes = F.pad(planes, [int(side) for side in sides], mode="reflect") if any(sides) else planes
        return as_pixels(F.conv2d(planes, weight, bias, groups=groups))
    # Filling both sides and dropping the one too many is faster than a copy with one side filled.
    both = edges.top or edges.bottom, edges.left or edges.right
    result = as_pixels(F.conv2d(planes, weight, bias, padding=[int(fill) for fill in both], groups=groups))
    rows = slice(int(both[0] and not edges.top), result.shape[0] - int(both[0] and not edges.bottom))
    columns = slice(int(both[1] and not edges.left), result.shape[1] - int(both[1] and not edges.right))
    return result[rows, columns]


def _shrunk(values, edges):
    """Values (h x w x C) without a pixel at each side that is no edge, as `_convolved` leaves them."""
    rows = slice(int(not edges.top), values.shape[0] - int(not edges.bottom))
    return values[rows, int(not edges.left) : values.shape[1] - int(not edges.right)]


def _three_convolutions(values, name, parameters):
    """Three 3x3 convolutions with leaky ReLU (their normalisation is folded in, see `convert`)."""
    from torch.nn import functional as F

    def step(part, edges):
        for number in (0, 3, 6):
            weight, bias = (parameters[f"{name}.{number}.{kind}"] for kind in ("weight", "bias"))
            part = F.leaky_relu_(_convolved(part, weight, edges, bias), _LEAK)
        return part

    return _tiled(values, 3, _FEATURES, step)


def _invertible(values, name, parameters):
    """Invertible network: three nodes that change each half of the features by the other one."""
    for number in range(3):
        values = _tiled(values, 2, _FEATURES, _node(f"{name}.net.{number}", parameters), widest=2 * _FEATURES)
    return values


def _node(name, parameters):
    import torch
    from torch.nn import functional as F

    def kernel(function, number):
        return parameters[f"{name}.theta_{function}.bottleneckBlock.{number}.weight"]

    def hidden(part, edges, functions):
        """Two layers of one or two functions of the same input."""
        expand, depthwise = (torch.cat([kernel(function, number) for function in functions]) for number in (0, 3))
        part = F.relu6(F.linear(part, expand.flatten(1)), inplace=True)
        return F.relu6(_convolved(part, depthwise, edges, reflect=True), inplace=True)

    shuffle = _layer(f"{name}.shffleconv", parameters)

    def step(part, edges):
        first, second = F.linear(part, *shuffle).chunk(2, dim=2)
        second = _shrunk(second, edges) + F.linear(hidden(first, edges, ["phi"]), kernel("phi", 5).flatten(1))
        parts = hidden(second, edges, ["rho", "eta"]).chunk(2, dim=2)
        scale, shift = (F.linear(p, kernel(f, 5).flatten(1)) for p, f in zip(parts, ("rho", "eta"), strict=True))
        first = _shrunk(_shrunk(first, edges), edges) * scale.exp_() + shift
        return torch.cat([first, _shrunk(second, edges)], dim=2)

    return step


def _transformer(values, name, parameters):
    """Transformer block on H x W x C: attention over channels, then a gated perceptron, each after a norm per pixel."""
    from torch.nn import functional as F

    features = values.shape[2]
    inside = "mlp" if name == "BaseFuseLayer" else "ffn"
    expand, contract = (parameters[f"{name}.{inside}.project_{way}.weight"].flatten(1) for way in ("in", "out"))
    gate = parameters[f"{name}.{inside}.dwconv.weight"]
    _, _, value = parameters[f"{name}.attn.qkv.weight"].flatten(1).chunk(3)
    _, _, around = parameters[f"{name}.attn.qkv_dwconv.weight"].chunk(3)
    attend = parameters[f"{name}.attn.project_out.weight"].flatten(1) @ _channel_attention(values, name, parameters)

    def step(part, edges):
        mixed = _convolved(F.linear(_normed(part, f"{name}.norm1", parameters), value), around, edges)
        part = F.linear(mixed, attend).add_(_shrunk(part, edges))
        both = _convolved(F.linear(_normed(part, f"{name}.norm2", parameters), expand), gate, edges)
        first, second = both.chunk(2, dim=2)
        return F.linear(F.gelu(first).mul_(second), contract).add_(_shrunk(part, edges))

    return _tiled(values, 2, features, step, widest=len(expand))


def _normed(values, name, parameters):
    """Norm over the channels of every pixel."""
    from torch.nn import functional as F

    weight, bias = (parameters[f"{name}.body.{kind}"] for kind in ("weight", "bias"))
    return F.layer_norm(values, values.shape[2:], weight, bias, _EPSILON)


def _channel_attention(values, name, parameters):
    """Attention between channels of the same head, C x C with zeros between heads.

    One pass over the image sums the products of all queries and keys; their own squares are the norms.
    """
    import torch
    from torch.nn import functional as F

    features = values.shape[2]
    pointwise = parameters[f"{name}.attn.qkv.weight"].flatten(1)[: 2 * features]
    around = parameters[f"{name}.attn.qkv_dwconv.weight"][: 2 * features]
    products = torch.zeros((2 * features, 2 * features), dtype=torch.float64, device=values.device)
    for tile, edges in _parts(values, 1, 2 * features):
        part = _normed(values[tile.outer], f"{name}.norm1", parameters)
        part = _inner(_convolved(F.linear(part, pointwise), around, edges), tile).reshape(-1, 2 * features)
        products += part.T @ part
    norms = products.diagonal().sqrt().clamp_min(_LEAST)
    cosines = (products / norms / norms[:, None])[:features, features:].float()
    heads = cosines.unflatten(0, (_HEADS, -1)).unflatten(2, (_HEADS, -1)).diagonal(dim1=0, dim2=2).permute(2, 0, 1)
    return torch.block_diag(*(heads * parameters[f"{name}.attn.temperature"]).softmax(dim=2))


def _modulated(base, detail, parameters):
    """Base features modulated by the detail and the reverse, H x W x 64.

    All layers behind the samples are pointwise but for the enlargement, which commutes with them: what is added to the
    features is computed on the grid.
    """
    import torch
    from torch.nn import functional as F

    shape = base.shape[:2]
    down = [_nearest(length, size, base.device) for length, size in zip(shape, _GRID, strict=True)]
    rows, columns = (_nearest(size, length, base.device) for length, size in zip(shape, _GRID, strict=True))
    samples = [values[down[0]][:, down[1]] for values in (base, detail)]
    tokens = [
        F.linear(values, *_layer(f"{_CROSS}imagef2textf1.conv", parameters)).permute(2, 0, 1).reshape(-1, _TOKEN)
        for values in samples
    ]
    own, added = parameters[f"{_CROSS}conv3.weight"].flatten(1).chunk(2, dim=1)
    result = base.new_empty((*shape, 2 * _FEATURES))
    for number, values in enumerate((base, detail)):
        factors = attention_mean(tokens[1 - number], tokens[number], parameters)
        factors = factors / factors.abs().sum().clamp_min(_LEAST)
        grid = (tokens[number] * factors).reshape(_FEATURES, *_GRID).permute(1, 2, 0)
        grid = F.prelu(F.linear(grid, *_layer(f"{_CROSS}conv2", parameters)), parameters[f"{_CROSS}prelu2.weight"])
        grid = F.linear(grid, added, parameters[f"{_CROSS}conv3.bias"])
        for tile, _ in _parts(values, 0, _FEATURES):
            part = F.linear(values[tile.inner], own + added)
            part += grid[rows[tile.inner[0]]][:, columns[tile.inner[1]]]
            part = torch.where(part > 0, part, part * parameters[f"{_CROSS}prelu3.weight"])
            result[tile.inner][..., number * _FEATURES :][..., :_FEATURES] = part
    return result


def _nearest(source, target, device):
    """Rows of a source that nearest-neighbour resizing takes, the factor in single precision as in torch."""
    import torch

    factor = np.float32(source) / np.float32(target)
    places = np.floor(np.arange(target, dtype=np.float32) * factor).astype(np.int64)
    return torch.from_numpy(np.minimum(places, source - 1)).to(device)


def attention_mean(query: "torch.Tensor", keys: "torch.Tensor", parameters: dict) -> "torch.Tensor":
    """Mean over all queries (n x 256) of multi-head attention to keys, which are the values too (256 numbers).

    Mean and linear layers commute, so only the mean weight of each key is needed.
    """
    from torch.nn import functional as F

    prefix = f"{_CROSS}cross_attention.multihead_attn."
    places = zip(*(parameters[f"{prefix}in_proj_{kind}"].chunk(3) for kind in ("weight", "bias")), strict=True)
    query, key, value = (
        F.linear(tokens, *place).unflatten(1, (_HEADS, -1)).transpose(0, 1)
        for tokens, place in zip((query, keys, keys), places, strict=True)
    )
    query = query / math.sqrt(query.shape[2])
    shares = key.new_zeros((_HEADS, key.shape[1]))
    for head in range(_HEADS):
        for part in query[head].split(_QUERIES):
            shares[head] += (part @ key[head].T).softmax(dim=1).sum(dim=0)
    mean = (shares[:, None] @ value).flatten() / query.shape[1]
    return F.linear(mean, *_layer(f"{prefix}out_proj", parameters))


def convert(paths: Sequence[Path]) -> dict[str, np.ndarray]:
    """Float arrays of the checkpoint, batch normalisation folded into the convolution before it."""
    import torch

    state = torch.load(paths[0], map_location="cpu", weights_only=True)["model"]
    arrays = {name: values.numpy() for name, values in state.items() if values.is_floating_point()}
    for name in [name.removesuffix(".running_mean") for name in arrays if name.endswith(".running_mean")]:
        kinds = ("weight", "bias", "running_mean", "running_var")
        weight, bias, mean, variance = (arrays.pop(f"{name}.{kind}").astype(np.float64) for kind in kinds)
        gain = weight / np.sqrt(variance + _EPSILON)
        block, number = name.split(".")
        before = f"{block}.{int(number) - 1}"
        arrays[f"{before}.weight"] = (arrays[f"{before}.weight"] * gain[:, None, None, None]).astype(np.float32)
        arrays[f"{before}.bias"] = ((arrays[f"{before}.bias"] - mean) * gain + bias).astype(np.float32)
    return arrays
