"""Learned methods: outputs of the official programs, published images, and what each must do by its own rules."""

import functools
from dataclasses import dataclass, field

import numpy as np
import pytest

import methods
from files.errors import InputError, Unavailable
from imaging.files import read_image
from imaging.jpeg import comparable
from imaging.levels import from_levels, to_uint8
from methods import cnn_light, pcanet, pmgi, sesf
from methods._common import torch as _torch
from methods._common import writer, ycc
from tests.conftest import REFERENCE
from tests.methods._jpeg import psnr
from tests.methods._references import mfifb, published

torch = pytest.importorskip("torch")

LYTRO_PNG = "Keep-Passion/GACN/4994c883f0896f4029cd517739d8e16f4572b938/data/multi_focus"


@dataclass(frozen=True)
class Official:
    """How closely a method must reproduce its official outputs.

    Parameters
    ----------
    largest : int
        Largest difference in grey levels.
    share : float
        Largest share of values that differ at all. Where outputs are cut or rounded to 8 bit, float differences of
        about 1e-6 (1e-3 of PMGI) turn single levels.
    halo : int or None
        Pixels beyond a part of the image that its result depends on; None where it depends on the whole image.
    options : dict
    """

    largest: int
    share: float
    halo: int | None = None
    options: dict = field(default_factory=dict)


#: By method and folder of official outputs. A luminance of one level more makes colours of up to two levels more.
OFFICIAL = {
    ("sesf", "sesf"): Official(1, 0.015),
    ("cnn_light", "cnn_light"): Official(0, 0),
    ("pcanet", "pcanet"): Official(0, 0),
    ("ifcnn_max", "ifcnn_max"): Official(1, 1e-4, 5),
    ("ifcnn_mean", "ifcnn_mean"): Official(1, 1e-4, 5),
    ("ifcnn_sum", "ifcnn_sum"): Official(1, 1e-4, 5),
    ("densefuse_add", "densefuse_add"): Official(1, 5e-4, 8),
    ("densefuse_l1", "densefuse_tf_l1"): Official(1, 5e-4, 8),
    ("densefuse_l1", "densefuse_tf_add"): Official(1, 5e-4, 8, {"preset": "tf_add"}),
    ("deepfuse", "deepfuse"): Official(1, 5e-4, 5),
    ("madcnn", "madcnn"): Official(1, 1e-4),
    ("u2fusion", "u2fusion"): Official(1, 5e-4, 10),
    ("mffgan", "mffgan"): Official(2, 5e-4, 5),
    ("sdnet", "sdnet"): Official(2, 5e-4, 5),
    ("pmgi", "pmgi"): Official(2, 2e-3),
}
#: Rows and columns of the part that local networks are run on.
PART = (slice(150, 290), slice(200, 360))


def outputs():
    """Parameters (method, folder, number of the Lytro pair) for every official output that is at hand."""
    if REFERENCE is None:
        return []
    return [
        pytest.param(method, folder, path.stem[-2:], id=f"{method}-{folder}-{path.stem[-2:]}")
        for method, folder in OFFICIAL
        for path in sorted((REFERENCE / "official" / folder).glob("lytro_[0-9][0-9].png"))
    ]


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


@pytest.mark.parametrize(("method", "folder", "number"), outputs())
def test_reproduces_official_output(mirror, reference, method, folder, number):
    """Local networks are run on a part of the image, whose inner pixels must equal those of the whole."""
    skip_unavailable(method)
    expected = OFFICIAL[method, folder]
    official = levels_of(reference / "official" / folder / f"lytro_{number}.png")
    if expected.halo is None:
        fused = to_uint8(fused_lytro(mirror, method, number).image)
    else:
        images = [image[PART] for image in lytro_png(mirror, number)]
        inner = (slice(expected.halo, -expected.halo),) * 2
        official = official[PART][inner]
        fused = to_uint8(methods.fuse(method, images, options=expected.options).image)[inner]
    off = np.abs(fused.astype(int) - official)
    assert off.max() <= expected.largest, f"{np.sum(off > expected.largest)} values are off by up to {off.max()}"
    assert np.mean(off > 0) <= expected.share


@pytest.mark.parametrize("method", ["u2fusion", "mffgan", "ifcnn_max", "deepfuse"])
def test_whole_image_equals_official_output(mirror, reference, method):
    """One whole pair of some local networks too: borders, and the seams between tiles."""
    skip_unavailable(method)
    expected = OFFICIAL[method, method]
    fused = to_uint8(fused_lytro(mirror, method, "01").image)
    off = np.abs(fused.astype(int) - levels_of(reference / "official" / method / "lytro_01.png"))
    assert off.max() <= expected.largest
    assert np.mean(off > 0) <= expected.share


