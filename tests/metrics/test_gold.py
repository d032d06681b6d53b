"""Official values of published images, and the independent plain implementation."""

import numpy as np
import pytest

import metrics
from benchmarks import _straightforward_metrics
from imaging.files import read_image
from imaging.levels import from_levels
from metrics._common import calibration
from tests.metrics._images import blurred, texture

#: Largest relative difference that the specification of the metrics allows.
LIMITS = {"q_mi": 1e-9, "q_ncie": 1e-9, "q_g": 1e-9, "q_p": 1e-9, "q_cb": 1e-9, "q_cv": 1e-9, "q_e": 1e-6}

#: Q_Y: the official values hold rounding noise where both sources are constant; the differences known for it.
Q_Y_LIMITS = {("grayscale", "3"): 4.4e-3, ("grayscale", "4"): 7.3e-4, ("grayscale", "6"): 1.8e-4}
Q_Y_OTHERS = {"color": 1.4e-4, "grayscale": 3.5e-5}


@pytest.mark.slow
@pytest.mark.parametrize("metric", [*LIMITS, "q_y"])
def test_official_values(mirror, reference, metric):
    wrong = []
    for row in calibration.comparisons(reference, wanted=(metric,)):
        limit = LIMITS.get(metric) or Q_Y_LIMITS.get((row.dataset, row.image), Q_Y_OTHERS[row.dataset])
        if not row.relative <= limit * 1.02:
            wrong.append(f"{row.dataset} {row.image} {row.method}: {row.ours!r}, official {row.official!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("shape", [(64, 80), (61, 77), (64, 53), (33, 48)])
@pytest.mark.parametrize("metric", metrics.SIX)
def test_plain_implementation(metric, shape):
    sharp = texture(shape, seed=sum(shape))
    half = np.arange(shape[1]) < shape[1] // 2
    soft = blurred(sharp, 1.5)
    levels = [np.floor(image + 0.5) for image in (np.where(half, sharp, soft), np.where(half, soft, sharp))]
    # A saturated corner in all three: windows that are constant, in every metric that has windows.
    fused = np.floor((levels[0] + 2 * levels[1]) / 3 + 0.5)
    for image in (*levels, fused):
        image[:12, :14] = 255
    ours = metrics.score([from_levels(levels[0]), from_levels(levels[1])], from_levels(fused), [metric])[metric]
    assert ours == pytest.approx(getattr(_straightforward_metrics, metric)(*levels, fused), rel=1e-11)


def test_haar_quality_of_blocks_worked_by_hand():
    # Level 1 details of the first source: (0, 0, 2) in one block of four, weight 4, and zero elsewhere; fused: all zero
    # but equal low-pass; level 2 sees equal images with the detail of the second source.
    first, second = np.full((4, 4), 100.0), np.full((4, 4), 100.0)
    first[:2, :2] += [[1, -1], [-1, 1]]
    second[:2, :2] += 2
    fused = np.full((4, 4), 100.0)
    fused[:2, :2] += 2
    value = metrics.score([from_levels(first), from_levels(second)], from_levels(fused), ["q_m"])["q_m"]
    # Level 1: only the block of the first source weighs: exp(0) + exp(0) + exp(-2). Level 2: the second source weighs
    # alone, all three of its details are met exactly.
    assert value == pytest.approx((2 + np.exp(-2)) ** (2 / 3) * 3 ** (1 / 3), rel=1e-14)


@pytest.mark.parametrize("image", ["6", "9"])
def test_haar_quality_tells_copied_pixels_from_transforms(mirror, reference, image):
    sources = metrics.Sources(calibration._pair("grayscale", image))
    values = {}
    for method in ("dsift", "dwt", "nsct"):
        fused = read_image(calibration._published(reference, "grayscale", image, method))
        values[method] = metrics.evaluate("q_m", sources, metrics.Fused(fused))
    assert values["dsift"] == pytest.approx(2.4, abs=0.1)
    assert max(values["dwt"], values["nsct"]) < 1.2
