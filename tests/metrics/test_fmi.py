"""FMI: its plain implementation for every feature, windows worked by hand, and the features themselves."""

import numpy as np
import pytest

import metrics
from benchmarks import _straightforward_metrics
from files.errors import Undefined
from imaging.levels import from_levels, gray_levels
from metrics import fmi
from metrics._common.window_information import mean_information
from tests.metrics._images import blurred, stack, texture

VARIANTS = ("", *metrics.variants("fmi"))


def _images(shape):
    """Two sources and a fused image with copied, mixed, black and saturated regions."""
    sources, _, _ = stack(shape, seed=sum(shape))
    first, second = map(gray_levels, sources)
    fused = np.floor((first + 2 * second) / 3 + 0.5)
    fused[:, : shape[1] // 3] = first[:, : shape[1] // 3]
    for image in (first, second, fused):
        image[:6, -7:] = 255
        image[-5:, -6:] = 0
    fused[-5:, -6:] = 3
    return first, second, fused


def _value(images, fused, variant=""):
    return metrics.evaluate("fmi", metrics.Sources(images), metrics.Fused(fused), variant)


def _window(first, second):
    """Value of one window whose nine values are given in the order of the metric, column by column."""
    first, second = (np.array(values, float).reshape(3, 3).T.copy() for values in (first, second))
    return mean_information(first, second)


# The wavelet is left out: its bands are never below 50 x 50, which the plain loop needs seconds for.
@pytest.mark.parametrize("shape", [(20, 25), (27, 18)])
@pytest.mark.parametrize("variant", VARIANTS[:-1])
def test_plain_implementation(variant, shape):
    images = _images(shape)
    first, second, fused = map(from_levels, images)
    plain = _straightforward_metrics.fmi(*images, feature=variant or "gradient")
    assert _value([first, second], fused, variant) == pytest.approx(plain, rel=1e-11)


@pytest.mark.parametrize("shape", [(13, 10), (103, 21)])
def test_plain_wavelet(shape):
    images = _images(shape)
    bands = [_straightforward_metrics._meyer_bands(image) for image in images]
    assert bands[0].shape == tuple((length + 101) // 2 * 2 for length in shape)
    for image, expected in zip(images, bands, strict=True):
        assert fmi._wavelet(image) == pytest.approx(expected, abs=1e-13)
    first, second, fused = map(from_levels, images)
    plain = (mean_information(bands[0], bands[2]) + mean_information(bands[1], bands[2])) / 2
    assert _value([first, second], fused, "wavelet") == pytest.approx(plain, rel=1e-11)


@pytest.mark.parametrize("draw", ["few levels", "levels", "two values", "close"])
def test_windows(draw):
    rng = np.random.default_rng(len(draw))
    for _ in range(200):
        first, second = rng.integers(0, {"few levels": 3, "two values": 2}.get(draw, 256), (2, 9)).astype(float)
        if draw == "close":
            second = first + rng.integers(-3, 4, 9)
        plain = _straightforward_metrics._window_information(first, second)
        assert _window(first, second) == pytest.approx(plain, rel=1e-11, abs=1e-12)


def test_windows_without_distribution():
    values = [3, 1, 4, 1, 5, 9, 2, 6, 5]
    assert _window(values, values) == 1
    assert _window([7] * 9, [7] * 9) == 1
    assert _window([7] * 9, [8] * 9) == 0
    assert _window(values, [7] * 9) == _window([7] * 9, values) == 0
    # All mass at one index: no spread.
    assert _window([0] * 8 + [5], [0] * 8 + [9]) == 0


def test_window_worked_by_hand():
    # p = q = (1/2, 1/2) at the indices 1 and 9, r = 1: phi = s^2 / s^2 = 1, J = p on the diagonal, I = H(p).
    two = [1, 0, 0, 0, 0, 0, 0, 0, 1]
    assert _window(two, [5, 2, 2, 2, 2, 2, 2, 2, 5]) == pytest.approx(1, abs=1e-14)
    # q at the indices 5 and 9: r = (1/4 - 1/9) / (1/2 - 1/9) = 5/14. The deviations are 4 and 2 and the bound has the
    # covariance 8: phi = r. J: (1 + phi)/4 twice, (1 - phi)/4 twice.
    phi = 5 / 14
    joint = np.array([1 + phi, 1 + phi, 1 - phi, 1 - phi]) / 4
    expected = 2 * (2 + np.sum(joint * np.log2(joint))) / 2
    assert _window(two, [0, 0, 0, 0, 1, 0, 0, 0, 1]) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("variant", VARIANTS)
def test_identical_images(variant):
    image = from_levels(texture((24, 28)))
    assert _value([image, image], image, variant) == 1


@pytest.mark.parametrize("variant", VARIANTS)
def test_mean_over_the_sources(variant):
    sources, sharp, _ = stack((24, 30), count=3)
    fused = from_levels(blurred(255.0 * sharp, 0.5))
    of_each = [_value([source, source], fused, variant) for source in sources]
    assert _value(sources, fused, variant) == pytest.approx(np.mean(of_each), rel=1e-13)
    assert len(set(of_each)) == 3


@pytest.mark.parametrize("variant", ["", "pixel", "edge"])
def test_contrast_and_brightness_do_not_count(variant):
    # Windows are mapped to 0..1. (The transforms carry the brightness in one coefficient or band.)
    first, second, fused = (10.0 * np.floor(texture((20, 22), seed) / 12) for seed in range(3))
    values = [
        _value([from_levels(first), from_levels(second)], from_levels(f), variant) for f in (fused, fused / 2 + 9)
    ]
    assert values[0] == pytest.approx(values[1], rel=1e-9)


@pytest.mark.parametrize("variant", VARIANTS)
def test_constant_images_have_no_value(variant):
    image, flat = from_levels(texture((20, 22))), from_levels(np.full((20, 22), 90.0))
    with pytest.raises(Undefined, match="source 2 is constant"):
        _value([image, flat], image, variant)
    with pytest.raises(Undefined, match="fused image is constant"):
        _value([image, image], flat, variant)


def test_edges_of_a_step():
    # Sobel sees 4 * 30 / 8 on both sides of the step; the maximum is the last of equal columns.
    step = np.where(np.arange(12) < 5, 10.0, 40.0) * np.ones((6, 1))
    expected = np.zeros_like(step)
    expected[:, 5] = 1
    assert np.array_equal(fmi._edge(step), expected)
    assert np.array_equal(fmi._edge(step.T), expected.T)


def test_filter_is_that_of_meyer():
    """The taps against the spectrum that defines the wavelet, as many as the table has."""
    taps = np.array([*reversed(fmi.MEYER), *fmi.MEYER[1:]])
    frequency = np.linspace(0, np.pi, 20001)
    x = np.clip(3 * frequency / np.pi - 1, 0, 1)
    spectrum = np.cos(np.pi / 2 * x**4 * (35 - 84 * x + 70 * x**2 - 20 * x**3))
    offsets = np.abs(np.arange(-50, 51))
    exact = np.trapezoid(spectrum * np.cos(np.outer(offsets, frequency)), frequency, axis=1)
    assert taps / taps.sum() == pytest.approx(exact / exact.sum(), abs=1e-9)
    for shift in range(2, 20, 2):
        assert abs(taps[shift:] @ taps[:-shift]) < 1e-9
