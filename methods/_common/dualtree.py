"""Two-dimensional dual-tree complex wavelet transform.

References
----------
N. G. Kingsbury, "Complex wavelets for shift invariant analysis and filtering of signals", Applied and Computational
Harmonic Analysis 10(3), 2001 (transform; quarter-shift filters of 6 non-zero taps).
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def _level_one(
    analysis_low: np.ndarray, analysis_high: np.ndarray, synthesis_low: np.ndarray, synthesis_high: np.ndarray
) -> tuple[np.ndarray, ...]:
    return tuple(np.array(taps) for taps in (analysis_low, analysis_high, synthesis_low, synthesis_high))


#: Level-1 filters: analysis low and high, synthesis low and high, centred.
LEVEL_ONE = {
    "near_sym_a": _level_one(
        np.array([-1, 5, 12, 5, -1]) / 20,
        np.array([3, -15, -73, 170, -73, -15, 3]) / 280,
        np.array([-3, -15, 73, 170, 73, -15, -3]) / 280,
        np.array([-1, -5, 12, -5, -1]) / 20,
    ),
    "legall": _level_one(
        np.array([-1, 2, 6, 2, -1]) / 8,
        np.array([-1, 2, -1]) / 4,
        np.array([1, 2, 1]) / 4,
        np.array([-1, -2, 6, -2, -1]) / 8,
    ),
}

# Quarter-shift filters "qshift_06" of the two trees a and b.
_LOW_A = np.array(
    [
        0.03516383657149474,
        0,
        -0.08832942445107285,
        0.23389032060723564,
        0.7602723690661257,
        0.5875182977235605,
        0,
        -0.11430183714424873,
        0,
        0,
    ]
)
_LOW_B = _LOW_A[::-1]
_SIGNS = (-1.0) ** np.arange(10)
_HIGH_A = _SIGNS * _LOW_B
_HIGH_B = -_SIGNS * _LOW_A
_ANALYSIS_LOW, _ANALYSIS_HIGH = (_LOW_A, _LOW_B), (_HIGH_A, _HIGH_B)
_SYNTHESIS_LOW, _SYNTHESIS_HIGH = (_LOW_B, _LOW_A), (_HIGH_A[::-1], _HIGH_B[::-1])


def levels_for(shape: tuple[int, int], wanted: int) -> int:
    """Number of levels, at most `wanted`, whose sub-bands have at least 2 samples a side (4 from 17 pixels on)."""
    side, levels = min(shape), 0
    side += side % 2
    while levels < wanted:
        if levels:
            side = (side + side % 4) // 2
        if side < 4:
            break
        levels += 1
    return levels


def _mirror(array: np.ndarray, width: int) -> np.ndarray:
    """Half-sample mirror along the rows' axis; repeats where the array is shorter than `width`."""
    return np.pad(array, ((width, width), (0, 0)), mode="symmetric")


def _filter(array: np.ndarray, taps: np.ndarray) -> np.ndarray:
    """Centred convolution along axis 0, same length (level 1)."""
    reach = len(taps) // 2
    extended, count = _mirror(array, reach), len(array)
    return sum(tap * extended[2 * reach - j : 2 * reach - j + count] for j, tap in enumerate(taps))


def _lowpass(pair: tuple[np.ndarray, np.ndarray]) -> bool:
    return np.dot(*pair) > 0


def _strided(extended: np.ndarray, taps: np.ndarray, start: int, step: int, count: int) -> np.ndarray:
    """Sums over j of taps[j] x(start + step k - 2 j) along axis 0, k = 0..count-1; taps that are 0 are skipped."""
    total = np.zeros((count, extended.shape[1]))
    for j, tap in enumerate(taps):
        if tap:
            first = start - 2 * j
            total += tap * extended[first : first + step * (count - 1) + 1 : step]
    return total


