"""VIF of the fused image against the true image, in the pixel domain.

In every Gaussian window of four scales (17, 9, 5 and 3 pixels) the fused image is modelled as gain k times truth plus
noise of variance s; with v the local variance of the true image and s_n = 2 the variance of the eye's noise,

    VIF = sum log(1 + k^2 v / (s + s_n)) / sum log(1 + v / s_n),      sums over all windows of all scales.

1: nothing is lost; above 1: more contrast than the true image. The sources do not enter, however many there are.

Notes
-----
The paper defines the measure in the wavelet domain; this is the simplified form in the pixel domain that its authors
published later and that current libraries compute as VIF.

References
----------
H. R. Sheikh, A. C. Bovik, "Image information and visual quality", IEEE Trans. Image Processing 15(2), 2006.
"""

from files.errors import Undefined
from metrics import Fused, Metric, Sources
from metrics._common.visual_information import SMALLEST, available, gain, preserved, pyramid
from metrics._common.windows import require_size

METRIC = Metric(
    id="vif",
    label="VIF",
    latex=r"\mathrm{VIF}",
    title="Visual information fidelity to the true image (pixel domain)",
    citation="H. R. Sheikh, A. C. Bovik, Image information and visual quality, IEEE Transactions on Image Processing "
    "15(2), 2006",
    family="truth",
    direction="larger",
    lower=0.0,
    upper=float("inf"),
    needs=("truth_image",),
)

_RECEIVER = 2.0


def score(sources: Sources, fused: Fused) -> float:
    """Score of a fused image; `Undefined` below 41 x 41 pixels or when the true image is constant."""
    require_size(sources.shape, SMALLEST, "VIF")
    truth = sources.truth_gray
    assert truth is not None  # one of `METRIC.needs`
    if truth.min() == truth.max():
        raise Undefined("VIF: the true image is constant and holds no visual information")
    references = sources.cached("truth visual pyramid", lambda: pyramid(truth))
    kept = total = 0.0
    for scale, (reference, own) in enumerate(zip(references, fused.once("visual pyramid", pyramid), strict=True)):
        factor, noise, variance = gain(scale, reference, own)
        kept += preserved(factor, noise, variance, _RECEIVER).sum()
        total += available(variance, _RECEIVER).sum()
    return kept / total
