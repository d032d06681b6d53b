"""Q_SF: its plain implementation, differences worked by hand, what its sign says, and its form for more than two sources."""

import math

import numpy as np
import pytest

import metrics
from benchmarks import _straightforward_metrics
from files.errors import Undefined
from imaging.levels import from_levels
from tests.metrics._images import saturated_levels, stack, texture


def _evaluate(levels):
    *sources, fused = map(from_levels, levels)
    return metrics.score(sources, fused, ["q_sf"])["q_sf"]


@pytest.mark.parametrize("shape", [(48, 60), (31, 27), (1, 12), (9, 2)])
def test_plain_implementation(shape):
    levels = saturated_levels(shape) if min(shape) > 20 else [np.floor(texture(shape, seed)) for seed in range(3)]
    assert _evaluate(levels) == pytest.approx(_straightforward_metrics.q_sf(*levels), rel=1e-11)


def test_one_pixel_worked_by_hand():
    # A single pixel of height h in the middle has 2 differences of h a direction: energy h^2 (2 + 2 + (2 + 2) / sqrt 2).
    first, second, fused = (np.zeros((5, 5)) for _ in range(3))
    first[2, 2], second[2, 2], fused[2, 2] = 100, 40, 75
    assert _evaluate([first, second, fused]) == pytest.approx(-0.25, rel=1e-12)
    # Beside each other, along a row: 3 horizontal differences (100, 0 in the sources' maximum 100, 100), and so on.
    first, second, fused = np.array([[0.0, 100, 0]]), np.array([[0.0, 0, 50]]), np.array([[0.0, 60, 0]])
    assert _evaluate([first, second, fused]) == pytest.approx(math.sqrt(2 * 60**2 / (2 * 100**2)) - 1, rel=1e-12)
    # A diagonal step counts sqrt(1/2) in its direction.
    first, fused = np.array([[0.0, 0], [0, 80]]), np.array([[40.0, 0], [0, 0]])
    assert _evaluate([first, first, fused]) == pytest.approx(-0.5, rel=1e-12)


def test_greatest_difference_of_all_sources():
    a, b, c, f = (np.floor(texture((12, 15), seed)) for seed in range(4))
    of_row = [np.max([np.abs(np.diff(x[:1])) for x in (a, b, c)], axis=0), np.abs(np.diff(f[:1]))]
    expected = np.sqrt(np.sum(of_row[1] ** 2) / np.sum(of_row[0] ** 2)) - 1
    assert _evaluate([x[:1] for x in (a, b, c, f)]) == pytest.approx(expected, rel=1e-12)


def test_sign_tells_blur_from_noise():
    sources, sharp, _ = stack((48, 60))
    noisy = from_levels(255 * sharp + np.random.default_rng(0).normal(0, 15, sharp.shape))
    values = [
        metrics.score(sources, image, ["q_sf"])["q_sf"] for image in ((sources[0] + sources[1]) / 2, sharp, noisy)
    ]
    # The ranking by "larger" prefers the noise, as the module says.
    assert values[0] < -0.05 < values[1] < 0.05 < values[2]
    assert metrics.score(sources, np.full_like(sharp, 0.5), ["q_sf"])["q_sf"] == -1


def test_sources_are_computed_once(tmp_path):
    sources, sharp, _ = stack((20, 24))
    value = metrics.evaluate("q_sf", metrics.Sources(sources, store=tmp_path), metrics.Fused(sharp))
    (stored,) = tmp_path.iterdir()
    np.save(stored, np.load(stored) / 4)
    again = metrics.evaluate("q_sf", metrics.Sources(sources, store=tmp_path), metrics.Fused(sharp))
    assert again + 1 == pytest.approx(2 * (value + 1), rel=1e-14)


def test_constant_sources_have_no_value():
    flat = np.full((12, 15), 90.0)
    with pytest.raises(Undefined, match="every source is constant"):
        _evaluate([flat, flat + 5, texture((12, 15))])
