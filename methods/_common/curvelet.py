"""Fast discrete curvelet transform by wrapping, curvelets at all scales but the coarsest, real coefficients.

References
----------
E. Candès, L. Demanet, D. Donoho, L. Ying, "Fast discrete curvelet transforms", Multiscale Modeling & Simulation 5(3),
2006.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft

SCALES = 5
#: Angles of the second coarsest scale, over the full circle.
ANGLES = 16
#: Shortest side with a transition band at every one of five scales.
_FULL_SIDE = 72


def scales_for(shape: tuple[int, int]) -> int:
    """Number of scales: 5 from 72 pixels a side on, below that ceil(log2(side) - 3); 0 and 1 mean no curvelets."""
    side = min(shape)
    return SCALES if side >= _FULL_SIDE else max(int(np.ceil(np.log2(side) - 3)), 0)


def _falling(t: np.ndarray) -> np.ndarray:
    """Smooth step from 1 (t <= 0) to 0 (t >= 1) whose square and the rising one's add up to 1."""
    t = np.where(np.abs(t) < np.finfo(float).eps, 0.0, t)
    window = (t <= 0).astype(float)
    inside = (t > 0) & (t < 1)
    t = t[inside]
    down = np.exp(1 - 1 / (1 - np.exp(1 - 1 / t)))
    up = np.exp(1 - 1 / (1 - np.exp(1 - 1 / (1 - t))))
    window[inside] = down / np.hypot(down, up)
    return window


def _rising(t: np.ndarray) -> np.ndarray:
    return _falling(1 - np.asarray(t))


def _low_pass(cutoff: float, length: int | None = None) -> np.ndarray:
    """1-D low-pass over the frequencies -floor(2M)..floor(2M); `length` of the axis at the finest scale only."""
    flat = int(cutoff)
    steps = int(2 * cutoff) - flat - 1
    fringe = 0
    if length is not None and length % 3 == 0:
        steps, fringe = steps - 1, 1
    slope = np.arange(steps + 1) / steps
    window = np.concatenate([_rising(slope), np.ones(2 * flat + 1), _falling(slope)])
    return np.pad(window, fringe)


def _low_pass_2d(cutoffs: tuple[float, ...], shape: tuple[int | None, ...] = (None, None)) -> np.ndarray:
    return np.outer(*(_low_pass(cutoff, length) for cutoff, length in zip(cutoffs, shape, strict=True)))


def _round(value: ArrayLike) -> np.ndarray:
    return np.floor(np.asarray(value) + 0.5).astype(int)


