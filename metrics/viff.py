"""VIFF: visual information fidelity for fusion.

In every Gaussian window of four scales (17, 9, 5 and 3 pixels) the fused image is modelled as gain times source plus
noise. Of the source with the smallest gain k (the last one where gains are equal), with its variance v, the variance s
of what it does not explain, and s_n = 0.005 * 255^2,

    num = log10(1 + k^2 v / (s + s_n)),      den = log10(1 + v / s_n),
    F_l = sum(num + 1e-7) / sum(den + 1e-7),
    VIFF = (F_1 + 0.15 F_3 + F_4) / 2.15.

The choice by the smallest gain holds for any number of sources as it is.

Notes
-----
The second scale weighs 0 in the weights that the authors learned. The sources may count unequally where gains are
equal, as both are 0 where the fused image is flat: the value may then depend on their order a little. The authors feed
the lightness of colour images; the collections of metrics that print VIFF feed gray, and so does this one.

References
----------
Y. Han, Y. Cai, Y. Cao, X. Xu, "A new image fusion performance metric based on visual information fidelity", Information
Fusion 14(2), 2013.
"""

import numpy as np
from numpy.typing import NDArray

from metrics import Fused, Metric, Sources
from metrics._common.visual_information import SMALLEST, available, gain, preserved, pyramid
from metrics._common.windows import require_size

METRIC = Metric(
    id="viff",
    label="VIFF",
    latex=r"\mathrm{VIFF}",
    title="Visual information fidelity for fusion",
    citation="Y. Han, Y. Cai, Y. Cao, X. Xu, A new image fusion performance metric based on visual information "
    "fidelity, Information Fusion 14(2), 2013",
    family="perception",
    direction="larger",
    lower=0.0,
    upper=float("inf"),
)

#: By scale, from 0.
_WEIGHTS = {0: 1 / 2.15, 2: 0.15 / 2.15, 3: 1 / 2.15}
_RECEIVER = 0.005 * 255**2
_TINY = 1e-7


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` below 41 x 41 pixels."""
    require_size(sources.shape, SMALLEST, "VIFF")
    own = fused.once("visual pyramid", pyramid)
    chosen: dict[int, tuple[NDArray[np.float64], ...]] = {}
    for reference in sources.each("visual pyramid", pyramid):
        for scale in _WEIGHTS:
            found = gain(scale, reference[scale], own[scale])
            if scale in chosen:
                smaller = found[0] <= chosen[scale][0]
                chosen[scale] = tuple(np.where(smaller, b, a) for a, b in zip(chosen[scale], found, strict=True))
            else:
                chosen[scale] = found
    value = 0.0
    for scale, weight in _WEIGHTS.items():
        factor, noise, variance = chosen[scale]
        kept = (preserved(factor, noise, variance, _RECEIVER) + _TINY).sum()
        value += weight * kept / (available(variance, _RECEIVER) + _TINY).sum()
    return value
