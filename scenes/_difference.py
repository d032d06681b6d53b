"""Which source is sharp, and where that cannot be told, from the difference of each to the all-in-focus image.

Of a pair without a known mask, the sharp source is the one nearer to the all-in-focus image, over a small
neighbourhood. Where all sources are alike the scene is flat, and where two are about as near the answer is
ambiguous (mostly at the boundary): both are undecided.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from imaging.levels import gray_real, to_levels
from imaging.truth import Truth

#: Standard deviation, in pixels, of the Gaussian over which differences are averaged.
SIGMA = 2.0
#: A choice is ambiguous where the second smallest difference is less than so many times the smallest.
CLEAR = 2.0


def differences(image: NDArray[np.float32], sources: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """Difference of every source to the all-in-focus image, in gray levels, averaged over a small neighbourhood.

    Parameters
    ----------
    image : numpy.ndarray
        float32, H x W or H x W x 3, [0, 1].
    sources : sequence of numpy.ndarray
        n images of that shape.

    Returns
    -------
    numpy.ndarray
        float64, n x H x W: Gaussian average of the absolute difference of unrounded gray, 0..255.
    """
    true = gray_real(to_levels(image))
    return np.stack([gaussian_filter(np.abs(gray_real(to_levels(source)) - true), SIGMA) for source in sources])


def truth(image: NDArray[np.float32], sources: Sequence[NDArray[np.float32]], flat: float) -> Truth:
    """Truth of a scene whose all-in-focus image is known.

    Parameters
    ----------
    image, sources
        As for `differences`.
    flat : float
        Gray levels: a pixel where no source differs by so much is undecided.

    Returns
    -------
    imaging.truth.Truth
        With an index map and the decided pixels.
    """
    found = differences(image, sources)
    least, second = np.sort(found, axis=0)[:2]
    decided = (found.max(axis=0) >= flat) & (second >= CLEAR * least)
    return Truth(image=image, index_map=found.argmin(axis=0).astype(np.uint8), decided=decided)
