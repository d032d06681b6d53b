"""Nonsubsampled contourlet transform: shift-invariant pyramid and nonsubsampled directional filter bank.

References
----------
A. L. da Cunha, J. Zhou, M. N. Do, "The nonsubsampled contourlet transform: theory, design, and applications", IEEE
Transactions on Image Processing 15(10), 2006. Pyramid filters "pyrexc", directional filters "7-9" or "vk".
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from methods._common.selection import average, choose_max

#: Taps of a two-dimensional filter by (row, column), and an integer up-sampling matrix (m11, m12, m21, m22).
Taps = dict[tuple[int, int], float]
Matrix = tuple[int, int, int, int]

#: Directions are 2 to the power of these, from the coarsest to the finest pyramid level.
EXPONENTS = (2, 3, 3, 4)

# Pyramid kernels are symmetric in both directions: upper left quarter up to the centre (the last element).
_ANALYSIS_LOW = np.array(
    [
        [-0.003236043456039806, -0.012944173824159223, -0.019416260736238835],
        [-0.012944173824159223, 0.0625, 0.15088834764831843],
        [-0.019416260736238835, 0.15088834764831843, 0.3406092167691145],
    ]
)
_ANALYSIS_HIGH = np.array(
    [
        [-0.003236043456039806, -0.012944173824159223, -0.019416260736238835],
        [-0.012944173824159223, -0.0625, -0.09911165235168155],
        [-0.019416260736238835, -0.09911165235168155, 0.8406092167691145],
    ]
)
_SYNTHESIS_LOW = np.array(
    [
        [-0.00016755163599004882, -0.001005309815940293, -0.002513274539850732, -0.003351032719800976],
        [-0.001005309815940293, -0.005246663087920392, -0.01193886400821893, -0.015395021472477663],
        [-0.002513274539850732, -0.01193886400821893, 0.06769410071569153, 0.15423938036811946],
        [-0.003351032719800976, -0.015395021472477663, 0.15423938036811946, 0.3325667382415921],
    ]
)
_SYNTHESIS_HIGH = np.array(
    [
        [0.00016755163599004882, 0.001005309815940293, 0.002513274539850732, 0.003351032719800976],
        [0.001005309815940293, -0.0012254238241592198, -0.013949483640099517, -0.0234375],
        [0.002513274539850732, -0.013949483640099517, -0.06769410071569153, -0.10246268507148255],
        [0.003351032719800976, -0.0234375, -0.10246268507148255, 0.8486516952966369],
    ]
)

# Directional filters: taps a_0, a_1, ... of symmetric 1-D prototypes, before the McClellan map.
_NINE = np.array([0.602949018236, 0.266864118443, -0.078223266529, -0.016864118443, 0.026748757411]) * np.sqrt(2)
_SEVEN = np.array([0.557543526229, 0.295635881557, -0.028771763114, -0.045635881557]) * np.sqrt(2)
_ALTERNATING = np.array([1, -1, 1, -1, 1])
_SHORT = np.array([2, 1]) / 4
_LONG = np.array([6, 2, -1]) / 4

#: Prototypes by name: (analysis low, analysis high), (synthesis low, synthesis high).
DIRECTIONAL = {
    "7-9": ((_NINE, _SEVEN * _ALTERNATING[:4]), (_SEVEN, _NINE * _ALTERNATING)),
    "vk": ((_SHORT, _LONG * [1, -1, 1]), (_LONG, _SHORT * [1, -1])),
}


def _filter(image: np.ndarray, quarters: Sequence[np.ndarray], step: int) -> list[np.ndarray]:
    """Convolve with symmetric kernels of one size, dilated by `step`; the border is mirrored with the edge repeated.

    Mirrored samples are added before they are weighted: 9 products instead of 25 per kernel of 5 x 5.
    """
    height, width = image.shape
    reach = len(quarters[0]) - 1
    padded = np.pad(image, reach * step, mode="symmetric")
    results = [np.zeros(image.shape) for _ in quarters]
    for i in range(reach + 1):
        top, bottom = i * step, (2 * reach - i) * step
        rows = padded[top : top + height]
        if top != bottom:
            rows = rows + padded[bottom : bottom + height]
        for j in range(reach + 1):
            left, right = j * step, (2 * reach - j) * step
            term = rows[:, left : left + width]
            if left != right:
                term = term + rows[:, right : right + width]
            for result, quarter in zip(results, quarters, strict=True):
                result += quarter[i, j] * term
    return results


def split(image: np.ndarray, levels: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Nonsubsampled pyramid.

    Parameters
    ----------
    image : numpy.ndarray
        float64, H x W, any range.
    levels : int

    Returns
    -------
    layers : list of numpy.ndarray
        High-pass layers from fine to coarse, each H x W.
    base : numpy.ndarray
        Low-pass layer, H x W.
    """
    layers, current = [], image
    for level in range(levels):
        current, high = _filter(current, (_ANALYSIS_LOW, _ANALYSIS_HIGH), 2**level)
        layers.append(high)
    return layers, current


