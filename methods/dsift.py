"""DSIFT: fusion by dense SIFT activity, refined by matching."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from imaging.filters import remove_small_components
from imaging.levels import gray_levels
from methods import Fusion, Method, Option, Reference
from methods._common.compose import as_map, blend
from methods._common.dense_sift import DenseSift
from methods._common.morphology import fill_area

_WHY = "Descriptors are single precision, as in the published program; a few pixels per pair are decided differently."

METHOD = Method(
    id="dsift",
    label="DSIFT",
    title="Dense SIFT activity by sliding blocks, boundary decided by matched spatial frequency",
    citation="Y. Liu, S. Liu, Z. Wang, Multi-focus image fusion with dense SIFT, Information Fusion 23, 2015",
    doi="10.1016/j.inffus.2014.05.004",
    year=2015,
    kind="spatial",
    cost=5.5,
    comparison=True,
    decision_map=True,
    options={
        "block": Option(8, "Side of the sliding blocks that compare activity.", minimum=1, maximum=256),
        "area": Option(3600, "Smallest region, in pixels, that is decided by activity.", minimum=0, maximum=10**8),
        "matching": Option(True, "Compare spatial frequencies at matched positions instead of at the same position."),
    },
)

REFERENCES = (Reference("published", "dsift", why=_WHY), Reference("mfifb", "DSIFT"))

_REACH = 3
#: Matching offsets (down, across): left column first, from top to bottom; ties take the first.
_OFFSETS = [(down, across) for across in range(-_REACH, _REACH + 1) for down in range(-_REACH, _REACH + 1)]
_BAND = 64


def _sliding_sum(values: np.ndarray, side: int) -> np.ndarray:
    """Sums of all side x side blocks that lie inside, added in the same order everywhere so that equals tie."""
    for axis in (0, 1):
        length = values.shape[axis] - side + 1
        values = sum(np.take(values, range(k, k + length), axis=axis) for k in range(side))  # type: ignore[assignment]
    return values


def initial_map(first_activity: np.ndarray, second_activity: np.ndarray, block: int, area: int) -> NDArray[np.float64]:
    """Decision map from activity: 1 and 0 where one source wins every block, 1/2 elsewhere (float64, H x W)."""
    shape = first_activity.shape
    if min(shape) < block:
        return np.full(shape, 0.5)
    first, second = _sliding_sum(first_activity, block), _sliding_sum(second_activity, block)
    masks = []
    for wins in (first > second, second > first):
        # A pixel lies in the block positions up to block - 1 before it; positions outside the image do not vote.
        lost = np.pad(~wins, block - 1).astype(np.int64)
        unanimous = _sliding_sum(lost, block) == 0
        masks.append(fill_area(remove_small_components(unanimous, area), area).astype(np.float64))
    return masks[0] + 0.5 * (1 - masks[0] - masks[1])


def squared_spatial_frequency(gray: np.ndarray) -> np.ndarray:
    """Sum of squared differences of neighbours inside the 7 x 7 window (49 SF^2; H-6 x W-6, inner pixels only)."""
    across = np.diff(gray, axis=1) ** 2
    down = np.diff(gray, axis=0) ** 2
    side = 2 * _REACH + 1
    windows = np.lib.stride_tricks.sliding_window_view
    horizontal = windows(windows(across, side, 0).sum(-1), side - 1, 1).sum(-1)
    vertical = windows(windows(down, side - 1, 0).sum(-1), side, 1).sum(-1)
    return horizontal + vertical


def _nearest_offset(
    own: np.ndarray, other: np.ndarray, place: np.ndarray, rows: np.ndarray, columns: np.ndarray, chunk: int = 4096
) -> NDArray[np.int64]:
    """Number of the offset (of `_OFFSETS`) of the pixel in `other` with the descriptor nearest to the pixel's in `own`.

    `own` and `other` are arrays of descriptors, `place` (H x W) their rows; the first of equals wins.
    """
    best = np.empty(rows.size, dtype=np.int64)
    for start in range(0, rows.size, chunk):
        y, x = rows[start : start + chunk], columns[start : start + chunk]
        centre = own[place[y, x]]
        distances = np.empty((len(_OFFSETS), y.size), dtype=np.float32)
        for number, (down, across) in enumerate(_OFFSETS):
            difference = other[place[y + down, x + across]]
            difference -= centre
            np.einsum("kd,kd->k", difference, difference, out=distances[number])
        best[start : start + chunk] = distances.argmin(axis=0)
    return best


def _matched_positions(
    descriptors: Sequence[DenseSift], rows: np.ndarray, columns: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Positions (rows, columns) in the second image that match the first's pixels, and the reverse.

    Works in bands of rows, so that only a band's descriptors are held.
    """
    shape = descriptors[0].shape
    to_second, to_first = np.empty(rows.size, dtype=np.int64), np.empty(rows.size, dtype=np.int64)
    for top in range(0, shape[0], _BAND):
        band = (rows >= top) & (rows < top + _BAND)
        if not band.any():
            continue
        y, x = rows[band], columns[band]
        needed = np.zeros(shape, dtype=bool)
        needed[y, x] = True
        around = np.nonzero(ndimage.maximum_filter(needed, size=2 * _REACH + 1))
        place = np.zeros(shape, dtype=np.int64)
        place[around] = np.arange(around[0].size)
        first, second = (descriptor.normalised(*around) for descriptor in descriptors)
        to_second[band] = _nearest_offset(first, second, place, y, x)
        to_first[band] = _nearest_offset(second, first, place, y, x)
    steps = np.array(_OFFSETS)
    return [(rows + steps[chosen, 0], columns + steps[chosen, 1]) for chosen in (to_second, to_first)]


