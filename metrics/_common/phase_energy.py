"""Pixel-wise part of phase congruency, compiled with numba.

Imported inside functions only: numba takes half a second to import. One pass over the filter responses instead of a
dozen array operations halves the time of Q_P.
"""

import math

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def accumulate(
    responses: np.ndarray,
    noise: float,
    direction: tuple[float, float],
    weighting: tuple[float, float, float],
    sums: np.ndarray,
) -> None:
    """Add one orientation to the sums over the orientations.

    Parameters
    ----------
    responses : numpy.ndarray
        Filter responses, complex128, scales x H x W.
    noise : float
        Noise threshold of the local energy.
    direction : (float, float)
        Cosine and sine of the orientation.
    weighting : (float, float, float)
        Epsilon, and cut-off and gain of the sigmoid that weights the frequency spread.
    sums : numpy.ndarray
        float64, 5 x H x W: weighted energy above the noise, amplitude, and the products xx, yy, xy of the oriented
        congruency. Changed in place.
    """
    scales, height, width = responses.shape
    cosine, sine = direction
    epsilon, cutoff, gain = weighting
    for y in range(height):
        for x in range(width):
            real = imaginary = amplitude = largest = 0.0
            for scale in range(scales):
                response = responses[scale, y, x]
                modulus = math.sqrt(response.real**2 + response.imag**2)
                real += response.real
                imaginary += response.imag
                amplitude += modulus
                largest = max(largest, modulus)
            # The responses along the mean phase, less the moduli of those across it (both times the modulus of the sum).
            square = real**2 + imaginary**2
            energy = square
            for scale in range(scales):
                response = responses[scale, y, x]
                energy -= abs(response.real * imaginary - response.imag * real)
            energy = max(energy / (math.sqrt(square) + epsilon) - noise, 0.0)
            spread = amplitude / ((largest + epsilon) * scales)
            energy /= 1 + math.exp(gain * (cutoff - spread))
            sums[0, y, x] += energy
            sums[1, y, x] += amplitude
            if energy > 0:
                share = (energy / amplitude) ** 2
                sums[2, y, x] += share * cosine**2
                sums[3, y, x] += share * sine**2
                sums[4, y, x] += share * cosine * sine
