"""The network: feature extraction path, comparison of spatial frequencies, decision path, boundary-guided refinement.

Every layer keeps the size of the image; all convolutions pad with zeros. Tensors are B x C x H x W.

Stages that `methods.gacn.inference` runs on strips of rows have two more arguments:

``framed``
    True: above the first and below the last row is the frame of the image, beyond which everything is zero. False: the
    rows that the stage looks at beyond those of its result stand in its input, so nothing is computed twice.
``out``
    Where the result is written; None makes a new tensor. Without gradients only.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from methods.gacn.refinement import refine
from methods.gacn.windows import window_sum

#: Slope of the sigmoids that stand for a hard comparison and a hard decision.
SLOPE = 1000.0
#: Largest magnitude that the sigmoid of the comparison is computed of.
SATURATION = 40.0
#: Radius of the window in which the activity of a feature is measured.
ACTIVITY_RADIUS = 5
FEATURE_WIDTH = 16
DECISION_WIDTHS = (64, 48, 32, 16, 1)
#: Kernel size of the spatial attention.
ATTENTION_SIZE = 7

ACTIVITIES = ("spatial_frequency", "mean", "maximum")


@dataclass(frozen=True)
class Architecture:
    """The design choices of the paper, each of which can be switched off for an ablation.

    Parameters
    ----------
    channel_attention : bool
        Squeeze and excitation over channels (cSE) in the feature path.
    spatial_attention : bool
        Squeeze and excitation over space (sSE) in the decision path.
    activity : {"spatial_frequency", "mean", "maximum"}
        Activity level of a feature, compared between the images: sum of squared differences, mean magnitude, or largest
        magnitude in the window.
    refinement : bool
        Boundary-guided refinement; without it the refined map is the initial one.
    """

    channel_attention: bool = True
    spatial_attention: bool = True
    activity: str = "spatial_frequency"
    refinement: bool = True

    def __post_init__(self) -> None:
        if self.activity not in ACTIVITIES:
            raise ValueError(f"activity={self.activity!r}: choose one of {', '.join(ACTIVITIES)}")


class Stage(NamedTuple):
    """A function of planes that can be applied to consecutive strips of rows.

    Parameters
    ----------
    function : callable
        ``function(planes, framed=True, out=None)``, B x C x h x W to B x c x h x W.
    channels : int
        C.
    above, below : int
        Rows beyond those of its result that it looks at.
    """

    function: Callable[..., torch.Tensor]
    channels: int
    above: int
    below: int


class ConvBlock(nn.Module):
    """3 x 3 convolution, then ReLU, then batch normalisation (in this order)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, planes: torch.Tensor, framed: bool = True, out: torch.Tensor | None = None) -> torch.Tensor:
        """Planes B x c x H x W; two rows fewer where not `framed`."""
        planes = F.conv2d(planes, self.conv.weight, self.conv.bias, padding=(int(framed), 1))
        planes = F.relu(planes, inplace=True)
        if self.training:
            return self.norm(planes)
        # One pass over the planes instead of two.
        mean, variance, _ = self.norm.buffers()
        scale = self.norm.weight / torch.sqrt(variance + self.norm.eps)
        shift = self.norm.bias - mean * scale
        return torch.addcmul(shift[:, None, None], planes, scale[:, None, None], out=out)


