"""StackMFF-V3: attention in windows of each image and across the images, a weight per image and pixel.

1. Gray, filled to sides that are multiples of 64 by repeating the edge. Patches of 4 x 4 pixels become tokens of 48
   channels.
2. Twice two pairs of layers: attention in windows of 8 x 8 tokens of each image, in every other layer shifted by half a
   window; then, on means of 2 x 2 tokens, attention across the images at each place.
3. A linear head and a softmax over the images give a weight per image and pixel. It is the mean of those at full size
   and at 0.75 of it.
4. Soft (default): the weights are smoothed by a Gaussian of 0.5 pixels, and the result is the weighted mean of the
   images. Hard: each pixel is copied from the image of greatest weight.

The order of the images does not matter. Where no image has texture the network still decides, by brightness.

Tokens and weights of all images are kept, 23 bytes per pixel and image at most; everything else is done band by band,
image by image or place by place. The result is that of the whole frame.

References
----------
X. Xie, B. Guo, B. Li, S. He, Y. Gu, Q. Jiang, P. Li, "General multi-focus image fusion network", SSRN preprint, 2025.
This is the attention variant with the parameters that the program OpenFocus 1.72 contains; the authors' repository of
this name holds another network. Constants as in OpenFocus.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imaging.levels import from_levels, to_uint8
from methods import Fusion, Method, Option, Reference
from methods._common import stackmff
from methods._common.pixels import as_pixels, as_planes
from methods._common.torch import inference, weights

if TYPE_CHECKING:
    from torch import Tensor

METHOD = Method(
    id="stackmff_v3",
    label="StackMFF-V3",
    title="Attention in windows and across the images of a stack",
    citation=(
        "X. Xie, B. Guo, B. Li, S. He, Y. Gu, Q. Jiang, P. Li, General multi-focus image fusion network, SSRN preprint "
        "(2025)"
    ),
    doi="10.2139/ssrn.5954614",
    year=2025,
    kind="learned",
    cost=1.5,
    native_stack=True,
    order_free=True,
    decision_map=True,
    needs=("device",),
    files=("stackmff_v3/stackmff_v3_final.pth",),
    options={
        "mode": Option("soft", "Weighted mean of the images, or each pixel from one image.", ("soft", "hard")),
    },
    note=(
        "attention variant shipped with the program OpenFocus 1.72, without its matching of exposures and its tiles "
        "that are blended; mode hard copies pixels"
    ),
)

_WHY = "the order of float sums decides on the rounding of about one value in 100000"
REFERENCES = (
    Reference("official", "stackmff_v3", {"mode": "soft"}, why=_WHY, ending="_soft"),
    Reference("official", "stackmff_v3", {"mode": "hard"}, why=_WHY, ending="_hard"),
)

_CHANNELS, _HEADS, _PATCH = 48, 3, 4
_WINDOW, _SHIFT = 8, 4
#: Sides are raised to multiples of this.
_STEP = 64
#: The smaller of the two scales.
_SCALE = 0.75
_UNITS = ("u4a", "u4b")
#: Added to the scores of tokens that lie in one window only because the frame is cyclic.
_APART = -100.0
#: Standard deviation in pixels and radius of the smoothing.
_SIGMA, _RADIUS = 0.5, 2
#: Tokens that are worked on at once, so that they stay in the processor's cache.
_BAND = {"cpu": 4096, "cuda": 2**18}
#: Bytes per pixel, measured: of each image; of all that is needed once.
_KEPT, _ONCE = 23.0, 100.0


def fuse(images: Sequence[np.ndarray], *, mode: str = "soft", device: str = "cpu") -> Fusion:
    """Fuse n images at once.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        n >= 2, H x W or H x W x 3, [0, 1]; may be lazy. Only their gray versions enter the network.
    mode : {"soft", "hard"}
        Weighted mean of the images, rounded to 8 bit, or each pixel from the image of greatest weight.
    device : {"cpu", "cuda"}

    Returns
    -------
    Fusion
        With the map of the images of greatest weight; of a soft pair, with the weight of the first.
    """
    fused = np.zeros(images[0].shape, np.float32)
    shape = fused.shape[:2]
    index = np.zeros(shape, stackmff.index_type(len(images)))
    most = np.zeros(shape, np.float32)
    total = np.zeros(shape, np.float32)
    first = most
    for number, weight in enumerate(image_weights(images, mode == "soft", device)):
        index[weight > most] = number
        np.maximum(most, weight, out=most)
        if mode == "soft":
            levels = to_uint8(images[number])
            fused += (weight if levels.ndim == 2 else weight[..., None]) * levels
            total += weight
            first = weight if number == 0 else first
    if mode == "hard":
        return stackmff.copied(images, index)
    fused /= total if fused.ndim == 2 else total[..., None]
    image = from_levels(np.rint(fused))
    if len(images) == 2:
        return Fusion(image, decision_map=np.clip(first / total, 0, 1))
    return Fusion(image, index_map=index)


def image_weights(
    images: Sequence[np.ndarray], smooth: bool = True, device: str = "cpu"
) -> Iterator[NDArray[np.float32]]:
    """The weights of one image after the other (float32, H x W); they sum to 1 over the images.

    Parameters
    ----------
    images, device
        See `fuse`.
    smooth : bool
        Whether they are smoothed, as for the weighted mean.
    """
    import torch
    from torch.nn import functional as F

    height, width = images[0].shape[:2]
    size = stackmff.filled((height, width), _STEP)
    needed = size[0] * size[1] * (_ONCE + _KEPT * len(images))
    stackmff.check_memory(METHOD.id, needed, len(images), (height, width), device)
    parameters = weights(METHOD.files, _checkpoint, device)
    network = _Network(parameters, device)
    margins = ((0, size[0] - height), (0, size[1] - width))
    grays = [np.pad(stackmff.gray(image), margins, mode="edge") for image in images]

    def values(levels: NDArray[np.uint8]) -> Tensor:
        return torch.from_numpy(levels).to(device).float()[None, None] / 255

    with inference(device):
        reduced = _softmax(network.logits(_shrunk(values(levels)) for levels in grays))
        whole = _softmax(network.logits(values(levels) for levels in grays))
    for small, weight in zip(reduced, whole, strict=True):
        # Not around the loop: what the caller does between two weights is its own affair.
        with inference(device):
            enlarged = F.interpolate(small[None, None], size, mode="bilinear", align_corners=False)
            enlarged = enlarged.add_(weight).div_(2)
            result = _smoothed(enlarged) if smooth else enlarged
        yield result[0, 0, :height, :width].cpu().numpy()


def _checkpoint(paths: Sequence[Path]) -> dict[str, np.ndarray]:
    """The state dict, which the file holds beside the settings of the training."""
    import torch

    state = torch.load(paths[0], map_location="cpu", weights_only=True)["model"]
    return {name: values.float().numpy() for name, values in state.items()}


def _shrunk(values: Tensor) -> Tensor:
    """An image (1 x 1 x h x w) at the smaller scale, bilinearly with antialiasing."""
    from torch.nn import functional as F

    return F.interpolate(values, scale_factor=_SCALE, mode="bilinear", antialias=True, align_corners=False)


def _softmax(logits: list[Tensor]) -> list[Tensor]:
    """Softmax over the images, in place."""
    import torch

    most = logits[0].clone()
    for values in logits[1:]:
        torch.maximum(most, values, out=most)
    total = torch.zeros_like(most)
    for values in logits:
        total += values.sub_(most).exp_()
    return [values.div_(total) for values in logits]


def _smoothed(weight: Tensor) -> Tensor:
    """Weights (1 x 1 x h x w) smoothed along rows, then along columns; the edge is repeated outside."""
    import torch
    from torch.nn import functional as F

    places = torch.arange(-_RADIUS, _RADIUS + 1, dtype=torch.float32, device=weight.device)
    taps = torch.exp(-(places**2) / (2 * _SIGMA**2))
    taps /= taps.sum()
    for kernel, margin in (
        (taps[None, None, None], (_RADIUS, _RADIUS, 0, 0)),
        (taps[None, None, :, None], (0, 0, _RADIUS, _RADIUS)),
    ):
        weight = F.conv2d(F.pad(weight, margin, mode="replicate"), kernel)
    return weight


class _Network:
    """The network at one scale.

    Parameters
    ----------
    parameters : mapping of str to torch.Tensor
    device : {"cpu", "cuda"}
    """

    def __init__(self, parameters: Mapping[str, Tensor], device: str) -> None:
        self.parameters = parameters
        self.band = _BAND[device]
        self.biases = {name: self._bias(name) for unit in _UNITS for name in (f"{unit}.intra_a", f"{unit}.intra_b")}

    def logits(self, images: Iterable[Tensor]) -> list[Tensor]:
        """How sharp each image is at each pixel (h x w each), to be compared over the images.

        Parameters
        ----------
        images : iterable of torch.Tensor
            1 x 1 x h x w; sides are multiples of 16.
        """
        tokens = []
        for image in images:
            height, width = image.shape[2:]
            tokens.append(self.tokens(image))
        for unit in _UNITS:
            for layer, shift in (("a", 0), ("b", _SHIFT)):
                for values in tokens:
                    self.within(values, f"{unit}.intra_{layer}", shift)
                self.across(tokens, f"{unit}.inter_{layer}")
        result = []
        while tokens:
            # Tokens go as soon as they were read, to make room.
            result.append(self.head(tokens.pop(0))[:height, :width].contiguous())
        return result

    def tokens(self, image: Tensor) -> Tensor:
        """Tokens of an image (h/4 x w/4 x 48), filled to sides of multiples of 64 by mirroring."""
        from torch.nn import functional as F

        height, width = image.shape[2:]
        filled = stackmff.filled((height, width), _STEP)
        image = F.pad(image, (0, filled[1] - width, 0, filled[0] - height), mode="reflect")
        patches = image.view(filled[0] // _PATCH, _PATCH, filled[1] // _PATCH, _PATCH).transpose(1, 2).flatten(2)
        kernel = self.parameters["stem.weight"].flatten(1)
        return self._norm(F.linear(patches, kernel, self.parameters["stem.bias"]), "stem_norm")

    def head(self, tokens: Tensor) -> Tensor:
        """Logits of an image (h x w) from its tokens (h/4 x w/4 x 48)."""
        height, width = tokens.shape[:2]
        values = self._linear(self._norm(tokens, "head.norm"), "head.proj").view(height, width, _PATCH, _PATCH)
        return values.transpose(1, 2).reshape(height * _PATCH, width * _PATCH)

    def within(self, tokens: Tensor, name: str, shift: int) -> None:
        """Attention in the windows of an image, in place.

        Parameters
        ----------
        tokens : torch.Tensor
            h x w x 48.
        name : str
            Of the layer.
        shift : int
            Where the first window begins, in both directions; windows over the end of the frame go on at its start,
            but the parts on either side do not see each other.
        """
        import torch

        height, width = tokens.shape[:2]
        # With a shift, the last row of windows is apart: it lies on both ends of the frame.
        ordinary = height - _WINDOW if shift else height
        step = max(self.band // (width * _WINDOW), 1) * _WINDOW
        for start in range(0, ordinary, step):
            band = tokens[start + shift : min(start + step, ordinary) + shift]
            band += self._attended(band, name, shift, False)
            band += self._perceived(band, name)
        if shift:
            band = torch.cat([tokens[-shift:], tokens[:shift]])
            band += self._attended(band, name, shift, True)
            band += self._perceived(band, name)
            tokens[-shift:], tokens[:shift] = band[:shift], band[shift:]

    def _attended(self, band: Tensor, name: str, shift: int, over_end: bool) -> Tensor:
        """What attention adds to whole rows of windows (rows x w x 48)."""
        import torch
        from torch.nn import functional as F

        rows, columns = (length // _WINDOW for length in band.shape[:2])
        values = self._norm(band, f"{name}.norm1")
        if shift:
            values = values.roll(-shift, 1)
        values = values.view(rows, _WINDOW, columns, _WINDOW, _CHANNELS).transpose(1, 2).flatten(2, 3)
        mixed = self._linear(values, f"{name}.qkv").unflatten(3, (3, _HEADS, -1)).permute(3, 0, 1, 4, 2, 5)

        def attention(part: Tensor, kind: int) -> Tensor:
            query, key, value = part.flatten(1, 2)
            mask = self.biases[name][kind][None]
            return F.scaled_dot_product_attention(query, key, value, attn_mask=mask).unflatten(0, part.shape[1:3])

        if shift:
            parts = [mixed[:, :, :-1], mixed[:, :, -1:]]
            result = torch.cat([attention(part, 2 * over_end + last) for last, part in enumerate(parts)], dim=1)
        else:
            result = attention(mixed, 0)
        # rows x columns x heads x 64 x 16, back to rows x w x 48.
        result = self._linear(result.transpose(2, 3).flatten(3), f"{name}.proj")
        result = result.unflatten(2, (_WINDOW, _WINDOW)).transpose(1, 2).reshape(band.shape)
        return result.roll(shift, 1) if shift else result

    def across(self, tokens: Sequence[Tensor], name: str) -> None:
        """Attention across the images at each place, on means of 2 x 2 tokens, in place."""
        import torch
        from torch.nn import functional as F

        height, width = (length // 2 for length in tokens[0].shape[:2])
        change = torch.empty((len(tokens), height, width, _CHANNELS), device=tokens[0].device)
        step = max(self.band // (width * len(tokens)), 1)
        for start in range(0, height, step):
            rows = slice(start, min(start + step, height))
            parts = [as_planes(values[2 * rows.start : 2 * rows.stop]) for values in tokens]
            means = torch.stack([as_pixels(F.avg_pool2d(part, 2)) for part in parts], dim=2)
            values = self._linear(self._norm(means, f"{name}.norm1"), f"{name}.qkv").flatten(0, 1)
            query, key, value = values.unflatten(2, (3, _HEADS, -1)).permute(2, 0, 3, 1, 4)
            seen = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(means.shape)
            added = self._linear(seen, f"{name}.proj")
            added += self._perceived(means + added, name)
            change[:, rows] = added.permute(2, 0, 1, 3)
        for values, added in zip(tokens, change, strict=True):
            size = values.shape[:2]
            values += as_pixels(F.interpolate(as_planes(added), size, mode="bilinear", align_corners=False))

    def _perceived(self, values: Tensor, name: str) -> Tensor:
        """What the two-layer perceptron adds to tokens (... x 48)."""
        from torch.nn import functional as F

        hidden = F.gelu(self._linear(self._norm(values, f"{name}.norm2"), f"{name}.mlp.fc1"))
        return self._linear(hidden, f"{name}.mlp.fc2")

    def _linear(self, values: Tensor, name: str) -> Tensor:
        from torch.nn import functional as F

        return F.linear(values, self.parameters[f"{name}.weight"], self.parameters[f"{name}.bias"])

    def _norm(self, values: Tensor, name: str) -> Tensor:
        from torch.nn import functional as F

        return F.layer_norm(values, (_CHANNELS,), self.parameters[f"{name}.weight"], self.parameters[f"{name}.bias"])

    def _bias(self, name: str) -> Tensor:
        """What is added to the scores of a window (4 x 3 x 64 x 64).

        First for a window inside the frame; then for one over its right end, over its lower end, and over both.
        """
        import torch

        table = self.parameters[f"{name}.rel_pos_bias_table"]
        places = torch.arange(_WINDOW**2, device=table.device)
        y, x = places // _WINDOW, places % _WINDOW
        reach = _WINDOW - 1
        entries = (y[:, None] - y + reach) * (2 * reach + 1) + (x[:, None] - x + reach)
        bias = table[entries].permute(2, 0, 1)
        apart_x, apart_y = ((axis < _SHIFT)[:, None] != (axis < _SHIFT) for axis in (x, y))
        inside = torch.zeros_like(apart_x)
        return torch.stack([bias + _APART * apart for apart in (inside, apart_x, apart_y, apart_x | apart_y)])
