"""Training loss: dice loss of the initial decision map, and gradient loss of the fused image.

The gradient loss is one minus a differentiable form of Q_G (Q^{AB/F}): how much of the edge strength and orientation of
both sources the fused image keeps.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

if TYPE_CHECKING:
    pass

#: Keeps quotients and angles finite where an edge has no strength.
TINY = 1e-6
#: Slope of the sigmoid that chooses the smaller over the larger edge strength.
CHOICE_SLOPE = 1e5
#: Slope and centre of the sigmoids over relative strength and orientation. Their numerators are 1 here.
STRENGTH_SLOPE, STRENGTH_CENTRE = 10.0, 0.5
ORIENTATION_SLOPE, ORIENTATION_CENTRE = 20.0, 0.75

_SOBEL = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))


def dice_loss(decision: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Dice loss of decision maps against true focus maps (B x 1 x H x W), with sums over the whole batch."""
    overlap = (decision * truth).sum()
    return 1 - (2 * overlap + 1) / (decision.square().sum() + truth.square().sum() + 1)


def gradient_loss(fused: torch.Tensor, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """One minus the mean edge preservation of a fused image (all B x 1 x H x W, [0, 1]).

    The mean is over the pixels' ratios, not the ratio of the sums as in the metric Q_G.

    References
    ----------
    Xydeas, Petrovic: Objective image fusion performance measure. Electronics Letters 36 (2000) 308-309.
    """
    fused_x, fused_y = _sobel(fused)
    fused_x = fused_x + TINY
    fused_strength = torch.sqrt(fused_x**2 + fused_y**2)
    fused_angle = torch.atan(fused_y / _nonzero(fused_x))
    preserved: Any = 0
    total: Any = 0
    for source in (first, second):
        x, y = _sobel(source)
        angle = torch.atan(y / _nonzero(x))
        strength = _nonzero(torch.sqrt(x**2 + y**2))
        gain = fused_strength / strength
        fused_strength = _nonzero(fused_strength)
        second_smaller = torch.sigmoid(-CHOICE_SLOPE * (strength - fused_strength))
        relative = second_smaller * (strength / fused_strength) + (1 - second_smaller) * gain
        alignment = ((angle - fused_angle).abs() - math.pi / 2).abs() * 2 / math.pi
        quality = torch.sigmoid(STRENGTH_SLOPE * (relative - STRENGTH_CENTRE)) * torch.sigmoid(
            ORIENTATION_SLOPE * (alignment - ORIENTATION_CENTRE)
        )
        preserved = preserved + quality * strength
        total = total + strength
    return 1 - (preserved / total).mean()


def total_loss(
    decision: torch.Tensor,
    refined: torch.Tensor,
    first: torch.Tensor,
    second: torch.Tensor,
    truth: torch.Tensor,
    gradient_weight: float = 1.0,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Dice loss of D plus weighted gradient loss of the image fused by R.

    Parameters
    ----------
    decision, refined : torch.Tensor
        D and R, B x 1 x H x W.
    first, second : torch.Tensor
        Gray sources, same shape; D and R weight the first.
    truth : torch.Tensor
        1 where the first source is sharp.
    gradient_weight : float
        The paper's lambda; with 0 the term is not computed.

    Returns
    -------
    tuple of torch.Tensor
        Total, dice and gradient loss (scalars).
    """
    dice = dice_loss(decision, truth)
    if gradient_weight == 0:
        return dice, dice, torch.zeros_like(dice)
    gradient = gradient_loss(refined * first + (1 - refined) * second, first, second)
    return dice + gradient_weight * gradient, dice, gradient


def _sobel(image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    kernel = torch.tensor(_SOBEL, dtype=image.dtype, device=image.device)
    derivatives = F.conv2d(image, torch.stack([kernel, kernel.T])[:, None], padding=1)
    return derivatives[:, :1], derivatives[:, 1:]


def _nonzero(values: torch.Tensor) -> torch.Tensor:
    return torch.where(values == 0, values + TINY, values)
