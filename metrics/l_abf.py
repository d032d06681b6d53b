"""L_abf: loss, the share of the edges of the sources that the fused image does not have.

With Q_X the preservation of the edges of source X and W_X their weight (`metrics._common.edge_transfer`),

    L_abf = sum over pixels where g_F <= g_X for some source, and over X, of (1 - Q_X) W_X / sum_X sum W_X.

Q_abf, L_abf and N_abf add up to 1. The formula holds for any number of sources as it is.

References
----------
B. K. Shreyamsha Kumar, "Multifocus and multispectral image fusion based on pixel significance using discrete cosine
harmonic wavelet transform", Signal, Image and Video Processing 7(6), 2013; after V. Petrovic, C. Xydeas, ICCV 2005.
"""

from metrics import Fused, Metric, Sources
from metrics._common.edge_transfer import transfer

METRIC = Metric(
    id="l_abf",
    label="L_abf",
    latex="L^{AB/F}",
    title="Edges of the sources that are lost",
    citation="B. K. Shreyamsha Kumar, Multifocus and multispectral image fusion based on pixel significance using "
    "discrete cosine harmonic wavelet transform, Signal, Image and Video Processing 7(6), 2013",
    family="feature",
    direction="smaller",
    lower=0.0,
    upper=1.0,
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` when no source has an edge."""
    return transfer(sources, fused).lost
