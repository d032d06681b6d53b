"""Mean distance between the number of the chosen source and that of the sharpest one, as a share of the stack.

    distance = mean |k - k_true| / (n - 1)

over the pixels where the truth decides: 0 where every pixel comes from the sharpest source, 1 where each comes from the
other end of the stack; for a pair it is `metrics.wrong_pixels`. A neighbour slice costs little, as it should, but numbers
only measure a distance where the slices are in order of depth. A stack whose slices are out of order has defocus but no
depth in its truth; the metric has no value there (`metrics.excess_defocus` has).
"""

import numpy as np

from files.errors import Undefined
from metrics import Fused, Metric, Sources
from metrics._common.maps import decided

METRIC = Metric(
    id="index_distance",
    label="Index distance",
    latex=r"d_{\mathrm{index}}",
    title="Mean distance of the chosen from the sharpest source, as a share of the stack",
    citation="No source: the mean absolute error of the index map.",
    family="truth",
    direction="smaller",
    lower=0.0,
    upper=1.0,
    needs=("truth_map", "index_map"),
)


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image; both arguments must carry an index map.

    Raises
    ------
    files.errors.Undefined
        The truth decides at no pixel, or the slices are in no order of depth.
    """
    truth, chosen = sources.truth_map, fused.index_map
    assert truth is not None and chosen is not None  # `METRIC.needs`
    if sources.truth_defocus is not None and sources.truth_depth is None:
        raise Undefined("the slices are in no order of depth, so that their numbers measure no distance")
    distance = np.abs(chosen.astype(np.int64) - truth.astype(np.int64))
    return float(np.mean(decided(sources, distance))) / (len(sources) - 1)
