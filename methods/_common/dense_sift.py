"""Dense SIFT descriptors with odd powers of the cosine and triangular pooling.

References
----------
S. Lazebnik, C. Schmid, J. Ponce, "Beyond bags of features: spatial pyramid matching for recognizing natural scene
categories", CVPR 2006 (the descriptor); Y. Liu, S. Liu, Z. Wang, Information Fusion 23, 2015 (its use for fusion).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

_PATCH = 24
_CELLS = 4
_ORIENTATIONS = 8
_POWER = 9
_PADDING = 11
#: Descriptors are limited to this share of their length when they are normalised.
_CAP = 0.2


def _gradient_kernels() -> tuple[np.ndarray, np.ndarray]:
    axis = np.arange(-2, 3)
    gaussian = np.exp(-np.add.outer(axis**2, axis**2) / 2)
    down, across = np.gradient(gaussian / gaussian.sum())
    return 2 * across / np.abs(across).sum(), 2 * down / np.abs(down).sum()


def _pool(plane: np.ndarray) -> np.ndarray:
    """Triangular pooling over one cell; its centre lies 1.5 samples right of and below the pixel."""
    taps = 1 - np.abs(np.arange(6, 18) - 11.5) / (_PATCH / _CELLS)
    for axis in (0, 1):
        plane = ndimage.correlate1d(plane, taps[::-1], axis=axis, mode="constant", origin=-2)
    return plane


class DenseSift:
    """Dense descriptors of a gray image, one of 128 entries for every pixel.

    Parameters
    ----------
    gray : numpy.ndarray
        Gray levels, H x W.
    """

    def __init__(self, gray: np.ndarray) -> None:
        self.shape = gray.shape
        padded = np.pad(gray, _PADDING)
        padded = padded / (padded.max() or 1.0)
        across, down = (ndimage.correlate(padded, kernel, mode="constant") for kernel in _gradient_kernels())
        magnitude = np.hypot(across, down)
        angle = np.arctan2(down, across)
        self._planes = np.empty((*padded.shape, _ORIENTATIONS), dtype=np.float32)
        for k in range(_ORIENTATIONS):
            cosine = np.maximum(np.cos(angle - 2 * np.pi * k / _ORIENTATIONS), 0)
            self._planes[..., k] = _pool((magnitude * cosine**_POWER).astype(np.float32))

    def _cells(self) -> Iterator[NDArray[np.float32]]:
        height, width = self.shape
        step = _PATCH // _CELLS
        for row in range(0, _PATCH, step):
            for column in range(0, _PATCH, step):
                yield self._planes[row : row + height, column : column + width]

    def activity(self) -> NDArray[np.float64]:
        """Sum of the un-normalised descriptor's entries (float64, H x W): the focus measure."""
        total = np.zeros(self.shape)
        for cell in self._cells():
            total += cell.sum(axis=-1, dtype=np.float64)
        return total

    def normalised(self, rows: np.ndarray, columns: np.ndarray) -> NDArray[np.float32]:
        """Normalised descriptors of K pixels (float32, K x 128)."""
        found = np.concatenate([cell[rows, columns] for cell in self._cells()], axis=1)
        norm = np.sqrt(np.einsum("kd,kd->k", found, found))
        long = norm > 1
        scaled = np.minimum(found[long] / norm[long, None], np.float32(_CAP))
        found[long] = scaled / np.sqrt(np.einsum("kd,kd->k", scaled, scaled))[:, None]
        return found