class ChannelAttention(nn.Module):
    """Weight of every channel from the global means of all (cSE)."""

    def __init__(self, channels: int, reduction: int = 8) -> None:
        super().__init__()
        self.squeeze = nn.Linear(channels, channels // reduction, bias=False)
        self.excite = nn.Linear(channels // reduction, channels, bias=False)

    def forward(self, means: torch.Tensor) -> torch.Tensor:
        """Weights B x C x 1 x 1 from global means B x C."""
        return torch.sigmoid(self.excite(F.relu(self.squeeze(means))))[:, :, None, None]


class SpatialAttention(nn.Module):
    """Weight of every pixel from a 7 x 7 convolution over all channels (sSE)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1, channels, ATTENTION_SIZE, ATTENTION_SIZE))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)

    def forward(self, planes: torch.Tensor, framed: bool = True) -> torch.Tensor:
        """Weights B x 1 x H x W; six rows fewer where not `framed`.

        A convolution to one channel leaves most lanes of a vector unit idle. So the 49 places of the kernel become the
        rows of a matrix product, whose planes are then shifted and added.
        """
        kernel = self.weight[0].flatten(1).T
        sums = torch.stack([_convolve(kernel, sample, framed) for sample in planes])
        return torch.sigmoid(sums).to(planes.dtype)


def _convolve(kernel: torch.Tensor, planes: torch.Tensor, framed: bool) -> torch.Tensor:
    """Convolution of C x H x W with a `kernel` of 49 places x C: 1 x H x W, float32 also of planes of fewer bits."""
    _, height, width = planes.shape
    half, last = ATTENTION_SIZE // 2, ATTENTION_SIZE - 1
    products = torch.mm(kernel, planes.flatten(1)).view(ATTENTION_SIZE, ATTENTION_SIZE, height, width)
    rows = planes.new_zeros(ATTENTION_SIZE, height, width + last, dtype=torch.float32)
    for column in range(ATTENTION_SIZE):
        rows.narrow(2, last - column, width).add_(products[:, column])
    total = rows.new_zeros(height + last, width)
    for row in range(ATTENTION_SIZE):
        total.narrow(0, last - row, height).add_(rows[row, :, half : half + width])
    return total[None, half : half + height] if framed else total[None, last:height]


class GACN(nn.Module):
    """Gradient-aware cascade network.

    Parameters
    ----------
    architecture : Architecture, optional
        The paper's by default.

    References
    ----------
    Ma, Yin, Wu, Shen, Ban, Wang: End-to-end learning for simultaneously generating decision map and multi-focus image
    fusion result. Neurocomputing 470 (2022) 204-216, doi 10.1016/j.neucom.2021.10.115. The published program is
    followed where the paper's figure differs from it: ReLU before batch normalisation, a bottleneck of two units in
    the channel attention, and a spatial attention on the compared features.
    """

    def __init__(self, architecture: Architecture | None = None) -> None:
        super().__init__()
        self.architecture = architecture or Architecture()
        #: Slopes of the comparison and of the decision; training may begin with gentler ones.
        self.comparison_slope = self.decision_slope = SLOPE
        width = FEATURE_WIDTH
        self.features = nn.ModuleList(ConvBlock(inputs, width) for inputs in (1, width, 2 * width, 3 * width))
        self.decision = nn.ModuleList(
            ConvBlock(inputs, outputs) for inputs, outputs in itertools.pairwise(DECISION_WIDTHS)
        )
        if self.architecture.channel_attention:
            self.channel_attention = nn.ModuleList(ChannelAttention(width) for _ in self.features)
        if self.architecture.spatial_attention:
            self.spatial_attention = nn.ModuleList(SpatialAttention(channels) for channels in DECISION_WIDTHS)

    def feature_block(self, number: int, gray: torch.Tensor, previous: list[torch.Tensor]) -> torch.Tensor:
        """Features of one block before its channel attention.

        Parameters
        ----------
        number : int
            0..3.
        gray : torch.Tensor
            B x 1 x H x W, the input of block 0.
        previous : list of torch.Tensor
            Features of all earlier blocks, each B x 16 x H x W: the dense connections.
        """
        return self.features[number](torch.cat(previous, dim=1) if previous else gray)

    def channel_weights(self, number: int, means: torch.Tensor) -> torch.Tensor:
        """Weights (B x 16 x 1 x 1) of the features of a block from their global means (B x 16)."""
        if not self.architecture.channel_attention:
            return torch.ones_like(means)[:, :, None, None]
        return self.channel_attention[number](means)

    def measure(self, features: torch.Tensor, framed: bool = True, out: torch.Tensor | None = None) -> torch.Tensor:
        """What is summed up in the window: by the paper squared differences to the pixels on the left and above.

        Not `framed`: the first row is that above the first row of the result.
        """
        if framed:
            features = F.pad(features, (0, 0, 1, 0))
        rows = features[:, :, 1:]
        if self.architecture.activity != "spatial_frequency":
            return torch.abs(rows, out=out)
        vertical = features[:, :, :-1] - rows
        horizontal = F.pad(rows[..., :-1], (1, 0)).sub_(rows)
        return torch.addcmul(horizontal * horizontal, vertical, vertical, out=out)

    def pool(self, measured: torch.Tensor, framed: bool = True, out: torch.Tensor | None = None) -> torch.Tensor:
        """Activity levels (B x C x H x W, not normalised by the window's size) from what `measure` gives."""
        size = 2 * ACTIVITY_RADIUS + 1
        if self.architecture.activity == "maximum":
            padding = (ACTIVITY_RADIUS if framed else 0, ACTIVITY_RADIUS)
            levels = F.max_pool2d(measured, size, stride=1, padding=padding)
        else:
            levels = window_sum(measured, ACTIVITY_RADIUS, framed)
            if self.architecture.activity == "mean":
                levels = levels / size**2
        return levels if out is None else out.copy_(levels)

    def activity(self, features: torch.Tensor) -> torch.Tensor:
        """Activity level of every feature: B x 64 x H x W."""
        return self.pool(self.measure(features))

    def compare(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Soft comparison B of the activity levels of two images, feature by feature: about 1 where the first's is higher."""
        # Beyond the limit the sigmoid is 0 or 1 to 4e-18. Without it B has subnormal numbers, with which processors
        # compute many times slower, here and in the convolutions that follow.
        return torch.sigmoid_((first - second).mul_(self.comparison_slope).clamp_(-SATURATION, SATURATION))

    def activity_stages(self) -> list[Stage]:
        """`activity` of one block of features as stages that are applied in turn."""
        return [
            Stage(self.measure, FEATURE_WIDTH, 1, 0),
            Stage(self.pool, FEATURE_WIDTH, ACTIVITY_RADIUS, ACTIVITY_RADIUS),
        ]

    def decision_stages(self) -> list[Stage]:
        """The decision path as stages that are applied in turn.

        The first takes B (B x 64 x H x W), the last gives the initial decision map D (B x 1 x H x W).
        """
        reach = ATTENTION_SIZE // 2 if self.architecture.spatial_attention else 0
        stages = []
        for number, channels in enumerate(DECISION_WIDTHS):
            stages.append(Stage(partial(self._attend, number), channels, reach, reach))
            if number < len(self.decision):
                stages.append(Stage(self.decision[number], channels, 1, 1))
        return [*stages, Stage(self._decide, 1, 0, 0)]

    def decide(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Initial decision map D (B x 1 x H x W) from the activity levels of two images."""
        planes = self.compare(first, second)
        for stage in self.decision_stages():
            planes = stage.function(planes)
        return planes

    def _attend(
        self, number: int, planes: torch.Tensor, framed: bool = True, out: torch.Tensor | None = None
    ) -> torch.Tensor:
        if not self.architecture.spatial_attention:
            return planes if out is None else out.copy_(planes)
        reach = 0 if framed else ATTENTION_SIZE // 2
        weights = self.spatial_attention[number](planes, framed)
        return torch.mul(planes[:, :, reach : planes.shape[2] - reach], weights, out=out)

    def _decide(self, planes: torch.Tensor, framed: bool = True, out: torch.Tensor | None = None) -> torch.Tensor:
        return torch.sigmoid(self.decision_slope * planes, out=out)

    def refine(self, decision: torch.Tensor, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Refined decision map R from the initial one and the gray images, all B x 1 x H x W."""
        return refine(decision, first, second) if self.architecture.refinement else decision

    def extract(self, gray: torch.Tensor) -> torch.Tensor:
        """Features of one image: B x 64 x H x W."""
        features: list[torch.Tensor] = []
        for number in range(len(self.features)):
            block = self.feature_block(number, gray, features)
            features.append(block * self.channel_weights(number, block.mean((2, 3))))
        return torch.cat(features, dim=1)

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Initial and refined decision map (D, R) of two gray images, all B x 1 x H x W, [0, 1].

        This is the plain computation that training differentiates; `methods.gacn.inference` does the same for one pair
        of any size in little time and memory.
        """
        first_activity = self.activity(self.extract(first))
        decision = self.decide(first_activity, self.activity(self.extract(second)))
        return decision, self.refine(decision, first, second)
