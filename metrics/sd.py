"""SD: contrast of the fused image, as the mean over its columns of their standard deviation.

    SD = 1/W sum_j sqrt(1/(H - 1) sum_i (F(i, j) - m_j)^2),      m_j the mean of column j,

on grey levels 0..255. It measures the fused image alone: the sources do not enter, however many there are, and noise
raises it.

Notes
-----
The textbook's standard deviation over all pixels is the variant ``mefb``. The default is what the largest published
study of fusion metrics computed (Y. Liu et al., IEEE TPAMI, 2024), so that the two can be compared.

References
----------
Y. Liu, Z. Qi, J. Cheng, X. Chen, "Rethinking the effectiveness of objective evaluation metrics in multi-focus image
fusion: a statistic-based approach", IEEE TPAMI, 2024 (the definition by columns).
"""

import math

from files.errors import Undefined
from metrics import Fused, Metric, Sources, Variant

METRIC = Metric(
    id="sd",
    label="SD",
    latex=r"\mathrm{SD}",
    title="Standard deviation within the columns of the fused image, which alone it looks at",
    citation="No source: the standard deviation; by columns as in Y. Liu, Z. Qi, J. Cheng, X. Chen, Rethinking the "
    "effectiveness of objective evaluation metrics in multi-focus image fusion: a statistic-based approach, IEEE TPAMI, "
    "2024",
    family="feature",
    direction="larger",
    lower=0.0,
    # Two rows, one black and one white.
    upper=255 / math.sqrt(2),
    digits=3,
)


def score(sources: Sources, fused: Fused) -> float:
    """Mean standard deviation of the columns of a fused image; `Undefined` with one row."""
    if fused.gray.shape[0] < 2:
        raise Undefined("SD is the standard deviation of columns and needs at least two rows")
    return float(fused.gray.std(axis=0, ddof=1).mean())


def _global(sources: Sources, fused: Fused) -> float:
    return float(fused.gray.std())


def _undivided(sources: Sources, fused: Fused) -> float:
    return math.sqrt(((fused.gray - fused.gray.mean()) ** 2).sum())


VARIANTS = {
    "mefb": Variant("MEFB: over all pixels, divisor the number of pixels", _global),
    "sesf": Variant("SESF-Fuse: root of the sum of squares over all pixels, not divided by their number", _undivided),
}
