"""CC: mean correlation of the fused image with the sources.

    CC = 1/n sum_k r(A_k, F),      r Pearson's correlation over all pixels,

for any number of sources n (n = 2: half of the sum of the two).

References
----------
No single source; as in the evaluations of J. Ma, Y. Ma, C. Li, "Infrared and visible image fusion methods and
applications: a survey", Information Fusion 45, 2019.
"""

import functools

from metrics import Fused, Metric, Sources
from metrics._common.correlation import centred, correlation

METRIC = Metric(
    id="cc",
    label="CC",
    latex=r"\mathrm{CC}",
    title="Correlation with the sources",
    citation="No single source; as in J. Ma, Y. Ma, C. Li, Infrared and visible image fusion methods and applications: "
    "a survey, Information Fusion 45, 2019",
    family="structure",
    direction="larger",
    lower=-1.0,
    upper=1.0,
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` when an image is constant."""
    own = fused.once("centred", lambda gray: centred(gray, "the fused image"))
    total = 0.0
    for number, gray in enumerate(sources.gray):
        prepare = functools.partial(centred, gray, f"source {number + 1}")
        total += correlation(sources.cached(("centred", number), prepare), own)
    return total / len(sources)
