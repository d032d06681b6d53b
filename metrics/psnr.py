"""PSNR of the fused image in dB, against the true image where there is one and against the sources otherwise.

PSNR = 10 log10(255^2 / MSE) in gray, 0..255. Without a true image MSE is the mean over the sources of the mean squared
error, however many there are (n = 2: half of the sum of the two). The errors and not the decibels are averaged, so that
a result that equals one source has a value.

References
----------
The averaging is what the fusion benchmarks intend: X. Zhang, P. Ye, G. Xiao, "VIFB: a visible and infrared image fusion
benchmark", CVPR Workshops, 2020 (whose program takes the root before the division, see there).
"""

import numpy as np

from files.errors import Undefined
from metrics import Fused, Metric, Sources, Variant

METRIC = Metric(
    id="psnr",
    label="PSNR",
    latex=r"\mathrm{PSNR}",
    title="Peak signal-to-noise ratio (dB) with the true image, else of the mean error over the sources",
    citation="No single source; as in X. Zhang, P. Ye, G. Xiao, VIFB: a visible and infrared image fusion benchmark, "
    "CVPR Workshops, 2020, with the mean squared error",
    family="structure",
    direction="larger",
    lower=0.0,
    upper=float("inf"),
    digits=2,
    prefers_truth=True,
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image in dB; `Undefined` (infinite) without any error."""
    references = sources.gray if sources.truth_gray is None else [sources.truth_gray]
    error = sum(np.mean((reference - fused.gray) ** 2) for reference in references) / len(references)
    if error == 0:
        other = "every source" if sources.truth_gray is None else "the true image"
        raise Undefined(f"the PSNR is infinite: the fused image equals {other}")
    return 10 * np.log10(255**2 / error)


def _root_before_division(sources: Sources, fused: Fused) -> float:
    errors = [np.sqrt(np.sum((gray - fused.gray) ** 2)) / fused.gray.size for gray in sources.gray]
    error = sum(errors) / len(sources)
    if error == 0:
        raise Undefined("the PSNR is infinite: the fused image equals every source")
    return float(10 * np.log10(255**2 / error))


VARIANTS = {
    "vifb": Variant(
        "VIFB and MEFB: against the sources, the root taken before the division by the number of pixels",
        _root_before_division,
    )
}
