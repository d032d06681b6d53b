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

_WEIGHTS = (1 / 2.15, 0.0, 0.15 / 2.15, 1 / 2.15)
_RECEIVER = 0.005 * 255**2
_TINY = 1e-7


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` below 41 x 41 pixels."""
    require_size(sources.shape, SMALLEST, "VIFF")
    own = fused.once("visual pyramid", pyramid)
    references = list(sources.each("visual pyramid", pyramid))
    value = 0.0
    for scale, weight in enumerate(_WEIGHTS):
        if not weight:
            continue
        chosen = gain(scale, references[0][scale], own[scale])
        for reference in references[1:]:
            other = gain(scale, reference[scale], own[scale])
            smaller = other[0] <= chosen[0]
            factor, noise, variance = (np.where(smaller, b, a) for a, b in zip(chosen, other, strict=True))
            chosen = factor, noise, variance
        kept = (preserved(*chosen, _RECEIVER) + _TINY).sum()
        value += weight * kept / (available(chosen[2], _RECEIVER) + _TINY).sum()
    return value
