"""Eight-bit grey levels: the one rounding rule and the one gray conversion.

The rule is round half up with saturation, ``clip(floor(255 x + 1/2), 0, 255)``: MATLAB's ``uint8`` for
non-negative values, which the published results of this field were written with.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: First row of the inverse of the YIQ matrix [1 .956 .621; 1 -.272 -.647; 1 -1.106 1.703], MATLAB's ``rgb2gray``.
GRAY_WEIGHTS = (0.298936021293775390, 0.587043074451121360, 0.114020904255103250)


def round_levels(values: ArrayLike) -> NDArray[np.uint8]:
    """Round half up and saturate to 0..255.

    Parameters
    ----------
    values : array_like
        Grey levels (0..255 scale), any shape.

    Returns
    -------
    numpy.ndarray
        uint8, same shape.
    """
    return np.clip(np.floor(np.asarray(values, dtype=np.float64) + 0.5), 0, 255).astype(np.uint8)


def to_uint8(image: ArrayLike) -> NDArray[np.uint8]:
    """Eight-bit levels of an image in [0, 1] (uint8, same shape)."""
    return round_levels(np.asarray(image, dtype=np.float64) * 255.0)


def to_levels(image: ArrayLike) -> NDArray[np.float64]:
    """Eight-bit levels of an image in [0, 1] as float64 integers 0..255 (same shape)."""
    return to_uint8(image).astype(np.float64)


def from_levels(levels: ArrayLike) -> NDArray[np.float32]:
    """Image in [0, 1] (float32) from grey levels on the 0..255 scale, rounded to 8 bit first.

    Methods that compute on the 0..255 scale in float64 end with this, so that the rounding to 8 bit
    happens in float64, before the cast to float32.
    """
    return round_levels(levels).astype(np.float32) / np.float32(255.0)


def gray_real(levels: ArrayLike) -> NDArray[np.float64]:
    """Unrounded gray of levels: H x W x 3 -> H x W (float64); gray input is returned as float64."""
    levels = np.asarray(levels, dtype=np.float64)
    if levels.ndim == 2:
        return levels
    red, green, blue = GRAY_WEIGHTS
    return levels[..., 0] * red + levels[..., 1] * green + levels[..., 2] * blue


def gray_levels(image: ArrayLike) -> NDArray[np.float64]:
    """Rounded 8-bit gray of an image in [0, 1]: float64 integers 0..255, H x W.

    The image is rounded to 8 bit, turned to gray with `GRAY_WEIGHTS` and rounded again, as
    MATLAB's ``rgb2gray`` does with a uint8 image.
    """
    return round_levels(gray_real(to_levels(image))).astype(np.float64)