def refine(
    decision: NDArray[np.float64], grays: Sequence[np.ndarray], descriptors: Sequence[DenseSift] | None
) -> NDArray[np.float64]:
    """Decide the pixels of value 1/2 by spatial frequency (in place); without descriptors at equal positions."""
    height, width = decision.shape
    if min(height, width) < 2 * _REACH + 1:
        return decision
    inner = slice(_REACH, -_REACH)
    undecided = np.zeros(decision.shape, dtype=bool)
    undecided[inner, inner] = decision[inner, inner] == 0.5
    rows, columns = np.nonzero(undecided)
    first, second = (np.pad(squared_spatial_frequency(gray), _REACH) for gray in grays)
    if descriptors is None:
        decision[rows, columns] = first[rows, columns] > second[rows, columns]
        return decision
    (to_rows, to_columns), (from_rows, from_columns) = _matched_positions(descriptors, rows, columns)
    valid = np.ones(rows.size, dtype=bool)
    for found, length in ((to_rows, height), (from_rows, height), (to_columns, width), (from_columns, width)):
        valid &= (found >= _REACH) & (found < length - _REACH)
    ahead = first[rows, columns] - second[to_rows, to_columns]
    behind = second[rows, columns] - first[from_rows, from_columns]
    for sign, value in ((1, 1.0), (-1, 0.0)):
        chosen = valid & (sign * ahead > 0) & (sign * behind < 0)
        decision[rows[chosen], columns[chosen]] = value
    return decision


def fuse(images: Sequence[np.ndarray], block: int, area: int, matching: bool) -> Fusion:
    """Dense SIFT fusion of a pair.

    Blocks of 8 x 8 pixels compare the summed descriptors; regions of at least `area` pixels that win
    unanimously are decided. The rest compares spatial frequencies at positions matched with normalised descriptors
    and stays at 1/2 where the comparisons contradict each other.
    """
    grays = [gray_levels(image) for image in images]
    descriptors = [DenseSift(gray) for gray in grays]
    first_activity, second_activity = (descriptor.activity() for descriptor in descriptors)
    decision = initial_map(first_activity, second_activity, block, area)
    first_map = as_map(decision)
    decision = refine(decision, grays, descriptors if matching else None)
    return Fusion(blend(images[0], images[1], decision), decision_map=as_map(decision), initial_map=first_map)
