"""Shared filters, each against its definition written out plainly."""

import numpy as np
import pytest

from imaging.filters import box_mean, guided_filter, remove_small_components


def _plain_box_mean(values, radius):
    height, width = values.shape[:2]
    result = np.empty(values.shape)
    for row, column in np.ndindex(height, width):
        window = values[max(row - radius, 0) : row + radius + 1, max(column - radius, 0) : column + radius + 1]
        result[row, column] = window.mean(axis=(0, 1))
    return result


@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (7, 5), (12, 9, 3)])
@pytest.mark.parametrize("radius", [0, 1, 3, 20])
def test_box_mean_is_cut_at_the_border(shape, radius):
    values = np.random.default_rng(0).random(shape)
    np.testing.assert_allclose(box_mean(values, radius), _plain_box_mean(values, radius), rtol=1e-12)


def test_box_mean_leaves_its_input_alone():
    values = np.random.default_rng(1).random((5, 6)).astype(np.float32)
    keep = values.copy()
    assert box_mean(values, 2).dtype == np.float64
    np.testing.assert_array_equal(values, keep)


def test_guided_filter_is_a_mean_of_window_regressions():
    rng = np.random.default_rng(2)
    guide, values = rng.random((2, 9, 11))
    radius, epsilon = 2, 0.05
    slope, offset = np.empty(guide.shape), np.empty(guide.shape)
    for row, column in np.ndindex(*guide.shape):
        window = np.s_[max(row - radius, 0) : row + radius + 1, max(column - radius, 0) : column + radius + 1]
        covariance = np.cov(guide[window].ravel(), values[window].ravel(), bias=True)
        slope[row, column] = covariance[0, 1] / (covariance[0, 0] + epsilon)
        offset[row, column] = values[window].mean() - slope[row, column] * guide[window].mean()
    expected = _plain_box_mean(slope, radius) * guide + _plain_box_mean(offset, radius)
    np.testing.assert_allclose(guided_filter(guide, values, radius, epsilon), expected, rtol=1e-10)


def test_guided_filter_limits():
    """Unregularised it keeps what is affine in the guide; strongly regularised it is two box means."""
    rng = np.random.default_rng(3)
    guide = rng.random((20, 24))
    np.testing.assert_allclose(guided_filter(guide, 3 * guide - 1, 3, 0.0), 3 * guide - 1, atol=1e-9)
    values = rng.random((20, 24))
    smooth = box_mean(box_mean(values, 3), 3)
    np.testing.assert_allclose(guided_filter(guide, values, 3, 1e9), smooth, atol=1e-8)


def test_small_components_go_and_those_of_the_limit_stay():
    mask = np.zeros((8, 12), dtype=bool)
    mask[0, :3] = True
    mask[3, 0] = mask[4, 1] = mask[5, 2] = True
    mask[7, 8:] = True
    np.testing.assert_array_equal(remove_small_components(mask, 3), mask)
    assert remove_small_components(mask, 4).sum() == 4
    assert remove_small_components(mask, 3, connectivity=4).sum() == 7
    assert not remove_small_components(np.zeros((3, 3), dtype=bool), 1).any()
