"""MWGF: multi-scale weighted gradient-based fusion."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from imaging.levels import from_levels, gray_levels, to_levels
from methods import Fusion, Method, Option, Reference
from methods._common.compose import as_map
from methods._common.morphology import closing, dilate, disc, erode, largest_component, square
from methods._common.resize import resize_bicubic
from methods._common.tensor_saliency import gradients, tensor_saliency

_WHY = "Each of the 500 diffusion steps rounds to whole levels; single levels differ from the published program's."

METHOD = Method(
    id="mwgf",
    label="MWGF",
    title="Gradients weighted by structure-tensor saliency at two scales, recovered by diffusion",
    citation=(
        "Z. Zhou, S. Li, B. Wang, Multi-scale weighted gradient-based fusion for multi-focus images, "
        "Information Fusion 20, 2014"
    ),
    doi="10.1016/j.inffus.2013.11.005",
    year=2014,
    kind="spatial",
    cost=8.1,
    comparison=True,
    decision_map=True,
    keeps_equal_sources=False,
    options={
        "percentile": Option(
            0.5,
            "Position of the thresholds among the descending values of the sure regions, as a share.",
            minimum=0.0,
            maximum=1.0,
        ),
        "margin": Option(
            6,
            "Width in pixels of the band around the boundary that is decided at the small scale.",
            minimum=1,
            maximum=200,
        ),
        "steps": Option(500, "Diffusion steps that recover the image from its gradient.", minimum=0, maximum=100_000),
    },
    presets={"misregistered": {"percentile": 0.01, "margin": 16}},
)

REFERENCES = (Reference("published", "mwgf", why=_WHY), Reference("mfifb", "MWGF", why=_WHY))

_LARGE_SCALE, _SMALL_SCALE, _ORIENTATION_SCALE = 4.0, 0.5, 6.0
_SHRINKING = 4
_LEAD = 0.8
_CLOSING_RADIUS = 9
_RIM = 13
_STEP = 0.1


def _shrunk_saliency(field: Sequence[np.ndarray]) -> np.ndarray:
    shape = tuple(-(-side // _SHRINKING) for side in field[0].shape)
    across, down = (resize_bicubic(part, shape) for part in field)
    return tensor_saliency(across, down, _ORIENTATION_SCALE)


def _trim_rim(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Clear foreground strips narrower than the limit along the ends of the columns, then of the rows."""
    for axis in (0, 1):
        lines = np.moveaxis(mask.copy(), axis, -1)
        length = lines.shape[-1]
        place = np.arange(length)
        has_background = ~lines.all(axis=-1)
        first_background = np.argmin(lines, axis=-1)
        last_background = length - 1 - np.argmin(lines[..., ::-1], axis=-1)
        head = has_background & (first_background + 1 < _RIM)
        tail = has_background & (length - 1 - last_background < _RIM)
        lines[head[:, None] & (place < first_background[:, None])] = False
        lines[tail[:, None] & (place > last_background[:, None])] = False
        mask = np.moveaxis(lines, -1, axis)
    return mask


