"""CU-Net, MGDN, ReFusion and MFF-SSIM: outputs of the official programs, and what each must do by its own rules."""

import numpy as np
import pytest

import methods
from files.errors import Unavailable
from imaging.files import read_image
from imaging.levels import from_levels, to_uint8
from methods import mff_ssim, mgdn, refusion
from methods._common import torch as _torch
from tests.conftest import REFERENCE
from tests.methods._jpeg import psnr
from tests.methods._references import LYTRO

torch = pytest.importorskip("torch")

LYTRO_PNG = "Keep-Passion/GACN/4994c883f0896f4029cd517739d8e16f4572b938/data/multi_focus"


def skip_unavailable(method):
    reason = methods.availability(method)
    if reason:
        pytest.skip(reason)


def lytro_png(mirror, number):
    return [read_image(mirror / LYTRO_PNG / f"color_lytro_{number}_{side}.png") for side in (1, 2)]


def outputs(method):
    """The first official output that is at hand (number of the Lytro pair); all are measured for `tables/fidelity.md`."""
    if REFERENCE is None:
        return []
    return [path.stem[-2:] for path in sorted((REFERENCE / "official" / method).glob("lytro_[0-9][0-9].png"))[:1]]


def official(reference, method, number):
    return to_uint8(read_image(reference / "official" / method / f"lytro_{number}.png"))


def intermediates(reference, method, name):
    return np.load(reference / "official" / method / f"{name}.npz")


def assert_levels(image, expected, largest, share):
    """An image has the levels of another one (uint8), but for a share of values that differ by a few levels."""
    off = np.abs(to_uint8(image).astype(int) - expected)
    assert off.max() <= largest, f"{np.sum(off > largest)} values are off by up to {off.max()}"
    assert np.mean(off > 0) <= share, f"{np.sum(off > 0)} of {off.size} values differ"


@pytest.mark.parametrize("method", ["cunet", "mgdn", "refusion"])
def test_no_seams(monkeypatch, pair, method):
    """Small tiles give what the whole image gives, but for float rounding at a rounding boundary."""
    skip_unavailable(method)
    whole = to_uint8(methods.fuse(method, pair).image)
    monkeypatch.setitem(_torch.TILE, "cpu", 23)
    if method == "cunet":
        monkeypatch.setitem(methods.registry.module(method)._TILE, "cpu", 23)
    assert_levels(methods.fuse(method, pair).image, whole, 1, 1e-3)


@pytest.mark.parametrize("method", ["cunet", "mgdn", "refusion"])
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


def test_mgdn_crop(mirror, reference):
    skip_unavailable("mgdn")
    crop = (slice(100, 197), slice(180, 300))
    images = [image[crop] for image in lytro_png(mirror, "01")]
    expected = intermediates(reference, "mgdn", "lytro_01_crop")["fused"]
    padded = [np.pad(image, [(0, 7), (0, 8), (0, 0)], mode="symmetric") for image in images]
    assert np.abs(mgdn.network(padded, "cpu")[:97, :120] - expected).max() < 3e-6
    fused = methods.fuse("mgdn", images, options={"preset": "upstream"}).image
    assert_levels(fused, np.rint(np.float32(255) * expected).astype(int), 1, 2e-4)


@pytest.mark.slow
@pytest.mark.parametrize("number", outputs("mgdn"))
def test_mgdn_reproduces_official_output(mirror, reference, number):
    skip_unavailable("mgdn")
    fused = methods.fuse("mgdn", lytro_png(mirror, number), options={"preset": "upstream"}).image
    assert_levels(fused, official(reference, "mgdn", number), 1, 1e-4)


def test_mgdn_pads_where_it_must(pair):
    """Without rows to add nothing but the image goes in; otherwise the default and the preset add the same here."""
    skip_unavailable("mgdn")
    preset = {"preset": "upstream"}
    assert not np.array_equal(methods.fuse("mgdn", pair).image, methods.fuse("mgdn", pair, options=preset).image)
    odd = [image[:-3, :-2] for image in pair]
    assert np.array_equal(methods.fuse("mgdn", odd).image, methods.fuse("mgdn", odd, options=preset).image)


def test_mgdn_dynamic_filter():
    """The same as the sum over the window, pixel by pixel; the edge is repeated."""
    generator = torch.Generator().manual_seed(1)
    values, kernels = (torch.rand((1, c, 9, 11), generator=generator) for c in (3, 49))
    filtered = mgdn.dynamic_filter(values, kernels)
    padded = np.pad(values[0].numpy(), [(0, 0), (3, 3), (3, 3)], mode="edge")
    for y, x in ((0, 0), (4, 5), (8, 10)):
        expected = (padded[:, y : y + 7, x : x + 7] * kernels[0, :, y, x].numpy().reshape(7, 7)).sum(axis=(1, 2))
        np.testing.assert_allclose(filtered[0, :, y, x].numpy(), expected, rtol=1e-5)


def test_mgdn_nearly_keeps_equal_sources(mirror):
    skip_unavailable("mgdn")
    image = lytro_png(mirror, "01")[0][100:196, 180:276]
    assert psnr(to_uint8(methods.fuse("mgdn", [image, image]).image), to_uint8(image)) > 45


def lytro_triple():
    from files import catalogue, fetch

    return [read_image(path) for path in map(fetch.path, catalogue.rows("lytro_triple")[:3])]


