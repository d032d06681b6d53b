"""Mg-FILM, MUFusion and GIFNet: outputs of the authors' programs, and what each must do by its own rules."""

import functools

import numpy as np
import pytest

import methods
from files.errors import InputError, Unavailable
from imaging.files import read_image
from imaging.levels import to_levels, to_uint8
from methods import gifnet, mg_film, mufusion
from methods._common import jfif
from methods._common import torch as _torch
from methods._common.aligned import aligned_tiles
from tests.conftest import REFERENCE

torch = pytest.importorskip("torch")

LYTRO_PNG = "Keep-Passion/GACN/4994c883f0896f4029cd517739d8e16f4572b938/data/multi_focus"
METHODS = ("mufusion", "gifnet", "mg_film")


def skip_unavailable(method):
    reason = methods.availability(method)
    if reason:
        pytest.skip(reason)


@functools.cache
def lytro(mirror, number):
    return [read_image(mirror / LYTRO_PNG / f"color_lytro_{number}_{side}.png") for side in (1, 2)]


def levels_of(path):
    return to_uint8(read_image(path)).astype(int)


def off(image, expected):
    """Absolute differences in grey levels."""
    return np.abs(to_uint8(image).astype(int) - expected)


def numbers(folder, pattern="lytro_[0-9][0-9].png"):
    """Numbers of the Lytro pairs with an official output."""
    return [] if REFERENCE is None else [p.name[6:8] for p in sorted((REFERENCE / "official" / folder).glob(pattern))]


@pytest.fixture
def gray_pair(pair):
    return [image[..., 1] for image in pair]


@pytest.mark.parametrize("number", numbers("mufusion")[:2])
def test_mufusion_reproduces_official_output(mirror, reference, number):
    skip_unavailable("mufusion")
    fused = methods.fuse("mufusion", lytro(mirror, number), options={"preset": "upstream"}).image
    difference = off(fused, levels_of(reference / f"official/mufusion/lytro_{number}.png"))
    assert difference.max() <= 1
    assert np.mean(difference > 0) <= 5e-5


def test_mufusion_patch(reference):
    """One patch: the fused values themselves."""
    skip_unavailable("mufusion")
    stored = np.load(reference / "official/mufusion/lytro_01_patch_intermediates.npz")
    luminance = [jfif.COLOUR.split(stored[name].astype(float))[0] for name in ("rgb1", "rgb2")]
    inputs = (np.stack(luminance, axis=2) / 255).astype(np.float32)
    parameters = _torch.weights(mufusion.METHOD.files, _torch.state_dict, "cpu")
    with _torch.inference("cpu"):
        fused = mufusion._patchwise(inputs, parameters, "cpu")
    np.testing.assert_allclose(fused, stored["out"], atol=2e-6)


def test_mufusion_patches_agree_with_the_whole_away_from_seams(mirror):
    """A patch sees all that its middle depends on."""
    skip_unavailable("mufusion")
    images = [image[100:228, 200:328] for image in lytro(mirror, "01")]
    whole = methods.fuse("mufusion", [image[50:178, 150:278] for image in lytro(mirror, "01")]).image
    patch = methods.fuse("mufusion", images, options={"patches": True}).image
    assert off(patch[24:54, 24:54], to_uint8(whole)[74:104, 74:104].astype(int)).max() <= 1


@pytest.mark.parametrize(("length", "origins"), [(128, [0, 0]), (252, [0, 124, 124]), (300, [0, 124, 172])])
def test_mufusion_patches_end_at_the_border(length, origins):
    assert mufusion._origins(length) == origins


def test_mufusion_stretches_gray_only_when_asked(gray_pair):
    skip_unavailable("mufusion")
    dim = [image * 0.5 + 0.25 for image in gray_pair]
    plain = methods.fuse("mufusion", dim).image
    stretched = methods.fuse("mufusion", dim, options={"stretch": True}).image
    assert plain.max() < 1
    assert (stretched.min(), stretched.max()) == (0, 1)


@pytest.mark.parametrize("number", numbers("gifnet")[:1])
def test_gifnet_reproduces_official_output(mirror, reference, number):
    skip_unavailable("gifnet")
    fused = methods.fuse("gifnet", lytro(mirror, number), options={"preset": "upstream"}).image
    difference = off(fused, levels_of(reference / f"official/gifnet/lytro_{number}.png"))
    assert difference.max() <= 1
    assert np.mean(difference > 0) <= 5e-5


