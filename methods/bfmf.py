"""BFMF (also BF): boundary finding by a multi-scale morphological focus measure."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from imaging.filters import remove_small_components
from imaging.levels import from_levels, round_levels
from methods import Fusion, Method, Reference
from methods._common.compose import as_map, channels, join, mean_map
from methods._common.morphology import components, dilate, disc, erode, window_sum

_WHY = "The published program breaks ties differently in watershed and thinning; regions differ near boundaries."

METHOD = Method(
    id="bfmf",
    label="BFMF",
    title="Boundaries where no image dominates, regions between them, refined by marker watershed",
    citation=(
        "Y. Zhang, X. Bai, T. Wang, Boundary finding based multi-focus image fusion through multi-scale morphological "
        "focus-measure, Information Fusion 35, 2017"
    ),
    doi="10.1016/j.inffus.2016.09.006",
    year=2017,
    kind="spatial",
    cost=8.9,
    decision_map=True,
)

REFERENCES = (Reference("mfifb", "BFMF", why=_WHY),)

_SCALES = (3, 5, 7, 9, 11)
_WINDOW = 7
_DOMINANCE, _LEAST_LEAD = 0.8, 49.0
_LONG_SHARE = 0.2
_SMALL_SHARE = 40
_MARKER_RADIUS, _BAND_RADIUS = 20, 3
_PREWITT = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]], dtype=np.float64)


def focus_measure(plane: np.ndarray) -> NDArray[np.float64]:
    """Multi-scale morphological gradient of a channel (levels, H x W)."""
    levels = plane.astype(np.uint8)
    total = np.zeros(plane.shape)
    for scale in _SCALES:
        total += (dilate(levels, disc(scale)).astype(np.float64) - erode(levels, disc(scale))) / scale
    return total


def regions(inside: NDArray[np.bool_], measures: Sequence[np.ndarray]) -> np.ndarray:
    """Label of each 4-connected region: 1 or 2 for the image with the larger summed focus measure, 0 for none."""
    labels, sizes = components(inside, connectivity=4)
    first, second = (np.bincount(labels.ravel(), measure.ravel(), minlength=sizes.size) for measure in measures)
    winner = np.where(first > second, 1, np.where(first < second, 2, 0))
    winner[0] = 0
    return winner[labels]


def repair(labels: np.ndarray, boundary: NDArray[np.bool_]) -> np.ndarray:
    """Give small regions to the label around them, and boundary pixels to the label on both their sides."""
    minimum = math.floor(labels.size / _SMALL_SHARE + 0.5)
    large = [remove_small_components(labels == label, minimum, connectivity=4) for label in (1, 2)]
    kept = large[0] + 2 * large[1]
    kept[large[0] & large[1]] = 0
    kept = kept - boundary
    places, _ = components(kept == 0)
    result = kept.copy()
    for number, box in enumerate(ndimage.find_objects(places), start=1):
        around = kept[tuple(slice(max(side.start - 3, 0), side.stop + 1) for side in box)]
        ones, twos = np.count_nonzero(around == 1), np.count_nonzero(around == 2)
        result[box][places[box] == number] = 1 if ones > twos else 2 if twos > ones else 0
    near = [ndimage.maximum_filter(result == label, size=3, mode="reflect") for label in (1, 2)]
    between = np.where(near[0] & ~near[1], 1, np.where(near[1] & ~near[0], 2, 0))
    return np.where(boundary, between, result)


def boundary_lines(measures: Sequence[np.ndarray]) -> NDArray[np.bool_]:
    """Long thin lines where neither image dominates its 7 x 7 window (bool, H x W)."""
    from skimage.morphology import thin

    first, second = (window_sum(measure, _WINDOW, _WINDOW) for measure in measures)
    larger = window_sum(np.maximum(*measures), _WINDOW, _WINDOW)
    smaller = first + second - larger
    lead = np.abs(first - second)
    dominated = (lead >= _DOMINANCE * (larger - smaller)) & (lead >= _LEAST_LEAD)
    lines = thin(np.pad(~dominated, 2, constant_values=True))[2:-2, 2:-2]
    pieces, sizes = components(lines)
    sizes[0] = 0
    if sizes.size == 1:
        return lines
    longest = np.sort(sizes[1:])[::-1][: math.ceil(_LONG_SHARE * (sizes.size - 1))]
    return (sizes >= longest.mean())[pieces] & lines


def watershed_lines(measure: np.ndarray, markers: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Watershed lines of the focus measure's gradient with the markers as its only minima (bool, H x W)."""
    from skimage.morphology import reconstruction
    from skimage.segmentation import watershed

    if not markers.any():
        return np.zeros(markers.shape, dtype=bool)
    gradient = np.hypot(*(ndimage.correlate(measure, kernel, mode="nearest") for kernel in (_PREWITT, _PREWITT.T)))
    step = 0.001 * np.ptp(gradient) or 0.1
    low, high = gradient.min() - 1, gradient.max() + 1
    seed = np.where(markers, low, high)
    relief = reconstruction(seed, np.minimum(gradient + step, seed), method="erosion", footprint=np.ones((3, 3)))
    labels, _ = components(markers)
    return watershed(relief, labels, connectivity=2, watershed_line=True) == 0


def _trial_sharpness(labels: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    fused = np.where(labels == 1, first, np.where(labels == 2, second, (first + second) / 2))
    return focus_measure(round_levels(fused)).mean()


def focus_labels(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Labels 1 and 2 of the focused regions of two channels (levels, H x W), 0 where undecided."""
    measures = [focus_measure(first), focus_measure(second)]
    labels = regions(~boundary_lines(measures), measures)
    labels = repair(labels, labels == 0)
    markers = erode(labels.astype(np.uint8), disc(_MARKER_RADIUS)) > 0
    candidates = []
    for measure in measures:
        lines = watershed_lines(measure, markers)
        candidates.append((regions(~lines, measures), lines))
    trials = [_trial_sharpness(candidate, first, second) for candidate, _ in candidates]
    return repair(*candidates[0 if trials[0] > trials[1] else 1])


def blend_weight(labels: np.ndarray) -> NDArray[np.float64]:
    """Weight of the first image: 1 and 0 inside the regions, by distance in the band between them (float64, H x W)."""
    core = erode(labels.astype(np.uint8), disc(_BAND_RADIUS))
    present = [(core == label).any() for label in (1, 2)]
    if not all(present):
        return np.full(core.shape, 0.5 if not any(present) else float(present[0]))
    to_first, to_second = (ndimage.distance_transform_edt(core != label) for label in (1, 2))
    return to_second / (to_first + to_second)


def fuse(images: Sequence[np.ndarray]) -> Fusion:
    """Boundary-finding fusion of a pair, every channel on its own; the decision map is the channels' mean."""
    fused, maps = [], []
    for first, second in zip(*(channels(image) for image in images), strict=True):
        labels = focus_labels(first, second)
        weight = blend_weight(labels)
        fused.append(round_levels(weight * first + (1 - weight) * second))
        maps.append(np.where(labels == 1, 1.0, np.where(labels == 2, 0.0, 0.5)))
    return Fusion(from_levels(join(fused)), decision_map=as_map(mean_map(maps)))
