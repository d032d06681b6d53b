"""Q_M: multiscale edge preservation in a two-level Haar pyramid.

With D the three detail bands of a level (orthonormal Haar transform of 2 x 2 blocks from the top left corner; an odd
last row or column is dropped) and w_X the sum of the squared details of source X,

    e_X = sum over the bands of exp(-|D_X - D_F|),
    Q_l = sum_X sum(e_X w_X) / sum_X sum(w_X),      Q_M = Q_1^(2/3) Q_2^(1/3).

The formula is a sum over the sources and holds for any number of them as it is.

Notes
-----
As in the reference toolbox the three exponentials are added, so the greatest value is 3, and have no scale, so the
value belongs to grey levels 0..255: methods that copy pixels get about 2.4, transform methods 1.2 or less.

References
----------
P.-W. Wang, B. Liu, "A novel image fusion metric based on multi-scale analysis", ICSP 2008.
"""

import numpy as np

from files.errors import Undefined
from metrics import Fused, Metric, Sources
from metrics._common.windows import require_size

METRIC = Metric(
    id="q_m",
    label="Q_M",
    latex=r"Q_{\mathrm{M}}",
    title="Multiscale edge preservation (Haar)",
    citation="P.-W. Wang, B. Liu, A novel image fusion metric based on multi-scale analysis, ICSP 2008",
    family="feature",
    direction="larger",
    lower=0.0,
    upper=3.0,
)

_EXPONENTS = (2 / 3, 1 / 3)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image against its sources; `Undefined` below 4 x 4 pixels or when no source has any detail."""
    require_size(sources.shape, 4, "Q_M")
    details = fused.once("haar", _haar)
    kept, weight = [0.0, 0.0], [0.0, 0.0]
    for pyramid in sources.each("haar", _haar):
        for level, (bands, target) in enumerate(zip(pyramid, details, strict=True)):
            energy = (bands**2).sum(axis=0)
            kept[level] += (np.exp(-np.abs(bands - target)).sum(axis=0) * energy).sum()
            weight[level] += energy.sum()
    if min(weight) == 0:
        raise Undefined("Q_M weights by the detail of the sources, but they have none at one of its two scales")
    return np.prod([(k / w) ** e for k, w, e in zip(kept, weight, _EXPONENTS, strict=True)])


def _haar(gray: np.ndarray) -> list[np.ndarray]:
    """Detail bands (3 x h x w) of two levels."""
    levels, low = [], gray
    for _ in _EXPONENTS:
        height, width = low.shape[0] // 2 * 2, low.shape[1] // 2 * 2
        a, b = low[:height:2, :width:2], low[:height:2, 1:width:2]
        c, d = low[1:height:2, :width:2], low[1:height:2, 1:width:2]
        levels.append(np.stack([a + b - c - d, a - b + c - d, a - b - c + d]) / 2)
        low = (a + b + c + d) / 2
    return levels
