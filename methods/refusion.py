"""ReFusion with its multi-focus weights: two encoders, cross-attention between channels, a decoder; luminance only.

Steps: luminance of both images in [0, 1] -> an encoder each (3 x 3 convolution, two transformer blocks) -> fusion by
attention across the two images -> decoder (two blocks, two convolutions) -> sigmoid. Attention is between channels:
its matrices of 2 x 2 or 4 x 4 come from sums over the whole image. So each block takes two passes over tiles,
one for the sums and one for the result, and gives what the whole image would give. Chroma is the mean of both
images', weighted by its own magnitude.

The authors' program stretches the fused luminance of every image to the full range and takes a wrong neutral value
for chroma; the preset ``upstream`` does both.

References
----------
H. Bai, Z. Zhao, J. Zhang, Y. Wu, L. Deng, Y. Cui, B. Jiang, S. Xu, "ReFusion: learning image fusion from reconstruction
with learnable loss via meta-learning", International Journal of Computer Vision, 2024.
"""

from collections.abc import Sequence

import numpy as np

from imaging.levels import from_levels, to_levels
from methods import Fusion, Method, Option, Reference
from methods._common.torch import array, conv, inference, planes, state_dict, weights
from methods._common.transformer import by_tiles, channel_attention, depthwise, normalised, products
from methods._common.ycc import fused_chroma

METHOD = Method(
    id="refusion",
    label="ReFusion",
    title="Encoders with channel attention, loss learned by meta-learning",
    citation=(
        "H. Bai, Z. Zhao, J. Zhang, Y. Wu, L. Deng, Y. Cui, B. Jiang, S. Xu, ReFusion: learning image fusion from "
        "reconstruction with learnable loss via meta-learning, Int. J. Computer Vision (2024)"
    ),
    doi="10.1007/s11263-024-02256-8",
    year=2024,
    kind="learned",
    cost=4.0,
    needs=("device",),
    keeps_equal_sources=False,
    files=("refusion/ReFusion_MFIF.pth",),
    options={
        "stretch": Option(False, "stretch the fused luminance to 0..255, as the authors' program does"),
        "neutral_half": Option(
            False, "take 1/2 grey level for neutral chroma in its mean, as the authors' program does"
        ),
    },
    presets={"upstream": {"stretch": True, "neutral_half": True}},
    note=(
        "not stretched image by image, and colourless pixels stay so; the authors' program does otherwise "
        "(preset upstream)"
    ),
)

REFERENCES = (
    Reference(
        "official",
        "refusion",
        options={"preset": "upstream"},
        why="float differences of 1e-6 turn the rounding to 8 bit at about one value in 20,000",
    ),
)

#: Weights of R, G and B in luminance; factors of R - Y and B - Y in chroma, and back (OpenCV's constants).
_LUMINANCE = np.array((0.299, 0.587, 0.114), dtype=np.float32)
_TO_CR, _TO_CB = np.float32(0.713), np.float32(0.564)
_CR_TO_RED, _CR_TO_GREEN, _CB_TO_GREEN, _CB_TO_BLUE = (np.float32(v) for v in (1.403, -0.714, -0.344, 1.773))
#: Upstream's neutral value of chroma, and what keeps its division from 0/0.
_HALF, _TINY = np.float32(0.5), np.float32(1e-4)
_SLOPE = 0.01
_ENCODERS = ("encoder1", "encoder2")
_BLOCKS = 2


def fuse(
    images: Sequence[np.ndarray], *, stretch: bool = False, neutral_half: bool = False, device: str = "cpu"
) -> Fusion:
    """Fuse a pair; the order matters, for each place has an encoder of its own.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        Two, H x W or H x W x 3, [0, 1].
    stretch : bool
        Stretch the fused luminance to the full range, unless both sources' luminance is constant.
    neutral_half : bool
        Mean of the chroma as in the authors' program.
    device : {"cpu", "cuda"}

    Returns
    -------
    Fusion
        Without a decision map.
    """
    levels = [to_levels(image).astype(np.float32) for image in images]
    luminance = [values if values.ndim == 2 else values @ _LUMINANCE for values in levels]
    fused = luminance_fused([values / np.float32(255) for values in luminance], device)
    if stretch and any(np.ptp(values) > 0 for values in luminance):
        low, high = fused.min(), fused.max()
        fused = (fused - low) / (high - low) if high > low else fused
    fused *= np.float32(255)
    if levels[0].ndim == 2 or all(_colourless(values) for values in levels):
        return Fusion(from_levels(fused if levels[0].ndim == 2 else np.repeat(fused[..., None], 3, axis=2)))
    chroma = [
        np.stack([_TO_CR * (values[..., 0] - y), _TO_CB * (values[..., 2] - y)], axis=2)
        for values, y in zip(levels, luminance, strict=True)
    ]
    return Fusion(from_levels(_rgb(fused, _upstream_chroma(chroma) if neutral_half else fused_chroma(chroma))))


