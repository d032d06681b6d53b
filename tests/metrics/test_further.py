"""The further metrics: their plain implementation, identities, and values printed elsewhere."""

import math

import numpy as np
import pytest

import metrics
from benchmarks import _straightforward_metrics
from files.errors import InputError, Undefined
from imaging.files import read_image
from imaging.levels import from_levels
from metrics._common import calibration
from tests.metrics._images import blurred, saturated_levels, stack, texture

OF_SOURCES = ("viff", "scd", "cc", "q_abf", "l_abf", "n_abf", "mef_ssim", "en", "ce", "sf", "sd", "ag", "ei")
OF_TRUTH = ("vif", "ms_ssim", "gmsd")
OF_FUSED = ("en", "sf", "sd", "ag", "ei")


@pytest.mark.parametrize("shape", [(48, 60), (61, 53)])
@pytest.mark.parametrize("name", OF_SOURCES)
def test_plain_implementation(name, shape):
    first, second, fused = saturated_levels(shape)
    ours = metrics.score([from_levels(first), from_levels(second)], from_levels(fused), [name])[name]
    plain = getattr(_straightforward_metrics, name)(first, second, fused)
    # The spread of a constant window is rounding noise in the means of the plain MEF-SSIM, exactly 0 here.
    assert ours == pytest.approx(plain, rel=1e-7 if name == "mef_ssim" else 1e-11)


@pytest.mark.parametrize("shape", [(176, 192), (181, 163)])
@pytest.mark.parametrize("name", OF_TRUTH)
def test_plain_implementation_against_truth(name, shape):
    truth, _, fused = saturated_levels(shape)
    images = [from_levels(truth)] * 2
    ours = metrics.score(images, from_levels(fused), [name], truth_image=images[0])[name]
    assert ours == pytest.approx(getattr(_straightforward_metrics, name)(truth, fused), rel=1e-11)


def test_values_of_other_libraries():
    """VIF of sewar 0.4.10 (vifp), MS-SSIM and GMSD of piq 0.8.0; GMSD divides by the count there, by one less here."""
    rng = np.random.default_rng(5)
    sharp = texture((208, 240), seed=5)
    truth = np.floor(sharp + 0.5)
    fused = np.floor(np.clip(blurred(truth, 1) + rng.normal(0, 3, truth.shape), 0, 255) + 0.5)
    image = from_levels(truth)
    found = metrics.score([image, image], from_levels(fused), OF_TRUTH, truth_image=image)
    count = 104 * 120
    expected = {"vif": 0.5270643783115718, "ms_ssim": 0.9797635005016061}
    expected["gmsd"] = 0.023864063270276323 * math.sqrt(count / (count - 1))
    assert found == pytest.approx(expected, rel=1e-12)


def test_printed_values_of_standard_deviation_and_gradient(mirror, reference):
    """SD and AG of the result of CNN on Lytro 01 by both definitions, as the specification prints them."""
    sources = metrics.Sources(calibration._pair("color", "1"))
    fused = metrics.Fused(read_image(calibration._published(reference, "color", "1", "cnn")))
    found = [metrics.evaluate("sd", sources, fused, variant) for variant in ("", "mefb")]
    found += [metrics.evaluate("ag", sources, fused, variant) for variant in ("", "vifb")]
    assert found == pytest.approx([36.264, 39.491, 5.711, 5.108], abs=5e-4)


def test_shares_of_edges_add_up():
    for count in (2, 3):
        sources, sharp, _ = stack((40, 48), count=count)
        noisy = from_levels(255 * sharp + np.random.default_rng(0).normal(0, 20, sharp.shape))
        for fused in (sharp, noisy, 1 - sharp, np.zeros_like(sharp)):
            shares = metrics.score(sources, fused, ["q_abf", "l_abf", "n_abf"])
            assert sum(shares.values()) == pytest.approx(1, abs=1e-12)
    assert metrics.score(sources, noisy, ["n_abf"])["n_abf"] > 10 * metrics.score(sources, sharp, ["n_abf"])["n_abf"]


def test_edges_are_compared_with_the_sources_at_hand():
    sources, sharp, _ = stack((40, 48))
    candidate = metrics.Fused(sharp)
    of_others = [metrics.evaluate("l_abf", metrics.Sources(images), candidate) for images in (sources, [sharp, sharp])]
    assert of_others[1] < of_others[0]


@pytest.mark.parametrize("name", OF_FUSED)
def test_sources_do_not_enter(name):
    sources, sharp, _ = stack((40, 48), count=3)
    assert metrics.score(sources, sharp, [name]) == metrics.score([sharp, sharp], sharp, [name])
    noisy = from_levels(255 * sharp + np.random.default_rng(0).normal(0, 15, sharp.shape))
    if name not in ("en", "sd"):
        assert metrics.score(sources, noisy, [name])[name] > 1.3 * metrics.score(sources, sharp, [name])[name]


