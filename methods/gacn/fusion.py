"""Fusion of a pair and of a stack of any length.

Images are read one at a time and each only once; nothing that is kept grows with their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from methods import Fusion
from methods._common.torch import array, planes

if TYPE_CHECKING:
    from methods.gacn.inference import Inference

#: Weights of R, G and B in the network's gray input (``rgb2gray`` of scikit-image).
GRAY = (0.2125, 0.7154, 0.0721)
#: Keeps the quotient of the calibration finite where a map is 0.
CALIBRATION_OFFSET = 1e-4


def gray(image: np.ndarray) -> np.ndarray:
    """Gray image (float32, H x W) as the network takes it."""
    return image if image.ndim == 2 else (image @ np.array(GRAY)).astype(np.float32)


def blend(weight: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """R I_1 + (1 - R) I_2 (float32, shape of the images), not limited to [0, 1]."""
    weight = weight if first.ndim == 2 else weight[..., None]
    return weight * first + (1 - weight) * second


class Seen:
    """What the network sees of an image: the gray image and the activity levels of its features.

    Parameters
    ----------
    inference : methods.gacn.inference.Inference
    image : numpy.ndarray
        float32, H x W or H x W x 3.
    """

    def __init__(self, inference: Inference, image: np.ndarray) -> None:
        self.inference = inference
        # A copy: `carry` must not write into the caller's image.
        self.gray = planes(gray(image), inference.device).clone()
        self.activity = inference.activity(self.gray)

    def maps(self, other: Seen, reduced: bool = False) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Initial and refined decision map (float32, H x W, 1 where this image is the sharper one; R unlimited).

        `reduced`: see `methods.gacn.inference.Inference.decide`.
        """
        decision = self.inference.decide(self.activity, other.activity, reduced)
        return array(decision), array(self.inference.refine(decision, self.gray, other.gray))

    def carry(self, taken: NDArray[np.bool_], other: Seen) -> None:
        """Take what is seen of another image, which is used up, at the pixels that are `taken` from it (bool, H x W)."""
        planes = self.inference.carry(taken, [self.gray, *self.activity], [other.gray, *other.activity])
        self.gray, *self.activity = planes


def harden(refined: np.ndarray) -> NDArray[np.float32]:
    """The decision without the soft transition of the guided filter: 1 where R is at least 0.5, else 0 (float32)."""
    return (refined >= 0.5).astype(np.float32)


def fuse_pair(inference: Inference, images: Sequence[np.ndarray], hard: bool = False) -> Fusion:
    """Blend two images by the refined decision map, or choose by it where `hard`."""
    first, second = images[0], images[1]
    initial, refined = Seen(inference, first).maps(Seen(inference, second))
    refined = harden(refined) if hard else refined
    fused = np.clip(blend(refined, first, second), 0, 1)
    return Fusion(fused, decision_map=np.clip(refined, 0, 1), initial_map=initial)


def fuse_serial(inference: Inference, images: Sequence[np.ndarray], hard: bool = False) -> Fusion:
    """Fuse one by one: the result so far with the next image (soft maps unless `hard`, no rounding in between)."""
    result = images[0]
    index = _no_indices(result, len(images))
    for number in range(1, len(images)):
        image = images[number]
        _, refined = Seen(inference, result).maps(Seen(inference, image))
        refined = harden(refined) if hard else refined
        result = blend(refined, result, image)
        index[refined < 0.5] = number
    return Fusion(np.clip(result, 0, 1), index_map=index)


def fuse_carried(
    inference: Inference, images: Sequence[np.ndarray], hard: bool = False, reduced: bool = False
) -> Fusion:
    """Fuse one by one, with the features of every image computed once.

    The result so far is compared with the next image as in `fuse_serial`, but what the network sees of it is not
    computed again: activity levels and gray value are carried with the pixel from the image that it was taken from
    last. So n images need n computations of features instead of 2 (n - 1). A pair is `fuse_pair`'s.
    """
    result = images[0]
    seen = Seen(inference, result)
    index = _no_indices(result, len(images))
    for number in range(1, len(images)):
        image = images[number]
        other = Seen(inference, image)
        _, refined = seen.maps(other, reduced)
        refined = harden(refined) if hard else refined
        result = blend(refined, result, image)
        taken = refined < 0.5
        index[taken] = number
        if number + 1 < len(images):
            seen.carry(taken, other)
    return Fusion(np.clip(result, 0, 1), index_map=index)


def fuse_reduced(inference: Inference, images: Sequence[np.ndarray], hard: bool = False) -> Fusion:
    """As `fuse_carried`, with the layers of the decision path in 16 bits: an approximation that saves time.

    A few pixels where two images are about equally sharp change sides.
    """
    return fuse_carried(inference, images, hard, reduced=True)


def fuse_calibrated(inference: Inference, images: Sequence[np.ndarray], hard: bool = False) -> Fusion:
    """Decision calibration: every image against the first, then the largest entry of the decision volume.

    With M_i the refined map of image 1 against image i + 1, the volume is V_0 = M_1, V_1 = 1 - M_1 and
    V_i = V_0 / (M_i + 1e-4) (1 - M_i). Its entries depend on M_1 and their own map only, so a running maximum
    replaces the volume. Every pixel of the result is copied from one source, `hard` or not.
    """
    first = images[0]
    seen = Seen(inference, first)
    index = _no_indices(first, len(images))
    result = first.copy()
    reference: Any = None
    largest: Any = None
    for number in range(1, len(images)):
        image = images[number]
        _, refined = seen.maps(Seen(inference, image))
        if reference is None:
            reference = largest = refined
            volume = 1 - refined
        else:
            with np.errstate(divide="ignore", invalid="ignore"):
                volume = reference / (refined + np.float32(CALIBRATION_OFFSET)) * (1 - refined)
        larger = volume > largest
        largest = np.where(larger, volume, largest)
        index[larger] = number
        result[larger] = image[larger]
    return Fusion(result, index_map=index)


#: Fusion of more than two images by the value of the option ``strategy``.
STRATEGIES = {
    "carried": fuse_carried,
    "reduced": fuse_reduced,
    "serial": fuse_serial,
    "calibrated": fuse_calibrated,
}


def _no_indices(image: np.ndarray, count: int) -> np.ndarray:
    return np.zeros(image.shape[:2], dtype=np.uint8 if count <= 256 else np.uint16)
