"""BGSC: bilateral gradient-based sharpness criterion."""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import ndimage

from imaging.levels import from_levels
from methods import Fusion, Method, Reference
from methods._common.compose import as_map, channels, join, mean_map, mode_map

METHOD = Method(
    id="bgsc",
    label="BGSC",
    title="Per pixel the source with the larger gradient strength times phase incoherence",
    citation=(
        "J. Tian, L. Chen, L. Ma, W. Yu, Multi-focus image fusion using a bilateral gradient-based sharpness "
        "criterion, Optics Communications 284, 2011"
    ),
    doi="10.1016/j.optcom.2010.08.085",
    year=2011,
    kind="spatial",
    cost=2.5,
    native_stack=True,
    decision_map=True,
)

REFERENCES = (Reference("mfifb", "BGSC"),)

_SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=np.float64)
_REACH = 2


def _gradients(plane: np.ndarray) -> Iterator[np.ndarray]:
    """Sobel responses along x and y by true convolution (left less right, upper less lower), zero border."""
    return (ndimage.convolve(plane, kernel, mode="constant") for kernel in (_SOBEL, _SOBEL.T))


def sharpness(plane: np.ndarray) -> np.ndarray:
    """Gradient strength times the root of the phase incoherence in 5 x 5 windows, H x W.

    Strength is the larger eigenvalue of the pixel's own gradient tensor. Angles are averaged as plain numbers, so
    the direction of the gradients matters. Where the incoherence is not positive, the sharpness is 0 (the authors'
    program takes the real part of an imaginary root).
    """
    across, down = _gradients(plane)
    strength = across**2 + down**2
    across, down = _gradients(np.pad(plane, _REACH, mode="edge"))
    phase = np.arctan2(down, across)
    height, width = plane.shape
    side = range(2 * _REACH + 1)
    windows = [phase[row : row + height, column : column + width] for row in side for column in side]
    mean = sum(windows) / len(windows)
    incoherence = -sum(np.cos(window - mean) for window in windows)
    return strength * np.sqrt(np.maximum(incoherence, 0))


def fuse(images: Sequence[np.ndarray]) -> Fusion:
    """Copy each pixel from the first source with the largest sharpness, every channel on its own."""
    fused = channels(images[0])
    best = [sharpness(plane) for plane in fused]
    fused = [plane.copy() for plane in fused]
    winner = [np.zeros(plane.shape, dtype=np.uint16) for plane in fused]
    for number in range(1, len(images)):
        for c, plane in enumerate(channels(images[number])):
            values = sharpness(plane)
            taken = values > best[c]
            fused[c][taken] = plane[taken]
            winner[c][taken] = number
            best[c][taken] = values[taken]
    image = from_levels(join(fused))
    if len(images) > 2:
        return Fusion(image, index_map=mode_map(winner))
    return Fusion(image, decision_map=as_map(mean_map([index == 0 for index in winner])))
