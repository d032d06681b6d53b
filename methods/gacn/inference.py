"""The network on one image or pair of any size, in strips.

Strips of rows bound the memory, and keep it in the processor's cache and out of the operating system's hands: this is
what makes small images fast and large ones possible. Rows that a layer sees above and below a strip are read from
neighbouring strips, so the result does not depend on how the image was cut. The features of the whole image are kept,
block by block, because the channel attention scales each by its global mean before the next block may look at it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from methods._common.torch import inference
from methods.gacn.network import ACTIVITY_REACH, FEATURE_WIDTH

if TYPE_CHECKING:
    from methods.gacn.network import GACN

#: Values in one 64-channel strip (10 MB). Beyond 32 MiB the C library's allocator hands every tensor back to the
#: operating system, and fresh pages cost more than the arithmetic; smaller strips repeat more rows.
STRIP_VALUES = 2_500_000
#: A graphics card is filled only by large strips.
STRIP_VALUES_CUDA = 256_000_000


def strips(height: int, rows: int, reach: int) -> Iterator[tuple[slice, slice, slice]]:
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

    def __init__(self, network: GACN, rows: int | None = None) -> None:
        self.network = network
        self.rows = rows
        self.device = next(network.parameters()).device

    def _rows(self, width: int) -> int:
        values = STRIP_VALUES if self.device.type == "cpu" else STRIP_VALUES_CUDA
        return self.rows or max(values // (64 * width), 16)

    def activity(self, gray: torch.Tensor) -> torch.Tensor:
        """Activity levels of an image.

        Parameters
        ----------
        gray : torch.Tensor
            1 x 1 x H x W, [0, 1], on the network's device.

        Returns
        -------
        torch.Tensor
            1 x 64 x H x W, the channels of a pixel side by side in memory.
        """
        with inference(self.device.type):
            height, width = gray.shape[2:]
            planes = self._features(gray)
            # 16 channels at a time stay in the processor's cache.
            for block in planes.split(FEATURE_WIDTH, dim=1):
                # The levels take the place of the features, strip by strip.
                measure = _Rolling(self.network.activity, ACTIVITY_REACH)
                done = 0
                for own, _, _ in strips(height, self._rows(width), 0):
                    levels = measure(block[:, :, own], last=own.stop == height)
                    block[:, :, done : done + levels.shape[2]] = levels
                    done += levels.shape[2]
            return planes

    def decide(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Initial decision map (1 x 1 x H x W) from the activity levels of two images."""
        with inference(self.device.type):
            height, width = first.shape[2:]
            decision = first.new_empty(1, 1, height, width)
            stages = [_Rolling(*stage) for stage in self.network.decision_stages()]
            done = 0
            for own, _, _ in strips(height, self._rows(width), 0):
                planes = self.network.compare(first[:, :, own], second[:, :, own])
                for stage in stages:
                    planes = stage(planes, last=own.stop == height)
                    if not planes.shape[2]:
                        break
                else:
                    decision[:, :, done : done + planes.shape[2]] = planes
                    done += planes.shape[2]
            return decision

    def refine(self, decision: torch.Tensor, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Refined decision map from the initial one and the gray images, all 1 x 1 x H x W."""
        with inference(self.device.type):
            return self.network.refine(decision, first, second)

    def carry(self, taken: NDArray[np.bool_], kept: torch.Tensor, other: torch.Tensor) -> None:
        """Overwrite `kept` planes (1 x C x H x W) by the `other` ones at the pixels that are `taken` (H x W)."""
        with inference(self.device.type):
            places = torch.from_numpy(np.flatnonzero(taken)).to(self.device)
            # The channels of a pixel are side by side: whole pixels are copied, and only those that change.
            mine, theirs = (planes[0].permute(1, 2, 0).flatten(0, 1) for planes in (kept, other))
            mine[places] = theirs[places]

    def _features(self, gray: torch.Tensor) -> torch.Tensor:
        """Features (1 x 64 x H x W), block by block."""
        height, width = gray.shape[2:]
        shape = (1, 4 * FEATURE_WIDTH, height, width)
        # The memory format of the convolutions.
        features = torch.empty(shape, dtype=gray.dtype, device=gray.device, memory_format=torch.channels_last)
        for number, block in enumerate(features.split(FEATURE_WIDTH, dim=1)):
            planes = features[:, : number * FEATURE_WIDTH] if number else gray
            for own, read, inner in strips(height, self._rows(width), 1):
                block[:, :, own] = self.network.feature_block(number, planes[:, :, read])[:, :, inner]
            block.mul_(self.network.channel_weights(number, block.mean((2, 3))))
        return features


class _Rolling:
    """A function of planes on consecutive strips; keeps the rows that it will look at again.

    Parameters
    ----------
    stage : callable
        1 x C x h x W to 1 x c x h x W.
    reach : int
        Rows above and below that it looks at.
    """

    def __init__(self, stage: Callable[[torch.Tensor], torch.Tensor], reach: int) -> None:
        self.stage, self.reach = stage, reach
        self.kept: torch.Tensor | None = None
        self.given = 0  # of the kept rows, how many were already given out

    def __call__(self, strip: torch.Tensor, last: bool) -> torch.Tensor:
        """Rows of the result that are complete after this strip: `reach` fewer than came in, except at the end."""
        rows = strip if self.kept is None else torch.cat([self.kept, strip], dim=2)
        complete = max(rows.shape[2] - (0 if last else self.reach), self.given)
        result = self.stage(rows)[:, :, self.given : complete]
        low = max(complete - self.reach, 0)
        self.kept, self.given = rows[:, :, low:].clone(memory_format=torch.channels_last), complete - low
        return result
