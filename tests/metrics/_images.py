"""Synthetic images of the metrics' tests."""

import numpy as np
from scipy.ndimage import gaussian_filter

from imaging.levels import from_levels


def texture(shape, seed=0):
    """A textured gray image with structure at several scales (float levels 0..255)."""
    rng = np.random.default_rng(seed)
    image = sum(sigma * gaussian_filter(rng.standard_normal(shape), sigma) for sigma in (0.7, 2, 6))
    image -= image.min()
    return image * (255 / image.max())


def blurred(levels, sigma):
    return gaussian_filter(levels, sigma) if sigma else levels


def stack(shape, count=2, seed=0, sigma=2.0):
    """`count` sources, each sharp in its own vertical stripe, and the all-in-focus image, in [0, 1]."""
    sharp = texture(shape, seed)
    soft = blurred(sharp, sigma)
    owner = np.arange(shape[1]) * count // shape[1]
    sources = [from_levels(np.where(owner == number, sharp, soft)) for number in range(count)]
    return sources, from_levels(sharp), np.broadcast_to(owner, shape)


def saturated_levels(shape):
    """Two sources and a fused image in levels, with a saturated and a black corner: windows that are constant."""
    sharp = texture(shape, seed=sum(shape))
    half = np.arange(shape[1]) < shape[1] // 2
    soft = blurred(sharp, 1.5)
    first, second = (np.floor(image + 0.5) for image in (np.where(half, sharp, soft), np.where(half, soft, sharp)))
    fused = np.floor((first + 2 * second) / 3 + 0.5)
    for image in (first, second, fused):
        image[:20, :22] = 255
        image[-14:, -12:] = 0
    return first, second, fused