@pytest.mark.parametrize(
    ("scene", "window", "steps", "name"),
    [("pair", 13, 100, "w13"), ("pair", 3, 300, "w3"), ("triple", 13, 100, "w13")],
)
def test_mff_ssim_reproduces_the_authors_program(reference, scene, window, steps, name):
    """Map, value per step and result on a crop; the value is that before each step."""
    crop = intermediates(reference, "mff_ssim", "crop_official_program")
    levels = crop[scene]
    chosen = mff_ssim.sharpest(levels, window)
    assert np.sum(chosen != crop[f"{scene}_index_{name}"]) <= 2
    planes, losses = zip(
        *(
            mff_ssim.optimised(np.ascontiguousarray(levels[..., c]), chosen, window, steps, "mean")
            for c in range(levels.shape[3])
        ),
        strict=True,
    )
    assert np.abs(1 - 2 * sum(losses) - crop[f"{scene}_values_{name}"]).max() < 2e-5
    expected = np.rint(255 * crop[f"{scene}_fused_{name}_{steps}"]).astype(int)
    assert_levels(np.stack(planes, axis=2), expected, 1, 0.01)


@pytest.mark.parametrize("kind", ["", "published_"])
@pytest.mark.parametrize("number", ["01", "02", "03"])
def test_mff_ssim_map(mirror, reference, number, kind):
    levels = np.stack([to_uint8(image) for image in lytro_png(mirror, number)])
    chosen = mff_ssim.sharpest(levels, mff_ssim.window_side(levels.shape[1:3], 25))
    expected = read_image(reference / "official/mff_ssim" / f"{kind}lytro_{number}_dm.png") < 0.5
    assert np.sum(chosen != expected) <= 10


def test_mff_ssim_index_of_three(reference):
    skip_missing("lytro_triple")
    levels = np.stack([to_uint8(image) for image in lytro_triple()])
    expected = to_uint8(read_image(reference / "official/mff_ssim/lytro_triple_01_index.png"))
    assert np.sum(mff_ssim.sharpest(levels, 13) != expected) <= 10


def skip_missing(collection):
    from files import catalogue, fetch

    reason = fetch.missing(catalogue.rows(collection))
    if reason:
        pytest.skip(reason)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("lytro_02", {}),
        ("lytro_triple_01_300", {"preset": "demo"}),
    ],
)
def test_mff_ssim_reproduces_whole_images(mirror, reference, name, options):
    if "triple" in name:
        skip_missing("lytro_triple")
    images = lytro_triple() if "triple" in name else lytro_png(mirror, name[6:8])
    fused = to_uint8(methods.fuse("mff_ssim", images, options=options).image).astype(int)
    off = np.abs(fused - to_uint8(read_image(reference / "official/mff_ssim" / f"{name}.png")))
    assert off.mean() < 0.02
    assert np.mean(off <= 1) >= 0.999


@pytest.mark.slow
@pytest.mark.parametrize("number", ["03"])
def test_mff_ssim_is_close_to_published_images(mirror, reference, number):
    """These were made from the JPEG pixels; from the hard selection, 200 steps do what 1000 do from the mean."""
    images = [read_image(mirror / LYTRO / f"lytro-{number}-{side}.jpg") for side in "AB"]
    fused = to_uint8(methods.fuse("mff_ssim", images, options={"preset": "hard_start"}).image).astype(int)
    off = np.abs(fused - to_uint8(read_image(reference / f"official/mff_ssim/published_lytro_{number}.png")))
    assert off.mean() < 0.02
    assert off.max() <= 8


def test_mff_ssim_does_not_depend_on_the_order(pair):
    images = [*pair, from_levels(255 * np.mean(pair, axis=0))]
    first, second = (methods.fuse("mff_ssim", order, options={"steps": 30}) for order in (images, images[::-1]))
    assert np.array_equal(first.index_map, 2 - second.index_map)
    assert np.abs(first.image - second.image).max() < 1.001 / 255


def test_mff_ssim_gray_equals_three_equal_channels(pair):
    gray = [image[..., 1] for image in pair]
    colour = methods.fuse("mff_ssim", [np.repeat(image[..., None], 3, axis=2) for image in gray], options={"steps": 30})
    assert np.array_equal(methods.fuse("mff_ssim", gray, options={"steps": 30}).image, colour.image[..., 0])


def test_mff_ssim_improves_the_hard_selection(pair):
    """Without steps the start is the result; the similarity grows with the steps."""
    levels = np.stack([to_uint8(image[..., 1]) for image in pair])
    fusion = methods.fuse("mff_ssim", [image[..., 1] for image in pair], options={"steps": 0, "start": "hard"})
    chosen = np.where(fusion.decision_map > 0.5, 0, 1).astype(np.uint8)
    assert np.array_equal(to_uint8(fusion.image), np.where(chosen == 0, *levels))
    _, losses = mff_ssim.optimised(levels, chosen, 3, 50, "hard")
    assert losses[-1] < losses[0]


def test_mff_ssim_window():
    assert [mff_ssim.window_side(size, 25) for size in ((520, 520), (868, 568), (282, 282), (283, 283))] == [
        13,
        25,
        3,
        5,
    ]
    assert mff_ssim.window_side((3000, 4000), 25) == 25
    assert mff_ssim.window_side((3000, 4000), 0) == 601