def merge(layers: Sequence[np.ndarray], base: np.ndarray) -> np.ndarray:
    """Inverse of `split`."""
    current = base
    for level in reversed(range(len(layers))):
        (low,) = _filter(current, (_SYNTHESIS_LOW,), 2**level)
        (high,) = _filter(layers[level], (_SYNTHESIS_HIGH,), 2**level)
        current = low + high
    return current


def _diamond(prototype: np.ndarray) -> Taps:
    """Two-dimensional filter of a 1-D prototype by the McClellan map: taps {(row, column): value}, centred at 0."""
    size = 2 * len(prototype) - 1
    centre = size // 2
    before, now = np.zeros((size, size)), np.zeros((size, size))
    now[centre, centre] = 1
    total = prototype[0] * now
    for n, tap in enumerate(prototype[1:], start=1):
        spread: Any = sum(np.roll(now, shift, axis) for shift in (1, -1) for axis in (0, 1)) / 4
        before, now = now, spread if n == 1 else 2 * spread - before
        total += 2 * tap * now
    total /= np.sqrt(2)
    return {(int(r) - centre, int(c) - centre): total[r, c] for r, c in zip(*np.nonzero(total), strict=True)}


def _fan(taps: Taps) -> Taps:
    return {(r, c): v * (-1) ** c for (r, c), v in taps.items()}


#: Parallelogram filters p1..p4: modulated along rows or columns, sheared, and for the last two transposed.
_PARALLELOGRAMS = (
    lambda taps: {(r - c, c): v * (-1) ** r for (r, c), v in taps.items()},
    lambda taps: {(r + c, c): v * (-1) ** c for (r, c), v in taps.items()},
    lambda taps: {(c, r - c): v * (-1) ** r for (r, c), v in taps.items()},
    lambda taps: {(c, r + c): v * (-1) ** c for (r, c), v in taps.items()},
)


