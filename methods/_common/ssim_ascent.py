"""One plane of MFF-SSIM, compiled with numba: Adam on the structural similarity to the chosen source at every pixel.

Imported inside functions only: numba takes half a second to import.

With G the Gaussian window, f the fused plane, x the source chosen at a pixel, m = G x, u = G f, v_x = G x^2 - m^2,
v = G f^2 - u^2 and c = G(x f) - m u, the similarity is

    S = A1 A2 / (B1 B2),   A1 = 2 m u + C1,   A2 = 2 c + C2,   B1 = m^2 + u^2 + C1,   B2 = v_x + v + C2.

Its derivatives by u, G f^2 and G(x f) are filtered with G once more (zero outside, so G is its own adjoint). Rows are
worked on in order, and a row of f changes as soon as no later row needs its old values: all that a step reads more than
once stays in the cache. What belongs to one source is computed only where that source is chosen, and around.

Loops run from 0 over slices: with any other start the compiler would have to mind negative indices, and does without
vector instructions.
"""

import math

import numpy as np
from numba import njit

_BETA1, _BETA2, _EPSILON = np.float32(0.9), np.float32(0.999), np.float32(1e-8)
_C1, _C2 = np.float32(1e-4), np.float32(9e-4)
_ZERO, _HALF, _ONE, _TWO, _FULL = (np.float32(value) for value in (0, 0.5, 1, 2, 255))
#: What the compiler may do with float sums, so that loops become vector instructions; NaN stays NaN.
_FAST = {"contract", "nsz", "arcp", "reassoc"}


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def _along(source, target, taps):
    """Filter a row; `source` is longer than `target` by the reach of the window at both ends."""
    reach = taps.size - 1
    _start(target, source[reach:], taps[0])
    # Two distances at a time, to spare memory traffic.
    for k in range(1, reach, 2):
        _add_pairs(
            target,
            source[reach - k :],
            source[reach + k :],
            source[reach - k - 1 :],
            source[reach + k + 1 :],
            taps[k],
            taps[k + 1],
        )
    if reach % 2:
        _add_pair(target, source, source[2 * reach :], taps[reach])


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def _across(rows, row, height, taps, target, start):
    """Filter columns at one row; `rows` is a plane of this height or a ring of as many rows as the window has.

    `target` has as many elements as columns are wanted, from column `start` on.
    """
    count, reach, stop = rows.shape[0], taps.size - 1, start + target.size
    _start(target, rows[row % count, start:stop], taps[0])
    whole = min(row, height - 1 - row, reach)
    for k in range(1, whole, 2):
        _add_pairs(
            target,
            rows[(row - k) % count, start:stop],
            rows[(row + k) % count, start:stop],
            rows[(row - k - 1) % count, start:stop],
            rows[(row + k + 1) % count, start:stop],
            taps[k],
            taps[k + 1],
        )
    if whole % 2:
        _add_pair(target, rows[(row - whole) % count, start:stop], rows[(row + whole) % count, start:stop], taps[whole])
    # Rows that have no partner inside the image.
    for k in range(whole + 1, reach + 1):
        for other in (row - k, row + k):
            if 0 <= other < height:
                _add(target, rows[other % count, start:stop], taps[k])


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def _start(target, values, weight):
    for x in range(target.size):
        target[x] = weight * values[x]


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def _add(target, values, weight):
    for x in range(target.size):
        target[x] += weight * values[x]


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def _add_pair(target, first, second, weight):
    for x in range(target.size):
        target[x] += weight * (first[x] + second[x])


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def _add_pairs(target, first, second, third, fourth, near, far):
    for x in range(target.size):
        target[x] += near * (first[x] + second[x]) + far * (third[x] + fourth[x])


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def moments(sources, chosen, taps, mean, variance):
    """Local mean and variance of the source chosen at each pixel (filled in).

    Parameters
    ----------
    sources : numpy.ndarray
        uint8, N x H x W.
    chosen : numpy.ndarray
        uint8 or uint16, H x W: number of the source.
    taps : numpy.ndarray
        float32: the window from its centre outwards, along one axis.
    mean, variance : numpy.ndarray
        float32, H x W.
    """
    count, height, width = sources.shape
    reach = taps.size - 1
    padded = np.zeros(width + 2 * reach, np.float32)
    first, second = np.empty(width, np.float32), np.empty(width, np.float32)
    for n in range(count):
        plane = sources[n].astype(np.float32) / _FULL
        squares = plane * plane
        for y in range(height):
            _across(plane, y, height, taps, padded[reach : reach + width], 0)
            _along(padded, first, taps)
            _across(squares, y, height, taps, padded[reach : reach + width], 0)
            _along(padded, second, taps)
            for x in range(width):
                if chosen[y, x] == n:
                    mean[y, x] = first[x]
                    variance[y, x] = second[x] - first[x] * first[x]