def test_gifnet_crop(reference):
    """The fused values themselves, and the luminance whose exact sum lies on an integer."""
    skip_unavailable("gifnet")
    stored = np.load(reference / "official/gifnet/lytro_01_crop_intermediates.npz")
    luminance = [gifnet.luminance(stored[f"rgb{k}"].astype(float), upstream_rounding=True) for k in (1, 2)]
    for number, values in enumerate(luminance, start=1):
        np.testing.assert_array_equal(values, stored[f"y{number}_8"])
    parameters = _torch.weights(gifnet.METHOD.files, _torch.state_dict, "cpu")
    with _torch.inference("cpu"):
        fused = gifnet._network(np.stack(luminance, axis=2) / np.float32(255), parameters, "cpu")
    np.testing.assert_allclose(fused, stored["out"], atol=2e-6)


def test_gifnet_luminance():
    """Of all grays the authors' sum puts 70 a level too low; the exact one none."""
    grays = np.repeat(np.arange(256.0)[:, None, None], 3, axis=2)
    np.testing.assert_array_equal(gifnet.luminance(grays)[:, 0], np.arange(256))
    lost = np.arange(256) - gifnet.luminance(grays, upstream_rounding=True)[:, 0]
    assert (lost.min(), lost.max(), lost.sum()) == (0, 1, 70)
    np.testing.assert_array_equal(gifnet.luminance(grays[..., 0]), grays[..., 0])


def test_gifnet_cuts_gray_only_when_asked(gray_pair):
    skip_unavailable("gifnet")
    rounded, cut = (
        to_levels(methods.fuse("gifnet", gray_pair, options={"upstream_rounding": value}).image)
        for value in (False, True)
    )
    assert set(np.unique(rounded - cut)) == {0, 1}


def mg_film_raw(mirror, crop=None):
    """The network's output and its attention results, for Lytro 01 or a part of it."""
    results = []
    attention_mean = mg_film.attention_mean

    def kept(*arguments):
        results.append(attention_mean(*arguments))
        return results[-1]

    grays = [mg_film.gray(to_levels(image)) for image in lytro(mirror, "01")]
    grays = [np.ascontiguousarray(image[crop]) if crop else image for image in grays]
    parameters = _torch.weights(mg_film.METHOD.files, mg_film.convert, "cpu")
    with pytest.MonkeyPatch.context() as patch, _torch.inference("cpu"):
        patch.setattr(mg_film, "attention_mean", kept)
        return mg_film.network(grays, parameters, "cpu"), [values.numpy() for values in results]


@pytest.mark.slow
def test_mg_film_reproduces_official_output(mirror, reference, monkeypatch):
    """All three images of pair 01 from one run of the network: the program's, without its stretch, with colour."""
    skip_unavailable("mg_film")
    raw, _ = mg_film_raw(mirror)
    monkeypatch.setattr(mg_film, "network", lambda *_: raw)
    images = lytro(mirror, "01")
    for name, options in (("", {"preset": "upstream"}), ("_plain", {"colour": False}), ("_color", {})):
        expected = levels_of(reference / f"official/mg_film/lytro_01{name}.png")
        fused = methods.fuse("mg_film", images, options=options).image
        difference = off(fused, expected if expected.ndim == 3 else expected[..., None])
        assert difference.max() <= 1
        assert np.mean(difference > 0) <= 0.01


def test_mg_film_crop(mirror, reference):
    """The fused values themselves and the results of the attention between base and detail."""
    skip_unavailable("mg_film")
    stored = np.load(reference / "official/mg_film/lytro_01_crop.npz")
    fused, attention = mg_film_raw(mirror, (slice(100, 197), slice(180, 300)))
    np.testing.assert_allclose(fused, stored["fused"], atol=5e-6)
    for name, values in zip(("m_P", "m_Q"), attention, strict=True):
        np.testing.assert_allclose(values, stored[name], atol=3e-5 * np.abs(stored[name]).max())


def test_mg_film_does_not_depend_on_the_order(gray_pair):
    skip_unavailable("mg_film")
    forward, backward = (methods.fuse("mg_film", images).image for images in (gray_pair, gray_pair[::-1]))
    np.testing.assert_array_equal(forward, backward)


