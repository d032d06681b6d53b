"""The network on one image or pair of any size, in strips.

Strips of rows bound the memory, and keep it in the processor's cache and out of the operating system's hands: this is
what makes small images fast and large ones possible. Rows that a layer sees above and below a strip are read from
neighbouring strips, so the result does not depend on how the image was cut. The features of the whole image are kept,
block by block, because the channel attention scales each by its global mean before the next block may look at it.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from methods._common.torch import inference
from methods.gacn.network import FEATURE_WIDTH

if TYPE_CHECKING:
    from methods.gacn.network import GACN, Stage

#: Values in one 64-channel strip (10 MB). Beyond 32 MiB the C library's allocator hands every tensor back to the
#: operating system, and fresh pages cost more than the arithmetic; smaller strips repeat more rows of the features.
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

    @cached_property
    def _reduced(self) -> GACN:
        """The network in 16 bits."""
        return copy.deepcopy(self.network).to(torch.bfloat16)

    def _rows(self, width: int) -> int:
        values = STRIP_VALUES if self.device.type == "cpu" else STRIP_VALUES_CUDA
        return self.rows or max(values // (64 * width), 16)

    def activity(self, gray: torch.Tensor) -> list[torch.Tensor]:
        """Activity levels of an image.

        Parameters
        ----------
        gray : torch.Tensor
            1 x 1 x H x W, [0, 1], on the network's device.

        Returns
        -------
        list of torch.Tensor
            One per block of features, 1 x 16 x H x W.
        """
        with inference(self.device.type):
            height, width = gray.shape[2:]
            blocks = self._features(gray)
            cuts = [own for own, _, _ in strips(height, self._rows(width), 0)]
            for block in blocks:

                def rows(own: slice, room: torch.Tensor, block: torch.Tensor = block) -> None:
                    room.copy_(block[:, :, own])

                # The levels take the place of the features, strip by strip.
                _run(self.network.activity_stages(), rows, cuts, block)
            return blocks

    def decide(
        self, first: Sequence[torch.Tensor], second: Sequence[torch.Tensor], reduced: bool = False
    ) -> torch.Tensor:
        """Initial decision map (float32, 1 x 1 x H x W) from the activity levels of two images.

        `reduced`: by layers in 16 bits (bfloat16), which give nearly the same map, since most of what they take is 0 or 1,
        in less time where the processor multiplies such numbers. Activity levels are compared in float32 in any case.
        """
        with inference(self.device.type):
            height, width = first[0].shape[2:]
            network, kind = (self._reduced, torch.bfloat16) if reduced else (self.network, torch.float32)
            decision = first[0].new_empty(1, 1, height, width, dtype=kind)

            def compare(own: slice, room: torch.Tensor) -> None:
                # 16 channels at a time stay in the processor's cache.
                pairs = zip(first, second, strict=True)
                compared = [self.network.compare(ours[:, :, own], theirs[:, :, own]).to(kind) for ours, theirs in pairs]
                torch.cat(compared, dim=1, out=room)

            cuts = [own for own, _, _ in strips(height, self._rows(width), 0)]
            _run(network.decision_stages(), compare, cuts, decision)
            return decision.float()

    def refine(self, decision: torch.Tensor, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Refined decision map from the initial one and the gray images, all 1 x 1 x H x W."""
        with inference(self.device.type):
            return self.network.refine(decision, first, second)

    def carry(
        self, taken: NDArray[np.bool_], kept: Sequence[torch.Tensor], other: Sequence[torch.Tensor]
    ) -> Sequence[torch.Tensor]:
        """The `kept` planes (1 x C x H x W each), at the pixels that are `taken` (H x W) the `other` ones.

        One of the two sequences is overwritten and given back: that which needs fewer copies.
        """
        if 2 * np.count_nonzero(taken) > taken.size:
            kept, other, taken = other, kept, ~taken
        with inference(self.device.type):
            places = torch.from_numpy(np.flatnonzero(taken)).to(self.device)
            for mine, theirs in zip(kept, other, strict=True):
                # The channels of a pixel are side by side: whole pixels are copied.
                mine, theirs = (planes[0].permute(1, 2, 0).flatten(0, 1) for planes in (mine, theirs))
                mine.index_copy_(0, places, theirs.index_select(0, places))
        return kept

    def _features(self, gray: torch.Tensor) -> list[torch.Tensor]:
        """The four blocks' features, each 1 x 16 x H x W."""
        height, width = gray.shape[2:]
        features: list[torch.Tensor] = []
        for number in range(4):
            block = _planes(gray, FEATURE_WIDTH, height)
            for own, read, inner in strips(height, self._rows(width), 1):
                previous = [planes[:, :, read] for planes in features]
                block[:, :, own] = self.network.feature_block(number, gray[:, :, read], previous)[:, :, inner]
            features.append(block.mul_(self.network.channel_weights(number, block.mean((2, 3)))))
        return features


def _run(
    stages: Sequence[Stage],
    source: Callable[[slice, torch.Tensor], object],
    cuts: Sequence[slice],
    result: torch.Tensor,
) -> None:
    """Apply stages to consecutive strips.

    Parameters
    ----------
    stages : sequence of methods.gacn.network.Stage
    source : callable
        Writes the rows of a cut into the given planes, which the first stage takes.
    cuts : sequence of slice
        The strips, from top to bottom.
    result : torch.Tensor
        1 x c x H x W, filled from the top. May be what `source` reads, since stages are never ahead of it.
    """
    streams = [_Stream(stage, result) for stage in stages]
    done = 0
    for cut in cuts:
        last = cut is cuts[-1]
        source(cut, streams[0].room(cut.stop - cut.start, last))
        for number, stream in enumerate(streams):
            count = stream.complete
            if count <= 0:
                break
            if number + 1 < len(streams):
                room = streams[number + 1].room(count, last)
            else:
                room = result[:, :, done : done + count]
                done += count
            stream.write(room)


class _Stream:
    """A stage on consecutive strips; keeps the rows that it will look at again.

    Parameters
    ----------
    stage : methods.gacn.network.Stage
    like : torch.Tensor
        Planes of the image's width, on its device.
    """

    def __init__(self, stage: Stage, like: torch.Tensor) -> None:
        self.function, self.channels, self.above, self.below = stage
        # Beyond the frame everything is zero.
        self.rows = _planes(like, self.channels, self.above).zero_()

    def room(self, count: int, last: bool) -> torch.Tensor:
        """Where the next rows are to be written; what stands above is kept."""
        kept = self.rows[:, :, max(self.rows.shape[2] - self.above - self.below, 0) :]
        start = kept.shape[2]
        self.rows = _planes(kept, self.channels, start + count + (self.below if last else 0))
        self.rows[:, :, :start] = kept
        self.rows[:, :, start + count :] = 0
        return self.rows[:, :, start : start + count]

    @property
    def complete(self) -> int:
        """Rows of the result that are complete and not written yet."""
        return self.rows.shape[2] - self.above - self.below

    def write(self, out: torch.Tensor) -> None:
        """Write these rows."""
        self.function(self.rows, framed=False, out=out)


def _planes(like: torch.Tensor, channels: int, rows: int) -> torch.Tensor:
    """Uninitialised planes (1 x C x h x W, the width of others) in the memory format of the convolutions."""
    shape = (1, channels, rows, like.shape[3])
    return torch.empty(shape, dtype=like.dtype, device=like.device, memory_format=torch.channels_last)
