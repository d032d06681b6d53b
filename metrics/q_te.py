"""Q_TE: Tsallis entropy between the fused image and its sources, relative to what the sources have themselves.

With every image stretched to 0..255 on its own, p the joint distribution of the levels of two images X and Y and P_X,
P_Y those of one,

    T(X, Y) = (1 - sum_ij p_ij^q / (P_Y(i) P_X(j))^(q - 1)) / (1 - q)      over cells with P_Y(i) P_X(j) > 0,
    Q_TE = (T(A; F) + T(B; F)) / (H(A)^q + H(B)^q + T(A; B)),      q = 0.43137,

i the level of X, j that of Y, H the Shannon entropy in bits. More than two sources: the sums over sources become 2/n
times their sum, T(A; B) the mean over all pairs of sources,

    Q_TE = 2/n sum_k T(A_k; F) / (2/n sum_k H(A_k)^q + mean_{k < l} T(A_k; A_l)).

Notes
-----
The marginals are crossed, as in the reference toolbox and hence in all published values: that of the second image is
taken at the level of the first one, and the other way round. T is therefore not 0 for independent images. It does not
depend on the order of the two images.

Cells with a crossed product of 0 are skipped even where p is not 0, and what is skipped makes T larger. An image with few
levels gains by it: a strong blur can score above the sharp image. With marginals that are not crossed it would lose.

References
----------
N. Cvejic, C. N. Canagarajah, D. R. Bull, "Image fusion metric based on mutual information and Tsallis entropy",
Electronics Letters 42(11), 2006; R. Nava, G. Cristobal, B. Escalante-Ramirez, "Mutual information improves image fusion
quality assessments", SPIE Newsroom, 2007.
"""

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from metrics import Fused, Metric, Sources, Variant
from metrics._common.information import LEVELS, level_entropy, stretched_fused, stretched_sources

METRIC = Metric(
    id="q_te",
    label="Q_TE",
    latex=r"Q_{\mathrm{TE}}",
    title="Tsallis entropy with the sources",
    citation="R. Nava, G. Cristobal, B. Escalante-Ramirez, Mutual information improves image fusion quality "
    "assessments, SPIE Newsroom, 2007",
    family="information",
    direction="larger",
    lower=0.0,
    upper=math.inf,
)

_Q_NAVA = 0.43137
_Q_CVEJIC = 1.85


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` when an image is constant."""
    with_fused = _with_fused(sources, fused, _Q_NAVA)
    return with_fused / float(sources.lasting("tsallis_entropy_v1", lambda: _of_sources(sources)))


def _of_sources(sources: Sources) -> NDArray[np.float64]:
    """What the sources have themselves: entropies, and Tsallis entropy between them."""
    stretched = list(stretched_sources(sources))
    entropies = [level_entropy(levels) ** _Q_NAVA for levels in stretched]
    between = [_tsallis(first, second, _Q_NAVA) for first, second in itertools.combinations(stretched, 2)]
    return np.array(2 * np.mean(entropies) + np.mean(between))


def _with_fused(sources: Sources, fused: Fused, exponent: float) -> float:
    stretched, target = list(stretched_sources(sources)), stretched_fused(fused)
    return 2 * sum(_tsallis(levels, target, exponent) for levels in stretched) / len(sources)


def _tsallis(first: NDArray[np.uint8], second: NDArray[np.uint8], exponent: float) -> float:
    """Tsallis entropy T between two images, with crossed marginals."""
    from scipy.sparse import coo_array

    counts = coo_array((np.ones(first.size), (first.ravel(), second.ravel())), shape=(LEVELS, LEVELS)).toarray()
    joint = counts / first.size
    crossed = np.outer(joint.sum(axis=0), joint.sum(axis=1))
    cells = (joint > 0) & (crossed > 0)
    total = (joint[cells] ** exponent / crossed[cells] ** (exponent - 1)).sum()
    return float(1 - total) / (1 - exponent)


def _not_normalised(sources: Sources, fused: Fused) -> float:
    return _with_fused(sources, fused, _Q_CVEJIC)


VARIANTS = {"cvejic": Variant("Cvejic et al.: q = 1.85, the sum over the two sources, not normalised", _not_normalised)}
