"""Q_MI: normalised mutual information of the fused image with each source.

With every image stretched to 0..255 on its own, I the mutual information and H the entropy of the 256-level
histograms,

    Q_MI = 2 sum_k I(A_k; F) / (H(A_k) + H(F))                                  (two sources).

More than two sources: the sum becomes n/2 times its mean, that is the factor 2 becomes 4/n. The value stays the
mean over the sources of a normalised mutual information and keeps the range 0..2; n = 2 is the pair formula.

References
----------
M. Hossny, S. Nahavandi, D. Creighton, "Comments on 'Information measure for performance of image fusion'",
Electronics Letters 44(18), 2008, correcting G. Qu et al., Electronics Letters 38(7), 2002.
"""

import math

from metrics import Fused, Metric, Sources, Variant
from metrics._common.information import entropies

METRIC = Metric(
    id="q_mi",
    label="Q_MI",
    latex=r"Q_{\mathrm{MI}}",
    title="Normalised mutual information with the sources",
    citation="M. Hossny, S. Nahavandi, D. Creighton, Comments on 'Information measure for performance of image fusion', "
    "Electronics Letters 44(18), 2008",
    family="information",
    direction="larger",
    lower=0.0,
    upper=2.0,
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` when an image is constant."""
    of_sources, of_fused, joint = entropies(sources, fused)
    total = sum((own + of_fused - both) / (own + of_fused) for own, both in zip(of_sources, joint, strict=True))
    return 4 * total / len(sources)


def _not_normalised(sources: Sources, fused: Fused) -> float:
    of_sources, of_fused, joint = entropies(sources, fused)
    total = sum(own + of_fused - both for own, both in zip(of_sources, joint, strict=True))
    return 2 * total / len(sources) * math.log(2)


VARIANTS = {
    "vifb": Variant(
        "VIFB and MEFB, as MI: sum of the mutual information with the two sources in nats, not normalised (twice the mean of more)",
        _not_normalised,
    )
}
