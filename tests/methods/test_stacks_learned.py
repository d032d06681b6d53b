"""StackMFF-V2, V3 and V4: outputs of the official programs, and what each must do by its own rules."""

import numpy as np
import pytest

import methods
from files import catalogue, fetch
from files.errors import InputError, Unavailable
from imaging.files import read_image
from imaging.levels import from_levels, to_uint8
from methods import stackmff_v2, stackmff_v3, stackmff_v4
from methods._common import stackmff
from methods._common import torch as _torch

torch = pytest.importorskip("torch")

IDS = ("stackmff_v2", "stackmff_v3", "stackmff_v4")
#: Scenes with official outputs: collection and the part of the scene's name.
SCENES = {
    "lytro_01": ("lytro", "lytro_01"),
    "lytro_triple_01": ("lytro_triple", "lytro_triple_01"),
    "lytro_triple_02": ("lytro_triple", "lytro_triple_02"),
    "mffw3_02": ("mffw3", "mffw3_02"),
}
QUICK_AND_SLOW = [
    pytest.param(name, marks=[] if name in ("lytro_01", "lytro_triple_01") else [pytest.mark.slow]) for name in SCENES
]


@pytest.fixture(autouse=True)
def available(request):
    """Skips tests of methods whose weights are not here."""
    method = request.node.callspec.params.get("method") if hasattr(request.node, "callspec") else None
    for name in [method] if method else [name for name in IDS if name in request.node.name]:
        reason = methods.availability(name)
        if reason:
            pytest.skip(reason)


def sources(name):
    collection, scene = SCENES[name]
    rows = [row for row in catalogue.rows(collection) if row.scene == scene and row.role == "source"]
    reason = fetch.missing(rows)
    if reason:
        pytest.skip(reason)
    return [read_image(path) for path in fetch.fetch(rows, progress=False)]


def stack():
    """Three images of 130 x 150 pixels."""
    return [image[200:330, 180:330] for image in sources("lytro_triple_01")]


def levels_of(reference, method, name):
    return to_uint8(read_image(reference / "official" / method / f"{name}.png"))


def crop(reference, method):
    """Intermediate values of a part of the first triple, and its images."""
    stored = np.load(reference / "official" / method / "lytro_triple_01_crop_intermediates.npz")
    return stored, [image[..., ::-1].astype(np.float32) / np.float32(255) for image in stored["bgr"]]


def assert_copied(fusion, images):
    index = fusion.indices()
    assert np.array_equal(fusion.image, np.take_along_axis(np.stack(images), index[None, ..., None], axis=0)[0])


@pytest.mark.parametrize("name", QUICK_AND_SLOW)
def test_stackmff_v2_reproduces_official_output(reference, name):
    cv2 = pytest.importorskip("cv2")
    images = sources(name)
    fusion = methods.fuse("stackmff_v2", images)
    assert np.mean(fusion.indices() != levels_of(reference, "stackmff_v2", f"{name}_index")) <= 1e-4
    assert np.mean(to_uint8(fusion.image) != levels_of(reference, "stackmff_v2", name)) <= 1e-4
    assert_copied(fusion, images)
    if name == "lytro_01":
        depth = cv2.resize(stackmff_v2.depth(images), images[0].shape[1::-1])
        off = np.abs((255 * depth).astype(int) - levels_of(reference, "stackmff_v2", f"{name}_depth"))
        assert off.max() <= 1
        assert np.mean(off > 0) <= 5e-4


@pytest.mark.parametrize("name", QUICK_AND_SLOW)
def test_stackmff_v3_reproduces_official_output(reference, name):
    images = sources(name)
    soft = methods.fuse("stackmff_v3", images)
    off = np.abs(to_uint8(soft.image).astype(int) - levels_of(reference, "stackmff_v3", f"{name}_soft"))
    assert off.max() <= 1
    assert np.mean(off > 0) <= 2e-5
    hard = methods.fuse("stackmff_v3", images, options={"mode": "hard"})
    assert np.array_equal(hard.indices(), levels_of(reference, "stackmff_v3", f"{name}_hard_index"))
    assert np.array_equal(to_uint8(hard.image), levels_of(reference, "stackmff_v3", f"{name}_hard"))
    assert_copied(hard, images)


def test_stackmff_v3_expected_position(reference):
    """The depth that the official program writes, truncated, so nearly whole values may be one lower."""
    images = sources("lytro_01")
    weights = list(stackmff_v3.image_weights(images))
    position = weights[1] / (weights[0] + weights[1])
    off = np.abs((255 * position).astype(int) - levels_of(reference, "stackmff_v3", "lytro_01_soft_depth"))
    assert off.max() <= 1
    assert np.mean(off > 0) <= 2e-3


