"""GACN computed the straightforward way, as the authors' program does: the yardstick of `benchmarks.gacn`.

Whole tensors in planar memory, two-dimensional window and Gaussian kernels, one convolution per attention, window sums
of the guided filter from running sums; a stack one by one extracts both images' features in every step. Gradients are
off, which the authors' program does not do; it needs more memory still.
"""

import torch
import torch.nn.functional as F

from methods.gacn.network import ACTIVITY_RADIUS, ATTENTION_SIZE, SLOPE
from methods.gacn.refinement import BLUR_RADIUS, BLUR_SIGMA, GUIDED_EPSILON, GUIDED_RADIUS, boundary_weight


def maps(network, first, second):
    """Initial and refined decision map of two gray images (1 x 1 x H x W), by the layers of `network`."""
    with torch.no_grad():
        compared = torch.sigmoid(SLOPE * (_activity(_features(network, first)) - _activity(_features(network, second))))
        values = _attend(network, 0, compared)
        for number, block in enumerate(network.decision, start=1):
            values = _attend(network, number, _block(block, values))
        decision = torch.sigmoid(SLOPE * values)
        return decision, _refine(decision, first, second)


def _block(block, values):
    return block.norm(F.relu(block.conv(values)))


def _features(network, gray):
    features = None
    for block, attention in zip(network.features, network.channel_attention, strict=True):
        values = _block(block, gray if features is None else features)
        values = values * attention(values.mean((2, 3)))
        features = values if features is None else torch.cat([features, values], dim=1)
    return features


def _activity(features):
    channels = features.shape[1]
    padded = F.pad(features, (1, 0, 1, 0))
    horizontal = padded[:, :, 1:, :-1] - features
    vertical = padded[:, :, :-1, 1:] - features
    window = torch.ones(channels, 1, 2 * ACTIVITY_RADIUS + 1, 2 * ACTIVITY_RADIUS + 1, device=features.device)
    return F.conv2d(horizontal**2 + vertical**2, window, padding=ACTIVITY_RADIUS, groups=channels)


def _attend(network, number, values):
    weight = network.spatial_attention[number].weight
    return values * torch.sigmoid(F.conv2d(values, weight, padding=ATTENTION_SIZE // 2))


def _refine(decision, first, second):
    offsets = torch.arange(-BLUR_RADIUS, BLUR_RADIUS + 1, dtype=torch.float32, device=decision.device)
    kernel = torch.exp(-(offsets[:, None] ** 2 + offsets[None, :] ** 2) / (2 * BLUR_SIGMA**2))
    blurred = F.conv2d(decision, (kernel / kernel.sum())[None, None], padding=BLUR_RADIUS)
    weight = boundary_weight(blurred)
    guide = decision * first + (1 - decision) * second
    count = _box(torch.ones_like(guide))
    mean_guide, mean_decision = _box(guide) / count, _box(decision) / count
    slope = _box(guide * decision) / count - mean_guide * mean_decision
    slope = slope / (_box(guide * guide) / count - mean_guide**2 + GUIDED_EPSILON)
    offset = mean_decision - slope * mean_guide
    guided = _box(slope) / count * guide + _box(offset) / count
    return weight * guided + (1 - weight) * decision


def _box(values):
    """Window sums as differences of running sums along rows, then along columns."""
    for axis in (2, 3):
        reach = GUIDED_RADIUS
        sums = values.cumsum(axis)
        length = values.shape[axis]
        upper = sums.index_select(axis, torch.arange(length, device=values.device).add(reach).clamp(max=length - 1))
        lower = sums.narrow(axis, 0, length - reach - 1)
        values = upper.clone()
        values.narrow(axis, reach + 1, length - reach - 1).sub_(lower)
    return values
