"""ASR: sparse representation with sub-dictionaries for the orientations of edges.

The upstream program has two modes. For multi-focus images a fused patch takes the mean of the chosen patch; this is how
the survey's images were made. The MFIFB benchmark's images average the means of both patches (preset ``mfifb``), which
weakens large bright or dark areas.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
from scipy.ndimage import correlate

from methods import Fusion, Method, Option, Reference
from methods._common.channels import fuse_channels
from methods._common.sparse import fuse_patches, load_dictionaries, options

#: Dictionary for patches without a dominant orientation, and those for the six ranges of orientation.
GENERAL, ORIENTED = "asr/D_100000_256_8_0.mat", "asr/D_100000_256_8_6.mat"

METHOD = Method(
    id="asr",
    label="ASR",
    title="Sparse codes by dictionaries for edge orientations, larger l1 norm",
    citation=(
        "Y. Liu, Z. Wang, Simultaneous image fusion and denoising with adaptive sparse representation, "
        "IET Image Processing 9(5), 2015"
    ),
    doi="10.1049/iet-ipr.2014.0311",
    year=2015,
    kind="sparse",
    cost=310.0,
    files=(GENERAL, ORIENTED),
    options={
        "mean": Option(
            "chosen",
            "Mean of a fused patch: the chosen patch's, or the average of both.",
            choices=("chosen", "average"),
        ),
        **options(step=1),
    },
    presets={"mfifb": {"mean": "average"}},
)

REFERENCES = (Reference("published", "asr"), Reference("mfifb", "ASR", {"preset": "mfifb"}))

#: Number of orientation ranges, of 30 degrees each.
_BINS = 6
#: A range is dominant when it holds more than this share of the gradient magnitude.
_DOMINANT = 1.5 / _BINS
_SOBEL = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])


def fuse(images: Sequence[np.ndarray], *, mean: str, step: int, error: float) -> Fusion:
    """Fuse two images by adaptive sparse representation, each channel on its own.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        Two sources, float32, H x W or H x W x 3, [0, 1].
    mean : {"chosen", "average"}
        Whether a fused patch has the mean of the chosen patch or of both.
    step : int
        Distance of neighbouring patches in pixels.
    error : float
        Bound epsilon of the l2 norm of a patch's residual, in grey levels.

    Notes
    -----
    An image with a side below 8 pixels holds no patch; the result is the mean of the sources.
    """
    dictionaries = (*load_dictionaries(GENERAL), *load_dictionaries(ORIENTED, "Dn", _BINS))
    fuse_levels = partial(
        fuse_patches,
        dictionaries=dictionaries,
        step=step,
        error=error,
        choose=orientation,
        average_means=mean == "average",
    )
    return fuse_channels(images, fuse_levels)


def orientation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Dominant orientation of each pair of patches, taken from the patch with the larger variance (ties: second).

    Parameters
    ----------
    first, second : numpy.ndarray
        float64, P x 8 x 8.

    Returns
    -------
    numpy.ndarray
        int, P: 1 to 6 for the range of 30 degrees that dominates the gradient magnitude, 0 when none does.
    """
    stronger = first.var(axis=(1, 2)) > second.var(axis=(1, 2))
    patches = np.where(stronger[:, None, None], first, second)
    across = correlate(patches, _SOBEL[None], mode="constant")
    down = correlate(patches, _SOBEL.T[None], mode="constant")
    with np.errstate(divide="ignore", invalid="ignore"):
        angle = np.degrees(np.arctan(down / across))
    angle = np.where(angle < 0, angle + 180, angle)
    # An angle of exactly 0 and the undefined one of a flat place are in no range.
    bins = np.where(np.isnan(angle), 0, np.ceil(angle / (180 / _BINS))).astype(np.int64)
    magnitude = np.hypot(across, down)
    histogram = np.stack([np.where(bins == b, magnitude, 0).sum(axis=(1, 2)) for b in range(1, _BINS + 1)], axis=1)
    dominant = histogram.max(axis=1) > _DOMINANT * histogram.sum(axis=1)
    return np.where(dominant, histogram.argmax(axis=1) + 1, 0)
