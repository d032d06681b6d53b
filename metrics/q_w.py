"""Q_W: weighted fusion quality index of Piella and Heijmans, in which salient windows weigh more.

With local SSIM s (8 x 8 mean, full windows, C1 = C2 = (1e-6 * 255)^2), local variances v and the saliency weight
c = max(v_A, v_B),

    q = lam s(F, A) + (1 - lam) s(F, B),     lam = v_A / (v_A + v_B),     Q_W = sum(c q) / sum(c).

Where both variances are zero, 1/2 is added to each. More than two sources: the weights are the shares v_k / sum v, and c
is the greatest of all variances. Q_E is this index of the grey levels times that of the gradients.

Notes
-----
The corrected variant, with the constant windows of Q_E: a constant window that is not black has a tiny variance.

References
----------
G. Piella, H. Heijmans, "A new quality metric for image fusion", ICIP 2003.
"""

from metrics import Fused, Metric, Sources, Variant
from metrics._common.saliency_weighted import LEVELS, ORIGINAL, local_quality, weighted_mean

METRIC = Metric(
    id="q_w",
    label="Q_W",
    latex=r"Q_{\mathrm{W}}",
    title="Weighted fusion quality index: local similarity to the sources where they are salient",
    citation="G. Piella, H. Heijmans, A new quality metric for image fusion, ICIP 2003",
    family="structure",
    direction="larger",
    lower=-1.0,
    upper=1.0,
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` below 8 x 8 pixels."""
    return weighted_mean(*local_quality(sources, fused, LEVELS, "Q_W"))


def _original(sources: Sources, fused: Fused) -> float:
    return weighted_mean(*local_quality(sources, fused, ORIGINAL, "Q_W with Gaussian windows"))


VARIANTS = {
    "original": Variant(
        "Z. Liu's toolbox before its correction: Gaussian windows 11 x 11, constants (0.01 * 255)^2 and (0.03 * 255)^2",
        _original,
    )
}
