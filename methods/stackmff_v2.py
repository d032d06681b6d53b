"""StackMFF-V2: depth from focus, regressed by a network over the whole stack.

1. Gray, brought bilinearly to sides that are multiples of 32. A small U-Net gives 8 planes of each image.
2. A recurrent layer (convolutional GRU) runs over the images in both directions; the score of an image is the largest
   of the 16 sums of both states at a pixel.
3. A softmax over the images gives an expected image number. It is stretched so that its minimum and maximum over the
   whole frame are the first and the last image, and rounded.
4. Each pixel is copied from the image of that number.

The images must be in focus order, in one of its directions. The scores lie close together, so the stretch decides a
lot: a single outlying pixel moves all numbers, and every stack uses its first and its last image somewhere.

The U-Net normalises over whole images, so each image is worked on at once, one after the other. Of its output only the
half-size planes are kept, 8 bytes per pixel and image. The recurrent layer works in strips: the state at one image
depends on two more rows on each side at the image before.

References
----------
X. Xie, B. Guo, S. He, Y. Gu, Y. Li, P. Li, "One-shot multi-focus image stack fusion via focal depth regression",
Engineering Applications of Artificial Intelligence 162, 112667, 2025. Constants as in the authors' program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from methods import Fusion, Method, Reference
from methods._common import stackmff
from methods._common.torch import inference, state_dict, weights

if TYPE_CHECKING:
    from torch import Tensor

    #: Weights and bias of the gates, and of the candidate.
    _Cell = list[tuple[Tensor, Tensor]]

METHOD = Method(
    id="stackmff_v2",
    label="StackMFF-V2",
    title="Depth from focus, regressed by a recurrent network over the stack",
    citation=(
        "X. Xie, B. Guo, S. He, Y. Gu, Y. Li, P. Li, One-shot multi-focus image stack fusion via focal depth "
        "regression, Engineering Applications of Artificial Intelligence 162 (2025) 112667"
    ),
    year=2025,
    kind="learned",
    cost=2.1,
    native_stack=True,
    decision_map=True,
    needs=("device",),
    files=("stackmff_v2/model.pth",),
    note=(
        "the images must be in focus order: after shuffling 22 to 76 % of the pixels come from other images, after "
        "reversing 15 to 48 %. Trained with 8 to 24 images"
    ),
)

REFERENCES = (
    Reference("official", "stackmff_v2", why="the order of float sums decides on single pixels of the index map"),
)

#: Sides are raised to multiples of this.
_STEP = 32
_GROUPS = 4
#: Planes of features of an image, and of the recurrent state.
_FEATURES, _STATE = 8, 16
_STATE_BYTES = _STATE * 4
#: Rows on each side that the state depends on at the image before.
_REACH = 2
#: Share of the channels that each depthwise convolution of a block gets.
_SHARE = 8
_LEVELS = 5
#: Bytes of the states of all images in a strip.
_STRIP = {"cpu": 2**30, "cuda": 2**32}
#: Rows of a strip: for each image, so that few are computed twice, and the least.
_ROWS, _LEAST_ROWS = 32, 64
#: Pixels that the recurrent layer works on at once, so that they stay in the processor's cache.
_BAND = {"cpu": 40_000, "cuda": 2**22}
#: Bytes per pixel, measured: of the features of an image that are kept; of all that is needed for one image. What a
#: strip needs beyond its states, as a factor.
_KEPT, _ONCE, _BESIDE = 8.0, 100.0, 1.5


def fuse(images: Sequence[np.ndarray], *, device: str = "cpu") -> Fusion:
    """Fuse n images in focus order.

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
    last = len(images) - 1
    values = np.rint(depth(images, device) * np.float32(last))
    index = np.clip(values, 0, last).astype(stackmff.index_type(len(images)))
    return stackmff.copied(images, stackmff.nearest(index, images[0].shape[:2]))


def depth(images: Sequence[np.ndarray], device: str = "cpu") -> NDArray[np.float32]:
    """Position of the sharpest image in the stack, 0 for the first and 1 for the last.

    Parameters
    ----------
    images, device
        See `fuse`.

    Returns
    -------
    numpy.ndarray
        float32, h x w: the sides of the images raised to multiples of 32.
    """
    size = images[0].shape[:2]
    grid = stackmff.filled(size, _STEP)
    rows = _strip_rows(len(images), grid, device)
    states = len(images) * min(rows, grid[0]) * grid[1] * _STATE_BYTES
    needed = grid[0] * grid[1] * (_ONCE + _KEPT * len(images)) + _BESIDE * states
    stackmff.check_memory(METHOD.id, needed, len(images), size, device)
    parameters = weights(METHOD.files, _checkpoint, device)
    with inference(device):
        halves = [_features(stackmff.stretched(stackmff.gray(image), grid, device), parameters) for image in images]
        expected = _expected(halves, grid, rows, parameters, device).cpu().numpy()
    least, most = expected.min(), expected.max()
    return (expected - least) / (most - least) if most > least else np.zeros_like(expected)


