"""Q_abf: the share of the edges of the sources that the fused image preserves.

With Q_X the preservation of the edges of source X and W_X their weight (`metrics._common.edge_transfer`),

    Q_abf = sum_X sum Q_X W_X / sum_X sum W_X.

Q_abf, L_abf and N_abf add up to 1. The formula holds for any number of sources as it is.

Notes
-----
The companion of N_abf. Q_G is the earlier measure of the same authors, with other constants, and the one that papers
print as Q^{AB/F}.

References
----------
B. K. Shreyamsha Kumar, "Multifocus and multispectral image fusion based on pixel significance using discrete cosine
harmonic wavelet transform", Signal, Image and Video Processing 7(6), 2013; after V. Petrovic, C. Xydeas, ICCV 2005.
"""

import math

from metrics import Fused, Metric, Sources
from metrics._common.edge_transfer import transfer

METRIC = Metric(
    id="q_abf",
    label="Q_abf",
    latex="Q^{AB/F}_{P}",
    title="Edges of the sources that are preserved (Petrovic)",
    citation="B. K. Shreyamsha Kumar, Multifocus and multispectral image fusion based on pixel significance using "
    "discrete cosine harmonic wavelet transform, Signal, Image and Video Processing 7(6), 2013",
    family="feature",
    direction="larger",
    lower=0.0,
    upper=math.sqrt(0.9999 / (1 + math.exp(-19 / 2)) * 0.9995 / (1 + math.exp(-22 / 2))),
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` when no source has an edge."""
    return transfer(sources, fused).preserved
