"""MGDN with its multi-focus weights: each image filters the other's features, then attention within windows.

Steps: features of both images -> two levels of the same structure -> convolutions and a sigmoid. In a level, attention
between channels of the two images predicts a 7 x 7 kernel for every pixel, which filters the features (mutual-guided
dynamic filter); three blocks of attention within 4 x 4 windows follow, the second one with windows moved by 2, each with
a convolutional branch that is scaled by its own mean over the image. The network works on R, G and B at once and rebuilds
every pixel, so it takes nothing from the sources unchanged.

What needs the whole image, the sums for the attention between channels and the means, is collected in a pass of its
own, tile by tile; so tiles give what the whole image gives. Windows need sides that are multiples of 4: missing rows and
columns are mirrored. The authors' program always adds 1 to 8 of them, up to a multiple of 8 (preset ``upstream``).

References
----------
Y. Guan, R. Xu, M. Yao, L. Wang, Z. Xiong, "Mutual-guided dynamic network for image fusion", ACM International Conference on
Multimedia, 2023.
"""

from collections.abc import Sequence

import numpy as np

from imaging.levels import from_levels, to_levels
from methods import Fusion, Method, Option, Reference
from methods._common.torch import TILE, array, conv, inference, planes, state_dict, tiles, weights
from methods._common.transformer import by_tiles, channel_attention, depthwise, normalised, products

METHOD = Method(
    id="mgdn",
    label="MGDN",
    title="Mutual-guided dynamic filters and window attention",
    citation=(
        "Y. Guan, R. Xu, M. Yao, L. Wang, Z. Xiong, Mutual-guided dynamic network for image fusion, "
        "Proc. ACM Int. Conf. Multimedia (2023)"
    ),
    year=2023,
    kind="learned",
    cost=10.0,
    needs=("device",),
    keeps_equal_sources=False,
    files=("mgdn/62000_E.pth",),
    options={
        "always_pad": Option(False, "always add 1 to 8 mirrored rows and columns, as the authors' program does"),
    },
    presets={"upstream": {"always_pad": True}},
    minimum_size=4,
    note="rows and columns are added only where the windows need them; the authors' always add some (preset upstream)",
)

REFERENCES = (
    Reference(
        "official",
        "mgdn",
        options={"preset": "upstream"},
        why="float differences of 1e-6 turn the rounding to 8 bit at about one value in 50,000",
    ),
)

_LEVELS, _BLOCKS = 2, 3
#: Side of the kernels that are predicted.
_KERNEL = 7
_WINDOW, _HEADS = 4, 3
#: Rows and columns the windows of a block are moved by.
_SHIFTS = (0, 2, 0)
#: Added to the similarity to what lies outside the image: it gets no weight.
_OUTSIDE = -100.0
#: The authors' program adds rows and columns up to the next multiple of this.
_UPSTREAM_MULTIPLE = 8
#: Slopes of the leaky rectifiers: around the dynamic filters, and elsewhere.
_FILTER_SLOPE, _SLOPE = 0.1, 0.2
#: Rows of the dynamic filter that are computed at once, so that they stay in a CPU's cache.
_FILTER_ROWS = {"cpu": 16, "cuda": 2048}