def _checkpoint(paths: Sequence[Path]) -> dict[str, np.ndarray]:
    """State dict; names without what the authors' parallel training put before them."""
    return {name.removeprefix("module."): values for name, values in state_dict(paths).items()}


def _features(values: Tensor, parameters: Mapping[str, Tensor]) -> Tensor:
    """The 8 feature planes of an image (1 x 1 x h x w) at half size, before the last enlargement and the logistic."""
    from torch.nn import functional as F

    network = _Layers(parameters)
    level = values
    encoded = []
    for number in range(1, _LEVELS + 1):
        name = f"encoder{number}.0"
        level = network.conv(level, name, (1, 1)) if number == 1 else network.block(level, name)
        level = F.gelu(F.max_pool2d(network.norm(level, f"ebn{number}"), 2))
        encoded.append(level)
    bridged = _bridge(encoded, network)
    # The deepest block reads the features from before the bridge, as the authors' program does.
    level = F.gelu(network.block(encoded[-1], "encoder6.0"))
    for number in range(1, _LEVELS + 1):
        level = network.norm(network.block(level, f"decoder{number}.0"), f"dbn{number}")
        if number > 1:
            level = F.interpolate(level, scale_factor=2, mode="bilinear", align_corners=True)
        level = F.gelu(level) + bridged[-number]
    return network.conv(level, "final").contiguous()


def _bridge(encoded: Sequence[Tensor], network: _Layers) -> list[Tensor]:
    """Features of all levels weighted by pixel and by channel."""
    import torch
    from torch.nn import functional as F

    weighted = []
    for level in encoded:
        summary = torch.cat([level.mean(1, keepdim=True), level.amax(1, keepdim=True)], dim=1)
        weighted.append(level * network.conv(summary, "scab.satt.shared_conv2d.0", (9, 9), dilation=3).sigmoid())
    refined = [level + part for level, part in zip(encoded, weighted, strict=True)]
    means = torch.cat([level.mean((2, 3)) for level in refined], dim=1)
    means = F.conv1d(means[:, None], network.parameters["feature_extraction.scab.catt.get_all_att.weight"], padding=1)
    result = []
    for number, (level, part) in enumerate(zip(refined, weighted, strict=True), start=1):
        factors = F.linear(means[:, 0], *network.pair(f"scab.catt.att{number}")).sigmoid()
        result.append(factors[..., None, None] * level + part)
    return result


class _Layers:
    """Layers of the feature network by their names in the checkpoint."""

    def __init__(self, parameters: Mapping[str, Tensor]) -> None:
        self.parameters = parameters

    def pair(self, name: str) -> tuple[Tensor, Tensor]:
        """Weight and bias."""
        return self.parameters[f"feature_extraction.{name}.weight"], self.parameters[f"feature_extraction.{name}.bias"]

    def conv(
        self, values: Tensor, name: str, padding: tuple[int, int] = (0, 0), dilation: int = 1, groups: int = 1
    ) -> Tensor:
        """A convolution with bias."""
        from torch.nn import functional as F

        return F.conv2d(values, *self.pair(name), padding=padding, dilation=dilation, groups=groups)

    def norm(self, values: Tensor, name: str) -> Tensor:
        """Norm over groups of channels and the whole image."""
        from torch.nn import functional as F

        return F.group_norm(values, _GROUPS, *self.pair(name))

    def block(self, values: Tensor, name: str) -> Tensor:
        """A 1 x 1 convolution; then three eighths of the channels go through square, flat and upright kernels."""
        import torch

        mixed = self.conv(values, f"{name}.channel_adj")
        part = mixed.shape[1] // _SHARE
        same, *groups = mixed.split([mixed.shape[1] - 3 * part, part, part, part], dim=1)
        kernels = (("dwconv_hw", (1, 1)), ("dwconv_w", (0, 5)), ("dwconv_h", (5, 0)))
        filtered = [
            self.conv(group.contiguous(), f"{name}.{kernel}", padding, groups=part)
            for group, (kernel, padding) in zip(groups, kernels, strict=True)
        ]
        return torch.cat([same, *filtered], dim=1)


