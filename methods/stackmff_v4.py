"""StackMFF-V4: a small U-Net of each image, transformers across the images, an index map.

1. Gray, brought bilinearly to sides that are multiples of 32. Nine blocks of MobileNetV3 and nine pairs of 1 x 1
   convolutions with pooling, enlargement and a depthwise convolution give 8 planes of each image. Their sides are
   multiples of 128, often smaller than the image's: pooling drops what is odd.
2. A transformer across the images at each place, on means of 4 x 4; a refinement of each image; a second transformer.
3. The largest of the 8 planes is the score of an image, the image of the highest score is the index at a pixel.
4. Each pixel is copied from the image of its index, which nearest neighbour brings to the image's size.

The order of the images does not matter. Images with a side below 97 pixels, on which the authors' program fails, are
brought to 128 pixels.

The network of each image weighs channels by means of the whole frame, so each image is worked on at once, one after
the other; of all images its 8 planes are kept, with the rest 34 bytes per pixel and image. The last enlargement and
the refinement are done in tiles that overlap by what they depend on. Norms are folded into the convolutions before them.

References
----------
X. Xie, B. Guo, B. Li, S. He, Y. Gu, Q. Jiang, P. Li, "Generative multi-focus image fusion", arXiv 2512.21495, 2025.
This is the first stage of it, with the parameters of the program OpenFocus. Constants as in that program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from methods import Fusion, Method, Reference
from methods._common import stackmff
from methods._common.pixels import as_pixels, as_planes
from methods._common.torch import TILE, inference, state_dict, tiles, weights
from methods._common.transformer import by_tiles

if TYPE_CHECKING:
    from torch import Tensor

METHOD = Method(
    id="stackmff_v4",
    label="StackMFF-V4",
    title="Index map by transformers across the images of a stack",
    citation=(
        "X. Xie, B. Guo, B. Li, S. He, Y. Gu, Q. Jiang, P. Li, Generative multi-focus image fusion, arXiv 2512.21495 "
        "(2025)"
    ),
    doi="10.48550/arXiv.2512.21495",
    year=2025,
    kind="learned",
    cost=1.5,
    native_stack=True,
    order_free=True,
    decision_map=True,
    needs=("device",),
    files=("stackmff_v4/stackmffv4.pth",),
    note=(
        "first stage of the paper's method, with the parameters of the program OpenFocus and without its tiles that "
        "are blended; images with a side below 97 pixels are enlarged, where that program fails"
    ),
)

REFERENCES = (Reference("official", "stackmff_v4"),)

#: Sides are raised to multiples of this, and at least to the other one.
_STEP, _LEAST = 32, 128
#: Blocks of the encoder's three parts: stride, whether the input is added.
_ENCODER = (
    ((1, True), (2, False)),
    ((1, True), (2, False), (1, True)),
    ((1, True), (2, False), (1, True), (1, True)),
)
#: The first block (part, number) whose activation is the hard swish.
_HARD = (3, 1)
_STAGES = 3
_CHANNELS, _HEADS, _LAYERS = 8, 4, 2
#: Side of the means that the transformers work on.
_MEAN = 4
_EPSILONS = {"block": 1e-3, "other": 1e-6}
_TRANSFORMERS = ("refinement_cycles.0.inter_model", "layer_interaction.layer_interaction_depth")
_REFINER = "refinement_cycles.0.intra_refiner.refiner.0.0"
#: Pixels of its input around a tile that the last enlargement and the convolution after it depend on; the same of the
#: refinement.
_REACH, _REFINER_REACH = 2, 3
#: Vectors that a transformer works on at once, so that they stay in the processor's cache.
_BLOCK = {"cpu": 2**15, "cuda": 2**22}
#: Bytes per pixel, measured: of each image; of all that is needed once.
_KEPT, _ONCE = 34.0, 150.0


def fuse(images: Sequence[np.ndarray], *, device: str = "cpu") -> Fusion:
    """Fuse n images at once.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        n >= 2, H x W or H x W x 3, [0, 1]; may be lazy. Only their gray versions enter the network.
    device : {"cpu", "cuda"}

    Returns
    -------
    Fusion
        With the map of the images that the pixels are from.
    """
    size = images[0].shape[:2]
    height, width = stackmff.filled(size, _STEP)
    grid = max(height, _LEAST), max(width, _LEAST)
    needed = grid[0] * grid[1] * (_ONCE + _KEPT * len(images))
    stackmff.check_memory(METHOD.id, needed, len(images), size, device)
    parameters = weights(METHOD.files, checkpoint, device)
    with inference(device):
        features = [planes(stackmff.stretched(stackmff.gray(image), grid, device), parameters) for image in images]
        chosen = _chosen(features, parameters).cpu().numpy()
    index = chosen.astype(stackmff.index_type(len(images)))
    return stackmff.copied(images, stackmff.nearest(index, size))


def checkpoint(paths: Sequence[Path]) -> dict[str, np.ndarray]:
    """State dict, each norm with its running statistics folded into the convolution before it.

    The convolution ``x.0`` and the norm ``x.1`` become ``x``, the kernel ``act.weight`` and ``act.bn`` become ``act``.
    """
    state = {name: values.astype(np.float64) for name, values in state_dict(paths).items()}
    for mean in [name for name in state if name.endswith(".running_mean")]:
        norm = mean.removesuffix(".running_mean")
        name = norm.rsplit(".", 1)[0]
        kernel = name if norm.endswith(".bn") else f"{name}.0"
        epsilon = _EPSILONS["block" if ".block." in name else "other"]
        factor = state.pop(f"{norm}.weight") / np.sqrt(state.pop(f"{norm}.running_var") + epsilon)
        weight, bias = state.pop(f"{kernel}.weight"), state.pop(f"{kernel}.bias", 0.0)
        state[f"{name}.weight"] = weight * factor[:, None, None, None]
        state[f"{name}.bias"] = (bias - state.pop(mean)) * factor + state.pop(f"{norm}.bias")
    return {name: values.astype(np.float32) for name, values in state.items()}


def planes(values: Tensor, parameters: Mapping[str, Tensor]) -> Tensor:
    """The 8 planes of an image.

    Parameters
    ----------
    values : torch.Tensor
        1 x 1 x h x w in [0, 1], sides of at least 128.
    parameters : mapping of str to torch.Tensor
        See `checkpoint`.

    Returns
    -------
    torch.Tensor
        1 x 8 x h' x w', sides lowered to multiples of 128.
    """
    import torch
    from torch.nn import functional as F

    prefix = "feature_extraction"
    values = values.contiguous(memory_format=torch.channels_last)
    level = F.conv2d(values, parameters[f"{prefix}.firstconv.weight"], stride=2, padding=1)
    kept = []
    for part, blocks in enumerate(_ENCODER, start=1):
        for number, (stride, residual) in enumerate(blocks):
            name = f"{prefix}.encoder{part}.{number}.block"
            level = _inverted(level, name, stride, residual, (part, number) >= _HARD, parameters)
        kept.append(level)
    skips = kept[:-1]
    for stage in range(_STAGES):
        skips.append(level)
        level = _vanilla(level, f"{prefix}.stages.{stage}", parameters, "pool")
    names = [f"{prefix}.up_stages{part}.{stage}" for part in (1, 2) for stage in range(_STAGES)]
    for name in names:
        level = _vanilla(level, name, parameters, "up")
        if skips:
            level = level + _fitted(skips.pop(), level.shape[2:])
    return _finished(level, f"{prefix}.final", parameters)


def _finished(values: Tensor, name: str, parameters: Mapping[str, Tensor]) -> Tensor:
    """The last enlargement with its convolutions, tile by tile: 8 planes of twice the size."""
    import torch

    def doubled(part: tuple[slice, slice]) -> tuple[slice, slice]:
        rows, columns = (slice(2 * axis.start, 2 * axis.stop) for axis in part)
        return rows, columns

    height, width = values.shape[2:]
    shape = (1, _CHANNELS, 2 * height, 2 * width)
    result = torch.empty(shape, device=values.device, memory_format=torch.channels_last)
    for tile in tiles((height, width), _REACH, TILE[values.device.type] // 2):
        level = _vanilla(values[(..., *tile.outer)], f"{name}.0", parameters, "up")
        level = level[(..., *doubled(tile.within))]
        result[(..., *doubled(tile.inner))] = _conv(level, f"{name}.1", parameters)
    return result


def _conv(values: Tensor, name: str, parameters: Mapping[str, Tensor], stride: int = 1) -> Tensor:
    """A convolution, channel by channel where the kernel is for one; zero outside the image."""
    from torch.nn import functional as F

    weight, bias = parameters[f"{name}.weight"], parameters[f"{name}.bias"]
    groups = values.shape[1] // weight.shape[1]
    return F.conv2d(values, weight, bias, stride, weight.shape[-1] // 2, groups=groups)


def _inverted(
    values: Tensor, name: str, stride: int, residual: bool, hard: bool, parameters: Mapping[str, Tensor]
) -> Tensor:
    """Inverted residual block of MobileNetV3: widened, depthwise, channels weighted, narrowed."""
    from torch.nn import functional as F

    activation = F.hardswish if hard else F.relu
    narrowing = max(number for number in range(4) if f"{name}.{number}.weight" in parameters)
    weighing = f"{name}.{narrowing - 1}"
    weighed = f"{weighing}.fc1.weight" in parameters
    level = values
    for number in range(narrowing - weighed):
        depthwise = number == narrowing - weighed - 1
        level = activation(_conv(level, f"{name}.{number}", parameters, stride if depthwise else 1), inplace=True)
    if weighed:
        hidden = F.relu(_conv(level.mean((2, 3), keepdim=True), f"{weighing}.fc1", parameters))
        level = level * F.hardsigmoid(_conv(hidden, f"{weighing}.fc2", parameters))
    level = _conv(level, f"{name}.{narrowing}", parameters)
    return level + values if residual else level


def _vanilla(values: Tensor, name: str, parameters: Mapping[str, Tensor], mode: str = "") -> Tensor:
    """Two 1 x 1 convolutions, pooling ("pool") or enlargement ("up") by 2 or neither, a depthwise convolution."""
    from torch.nn import functional as F

    level = F.relu(_conv(values, f"{name}.conv1", parameters), inplace=True)
    level = _conv(level, f"{name}.conv2", parameters)
    if mode == "pool":
        level = F.max_pool2d(level, 2)
    elif mode == "up":
        level = F.interpolate(level, scale_factor=2, mode="bilinear", align_corners=False)
    return _conv(F.relu(level, inplace=True), f"{name}.act", parameters)


def _fitted(values: Tensor, size: Sequence[int]) -> Tensor:
    """Features at a size; they are larger where pooling dropped what was odd."""
    from torch.nn import functional as F

    if values.shape[2:] == size:
        return values
    return F.interpolate(values, tuple(size), mode="bilinear", align_corners=False)


def _chosen(features: list[Tensor], parameters: Mapping[str, Tensor]) -> Tensor:
    """Number of the image of the highest score at each pixel, of the first one among equals; uses up the features."""
    import torch

    for number, seen in enumerate(_transformed(features, _TRANSFORMERS[0], parameters)):
        level = features[number].mul_(2).add_(_enlarged(seen, features[number]))
        level += by_tiles(lambda values: _vanilla(values, _REFINER, parameters), [level], _REFINER_REACH)
    best = chosen = None
    for number, seen in enumerate(_transformed(features, _TRANSFORMERS[1], parameters)):
        score = features[number].add_(_enlarged(seen, features[number])).amax(1)[0]
        if best is None or chosen is None:
            best, chosen = score, torch.zeros_like(score, dtype=torch.int32)
        else:
            chosen[score > best] = number
            torch.maximum(best, score, out=best)
    assert chosen is not None, "a stack has at least one image"
    return chosen


def _enlarged(values: Tensor, like: Tensor) -> Tensor:
    """Tokens of an image (h x w x 8) as planes of the size of others, corners to corners."""
    from torch.nn import functional as F

    return F.interpolate(as_planes(values), like.shape[2:], mode="bilinear", align_corners=True)


def _transformed(features: Sequence[Tensor], name: str, parameters: Mapping[str, Tensor]) -> Tensor:
    """What a transformer across the images makes of the means of their features (n x h/4 x w/4 x 8)."""
    import torch
    from torch.nn import functional as F

    means = torch.stack([as_pixels(F.avg_pool2d(values, _MEAN)) for values in features])
    tokens = means.flatten(1, 2)
    step = max(_BLOCK[tokens.device.type] // len(features), 1)
    for start in range(0, tokens.shape[1], step):
        part = tokens[:, start : start + step].transpose(0, 1).contiguous()
        for layer in range(_LAYERS):
            part = _attended(part, f"{name}.layers.{layer}", parameters)
        tokens[:, start : start + step] = part.transpose(0, 1)
    return means


def _attended(tokens: Tensor, name: str, parameters: Mapping[str, Tensor]) -> Tensor:
    """One layer of a transformer on vectors of all images at some places (places x n x 8)."""
    from torch.nn import functional as F

    def norm(values: Tensor, part: str) -> Tensor:
        return F.layer_norm(
            values, (_CHANNELS,), parameters[f"{name}.{part}.weight"], parameters[f"{name}.{part}.bias"]
        )

    def linear(values: Tensor, part: str, joint: str = ".") -> Tensor:
        return F.linear(values, parameters[f"{name}.{part}{joint}weight"], parameters[f"{name}.{part}{joint}bias"])

    mixed = linear(norm(tokens, "norm1"), "attn.in_proj", "_").unflatten(2, (3, _HEADS, -1))
    query, key, value = mixed.permute(2, 0, 3, 1, 4)
    seen = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
    tokens = tokens + linear(seen, "attn.out_proj")
    return tokens + linear(F.gelu(linear(norm(tokens, "norm2"), "ffn.0")), "ffn.2")
