"""What the four stack methods of the program OpenFocus share: levels, filters, and the cut to 8 bit.

All of them take one image at a time, so that their memory does not grow with the number of images: 40 to 75 bytes a
pixel for images of a few megapixels. They compute in float32 on OpenCV's filters, in the order of that program: its cut
to whole levels turns differences of one part in ten million into a whole level.
"""

import numpy as np

from methods import Fusion

_FULL = np.float32(255)
#: A smoothing of at most this many pixels is none.
_NO_SMOOTHING = 0.001


def is_deep(image: np.ndarray) -> bool:
    """Whether an image in [0, 1] has values between the 256 levels of 8 bit."""
    levels = to_float_levels(image)
    return not np.array_equal(np.rint(levels), levels)


def to_float_levels(image: np.ndarray) -> np.ndarray:
    """Levels in 0..255, not rounded, of an image in [0, 1]; float32, same shape."""
    return np.asarray(image, dtype=np.float32) * _FULL


def finished(levels: np.ndarray, deep: bool, rounded: bool) -> np.ndarray:
    """Image in [0, 1] of fused levels, which are changed.

    Parameters
    ----------
    levels : numpy.ndarray
        float32, in 0..255 and a little beyond.
    deep : bool
        The sources have more than 8 bits: whole levels would lose them, so the values stay as they are.
    rounded : bool
        Round to the nearest level. Otherwise the fraction is cut off, as OpenFocus does, which darkens blended pixels
        by half a level.
    """
    if not deep:
        if rounded:
            levels += np.float32(0.5)
        np.floor(levels, out=levels)
    np.clip(levels, 0, _FULL, out=levels)
    levels /= _FULL
    return levels


def luma(levels: np.ndarray) -> np.ndarray:
    """0.299 R + 0.587 G + 0.114 B of colour (H x W x 3); gray (H x W) as it is."""
    import cv2

    return levels if levels.ndim == 2 else cv2.cvtColor(levels, cv2.COLOR_RGB2GRAY)


def box(values: np.ndarray, radius: int) -> np.ndarray:
    """Mean over squares of side 2 radius + 1; mirrored without repeating the edge."""
    import cv2

    side = 2 * radius + 1
    return cv2.blur(values, (side, side), borderType=cv2.BORDER_REFLECT_101)


def gaussian(values: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian smoothing, cut at four sigma; mirrored without repeating the edge. None where sigma is (nearly) 0."""
    import cv2

    if sigma <= _NO_SMOOTHING:
        return values
    return cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)


def variance(gray: np.ndarray, radius: int) -> np.ndarray:
    """Variance over squares of side 2 radius + 1; float32, shape of `gray` (levels)."""
    mean = box(gray, radius)
    values = box(gray * gray, radius)
    mean *= mean
    values -= mean
    return np.maximum(values, 0, out=values)


def add_weighted(total: np.ndarray, weight: np.ndarray, levels: np.ndarray) -> None:
    """Add `weight` (H x W) times `levels` (H x W or H x W x 3) to `total`; all float32."""
    import cv2

    every = weight if levels.ndim == 2 else cv2.merge([weight] * levels.shape[2])
    cv2.add(total, cv2.multiply(every, levels), total)


def index_map(size: tuple[int, ...], count: int) -> np.ndarray:
    """Map of zeros that can name any of `count` images."""
    return np.zeros(size, np.uint8 if count <= 256 else np.uint16)


def selection(image: np.ndarray, indices: np.ndarray, count: int) -> Fusion:
    """Fusion of an image whose pixels come from the images named by `indices`."""
    if count == 2:
        return Fusion(image, decision_map=(indices == 0).astype(np.float32))
    return Fusion(image, index_map=indices)
