"""OpenFocus A: mean of all images, weighted by the smoothed local variance.

1. Luma of every image in 0..255; its variance over squares of 11 x 11 pixels.
2. Weight: the variance after a Gaussian of 2 pixels.
3. Weighted mean, with one more vote of weight 1 for the last image, which decides where all images are flat.

Variance has a blunt peak, so every image shines through: the result is hazy. It is here as the baseline of its kind.
The result is cut to whole levels, as that program does; the preset ``rounded`` rounds it. Sources of more than 8 bits
keep their depth.

The order of images counts through the last one alone: where flat areas get their brightness from.

References
----------
X. Xie, OpenFocus 1.72.0 (program); its rendering method A, after that of the program Helicon Focus. Constants as
there. Single-channel images are fused like three equal channels.
"""

from collections.abc import Sequence

import numpy as np

from methods import Fusion, Method, Option, Reference
from methods._common.focal_stack import add_weighted, finished, gaussian, is_deep, luma, to_float_levels, variance

METHOD = Method(
    id="openfocus_a",
    label="OpenFocus A",
    title="Mean of all images weighted by smoothed local variance",
    citation="X. Xie, OpenFocus 1.72.0 (program of 2026, github.com/Xinzhe99/OpenFocus), rendering method A",
    year=2026,
    kind="spatial",
    cost=0.06,
    native_stack=True,
    options={
        "radius": Option(5, "Radius of the square that the variance is taken over.", minimum=0, maximum=10),
        "smoothing": Option(2.0, "Sigma of the Gaussian over the variance; 0 for none.", minimum=0.0, maximum=8.0),
        "rounded": Option(False, "Round to the nearest level; the program cuts the fraction off."),
    },
    presets={"rounded": {"rounded": True}},
    note="cuts the result to whole levels, as the program does: half a level darker (preset rounded)",
)

REFERENCES = (
    Reference("official", "openfocus_a", why="the order of float sums decides where a value is cut to whole levels"),
)


def fuse(images: Sequence[np.ndarray], *, radius: int = 5, smoothing: float = 2.0, rounded: bool = False) -> Fusion:
    """Fuse n images in one pass.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        n >= 2, H x W or H x W x 3, [0, 1]; each is read once, the first one twice.
    radius : int
        Of the square that the variance is taken over.
    smoothing : float
        Sigma of the Gaussian over the variance, in pixels.
    rounded : bool
        Round the result instead of cutting it.

    Returns
    -------
    Fusion
        Without a map: every pixel is a mean.
    """
    first = images[0]
    deep, total = is_deep(first), np.zeros(first.shape, np.float32)
    del first
    weights = np.zeros(total.shape[:2], np.float32)
    for number in range(len(images)):
        last = to_float_levels(images[number])
        weight = gaussian(variance(luma(last), radius), smoothing)
        weights += weight
        add_weighted(total, weight, last)
    total += last
    weights += 1
    total /= weights if total.ndim == 2 else weights[..., None]
    return Fusion(finished(total, deep, rounded))
