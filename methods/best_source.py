"""Control: the bound of every method that copies pixels, by the truth.

At every pixel the source nearest to the true image: no method that copies pixels can have a smaller squared error. The
sharpest source by geometry (`oracle`) is not that one near depth edges, where a blurred foreground spreads over a sharp
background.

Pixel by pixel the choice also profits from noise and chance. With ``window`` the squared error is averaged over a square
before choosing (preset ``window``, 5 x 5), which is nearer to what a focus measure could achieve; 0 compares whole
images, and gives the best of the unfused sources (preset ``whole``).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from files.errors import Unavailable
from imaging.truth import Truth
from methods import Fusion, Method, Option, oracle
from methods._common.focal_stack import index_map, selection

METHOD = Method(
    id="best_source",
    label="Best source",
    title="Every pixel from the source nearest to the true image (control)",
    citation="No source; a control that bounds every method that copies pixels.",
    kind="control",
    cost=0.1,
    native_stack=True,
    order_free=True,
    decision_map=True,
    needs=("truth",),
    options={
        "window": Option(
            1, "Side of the square the error is averaged over, odd; 0 for the whole image.", minimum=0, maximum=511
        ),
    },
    presets={"window": {"window": 5}, "whole": {"window": 0}},
    note="where only a true index map is known, that map",
)


def fuse(images: Sequence[np.ndarray], *, window: int = 1, truth: Truth) -> Fusion:
    """Take every pixel from the source nearest to the true image.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        n >= 2 sources, float32, H x W or H x W x 3, [0, 1]; each is read once.
    window : int
        Side of the square over which the squared error, summed over channels, is averaged; mirrored at the border. An
        even side means the next larger one. 0 takes the whole image.
    truth : imaging.truth.Truth
        Fits the sources (`methods.fuse` checks it). Without a true image its index map is followed, as by `oracle`.

    Returns
    -------
    Fusion
        With the map of the sources taken, of the first one among equally near ones.

    Raises
    ------
    files.errors.Unavailable
        The truth holds neither an image nor an index map.
    """
    if truth.image is None:
        if truth.index_map is None:
            raise Unavailable("method best_source needs a true image or a true index map; this scene has neither")
        return oracle.fuse(images, truth=truth)
    fused: NDArray[np.float32] = np.array(images[0], dtype=np.float32)
    least = error(fused, truth.image, window)
    indices = index_map(least.shape, len(images))
    for number in range(1, len(images)):
        image = images[number]
        candidate = error(image, truth.image, window)
        nearer = candidate < least
        indices[nearer] = number
        np.copyto(fused, image, where=nearer if fused.ndim == 2 else nearer[..., None])
        np.copyto(least, candidate, where=nearer)
    return selection(fused, indices, len(images))


def error(image: np.ndarray, target: np.ndarray, window: int) -> NDArray[np.float64]:
    """Squared distance to the target, summed over channels and averaged over the window (H x W)."""
    import cv2

    squared = (image.astype(np.float64) - target) ** 2
    if squared.ndim == 3:
        squared = squared.sum(axis=2)
    if window == 0:
        return np.full_like(squared, squared.mean())
    side = 2 * (window // 2) + 1
    taps = np.full(side, 1 / side)
    # Not a running sum, whose rounding would tell equal errors apart.
    return np.asarray(cv2.sepFilter2D(squared, cv2.CV_64F, taps, taps, borderType=cv2.BORDER_REFLECT_101))
