"""Visual information in four scales, shared by VIFF and VIF: what a reader could learn of a reference from an image.

The pixel-domain form of visual information fidelity: Gaussian windows of 17, 9, 5 and 3 pixels (sigma: a fifth), full
windows only; before every scale but the first the image is filtered with the scale's window and halved.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics._common.windows import Statistics, gaussian_taps, separable_valid

_SIZES = (17, 9, 5, 3)
_TAPS = [gaussian_taps(size, size / 5) for size in _SIZES]

#: Smallest side of an image whose fourth scale has a window.
SMALLEST = 41

#: Variances up to this count as none.
_NOTHING = 1e-10


def pyramid(gray: NDArray[Any]) -> list[Statistics]:
    """Image, local mean and local variance (at least 0) at every scale.

    Parameters
    ----------
    gray : numpy.ndarray
        H x W, grey levels 0..255, at least `SMALLEST` pixels high and wide.
    """
    levels = []
    for number, taps in enumerate(_TAPS):
        if number:
            gray = separable_valid(gray, taps)[::2, ::2]
        mean = separable_valid(gray, taps)
        levels.append((gray, mean, np.maximum(separable_valid(gray**2, taps) - mean**2, 0)))
    return levels


def gain(
    scale: int, reference: Statistics, image: Statistics
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The image in every window as gain times reference plus noise.

    Parameters
    ----------
    scale : int
        From 0.
    reference, image : tuple of numpy.ndarray
        Of `pyramid`, at this scale.

    Returns
    -------
    gain : numpy.ndarray
        At least 0; 0 where one of the two has no variance or the image runs against the reference.
    noise : numpy.ndarray
        Variance that the reference does not explain, positive.
    variance : numpy.ndarray
        Of the reference; 0 where it is none.
    """
    (x, mean_x, variance_x), (y, mean_y, variance_y) = reference, image
    covariance = separable_valid(x * y, _TAPS[scale]) - mean_x * mean_y
    factor = covariance / (variance_x + _NOTHING)
    noise = variance_y - factor * covariance
    empty, flat, against = variance_x < _NOTHING, variance_y < _NOTHING, factor < 0
    noise = np.where(empty | against, variance_y, noise)
    noise[flat] = 0
    # Against and flat: the noise is again the variance of the image, which is none.
    factor[empty | flat | against] = 0
    return factor, np.maximum(noise, _NOTHING), np.where(empty, 0, variance_x)


def preserved(
    factor: NDArray[np.float64], noise: NDArray[np.float64], variance: NDArray[np.float64], receiver: float
) -> NDArray[np.float64]:
    """Information of the reference that the image holds (decimal logarithm), of what `gain` returns.

    Parameters
    ----------
    factor, noise, variance : numpy.ndarray
    receiver : float
        Variance of the noise of whoever looks at the image, in squared grey levels.
    """
    return np.log10(1 + factor**2 * variance / (noise + receiver))


def available(variance: NDArray[np.float64], receiver: float) -> NDArray[np.float64]:
    """Information of the reference itself; arguments as `preserved`."""
    return np.log10(1 + variance / receiver)