def test_steps_worked_by_hand():
    step = from_levels(np.where(np.arange(6) < 3, 10.0, 40.0) * np.ones((5, 1)))
    found = metrics.score([step, step], step, OF_FUSED)
    # One difference of 30 a row; Sobel sees 4 * 30 on both sides of it; columns are constant.
    expected = {"en": 1, "sf": 30 / math.sqrt(6), "sd": 0, "ag": 30 / math.sqrt(2) / 6, "ei": 2 * 120 / 6}
    assert found == pytest.approx(expected)
    sources, fused = metrics.Sources([step, step]), metrics.Fused(step)
    assert metrics.evaluate("sd", sources, fused, "mefb") == pytest.approx(15)
    assert metrics.evaluate("sd", sources, fused, "sesf") == pytest.approx(15 * math.sqrt(30))
    # Central differences: 15 on both sides of the step.
    assert metrics.evaluate("ag", sources, fused, "vifb") == pytest.approx(5 * 2 * 15 / math.sqrt(2) / (4 * 5))


@pytest.mark.parametrize(
    ("name", "value"), [("vif", 1), ("ms_ssim", 1), ("gmsd", 0), ("viff", 1), ("cc", 1), ("ce", 0), ("n_abf", 0)]
)
def test_identical_images(name, value):
    image = from_levels(texture((164, 168)))
    found = metrics.score([image, image], image, [name], truth_image=image)[name]
    assert found == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("name", OF_TRUTH)
def test_worse_under_blur(name):
    sharp = texture((164, 168))
    truth = from_levels(sharp)
    values = [
        metrics.score([truth, truth], from_levels(blurred(sharp, sigma)), [name], truth_image=truth)[name]
        for sigma in (0, 1, 3)
    ]
    assert values == sorted(values, reverse=metrics.registry.get(name).direction == "larger")
    assert len(set(values)) == 3


def test_difference_is_taken_from_the_mean_of_the_others():
    rng = np.random.default_rng(3)
    first, second, third, fused = (rng.integers(0, 256, (20, 24)).astype(float) for _ in range(4))
    correlation = _straightforward_metrics._correlation
    parts = [
        correlation(fused - (second + third) / 2, first),
        correlation(fused - (first + third) / 2, second),
        correlation(fused - (first + second) / 2, third),
    ]
    found = metrics.score([from_levels(x) for x in (first, second, third)], from_levels(fused), ["scd"])["scd"]
    assert found == pytest.approx(2 / 3 * sum(parts), rel=1e-12)


A, B, F = (from_levels(texture((48, 52), seed)) for seed in range(3))
FLAT = from_levels(np.full((48, 52), 90.0))


@pytest.mark.parametrize(
    ("name", "sources", "fused", "words"),
    [
        ("scd", (A, B), B, "difference of the fused image and the sources other than source 1 is constant"),
        ("scd", (FLAT, B), F, "source 1 is constant"),
        ("cc", (A, FLAT), F, "source 2 is constant"),
        ("cc", (A, B), FLAT, "the fused image is constant"),
        ("ce", (FLAT, FLAT), from_levels(np.full((48, 52), 91.0)), "source 1 have no grey level in common"),
        ("viff", (A[:40], B[:40]), F[:40], "at least 41 x 41"),
        ("mef_ssim", (A[:10], B[:10]), F[:10], "at least 11 x 11"),
        ("sd", (A[:1], B[:1]), F[:1], "at least two rows"),
    ],
)
def test_no_value_is_said_in_words(name, sources, fused, words):
    with pytest.raises(Undefined, match=words):
        metrics.score(sources, fused, [name])


@pytest.mark.parametrize(("name", "size"), [("vif", 41), ("ms_ssim", 161), ("gmsd", 3)])
def test_smallest_size_against_truth(name, size):
    truth, fused = (from_levels(texture((size, size), seed)) for seed in (0, 1))
    fused = (3 * truth + fused) / 4
    assert math.isfinite(metrics.score([truth, truth], fused, [name], truth_image=truth)[name])
    small = [image[1:] for image in (truth, fused)]
    with pytest.raises(Undefined, match=f"at least {size} x {size}"):
        metrics.score([small[0]] * 2, small[1], [name], truth_image=small[0])


def test_opposite_structure_has_no_multiscale_similarity():
    truth = from_levels(texture((164, 168)))
    with pytest.raises(Undefined, match="runs against the true image"):
        metrics.score([truth, truth], 1 - truth, ["ms_ssim"], truth_image=truth)
    flat = np.full_like(truth, 0.5)
    with pytest.raises(Undefined, match="true image is constant"):
        metrics.score([truth, truth], truth, ["vif"], truth_image=flat)


def test_flat_reference_patches_are_compared_as_zero():
    # Nothing in the sources, something in the fused image: C / (v_F + C) in every window.
    fused = metrics.score([FLAT, FLAT], F, ["mef_ssim"])["mef_ssim"]
    assert 0 < fused < 0.5
    assert metrics.score([FLAT, FLAT], FLAT, ["mef_ssim"])["mef_ssim"] == pytest.approx(1, abs=1e-9)


def test_unknown_variant_is_named():
    sources, fused = metrics.Sources([A, B]), metrics.Fused(F)
    with pytest.raises(InputError, match="sd has no variant 'vifb'; known are: mefb, sesf"):
        metrics.evaluate("sd", sources, fused, "vifb")
    with pytest.raises(InputError, match="en has no variant 'vifb'; known are: none"):
        metrics.evaluate("en", sources, fused, "vifb")
