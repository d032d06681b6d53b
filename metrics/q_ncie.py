"""Q_NCIE: nonlinear correlation information entropy of sources and fused image.

With every image stretched to 0..255 on its own and entropies in base 256, n(X, Y) = H(X) + H(Y) - H(X, Y) is the
nonlinear correlation coefficient. R is the matrix of these coefficients between all sources and the fused image, with
a unit diagonal; with its K eigenvalues r_i

    Q_NCIE = 1 + sum_i (r_i / K) log_256(r_i / K).

K = 3 for two sources. More sources: the original measure is defined for any number of variables, K = n + 1.

Notes
-----
The base of the outer logarithm is 256, as in the reference toolbox, and not K: three unrelated images score
1 - log2(3)/8 = 0.801880 and not 0; the least value for K images is 1 - log2(K)/8.
A zero eigenvalue contributes its limit 0.

References
----------
Q. Wang, Y. Shen, J. Jin, "Performance evaluation of image fusion techniques", in T. Stathaki (ed.), Image Fusion:
Algorithms and Applications, Academic Press, 2008, chapter 19.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from metrics import Fused, Metric, Sources
from metrics._common.information import entropies, joint_entropy, stretched_sources

METRIC = Metric(
    id="q_ncie",
    label="Q_NCIE",
    latex=r"Q_{\mathrm{NCIE}}",
    title="Nonlinear correlation information entropy",
    citation="Q. Wang, Y. Shen, J. Jin, Performance evaluation of image fusion techniques, in Image Fusion: Algorithms "
    "and Applications, Academic Press, 2008",
    family="information",
    direction="larger",
    lower=0.0,
    upper=1.0,
    digits=5,
)

_BITS = 8


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` when an image is constant."""
    of_sources, of_fused, joint = entropies(sources, fused)
    count = len(sources) + 1
    correlation = np.eye(count)
    correlation[:-1, :-1] = sources.lasting("nonlinear_correlation_v1", lambda: _between_sources(sources, of_sources))
    correlation[:-1, -1] = [(own + of_fused - both) / _BITS for own, both in zip(of_sources, joint, strict=True)]
    correlation[-1, :-1] = correlation[:-1, -1]
    shares = np.clip(np.linalg.eigvalsh(correlation) / count, 0, None)
    shares = shares[shares > 0]
    return 1 + float(shares @ np.log2(shares)) / _BITS


def _between_sources(sources: Sources, of_sources: Sequence[float]) -> NDArray[np.float64]:
    stretched = list(stretched_sources(sources))
    correlation = np.eye(len(stretched))
    for row in range(len(stretched)):
        for column in range(row):
            both = joint_entropy(stretched[row], stretched[column])
            value = (of_sources[row] + of_sources[column] - both) / _BITS
            correlation[row, column] = correlation[column, row] = value
    return correlation
