"""What must hold of every metric, whatever its formula."""

import itertools
import json
import math

import numpy as np
import pytest

import metrics
from files.errors import InputError
from imaging.levels import from_levels
from tests.metrics._images import blurred, stack, texture

IDS = metrics.registry.ids()
TRUTH_IDS = [name for name in IDS if metrics.registry.get(name).family == "truth"]
QUALITY_IDS = [name for name in IDS if name not in TRUTH_IDS]

#: Value where sources and fused image are one image.
PERFECT = {
    "q_mi": 2,
    "q_g": 0.9994 / (1 + math.exp(-7.5)) * 0.9879 / (1 + math.exp(-4.4)),
    "q_m": 3,
    "q_y": 1,
    "q_e": 1,
}
PERFECT |= {"q_w": 1, "q_s": 1, "q_c": 1, "q_sf": 0, "q_cb": 1, "q_cv": 0, "ssim": 1, "fmi": 1}


@pytest.fixture(scope="module")
def scene():
    return stack((64, 80))


@pytest.mark.parametrize("name", IDS)
def test_declaration_is_complete(name):
    declared = metrics.registry.get(name)
    assert declared.direction in ("larger", "smaller")
    assert declared.family in ("information", "feature", "structure", "perception", "truth")
    assert declared.lower < declared.upper
    assert all((declared.label, declared.latex, declared.title, declared.citation))
    assert set(declared.needs) <= {"truth_image", "truth_map", "truth_defocus", "truth_depth", "index_map"}
    assert metrics.registry.module(name).__doc__, "state the formula, its form for n > 2 and the source"


def test_the_six_are_there():
    assert set(metrics.SIX) <= set(IDS)


@pytest.mark.parametrize(("name", "value"), PERFECT.items())
def test_identical_images(name, value):
    image = from_levels(texture((64, 80)))
    assert metrics.score([image, image], image, [name])[name] == pytest.approx(value, rel=1e-12, abs=1e-12)


def test_feature_quality_of_identical_images_is_below_one():
    image = from_levels(texture((64, 80)))
    assert 0.9 < metrics.score([image, image], image, ["q_p"])["q_p"] < 1


@pytest.mark.parametrize("name", QUALITY_IDS)
def test_within_bounds(name, scene):
    sources, sharp, _ = scene
    declared = metrics.registry.get(name)
    noise = from_levels(np.random.default_rng(3).integers(0, 256, (64, 80)))
    # SCD has no value for a copy of a source.
    copy = [] if name == "scd" else [sources[0]]
    for fused in (sharp, *copy, noise, 1 - sharp):
        assert declared.lower <= metrics.score(sources, fused, [name])[name] <= declared.upper


# N_abf counts what the fusion adds, and a blurred image adds nothing; CE compares histograms, which know nothing of sharpness;
# Q_TE rewards missing levels (tests/metrics/test_q_te.py).
@pytest.mark.parametrize("name", [name for name in QUALITY_IDS if name not in ("n_abf", "ce", "q_te")])
def test_worse_under_blur(name, scene):
    sources, sharp, _ = scene
    # Blurs beyond that of the sources: between the sharp and the blurred source some metrics prefer the middle.
    fused = [from_levels(blurred(sharp * 255.0, sigma)) for sigma in (0, 3, 6)]
    values = [metrics.score(sources, image, [name])[name] for image in fused]
    sign = 1 if metrics.registry.get(name).direction == "larger" else -1
    assert all(sign * (first - second) > 0 for first, second in itertools.pairwise(values)), values


@pytest.mark.parametrize("name", ["ssim", "psnr"])
def test_truth_is_preferred(name, scene):
    sources, sharp, _ = scene
    fused = from_levels(blurred(sharp * 255.0, 0.5))
    against_truth = metrics.score(sources, fused, [name], truth_image=sharp)[name]
    assert against_truth == metrics.score([sharp, sharp], fused, [name])[name]
    assert against_truth != metrics.score(sources, fused, [name])[name]