@pytest.mark.parametrize("number", ["01", "02"])
def test_sesf_maps(mirror, reference, number):
    skip_unavailable("sesf")
    fusion = fused_lytro(mirror, "sesf", number)
    folder = reference / "official" / "sesf"
    initial = fusion.initial_map > 0.5
    assert np.array_equal(initial, read_image(folder / f"lytro_{number}_dm_init.png") > 0.5)
    assert np.array_equal(sesf.consistent(initial), read_image(folder / f"lytro_{number}_dm.png") > 0.5)
    refined = levels_of(folder / f"lytro_{number}_dm_refined.png")
    assert np.abs(to_uint8(fusion.decision_map).astype(int) - refined).max() <= 1


def test_cnn_light_map(mirror, reference):
    skip_unavailable("cnn_light")
    fusion = fused_lytro(mirror, "cnn_light", "02")
    expected = read_image(reference / "official/cnn_light/lytro_02_dm.png") > 0.5
    assert np.array_equal(cnn_light.consistent(fusion.initial_map > 0.5), expected)


def test_pcanet_map(mirror, reference):
    skip_unavailable("pcanet")
    fusion = fused_lytro(mirror, "pcanet", "02")
    expected = read_image(reference / "official/pcanet/lytro_02_dm.png") > 0.5
    assert np.array_equal(fusion.decision_map > 0.5, expected)
    assert np.array_equal(pcanet.decide(fusion.initial_map > 0.5), expected)


def test_madcnn_map(mirror, reference):
    skip_unavailable("madcnn")
    fusion = fused_lytro(mirror, "madcnn", "02")
    expected = levels_of(reference / "official/madcnn/lytro_02_dm.png")
    off = np.abs(to_uint8(fusion.decision_map).astype(int) - expected)
    assert off.max() <= 1
    assert np.mean(off > 0) <= 5e-4


#: Least PSNR in dB against the MFIFB benchmark's images. Lossless scenes first: identical up to the cut to 8 bit for
#: IFCNN and PCANet. CNN is another network; SESF and the Lytro scenes see `REFERENCES` of the methods.
MFIFB = {
    ("ifcnn_max", "IFCNN"): {"aymaz_09": 94.0, "aymaz_13": 97.0, "lytro_01": 43.5},
    ("pcanet", "PCANet"): {"aymaz_09": np.inf, "aymaz_13": np.inf, "lytro_01": 50.9},
    ("cnn_light", "CNN"): {"aymaz_09": 82.5, "aymaz_13": 82.9, "lytro_01": 54.3},
    ("sesf", "SESF"): {"aymaz_09": 50.3, "aymaz_13": 62.2, "lytro_01": 44.5},
}


@pytest.mark.parametrize(
    ("method", "path", "sources", "least"),
    [
        pytest.param(method, path, sources, least[path.parent.name], id=f"{method}-{path.parent.name}")
        for (method, tag), least in MFIFB.items()
        for path, sources in mfifb(tag)
        if path.parent.name in least
    ],
)
def test_agrees_with_the_benchmark(method, path, sources, least):
    skip_unavailable(method)
    fused = to_uint8(methods.fuse(method, [read_image(source) for source in sources]).image)
    assert psnr(*comparable(fused, path)) >= least


@pytest.mark.parametrize(
    ("path", "sources"), [pytest.param(*case, id=case[0].stem) for case in published("cnn") if "_01_" in case[0].name]
)
def test_light_network_is_close_to_the_full_one(path, sources):
    """Mean distance to the images of the 2017 network: 0.022 levels is stated for the colour pair 01."""
    skip_unavailable("cnn_light")
    fused = to_uint8(methods.fuse("cnn_light", [read_image(source) for source in sources]).image)
    off = np.abs(fused.astype(int) - levels_of(path))
    least = {"c": 0.0225, "g": 0.16}[path.name[0]]
    assert off.mean() <= least


NETWORKS = ["ifcnn_max", "densefuse_add", "densefuse_l1", "deepfuse", "madcnn", "u2fusion", "mffgan", "sdnet", "sesf"]


@pytest.mark.parametrize("method", NETWORKS)
def test_no_seams(monkeypatch, pair, method):
    """Small tiles and blocks give what the whole image gives, but for float rounding at a rounding boundary."""
    skip_unavailable(method)
    whole = methods.fuse(method, pair).image
    monkeypatch.setitem(_torch.TILE, "cpu", 23)
    monkeypatch.setattr(_torch, "BLOCK", 41)
    off = np.abs(to_uint8(methods.fuse(method, pair).image).astype(int) - to_uint8(whole))
    assert off.max() <= OFFICIAL.get((method, method), Official(1, 0)).largest
    assert np.mean(off > 0) <= 2e-3