@pytest.mark.parametrize(("smooth", "name"), [(False, "probs"), (True, "probs_smoothed")])
def test_stackmff_v3_weights_of_a_part(reference, smooth, name):
    stored, images = crop(reference, "stackmff_v3")
    weights = np.stack(list(stackmff_v3.image_weights(images, smooth)))
    np.testing.assert_allclose(weights, stored[name], rtol=0, atol=2e-5)
    np.testing.assert_allclose(weights.sum(0), 1, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", QUICK_AND_SLOW)
def test_stackmff_v4_reproduces_official_output(reference, name):
    images = sources(name)
    fusion = methods.fuse("stackmff_v4", images)
    assert np.mean(fusion.indices() != levels_of(reference, "stackmff_v4", f"{name}_index")) <= 1e-4
    assert np.mean(to_uint8(fusion.image) != levels_of(reference, "stackmff_v4", name)) <= 1e-4
    assert_copied(fusion, images)


def test_stackmff_v4_of_a_part(reference):
    stored, images = crop(reference, "stackmff_v4")
    parameters = _torch.weights(stackmff_v4.METHOD.files, stackmff_v4.checkpoint, "cpu")
    with _torch.inference("cpu"):
        values = stackmff.stretched(stackmff.gray(images[1]), (192, 224), "cpu")
        planes = stackmff_v4.planes(values, parameters)[0].numpy()
    np.testing.assert_allclose(values[0, 0], stored["gray_resized"][1], rtol=0, atol=2e-7)
    np.testing.assert_allclose(planes[:, 3::8, 3::8], stored["features"], rtol=0, atol=2e-4)
    fused = to_uint8(methods.fuse("stackmff_v4", images).image)
    assert np.mean(fused != stored["fused_bgr"][..., ::-1]) <= 1e-4


@pytest.mark.parametrize("method", ["stackmff_v3", "stackmff_v4"])
def test_order_does_not_matter(method):
    images = stack()
    one, other = (methods.fuse(method, order) for order in (images, images[::-1]))
    assert np.mean(one.index_map != 2 - other.index_map) <= 1e-4
    assert np.mean(to_uint8(one.image) != to_uint8(other.image)) <= 1e-4


def test_stackmff_v2_depends_on_the_order():
    images = stack()
    one, other = (methods.fuse("stackmff_v2", order) for order in (images, images[::-1]))
    assert np.mean(one.index_map != 2 - other.index_map) > 0.05


def test_stackmff_v2_has_no_seams(monkeypatch):
    """Strips of few rows, and few rows of them at once, give what the whole frame gives."""
    images = stack()
    whole = stackmff_v2.depth(images)
    monkeypatch.setitem(stackmff_v2._STRIP, "cpu", 1)
    monkeypatch.setattr(stackmff_v2, "_LEAST_ROWS", 23)
    monkeypatch.setitem(stackmff_v2._BAND, "cpu", 7 * whole.shape[1])
    np.testing.assert_allclose(stackmff_v2.depth(images), whole, rtol=0, atol=2e-5)


def test_stackmff_v3_has_no_seams(monkeypatch):
    images = stack()
    whole = list(stackmff_v3.image_weights(images))
    monkeypatch.setitem(stackmff_v3._BAND, "cpu", 1)
    np.testing.assert_allclose(list(stackmff_v3.image_weights(images)), whole, rtol=0, atol=2e-5)


def test_stackmff_v4_has_no_seams(monkeypatch):
    images = stack()
    whole = methods.fuse("stackmff_v4", images).index_map
    monkeypatch.setitem(stackmff_v4._BLOCK, "cpu", 100)
    monkeypatch.setitem(_torch.TILE, "cpu", 24)
    assert np.mean(methods.fuse("stackmff_v4", images).index_map != whole) <= 1e-4


def test_stackmff_v3_equal_images_weigh_the_same():
    image = stack()[0]
    for weight in stackmff_v3.image_weights([image] * 3):
        np.testing.assert_allclose(weight, 1 / 3, rtol=0, atol=1e-6)


def test_stackmff_v4_first_of_equal_images():
    image = stack()[0]
    assert methods.fuse("stackmff_v4", [image] * 3).index_map.max() == 0


@pytest.mark.parametrize("method", IDS)
def test_gray_equals_three_equal_channels(method):
    gray = [image[..., 1] for image in stack()]
    colour = methods.fuse(method, [np.repeat(image[..., None], 3, axis=2) for image in gray])
    assert np.array_equal(methods.fuse(method, gray).image, colour.image[..., 0])


@pytest.mark.parametrize(("method", "options"), [("stackmff_v2", {}), ("stackmff_v3", {"mode": "hard"}), (IDS[2], {})])
def test_copies_keep_what_8_bit_cannot(method, options):
    """Values between two levels survive, as those of 16 bit."""
    images = [from_levels(250 * image) + np.float32(0.001) for image in stack()]
    assert_copied(methods.fuse(method, images, options=options), images)


@pytest.mark.parametrize("method", IDS)
def test_too_large_stacks_are_refused(monkeypatch, method):
    monkeypatch.setattr(stackmff, "_free", lambda device: 1e6)
    with pytest.raises(InputError, match=f"method {method} needs about .* GB for 2 images of 80 x 64"):
        methods.fuse(method, [np.zeros((64, 80), np.float32)] * 2)


@pytest.mark.parametrize("method", IDS)
def test_missing_weights_raise(monkeypatch, tmp_path, pair, method):
    for variable in ("FOCUSBENCH_MIRROR", "FOCUSBENCH_CACHE"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")
    _torch.weights.cache_clear()
    with pytest.raises(Unavailable, match=f"python -m scenes fetch {method}"):
        methods.fuse(method, pair)


def test_gray_is_the_rounded_weighted_sum():
    levels = np.random.default_rng(3).integers(0, 256, (200, 210, 3), dtype=np.uint8)
    expected = (levels.astype(int) @ [9798, 19235, 3735] + 2**14) >> 15
    assert np.array_equal(stackmff.gray(from_levels(levels)), expected)


@pytest.mark.parametrize("size", [(520, 520), (868, 568), (97, 1901), (31, 33)])
def test_nearest_as_opencv(size):
    cv2 = pytest.importorskip("cv2")
    index = np.random.default_rng(4).integers(0, 256, stackmff.filled(size, 32), dtype=np.uint8)
    expected = cv2.resize(index, size[::-1], interpolation=cv2.INTER_NEAREST)
    assert np.array_equal(stackmff.nearest(index, size), expected)


def test_more_than_256_images_get_a_wider_index():
    assert [stackmff.index_type(count) for count in (2, 256, 257)] == [np.uint8, np.uint8, np.uint16]