def _colourless(levels):
    return np.array_equal(levels[..., 0], levels[..., 1]) and np.array_equal(levels[..., 0], levels[..., 2])


def _upstream_chroma(chroma):
    """Mean of chroma weighted by its magnitude, with the authors' neutral value: -1/2 where both are neutral."""
    total = sum(np.abs(values) for values in chroma) + _TINY
    return sum((values + _HALF) * np.abs(values) for values in chroma) / total - _HALF


def _rgb(luminance, chroma):
    red, blue = chroma[..., 0], chroma[..., 1]
    return np.stack(
        [
            luminance + _CR_TO_RED * red,
            luminance + _CR_TO_GREEN * red + _CB_TO_GREEN * blue,
            luminance + _CB_TO_BLUE * blue,
        ],
        axis=2,
    )


def luminance_fused(luminance: Sequence[np.ndarray], device: str) -> np.ndarray:
    """Output of the network.

    Parameters
    ----------
    luminance : sequence of numpy.ndarray
        Two, H x W, [0, 1].
    device : {"cpu", "cuda"}

    Returns
    -------
    numpy.ndarray
        float32, H x W, (0, 1).
    """
    parameters = weights(METHOD.files, convert, device)

    def encoded(number):
        weight = parameters[f"in_{number}"]
        features = by_tiles(lambda part: conv(part, weight), [planes(luminance[number], device)], 1)
        for block in _blocks(_ENCODERS[number]):
            features = _block(features, parameters, block)
        return features

    with inference(device):
        # No more than two sets of features are kept at a time, about 260 bytes per pixel.
        features = _join(encoded(0), encoded(1), parameters)
        for block in _blocks("decoder"):
            features = _block(features, parameters, block)
        return array(by_tiles(lambda part: _last(part, parameters), [features], 2))


def _blocks(part):
    """Names of the transformer blocks of a part of the network."""
    return [f"{part}.{number}" for number in range(_BLOCKS)]


def _block(features, parameters, name):
    """One block: attention between channels, then a gated layer, both added to the features (1 x C x H x W).

    It takes two passes over the tiles.
    """

    def norm(values, number):
        return normalised(values, *(parameters[f"{name}.norm{number}.{kind}"] for kind in ("weight", "bias")))

    def queries_and_keys(part):
        return _mixed(norm(part, 1), parameters, f"{name}.qk")

    mixing = _mixing(
        parameters[f"{name}.project"], products(queries_and_keys, [features], 1), parameters[f"{name}.heat"]
    )

    def passed(part):
        part = part + conv(_mixed(norm(part, 1), parameters, f"{name}.v"), mixing)
        return part + _gated(norm(part, 2), parameters, name)

    return by_tiles(passed, [features], 2)


def _join(first, second, parameters):
    """Features of both images (1 x 16 x H x W each) to joined ones (1 x 32 x H x W), in two passes over the tiles."""
    import torch

    def queries_and_keys(one, other):
        """Each image's values are weighted by the similarity of its keys to the other image's queries."""
        order = (("q", 1, other), ("q", 0, one), ("k", 0, one), ("k", 1, other))
        return torch.cat([_mixed(part, parameters, f"join.{number}.{name}") for name, number, part in order], dim=1)

    # One matrix for both directions: no head holds channels of both.
    mixing = _mixing(
        parameters["join.project"], products(queries_and_keys, [first, second], 1), parameters["join.heat"]
    )

    def passed(*parts):
        values = [_mixed(part, parameters, f"join.{number}.v") for number, part in enumerate(parts)]
        joined = torch.cat(parts, dim=1) + conv(torch.cat(values, dim=1), mixing)
        return joined + _gated(joined, parameters, "join", groups=2)

    return by_tiles(passed, [first, second], 2)


