"""Steps that the spatial-domain methods share."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imaging.levels import from_levels, to_levels


def blend(first: np.ndarray, second: np.ndarray, weight: np.ndarray) -> NDArray[np.float32]:
    """Weighted sum of two images, rounded to 8 bit.

    Parameters
    ----------
    first, second : numpy.ndarray
        H x W or H x W x 3, [0, 1].
    weight : numpy.ndarray
        H x W: weight of the first image.

    Returns
    -------
    numpy.ndarray
        float32, shape of the images, [0, 1].
    """
    first, second = to_levels(first), to_levels(second)
    weight = np.asarray(weight, dtype=np.float64)
    weight = weight if first.ndim == 2 else weight[..., None]
    return from_levels(weight * first + (1 - weight) * second)


def channels(image: np.ndarray) -> list[NDArray[np.float64]]:
    """The channels of an image as gray images of levels (list of float64, H x W, 0..255)."""
    levels = to_levels(image)
    return [levels] if levels.ndim == 2 else [levels[..., c] for c in range(levels.shape[2])]


def join(planes: Sequence[np.ndarray]) -> np.ndarray:
    """Levels of an image from those of its channels: H x W for one channel, H x W x 3 for three."""
    return planes[0] if len(planes) == 1 else np.stack(planes, axis=-1)


def as_map(weight: np.ndarray) -> NDArray[np.float32]:
    """Decision map in the form of `methods.Fusion`: float32, limited to [0, 1]."""
    return np.clip(weight, 0, 1).astype(np.float32)


def mean_map(maps: Sequence[np.ndarray]) -> np.ndarray:
    """Mean of the channels' decision maps (H x W)."""
    return np.mean(maps, axis=0)


def mode_map(maps: Sequence[np.ndarray]) -> np.ndarray:
    """One index map from those of one or three channels: what red and blue agree on, else green's (H x W)."""
    if len(maps) == 1:
        return maps[0]
    red, green, blue = maps
    return np.where(red == blue, red, green)
