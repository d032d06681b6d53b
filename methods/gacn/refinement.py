"""Boundary-guided refinement of the initial decision map.

Only the neighbourhood of the border between the regions is smoothed, guided by the fused image; inside the regions
the decision stays as it is. Differentiable, without parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

from methods.gacn.windows import window_sum

if TYPE_CHECKING:
    pass

BLUR_RADIUS = 4
BLUR_SIGMA = 8.0
#: Outside these bounds of the blurred map a pixel counts as the inside of a region.
INSIDE_LOW, INSIDE_HIGH = 0.1, 0.8
GUIDED_RADIUS = 3
GUIDED_EPSILON = 0.1


def gaussian_blur(planes: torch.Tensor, radius: int, sigma: float) -> torch.Tensor:
    """Gaussian filter truncated at `radius`, zero outside the frame, of B x 1 x H x W planes (separable)."""
    offsets = torch.arange(-radius, radius + 1, dtype=torch.float64, device=planes.device)
    kernel = torch.exp(-(offsets**2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).to(planes.dtype)
    blurred = F.conv2d(planes, kernel.view(1, 1, -1, 1), padding=(radius, 0))
    return F.conv2d(blurred, kernel.view(1, 1, 1, -1), padding=(0, radius))


def boundary_weight(blurred: torch.Tensor) -> torch.Tensor:
    """Weight w of the smoothed map: 1 at the border of the regions, 0 where the blurred map is 0 or 1."""
    inside = blurred * (blurred > INSIDE_HIGH) + (1 - blurred) * (blurred < INSIDE_LOW)
    return 1 - (2 * (blurred * inside + (1 - inside) / 2) - 1).abs()


def guided_filter(
    guide: torch.Tensor, planes: torch.Tensor, radius: int = GUIDED_RADIUS, epsilon: float = GUIDED_EPSILON
) -> torch.Tensor:
    """Guided filter of B x 1 x H x W `planes` with a gray guide of that shape; windows are cut at the frame.

    References
    ----------
    He, Sun, Tang: Guided image filtering. IEEE TPAMI 35 (2013) 1397-1409, Eqs. 5, 6 and 8.
    """
    count = window_sum(torch.ones_like(guide[:1]), radius)
    stacked = torch.cat([guide, planes, guide * planes, guide * guide], dim=1)
    mean_guide, mean_planes, mean_product, mean_square = (window_sum(stacked, radius) / count).split(1, dim=1)
    slope = (mean_product - mean_guide * mean_planes) / (mean_square - mean_guide * mean_guide + epsilon)
    offset = mean_planes - slope * mean_guide
    slope, offset = (window_sum(torch.cat([slope, offset], dim=1), radius) / count).split(1, dim=1)
    return slope * guide + offset


def refine(decision: torch.Tensor, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Refined decision map R of an initial map D.

    Parameters
    ----------
    decision : torch.Tensor
        D, B x 1 x H x W, [0, 1], 1 where the first image is taken.
    first, second : torch.Tensor
        Gray images, same shape, [0, 1].

    Returns
    -------
    torch.Tensor
        R, same shape. It may leave [0, 1] by a few 1e-4, since the guided filter is a local regression.
    """
    weight = boundary_weight(gaussian_blur(decision, BLUR_RADIUS, BLUR_SIGMA))
    guide = decision * first + (1 - decision) * second
    return weight * guided_filter(guide, decision) + (1 - weight) * decision
