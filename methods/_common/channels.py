"""Pair methods that are defined on a single channel of 8-bit levels."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from imaging.levels import from_levels, to_levels
from methods import Fusion


def fuse_channels(
    images: Sequence[np.ndarray], fuse_levels: Callable[[NDArray[np.float64], NDArray[np.float64]], np.ndarray]
) -> Fusion:
    """Fuse a pair channel by channel, each colour on its own.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        Two images, H x W or H x W x 3, [0, 1].
    fuse_levels : callable
        Function of two H x W float64 arrays of integer levels (0..255) that returns the fused levels, not rounded.

    Returns
    -------
    Fusion
        Without a decision map; levels are rounded half up and saturated only here.
    """
    first, second = (to_levels(image) for image in images)
    if first.ndim == 2:
        return Fusion(from_levels(fuse_levels(first, second)))
    channels = [
        fuse_levels(np.ascontiguousarray(first[..., c]), np.ascontiguousarray(second[..., c]))
        for c in range(first.shape[2])
    ]
    return Fusion(from_levels(np.stack(channels, axis=-1)))
