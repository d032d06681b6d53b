"""Control: the best selection of pixels that the truth allows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from files.errors import Unavailable
from imaging.truth import Truth
from methods import Fusion, Method

METHOD = Method(
    id="oracle",
    label="Oracle",
    title="Every pixel from the source named by the truth (control)",
    citation="No source; a control that bounds every method that selects pixels.",
    kind="control",
    cost=0.1,
    native_stack=True,
    order_free=True,
    decision_map=True,
    needs=("truth",),
)


def fuse(images: Sequence[np.ndarray], *, truth: Truth) -> Fusion:
    """Take every pixel from the true source.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        n >= 2 sources, float32, H x W or H x W x 3, [0, 1]; each is read once.
    truth : imaging.truth.Truth
        Fits the sources (`methods.fuse` checks it). With an index map, the source it names is taken; otherwise the
        source nearest to the true image (sum of squared differences over the channels; the first of equally near
        ones).

    Raises
    ------
    files.errors.Unavailable
        The truth holds neither an index map nor an image.
    """
    if truth.index_map is not None:
        fused, indices = _named(images, np.asarray(truth.index_map))
    elif truth.image is not None:
        fused, indices = _nearest(images, np.asarray(truth.image))
    else:
        raise Unavailable("method oracle needs a true index map or a true image; this scene has neither")
    if len(images) == 2:
        return Fusion(fused, decision_map=(indices == 0).astype(np.float32))
    return Fusion(fused, index_map=indices)


def _named(images: Sequence[np.ndarray], indices: np.ndarray) -> tuple[NDArray[np.float32], np.ndarray]:
    """Fused image and index map where the index map is known."""
    fused = np.array(images[0], dtype=np.float32)
    for number in range(1, len(images)):
        chosen = indices == number
        fused[chosen] = images[number][chosen]
    return fused, indices.astype(np.uint8 if len(images) <= 256 else np.uint16)


def _nearest(images: Sequence[np.ndarray], target: np.ndarray) -> tuple[NDArray[np.float32], np.ndarray]:
    """Fused image and index map where only the all-in-focus image is known."""
    fused = np.array(images[0], dtype=np.float32)

    def distance(image: np.ndarray) -> np.ndarray:
        squared = (image.astype(np.float64) - target) ** 2
        return squared if squared.ndim == 2 else squared.sum(axis=2)

    least = distance(fused)
    indices = np.zeros(fused.shape[:2], np.uint8 if len(images) <= 256 else np.uint16)
    for number in range(1, len(images)):
        image = images[number]
        candidate = distance(image)
        nearer = candidate < least
        fused[nearer], least[nearer], indices[nearer] = image[nearer], candidate[nearer], number
    return fused, indices
