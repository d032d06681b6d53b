"""What the StackMFF networks share: gray input, the way back to the image's grid, copying, a limit to memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from imaging.levels import to_uint8
from methods import Fusion
from methods._common.torch import check_device

if TYPE_CHECKING:
    import torch


def gray(image: np.ndarray) -> NDArray[np.uint8]:
    """Gray levels of an image in [0, 1] (uint8, H x W): its 8-bit levels weighted by 0.299, 0.587, 0.114, rounded."""
    import cv2

    levels = to_uint8(image)
    return levels if levels.ndim == 2 else cv2.cvtColor(levels, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)


def filled(size: Sequence[int], step: int) -> tuple[int, int]:
    """Height and width, each raised to a multiple of `step`."""
    height, width = (-(-length // step) * step for length in size)
    return height, width


def stretched(levels: NDArray[np.uint8], size: tuple[int, int], device: str) -> torch.Tensor:
    """Gray levels as values in [0, 1], brought to a size bilinearly without antialiasing.

    Parameters
    ----------
    levels : numpy.ndarray
        uint8, H x W.
    size : tuple of int
        h and w.
    device : {"cpu", "cuda"}

    Returns
    -------
    torch.Tensor
        float32, 1 x 1 x h x w.
    """
    import torch
    from torch.nn import functional as F

    values = torch.from_numpy(levels).to(device).float()[None, None] / 255
    return F.interpolate(values, size, mode="bilinear", align_corners=False)


def nearest(index: NDArray[Any], size: Sequence[int]) -> NDArray[Any]:
    """An index map brought to a size by nearest neighbour, with the places in OpenCV's rounding."""
    rows, columns = (
        np.minimum(np.floor(np.arange(new) * (1 / (new / old))).astype(np.intp), old - 1)
        for old, new in zip(index.shape, size, strict=True)
    )
    return index[rows[:, None], columns]


def index_type(count: int) -> type[np.uint8] | type[np.uint16]:
    """Integer type for the numbers of so many images."""
    return np.uint8 if count <= 256 else np.uint16


def with_map(image: np.ndarray, index: NDArray[Any], count: int) -> Fusion:
    """The fusion of `count` images, with `index` as decision map of a pair or as index map of more."""
    if count == 2:
        return Fusion(image, decision_map=(index == 0).astype(np.float32))
    return Fusion(image, index_map=index)


def copied(images: Sequence[np.ndarray], index: NDArray[Any]) -> Fusion:
    """Every pixel from the image whose number `index` (H x W) gives; each image is read at most once."""
    fused: Any = None
    for number in range(len(images)):
        here = index == number
        if not here.any():
            continue
        image = images[number]
        if fused is None:
            fused = np.empty(image.shape, np.float32)
        fused[here] = image[here]
    return with_map(fused, index, len(images))


def check_memory(method: str, needed: float, count: int, size: Sequence[int], device: str) -> None:
    """Refuse a stack that would fill the memory.

    Parameters
    ----------
    method : str
        Its id, for the message.
    needed : float
        Bytes.
    count : int
        Number of images.
    size : sequence of int
        Height and width.
    device : {"cpu", "cuda"}
        Whose memory.

    Raises
    ------
    files.errors.InputError
        More is needed than is free.
    files.errors.Unavailable
        No such device here.
    """
    free = _free(device)
    if needed > free:
        raise InputError(
            f"method {method} needs about {needed / 1e9:.1f} GB for {count} images of {size[1]} x {size[0]}, and "
            f"{free / 1e9:.1f} GB are free; give fewer or smaller images"
        )


def _free(device: str) -> float:
    """Bytes of memory that are free."""
    check_device(device)
    if device == "cuda":
        import torch

        return float(torch.cuda.mem_get_info()[0])
    import psutil

    return float(psutil.virtual_memory().available)