def fuse(images: Sequence[np.ndarray], *, always_pad: bool = False, device: str = "cpu") -> Fusion:
    """Fuse a pair; the order matters.

    A gray image is taken for three equal channels, and the mean of the three results is its own. About 500 bytes per
    pixel are needed.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        Two, H x W or H x W x 3, [0, 1].
    always_pad : bool
        Add rows and columns also where the sides are multiples of 4 or 8.
    device : {"cpu", "cuda"}

    Returns
    -------
    Fusion
        Without a decision map.
    """
    shape = np.shape(images[0])
    padded = [
        (length // _UPSTREAM_MULTIPLE + 1) * _UPSTREAM_MULTIPLE if always_pad else -(-length // _WINDOW) * _WINDOW
        for length in shape[:2]
    ]
    margins = [(0, side - length) for side, length in zip(padded, shape[:2], strict=True)]
    fused = network([_prepared(image, margins) for image in images], device)[: shape[0], : shape[1]]
    # The authors round half to even.
    levels = np.float32(255) * (fused if len(shape) == 3 else fused.mean(axis=2, dtype=np.float64))
    return Fusion(from_levels(np.rint(levels)))


def _prepared(image, margins):
    values = to_levels(image).astype(np.float32) / np.float32(255)
    values = values if values.ndim == 3 else np.repeat(values[..., None], 3, axis=2)
    return np.pad(values, [*margins, (0, 0)], mode="symmetric")


def network(images: Sequence[np.ndarray], device: str) -> np.ndarray:
    """Output of the network.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        Two, float32, H x W x 3, [0, 1], H and W multiples of 4.
    device : {"cpu", "cuda"}

    Returns
    -------
    numpy.ndarray
        float32, H x W x 3, (0, 1).
    """
    import torch

    parameters = weights(METHOD.files, convert, device)
    with inference(device):
        first, second = (planes(image, device) for image in images)

        def features(*parts):
            return torch.cat([_conv(part, parameters, f"inconv{k}") for k, part in enumerate(parts, start=1)], dim=1)

        def last(part, source):
            joined = _leaky(_conv(part, parameters, "conv_after_body.0"), _SLOPE)
            # The features of the first image once more; kept they would take more memory than time.
            return _conv(joined + _conv(source, parameters, "inconv1"), parameters, "conv_last.0").sigmoid()

        both = by_tiles(features, [first, second], 1)
        del second
        for number in range(_LEVELS):
            both = _mutually_filtered(both, parameters, f"layers.{number}.MGF")
            both = _refined(both, parameters, f"layers.{number}")
        return array(by_tiles(last, [both, first], 2))


def _refined(filtered, parameters, name):
    """What a level does after the dynamic filters, in place.

    Both images' features, 1 x 60 x H x W, become joint ones of 30 channels, which the blocks work on; from them and its own
    filtered features come the new ones of each image.
    """
    import torch

    def joined(part):
        return _conv(part, parameters, f"{name}.adjust_channel")

    def divided(part, joint):
        joint = _conv(joint, parameters, f"{name}.dilated_conv", dilation=2)
        return torch.cat(
            [
                _conv(torch.cat([joint, own], dim=1), parameters, f"{name}.adjust_channel_0{k}")
                for k, own in enumerate(part.chunk(2, dim=1), start=1)
            ],
            dim=1,
        )

    joint = by_tiles(joined, [filtered], 0)
    for number, shift in enumerate(_SHIFTS):
        joint = _block(joint, parameters, f"{name}.residual_group.blocks.{number}", shift)
    # Of the filtered features a pixel needs its own only, so they can be overwritten.
    return by_tiles(divided, [filtered, joint], 2, result=filtered)


def _mutually_filtered(both, parameters, name):
    """Features of both images (1 x 60 x H x W), filtered by kernels that are predicted from the two."""
    import torch

    attention = f"{name}.TCA"

    def mixed(part, kind):
        values = _conv(part, parameters, f"{attention}.{kind}")
        return depthwise(values, *(parameters[f"{attention}.{kind}_dwconv.{of}"] for of in ("weight", "bias")))

    sums = products(lambda part: mixed(part, "qk"), [both], 1)
    temperature, projection, bias = (
        parameters[f"{attention}.{of}"] for of in ("temperature", "project_out.weight", "project_out.bias")
    )
    # Each image asks the other one: queries of the first image with keys of the second, and the reverse.
    queries_1, keys_1, queries_2, keys_2 = torch.arange(len(sums), device=sums.device).chunk(4)
    mixings = [
        projection @ channel_attention(sums[order][:, order], temperature)
        for order in (torch.cat([queries_1, keys_2]), torch.cat([queries_2, keys_1]))
    ]
    nothing = torch.zeros_like(projection)
    mixing = torch.cat([torch.cat([nothing, mixings[0]], 1), torch.cat([mixings[1], nothing], 1)])[..., None, None]

    def filtered(part):
        guides = conv(mixed(part, "v"), mixing, bias).chunk(2, dim=1)
        results = []
        for k, (own, guide, predictor) in enumerate(zip(part.chunk(2, dim=1), guides, ("ref", "ext"), strict=True), 1):
            kernels = _predicted(guide, parameters, f"{name}.kernel_predictor_{predictor}")
            values = dynamic_filter(own, kernels)
            results.append(_leaky(_conv(values, parameters, f"{name}.conv_out_{k}.0"), _FILTER_SLOPE))
        return torch.cat(results, dim=1)

    return by_tiles(filtered, [both], _KERNEL // 2)


def _predicted(values, parameters, name):
    """Kernels of all pixels (1 x 49 x h x w)."""
    for layer in ("0.0", "1.0"):
        values = _leaky(_conv(values, parameters, f"{name}.{layer}"), _FILTER_SLOPE)
    return _conv(values, parameters, f"{name}.2")


def dynamic_filter(values, kernels):
    """Filter every pixel with a kernel of its own.

    Parameters
    ----------
    values : torch.Tensor
        1 x C x h x w; the edge is repeated outside.
    kernels : torch.Tensor
        1 x 49 x h x w: at each pixel a 7 x 7 kernel for all channels, row by row.

    Returns
    -------
    torch.Tensor
        1 x C x h x w.
    """
    import torch
    from torch.nn import functional as F

    height, width = values.shape[2:]
    rows = _FILTER_ROWS[values.device.type]
    padded = F.pad(values.contiguous(), (_KERNEL // 2,) * 4, mode="replicate")
    kernels = kernels.contiguous()
    result = torch.zeros(values.shape, device=values.device)
    for top in range(0, height, rows):
        band = result[:, :, top : top + rows]
        count = band.shape[2]
        for k in range(_KERNEL**2):
            i, j = divmod(k, _KERNEL)
            shifted = padded[:, :, top + i : top + i + count, j : j + width]
            band.addcmul_(shifted, kernels[:, k : k + 1, top : top + count])
    return result


def _block(joint, parameters, name, shift):
    """Attention within windows, a perceptron and the convolutional branch, added to the features (1 x 30 x H x W)."""
    import torch

    def norm(values, number):
        return normalised(values, *(parameters[f"{name}.norm{number}.{kind}"] for kind in ("weight", "bias")))

    shape = joint.shape[2:]
    total = 0
    for tile in tiles(shape, 1, TILE[joint.device.type]):
        branch = _branch(norm(joint[(..., *tile.outer)], 1), parameters, name)
        total = total + branch[(..., *tile.within)].sum(dim=(0, 2, 3), dtype=torch.float64)
    mean = (total / (shape[0] * shape[1])).float()
    hidden = (parameters[f"{name}.lce.fc.0.weight"] @ mean).relu()
    scale = (parameters[f"{name}.lce.fc.2.weight"] @ hidden).sigmoid()[:, None, None]

    result = torch.empty_like(joint)
    before = -shift % _WINDOW
    windows = [-(-(length + before) // _WINDOW) for length in shape]
    for tile in tiles(windows, 0, TILE[joint.device.type] // _WINDOW):
        wanted = [(_WINDOW * part.start - before, _WINDOW * part.stop - before) for part in tile.inner]
        inner = tuple(slice(max(a, 0), min(b, length)) for (a, b), length in zip(wanted, shape, strict=True))
        outer = tuple(
            slice(max(s.start - 1, 0), min(s.stop + 1, length)) for s, length in zip(inner, shape, strict=True)
        )
        within = tuple(slice(i.start - o.start, i.stop - o.start) for i, o in zip(inner, outer, strict=True))
        normal = norm(joint[(..., *outer)], 1)
        branch = _branch(normal, parameters, name)[(..., *within)]
        margins = [(s.start - a, b - s.stop) for (a, b), s in zip(wanted, inner, strict=True)]
        part = joint[..., inner[0], inner[1]] + window_attention(
            normal[(..., *within)], margins, parameters, f"{name}.attn"
        )
        part += _perceptron(norm(part, 2), parameters, f"{name}.mlp")
        result[..., inner[0], inner[1]] = part.addcmul_(branch, scale)
    return result


def _branch(normal, parameters, name):
    values = normal
    for layer in range(3):
        values = _conv(values, parameters, f"{name}.lce.conv.{layer}")
    return _leaky(values, _SLOPE)


def _perceptron(values, parameters, name):
    from torch.nn import functional as F

    return _conv(F.gelu(_conv(values, parameters, f"{name}.fc1")), parameters, f"{name}.fc2")


def window_attention(values, margins, parameters, name):
    """Attention among the pixels of each 4 x 4 window.

    Windows that are moved and meet the border hold fewer pixels; the authors' cyclic shift with a mask is the same.

    Parameters
    ----------
    values : torch.Tensor
        1 x C x h x w.
    margins : sequence of (int, int)
        Rows above and below, columns left and right that are missing to whole windows.
    parameters : dict of str to torch.Tensor
    name : str
        Prefix of the layer.

    Returns
    -------
    torch.Tensor
        1 x C x h x w.
    """
    from torch.nn import functional as F

    (top, bottom), (left, right) = margins
    height, width = values.shape[2:]
    sides = (left, right, top, bottom)
    values = F.pad(values, sides) if any(sides) else values
    rows, columns = (length // _WINDOW for length in values.shape[2:])
    size = _WINDOW**2

    def split(image):
        """Windows x 16 x C from 1 x C x h x w."""
        image = image[0].unflatten(2, (columns, _WINDOW)).unflatten(1, (rows, _WINDOW))
        return image.permute(1, 3, 2, 4, 0).reshape(rows * columns, size, -1)

    both = F.linear(split(values), parameters[f"{name}.qkv.weight"], parameters[f"{name}.qkv.bias"])
    queries, keys, content = both.unflatten(2, (3, _HEADS, -1)).permute(2, 0, 3, 1, 4)
    mask = parameters[f"{name}.bias"]
    if any(sides):
        inside = split(F.pad(values.new_ones((1, 1, height, width)), sides))
        mask = mask + _OUTSIDE * (1 - inside[..., 0])[:, None, None, :]
    mixed = F.scaled_dot_product_attention(queries, keys, content, attn_mask=mask)
    mixed = F.linear(
        mixed.transpose(1, 2).reshape(rows * columns, size, -1),
        parameters[f"{name}.proj.weight"],
        parameters[f"{name}.proj.bias"],
    )
    image = mixed.reshape(rows, columns, _WINDOW, _WINDOW, -1).permute(0, 2, 1, 3, 4)
    image = image.reshape(1, rows * _WINDOW, columns * _WINDOW, -1)
    return image[:, top : top + height, left : left + width].permute(0, 3, 1, 2)


def _conv(values, parameters, name, dilation=1):
    return conv(values, parameters[f"{name}.weight"], parameters[f"{name}.bias"], dilation=dilation)


def _leaky(values, slope):
    """Leaky rectifier, in place."""
    from torch.nn import functional as F

    return F.leaky_relu_(values, slope)


def convert(paths):
    """Arrays of the network, with what is computed at once joined, and position biases written out.

    The features of both images lie in one tensor, so the layers that make queries, keys and values of either image hold
    their weights twice: ``qk`` makes queries and keys of the first image, then of the second, ``v`` both values.
    """
    state = state_dict(paths)
    converted = {}
    for name, values in state.items():
        if ".mlp." in name and name.endswith("weight"):
            converted[name] = values[..., None, None]
        elif name.endswith("project_out.weight"):
            converted[name] = values[:, :, 0, 0]
        elif name.endswith("project_out.bias"):
            converted[name] = np.tile(values, 2)
        elif name.endswith(".relative_position_bias_table"):
            converted[name.replace("relative_position_bias_table", "bias")] = _position_bias(values)
        elif not name.endswith(".attn_mask") and ".TCA.kv" not in name and ".TCA.q" not in name:
            converted[name] = values
    for name in (f"layers.{number}.MGF.TCA" for number in range(_LEVELS)):
        for kind in ("", "_dwconv"):
            for part in ("weight", "bias"):
                queries = state[f"{name}.q{kind}.{part}"]
                keys, values = np.split(state[f"{name}.kv{kind}.{part}"], 2)
                for target, layer in (("qk", np.concatenate([queries, keys])), ("v", values)):
                    twice = np.concatenate([layer, layer])
                    if not kind and part == "weight":
                        twice = _block_diagonal(layer)
                    converted[f"{name}.{target}{kind}.{part}"] = twice
    return converted


def _block_diagonal(kernels):
    """1 x 1 convolution that does the same with either half of the channels."""
    nothing = np.zeros_like(kernels)
    return np.concatenate(
        [np.concatenate([kernels, nothing], axis=1), np.concatenate([nothing, kernels], axis=1)], axis=0
    )


def _position_bias(table):
    """Bias of all pairs of pixels of a window (1 x heads x 16 x 16) from that of their distances (49 x heads)."""
    row, column = np.divmod(np.arange(_WINDOW**2), _WINDOW)
    down, along = (position[:, None] - position + _WINDOW - 1 for position in (row, column))
    return table[down * (2 * _WINDOW - 1) + along].transpose(2, 0, 1)[None]
