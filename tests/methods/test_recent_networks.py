"""CU-Net and ReFusion: outputs of the official programs, and what each must do by its own rules."""

import numpy as np
import pytest

import methods
from files.errors import Unavailable
from imaging.files import read_image
from imaging.levels import from_levels, to_uint8
from methods import refusion
from methods._common import torch as _torch
from tests.conftest import REFERENCE

torch = pytest.importorskip("torch")

LYTRO_PNG = "Keep-Passion/GACN/4994c883f0896f4029cd517739d8e16f4572b938/data/multi_focus"


def skip_unavailable(method):
    reason = methods.availability(method)
    if reason:
        pytest.skip(reason)


def lytro_png(mirror, number):
    return [read_image(mirror / LYTRO_PNG / f"color_lytro_{number}_{side}.png") for side in (1, 2)]


def outputs(method):
    """Parameters (number of the Lytro pair) for every official output that is at hand; all but the first are slow."""
    if REFERENCE is None:
        return []
    numbers = [path.stem[-2:] for path in sorted((REFERENCE / "official" / method).glob("lytro_[0-9][0-9].png"))]
    return [pytest.param(number, marks=[pytest.mark.slow] if number != "01" else []) for number in numbers]


def official(reference, method, number):
    return to_uint8(read_image(reference / "official" / method / f"lytro_{number}.png"))


def intermediates(reference, method, name):
    return np.load(reference / "official" / method / f"{name}.npz")


def assert_levels(image, expected, largest, share):
    """An image has the levels of another one (uint8), but for a share of values that differ by a few levels."""
    off = np.abs(to_uint8(image).astype(int) - expected)
    assert off.max() <= largest, f"{np.sum(off > largest)} values are off by up to {off.max()}"
    assert np.mean(off > 0) <= share, f"{np.sum(off > 0)} of {off.size} values differ"


@pytest.mark.parametrize("method", ["cunet", "refusion"])
def test_no_seams(monkeypatch, pair, method):
    """Small tiles give what the whole image gives, but for float rounding at a rounding boundary."""
    skip_unavailable(method)
    whole = to_uint8(methods.fuse(method, pair).image)
    monkeypatch.setitem(_torch.TILE, "cpu", 23)
    if method == "cunet":
        monkeypatch.setitem(methods.registry.module(method)._TILE, "cpu", 23)
    assert_levels(methods.fuse(method, pair).image, whole, 1, 1e-3)


@pytest.mark.parametrize("method", ["cunet", "refusion"])
def test_missing_weights_raise(monkeypatch, tmp_path, pair, method):
    for variable in ("FOCUSBENCH_MIRROR", "FOCUSBENCH_CACHE"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")
    _torch.weights.cache_clear()
    with pytest.raises(Unavailable, match=f"python -m scenes fetch {method}"):
        methods.fuse(method, pair)


@pytest.mark.parametrize("corner", [(slice(0, 180), slice(0, 180)), (slice(340, None), slice(340, None))])
@pytest.mark.parametrize("number", ["01", "02", "03"])
def test_cunet_reproduces_official_corners(mirror, reference, number, corner):
    """A part of the image gives what the whole gives, 80 pixels away from the cut."""
    skip_unavailable("cunet")
    inner = (slice(None, 100),) * 2 if corner[0].start == 0 else (slice(80, None),) * 2
    fused = methods.fuse("cunet", [image[corner] for image in lytro_png(mirror, number)]).image
    assert_levels(fused[inner], official(reference, "cunet", number)[corner][inner], 1, 5e-4)


def test_cunet_crop(mirror, reference):
    skip_unavailable("cunet")
    crop = (slice(100, 197), slice(180, 300))
    fused = methods.fuse("cunet", [image[crop] for image in lytro_png(mirror, "01")]).image
    expected = intermediates(reference, "cunet", "lytro_01_crop")["fused"]
    assert_levels(fused, to_uint8(np.clip(expected, 0, 1)), 1, 5e-4)


def test_cunet_gray_is_the_mean_of_three_equal_channels(pair):
    skip_unavailable("cunet")
    gray = [image[..., 1] for image in pair]
    colour = methods.fuse("cunet", [np.repeat(image[..., None], 3, axis=2) for image in gray]).image
    fused = methods.fuse("cunet", gray).image
    assert fused.ndim == 2
    assert np.abs(fused - colour.mean(axis=2))[(colour > 0).all(axis=2) & (colour < 1).all(axis=2)].max() < 1.2 / 255


@pytest.mark.parametrize("number", outputs("refusion"))
def test_refusion_reproduces_official_output(mirror, reference, number):
    skip_unavailable("refusion")
    fused = methods.fuse("refusion", lytro_png(mirror, number), options={"preset": "upstream"}).image
    assert_levels(fused, official(reference, "refusion", number), 1, 3e-4)


def test_refusion_luminance(reference):
    skip_unavailable("refusion")
    crop = intermediates(reference, "refusion", "lytro_01_crop_intermediates")
    fused = refusion.luminance_fused([crop["y1"], crop["y2"]], "cpu")
    assert np.abs(fused - crop["raw"]).max() < 3e-6


def test_refusion_presets_differ(pair):
    """The stretch fills the range; with the authors' neutral value a colourless pixel gets a tint."""
    skip_unavailable("refusion")
    soft = [0.3 + 0.4 * image for image in pair]
    for image in soft:
        image[:32] = image[:32].mean(axis=2, keepdims=True)
    images = [from_levels(255 * image) for image in soft]
    plain = methods.fuse("refusion", images).image
    upstream = methods.fuse("refusion", images, options={"preset": "upstream"}).image
    assert np.ptp(plain) < 0.9
    assert upstream.min() == 0 and upstream.max() == 1
    assert np.ptp(plain[:32], axis=2).max() == 0
    assert np.ptp(upstream[:32], axis=2).max() > 0


def test_refusion_does_not_stretch_constants():
    """On constant sources the stretch would spread the effect of the border over the whole range."""
    skip_unavailable("refusion")
    fused = methods.fuse("refusion", [np.full((40, 44), 0.25, np.float32)] * 2, options={"stretch": True}).image
    assert abs(float(np.median(fused)) - 0.25) < 0.02


def test_refusion_takes_colour_from_the_coloured_source(pair):
    skip_unavailable("refusion")
    colourless = np.repeat(pair[1].mean(axis=2, keepdims=True), 3, axis=2)
    fused = methods.fuse("refusion", [pair[0], from_levels(255 * colourless)]).image
    expected = pair[0][..., 0] - pair[0][..., 2]
    inside = (fused > 0).all(axis=2) & (fused < 1).all(axis=2)
    assert np.abs(fused[..., 0] - fused[..., 2] - expected)[inside].max() < 0.03
