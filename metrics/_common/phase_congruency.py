"""Phase congruency and its principal moments, the image features of Q_P.

References
----------
P. Kovesi, "Image features from phase congruency", Videre 1(3), 1999; parameters and details as in the reference
toolbox of Q_P (J. Zhao, R. Laganiere, Z. Liu, IJICIC 3(6A), 2007).
"""

import functools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import fft

SCALES = 4
ORIENTATIONS = 6
#: Wavelength in pixels of the finest filter, and the ratio from one scale to the next.
_WAVELENGTH, _RATIO = 3, 2.1
#: Width of a filter on the log-frequency axis; spread of a filter in angle (radians).
_BANDWIDTH = 0.55
_ANGULAR_SPREAD = np.pi / ORIENTATIONS / 1.2
_LOW_PASS_CUTOFF, _LOW_PASS_ORDER = 0.45, 15
_EPSILON = 1e-4
#: Noise threshold in standard deviations above the mean; the toolbox divides it by a further empirical factor.
_NOISE_FACTOR, _NOISE_DIVISOR = 2.0, 1.7
#: Weight of the frequency spread: a sigmoid with this cut-off and gain.
_SPREAD_CUTOFF, _SPREAD_GAIN = 0.5, 10.0
#: One pixel in this many is sampled to locate the median.
_SAMPLING = 61
#: Filters of images up to this size are kept.
_KEPT_PIXELS = 2**22


def _axis(length: int) -> NDArray[np.float64]:
    """Frequencies of one axis, zero in the middle; for odd lengths they reach +-1/2, as in the toolbox."""
    if length % 2:
        return (np.arange(length) - (length - 1) / 2) / (length - 1)
    return (np.arange(length) - length / 2) / length