@pytest.mark.parametrize("method", ["cnn_light", "pcanet"])
def test_no_seams_between_bands(monkeypatch, pair, method):
    skip_unavailable(method)
    whole = methods.fuse(method, pair)
    monkeypatch.setitem(methods.registry.module(method)._ROWS, "cpu", 7)
    banded = methods.fuse(method, pair)
    assert np.array_equal(banded.initial_map, whole.initial_map)
    assert np.array_equal(banded.image, whole.image)


@pytest.mark.parametrize("rule", ["max", "mean", "sum"])
def test_ifcnn_does_not_depend_on_the_order(pair, rule):
    skip_unavailable(f"ifcnn_{rule}")
    images = [*pair, from_levels(255 * np.mean(pair, axis=0))]
    fused = [to_uint8(methods.fuse(f"ifcnn_{rule}", order).image).astype(int) for order in (images, images[::-1])]
    assert np.abs(fused[0] - fused[1]).max() <= 1


def test_stacks_are_read_once(pair):
    """Features of all images are joined as they come; an image of ordinary size is read once."""
    skip_unavailable("densefuse_l1")

    class Counted:
        reads = 0

        def __len__(self):
            return 4

        def __getitem__(self, index):
            if not 0 <= index < 4:
                raise IndexError(index)
            Counted.reads += 1
            return pair[index % 2]

    module = methods.registry.module("densefuse_l1")
    lazy = module.fuse(Counted(), strategy="l1", stretch=False, device="cpu").image
    # Twice the first for the shape of the images.
    assert Counted.reads <= 6
    listed = module.fuse([pair[0], pair[1], pair[0], pair[1]], strategy="l1", stretch=False, device="cpu").image
    assert np.array_equal(lazy, listed)


@pytest.mark.parametrize("method", ["densefuse_l1", "deepfuse", "u2fusion", "mffgan", "sdnet", "pmgi"])
def test_upstream_writer_stretches(pair, method):
    """The preset of the authors' image writer changes the contrast; the default does not."""
    skip_unavailable(method)
    gray = [image[..., 1] * 0.5 + 0.25 for image in pair]
    plain = methods.fuse(method, gray).image
    written = methods.fuse(method, gray, options={"preset": "upstream_writer"}).image
    assert written.max() == 1
    assert plain.max() < 1
    assert written.min() == 0 or method == "u2fusion"


def test_stretched():
    np.testing.assert_allclose(writer.stretched([[10.0, 20.0], [15.0, 12.0]]), [[0, 255], [127.5, 51]])
    np.testing.assert_array_equal(writer.stretched([[7.0, 7.0]]), [[7, 7]])


@pytest.mark.parametrize("colour", [ycc.STUDIO, ycc.FULL])
def test_colour_spaces_return(colour):
    levels = np.random.default_rng(3).integers(0, 256, (9, 7, 3)).astype(float)
    assert np.abs(colour.join(*colour.split(levels)) - levels).max() < 0.6


def test_the_more_colourful_source_prevails():
    first, second = np.array([[[30.0, 0.0]]]), np.array([[[-10.0, 0.0]]])
    np.testing.assert_allclose(ycc.fused_chroma([first, second]), [[[20.0, 0.0]]])


def test_weights_of_mffgan_differ(pair):
    skip_unavailable("mffgan")
    default = methods.fuse("mffgan", pair).image
    assert not np.array_equal(methods.fuse("mffgan", pair, options={"model": "mfi_whu"}).image, default)


def test_pmgi_states_its_limit(monkeypatch, pair):
    monkeypatch.setattr(pmgi, "_MOST_PIXELS", 5000)
    with pytest.raises(InputError, match="at most 5000 pixels; got 5120"):
        methods.fuse("pmgi", pair)


def test_missing_weights_raise(monkeypatch, tmp_path, pair):
    for variable in ("FOCUSBENCH_MIRROR", "FOCUSBENCH_CACHE"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")
    _torch.weights.cache_clear()
    with pytest.raises(Unavailable, match="python -m scenes fetch sdnet"):
        methods.fuse("sdnet", pair)
    assert "python -m scenes fetch sdnet" in methods.availability("sdnet")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_cuda_is_asked_for_in_vain(pair):
    skip_unavailable("sdnet")
    with pytest.raises(Unavailable, match="device cuda"):
        methods.fuse("sdnet", pair, device="cuda")


def test_nothing_global_changes(pair):
    """Threads, gradients and precision are afterwards as they were."""
    skip_unavailable("sdnet")
    before = torch.get_num_threads(), torch.is_grad_enabled(), torch.backends.cudnn.allow_tf32
    methods.fuse("sdnet", pair)
    assert (torch.get_num_threads(), torch.is_grad_enabled(), torch.backends.cudnn.allow_tf32) == before
