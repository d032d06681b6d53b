"""QB: quadtree decomposition with a weighted focus measure."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import ndimage

from imaging.filters import remove_small_components
from imaging.levels import from_levels
from methods import Fusion, Method, Option, Reference
from methods._common.compose import as_map, channels, join, mean_map, mode_map
from methods._common.morphology import closing, disc, fill_area, opening

METHOD = Method(
    id="qb",
    label="QB",
    title="Quadtree blocks by weighted modified Laplacian, undecided pixels by its maximum",
    citation=(
        "X. Bai, Y. Zhang, F. Zhou, B. Xue, Quadtree-based multi-focus image fusion using a weighted focus-measure, "
        "Information Fusion 22, 2015"
    ),
    doi="10.1016/j.inffus.2014.05.003",
    year=2015,
    kind="spatial",
    cost=1.1,
    native_stack=True,
    order_free=True,
    decision_map=True,
    options={
        "dominance": Option(
            0.98,
            "A block is decided when its lead reaches this share of the largest possible lead.",
            minimum=0.0,
            maximum=1.0,
        ),
    },
)

REFERENCES = (
    Reference(
        "published", "quadtree", why="Identical in colour; in some gray pairs near-ties are decided differently."
    ),
    Reference("mfifb", "QB", why="Near-ties are decided differently in single blocks."),
)

_WEIGHT_RADIUS = 8
_NOISE = 5
_SMALL_SHARE = 40


def weighted_focus_measure(plane: np.ndarray) -> np.ndarray:
    """Modified Laplacian, values under 5 dropped, weighted by 1 / (1 + distance) in 17 x 17 windows."""
    padded = np.pad(plane, 1, mode="symmetric")
    inner = padded[1:-1, 1:-1]
    laplacian = np.abs(2 * inner - padded[:-2, 1:-1] - padded[2:, 1:-1])
    laplacian += np.abs(2 * inner - padded[1:-1, :-2] - padded[1:-1, 2:])
    laplacian[laplacian < _NOISE] = 0
    height = plane.shape[0]
    padded = np.pad(laplacian, ((_WEIGHT_RADIUS, _WEIGHT_RADIUS), (0, 0)), mode="symmetric")
    offsets = np.arange(-_WEIGHT_RADIUS, _WEIGHT_RADIUS + 1)
    total = np.zeros_like(laplacian)
    for down in range(_WEIGHT_RADIUS + 1):
        # Rows at equal distance share their weights; their sum is of integers and exact.
        rows = padded[_WEIGHT_RADIUS + down :][:height]
        if down:
            rows = rows + padded[_WEIGHT_RADIUS - down :][:height]
        total += ndimage.correlate1d(rows, 1 / (1 + np.hypot(down, offsets)), axis=1, mode="reflect")
    return total


class _Leader:
    """Running maximum and minimum over the sources, the first source with the maximum and whether it is alone."""

    def __init__(self, values: np.ndarray) -> None:
        self.most, self.least = values, values
        self.winner = np.zeros(values.shape, dtype=np.uint16)
        self.unique = np.ones(values.shape, dtype=bool)

    def update(self, values: np.ndarray, number: int) -> None:
        better = values > self.most
        self.unique = better | (self.unique & (values < self.most))
        self.winner[better] = number
        self.most, self.least = np.maximum(self.most, values), np.minimum(self.least, values)


def block_sums(values: np.ndarray) -> list[np.ndarray]:
    """Sums over the blocks of the quadtree, largest block first.

    The H x W values lie in the middle of a square of zeros whose side D is a power of two; the blocks have sides
    D, D/2, ..., 2 (one block of one pixel for D = 1).
    """
    height, width = values.shape
    side = _square_side(values.shape)
    top, left = _offset(side, height), _offset(side, width)
    total = np.pad(values, ((top, side - height - top), (left, side - width - left)))
    levels = [] if side > 1 else [total]
    while len(total) > 1:
        total = total[::2] + total[1::2]
        total = total[:, ::2] + total[:, 1::2]
        levels.append(total)
    return levels[::-1]


def _square_side(shape: tuple[int, int]) -> int:
    return 1 << (max(shape) - 1).bit_length()


def _offset(side: int, length: int) -> int:
    return -(-(side - length) // 2)


def quadtree_labels(
    leaders: Sequence[_Leader], spreads: Sequence[np.ndarray], dominance: float, shape: tuple[int, int]
) -> np.ndarray:
    """Label of every pixel (H x W int: 1 + number of the source, 0 undecided) from the blocks of all levels."""
    active = np.ones((1, 1), dtype=bool)
    labels = np.zeros((1, 1), dtype=np.uint16)
    last = len(leaders) - 1
    for level, (leader, spread) in enumerate(zip(leaders, spreads, strict=True)):
        lead = leader.most - leader.least
        split = active & (lead > 0) & (lead < dominance * spread) & (level < last)
        labels = np.where(active & ~split, np.where(leader.unique, leader.winner + 1, 0), labels)
        if level < last:
            active, labels = (np.repeat(np.repeat(part, 2, axis=0), 2, axis=1) for part in (split, labels))
    side = _square_side(shape)
    labels = np.repeat(np.repeat(labels, side // len(labels), axis=0), side // len(labels), axis=1)
    top, left = (_offset(side, length) for length in shape)
    return labels[top : top + shape[0], left : left + shape[1]]


def _agreed(labels: np.ndarray, count: int, clean: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Labels after `clean` of each label's mask; 0 where no mask or more than one covers a pixel."""
    covered = np.zeros(labels.shape, dtype=np.int32)
    result = np.zeros_like(labels)
    for label in range(1, count + 1):
        mask = clean(labels == label)
        covered += mask
        result[mask] = label
    result[covered != 1] = 0
    return result


