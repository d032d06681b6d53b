"""Q_E: edge-dependent fusion quality index of Piella and Heijmans.

With local SSIM s (8 x 8 mean, full windows, C1 = C2 = (1e-6 * 255)^2), local variances v and the saliency weight
c = max(v_A, v_B),

    q = lam s(F, A) + (1 - lam) s(F, B),     lam = v_A / (v_A + v_B),
    Q_W(A, B, F) = sum(c q) / sum(c),        Q_E = Q_W(A, B, F) Q_W(A', B', F'),

where X' is the Prewitt gradient magnitude of X. Where all variances are zero, 1/2 is added to each.

More than two sources: the weights are the shares v_k / sum v, and c is the greatest of all variances.

Notes
-----
The corrected variant. The reference values were computed with filters whose taps are off by an ulp, so that a constant
window that is not black has a tiny positive variance; every window mean is multiplied by 1 - 2^-52 here, on exact
window sums, to the same effect.

References
----------
G. Piella, H. Heijmans, "A new quality metric for image fusion", ICIP 2003.
"""

from metrics import Fused, Metric, Sources
from metrics._common.saliency_weighted import GRADIENTS, LEVELS, local_quality, weighted_mean

METRIC = Metric(
    id="q_e",
    label="Q_E",
    latex=r"Q_{\mathrm{E}}",
    title="Edge-dependent fusion quality index",
    citation="G. Piella, H. Heijmans, A new quality metric for image fusion, ICIP 2003",
    family="structure",
    direction="larger",
    lower=-1.0,
    upper=1.0,
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` below 8 x 8 pixels."""
    levels, gradients = (weighted_mean(*local_quality(sources, fused, stage, "Q_E")) for stage in (LEVELS, GRADIENTS))
    return levels * gradients
