"""OpenFocus C: Laplacian pyramids, at every level and pixel the band of the largest smoothed magnitude.

1. Pyramid of each image in 0..255, all channels alike: a Gaussian of 1 pixel, then every second row and column; up to
   seven levels with the base. A band is a level less the next one enlarged: cubic convolution (a = -0.75) and a Gaussian
   of 0.6 pixels.
2. Energy of a band: magnitude of its luma after a Gaussian of 3 pixels.
3. At every level and pixel the band of the image with the largest energy is taken, the first one among equals.
4. The base is that of the last image, so the result has its low-frequency brightness; the preset ``mean_base`` takes the
   mean of all, which does not depend on the order of images.
5. The pyramid is collapsed and cut to whole levels, as that program does; the preset ``rounded`` rounds. Sources of more
   than 8 bits keep their depth.

With `smoothing` 0 and the mean of bases it is the plain pyramid maximum of many focus-stacking programs.

References
----------
X. Xie, OpenFocus 1.72.0 (program); its rendering method C, after that of the program Helicon Focus. Constants as
there. Single-channel images are fused like three equal channels.

P. J. Burt, E. H. Adelson, "The Laplacian pyramid as a compact image code", IEEE Transactions on Communications 31, 1983.
"""

import math
from collections.abc import Sequence

import numpy as np

from methods import Fusion, Method, Option, Reference
from methods._common.focal_stack import finished, gaussian, is_deep, luma, to_float_levels

METHOD = Method(
    id="openfocus_c",
    label="OpenFocus C",
    title="Laplacian pyramids, band of the largest smoothed magnitude",
    citation="X. Xie, OpenFocus 1.72.0 (program of 2026, github.com/Xinzhe99/OpenFocus), rendering method C",
    year=2026,
    kind="transform",
    cost=0.1,
    native_stack=True,
    options={
        "smoothing": Option(3.0, "Sigma of the Gaussian over magnitudes; 0 for none.", minimum=0.0, maximum=8.0),
        "base": Option("last", "Base of the pyramid: that of the last image, or the mean of all.", ("last", "mean")),
        "rounded": Option(False, "Round to the nearest level; the program cuts the fraction off."),
    },
    presets={"mean_base": {"base": "mean"}, "rounded": {"rounded": True}},
    note=(
        "takes its low-frequency brightness from the last image, as the program does (preset mean_base: from all), and "
        "cuts the result to whole levels (preset rounded)"
    ),
)

REFERENCES = (
    Reference("official", "openfocus_c", why="the order of float sums decides where a value is cut to whole levels"),
)

_MOST_LEVELS = 7
_REDUCE_SIGMA, _EXPAND_SIGMA = 1.0, 0.6


def fuse(images: Sequence[np.ndarray], *, smoothing: float = 3.0, base: str = "last", rounded: bool = False) -> Fusion:
    """Fuse n images in one pass.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        n >= 2, H x W or H x W x 3, [0, 1]; each is read once, the first one twice.
    smoothing : float
        Sigma of the Gaussian over magnitudes, in pixels.
    base : {"last", "mean"}
        The image that gives the base.
    rounded : bool
        Round the result instead of cutting it.

    Returns
    -------
    Fusion
        Without a map: every level chooses for itself.
    """
    import cv2

    deep = is_deep(images[0])
    bands: list[np.ndarray] = []
    energies: list[np.ndarray] = []
    fused = np.zeros(0, np.float32)
    for number in range(len(images)):
        top = to_float_levels(images[number])
        for level in range(levels_for(top.shape) - 1):
            band, top = split(top)
            energy = gaussian(np.abs(luma(band)), smoothing)
            if number == 0:
                bands.append(band)
                energies.append(energy)
            else:
                cv2.copyTo(band, cv2.compare(energy, energies[level], cv2.CMP_GT), bands[level])
                cv2.max(energy, energies[level], energies[level])
        fused = top if base == "last" or number == 0 else fused + top
    if base == "mean":
        fused = fused / np.float32(len(images))
    for band in reversed(bands):
        fused = enlarged(fused, band.shape)
        fused += band
    return Fusion(finished(fused, deep, rounded))


def levels_for(shape: tuple[int, ...]) -> int:
    """Levels of the pyramid with its base, for an image of `shape`."""
    return max(2, min(_MOST_LEVELS, int(math.log2(max(2, min(shape[:2])))) - 1))


def split(level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Band of a level (float32, H x W or H x W x 3), and the next level of half the size (rounded up)."""
    smaller = np.ascontiguousarray(gaussian(level, _REDUCE_SIGMA)[::2, ::2])
    return level - enlarged(smaller, level.shape), smaller


def enlarged(level: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A level enlarged to twice its size and cut to `shape`."""
    import cv2

    height, width = level.shape[:2]
    twice = cv2.resize(level, (2 * width, 2 * height), interpolation=cv2.INTER_CUBIC)
    return gaussian(twice[: shape[0], : shape[1]], _EXPAND_SIGMA)
