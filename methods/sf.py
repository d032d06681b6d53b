"""SF: block selection by spatial frequency."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from imaging.levels import from_levels, gray_levels, to_levels
from methods import Fusion, Method, Option

METHOD = Method(
    id="sf",
    label="SF",
    title="Blocks with the higher spatial frequency",
    citation=(
        "S. Li, J. T. Kwok, Y. Wang, Combination of images with diverse focuses using the spatial frequency, "
        "Information Fusion 2(3), 2001"
    ),
    doi="10.1016/S1566-2535(01)00038-0",
    year=2001,
    kind="spatial",
    cost=0.15,
    comparison=True,
    native_stack=True,
    decision_map=True,
    options={
        "block": Option(7, "Side of the square blocks in pixels.", minimum=2, maximum=256),
        "threshold": Option(
            0.5, "Blocks whose spatial frequencies differ by no more than TH are averaged.", minimum=0.0, maximum=1000.0
        ),
        "majority": Option(
            False, "Consistency verification: decided blocks follow the majority of their 3 x 3 blocks."
        ),
        "record": Option(False, "Plain average, as run by the program behind the numbers recorded with SESF-Fuse."),
    },
    presets={"sesf_record": {"record": True}},
    note="No published images to compare with; built from the paper and the description of one re-implementation.",
)


def block_spatial_frequency(gray: np.ndarray, block: int) -> np.ndarray:
    """Spatial frequency of every block.

    Parameters
    ----------
    gray : numpy.ndarray
        Gray levels, H x W.
    block : int
        Side of the blocks, which start at the top left; the last row and column of blocks are what remains.

    Returns
    -------
    numpy.ndarray
        float64, ceil(H / block) x ceil(W / block): root of the summed squared differences between neighbours
        inside the block, over the number of its pixels.
    """
    energy = np.zeros_like(gray)
    for axis in (0, 1):
        squares = np.diff(gray, axis=axis) ** 2
        crossing = np.arange(1, squares.shape[axis] + 1) % block == 0
        view = np.moveaxis(squares, axis, 0)
        view[crossing] = 0
        np.moveaxis(energy, axis, 0)[:-1] += view
    rows, columns = (np.arange(0, length, block) for length in gray.shape)
    total = np.add.reduceat(np.add.reduceat(energy, rows, axis=0), columns, axis=1)
    heights, widths = (np.minimum(block, length - np.arange(0, length, block)) for length in gray.shape)
    return np.sqrt(total / np.outer(heights, widths))


def _to_pixels(blocks: np.ndarray, block: int, shape: tuple[int, int]) -> np.ndarray:
    return np.repeat(np.repeat(blocks, block, axis=0), block, axis=1)[: shape[0], : shape[1]]


def _majority(winner: np.ndarray, decided: NDArray[np.bool_], count: int) -> np.ndarray:
    """Decided blocks take the source that most blocks of their 3 x 3 neighbourhood took (their own on a draw)."""
    votes = np.stack(
        [
            ndimage.correlate(((winner == n) & decided).astype(int), np.ones((3, 3), int), mode="constant")
            for n in range(count)
        ]
    )
    own = np.take_along_axis(votes, winner[None], axis=0)[0]
    return np.where(decided & (votes.max(axis=0) > own), votes.argmax(axis=0), winner)


def _average(images: Sequence[np.ndarray]) -> np.ndarray:
    total = np.zeros(np.shape(images[0]))
    for image in images:
        total += to_levels(image)
    return np.floor(total / len(images))


def fuse(images: Sequence[np.ndarray], block: int, threshold: float, majority: bool, record: bool) -> Fusion:
    """Copy each block from the source with the highest spatial frequency.

    Where the two highest differ by no more than the threshold, the block is the mean of these two sources (for a
    pair this is the paper's rule). The fused levels are truncated to integers, not rounded. The paper's
    consistency check applies to the map of blocks (``majority``); the re-implementation of SESF-Fuse checks
    single pixels instead, which can never change a block of 2 x 2 or more pixels and is therefore left out.
    """
    shape = np.shape(images[0])[:2]
    if record:
        weight = np.full(shape, 0.5, dtype=np.float32) if len(images) == 2 else None
        return Fusion(from_levels(_average(images)), decision_map=weight)
    frequencies = np.stack([block_spatial_frequency(gray_levels(image), block) for image in images])
    order = np.argsort(-frequencies, axis=0, kind="stable")
    best, second = order[0], order[1]
    lead = np.take_along_axis(frequencies, order[:2], axis=0)
    decided = lead[0] - lead[1] > threshold
    if majority:
        best = _majority(best, decided, len(images))
    second = np.where(decided, best, second)
    best, second = (_to_pixels(choice, block, shape) for choice in (best, second))
    total = np.zeros(np.shape(images[0]))
    for number, image in enumerate(images):
        weight = (best == number) * 0.5 + (second == number) * 0.5
        total += to_levels(image) * (weight if total.ndim == 2 else weight[..., None])
    fused = from_levels(np.floor(total))
    if len(images) > 2:
        return Fusion(fused, index_map=best)
    return Fusion(fused, decision_map=((best == 0) * 0.5 + (second == 0) * 0.5).astype(np.float32))