@pytest.mark.parametrize("name", QUALITY_IDS)
def test_order_of_the_sources_does_not_matter(name):
    sources, sharp, _ = stack((48, 60), count=3)
    fused = from_levels(blurred(sharp * 255.0, 0.5))
    # The replaced zeros of Q_G depend on which source comes first, by about 1e-5 of a pixel's weight.
    tolerance = 1e-6 if name == "q_g" else 1e-11
    value = metrics.score(sources, fused, [name])[name]
    for order in ((2, 0, 1), (1, 0, 2)):
        assert metrics.score([sources[i] for i in order], fused, [name])[name] == pytest.approx(value, rel=tolerance)


@pytest.mark.parametrize("name", [name for name in QUALITY_IDS if name not in ("q_ncie", "q_te", "scd")])
def test_every_source_twice_changes_nothing(name, scene):
    sources, sharp, _ = scene
    fused = from_levels(blurred(sharp * 255.0, 0.5))
    # Q_NCIE and Q_TE are left out: they measure the dependence of all images, which grows with a repeated one. SCD is, too: it takes
    # a source out, which a repeated one survives.
    tolerance = 1e-6 if name == "q_g" else 1e-11
    twice = metrics.score([*sources, *sources], fused, [name])[name]
    assert twice == pytest.approx(metrics.score(sources, fused, [name])[name], rel=tolerance)


def test_dependence_of_five_images():
    # Identical images: all coefficients equal H/8, so one eigenvalue is 1 + (K - 1) h and K - 1 are 1 - h.
    levels = np.repeat(np.arange(256.0), 4).reshape(32, 32)
    value = metrics.score([from_levels(levels)] * 4, from_levels(levels), ["q_ncie"])["q_ncie"]
    assert value == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("name", QUALITY_IDS)
def test_shared_values_are_the_computed_ones(name, scene, tmp_path):
    sources, sharp, _ = scene
    fused = from_levels(blurred(sharp * 255.0, 0.5))
    fresh = metrics.score(sources, fused, [name])[name]
    for store in (None, tmp_path, tmp_path):
        shared = metrics.Sources(sources, store=store)
        candidate = metrics.Fused(fused)
        for other in [*QUALITY_IDS, *reversed(QUALITY_IDS)]:
            metrics.evaluate(other, shared, metrics.Fused(sharp))
            metrics.evaluate(other, shared, candidate)
        assert metrics.evaluate(name, shared, candidate) == fresh


@pytest.mark.parametrize("name", QUALITY_IDS)
def test_without_room_for_shared_values(name, scene, monkeypatch):
    sources, sharp, _ = scene
    fused = from_levels(blurred(sharp * 255.0, 0.5))
    expected = metrics.score(sources, fused, [name])[name]
    monkeypatch.setattr(metrics, "_CACHE_BYTES", 0)
    assert metrics.score(sources, fused, [name])[name] == expected


@pytest.mark.parametrize("name", QUALITY_IDS)
def test_inputs_are_left_alone(name, scene):
    sources, sharp, _ = scene
    holder, candidate = metrics.Sources(sources), metrics.Fused(sharp)
    before = [gray.copy() for gray in (*holder.gray, candidate.gray)]
    metrics.evaluate(name, holder, candidate)
    assert all(map(np.array_equal, before, (*holder.gray, candidate.gray)))


def test_colour_is_scored_in_rounded_gray(pair):
    fused = (pair[0] + pair[1]) / 2
    from imaging.levels import gray_levels

    grays = [from_levels(gray_levels(image)) for image in (*pair, fused)]
    assert metrics.score(pair, fused) == metrics.score(grays[:2], grays[2])


def test_sizes_must_agree(scene):
    sources, sharp, _ = scene
    with pytest.raises(InputError, match="size"):
        metrics.score(sources, sharp[:-1])
    with pytest.raises(InputError, match="two or more"):
        metrics.score(sources[:1], sharp)
    with pytest.raises(InputError, match="did you mean q_mi"):
        metrics.score(sources, sharp, ["qmi"])


def test_values_can_be_written_as_json(scene):
    sources, sharp, _ = scene
    assert set(json.loads(json.dumps(metrics.score(sources, sharp, QUALITY_IDS[:3])))) == set(QUALITY_IDS[:3])