def _middle(size: tuple[int, ...], part: tuple[int, ...]) -> tuple[slice, ...]:
    """Slices of a centred grid `part` in the middle of a grid of `size` (all odd)."""
    return tuple(slice((have - side) // 2, (have + side) // 2) for have, side in zip(size, part, strict=True))


@dataclass(frozen=True)
class Wedge:
    """One curvelet sub-band: which frequencies it takes, with what weight, and where they are folded to.

    Parameters
    ----------
    size : tuple of int
        Rows and columns of the sub-band.
    source : numpy.ndarray
        Flat indices into the grid of the scale.
    target : numpy.ndarray
        Flat indices into the sub-band's spectrum (each at most once).
    window : numpy.ndarray
        Weights, float64.
    """

    size: tuple[int, int]
    source: np.ndarray
    target: np.ndarray
    window: np.ndarray


@dataclass(frozen=True)
class Scale:
    """One scale: centred grid, its low-pass, and the wedges of the part above the next low-pass."""

    size: tuple[int, int]
    outer: np.ndarray
    inner: np.ndarray
    wedges: tuple[Wedge, ...]

    @property
    def centre(self) -> tuple[slice, ...]:
        """Slices of the next coarser grid in the middle of this one."""
        return _middle(self.size, self.inner.shape)


@dataclass(frozen=True)
class Plan:
    """Windows of the transform for one image size."""

    shape: tuple[int, ...]
    scales: tuple[Scale, ...]


def _quadrant_windows(cutoff_v: float, cutoff_h: float, count: int) -> Iterator[tuple[np.ndarray, tuple[int, int]]]:
    """Windows of the wedges of one quadrant.

    Parameters
    ----------
    cutoff_v, cutoff_h : float
        Cut-off frequencies along the quadrant's axis and across it.
    count : int
        Wedges n in the quadrant.

    Yields
    ------
    window : numpy.ndarray
        V x (2 H + 1): rows v = 1..V, columns h = -H..H.
    fold : tuple of int
        Lengths L (along v) and W (along h) of the sub-band.
    """
    reach_v, reach_h = int(4 * cutoff_v), int(4 * cutoff_h)
    left = _round(reach_h * np.arange(count + 1) / count + 1)
    ticks = np.concatenate([left, (2 * reach_h + 2 - left)[-2::-1]])
    ends = ticks[1::2]
    first = int(_round(reach_v / count + 1))

    v = np.arange(1.0, reach_v + 1)[:, None]
    h = np.arange(-reach_h, reach_h + 1.0)[None, :]
    slope = reach_v * h / v + reach_h + 1
    length = reach_v - int(cutoff_v)

    def rise(wedge: int) -> np.ndarray:
        """Rising edge between the centres of a wedge (0-based) and the one before it."""
        return _rising((slope - ends[wedge - 1]) / (ends[wedge] - ends[wedge - 1]))

    def fall(wedge: int) -> np.ndarray:
        return _falling((slope - ends[wedge]) / (ends[wedge + 1] - ends[wedge]))

    def cut(window: np.ndarray, along: int) -> np.ndarray:
        window[: max(reach_v - along, 0)] = 0
        return window

    # The two corner wedges meet those of the neighbouring quadrants along the diagonals.
    below, above = v / reach_v - h / reach_h, v / reach_v + h / reach_h
    corner_length = length + -(-first // 4)
    ratio_v = 2 * reach_v / (first - 1) - 1

    def corner(
        offset: float,
        factor: float,
        numerator: np.ndarray,
        denominator: np.ndarray,
        step: Callable[[np.ndarray], np.ndarray],
    ) -> np.ndarray:
        inside = denominator > 0
        return np.where(inside, step(offset + factor * numerator / np.where(inside, denominator, 1)), 0)

    ratio_h = 2 * reach_h / (ends[0] - 1) - 1
    factor = 1 / (1 / ratio_h + 1 / ratio_v)
    window = corner(factor / ratio_v, factor, above, below, _rising) * fall(0)
    yield cut(window, corner_length), (corner_length, int(ends[0] + ends[1] - 1))

    for wedge in range(1, count - 1):
        yield cut(rise(wedge) * fall(wedge), length), (length, int(ends[wedge + 1] - ends[wedge - 1] + 1))

    ratio_h = 2 * reach_h / (ends[-1] - 1) - 1
    factor = -1 / (ratio_h + 1 / ratio_v)
    window = rise(count - 1) * corner(-factor * ratio_h, factor, below, above, _falling)
    yield cut(window, corner_length), (corner_length, int(4 * reach_h + 3 - ends[-1] - ends[-2]))


def _wedges(cutoffs: tuple[float, ...], count: int) -> Iterator[Wedge]:
    """Wedges of the two quadrants that a real image needs (upwards and to the right)."""
    reach = tuple(int(4 * cutoff) for cutoff in cutoffs)
    columns = 2 * reach[1] + 1
    for quadrant in (0, 1):
        along, across = (cutoffs[0], cutoffs[1]) if quadrant == 0 else (cutoffs[1], cutoffs[0])
        for window, (length, width) in _quadrant_windows(along, across, count):
            rows, cols = np.nonzero(window)
            v, h = rows + 1, cols - int(4 * across)
            row, column = (-v, h) if quadrant == 0 else (h, v)
            size = (length, width) if quadrant == 0 else (width, length)
            source = (row + reach[0]) * columns + column + reach[1]
            target = (row % size[0]) * size[1] + column % size[1]
            yield Wedge(size, source.astype(np.int32), target.astype(np.int32), window[rows, cols])


@lru_cache(maxsize=2)
def plan(shape: tuple[int, int], scales: int) -> Plan:
    """Windows for images of `shape` (height, width) and a number of scales >= 2, from fine to coarse."""
    cutoffs = tuple(side / 3 for side in shape)
    outer = _low_pass_2d(cutoffs, shape)
    found = []
    for scale in range(scales, 1, -1):
        cutoffs = tuple(cutoff / 2 for cutoff in cutoffs)
        inner = _low_pass_2d(cutoffs)
        angles = ANGLES * 2 ** int(np.ceil((scale - 2) / 2))
        found.append(Scale(outer.shape, outer, inner, tuple(_wedges(cutoffs, angles // 4))))
        outer = inner
    return Plan(tuple(shape), tuple(found))


def _centred_spectrum(array: np.ndarray) -> NDArray[np.complex128]:
    return fft.fftshift(fft.fft2(fft.ifftshift(array))) / np.sqrt(array.size)


def _centred_inverse(spectrum: np.ndarray) -> NDArray[np.float64]:
    return fft.fftshift(fft.ifft2(fft.ifftshift(spectrum))).real * np.sqrt(spectrum.size)


def _grid_indices(length: int, size: int) -> np.ndarray:
    """Index into a centred spectrum of `length` for each frequency of a centred grid of (odd) `size`."""
    return (np.arange(size) - size // 2 + length // 2) % length


def analyse(layout: Plan, image: np.ndarray) -> Iterator[np.ndarray]:
    """Curvelet coefficients, one sub-band after another.

    Parameters
    ----------
    layout : Plan
    image : numpy.ndarray
        float64, H x W, any range.

    Yields
    ------
    numpy.ndarray
        complex128, one sub-band (real and imaginary part are the two real sub-bands), by scale from fine to coarse, in
        the order of the plan's wedges; finally the coarse band, float64.
    """
    finest = layout.scales[0].size
    spectrum = _centred_spectrum(image)
    low = spectrum[np.ix_(*(_grid_indices(*sides) for sides in zip(layout.shape, finest, strict=True)))]
    low = low * layout.scales[0].outer
    for scale in layout.scales:
        high = low.copy()
        high[scale.centre] *= np.sqrt(1 - scale.inner**2)
        low = low[scale.centre] * scale.inner
        high = high.ravel()
        for wedge in scale.wedges:
            folded = np.zeros(wedge.size[0] * wedge.size[1], dtype=complex)
            folded[wedge.target] = high[wedge.source] * wedge.window
            yield fft.fftshift(fft.ifft2(folded.reshape(wedge.size))) * np.sqrt(2 * folded.size)
    yield _centred_inverse(low)


def synthesise(layout: Plan, bands: Iterable[np.ndarray]) -> NDArray[np.float64]:
    """Inverse of `analyse` (its adjoint: the frame is tight).

    Parameters
    ----------
    layout : Plan
    bands : iterable of numpy.ndarray
        In the order of `analyse`; taken one at a time.

    Returns
    -------
    numpy.ndarray
        float64, H x W.
    """
    bands = iter(bands)
    finest = layout.scales[0].size
    grid = np.zeros(finest, dtype=complex)
    for scale in layout.scales:
        high = np.zeros(scale.size[0] * scale.size[1], dtype=complex)
        for wedge in scale.wedges:
            band = fft.fft2(fft.ifftshift(next(bands))).ravel() / np.sqrt(2 * wedge.size[0] * wedge.size[1])
            high[wedge.source] += band[wedge.target] * wedge.window
        high = high.reshape(scale.size) * scale.outer
        high[scale.centre] *= np.sqrt(1 - scale.inner**2)
        grid[_middle(finest, scale.size)] += high
    grid += np.conj(grid[::-1, ::-1])
    coarse = layout.scales[-1].inner
    grid[_middle(finest, coarse.shape)] += _centred_spectrum(next(bands)) * coarse
    spectrum = np.zeros(layout.shape, dtype=complex)
    rows, columns = (_grid_indices(*sides) for sides in zip(layout.shape, finest, strict=True))
    np.add.at(spectrum, np.ix_(rows, columns), grid)
    return _centred_inverse(spectrum)
