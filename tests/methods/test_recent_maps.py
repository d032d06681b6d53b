"""DRL-FPD, CCSR-Net and MCCSR-Net: the official programs' maps, and what each must do by its own rules."""

import functools

import numpy as np
import pytest

import methods
from files.errors import Unavailable
from imaging.files import read_image
from imaging.levels import to_uint8
from methods import ccsr, mccsr
from methods._common import coupled_coding
from methods._common import torch as _torch

torch = pytest.importorskip("torch")

LYTRO_PNG = "Keep-Passion/GACN/4994c883f0896f4029cd517739d8e16f4572b938/data/multi_focus"
CODING = {"ccsr": ccsr, "mccsr": mccsr}


def skip_unavailable(method):
    reason = methods.availability(method)
    if reason:
        pytest.skip(reason)


def lytro_png(mirror, number):
    return [read_image(mirror / LYTRO_PNG / f"color_lytro_{number}_{side}.png") for side in (1, 2)]


@functools.cache
def fused_lytro(mirror, method, number):
    """Fusion of a whole Lytro pair with the method's default options, made once for all tests."""
    return methods.fuse(method, lytro_png(mirror, number))


def levels_of(path):
    return to_uint8(read_image(path))


def crop(reference, method):
    """The stored intermediate results of a part of pair 01, and the part itself as a pair of images."""
    stored = np.load(reference / "official" / method / "lytro_01_crop_intermediates.npz")
    return stored, [stored[name].astype(np.float32) / np.float32(255) for name in ("image1", "image2")]


@pytest.mark.parametrize("method", CODING)
@pytest.mark.parametrize("number", ["01", "02", "03"])
def test_coding_reproduces_official_output(mirror, reference, method, number):
    skip_unavailable(method)
    fusion = fused_lytro(mirror, method, number)
    folder = reference / "official" / method
    for values, name in ((fusion.initial_map, "_dm_init"), (fusion.decision_map, "_dm")):
        assert np.array_equal(values > 0.5, read_image(folder / f"lytro_{number}{name}.png") > 0.5)
    assert np.array_equal(to_uint8(fusion.image), levels_of(folder / f"lytro_{number}.png"))


@pytest.mark.parametrize("method", CODING)
def test_logit_of_a_part(reference, method):
    """Sums in another order; a coefficient at a jump of a negative threshold could move it by more."""
    skip_unavailable(method)
    stored, images = crop(reference, method)
    logit = CODING[method].logit(images)
    np.testing.assert_allclose(logit, stored["logit"], rtol=0, atol=5e-5)
    assert np.array_equal(coupled_coding.consistent(logit > 0), stored["dm"] > 0)


@pytest.mark.parametrize("method", CODING)
def test_coding_has_no_seams(monkeypatch, pair, method):
    skip_unavailable(method)
    module = CODING[method]
    whole = module.logit(pair)
    monkeypatch.setitem(coupled_coding.TILE, "cpu", 23)
    monkeypatch.setitem(coupled_coding.BLOCK, "cpu", 100)
    np.testing.assert_allclose(module.logit(pair), whole, rtol=0, atol=2e-4)


@pytest.mark.parametrize("method", CODING)
def test_coding_depends_on_the_order(pair, method):
    """The result copies pixels; the maps of swapped images are not complements of each other."""
    skip_unavailable(method)
    fusion, swapped = methods.fuse(method, pair), methods.fuse(method, pair[::-1])
    assert np.any(fusion.initial_map == swapped.initial_map)
    chosen = fusion.decision_map[..., None] > 0.5
    assert np.array_equal(to_uint8(fusion.image), np.where(chosen, *(to_uint8(image) for image in pair)))


@pytest.mark.parametrize("threshold", [0.3, -0.2])
def test_shrink_follows_the_published_rules(threshold):
    """First rule that holds, with limits and ties among the values; by the CPU's loop and by tensor operations."""
    grid = np.round(np.arange(-2, 2.05, 0.1), 1).astype(np.float32)
    values, side = (array.ravel() for array in np.meshgrid(grid, np.append(grid, np.float32(-0.0))))
    width = np.float32(2) * np.float32(threshold)

    def expected(x, s):
        if s >= 0:
            rules = (x < -width, x + width), (-width <= x <= 0, 0), (0 < x < s, x), (s <= x <= s + width, s)
        else:
            rules = (x < s - width, x + width), (0 <= x <= width, 0), (s < x < 0, x), (s - width <= x <= s, s)
        return next((result for holds, result in rules if holds), x - width)

    wanted = np.array([expected(x, s) for x, s in zip(values, side, strict=True)], np.float32)
    limit = torch.tensor([[threshold]], dtype=torch.float32)
    shrunk = torch.from_numpy(values[None].copy())
    coupled_coding.shrink(shrunk, torch.from_numpy(side[None]), limit)
    assert np.array_equal(shrunk[0].numpy(), wanted)
    again = torch.from_numpy(values[None].copy())
    coupled_coding.shrink_by_tensors(again, torch.from_numpy(side[None]), 2 * limit)
    assert np.array_equal(again[0].numpy(), wanted)


def test_luma_rounds_as_the_authors_reader():
    image = pytest.importorskip("PIL.Image")
    levels = np.random.default_rng(5).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    expected = np.asarray(image.fromarray(levels).convert("L"))
    assert np.array_equal(mccsr.luma(levels.astype(np.float32) / np.float32(255)), expected)


@pytest.mark.parametrize("method", [*CODING])
def test_missing_weights_raise(monkeypatch, tmp_path, pair, method):
    for variable in ("FOCUSBENCH_MIRROR", "FOCUSBENCH_CACHE"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")
    _torch.weights.cache_clear()
    with pytest.raises(Unavailable, match=f"python -m scenes fetch {method}"):
        methods.fuse(method, pair)