def _halve(array: np.ndarray, pair: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Decimating filter of both trees along axis 0: N (a multiple of 4) -> N / 2, trees interleaved."""
    count = len(array) // 4
    extended = _mirror(array, 8)
    of_b = _strided(extended, pair[1], 8 + 10, 4, count)
    of_a = _strided(extended, pair[0], 8 + 11, 4, count)
    result = np.empty((2 * count, array.shape[1]))
    result[0::2], result[1::2] = (of_b, of_a) if _lowpass(pair) else (of_a, of_b)
    return result


def _double(array: np.ndarray, pair: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Interpolating filter of both trees along axis 0: N (even) -> 2 N."""
    count = len(array) // 2
    extended = _mirror(array, 4)
    result = np.empty((2 * len(array), array.shape[1]))
    starts = (4, 5) if _lowpass(pair) else (5, 4)
    for offset, (taps, start) in enumerate(zip(reversed(pair), starts, strict=True)):
        result[offset::4] = _strided(extended, taps[0::2], 4 + start, 2, count)
        result[offset + 2 :: 4] = _strided(extended, taps[1::2], 4 + start, 2, count)
    return result


def _analyse(
    array: np.ndarray, operator: Callable[[np.ndarray, Any], np.ndarray], low: Any, high: Any
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """One level: low-low band and the detail arrays high-low, low-high, high-high (axis 0 named first)."""
    result = []
    for along_rows in (operator(array, low), operator(array, high)):
        turned = np.ascontiguousarray(along_rows.T)
        result += [np.ascontiguousarray(operator(turned, taps).T) for taps in (low, high)]
    low_low, low_high, high_low, high_high = result
    return low_low, (high_low, low_high, high_high)


def _synthesise(
    base: np.ndarray,
    details: Sequence[np.ndarray],
    operator: Callable[[np.ndarray, Any], np.ndarray],
    low: Any,
    high: Any,
) -> np.ndarray:
    high_low, low_high, high_high = details
    bottom = operator(base, low) + operator(high_low, high)
    top = operator(low_high, low) + operator(high_high, high)
    result = operator(np.ascontiguousarray(bottom.T), low) + operator(np.ascontiguousarray(top.T), high)
    return np.ascontiguousarray(result.T)


def _to_complex(array: np.ndarray) -> NDArray[np.complex128]:
    """Two complex sub-bands (2 x H/2 x W/2) from the quads of a real array."""
    array = array / np.sqrt(2)
    one = array[0::2, 0::2] + 1j * array[0::2, 1::2]
    other = array[1::2, 1::2] - 1j * array[1::2, 0::2]
    return np.stack([one - other, one + other])


def _to_real(bands: np.ndarray) -> NDArray[np.float64]:
    """Inverse of `_to_complex`."""
    one = (bands[0] + bands[1]) / np.sqrt(2)
    other = (bands[1] - bands[0]) / np.sqrt(2)
    result = np.empty((2 * one.shape[0], 2 * one.shape[1]))
    result[0::2, 0::2], result[0::2, 1::2] = one.real, one.imag
    result[1::2, 1::2], result[1::2, 0::2] = other.real, -other.imag
    return result


def decompose(image: np.ndarray, levels: int, level_one: str) -> tuple[list[np.ndarray], np.ndarray]:
    """Dual-tree complex wavelet transform.

    Parameters
    ----------
    image : numpy.ndarray
        float64, H x W, any range.
    levels : int
        At most what `levels_for` gives.
    level_one : str
        Filters of the first level, a key of `LEVEL_ONE`.

    Returns
    -------
    details : list of numpy.ndarray
        From fine to coarse: complex, 6 x h x w, the six orientations.
    base : numpy.ndarray
        float64, the low band.
    """
    operator: Callable[[np.ndarray, Any], np.ndarray]
    low: Any
    high: Any
    details, current = [], image
    for level in range(levels):
        if level == 0:
            pad = [(0, side % 2) for side in current.shape]
            operator, low, high = _filter, *LEVEL_ONE[level_one][:2]
        else:
            pad = [(side % 4 // 2,) * 2 for side in current.shape]
            operator, low, high = _halve, _ANALYSIS_LOW, _ANALYSIS_HIGH
        current, arrays = _analyse(np.pad(current, pad, mode="edge"), operator, low, high)
        details.append(np.concatenate([_to_complex(array) for array in arrays]))
    return details, current


def reconstruct(details: Sequence[np.ndarray], base: np.ndarray, shape: tuple[int, int], level_one: str) -> np.ndarray:
    """Inverse of `decompose` for an image of `shape` (float64, H x W)."""
    operator: Callable[[np.ndarray, Any], np.ndarray]
    low: Any
    high: Any
    current = base
    for level in reversed(range(len(details))):
        bands = details[level]
        rows, columns = ((have - 2 * side) // 2 for have, side in zip(current.shape, bands.shape[1:], strict=True))
        current = current[rows : current.shape[0] - rows, columns : current.shape[1] - columns]
        if level == 0:
            operator, low, high = _filter, *LEVEL_ONE[level_one][2:]
        else:
            operator, low, high = _double, _SYNTHESIS_LOW, _SYNTHESIS_HIGH
        arrays = [_to_real(bands[k : k + 2]) for k in (0, 2, 4)]
        current = _synthesise(current, arrays, operator, low, high)
    return current[: shape[0], : shape[1]]