def test_mg_film_upstream_is_gray_and_stretched(pair):
    skip_unavailable("mg_film")
    fused = methods.fuse("mg_film", pair, options={"preset": "upstream"}).image
    assert np.ptp(fused, axis=2).max() == 0
    assert (fused.min(), fused.max()) == (0, 1)


def test_mg_film_states_its_limit(monkeypatch, pair):
    monkeypatch.setattr(mg_film, "_MOST_PIXELS", 5000)
    with pytest.raises(InputError, match="at most 5000 pixels; got 5120"):
        methods.fuse("mg_film", pair)


@pytest.mark.parametrize(("source", "target"), [(208, 160), (520, 224), (97, 160), (3, 224)])
def test_nearest_is_that_of_torch(source, target):
    values = torch.arange(source, dtype=torch.float32)[None, None]
    expected = torch.nn.functional.interpolate(values, size=target, mode="nearest")[0, 0]
    assert np.array_equal(mg_film._nearest(source, target, "cpu"), expected)


def test_colour_without_saturation_stays_gray(gray_pair):
    """Equal channels give equal channels under the intended rule: what differs is left-over rounding of constants."""
    skip_unavailable("mufusion")
    fused = to_levels(methods.fuse("mufusion", [np.repeat(image[..., None], 3, axis=2) for image in gray_pair]).image)
    assert np.ptp(fused, axis=2).max() <= 1


def test_chroma_rules():
    """The intended rule takes the more colourful source, that of the authors nearly the mean."""
    chroma = [np.array([[[30.0, 0.0]]]), np.array([[[-10.0, 0.0]]])]
    luminance = np.full((1, 1), 100.0)
    for rule, blue in (("saturation", 20.0), ("upstream", (30 * 98 - 10 * 138) / 236)):
        expected = [100, np.rint(100 - 0.344136 * blue), np.rint(100 + 1.772 * blue)]
        np.testing.assert_array_equal(to_levels(jfif.image(luminance, chroma, rule))[0, 0], expected)


def test_aligned_tiles_cover_the_image():
    covered = np.zeros((37, 90), int)
    for tile in aligned_tiles(covered.shape, 8, 24, 32):
        covered[tile.inner] += 1
        assert all(part.start % 8 == 0 for part in (*tile.inner, *tile.outer))
        assert all(i.start - o.start in (0, i.start, 24) for i, o in zip(tile.inner, tile.outer, strict=True))
    assert (covered == 1).all()


def shrink_tiles(monkeypatch):
    """Tiles far smaller than the image."""
    monkeypatch.setitem(mufusion._TILE, "cpu", 26)
    monkeypatch.setitem(gifnet._TILE, "cpu", 40)
    monkeypatch.setitem(gifnet._STRIP, "cpu", 400)
    monkeypatch.setitem(mg_film._VALUES, "cpu", 2**17)


@pytest.mark.parametrize("method", METHODS)
def test_no_seams(monkeypatch, pair, method):
    """Small tiles give what the whole image gives, but for float rounding at a rounding boundary; odd sides too."""
    skip_unavailable(method)
    images = [image[:63, :77] for image in pair]
    whole = methods.fuse(method, images).image
    shrink_tiles(monkeypatch)
    difference = off(methods.fuse(method, images).image, to_uint8(whole).astype(int))
    assert difference.max() <= 1
    assert np.mean(difference > 0) <= 2e-3


@pytest.mark.parametrize("method", ["mufusion", "gifnet"])
def test_upstream_differs_from_the_default(pair, method):
    skip_unavailable(method)
    default = methods.fuse(method, pair).image
    upstream = methods.fuse(method, pair, options={"preset": "upstream"}).image
    assert off(default, to_uint8(upstream).astype(int)).max() > 1


@pytest.mark.parametrize("method", METHODS)
def test_missing_weights_raise(monkeypatch, tmp_path, pair, method):
    for variable in ("FOCUSBENCH_MIRROR", "FOCUSBENCH_CACHE"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")
    _torch.weights.cache_clear()
    with pytest.raises(Unavailable, match=f"python -m scenes fetch {method}"):
        methods.fuse(method, pair)
    assert f"python -m scenes fetch {method}" in methods.availability(method)
