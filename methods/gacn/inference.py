"""The network on one image or pair of any size, in strips.

Strips of rows bound the memory, and keep it in the processor's cache and out of the operating system's hands: this is
what makes small images fast and large ones possible. A strip carries as many rows above and below as its layers can
see and gives up those that are not its own, so the result does not depend on how the image was cut. The only layer
that sees the whole image, the global mean of the channel attention, gets one pass over all strips per block, with sums
kept per row.
"""

import itertools

import torch

from methods._torch import inference
from methods.gacn.network import ACTIVITY_REACH, DECISION_REACH

#: Values in one 64-channel strip, halo not counted. Beyond 32 MiB (with halo) the C library's allocator hands every
#: tensor back to the operating system, and fresh pages cost more than the arithmetic.
STRIP_VALUES = 5_000_000
#: A graphics card is filled only by large strips.
STRIP_VALUES_CUDA = 256_000_000


def strips(height, rows, reach):
    """Cut `height` rows into strips of at most `rows`.

    Yields
    ------
    tuple of slice
        Rows of the image that the strip owns; rows it must read; its own rows among those read.
    """
    count = -(-height // rows)
    bounds = [height * k // count for k in range(count + 1)]
    for start, stop in itertools.pairwise(bounds):
        low, high = max(start - reach, 0), min(stop + reach, height)
        yield slice(start, stop), slice(low, high), slice(start - low, stop - low)


class Inference:
    """Activity levels and decision maps by a trained network.

    Parameters
    ----------
    network : methods.gacn.network.GACN
        In evaluation mode.
    rows : int, optional
        Rows of a strip; by default as many as are fast.
    """

    def __init__(self, network, rows=None):
        self.network = network
        self.rows = rows
        self.device = next(network.parameters()).device

    def _rows(self, width):
        values = STRIP_VALUES if self.device.type == "cpu" else STRIP_VALUES_CUDA
        return self.rows or max(values // (64 * width), 2 * DECISION_REACH)

    def activity(self, gray):
        """Activity levels of an image.

        Parameters
        ----------
        gray : torch.Tensor
            1 x 1 x H x W, [0, 1], on the network's device.

        Returns
        -------
        torch.Tensor
            1 x 64 x H x W.
        """
        with inference(self.device.type):
            features = self._features(gray)
            activity = _planes(64, gray)
            for own, read, inner in strips(gray.shape[2], self._rows(gray.shape[3]), ACTIVITY_REACH):
                activity[:, :, own] = self._activity(features, read)[:, :, inner]
            return activity

    def decide(self, first_activity, second):
        """Initial decision map (1 x 1 x H x W) from the activity levels of image 1 and the gray image 2."""
        with inference(self.device.type):
            height, width = second.shape[2:]
            features = self._features(second)
            decision = torch.empty_like(second)
            for own, read, inner in strips(height, self._rows(width), DECISION_REACH):
                low, high = max(read.start - ACTIVITY_REACH, 0), min(read.stop + ACTIVITY_REACH, height)
                activity = self._activity(features, slice(low, high))[:, :, read.start - low : read.stop - low]
                decision[:, :, own] = self.network.decide(first_activity[:, :, read], activity)[:, :, inner]
            return decision

    def refine(self, decision, first, second):
        """Refined decision map from the initial one and the gray images, all 1 x 1 x H x W."""
        with inference(self.device.type):
            return self.network.refine(decision, first, second)

    def _features(self, gray):
        """The four blocks' features, each 1 x 16 x H x W."""
        height, width = gray.shape[2:]
        features = []
        for number in range(4):
            block = _planes(16, gray)
            sums = gray.new_empty(height, 16)
            for own, read, inner in strips(height, self._rows(width), 1):
                previous = [planes[:, :, read] for planes in features]
                block[:, :, own] = self.network.feature_block(number, gray[:, :, read], previous)[:, :, inner]
                sums[own] = _row_sums(block[0, :, own])
            means = (sums.sum(0, dtype=torch.float64) / (height * width)).float()
            features.append(block.mul_(self.network.channel_weights(number, means[None])))
        return features

    def _activity(self, features, rows):
        """Activity levels of some rows, block by block: 16 channels at a time stay in the processor's cache."""
        return torch.cat([self.network.activity(planes[:, :, rows]) for planes in features], dim=1)


def _planes(channels, like):
    """Uninitialised 1 x C x H x W in the memory format of the convolutions."""
    shape = (1, channels, *like.shape[2:])
    return torch.empty(shape, dtype=like.dtype, device=like.device, memory_format=torch.channels_last)


def _row_sums(planes):
    """Sums of every row (H x C) of C x H x W planes, the same for a row whatever strip it lies in."""
    values = planes.permute(1, 2, 0)
    ones = torch.ones(1, 1, 1, dtype=planes.dtype, device=planes.device).expand(values.shape[0], 1, values.shape[1])
    return torch.bmm(ones, values)[:, 0]
