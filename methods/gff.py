"""GFF: guided filtering fusion."""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from imaging.filters import guided_filter
from imaging.levels import from_levels, gray_levels, round_levels, to_levels
from methods import Fusion, Method, Option, Reference

METHOD = Method(
    id="gff",
    label="GFF",
    title="Base and detail layers weighted by guided-filtered saliency maps",
    citation=(
        "S. Li, X. Kang, J. Hu, Image fusion with guided filtering, IEEE Transactions on Image Processing 22(7), 2013"
    ),
    doi="10.1109/TIP.2013.2244222",
    year=2013,
    kind="spatial",
    cost=0.9,
    comparison=True,
    native_stack=True,
    order_free=True,
    options={
        "base_radius": Option(45, "Radius r1 of the guided filter of the base weights.", minimum=1, maximum=500),
        "base_epsilon": Option(
            0.3, "Regularisation epsilon1 of the guided filter of the base weights.", minimum=1e-9, maximum=1e6
        ),
        "detail_radius": Option(7, "Radius r2 of the guided filter of the detail weights.", minimum=1, maximum=500),
        "detail_epsilon": Option(
            1e-6, "Regularisation epsilon2 of the guided filter of the detail weights.", minimum=1e-9, maximum=1e6
        ),
    },
)

REFERENCES = (
    Reference(
        "published",
        "gff",
        why="Where both saliencies are equal, rounding noise decides: single grey levels in a few pixels of some pairs.",
    ),
    Reference("mfifb", "GFF", jpeg_sources=True),
)

_LAPLACIAN = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], dtype=np.float64)
_BASE_SIZE = 31
#: Keeps the weights' sum above zero where every guided weight is rounded to zero.
_TINY = 1e-12


def _gaussian_1d(radius: int, sigma: float) -> np.ndarray:
    taps = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * sigma**2))
    return taps / taps.sum()


def saliency(gray: np.ndarray) -> np.ndarray:
    """Saliency S: Laplacian magnitude smoothed by an 11 x 11 Gaussian of sigma 5.

    Taken of whole gray levels (0..255, H x W), so that the Laplacian is exact and equal structures tie.
    """
    magnitude = np.abs(ndimage.correlate(gray, _LAPLACIAN, mode="nearest"))
    taps = _gaussian_1d(5, 5.0)
    for axis in (0, 1):
        magnitude = ndimage.correlate1d(magnitude, taps, axis=axis, mode="nearest")
    return magnitude


def _most_salient(images: Sequence[np.ndarray]) -> np.ndarray:
    """Number of the first image with the largest saliency at every pixel."""
    best = saliency(gray_levels(images[0]))
    winner = np.zeros(best.shape, dtype=np.uint16)
    for number in range(1, len(images)):
        strength = saliency(gray_levels(images[number]))
        better = strength > best
        winner[better] = number
        best[better] = strength[better]
    return winner


def _weight(guide: np.ndarray, chosen: np.ndarray, radius: int, epsilon: float) -> np.ndarray:
    """Guided weight, rounded to 8 bit as the authors' program stores it (this also limits it to [0, 1])."""
    return round_levels(255 * guided_filter(guide, chosen, radius, epsilon)) / 255 + _TINY


def fuse(
    images: Sequence[np.ndarray], base_radius: int, base_epsilon: float, detail_radius: int, detail_epsilon: float
) -> Fusion:
    """Guided filtering fusion of n images, each read twice.

    The weights are rounded to 8 bit before they are normalised, as in the authors' program; without
    this step the published images are matched to 56 dB only.
    """
    winner = _most_salient(images)
    shape = np.shape(images[0])
    base = np.zeros(shape)
    detail = np.zeros(shape)
    base_total = np.zeros(shape[:2])
    detail_total = np.zeros(shape[:2])
    spread = (...,) if len(shape) == 2 else (..., None)
    for number in range(len(images)):
        image = images[number]
        source = to_levels(image) / 255
        guide = gray_levels(image) / 255
        chosen = winner == number
        base_weight = _weight(guide, chosen, base_radius, base_epsilon)
        detail_weight = _weight(guide, chosen, detail_radius, detail_epsilon)
        size = (_BASE_SIZE, _BASE_SIZE) + (1,) * (source.ndim - 2)
        smooth = ndimage.uniform_filter(source, size, mode="nearest")
        base += base_weight[spread] * smooth
        detail += detail_weight[spread] * (source - smooth)
        base_total += base_weight
        detail_total += detail_weight
    fused = base / base_total[spread] + detail / detail_total[spread]
    return Fusion(from_levels(255 * fused))
