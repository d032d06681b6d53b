"""The defocus obeys optics: discs, conserved light, and who hides whom."""

import numpy as np
import pytest

from scenes import _defocus

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("radius", [0.0, 0.5, 0.8, 2.0, 3.7, 6.0])
def test_disc_has_its_radius_and_sum(radius):
    kernel = _defocus.disc(radius)
    assert kernel.sum() == pytest.approx(1)
    assert np.array_equal(kernel, kernel.T) and np.array_equal(kernel, kernel[::-1])
    reach = len(kernel) // 2
    offsets = np.arange(-reach, reach + 1)
    # Second moment of a disc along an axis is r^2 / 4; a pixel's own width adds 1/12 at most.
    moment = (kernel * offsets[:, None] ** 2).sum()
    assert abs(moment - radius**2 / 4) < 0.2
    if radius <= 0.5:
        assert kernel.shape == (1, 1)


def test_blur_is_the_direct_sum():
    planes = RNG.random((15, 18, 2))
    blurred = _defocus.Planes(planes, 4).blurred(2.3)
    kernel = _defocus.disc(2.3)
    reach = len(kernel) // 2
    padded = np.pad(planes, ((reach, reach), (reach, reach), (0, 0)), mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape, axis=(0, 1))
    np.testing.assert_allclose(blurred, (windows * kernel).sum((-1, -2)), atol=1e-12)


def test_levels_come_back():
    levels = np.arange(256, dtype=np.uint8)
    assert np.array_equal(_defocus.to_levels(_defocus.to_light(levels)), levels)
    deep = _defocus.to_levels(_defocus.to_light(levels), 65535)
    assert deep.dtype == np.uint16 and np.array_equal(deep, 257 * levels.astype(int))


def test_fill_keeps_what_is_known_and_mirrors_it():
    image = np.arange(10.0)[None, :, None] * np.ones((3, 1, 1))
    known = np.zeros((3, 10), bool)
    known[:, :6] = True
    filled = _defocus.fill(image, known)[0, :, 0]
    assert filled.tolist() == [0, 1, 2, 3, 4, 5, 4, 3, 2, 1]


def white_square():
    alpha = np.zeros((40, 40))
    alpha[10:30, 10:30] = 1
    return np.ones((40, 40, 1)), alpha, RNG.random((40, 40, 1)) * 0.2


def test_sharp_object_keeps_its_edge_before_a_blurred_background():
    front, alpha, back = white_square()
    near, _, sharp = _defocus.pair(front, alpha, back, 4)
    inside = alpha == 1
    assert np.array_equal(near[inside], front[inside]), "background light must not reach the object"
    assert near[~inside].max() <= 0.2 + 1e-9, "the sharp object must not bleed into the background"
    assert np.array_equal(sharp[~inside], back[~inside])


def test_blurred_object_spreads_over_the_sharp_background():
    front, alpha, back = white_square()
    _, far, _ = _defocus.pair(front, alpha, back, 4)
    assert far[20, 8] > back[20, 8] + 0.1, "the object's blur must cover the background beside it"
    assert far[20, 10] < 0.9, "behind the object's blurred edge the background must shine through"
    assert np.allclose(far[0, :5], back[0, :5]), "far from the object the background is sharp"
    assert np.allclose(far[18:22, 18:22], 1)


def test_light_is_conserved_over_any_depth():
    """A uniform view stays uniform, however its depths are: layers leave neither gaps nor double light."""
    disparity = 20 * RNG.random((8, 8)).repeat(6, 0).repeat(6, 1) + np.linspace(0, 5, 48)
    image = np.full((48, 48, 3), 0.4)
    for each in _defocus.focus_slices(image, disparity, (0.0, 12.0, 25.0), 0.2, 1.0):
        np.testing.assert_allclose(each, 0.4, atol=1e-9)


def test_flat_view_in_focus_is_unchanged_and_out_of_focus_is_a_disc():
    image = RNG.random((30, 30, 1))
    flat = np.full((30, 30), 7.0)
    focused, blurred = _defocus.focus_slices(image, flat, (7.0, 17.0), 0.3, 1.0)
    assert np.array_equal(focused, image)
    np.testing.assert_allclose(blurred, _defocus.Planes(image, 4).blurred(3.0), atol=1e-12)


def test_slices_agree_with_the_pair_before_a_plain_background():
    """Before a background of one colour nothing has to be invented, so both renderers must agree."""
    front, alpha, _ = white_square()
    back = np.full((40, 40, 1), 0.1)
    near, far, sharp = _defocus.pair(front, alpha, back, 3.0)
    slices = _defocus.focus_slices(sharp, 10 * alpha, (10.0, 0.0), 0.3, 1.0)
    np.testing.assert_allclose(slices[0], near, atol=1e-9)
    np.testing.assert_allclose(slices[1], far, atol=1e-9)


def test_surfaces_agree_with_the_pair():
    front, alpha, back = white_square()
    near, far, sharp = _defocus.pair(front, alpha, back, 3.0)
    surfaces = [_defocus.Surface(back, np.ones_like(alpha), 0 * alpha), _defocus.Surface(front, alpha, 0 * alpha + 10)]
    slices = _defocus.surface_slices(surfaces, (10.0, 0.0), 0.3, 1.0)
    np.testing.assert_allclose(slices[0], near, atol=1e-9)
    np.testing.assert_allclose(slices[1], far, atol=1e-9)
    image, disparity = _defocus.in_focus(surfaces)
    np.testing.assert_allclose(image, sharp, atol=1e-12)
    assert np.array_equal(disparity, 10 * alpha)


def test_surfaces_conserve_light():
    """Layers of one colour leave neither gaps nor double light, on slopes and at edges."""
    slope = np.linspace(0, 20, 48) * np.ones((40, 1))
    grey = np.full((40, 48, 1), 0.4)
    hill = _defocus.Surface(grey, _defocus.Planes(RNG.random((40, 48, 1)), 2).blurred(2)[..., 0], slope[::-1] + 21)
    for each in _defocus.surface_slices(
        [_defocus.Surface(grey, np.ones((40, 48)), slope), hill], (0.0, 30.0), 0.2, 1.0
    ):
        np.testing.assert_allclose(each, 0.4, atol=1e-9)


def test_sharpest_is_the_nearest_focus():
    disparity = np.array([[0.0, 4.0, 6.0, 30.0]])
    assert _defocus.sharpest(disparity, (10.0, 0.0)).tolist() == [[1, 1, 0, 0]]
