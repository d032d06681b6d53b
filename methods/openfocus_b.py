"""OpenFocus B: every pixel from one image, by the largest local variance, over a smoothed map.

1. Luma of every image in 0..255; its variance over squares of 11 x 11 pixels.
2. Number of the image with the largest variance, the first one among equals.
3. That map of numbers goes through a 3 x 3 median and a Gaussian of 1.2 pixels, and is rounded (ties to even).
4. Every pixel is copied from the image that the map names.

The third step takes numbers as depths. Between a region of image 0 and one of image 7 it inserts a band of images 1
to 6, so that the images must be sorted by focus; shuffled ones give another result. The preset ``median_only`` leaves
the Gaussian out; the order still counts in the median.

References
----------
X. Xie, OpenFocus 1.72.0 (program); its rendering method B, after that of the program Helicon Focus. Constants as
there. Single-channel images are fused like three equal channels.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from methods import Fusion, Method, Option, Reference
from methods._common.focal_stack import gaussian, index_map, luma, selection, to_float_levels, variance

METHOD = Method(
    id="openfocus_b",
    label="OpenFocus B",
    title="Image of largest local variance, over a smoothed depth map",
    citation="X. Xie, OpenFocus 1.72.0 (program of 2026, github.com/Xinzhe99/OpenFocus), rendering method B",
    year=2026,
    kind="spatial",
    cost=0.03,
    native_stack=True,
    decision_map=True,
    options={
        "radius": Option(5, "Radius of the square that the variance is taken over.", minimum=0, maximum=10),
        "depth_smoothing": Option(
            1.2, "Sigma of the Gaussian over the map of numbers; 0 for none.", minimum=0.0, maximum=8.0
        ),
    },
    presets={"median_only": {"depth_smoothing": 0.0}},
    note="averages the numbers of images as depths, so they must be sorted by focus",
)

REFERENCES = (
    Reference(
        "official",
        "openfocus_b",
        why="where the smoothed number is half way between two images, the rounding of float sums decides",
    ),
)

#: A smoothing of at most this many pixels is none.
_NO_SMOOTHING = 0.05


def fuse(images: Sequence[np.ndarray], *, radius: int = 5, depth_smoothing: float = 1.2) -> Fusion:
    """Fuse n images in two passes.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        n >= 2, H x W or H x W x 3, [0, 1], sorted by focus; each is read at most twice, the first one once more.
    radius : int
        Of the square that the variance is taken over.
    depth_smoothing : float
        Sigma of the Gaussian over the map of numbers, in pixels.

    Returns
    -------
    Fusion
        With the map of the images that the pixels are copied from.
    """
    import cv2

    indices = smoothed(most_varied(images, radius), len(images), depth_smoothing)
    fused: NDArray[np.float32] = np.empty(images[0].shape, np.float32)
    for number in np.unique(indices):
        image = np.asarray(images[number], dtype=np.float32)
        cv2.copyTo(image, (indices == number).view(np.uint8), fused)
    return selection(fused, indices, len(images))


def most_varied(images: Sequence[np.ndarray], radius: int) -> np.ndarray:
    """Number of the image with the largest variance at every pixel (uint8 or uint16, H x W)."""
    best = variance(luma(to_float_levels(images[0])), radius)
    indices = index_map(best.shape, len(images))
    for number in range(1, len(images)):
        values = variance(luma(to_float_levels(images[number])), radius)
        indices[values > best] = number
        np.maximum(best, values, out=best)
    return indices


def smoothed(indices: np.ndarray, count: int, sigma: float) -> np.ndarray:
    """The map of numbers after median, Gaussian and rounding; same form."""
    import cv2

    depth = cv2.medianBlur(indices, 3)
    if sigma <= _NO_SMOOTHING:
        return depth
    depth = gaussian(depth.astype(np.float32), sigma)
    return np.clip(np.rint(depth), 0, count - 1).astype(indices.dtype)
