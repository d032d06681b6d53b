"""MISF: seamless fusion by edge-preserving saliency and joint bilateral filtering."""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from imaging.filters import box_mean
from imaging.levels import gray_real, to_levels
from methods import Fusion, Method, Reference
from methods._common.compose import as_map, blend

METHOD = Method(
    id="misf",
    label="MISF",
    title="Saliency of an edge-preserving Laplacian, weight by three joint bilateral filters",
    citation=(
        "K. Zhan, L. Kong, B. Liu, Y. He, Multimodal image seamless fusion, Journal of Electronic Imaging 28(2), 2019"
    ),
    year=2019,
    kind="spatial",
    cost=0.6,
    decision_map=True,
)

REFERENCES = (
    Reference("published", "misf", why="In a few pixels, weights close to one half round to different sides."),
)

_RADIUS = 3
_SMOOTHING = 0.01
_LAPLACIAN = np.array([[1, 4, 1], [4, -20, 4], [1, 4, 1]]) / 6
_ROUNDS = 3
_SPACE, _RANGE = 8, 0.2
_CELL_PADDING = 3


def saliency(gray: np.ndarray) -> np.ndarray:
    """Box means of the squared Laplacian after edge-preserving smoothing; gray H x W, [0, 1]."""
    mean = box_mean(gray, _RADIUS)
    variance = box_mean(gray * gray, _RADIUS) - mean * mean
    smooth = mean + variance / (variance + _SMOOTHING) * (gray - mean)
    energy = ndimage.convolve(smooth, _LAPLACIAN, mode="reflect") ** 2
    return 1 - box_mean(1 - box_mean(energy, _RADIUS), _RADIUS)


class BilateralGrid:
    """Joint bilateral filter on a grid of 8 x 8 pixels x 0.2 range.

    Parameters
    ----------
    guide : numpy.ndarray
        H x W, [0, 1]; its own limits are those of the range.

    References
    ----------
    J. Chen, S. Paris, F. Durand, "Real-time edge-aware image processing with the bilateral grid", SIGGRAPH 2007.
    """

    def __init__(self, guide: np.ndarray) -> None:
        height, width = guide.shape
        rows, columns = np.meshgrid(np.arange(height), np.arange(width), indexing="ij")
        span = guide.max() - guide.min()
        self._size = tuple(
            int(extent) + 1 + 2 * _CELL_PADDING
            for extent in ((height - 1) // _SPACE, (width - 1) // _SPACE, span / _RANGE)
        )
        self._place = np.stack([rows / _SPACE, columns / _SPACE, (guide - guide.min()) / _RANGE]) + _CELL_PADDING
        cells = np.floor(self._place + 0.5).astype(int)
        self._cells = np.ravel_multi_index(tuple(cells), self._size).ravel()
        self._counts = self._smooth(np.ones(guide.size))

    def _smooth(self, values: np.ndarray) -> np.ndarray:
        total = np.bincount(self._cells, weights=values, minlength=np.prod(self._size)).reshape(self._size)
        axis = np.arange(-1, 2) ** 2
        kernel = np.exp(-0.5 * (axis[:, None, None] + axis[:, None] + axis))
        return ndimage.convolve(total, kernel, mode="constant")

    def filter(self, values: np.ndarray) -> np.ndarray:
        """Filtered values (float64, H x W)."""
        total = self._smooth(np.asarray(values, dtype=np.float64).ravel())
        mean = np.divide(total, self._counts, out=np.zeros_like(total), where=self._counts > 0)
        return ndimage.map_coordinates(mean, self._place, order=1)


def fuse(images: Sequence[np.ndarray]) -> Fusion:
    """Three rounds of thresholding and joint bilateral filtering (guide: the first image) of the saliency map."""
    first, second = (gray_real(to_levels(image)) / 255 for image in images)
    initial = saliency(first) > saliency(second)
    grid = BilateralGrid(first)
    weight = box_mean(initial, _RADIUS)
    for _ in range(_ROUNDS):
        weight = grid.filter(weight > 0.5)
    return Fusion(blend(images[0], images[1], weight), decision_map=as_map(weight), initial_map=as_map(initial))
