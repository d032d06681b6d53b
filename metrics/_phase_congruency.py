"""Phase congruency and its principal moments, the image features of Q_P.

References
----------
P. Kovesi, "Image features from phase congruency", Videre 1(3), 1999; parameters and details as in the reference
toolbox of Q_P (J. Zhao, R. Laganiere, Z. Liu, IJICIC 3(6A), 2007).
"""

import functools

import numpy as np
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
#: The pixel-wise part runs over blocks of about this many pixels.
_BLOCK_PIXELS = 8192


def _axis(length):
    """Frequencies of one axis, zero in the middle; for odd lengths they reach +-1/2, as in the toolbox."""
    if length % 2:
        return (np.arange(length) - (length - 1) / 2) / (length - 1)
    return (np.arange(length) - length / 2) / length


def _radial(shape):
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


def _angular(shape, orientation):
    """Angular part of the filters of one orientation (H x W, zero frequency in the corner)."""
    y, x = np.meshgrid(*map(_axis, shape), indexing="ij")
    theta = fft.ifftshift(np.arctan2(-y, x))
    alpha = orientation * np.pi / ORIENTATIONS
    sine = np.sin(theta) * np.cos(alpha) - np.cos(theta) * np.sin(alpha)
    cosine = np.cos(theta) * np.cos(alpha) + np.sin(theta) * np.sin(alpha)
    return np.exp(-(np.arctan2(sine, cosine) ** 2) / (2 * _ANGULAR_SPREAD**2))


def _point_reflection(values):
    """Values at the opposite frequencies (-u, -v)."""
    return np.roll(values[::-1, ::-1], (1, 1), axis=(0, 1))


def _threshold_factor(radial, angular):
    """Noise threshold of one orientation as a multiple of the square root of the median energy of the finest scale.

    With e_s the even part of filter s (its spatial real part is the inverse transform of e_s, so by Parseval sums of
    products there are sums of products here), the noise energy is tau^2 = N sum_uv (sum_s e_s)^2, and N the noise power
    estimated from the median.
    """
    total = sum(radial) * angular
    even = (total + _point_reflection(total)) / 2
    power = np.sum(even**2) / (np.log(2) * np.sum((radial[0] * angular) ** 2))
    return np.sqrt(power) * (np.sqrt(np.pi / 2) + _NOISE_FACTOR * np.sqrt(2 - np.pi / 2)) / _NOISE_DIVISOR


@functools.lru_cache(maxsize=2)
def _bank(shape):
    """Radial parts, angular parts and threshold factors: they depend on the size only."""
    radial = _radial(shape)
    angular = [_angular(shape, orientation) for orientation in range(ORIENTATIONS)]
    return radial, angular, [_threshold_factor(radial, part) for part in angular]


def _median_square(response):
    """Median of the squared moduli (mean of the two middle ones for an even count)."""
    squares = response.real**2
    squares += response.imag**2
    middle = (squares.size - 1) // 2, squares.size // 2
    ordered = np.partition(squares.ravel(), middle)
    return (ordered[middle[0]] + ordered[middle[1]]) / 2


def _oriented_energy(responses, noise):
    """Weighted local energy above the noise, and the sum of the amplitudes over the scales, of one orientation.

    Parameters
    ----------
    responses : numpy.ndarray
        Filter responses, complex, scales x h x W (some rows of the image).
    noise : float
        Noise threshold.
    """
    real, imaginary = responses.real.copy(), responses.imag.copy()
    amplitudes = np.sqrt(real**2 + imaginary**2)
    amplitude = amplitudes.sum(axis=0)
    total_real, total_imaginary = real.sum(axis=0), imaginary.sum(axis=0)
    square = total_real**2 + total_imaginary**2
    # Sum over the scales of the response along the mean phase, less the sum of the moduli across it.
    real *= total_imaginary
    imaginary *= total_real
    real -= imaginary
    energy = square - np.abs(real, out=real).sum(axis=0)
    energy /= np.sqrt(square) + _EPSILON
    energy -= noise
    np.maximum(energy, 0, out=energy)
    spread = amplitude / ((amplitudes.max(axis=0) + _EPSILON) * SCALES)
    energy /= 1 + np.exp(_SPREAD_GAIN * (_SPREAD_CUTOFF - spread))
    return energy, amplitude


def features(gray):
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
    radial, angular, factors = _bank(gray.shape)
    spectrum = fft.fft2(gray)
    responses = np.empty((SCALES, *gray.shape), dtype=np.complex128)
    energy, amplitude, xx, yy, xy = np.zeros((5, *gray.shape))
    for orientation in range(ORIENTATIONS):
        alpha = orientation * np.pi / ORIENTATIONS
        _respond(spectrum, radial, angular[orientation], responses)
        noise = factors[orientation] * np.sqrt(_median_square(responses[0]))
        for rows in _row_blocks(gray.shape):
            own, sum_amplitude = _oriented_energy(responses[:, rows], noise)
            energy[rows] += own
            amplitude[rows] += sum_amplitude
            own /= sum_amplitude
            own *= own
            xx[rows] += own * np.cos(alpha) ** 2
            yy[rows] += own * np.sin(alpha) ** 2
            xy[rows] += own * (np.cos(alpha) * np.sin(alpha))
    return _with_moments(energy / (amplitude + _EPSILON), xx, yy, xy)


def _respond(spectrum, radial, angular, responses):
    """Write the filter responses of one orientation to `responses`."""
    for part, response in zip(radial, responses, strict=True):
        weight = part * angular
        np.multiply(spectrum.real, weight, out=response.real)
        np.multiply(spectrum.imag, weight, out=response.imag)
        response[...] = fft.ifft2(response, overwrite_x=True)


def _row_blocks(shape):
    """Slices over the rows, small enough for a processor's cache."""
    step = max(1, _BLOCK_PIXELS // shape[1])
    return [slice(start, start + step) for start in range(0, shape[0], step)]


def _with_moments(congruency, xx, yy, xy):
    xx /= ORIENTATIONS / 2
    yy /= ORIENTATIONS / 2
    # The usual definition has a factor 4 here; the toolbox has not.
    xy /= ORIENTATIONS
    spread = np.sqrt(xy**2 + (xx - yy) ** 2) + _EPSILON
    return np.stack([congruency, (xx + yy + spread) / 2, (xx + yy - spread) / 2])
