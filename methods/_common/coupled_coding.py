"""Coupled convolutional sparse coding of two images, unfolded into layers: what CCSR-Net and MCCSR-Net share.

Two images have 64 coefficient maps each. A layer adds a correction to the maps of the first image and shrinks them
towards those of the second, then does the same with the second image's maps and the new maps of the first.

The maps are large and every convolution has few channels on its other side. So the maps are kept in blocks of rows that
fit the processor's cache, in two dimensions (maps x pixels), and are touched once a layer. Convolutions become matrix
products: *synthesis* multiplies the neighbourhoods of a few planes, *analysis* gives nine planes for each of its results,
which are then shifted and added. Only these planes cross the borders of blocks.

References
----------
K. Zheng, J. Cheng, Y. Liu, "CCSR-Net: unfolding coupled convolutional sparse representation for multi-focus image
fusion", PRCV 2023, LNCS 14434, pp. 285-297.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from imaging.filters import remove_small_components
from imaging.levels import from_levels, to_levels
from methods import Fusion
from methods._common.morphology import fill_area

if TYPE_CHECKING:
    from pathlib import Path

    import torch

CITATION = (
    "K. Zheng, J. Cheng, Y. Liu, CCSR-Net: unfolding coupled convolutional sparse representation for multi-focus image "
    "fusion, Pattern Recognition and Computer Vision (PRCV 2023), LNCS 14434, pp. 285-297"
)
DOI = "10.1007/978-981-99-8549-4_24"

#: Longest side of the tiles in pixels. A pixel takes up to 1.3 kB.
TILE = {"cpu": 560, "cuda": 1024}
#: Pixels whose coefficients are worked on at once: 1 MB for 64 maps.
BLOCK = {"cpu": 4096, "cuda": 2**20}
#: Least share of the image that a region of the decision map must have.
_SMALL = 0.01
#: Taps of a 3 x 3 kernel.
_TAPS = 9


def checkpoint(paths: "Sequence[Path]") -> dict[str, np.ndarray]:
    """Converter of the authors' checkpoint: its parameters, without the prefix of data-parallel training.

    The file also holds a list of losses as NumPy scalars, so their types are allowed while it is read.
    """
    import torch

    scalar: Any = (np.float64(0).__reduce__()[0], "numpy.core.multiarray.scalar")
    with torch.serialization.safe_globals([scalar, np.dtype, type(np.dtype(np.float64))]):
        state = torch.load(paths[0], map_location="cpu", weights_only=True)["model"]
    return {name.removeprefix("module."): values.numpy() for name, values in state.items()}


def shrink(values: "torch.Tensor", side: "torch.Tensor", threshold: "torch.Tensor") -> None:
    """Soft threshold coupled to side information, in place.

    With L the threshold, values between 0 and the side information stay, values up to 2 L outside of this interval move
    to its nearer end, and all others move by 2 L towards it. Trained thresholds may be negative. The same tests in the
    same order then give a jump instead of a shrinkage, which is part of the network: values below the interval's lower
    end less 2 L move down, those of the rest that reach its upper end move up.

    Parameters
    ----------
    values : torch.Tensor
        64 x pixels.
    side : torch.Tensor
        The same shape.
    threshold : torch.Tensor
        64 x 1: L of every map.
    """
    width = 2 * threshold
    if values.device.type == "cpu":
        _shrink(values.numpy(), side.numpy(), width[:, 0].numpy())
    else:
        shrink_by_tensors(values, side, width)


def shrink_by_tensors(values: "torch.Tensor", side: "torch.Tensor", width: "torch.Tensor") -> None:
    """`shrink` on any device; `width` is 2 L."""
    import torch

    lower, upper = side.clamp(max=0), side.clamp(min=0)
    shrunk = torch.where(values <= upper + width, upper, values - width)
    shrunk = torch.where(values < upper, values, shrunk)
    shrunk = torch.where(values <= lower, lower, shrunk)
    values.copy_(torch.where(values < lower - width, values + width, shrunk))


@njit(nogil=True, cache=True)
def _shrink(values, side, widths):
    """One pass over the maps; torch needs six, which take half the time of the whole network."""
    zero = np.float32(0)
    for number, width in enumerate(widths):
        for pixel in range(values.shape[1]):
            value = values[number, pixel]
            lower, upper = min(side[number, pixel], zero), max(side[number, pixel], zero)
            if value < lower - width:
                value += width
            elif value <= lower:
                value = lower
            elif value >= upper:
                value = upper if value <= upper + width else value - width
            values[number, pixel] = value


@dataclass(frozen=True)
class Window:
    """The pixels a 3 x 3 kernel looks at.

    Parameters
    ----------
    dilation : int
    padding : {"constant", "reflect"}
        What lies outside the image: zeros, or the image mirrored without repeating the edge.
    """

    dilation: int
    padding: str

    def pad(self, planes: "torch.Tensor") -> "torch.Tensor":
        """Planes (C x h x w) with what lies around them."""
        from torch.nn import functional as F

        return F.pad(planes[None], (self.dilation,) * 4, mode=self.padding)[0]

    def shifted(self, padded: "torch.Tensor") -> "list[torch.Tensor]":
        """What the nine taps of a kernel look at, from left to right and down (views of padded planes, C x h x w)."""
        height, width = (length - 2 * self.dilation for length in padded.shape[-2:])
        starts = [(self.dilation * row, self.dilation * column) for row in range(3) for column in range(3)]
        return [padded[..., top : top + height, left : left + width] for top, left in starts]

    def neighbourhoods(self, padded: "torch.Tensor", rows: slice) -> "torch.Tensor":
        """Columns 9 C x pixels for some rows of padded planes: what `synthesis` multiplies."""
        import torch

        part = padded[:, rows.start : rows.stop + 2 * self.dilation]
        return torch.stack(self.shifted(part)).flatten(2).flatten(0, 1)

    def gather(self, taps: "torch.Tensor") -> "torch.Tensor":
        """Planes K x h x w from the taps of an analysis, 9 x K x h x w."""
        padded = self.pad(taps.flatten(0, 1)).unflatten(0, taps.shape[:2])
        total = taps.new_zeros(taps.shape[1:])
        for tap, part in enumerate(self.shifted(padded)):
            total += part[tap]
        return total


def synthesis(*kernels: "torch.Tensor") -> "torch.Tensor":
    """Matrix 64 x 9 C of kernels 64 x C_i x 3 x 3 whose results are added."""
    import torch

    return torch.cat(kernels, dim=1).permute(0, 2, 3, 1).flatten(1)


def analysis(*kernels: "torch.Tensor") -> "torch.Tensor":
    """Matrix 9 K x 64 of kernels K_i x 64 x 3 x 3 that look at the same maps."""
    import torch

    return torch.cat(kernels).permute(2, 3, 0, 1).flatten(0, 2)


class Codes:
    """Coefficient maps of a pair of images, all zero at first.

    Parameters
    ----------
    shape : tuple of int
        Height and width.
    window : Window
        What all kernels look at.
    device : {"cpu", "cuda"}
    """

    def __init__(self, shape: tuple[int, int], window: Window, device: str):
        self._shape, self._window = shape, window
        step = max(BLOCK[device] // shape[1], 1)
        self._rows = [slice(start, min(start + step, shape[0])) for start in range(0, shape[0], step)]
        self._blocks: list = [(None, None)] * len(self._rows)

    def update(
        self,
        planes: Sequence["torch.Tensor"],
        synthesisers: Sequence["torch.Tensor"],
        threshold: "torch.Tensor",
        analysers: Sequence["torch.Tensor"] = (),
    ) -> list["torch.Tensor"]:
        """One layer: correct and shrink the maps of the first image, then those of the second.

        Parameters
        ----------
        planes : pair of torch.Tensor
            C x h x w for each image; their synthesis is the correction.
        synthesisers : pair of torch.Tensor
            See `synthesis`.
        threshold : torch.Tensor
            64 x 1.
        analysers : pair of torch.Tensor, optional
            See `analysis`.

        Returns
        -------
        list of torch.Tensor
            K x h x w for each image: the analysis of the new maps.
        """
        import torch

        padded = [self._window.pad(values) for values in planes]
        taps = [
            values.new_empty((len(matrix), *self._shape)) for values, matrix in zip(planes, analysers, strict=False)
        ]
        for number, rows in enumerate(self._rows):
            maps = list(self._blocks[number])
            for image, matrix in enumerate(synthesisers):
                columns = self._window.neighbourhoods(padded[image], rows)
                values, side = maps[image], maps[1 - image]
                maps[image] = matrix @ columns if values is None else values.addmm_(matrix, columns)
                shrink(maps[image], torch.zeros_like(maps[image]) if side is None else side, threshold)
            self._blocks[number] = maps
            for result, matrix, values in zip(taps, analysers, maps, strict=False):
                result[:, rows] = (matrix @ values).view(len(matrix), -1, self._shape[1])
        return [self._window.gather(result.unflatten(0, (_TAPS, -1))) for result in taps]

    def activities(self) -> "torch.Tensor":
        """Sums of the magnitudes over all maps: 2 x h x w."""
        import torch

        parts = [torch.stack([values.abs().sum(0) for values in maps]) for maps in self._blocks]
        return torch.cat(parts, dim=1).view(2, *self._shape)


def mean(planes: "torch.Tensor", side: int) -> "torch.Tensor":
    """Mean over windows of `side` x `side` pixels (odd); outside are zeros, which count (C x H x W)."""
    from torch.nn import functional as F

    planes = F.avg_pool2d(planes[None], (side, 1), stride=1, padding=(side // 2, 0))
    return F.avg_pool2d(planes, (1, side), stride=1, padding=(0, side // 2))[0]


def consistent(initial: np.ndarray) -> np.ndarray:
    """Decision map without small regions (bool, H x W): 4-connected ones below 1 % of the image change sides.

    First those of the first image, then those of the second.
    """
    area = _SMALL * initial.size
    return fill_area(remove_small_components(initial, area, connectivity=4), area, connectivity=4)


def select(images: Sequence[np.ndarray], initial: np.ndarray) -> Fusion:
    """Fuse by copying pixels.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        Two images, H x W or H x W x 3, [0, 1].
    initial : numpy.ndarray
        bool, H x W: where the network takes the first.

    Returns
    -------
    Fusion
        With the decision map without small regions and, as initial map, the network's.
    """
    first, second = (to_levels(image) for image in images)
    mask = consistent(initial)
    return Fusion(
        image=from_levels(np.where(mask if first.ndim == 2 else mask[..., None], first, second)),
        decision_map=mask.astype(np.float32),
        initial_map=initial.astype(np.float32),
    )
