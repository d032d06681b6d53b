"""FocusStack: the pixel with the largest Laplacian of a Gaussian."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imaging.levels import from_levels, to_uint8
from methods import Fusion, Method

METHOD = Method(
    id="focus_stack",
    label="FocusStack",
    title="Per pixel the source with the largest Laplacian of Gaussian",
    citation="C. McGuinness, focusstack (program of 2015, github.com/cmcguinness/focusstack)",
    year=2015,
    kind="spatial",
    cost=0.1,
    comparison=True,
    native_stack=True,
    order_free=True,
    decision_map=True,
    note="Leaves out the first step of the original program, the alignment of the sources by feature matching.",
)

_APERTURE = 5


def laplacian_of_gaussian(image: np.ndarray) -> NDArray[np.float64]:
    """Absolute Laplacian (aperture 5) of the 8-bit gray image after a 5 x 5 Gaussian that rounds to 8 bit; H x W."""
    import cv2

    levels = to_uint8(image)
    gray = levels if levels.ndim == 2 else cv2.cvtColor(levels, cv2.COLOR_RGB2GRAY)
    smooth = cv2.GaussianBlur(gray, (_APERTURE, _APERTURE), 0)
    return np.abs(cv2.Laplacian(smooth, cv2.CV_64F, ksize=_APERTURE))


def fuse(images: Sequence[np.ndarray]) -> Fusion:
    """Copy each pixel from the source with the largest response; the last one on ties, as in the original.

    The original is written for the BGR order of its image reader; here red is red.
    """
    fused = to_uint8(images[0])
    best = laplacian_of_gaussian(images[0])
    winner = np.zeros(best.shape, dtype=np.uint8 if len(images) <= 256 else np.uint16)
    for number in range(1, len(images)):
        image = images[number]
        response = laplacian_of_gaussian(image)
        chosen = response >= best
        fused[chosen] = to_uint8(image)[chosen]
        winner[chosen] = number
        best[chosen] = response[chosen]
    if len(images) > 2:
        return Fusion(from_levels(fused), index_map=winner)
    return Fusion(from_levels(fused), decision_map=(winner == 0).astype(np.float32))