def _strip_rows(count: int, grid: tuple[int, int], device: str) -> int:
    """Rows of a strip for so many images."""
    return max(min(_STRIP[device] // (count * grid[1] * _STATE_BYTES), _ROWS * count), _LEAST_ROWS)


def _expected(
    halves: Sequence[Tensor], grid: tuple[int, int], rows: int, parameters: Mapping[str, Tensor], device: str
) -> Tensor:
    """Expected image number at every pixel of the grid (h x w), strip by strip of so many rows."""
    import torch

    height, width = grid
    count = len(halves)
    expected = torch.empty(grid, device=device)
    for start in range(0, height, rows):
        strip = range(start, min(start + rows, height))
        scores = torch.empty((count, len(strip), width), device=device)
        forward: list[Any] = [None] * count
        for number, state in _states(halves, strip, grid, _cell(parameters, "forward"), range(count)):
            forward[number] = state.clone()
        for number, state in _states(halves, strip, grid, _cell(parameters, "backward"), range(count - 1, -1, -1)):
            scores[number] = (forward[number] + state).amax(1)[0]
            forward[number] = None
        numbers = torch.arange(1, count + 1, device=device, dtype=torch.float32)
        expected[strip.start : strip.stop] = (scores.softmax(0) * numbers[:, None, None]).sum(0)
    return expected


def _cell(parameters: Mapping[str, Tensor], direction: str) -> _Cell:
    """Weights and biases of the gates and of the candidate of one direction's recurrent cell."""
    name = f"layer_interaction.layer_interaction_depth.{direction}_cell_list.0"
    return [
        (parameters[f"{name}.{part}.weight"], parameters[f"{name}.{part}.bias"]) for part in ("conv_gates", "conv_can")
    ]


def _states(
    halves: Sequence[Tensor], strip: range, grid: tuple[int, int], cell: _Cell, order: Sequence[int]
) -> Iterator[tuple[int, Tensor]]:
    """The number of each image of `order` and the recurrent state there (1 x 16 x rows x w) on the strip's rows."""
    import torch

    known: range | None = None
    state: Any = None
    for place, number in enumerate(order):
        # The rows that the images after this one depend on.
        rows = _widened(strip, _REACH * (len(order) - 1 - place), grid[0])
        shape = (1, _STATE, len(rows), grid[1])
        new = torch.empty(shape, device=halves[number].device, memory_format=torch.channels_last)
        height = max(_BAND[new.device.type] // grid[1], 1)
        for start in range(rows.start, rows.stop, height):
            band = range(start, min(start + height, rows.stop))
            outer = _widened(band, _REACH, grid[0])
            features = _enlarged(halves[number], outer, grid)
            if known is None:
                before = features.new_zeros((1, _STATE, *features.shape[2:]))
            else:
                before = _cut(state, outer, known)
            _cut(new, band, rows).copy_(_cut(_updated(features, before, cell), band, outer))
        known, state = rows, new
        yield number, _cut(state, strip, rows)


def _updated(features: Tensor, state: Tensor, cell: _Cell) -> Tensor:
    """The state after an image with these features, wrong in the two rows at either end but at the frame."""
    import torch
    from torch.nn import functional as F

    (gates, gates_bias), (candidate, candidate_bias) = cell
    both = torch.cat([features, state], dim=1).contiguous(memory_format=torch.channels_last)
    reset, update = F.conv2d(both, gates, gates_bias, padding=1).sigmoid_().split(_STATE, dim=1)
    torch.mul(state, reset, out=both[:, _FEATURES:])
    return torch.lerp(state, F.conv2d(both, candidate, candidate_bias, padding=1).tanh_(), update)


def _cut(values: Tensor, rows: range, given: range) -> Tensor:
    """The rows `rows` of values that hold the rows `given`."""
    return values[:, :, rows.start - given.start : rows.stop - given.start]


def _widened(strip: range, margin: int, height: int) -> range:
    """Rows of a strip and so many beside it, cut at the frame."""
    return range(max(strip.start - margin, 0), min(strip.stop + margin, height))


def _enlarged(half: Tensor, rows: range, grid: tuple[int, int]) -> Tensor:
    """Some rows of the features, enlarged from half size bilinearly, corners to corners, and through the logistic."""
    import torch
    from torch.nn import functional as F

    places = torch.arange(rows.start, rows.stop, device=half.device) * ((half.shape[2] - 1) / (grid[0] - 1))
    above = places.floor().long().clamp(max=half.shape[2] - 2)
    share = (places - above).float()[:, None]
    first = int(above[0])
    wide = half[:, :, first : int(above[-1]) + 2]
    wide = F.interpolate(wide, (wide.shape[2], grid[1]), mode="bilinear", align_corners=True)
    above = above - first
    values = torch.lerp(wide[:, :, above], wide[:, :, above + 1], share)
    return values.sigmoid_().contiguous(memory_format=torch.channels_last)
