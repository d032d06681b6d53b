"""Q_S, Q_W and Q_E: their plain implementation, windows without variance, and their form for more than two sources."""

import numpy as np
import pytest

import metrics
from benchmarks import _straightforward_metrics
from files.errors import Undefined
from imaging.levels import from_levels
from tests.metrics._images import saturated_levels, texture


def _evaluate(name, levels, variant=""):
    *sources, fused = map(from_levels, levels)
    return metrics.evaluate(name, metrics.Sources(sources), metrics.Fused(fused), variant)


@pytest.mark.parametrize("shape", [(48, 60), (31, 27)])
@pytest.mark.parametrize("name", ["q_s", "q_w"])
def test_plain_implementation(name, shape):
    levels = saturated_levels(shape)
    plain = getattr(_straightforward_metrics, name)(*levels)
    assert _evaluate(name, levels) == pytest.approx(plain, rel=1e-11)


def test_plain_implementation_of_the_variants():
    levels = saturated_levels((40, 44))
    ours = [_evaluate(name, levels, "original") for name in ("q_s", "q_w")]
    assert ours == pytest.approx(_straightforward_metrics.piella_original(*levels), rel=1e-11)
    assert abs(ours[0] - _evaluate("q_s", levels)) > 1e-3, "another definition"


def test_plain_implementation_of_the_edge_dependent_index():
    levels = saturated_levels((40, 44))
    # Sums of gradient magnitudes round, which the small windows' variances feel.
    assert _evaluate("q_e", levels) == pytest.approx(_straightforward_metrics.q_e(*levels), rel=1e-9)
    assert _evaluate("q_e", levels) < _evaluate("q_w", levels) - 1e-3


def test_windows_without_saliency_count_in_the_mean_only():
    # Left half: black sources; the fused image is spoiled there.
    sharp = np.floor(texture((32, 64)))
    sharp[:, :32] = 0
    spoiled = sharp.copy()
    spoiled[:, :24] = np.random.default_rng(0).integers(0, 256, (32, 24))
    assert _evaluate("q_s", [sharp, sharp, spoiled]) < 0.7
    assert _evaluate("q_w", [sharp, sharp, spoiled]) > 0.99


def test_three_sources_in_one_window():
    levels = [np.floor(texture((8, 8), seed)) for seed in range(4)]
    *sources, fused = levels
    variances = [x.var() for x in sources]

    def ssim(x):
        covariance = np.mean(x * fused) - x.mean() * fused.mean()
        return (
            4 * x.mean() * fused.mean() * covariance / ((x.mean() ** 2 + fused.mean() ** 2) * (x.var() + fused.var()))
        )

    expected = sum(v * ssim(x) for v, x in zip(variances, sources, strict=True)) / sum(variances)
    for name in ("q_s", "q_w"):
        assert _evaluate(name, levels) == pytest.approx(expected, rel=1e-9)


def test_weights_of_the_sources_are_computed_once():
    *images, fused = map(from_levels, saturated_levels((40, 44)))
    sources = metrics.Sources(images)
    for name in ("q_s", "q_w", "q_e"):
        metrics.evaluate(name, sources, metrics.Fused(fused))
    shares = [key for key in sources._values if "shares" in key]
    assert sorted(shares) == [("levels", "shares"), ("prewitt", "shares")]


@pytest.mark.parametrize("name", ["q_s", "q_w"])
def test_smallest_size_of_the_variants(name):
    levels = [texture((11, 11), seed) for seed in range(3)]
    assert np.isfinite(_evaluate(name, levels, "original"))
    with pytest.raises(Undefined, match="Gaussian windows needs images of at least 11 x 11"):
        _evaluate(name, [x[1:] for x in levels], "original")


def test_constant_windows_of_the_variants():
    # Equal weights, the two luminance terms: noise would decide without the rule.
    first, second, fused = (np.full((16, 20), level) for level in (90.0, 200.0, 120.0))
    terms = [(2 * x * 120 + 6.5025) / (x**2 + 120**2 + 6.5025) for x in (90, 200)]
    assert _evaluate("q_s", [first, second, fused], "original") == pytest.approx(np.mean(terms), rel=1e-9)