@functools.lru_cache(maxsize=2)
def _radial(shape: tuple[int, int]) -> list[NDArray[np.float64]]:
    """Radial parts of the filters, a list over the scales (H x W each, zero frequency in the corner)."""
    y, x = np.meshgrid(*map(_axis, shape), indexing="ij")
    radius = np.sqrt(x**2 + y**2)
    radius[shape[0] // 2, shape[1] // 2] = 1
    radius = fft.ifftshift(radius)
    low_y, low_x = np.meshgrid(*[(np.arange(n) - n // 2) / n for n in shape], indexing="ij")
    # The toolbox uses fftshift here; for odd sizes that is one sample off, and kept.
    low_pass = fft.fftshift(1 / (1 + (np.sqrt(low_x**2 + low_y**2) / _LOW_PASS_CUTOFF) ** (2 * _LOW_PASS_ORDER)))
    filters = []
    for scale in range(SCALES):
        centre = 1 / (_WAVELENGTH * _RATIO**scale)
        radial = np.exp(-(np.log(radius / centre) ** 2) / (2 * np.log(_BANDWIDTH) ** 2)) * low_pass
        radial[0, 0] = 0
        filters.append(radial)
    return filters


def _angular(shape: tuple[int, int], orientation: int) -> NDArray[np.float64]:
    """Angular part of the filters of one orientation (H x W, zero frequency in the corner)."""
    y, x = np.meshgrid(*map(_axis, shape), indexing="ij")
    distance = np.abs(fft.ifftshift(np.arctan2(-y, x)) - orientation * np.pi / ORIENTATIONS)
    distance = np.minimum(distance, 2 * np.pi - distance)
    return np.exp(-(distance**2) / (2 * _ANGULAR_SPREAD**2))


def _point_reflection(values: np.ndarray) -> np.ndarray:
    """Values at the opposite frequencies (-u, -v)."""
    return np.roll(values[::-1, ::-1], (1, 1), axis=(0, 1))


def _threshold_factor(radial: Sequence[np.ndarray], angular: np.ndarray) -> float:
    """Noise threshold of one orientation as a multiple of the square root of the median energy of the finest scale.

    With e_s the even part of filter s (its spatial real part is the inverse transform of e_s, so by Parseval sums of
    products there are sums of products here), the noise energy is tau^2 = N sum_uv (sum_s e_s)^2, and N the noise power
    estimated from the median.
    """
    total = sum(radial) * angular
    even = (total + _point_reflection(total)) / 2
    power = np.sum(even**2) / (np.log(2) * np.sum((radial[0] * angular) ** 2))
    return np.sqrt(power) * (np.sqrt(np.pi / 2) + _NOISE_FACTOR * np.sqrt(2 - np.pi / 2)) / _NOISE_DIVISOR


@functools.lru_cache(maxsize=2 * ORIENTATIONS)
def _orientation(shape: tuple[int, int], orientation: int) -> tuple[NDArray[np.float64], float]:
    """Angular part and threshold factor of one orientation."""
    angular = _angular(shape, orientation)
    return angular, _threshold_factor(_radial(shape), angular)


def _filters(
    shape: tuple[int, int],
) -> tuple[list[NDArray[np.float64]], Callable[[int], tuple[NDArray[np.float64], float]]]:
    """Radial parts, and a function that gives angular part and threshold factor of an orientation.

    They depend on the size only and are kept for two sizes, unless they are so large that memory matters more.
    """
    if shape[0] * shape[1] <= _KEPT_PIXELS:
        return _radial(shape), functools.partial(_orientation, shape)
    radial = _radial.__wrapped__(shape)

    def orientation(number: int) -> tuple[NDArray[np.float64], float]:
        angular = _angular(shape, number)
        return angular, _threshold_factor(radial, angular)

    return radial, orientation


def _smooth(length: int) -> bool:
    """Whether no prime factor is above 13."""
    for factor in (2, 3, 5, 7, 11, 13):
        while length % factor == 0:
            length //= factor
    return length == 1


def _inverse_transform(spectrum: NDArray[np.complex128]) -> None:
    """Inverse discrete Fourier transform of a complex H x W array, in place."""
    if all(map(_smooth, spectrum.shape)):
        import cv2

        # For such lengths about twice as fast as SciPy, and equal to rounding.
        view = spectrum.view(np.float64).reshape(*spectrum.shape, 2)
        cv2.dft(view, dst=view, flags=cv2.DFT_INVERSE | cv2.DFT_SCALE)
    else:
        spectrum[...] = fft.ifft2(spectrum, overwrite_x=True)


def _median_square(response: NDArray[np.complex128]) -> float:
    """Median of the squared moduli (mean of the two middle ones for an even count)."""
    moduli = np.abs(response).ravel()
    lower, upper = (moduli.size - 1) // 2, moduli.size // 2
    # A sample tells between which values the median lies, so that only the few of them need to be ordered.
    sample = np.sort(moduli[::_SAMPLING])
    low, high = sample[len(sample) * 9 // 20], sample[len(sample) * 11 // 20]
    near = moduli[(moduli >= low) & (moduli <= high)]
    below: int | np.integer = np.count_nonzero(moduli < low)
    if not below <= lower <= upper < below + len(near):
        near, below = moduli, 0
    near.partition((lower - below, upper - below))
    return (near[lower - below] ** 2 + near[upper - below] ** 2) / 2


def phase_congruency(gray: NDArray[np.float64]) -> NDArray[np.float64]:
    """Phase congruency and its maximum and minimum moment.

    Parameters
    ----------
    gray : numpy.ndarray
        H x W with H, W >= 2, not constant, grey levels 0..255.

    Returns
    -------
    numpy.ndarray
        3 x H x W: phase congruency (0..1), maximum moment (edges), minimum moment (corners).
    """
    from metrics._common.phase_energy import accumulate

    radial, filters = _filters(gray.shape)
    spectrum = fft.fft2(gray)
    responses = np.empty((SCALES, *gray.shape), dtype=np.complex128)
    energy, amplitude, xx, yy, xy = sums = np.zeros((5, *gray.shape))
    for orientation in range(ORIENTATIONS):
        alpha = orientation * np.pi / ORIENTATIONS
        angular, factor = filters(orientation)
        _respond(spectrum, radial, angular, responses)
        noise = factor * np.sqrt(_median_square(responses[0]))
        accumulate(responses, noise, (np.cos(alpha), np.sin(alpha)), (_EPSILON, _SPREAD_CUTOFF, _SPREAD_GAIN), sums)
    return _with_moments(energy / (amplitude + _EPSILON), xx, yy, xy)


def _respond(
    spectrum: np.ndarray, radial: Sequence[np.ndarray], angular: NDArray[np.float64], responses: NDArray[np.complex128]
) -> None:
    """Write the filter responses of one orientation to `responses`."""
    oriented = spectrum * angular
    for part, response in zip(radial, responses, strict=True):
        np.multiply(oriented, part, out=response)
        _inverse_transform(response)


def _with_moments(congruency: np.ndarray, xx: np.ndarray, yy: np.ndarray, xy: np.ndarray) -> NDArray[np.float64]:
    xx /= ORIENTATIONS / 2
    yy /= ORIENTATIONS / 2
    # The usual definition has a factor 4 here; the toolbox does not.
    xy /= ORIENTATIONS
    spread = np.sqrt(xy**2 + (xx - yy) ** 2) + _EPSILON
    return np.stack([congruency, (xx + yy + spread) / 2, (xx + yy - spread) / 2])