def focused_region(base: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Region of the image that leads at the large scale: closed, one component, no holes, no thin rims."""
    region = largest_component(closing(base, disc(_CLOSING_RADIUS)))
    return _trim_rim(~largest_component(~region))


def _threshold(values: np.ndarray, percentile: float) -> float:
    """Value at place ceil(percentile n) of the descending values, 0 of none."""
    if values.size == 0:
        return 0.0
    place = max(math.ceil(percentile * values.size), 1)
    return np.sort(values)[::-1][place - 1]


def _preference(own: np.ndarray, other: np.ndarray, threshold: float) -> np.ndarray:
    """Weight of the side with the larger saliency `own`."""
    exponent = np.where(own > 0, np.inf, 0.0) if threshold == 0 else 5 * (own - threshold) / threshold
    confidence = np.exp(np.minimum(exponent, 700))
    total = own + other
    contrast = np.divide(other - own, total, out=np.zeros_like(total), where=total > 0)
    return 1 / (1 + np.exp(contrast) / (1 + confidence))


def weight_map(first: np.ndarray, second: np.ndarray, percentile: float, margin: int) -> np.ndarray:
    """Weight of the first image (float64, H x W, [0, 1]) from the gray levels of both."""
    fields = [gradients(gray) for gray in (first, second)]
    shrunk = [_shrunk_saliency(field) for field in fields]
    swap = np.mean(shrunk[0] > shrunk[1]) > 0.5
    if swap:
        fields = fields[::-1]
    large = [tensor_saliency(*field, _LARGE_SCALE) for field in fields]
    one, two = (tensor_saliency(*field, _SMALL_SCALE) for field in fields)
    region = focused_region(large[0] > large[1] + _LEAD)
    sure_one = erode(region, square(margin))
    sure_two = ~dilate(region, square(math.ceil(1.4 * margin)))
    threshold_two = _threshold(two[sure_one & (one < two)], percentile)
    threshold_one = _threshold(one[sure_two & (one > two)], percentile)
    weight = np.where(one >= two, _preference(one, two, threshold_one), 1 - _preference(two, one, threshold_two))
    weight[sure_one] = 1
    weight[sure_two] = 0
    if swap:
        weight = 1 - weight
    return ndimage.median_filter(weight, size=3, mode="constant")


def merged_gradient(first: np.ndarray, second: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted gradients of two channels merged along the dominant direction: two H x W arrays."""
    (x1, y1), (x2, y2) = gradients(first), gradients(second)
    x1, y1, x2, y2 = weight * x1, weight * y1, (1 - weight) * x2, (1 - weight) * y2
    c11, c12, c22 = x1 * x1 + x2 * x2, x1 * y1 + x2 * y2, y1 * y1 + y2 * y2
    root = np.sqrt((c11 - c22) ** 2 + 4 * c12**2)
    slope = (c11 - c22 + root) / (2 * c12 + 2.2e-16)
    length = np.sqrt(slope**2 + 1)
    magnitude = np.sqrt((c11 + c22 + root) / 2)
    across, down = magnitude * slope / length, magnitude / length
    sign = np.where(across * (x1 + x2) + down * (y1 + y2) < 0, -1.0, 1.0)
    return across * sign, down * sign


def divergence(across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Forward differences of a field, zero outside the image (H x W)."""
    return np.diff(across, axis=1, append=0) + np.diff(down, axis=0, append=0)


def recover(start: np.ndarray, target: np.ndarray, steps: int) -> np.ndarray:
    """Levels (H x W or H x W x 3) whose Laplacian approaches `target`, by explicit diffusion steps.

    The Laplacian is taken of the levels rounded to integers, as in the published program.
    """
    import cv2

    levels = start.copy()
    change = np.empty_like(levels)
    for _ in range(steps):
        rounded = (levels + 0.5).astype(np.uint8)
        laplacian = cv2.Laplacian(rounded, cv2.CV_16S, ksize=1, borderType=cv2.BORDER_REPLICATE)
        np.subtract(laplacian.reshape(levels.shape), target, out=change)
        change *= _STEP
        levels += change
        np.clip(levels, 0, 255, out=levels)
    return levels


def fuse(images: Sequence[np.ndarray], percentile: float, margin: int, steps: int) -> Fusion:
    """Multi-scale weighted gradient fusion of a pair; one weight map for all channels.

    Not the identity on equal images: the weights enter the gradients squared.
    """
    weight = weight_map(gray_levels(images[0]), gray_levels(images[1]), percentile, margin)
    first, second = (to_levels(image) for image in images)
    planes = [(first, second)] if first.ndim == 2 else [(first[..., c], second[..., c]) for c in range(3)]
    target = np.stack([divergence(*merged_gradient(one, two, weight)) for one, two in planes], axis=-1)
    spread = weight if first.ndim == 2 else weight[..., None]
    start = spread * first + (1 - spread) * second
    levels = recover(start, target.reshape(start.shape), steps)
    return Fusion(from_levels(levels), decision_map=as_map(weight))