def clean_labels(labels: np.ndarray, count: int) -> np.ndarray:
    """Open and close each label's mask, then remove its small regions and holes (0 where labels disagree)."""
    minimum = labels.size / _SMALL_SHARE
    labels = _agreed(labels, count, lambda mask: closing(opening(mask, disc(3)), disc(3)))
    return _agreed(labels, count, lambda mask: fill_area(remove_small_components(mask, minimum), minimum))


class _Plane:
    """What one channel keeps of the sources seen so far."""

    def __init__(self, plane: np.ndarray) -> None:
        measure = weighted_focus_measure(plane)
        self.pixels = _Leader(measure)
        self.blocks = [_Leader(total) for total in block_sums(measure)]
        self.sum = plane.copy()

    def update(self, plane: np.ndarray, number: int) -> None:
        measure = weighted_focus_measure(plane)
        self.pixels.update(measure, number)
        for leader, total in zip(self.blocks, block_sums(measure), strict=True):
            leader.update(total, number)
        self.sum += plane

    def choose(self, count: int, dominance: float) -> np.ndarray:
        """Source of every pixel (int, H x W), -1 for the mean of all."""
        spreads = block_sums(self.pixels.most - self.pixels.least)
        labels = quadtree_labels(self.blocks, spreads, dominance, self.sum.shape)
        labels = clean_labels(labels, count).astype(np.int32)
        by_pixel = np.where(self.pixels.unique, self.pixels.winner.astype(np.int32), -1)
        return np.where(labels > 0, labels - 1, by_pixel)


def fuse(images: Sequence[np.ndarray], dominance: float) -> Fusion:
    """Quadtree fusion of n images, every channel on its own as in the published colour results.

    Each image is read twice. The square may be of any size (the authors' program stops at 1024).
    """
    count = len(images)
    planes = [_Plane(plane) for plane in channels(images[0])]
    for number in range(1, count):
        for plane, levels in zip(planes, channels(images[number]), strict=True):
            plane.update(levels, number)
    chosen = [plane.choose(count, dominance) for plane in planes]
    fused = [plane.sum / count for plane in planes]
    for number in range(count):
        for target, choice, levels in zip(fused, chosen, channels(images[number]), strict=True):
            target[choice == number] = levels[choice == number]
    image = from_levels(join(fused))
    if count > 2:
        best = [np.where(choice < 0, plane.pixels.winner, choice) for choice, plane in zip(chosen, planes, strict=True)]
        return Fusion(image, index_map=mode_map(best))
    return Fusion(image, decision_map=as_map(mean_map([np.where(choice < 0, 0.5, choice == 0) for choice in chosen])))
