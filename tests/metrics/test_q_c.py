"""Q_C: its plain implementation, weights outside [0, 1], constant windows, and its form for more than two sources."""

import numpy as np
import pytest

import metrics
from benchmarks import _straightforward_metrics
from files.errors import Undefined
from imaging.levels import from_levels
from tests.metrics._images import saturated_levels, texture


def _evaluate(levels, variant=""):
    *sources, fused = map(from_levels, levels)
    return metrics.evaluate("q_c", metrics.Sources(sources), metrics.Fused(fused), variant)


@pytest.mark.parametrize("shape", [(48, 60), (31, 27)])
def test_plain_implementation(shape):
    levels = saturated_levels(shape)
    assert _evaluate(levels) == pytest.approx(_straightforward_metrics.q_c(*levels), rel=1e-11)


def test_plain_implementation_where_covariances_have_two_signs():
    levels = [np.floor(texture((32, 36), seed)) for seed in range(3)]
    assert _evaluate(levels) == pytest.approx(_straightforward_metrics.q_c(*levels), rel=1e-11)


@pytest.mark.parametrize("variant", ["original", "sesf"])
def test_plain_implementation_of_the_variants(variant):
    # Covariances of both signs: weights below 0 and above 1 occur.
    levels = [np.floor(texture((30, 34), seed)) for seed in range(3)]
    plain = _straightforward_metrics.q_c(*levels, edition=variant)
    assert _evaluate(levels, variant) == pytest.approx(plain, rel=1e-9)
    assert abs(plain - _evaluate(levels)) > 1e-3, "another definition"


def test_constant_windows_of_the_variants():
    levels = saturated_levels((48, 60))
    plain = _straightforward_metrics.q_c(*levels, edition="sesf")
    assert _evaluate(levels, "sesf") == pytest.approx(plain, rel=1e-9)
    with pytest.raises(Undefined, match="divides 0 by 0"):
        _evaluate(levels, "original")


def test_variants_are_for_pairs():
    levels = [np.floor(texture((20, 24), seed)) for seed in range(4)]
    assert -1 <= _evaluate(levels) <= 1
    with pytest.raises(Undefined, match="two sources only"):
        _evaluate(levels, "original")


def _similar(x, y):
    covariance = np.mean(x * y) - x.mean() * y.mean()
    return 4 * x.mean() * y.mean() * covariance / ((x.mean() ** 2 + y.mean() ** 2) * (x.var() + y.var()))


RAMP = np.add.outer(np.arange(8.0), 2 * np.arange(8.0)) + 100


@pytest.mark.parametrize(
    ("slopes", "weights"),
    [
        ((1, 3), (0.25, 0.75)),
        ((-1, -3), (0.25, 0.75)),
        # w = 3 / 2 is clipped to 1, w = -1 / 2 to 0; the greater covariance decides.
        ((3, -1), (1, 0)),
        ((1, -3), (0, 1)),
        # The sum 0: w infinite.
        ((2, -2), (1, 0)),
        ((-2, 2), (0, 1)),
        # More sources: shares of the covariances of the sign that prevails.
        ((3, 1, -1), (0.75, 0.25, 0)),
        ((-3, -1, 2), (0.75, 0.25, 0)),
        ((1, 1, 2), (0.25, 0.25, 0.5)),
    ],
)
def test_weights_worked_by_hand(slopes, weights):
    sources = [128 + slope * (RAMP - RAMP.mean() + 0.5) for slope in slopes]
    expected = sum(weight * _similar(x, RAMP) for x, weight in zip(sources, weights, strict=True))
    assert _evaluate([*sources, RAMP]) == pytest.approx(expected, rel=1e-12)


def test_constant_windows_weigh_the_same():
    # No covariance: the mean of the two luminance terms, and the structure term is 1 for constant windows.
    levels = [np.full((9, 10), level) for level in (90.0, 200.0, 120.0)]
    terms = [2 * x * 120 / (x**2 + 120**2) for x in (90, 200)]
    assert _evaluate(levels) == pytest.approx(np.mean(terms), rel=1e-12)
    assert _evaluate([levels[0], levels[1], RAMP[:8, :8].repeat(2, 0)[:9].repeat(2, 1)[:, :10]]) == pytest.approx(
        0, abs=1e-9
    )
