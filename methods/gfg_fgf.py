"""GFG-FGF: Gaussian-like four-neighbour gradient and fast guided filters, for any number of images.

1. Guide: the colour channel with the largest sum over the first image, for all images (in [0, 1]).
2. Activity: distance to the mean over 7 x 7 pixels. Where the four-neighbour gradient, measured against a 3 x 3 binomial
   mean, is at least 0.005, it takes the place of that distance.
3. Focus map: the activity through the fast guided filter (radius 5, epsilon 0.3, computed at a quarter of the size).
4. Image after image: one wins over the present winner where its focus is more than 1e-6 higher, or equal within that and
   its focus map is steeper (Sobel).
5. Weight of an image: where it won, through the fast guided filter on its own guide. The result is the weighted mean.

With that epsilon the guided filter is close to a blur of 20 pixels, so that borders between images are soft.

The result is cut to whole levels, as the program does; the preset ``rounded`` rounds it. Sources of more than 8 bits keep
their depth. The preset ``full_resolution`` computes the guided filter at full size. The order of images counts in the
guide channel and in ties.

References
----------
H. Fu, Y. Gong, L. Wang et al., "Multi-focus microscopic image fusion algorithm", Laser & Optoelectronics Progress 61(6),
2024, 0618022, as in the program OpenFocus 1.72.0 by X. Xie, which the constants are from.

K. He, J. Sun, "Fast guided filter", arXiv 1505.00996, 2015.
"""

from collections.abc import Sequence

import numpy as np

from methods import Fusion, Method, Option, Reference
from methods._common.focal_stack import add_weighted, box, finished, index_map, is_deep

METHOD = Method(
    id="gfg_fgf",
    label="GFG-FGF",
    title="Four-neighbour gradient and fast guided filters",
    citation=(
        "H. Fu, Y. Gong, L. Wang et al., Multi-focus microscopic image fusion algorithm, Laser & Optoelectronics "
        "Progress 61(6) (2024) 0618022, as in the program OpenFocus 1.72.0"
    ),
    year=2024,
    kind="spatial",
    cost=0.1,
    native_stack=True,
    decision_map=True,
    options={
        "radius": Option(3, "Radius of the mean that the activity is measured against.", minimum=0, maximum=25),
        "subsample": Option(4, "The guided filter works at this fraction of the size.", (1, 4)),
        "rounded": Option(False, "Round to the nearest level; the program cuts the fraction off."),
    },
    presets={"full_resolution": {"subsample": 1}, "rounded": {"rounded": True}},
    note=(
        "after the program OpenFocus, the paper was not at hand; cuts the result to whole levels, as the program does "
        "(preset rounded)"
    ),
)

REFERENCES = (Reference("official", "gfg_fgf"),)

#: Of the guided filter; epsilon on the scale [0, 1].
_RADIUS, _EPSILON = 5, np.float32(0.3)
#: Smallest gradient that counts.
_LEAST_GRADIENT = np.float32(0.005)
#: Focus values no farther apart are equal, and so small a sum of weights is none.
_TIE = np.float32(1e-6)
_BINOMIAL = np.array([0.25, 0.5, 0.25], dtype=np.float32)
#: Numbers of blue, green and red, in the order of preference among equally bright ones.
_CHANNELS = (2, 1, 0)


def fuse(images: Sequence[np.ndarray], *, radius: int = 3, subsample: int = 4, rounded: bool = False) -> Fusion:
    """Fuse n images in two passes.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        n >= 2, H x W or H x W x 3, [0, 1]; each is read at most twice, the first one once more.
    radius : int
        Of the mean that the activity is measured against.
    subsample : {4, 1}
        The guided filter works at this fraction of the size.
    rounded : bool
        Round the result instead of cutting it.

    Returns
    -------
    Fusion
        A pair's decision map is the share of the first image, its initial map where that image won. For more images,
        the index map says which one won.
    """
    first = images[0]
    deep, channel = is_deep(first), guide_channel(first)
    fused = np.zeros(first.shape, np.float32)
    del first
    indices = winners(images, channel, radius, subsample)
    total = np.zeros(indices.shape, np.float32)
    share = np.zeros(indices.shape, np.float32)
    for number in np.unique(indices):
        image = np.asarray(images[number], dtype=np.float32)
        weight = fast_guided(_plane(image, channel), (indices == number).astype(np.float32), subsample)
        total += weight
        add_weighted(fused, weight, image)
        if number == 0:
            share = weight
    without = total <= _TIE
    total[without] = 1
    fused /= total if fused.ndim == 2 else total[..., None]
    for number in np.unique(indices[without]):
        pixels = without & (indices == number)
        fused[pixels] = images[number][pixels]
    fused *= np.float32(255)
    image = finished(fused, deep, rounded)
    if len(images) > 2:
        return Fusion(image, index_map=indices)
    initial = (indices == 0).astype(np.float32)
    return Fusion(image, np.where(without, initial, np.clip(share / total, 0, 1)), initial)