def _stage(number: int) -> list[tuple[Callable[[Taps], Taps], Matrix]]:
    """Shape and integer up-sampling matrix (m11, m12, m21, m22) of the filters of a stage of the tree, by parent."""
    if number == 1:
        return [(_fan, (1, 0, 0, 1))]
    if number == 2:
        return [(_fan, (1, -1, 1, 1))] * 2
    half = 2 ** (number - 2)
    parents = []
    for k in range(2 * half):
        shear = 2 * (k % half // 2) - half // 2 + 1
        matrix = (half, 0, -2 * shear, 2) if k < half else (2, -2 * shear, 0, half)
        parents.append((_PARALLELOGRAMS[2 * (k >= half) + k % 2], matrix))
    return parents


def _response(taps: Taps, matrix: Matrix, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Frequency response of up-sampled taps on the half grid of `rfft2`; real, as all filters are point-symmetric."""
    m11, m12, m21, m22 = matrix
    kernel = np.zeros(shape)
    for (r, c), value in taps.items():
        kernel[(m21 * c + m22 * r) % shape[0], (m11 * c + m12 * r) % shape[1]] += value
    return fft.rfft2(kernel).real


def _leaves(shape: tuple[int, int], exponent: int, prototypes: Sequence[np.ndarray]) -> list[np.ndarray]:
    pair = [_diamond(prototype) for prototype in prototypes]
    leaves: list[Any] = [1.0]
    for number in range(1, exponent + 1):
        leaves = [
            parent * _response(form(taps), matrix, shape)
            for parent, (form, matrix) in zip(leaves, _stage(number), strict=True)
            for taps in pair
        ]
    return leaves


@lru_cache(maxsize=4)
def responses(shape: tuple[int, int], exponent: int, directional: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """Frequency responses of the directional filter bank.

    Parameters
    ----------
    shape : tuple of int
        Height H and width W of the image.
    exponent : int
        The bank has 2 ** exponent directions, exponent >= 1.
    directional : str
        Key of `DIRECTIONAL`.

    Returns
    -------
    list of tuple of numpy.ndarray
        Analysis and synthesis response of each direction, real, on the grid of ``rfft2`` (H x (W // 2 + 1)). The sum
        of their products over the directions is 1 at every frequency.
    """
    analysis, synthesis = (_leaves(shape, exponent, prototypes) for prototypes in DIRECTIONAL[directional])
    return list(zip(analysis, synthesis, strict=True))


def directions(layer: np.ndarray, exponent: int, directional: str) -> Iterator[np.ndarray]:
    """Directional bands of a high-pass layer, one at a time.

    Parameters
    ----------
    layer : numpy.ndarray
        float64, H x W.
    exponent : int
        2 ** exponent bands; with 0 the layer itself is the only one.
    directional : str
        Key of `DIRECTIONAL`.

    Yields
    ------
    numpy.ndarray
        float64, H x W.
    """
    if exponent == 0:
        yield layer
        return
    spectrum = fft.rfft2(layer)
    for analysis, _ in responses(layer.shape, exponent, directional):
        yield fft.irfft2(spectrum * analysis, s=layer.shape, overwrite_x=True)


def undirect(bands: Iterable[np.ndarray], exponent: int, directional: str) -> np.ndarray:
    """Layer from its directional bands (an iterable in the order of `directions`, taken one at a time)."""
    bands = iter(bands)
    if exponent == 0:
        return next(bands)
    first = next(bands)
    bank = responses(first.shape, exponent, directional)
    spectrum = fft.rfft2(first) * bank[0][1]
    for (_, synthesis), band in zip(bank[1:], bands, strict=True):
        spectrum += fft.rfft2(band) * synthesis
    return fft.irfft2(spectrum, s=first.shape)


def decompose(
    image: np.ndarray, exponents: tuple[int, ...] = EXPONENTS, directional: str = "7-9"
) -> tuple[list[np.ndarray], np.ndarray]:
    """Whole transform at once; the fusion goes band by band and needs less memory.

    Parameters
    ----------
    image : numpy.ndarray
        float64, H x W, any range.
    exponents : tuple of int
        Direction exponents, one per level, from coarse to fine.
    directional : str
        Key of `DIRECTIONAL`.

    Returns
    -------
    details : list of numpy.ndarray
        From fine to coarse: 2 ** exponent x H x W.
    base : numpy.ndarray
        H x W.
    """
    layers, base = split(image, len(exponents))
    details = [
        np.stack(list(directions(layer, exponent, directional)))
        for layer, exponent in zip(layers, reversed(exponents), strict=True)
    ]
    return details, base


def reconstruct(
    details: Sequence[np.ndarray], base: np.ndarray, exponents: tuple[int, ...] = EXPONENTS, directional: str = "7-9"
) -> np.ndarray:
    """Inverse of `decompose`."""
    layers = [
        undirect(bands, exponent, directional) for bands, exponent in zip(details, reversed(exponents), strict=True)
    ]
    return merge(layers, base)


def fuse_levels(
    first: np.ndarray,
    second: np.ndarray,
    exponents: tuple[int, ...] = EXPONENTS,
    directional: str = "7-9",
    fuse_base: Callable[[np.ndarray, np.ndarray], np.ndarray] = average,
) -> np.ndarray:
    """Fuse two channels: directional bands by `choose_max`, base by `fuse_base`.

    Parameters
    ----------
    first, second : numpy.ndarray
        float64, H x W, levels.
    exponents : tuple of int
    directional : str
    fuse_base : callable
        Function of the two low-pass layers.

    Returns
    -------
    numpy.ndarray
        float64, H x W, not rounded. The mean of the channels where a side is 1 pixel.
    """
    if min(first.shape) < 2:
        return average(first, second)
    first_layers, first_base = split(first, len(exponents))
    second_layers, second_base = split(second, len(exponents))
    fused = []
    for one, other, exponent in zip(first_layers, second_layers, reversed(exponents), strict=True):
        pairs = zip(directions(one, exponent, directional), directions(other, exponent, directional), strict=True)
        fused.append(undirect((choose_max(*pair) for pair in pairs), exponent, directional))
    return merge(fused, fuse_base(first_base, second_base))