def _mixing(projection, sums, temperature):
    """Attention and the projection after it as one 1 x 1 convolution."""
    return (projection @ channel_attention(sums, temperature))[..., None, None]


def _mixed(values, parameters, name, groups=1):
    """A 1 x 1 convolution, then a 3 x 3 one of each channel on its own."""
    import torch
    from torch.nn import functional as F

    values = values.contiguous(memory_format=torch.channels_last)
    return depthwise(F.conv2d(values, parameters[f"{name}.point"], groups=groups), parameters[f"{name}.depth"])


def _gated(values, parameters, name, groups=1):
    """One mixture of the features switched by another one."""
    from torch.nn import functional as F

    gate = F.gelu(_mixed(values, parameters, f"{name}.gate"))
    gate *= _mixed(values, parameters, f"{name}.gated", groups)
    return conv(gate, parameters[f"{name}.out"])


def _last(features, parameters):
    from torch.nn import functional as F

    features = F.leaky_relu(conv(features, parameters["last_0"]), _SLOPE)
    return conv(features, parameters["last_1"]).sigmoid()


def convert(paths):
    """Arrays of the network, split and joined by what is computed at once."""
    state = state_dict(paths)

    def kernel(name):
        return state[f"{name}.conv.weight"]

    def mixed(target, source, depth, rows):
        """A 1 x 1 convolution and the 3 x 3 one after it, restricted to some of their channels."""
        return {f"{target}.point": kernel(source)[rows], f"{target}.depth": kernel(depth)[rows]}

    converted = {"in_0": kernel("project_in_1"), "in_1": kernel("project_in_2")}
    for number in (0, 1):
        converted[f"last_{number}"] = kernel(f"project_out_{number}")
    for block in (block for part in (*_ENCODERS, "decoder") for block in _blocks(part)):
        for norm in ("norm1", "norm2"):
            for kind in ("weight", "bias"):
                converted[f"{block}.{norm}.{kind}"] = state[f"{block}.{norm}.body.{kind}"]
        projection = kernel(f"{block}.attn.project_out")
        channels = len(projection)
        for name, rows in (("qk", slice(0, 2 * channels)), ("v", slice(2 * channels, None))):
            converted |= mixed(f"{block}.{name}", f"{block}.attn.qkv", f"{block}.attn.qkv_dwconv", rows)
        for name, rows in (("gate", slice(0, 2 * channels)), ("gated", slice(2 * channels, None))):
            converted |= mixed(f"{block}.{name}", f"{block}.ffn.project_in", f"{block}.ffn.dwconv", rows)
        converted[f"{block}.project"] = projection[:, :, 0, 0]
        converted[f"{block}.heat"] = state[f"{block}.attn.temperature"]
        converted[f"{block}.out"] = kernel(f"{block}.ffn.project_out")
    for number in (0, 1):
        source = f"FM.qkv{number + 1}"
        channels = len(kernel(source)) // 3
        for third, name in enumerate("qkv"):
            rows = slice(third * channels, (third + 1) * channels)
            converted |= mixed(f"join.{number}.{name}", source, f"{source}_dwconv", rows)

    def both(pattern, axis):
        return np.concatenate([kernel(pattern.format(number)) for number in (1, 2)], axis=axis)

    projections = both("FM.project_mid{}", 1)[:, :, 0, 0]
    nothing = np.zeros_like(projections[:, :channels])
    converted["join.project"] = np.block([[projections[:, :channels], nothing], [nothing, projections[:, channels:]]])
    converted["join.heat"] = np.concatenate([state[f"FM.temperature{number}"] for number in (1, 2)])
    converted |= mixed("join.gate", "FM.project_E", "FM.project_E_d", slice(None))
    converted["join.gated.point"], converted["join.gated.depth"] = (
        both("FM.project_E{}", 0),
        both("FM.project_E{}_d", 0),
    )
    converted["join.out"] = both("FM.project_out{}", 1)
    return converted
