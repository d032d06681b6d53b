"""``python -m metrics conventions``, and the named variants of metrics."""

import json
import math

import numpy as np
import pytest

import metrics
from imaging.files import read_image, write_image
from imaging.levels import from_levels, gray_levels, to_uint8
from metrics.__main__ import main
from metrics._common import calibration, conventions
from tests.metrics._images import stack, texture


@pytest.fixture(scope="module")
def colour():
    """Two sources and a fused image in colour, whose channels differ."""
    rng = np.random.default_rng(2)
    tint = rng.random((44, 48, 3)) * 0.3
    sources, sharp, _ = stack((44, 48))
    return [from_levels(255 * (0.7 * image[..., None] + tint)) for image in (*sources, sharp)]


@pytest.fixture
def folder(tmp_path, colour):
    for name, image in zip(("a", "b", "fused"), colour, strict=True):
        write_image(tmp_path / f"{name}.png", image)
        write_image(tmp_path / f"gray_{name}.png", image[..., 0])
    return tmp_path


def _run(folder, capsys, prefix="", *more):
    names = [str(folder / f"{prefix}{name}.png") for name in ("a", "b")]
    status = main(["conventions", *names, "--fused", str(folder / f"{prefix}fused.png"), *more])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_benchmark_comes_first_and_scores_as_ever(colour):
    assert conventions.BENCHMARK.id == "rec601_8bit"
    assert np.array_equal(conventions.BENCHMARK.gray(colour[0]), gray_levels(colour[0]))
    found = conventions.values(colour[:2], colour[2], ["q_mi", "sf"])
    mine = {value.metric: value.value for value in found if value.convention == "rec601_8bit" and not value.variant}
    assert mine == metrics.score(colour[:2], colour[2], ["q_mi", "sf"])


def test_rules_on_pure_colours():
    image = np.eye(3, dtype=np.float32)[None]
    found = {c.id: c.gray(image)[0] for c in conventions.CONVENTIONS}
    assert found["rec601_8bit"].tolist() == found["opencv_8bit"].tolist() == [76, 150, 29]
    assert found["rec709_8bit"].tolist() == [54, 182, 18]
    assert found["ycbcr_8bit"].tolist() == [81, 145, 41]
    assert found["mean_8bit"].tolist() == [85, 85, 85]
    white = {c.id: float(c.gray(np.ones((1, 1, 3), np.float32))[0, 0]) for c in conventions.CONVENTIONS}
    assert white.pop("ycbcr_8bit") == pytest.approx(white.pop("ycbcr_float")) == pytest.approx(235)
    assert list(white.values()) == pytest.approx([255] * len(white))


def test_rules_of_the_libraries(colour):
    import cv2
    from skimage.color import rgb2gray

    rules = {c.id: c for c in conventions.CONVENTIONS}
    levels = to_uint8(colour[0])
    assert np.array_equal(rules["opencv_8bit"].gray(colour[0]), cv2.cvtColor(levels, cv2.COLOR_RGB2GRAY))
    assert rules["rec709_float"].gray(colour[0]) == pytest.approx(255 * rgb2gray(levels), abs=1e-9)


def test_values_differ_by_convention_and_histograms_need_rounding(colour):
    found = conventions.values(colour[:2], colour[2], ["sf", "q_y", "en"])
    of = {name: {v.convention: v.value for v in found if v.metric == name and not v.variant} for name in ("sf", "q_y")}
    for values in of.values():
        assert len(set(values.values())) == len(conventions.CONVENTIONS)
    reasons = {v.convention: v.reason for v in found if v.metric == "en"}
    assert all("rounded to 8 bits" in reasons[c.id] for c in conventions.CONVENTIONS if not c.rounded)
    assert not any(reasons[c.id] for c in conventions.CONVENTIONS if c.rounded)


def test_command_says_which_is_the_benchmarks(folder, capsys):
    status, out, err = _run(folder, capsys)
    assert (status, err) == (0, "")
    assert "The benchmark's convention is rec601_8bit." in out
    for word in (*metrics.SIX, "ycbcr_float", "mean of R, G and B", "MEFB"):
        assert word in out
    status, out, _ = _run(folder, capsys, "", "--metrics", "sd,en")
    assert status == 0 and "n/a of en: a histogram" in out and "q_mi" not in out


def test_command_as_json(folder, capsys, colour):
    status, out, _ = _run(folder, capsys, "", "--metrics", "q_g,sd", "--json")
    document = json.loads(out)
    assert status == 0 and document["benchmark"] == "rec601_8bit"
    ours = {row["metric"]: row["value"] for row in document["values"] if row["benchmark"]}
    images = [read_image(folder / f"{name}.png") for name in ("a", "b", "fused")]
    assert ours == metrics.score(images[:2], images[2], ["q_g", "sd"])
    assert len(document["values"]) == 2 * len(document["conventions"]) + 3
    assert document["variants"]["q_g"].keys() == {"original"}


def test_gray_images_have_one_convention(folder, capsys):
    status, out, _ = _run(folder, capsys, "gray_", "--metrics", "q_mi")
    assert status == 0 and "rec601_8bit" in out and "opencv_8bit" not in out and "The images are gray" in out


def test_bad_input_is_one_line(folder, capsys):
    assert main(["conventions", str(folder / "a.png"), str(folder / "b.png")]) == 2
    assert "--fused" in capsys.readouterr().err
    status, _, err = _run(folder, capsys, "", "--metrics", "q_nmi")
    assert status == 2 and "did you mean q_mi" in err


@pytest.mark.parametrize("name", metrics.registry.ids())
def test_variants_have_titles_and_names(name):
    for key, variant in metrics.variants(name).items():
        assert key.isidentifier() and key == key.lower()
        assert len(variant.title) > 15 and not variant.title.endswith(".")


def test_original_gradient_quality_as_printed(mirror, reference):
    """0.720 against 0.754 on the result of CNN on Lytro 01, as the specification prints them."""
    sources = metrics.Sources(calibration._pair("color", "1"))
    fused = metrics.Fused(read_image(calibration._published(reference, "color", "1", "cnn")))
    found = [metrics.evaluate("q_g", sources, fused, variant) for variant in ("", "original")]
    assert found == pytest.approx([0.754, 0.720], abs=6e-4)


def test_variants_of_the_benchmark_of_visible_and_infrared_fusion():
    first, second, mixed = (from_levels(texture((24, 30), seed)) for seed in range(3))
    sources, fused = metrics.Sources([first, second]), metrics.Fused(mixed)
    a, b, f = (gray_levels(image) for image in (first, second, mixed))
    error = (math.sqrt(((a - f) ** 2).sum()) + math.sqrt(((b - f) ** 2).sum())) / 2 / f.size
    assert metrics.evaluate("psnr", sources, fused, "vifb") == pytest.approx(20 * math.log10(255 / math.sqrt(error)))
    assert metrics.evaluate("ssim", sources, fused, "vifb") == 2 * metrics.evaluate("ssim", sources, fused)
    # Of an image with itself the mutual information is its entropy.
    same = metrics.Sources([mixed, mixed]), metrics.Fused(mixed)
    entropy = metrics.evaluate("en", *same)
    assert metrics.evaluate("q_mi", *same, "vifb") == pytest.approx(2 * entropy * math.log(2))
