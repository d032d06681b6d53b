"""Machinery of the methods that choose 8 x 8 DCT blocks (DCT_EOL, DCT_Corr, SVDDCT).

The orthonormal DCT keeps energies, scalar products and singular values, so the focus measures are computed on the
pixels of the blocks.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from imaging.levels import from_levels
from methods import Fusion, Option
from methods._common.compose import as_map, channels, join, mean_map, mode_map

SIDE = 8
_SHIFT = 128

#: Options of all three methods.
OPTIONS = {
    "strict_upstream": Option(
        False,
        "Leave a strip of fewer than 8 pixels at the right and bottom gray (128), as the authors' programs do.",
    ),
}


def cut_blocks(plane: np.ndarray, strict: bool = False) -> np.ndarray:
    """Blocks of a channel less 128 (rows x columns x 8 x 8).

    Edge values are repeated up to multiples of 8; `strict` takes whole blocks only.
    """
    if strict:
        padded = plane[tuple(slice(length // SIDE * SIDE) for length in plane.shape)]
    else:
        padded = np.pad(plane, [(0, -length % SIDE) for length in plane.shape], mode="edge")
    rows, columns = (length // SIDE for length in padded.shape)
    return padded.reshape(rows, SIDE, columns, SIDE).swapaxes(1, 2) - _SHIFT


def filter_blocks(blocks: np.ndarray, kernel: ArrayLike) -> np.ndarray:
    """Correlate every block with a 3 x 3 kernel, its own edge values repeated."""
    padded = np.pad(blocks, [(0, 0)] * (blocks.ndim - 2) + [(1, 1), (1, 1)], mode="edge")
    return sum(  # type: ignore[return-value]
        weight * padded[..., row : row + SIDE, column : column + SIDE]
        for (row, column), weight in np.ndenumerate(np.asarray(kernel, dtype=np.float64))
    )


def majority(index: np.ndarray, voting: NDArray[np.bool_], count: int) -> np.ndarray:
    """Most frequent source among the voting blocks of 3 x 3, mirrored at the border; the first of equals (int)."""
    votes = [
        ndimage.correlate(((index == number) & voting).astype(np.int64), np.ones((3, 3), np.int64), mode="reflect")
        for number in range(count)
    ]
    return np.argmax(votes, axis=0)


def _expand(blocks: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Every pixel with the number of its block, -1 outside the blocks."""
    pixels = np.repeat(np.repeat(blocks, SIDE, axis=0), SIDE, axis=1)[: shape[0], : shape[1]]
    missing = [(0, length - present) for length, present in zip(shape, pixels.shape, strict=True)]
    return np.pad(pixels, missing, constant_values=-1)


def choose_blocks(
    images: Sequence[np.ndarray],
    measure: Callable[[np.ndarray], np.ndarray],
    ahead: Callable[[np.ndarray, np.ndarray], np.ndarray],
    strict: bool,
) -> Fusion:
    """Fuse n images by block selection with consistency verification, every channel on its own.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        Each is read twice.
    measure : callable
        Focus measure of blocks (... x 8 x 8) -> (...). A block for which it is NaN in some source does not vote.
    ahead : callable
        ``ahead(new, best)``: where a later source's measure takes the block from the best one so far.
    strict : bool
        Leave pixels outside whole blocks at 128; the maps treat them as undecided (weight 1/2, or the first source).

    Returns
    -------
    Fusion
        Decision map: share of the channels in which the first source is taken. Index map: what two channels agree
        on, else green's.
    """
    count = len(images)
    best = [measure(cut_blocks(plane, strict)) for plane in channels(images[0])]
    winner = [np.zeros(values.shape, dtype=np.int64) for values in best]
    voting = [~np.isnan(values) for values in best]
    for number in range(1, count):
        for c, plane in enumerate(channels(images[number])):
            values = measure(cut_blocks(plane, strict))
            taken = ahead(values, best[c])
            voting[c] &= ~np.isnan(values)
            winner[c][taken] = number
            best[c] = np.where(taken, values, best[c])
    chosen: list[np.ndarray] = []
    fused: list[np.ndarray] = []
    for number in range(count):
        planes = channels(images[number])
        if not chosen:
            blocks = [majority(index, votes, count) for index, votes in zip(winner, voting, strict=True)]
            chosen = [_expand(choice, planes[0].shape) for choice in blocks]
            fused = [np.full(plane.shape, float(_SHIFT)) for plane in planes]
        for target, choice, plane in zip(fused, chosen, planes, strict=True):
            target[choice == number] = plane[choice == number]
    image = from_levels(join(fused))
    if count > 2:
        return Fusion(image, index_map=np.maximum(mode_map(chosen), 0))
    return Fusion(image, decision_map=as_map(mean_map([np.where(choice < 0, 0.5, choice == 0) for choice in chosen])))
