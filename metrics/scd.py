"""SCD: sum of the correlations of differences.

What the fused image has beyond one source should come from the other one:

    SCD = r(F - B, A) + r(F - A, B),      r Pearson's correlation over all pixels.

More than two sources: the difference is taken from the mean M_k of the other sources, and the sum becomes 2/n times
the sum, so that the value keeps its range,

    SCD = 2/n sum_k r(F - M_k, A_k),      M_k = 1/(n - 1) sum_{l != k} A_l.

For n = 2 the mean of the others is the other source, and this is the formula of the pair.

References
----------
V. Aslantas, E. Bendes, "A new image quality metric for image fusion: the sum of the correlations of differences", AEU -
International Journal of Electronics and Communications 69(12), 2015.
"""

import functools

import numpy as np

from metrics import Fused, Metric, Sources
from metrics._common.correlation import centred, correlation

METRIC = Metric(
    id="scd",
    label="SCD",
    latex=r"\mathrm{SCD}",
    title="Sum of the correlations of differences",
    citation="V. Aslantas, E. Bendes, A new image quality metric for image fusion: the sum of the correlations of "
    "differences, AEU - International Journal of Electronics and Communications 69(12), 2015",
    family="structure",
    direction="larger",
    lower=-2.0,
    upper=2.0,
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image; `Undefined` when a source, or what the fused image has beyond the others, is constant."""
    count = len(sources)
    total = sources.cached("total", lambda: functools.reduce(np.add, sources.gray))
    value = 0.0
    for number, gray in enumerate(sources.gray):
        prepare = functools.partial(centred, gray, f"source {number + 1}")
        source = sources.cached(("centred", number), prepare)
        # Times n - 1, which a correlation does not see: the difference stays an exact integer.
        difference = (count - 1) * fused.gray - (total - gray)
        beyond = f"SCD: the difference of the fused image and the sources other than source {number + 1}"
        value += correlation(centred(difference, beyond), source)
    return 2 * value / count
