"""DRL-FPD, CCSR-Net and MCCSR-Net: the official programs' maps, and what each must do by its own rules."""

import functools

import numpy as np
import pytest

import methods
from files.errors import Unavailable
from imaging.files import read_image
from imaging.levels import to_uint8
from methods import ccsr, drl_fpd, mccsr
from methods._common import coupled_coding
from methods._common import torch as _torch

torch = pytest.importorskip("torch")

LYTRO_TRIPLE = "uzeful/IFCNN/8fe59c2b1553e52acc793986208ca479d134a8da/Code/datasets/CMFDataset/Triple Series"
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


@pytest.mark.parametrize("number", ["01"])
def test_drl_fpd_reproduces_official_output(mirror, reference, number):
    """Single levels of the generated image may turn, as it is cut to 8 bit."""
    skip_unavailable("drl_fpd")
    fusion = fused_lytro(mirror, "drl_fpd", number)
    folder = reference / "official/drl_fpd"
    for values, name in ((fusion.initial_map, "_dm_init"), (fusion.decision_map, "_dm")):
        assert np.array_equal(values > 0.5, read_image(folder / f"lytro_{number}{name}.png") > 0.5)
    labels = (fusion.decision_map < 0.5).astype(np.uint8)
    use = np.where(drl_fpd.copied(labels), np.where(labels == 0, 255, 0), 128)
    assert np.array_equal(use, levels_of(folder / f"lytro_{number}_map.png"))
    off = np.abs(to_uint8(fusion.image).astype(int) - levels_of(folder / f"lytro_{number}.png"))
    assert off.max() <= 1
    assert np.mean(off > 0) <= 1e-4


def test_drl_fpd_of_a_part(reference):
    skip_unavailable("drl_fpd")
    stored, images = crop(reference, "drl_fpd")
    parameters = _torch.weights(drl_fpd.METHOD.files, drl_fpd.convert, "cpu")
    with _torch.inference("cpu"):
        features = drl_fpd.encode(images[0], parameters, "cpu")[0, :, ::2, ::2].numpy()
    np.testing.assert_allclose(features, stored["f1"], rtol=0, atol=5e-6)
    levels, labels = drl_fpd.detect(images)
    off = np.abs(levels.astype(int) - stored["R"])
    assert off.max() <= 1
    assert np.mean(off > 0) <= 1e-3
    assert np.array_equal(drl_fpd.consistent(labels, 2) == 0, stored["dm"] > 0)


def test_drl_fpd_reproduces_the_official_triple(mirror, reference):
    skip_unavailable("drl_fpd")
    images = [read_image(mirror / LYTRO_TRIPLE / f"lytro-01-{letter}.jpg") for letter in "ABC"]
    fusion = methods.fuse("drl_fpd", images, options={"preset": "published"})
    folder = reference / "official/drl_fpd"
    assert np.array_equal(fusion.index_map, levels_of(folder / "lytro_triple_01_index.png"))
    use = np.where(drl_fpd.copied(fusion.index_map, published=True), fusion.index_map, 255)
    assert np.array_equal(use, levels_of(folder / "lytro_triple_01_map.png"))
    off = np.abs(to_uint8(fusion.image).astype(int) - levels_of(folder / "lytro_triple_01.png"))
    assert off.max() <= 1
    assert np.mean(off > 0) <= 1e-4


def test_weights_of_channels_are_constant(mirror):
    """What a block makes of the means of its channels is below the rounding of its bias: the network is local."""
    from files import fetch

    skip_unavailable("drl_fpd")
    state = torch.load(fetch.path(drl_fpd.METHOD.files[0]), map_location="cpu", weights_only=True)
    for number in range(2, 8):
        for name in ("fc1.weight", "fc1.bias", "fc2.weight"):
            assert state[f"layer{number}.se.{name}"].abs().max() < 1e-40


