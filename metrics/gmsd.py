"""GMSD: deviation of the gradient similarity between the fused and the true image.

Both images are averaged over 2 x 2 pixels and every second row and column is kept. With g the Prewitt magnitude / 3
(zeros outside the image) and T = 170,

    GMS = (2 g_T g_F + T) / (g_T^2 + g_F^2 + T),      GMSD = standard deviation of GMS (divisor: count - 1).

0: the same gradients, or gradients that differ everywhere alike. The sources do not enter, however many there are.

References
----------
W. Xue, L. Zhang, X. Mou, A. C. Bovik, "Gradient magnitude similarity deviation: a highly efficient perceptual image
quality index", IEEE Trans. Image Processing 23(2), 2014.
"""

import math

import numpy as np
from numpy.typing import NDArray

from metrics import Fused, Metric, Sources
from metrics._common.gradients import prewitt_magnitude
from metrics._common.windows import halved, require_size

METRIC = Metric(
    id="gmsd",
    label="GMSD",
    latex=r"\mathrm{GMSD}",
    title="Deviation of the gradient similarity with the true image",
    citation="W. Xue, L. Zhang, X. Mou, A. C. Bovik, Gradient magnitude similarity deviation: a highly efficient "
    "perceptual image quality index, IEEE Transactions on Image Processing 23(2), 2014",
    family="truth",
    direction="smaller",
    lower=0.0,
    # Two values, 0 and 1, at most.
    upper=math.sqrt(0.5),
    needs=("truth_image",),
)

_T = 170.0


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image; `Undefined` below 3 x 3 pixels."""
    require_size(sources.shape, 3, "GMSD")
    truth = sources.truth_gray
    assert truth is not None  # one of `METRIC.needs`
    reference = sources.cached("truth half gradient", lambda: _gradient(truth))
    own = fused.once("half gradient", _gradient)
    return float(((2 * reference * own + _T) / (reference**2 + own**2 + _T)).std(ddof=1))


def _gradient(gray: NDArray[np.float64]) -> NDArray[np.float64]:
    # Zeros complete the windows of a last odd row or column, as in the published program.
    return prewitt_magnitude(halved(gray, "constant")) / 3
