"""The network: feature extraction path, comparison of spatial frequencies, decision path, boundary-guided refinement.

Every layer keeps the size of the image; all convolutions pad with zeros. Tensors are B x C x H x W.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import nn

from methods.gacn.refinement import refine
from methods.gacn.windows import window_sum

if TYPE_CHECKING:
    pass

#: Slope of the sigmoids that stand for a hard comparison and a hard decision.
SLOPE = 1000.0
#: Radius of the window in which the activity of a feature is measured.
ACTIVITY_RADIUS = 5
FEATURE_WIDTH = 16
DECISION_WIDTHS = (64, 48, 32, 16, 1)
#: Kernel size of the spatial attention.
ATTENTION_SIZE = 7
#: Rows above and below that `GACN.activity` looks at: differences and window.
ACTIVITY_REACH = 1 + ACTIVITY_RADIUS

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


class ConvBlock(nn.Module):
    """3 x 3 convolution, then ReLU, then batch normalisation (in this order)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, planes: torch.Tensor) -> torch.Tensor:
        return self.norm(F.relu(self.conv(planes), inplace=True))


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

    def forward(self, planes: torch.Tensor) -> torch.Tensor:
        """Weights B x 1 x H x W.

        A convolution to one channel leaves most lanes of a vector unit idle. So the seven rows of the kernel become
        seven output channels of a 1 x 7 convolution, which are then shifted and added.
        """
        half = ATTENTION_SIZE // 2
        rows = F.conv2d(planes, self.weight[0].transpose(0, 1).unsqueeze(2), padding=(0, half))
        rows = F.pad(rows, (0, 0, half, half))
        height = planes.shape[2]
        return torch.sigmoid(sum(rows[:, i : i + 1, i : i + height] for i in range(ATTENTION_SIZE)))  # type: ignore[arg-type]


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

    def feature_block(self, number: int, planes: torch.Tensor) -> torch.Tensor:
        """Features of one block before its channel attention.

        Parameters
        ----------
        number : int
            0..3.
        planes : torch.Tensor
            The gray image (B x 1 x H x W) for block 0; otherwise the features of all earlier blocks (the dense
            connections), 16 channels each.
        """
        return self.features[number](planes)

    def channel_weights(self, number: int, means: torch.Tensor) -> torch.Tensor:
        """Weights (B x 16 x 1 x 1) of the features of a block from their global means (B x 16)."""
        if not self.architecture.channel_attention:
            return torch.ones_like(means)[:, :, None, None]
        return self.channel_attention[number](means)

    def activity(self, features: torch.Tensor) -> torch.Tensor:
        """Activity level of every feature: B x 64 x H x W, not normalised by the window's size."""
        if self.architecture.activity == "mean":
            return window_sum(features.abs(), ACTIVITY_RADIUS) / (2 * ACTIVITY_RADIUS + 1) ** 2
        if self.architecture.activity == "maximum":
            return F.max_pool2d(features.abs(), 2 * ACTIVITY_RADIUS + 1, stride=1, padding=ACTIVITY_RADIUS)
        horizontal = F.pad(features[..., :-1], (1, 0)).sub_(features)
        vertical = F.pad(features[:, :, :-1], (0, 0, 1, 0)).sub_(features)
        return window_sum(torch.addcmul(horizontal * horizontal, vertical, vertical), ACTIVITY_RADIUS)

    def compare(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Soft comparison B of the activity levels of two images, feature by feature: about 1 where the first's is higher."""
        return torch.sigmoid_((first - second).mul_(self.comparison_slope))

    def decision_stages(self) -> Iterator[tuple[Callable[[torch.Tensor], torch.Tensor], int]]:
        """The decision path as functions to be applied in turn, each with the rows above and below that it looks at.

        The first takes B (B x 64 x H x W), the last gives the initial decision map D (B x 1 x H x W).
        """
        reach = ATTENTION_SIZE // 2
        yield lambda planes: self._attend(0, planes), reach
        for number, block in enumerate(self.decision[:-1], start=1):
            yield lambda planes, number=number, block=block: self._attend(number, block(planes)), reach + 1  # type: ignore[misc]
        last = len(self.decision)
        yield (
            lambda planes: torch.sigmoid(self.decision_slope * self._attend(last, self.decision[-1](planes))),
            reach + 1,
        )

    def decide(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Initial decision map D (B x 1 x H x W) from the activity levels of two images."""
        planes = self.compare(first, second)
        for stage, _ in self.decision_stages():
            planes = stage(planes)
        return planes

    def _attend(self, number: int, planes: torch.Tensor) -> torch.Tensor:
        if not self.architecture.spatial_attention:
            return planes
        return planes * self.spatial_attention[number](planes)

    def refine(self, decision: torch.Tensor, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Refined decision map R from the initial one and the gray images, all B x 1 x H x W."""
        return refine(decision, first, second) if self.architecture.refinement else decision

    def extract(self, gray: torch.Tensor) -> torch.Tensor:
        """Features of one image: B x 64 x H x W."""
        features: list[torch.Tensor] = []
        for number in range(len(self.features)):
            block = self.feature_block(number, torch.cat(features, dim=1) if features else gray)
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
