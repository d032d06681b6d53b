"""Q_S: fusion quality index of Piella and Heijmans, every window weighing the same.

With local SSIM s (8 x 8 mean, full windows, C1 = C2 = (1e-6 * 255)^2) and local variances v,

    Q_S = mean(lam s(F, A) + (1 - lam) s(F, B)),     lam = v_A / (v_A + v_B).

Where both variances are zero, lam is 1/2. More than two sources: the weights are the shares v_k / sum v.

Notes
-----
The corrected variant, with the constant windows of Q_E: a constant window that is not black has a tiny variance.

References
----------
G. Piella, H. Heijmans, "A new quality metric for image fusion", ICIP 2003.
"""

from metrics import Fused, Metric, Sources, Variant
from metrics._common.saliency_weighted import LEVELS, ORIGINAL, local_quality

METRIC = Metric(
    id="q_s",
    label="Q_S",
    latex=r"Q_{\mathrm{S}}",
    title="Fusion quality index: local similarity to the sources",
    citation="G. Piella, H. Heijmans, A new quality metric for image fusion, ICIP 2003",
    family="structure",
    direction="larger",
    lower=-1.0,
    upper=1.0,
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` below 8 x 8 pixels."""
    quality, _ = local_quality(sources, fused, LEVELS, "Q_S")
    return float(quality.mean())


def _original(sources: Sources, fused: Fused) -> float:
    quality, _ = local_quality(sources, fused, ORIGINAL, "Q_S with Gaussian windows")
    return float(quality.mean())


VARIANTS = {
    "original": Variant(
        "Z. Liu's toolbox before its correction: Gaussian windows 11 x 11, constants (0.01 * 255)^2 and (0.03 * 255)^2",
        _original,
    )
}