def guide_channel(image: np.ndarray) -> int:
    """Number of the channel with the largest sum; blue before green before red among equals, 0 of a gray image."""
    if image.ndim == 2:
        return 0
    import cv2

    sums = cv2.sumElems(np.asarray(image, dtype=np.float32))
    return max(_CHANNELS, key=lambda channel: sums[channel])


def winners(images: Sequence[np.ndarray], channel: int, radius: int, subsample: int) -> np.ndarray:
    """Number of the image in focus at every pixel (uint8 or uint16, H x W); see step 4 of the module."""
    best, best_slope = _focus(images[0], channel, radius, subsample)
    indices = index_map(best.shape, len(images))
    for number in range(1, len(images)):
        focus, slope = _focus(images[number], channel, radius, subsample)
        ahead = focus - best
        wins = (ahead > _TIE) | ((np.abs(ahead) <= _TIE) & (slope > best_slope))
        indices[wins] = number
        np.copyto(best, focus, where=wins)
        np.copyto(best_slope, slope, where=wins)
    return indices


def _focus(image: np.ndarray, channel: int, radius: int, subsample: int) -> tuple[np.ndarray, np.ndarray]:
    """Focus map of an image and its steepness, each H x W."""
    import cv2

    guide = _plane(image, channel)
    focus = fast_guided(guide, activity(guide, radius), subsample)
    slope = np.abs(cv2.Sobel(focus, cv2.CV_32F, 1, 0))
    slope += np.abs(cv2.Sobel(focus, cv2.CV_32F, 0, 1))
    return focus, slope


def activity(guide: np.ndarray, radius: int) -> np.ndarray:
    """Distance to the local mean, or the four-neighbour gradient where there is one (H x W, [0, 1])."""
    import cv2

    edge = cv2.BORDER_REPLICATE
    smooth = cv2.sepFilter2D(guide, cv2.CV_32F, _BINOMIAL, _BINOMIAL, borderType=edge)
    around = cv2.copyMakeBorder(guide, 1, 1, 1, 1, edge)
    gradient: np.ndarray = cv2.absdiff(around[1:-1, 2:], smooth)
    for neighbours in (around[1:-1, :-2], around[2:, 1:-1], around[:-2, 1:-1]):
        gradient += cv2.absdiff(neighbours, smooth)
    gradient /= 2
    return np.where(gradient < _LEAST_GRADIENT, cv2.absdiff(guide, box(guide, radius)), gradient)


def fast_guided(guide: np.ndarray, values: np.ndarray, subsample: int) -> np.ndarray:
    """Guided filter of `values` (float32, H x W) whose coefficients are computed on a smaller grid.

    Parameters
    ----------
    guide : numpy.ndarray
        float32, H x W, [0, 1].
    values : numpy.ndarray
        float32, H x W.
    subsample : int
        The grid has a `subsample`-th of the rows and columns; all of them where it would have none.
    """
    import cv2

    height, width = guide.shape
    small = (width // subsample, height // subsample)
    shrinks = subsample > 1 and min(small) > 0
    radius = max(1, _RADIUS // subsample) if shrinks else _RADIUS
    coarse_guide, coarse = guide, values
    if shrinks:
        coarse_guide, coarse = (cv2.resize(plane, small, interpolation=cv2.INTER_AREA) for plane in (guide, values))
    mean_guide, mean = box(coarse_guide, radius), box(coarse, radius)
    covariance = box(coarse_guide * coarse, radius) - mean_guide * mean
    slope = covariance / (box(coarse_guide * coarse_guide, radius) - mean_guide * mean_guide + _EPSILON)
    offset = mean - slope * mean_guide
    slope, offset = box(slope, radius), box(offset, radius)
    if shrinks:
        slope, offset = (
            cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR) for plane in (slope, offset)
        )
    slope *= guide
    slope += offset
    return slope


def _plane(image: np.ndarray, channel: int) -> np.ndarray:
    """A channel of an image, contiguous (float32, H x W)."""
    import cv2

    image = np.asarray(image, dtype=np.float32)
    return image if image.ndim == 2 else cv2.extractChannel(image, channel)
