"""Exact truth of the data set ``synth_wave``.

Each pair was made from one sharp gray image g of height h and width w. With u = floor(w / 7), the region L of row
y = 1..h holds the columns 1..b(y), b(y) = round(3 u + u sin(0.02 y)). Source 1 is blurred on L and sharp elsewhere,
source 2 is sharp on L and blurred elsewhere, where the blur is a normalised 3 x 3 Gaussian of sigma 7 with zeros
outside the image, rounded half up. `pair` follows this formula, so that a test can hold it against the files.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d

from imaging.levels import from_levels, to_levels
from imaging.truth import Truth

_SIGMA = 7.0
_FREQUENCY = 0.02


def left_region(height: int, width: int) -> NDArray[np.bool_]:
    """The region L, in which source 2 is the sharp one (bool, H x W)."""
    unit = width // 7
    rows = np.arange(1, height + 1)
    boundary = np.floor(3 * unit + unit * np.sin(_FREQUENCY * rows) + 0.5)
    return np.arange(1, width + 1)[None, :] <= boundary[:, None]


def truth(image: NDArray[np.float32], sources: Sequence[NDArray[np.float32]]) -> Truth:
    """Truth of a scene from its sharp image (H x W): the index is 1 (source 2) on L, 0 elsewhere. No source is read."""
    return Truth(image=image, index_map=left_region(*image.shape[:2]).astype(np.uint8))


def pair(image: np.ndarray) -> list[NDArray[np.float32]]:
    """Both sources of a sharp gray image (H x W, [0, 1]), after the formula (list of float32 images)."""
    taps = np.exp(-(np.arange(-1, 2) ** 2) / (2 * _SIGMA**2))
    taps /= taps.sum()
    blurred: np.ndarray = to_levels(image)
    for axis in (0, 1):
        blurred = correlate1d(blurred, taps, axis=axis, mode="constant", cval=0.0)
    blurred = from_levels(blurred)
    left = left_region(*image.shape)
    return [np.where(left, blurred, image), np.where(left, image, blurred)]
