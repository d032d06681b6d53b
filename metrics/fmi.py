"""FMI: mutual information of features of the sources and the fused image.

Of every image a feature image is made; the benchmark's definition takes the horizontal derivative (the gradient of the
paper), the variants other features. In every window of 3 x 3 pixels the nine values of a source and of the fused image,
listed column by column, are mapped to 0..1 by their own least and largest value and divided by their sum: distributions
p and q over the indices 1..9, with cumulative sums P and Q. With r the correlation of the two lists, s the standard
deviation of the index,

    U_ij = min(P_i, Q_j) for r >= 0,  max(P_i + Q_j - 1, 0) for r < 0,
    phi = r s_p s_q / sum_ij (U_ij - P_i Q_j),
    J_ij = phi D_ij + (1 - phi) p_i q_j,      D_ij = U_ij - U_i-1,j - U_i,j-1 + U_i-1,j-1,
    I = H(p) + H(q) - H(J),      value of the window = 2 I / (H(p) + H(q)),

H the entropy, -sum J log|J| for J (the ratio does not see the base). FMI is the mean over the windows, and then over the sources: n sources
need no other formula than the pair.

Notes
-----
A window counts 1 where both lists are equal, and 0 where one of them is constant, r = 0 or s = 0. J is no distribution
where phi > 1 (it has negative cells): the value of a window may then leave the range 0..1.

References
----------
M. B. A. Haghighat, A. Aghagolzadeh, H. Seyedarabi, "A non-reference image fusion metric based on mutual information of
image features", Computers & Electrical Engineering 37(5), 2011; the windows as in M. Haghighat, M. A. Razian, "Fast-FMI:
non-reference image fusion metric", AICT 2014.
"""

import functools
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from files.errors import Undefined
from metrics import Fused, Metric, Sources, Variant
from metrics._common.gradients import sobel
from metrics._common.windows import require_size

METRIC = Metric(
    id="fmi",
    label="FMI",
    latex=r"\mathrm{FMI}",
    title="Mutual information of local gradients",
    citation="M. B. A. Haghighat, A. Aghagolzadeh, H. Seyedarabi, A non-reference image fusion metric based on mutual "
    "information of image features, Computers & Electrical Engineering 37(5), 2011",
    family="information",
    direction="larger",
    lower=-math.inf,
    upper=math.inf,
)

#: Half of the low-pass filter of the discrete Meyer wavelet with 102 taps, from its centre; the other half mirrors it.
#: PyWavelets' "dmey" is cut off at 62 taps.
MEYER = (
    0.743751004903787, 0.444095030766529, -0.035048287390595, -0.132696615358862, 0.030621243943425, 0.063667300884468,
    -0.024321783959519, -0.032094063354505, 0.017403888210177, 0.015250913158586, -0.011044641900539, -0.006386728618548,
    0.006045510596456, 0.002194775336459, -0.002702168733939, -0.000578185795273, 0.000859500213762, 0.000161189819725,
    -0.000093512893880, -0.000139913148217, -0.000075592870255, 0.000149713515389, 0.000024461956845, -0.000102779005085,
    0.000037409665760, 0.000032341311914, -0.000046428764284, 0.000014993523600, 0.000020106387691, -0.000024438005846,
    0.000006187580298, 0.000010503914271, -0.000014206928581, 0.000004849078300, 0.000007216527695, -0.000009556309846,
    0.000002402288023, 0.000004837555802, -0.000006034501342, 0.000001674721859, 0.000003353501538, -0.000004217789186,
    0.000000982515602, 0.000002383148395, -0.000002879408033, 0.000000698082276, 0.000001723223554, -0.000002096568870,
    0.000000449585560, 0.000001278766757, -0.000001509740857,
)  # fmt: skip

#: Lets a pixel count as a maximum where the two derivatives are equal but for rounding.
_TIE = 100 * 2.0**-52

Feature = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image; `Undefined` when an image is constant, and below 3 x 3 pixels."""
    return _information(_gradient, sources, fused)


def _information(feature: Feature, sources: Sources, fused: Fused) -> float:
    from metrics._common.window_information import mean_information

    require_size(sources.shape, 3, "FMI")
    key = ("feature", feature.__name__)
    own = fused.cached(key, lambda: _features(feature, fused.gray, "the fused image"))
    total = 0.0
    for number, gray in enumerate(sources.gray):
        compute = functools.partial(_features, feature, gray, f"source {number + 1}")
        total += mean_information(sources.cached((key, number), compute), own)
    return total / len(sources)


def _features(feature: Feature, gray: NDArray[np.float64], what: str) -> NDArray[np.float64]:
    if gray.min() == gray.max():
        raise Undefined(f"{what} is constant and has no features")
    return feature(gray)


def _gradient(gray: NDArray[np.float64]) -> NDArray[np.float64]:
    """Derivative along the rows: central differences, one-sided at the two ends."""
    return np.gradient(gray, axis=1)


def _pixel(gray: NDArray[np.float64]) -> NDArray[np.float64]:
    return gray


def _dct(gray: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.fft import dctn

    return dctn(gray, norm="ortho")


def _edge(gray: NDArray[np.float64]) -> NDArray[np.float64]:
    """Map (0 and 1) of strong gradients (Sobel, replicated border) that are maxima along their stronger direction."""
    horizontal, vertical = (part[1:-1, 1:-1] / 8 for part in sobel(np.pad(gray, 1, mode="edge")))
    energy = horizontal**2 + vertical**2
    padded = np.pad(energy, 1)
    left, right = padded[1:-1, :-2], padded[1:-1, 2:]
    above, below = padded[:-2, 1:-1], padded[2:, 1:-1]
    horizontal, vertical = abs(horizontal), abs(vertical)
    along = (horizontal >= vertical - _TIE) & (left <= energy) & (energy > right)
    across = (vertical >= horizontal - _TIE) & (above <= energy) & (energy > below)
    return ((energy > 4 * energy.mean()) & (along | across)).astype(np.float64)


def _wavelet(gray: NDArray[np.float64]) -> NDArray[np.float64]:
    """One level of the discrete Meyer transform, its four bands tiled 2 x 2 and mapped to 0..1 together."""
    import pywt

    smooth = np.array([*reversed(MEYER), *MEYER[1:], 0.0])
    smooth *= math.sqrt(2) / smooth.sum()
    detail = smooth * np.resize([-1.0, 1.0], len(smooth))
    meyer = pywt.Wavelet("meyer", filter_bank=[smooth[::-1], detail, smooth, detail[::-1]])
    low, (down, along, both) = pywt.dwt2(gray, meyer, mode="symmetric")
    tiles = np.block([[low, down], [along, both]])
    return (tiles - tiles.min()) / np.ptp(tiles)


VARIANTS = {
    name: Variant(title, functools.partial(_information, feature))
    for name, title, feature in (
        ("pixel", "FMI_pixel: the gray levels themselves", _pixel),
        ("dct", "FMI_dct: the discrete cosine transform of the whole image", _dct),
        ("edge", "FMI_edge: a binary map of edges by Sobel derivatives", _edge),
        ("wavelet", "FMI_w: one level of the discrete Meyer wavelet transform", _wavelet),
    )
}