@njit(nogil=True, cache=True)
def extents(chosen, count, reach):
    """First and one-past-last column where each source is chosen, in a row and around it.

    Returns
    -------
    own, around : numpy.ndarray
        int32, N x H x 2: in the row itself, and in the rows up to `reach` away, widened by `reach`; 0, 0 where nowhere.
    """
    height, width = chosen.shape
    own = np.zeros((count, height, 2), np.int32)
    for y in range(height):
        for x in range(width):
            n = chosen[y, x]
            if own[n, y, 1] == 0:
                own[n, y, 0] = x
            own[n, y, 1] = x + 1
    around = np.zeros((count, height, 2), np.int32)
    for n in range(count):
        for y in range(height):
            first, last = width, 0
            for other in range(max(y - reach, 0), min(y + reach + 1, height)):
                if own[n, other, 1] > 0:
                    first, last = min(first, own[n, other, 0]), max(last, own[n, other, 1])
            if last > 0:
                around[n, y, 0], around[n, y, 1] = max(first - reach, 0), min(last + reach, width)
    return own, around


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def ascend(fused, sources, chosen, taps, mean, variance, own, around, steps, rate, share, losses):
    """Steps of Adam on one plane, which is changed in place.

    Parameters
    ----------
    fused : numpy.ndarray
        float32, H x W, [0, 1].
    sources, chosen, taps, mean, variance
        See `moments`.
    own, around
        See `extents`.
    steps : int
    rate : float
        Learning rate.
    share : float
        What one pixel counts in the loss: 1 over the number of values of the image.
    losses : numpy.ndarray
        float64, one per step: the part of this plane is added, before each step.
    """
    count, height, width = sources.shape
    reach = taps.size - 1
    ring = 2 * reach + 1
    first_moment, second_moment = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    padded = np.zeros(width + 2 * reach, np.float32)
    inside = padded[reach : reach + width]
    squares, products = np.empty((ring, width), np.float32), np.empty((count, ring, width), np.float32)
    by_mean, by_square = np.empty((ring, width), np.float32), np.empty((ring, width), np.float32)
    by_product = np.zeros((count, ring, width), np.float32)
    filled = np.zeros((count, ring), np.bool_)
    u, filtered, cross, part = (
        np.empty(width, np.float32),
        np.empty(width, np.float32),
        np.empty(width, np.float32),
        np.empty(width, np.float32),
    )
    for step in range(steps):
        loss = 0.0
        size = np.float32(rate / (1 - 0.9 ** (step + 1)))
        correction = np.float32(1 / math.sqrt(1 - 0.999 ** (step + 1)))
        for newest in range(height + 2 * reach):
            if newest < height:
                slot = newest % ring
                _product(squares[slot], fused[newest], fused[newest])
                for n in range(count):
                    start, stop = around[n, newest]
                    if start < stop:
                        _scaled_product(
                            products[n, slot, start:stop], fused[newest, start:stop], sources[n, newest, start:stop]
                        )
            y = newest - reach
            if 0 <= y < height:
                slot = y % ring
                _across(fused, y, height, taps, inside, 0)
                _along(padded, u, taps)
                _across(squares, y, height, taps, inside, 0)
                _along(padded, filtered, taps)
                for n in range(count):
                    start, stop = own[n, y]
                    if start < stop:
                        left, right = max(start - reach, 0), min(stop + reach, width)
                        _across(products[n], y, height, taps, inside[left:right], left)
                        _along(padded[start : stop + 2 * reach], part[start:stop], taps)
                        _choose(cross[start:stop], part[start:stop], chosen[y, start:stop], n)
                loss += _derivatives(
                    u, filtered, cross, mean[y], variance[y], share, by_mean[slot], by_square[slot], part
                )
                for n in range(count):
                    used = own[n, y, 1] > 0
                    if used or filled[n, slot]:
                        _restrict(by_product[n, slot], part, chosen[y], n)
                        filled[n, slot] = used
            y = newest - 2 * reach
            if y >= 0:
                _across(by_square, y, height, taps, inside, 0)
                _along(padded, part, taps)
                _across(by_mean, y, height, taps, inside, 0)
                _along(padded, filtered, taps)
                _add_square(filtered, part, fused[y])
                for n in range(count):
                    start, stop = around[n, y]
                    if start < stop:
                        left, right = max(start - reach, 0), min(stop + reach, width)
                        _across(by_product[n], y, height, taps, inside[left:right], left)
                        _along(padded[start : stop + 2 * reach], part[start:stop], taps)
                        _add_scaled(filtered[start:stop], part[start:stop], sources[n, y, start:stop])
                _adam(fused[y], filtered, first_moment[y], second_moment[y], size, correction)
        losses[step] += loss * share


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def _product(target, first, second):
    for x in range(target.size):
        target[x] = first[x] * second[x]


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def _scaled_product(target, values, levels):
    for x in range(target.size):
        target[x] = values[x] * (np.float32(levels[x]) / _FULL)


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def _add_square(gradient, by_square, values):
    for x in range(gradient.size):
        gradient[x] += _TWO * values[x] * by_square[x]


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def _add_scaled(gradient, by_product, levels):
    for x in range(gradient.size):
        gradient[x] += by_product[x] * (np.float32(levels[x]) / _FULL)


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def _choose(target, values, chosen, number):
    for x in range(target.size):
        target[x] = values[x] if chosen[x] == number else target[x]


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def _restrict(target, values, chosen, number):
    for x in range(target.size):
        target[x] = values[x] if chosen[x] == number else _ZERO


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def _similarity(u, filtered, cross, mean, variance):
    """S, A1, A2 - A1, B1, B2 - B1, 1 / (B1 B2), and -1/2 where the loss has a slope, else 0."""
    a1 = _TWO * mean * u + _C1
    a2 = _TWO * (cross - mean * u) + _C2
    b1 = mean * mean + u * u + _C1
    b2 = variance + (filtered - u * u) + _C2
    inverse = _ONE / (b1 * b2)
    s = a1 * a2 * inverse
    # The authors limit the loss 1 - S to [0, 1]; beyond that it has no slope.
    slope = -_HALF if _ZERO <= s <= _ONE else _ZERO
    return s, a1, a2 - a1, b1, b2 - b1, inverse, slope


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def _derivatives(u, filtered, cross, mean, variance, share, by_mean, by_square, by_product):
    """Derivatives of the loss of one row by u, G f^2 and G(x f) (filled in); returns the row's sum of losses.

    One loop for each: of a loop that fills more than one array the compiler cannot tell that they do not overlap.
    """
    total = _ZERO
    for x in range(u.size):
        s, _, _, b1, _, inverse, slope = _similarity(u[x], filtered[x], cross[x], mean[x], variance[x])
        by_square[x] = -share * slope * s * b1 * inverse
        loss = _ONE - s
        loss = _ZERO if loss < _ZERO else loss
        total += _HALF * (_ONE if loss > _ONE else loss)
    for x in range(u.size):
        s, _, a, _, b, inverse, slope = _similarity(u[x], filtered[x], cross[x], mean[x], variance[x])
        by_mean[x] = _TWO * share * slope * (mean[x] * a - u[x] * s * b) * inverse
    for x in range(u.size):
        _, a1, _, _, _, inverse, slope = _similarity(u[x], filtered[x], cross[x], mean[x], variance[x])
        by_product[x] = _TWO * share * slope * a1 * inverse
    return total


@njit(nogil=True, cache=True, fastmath=_FAST, error_model="numpy")
def _adam(values, gradient, first, second, size, correction):
    """One step of Adam on a row, limited to [0, 1] after it."""
    for x in range(values.size):
        first[x] = _BETA1 * first[x] + (_ONE - _BETA1) * gradient[x]
    for x in range(values.size):
        second[x] = _BETA2 * second[x] + (_ONE - _BETA2) * gradient[x] * gradient[x]
    for x in range(values.size):
        moved = values[x] - size * first[x] / (np.sqrt(second[x]) * correction + _EPSILON)
        moved = _ZERO if moved < _ZERO else moved
        values[x] = _ONE if moved > _ONE else moved