def test_drl_fpd_has_no_seams(monkeypatch):
    skip_unavailable("drl_fpd")
    images = list(np.random.default_rng(1).random((2, 24, 180, 3), np.float32))
    levels, labels = drl_fpd.detect(images)
    monkeypatch.setitem(drl_fpd._BLOCK, "cpu", 60)
    again, labels_again = drl_fpd.detect(images)
    off = np.abs(again.astype(int) - levels)
    assert off.max() <= 1
    assert np.mean(off > 0) <= 1e-3
    assert np.mean(labels != labels_again) <= 1e-3


def test_drl_fpd_of_many_images_encodes_twice(monkeypatch, pair):
    skip_unavailable("drl_fpd")
    images = [*pair, pair[0][::-1]]
    kept = drl_fpd.detect(images)
    monkeypatch.setattr(drl_fpd, "_KEPT", 2)
    for values, again in zip(kept, drl_fpd.detect(images), strict=True):
        assert np.array_equal(values, again)


def test_drl_fpd_does_not_depend_on_the_order(pair):
    skip_unavailable("drl_fpd")
    fusion, swapped = methods.fuse("drl_fpd", pair), methods.fuse("drl_fpd", pair[::-1])
    assert np.array_equal(fusion.initial_map, 1 - swapped.initial_map)
    assert np.array_equal(fusion.image, swapped.image)


def test_drl_fpd_takes_the_second_of_equal_images(pair):
    skip_unavailable("drl_fpd")
    fusion = methods.fuse("drl_fpd", [pair[0], pair[0]])
    assert not fusion.decision_map.any()
    assert np.array_equal(to_uint8(fusion.image), to_uint8(pair[0]))


def test_drl_fpd_keeps_red_of_gray(pair):
    skip_unavailable("drl_fpd")
    gray = [image[..., 1] for image in pair]
    colour = methods.fuse("drl_fpd", [np.stack([plane] * 3, axis=-1) for plane in gray]).image
    assert np.array_equal(methods.fuse("drl_fpd", gray).image, colour[..., 0])


def test_small_regions_go_to_the_nearest_label():
    """Against every pixel's distances; of equally near pixels the first counts."""
    labels = np.random.default_rng(3).integers(0, 3, (14, 17)).astype(np.uint8)
    labels[4:10, 5:12] = 1
    replaced = labels.copy()
    drl_fpd._replace(replaced, labels == 1, 1)
    others = np.argwhere(labels != 1)
    for place in np.argwhere(labels == 1):
        nearest = others[np.argmin(((others - place) ** 2).sum(axis=1))]
        assert replaced[tuple(place)] == labels[tuple(nearest)]


def test_published_errors_of_drl_fpd():
    """Regions at the upper border stay, and labels that add up to those of a copy are taken for it."""
    labels = np.zeros((40, 50), np.uint8)
    labels[:, 30:] = 2
    labels[0:3, 28:32] = 1
    labels[-3:, 28:32] = 1
    assert not np.any(drl_fpd.consistent(labels, 3) == 1)
    published = drl_fpd.consistent(labels, 3, published=True)
    assert np.array_equal(np.argwhere(published == 1), np.argwhere(labels[:3] == 1))

    labels = np.ones((20, 20), np.uint8)
    labels[10, 9], labels[10, 11] = 0, 2
    assert not drl_fpd.copied(labels)[10, 10]
    assert drl_fpd.copied(labels, published=True)[10, 10]
    assert drl_fpd.copied(np.ones((3, 3), np.uint8)).all()


@pytest.mark.parametrize("method", ["drl_fpd", *CODING])
def test_missing_weights_raise(monkeypatch, tmp_path, pair, method):
    for variable in ("FOCUSBENCH_MIRROR", "FOCUSBENCH_CACHE"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")
    _torch.weights.cache_clear()
    with pytest.raises(Unavailable, match=f"python -m scenes fetch {method}"):
        methods.fuse(method, pair)
