"""What a plug-in may return: everything else is an error that names the method, not a result."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import methods
from files.errors import InputError, ResultError
from imaging.files import write_image
from methods import Fusion

IMAGE = np.linspace(0, 1, 6 * 7 * 3, dtype=np.float32).reshape(6, 7, 3)
SOURCES = [IMAGE, IMAGE[::-1].copy(), IMAGE[:, ::-1].copy()]
WEIGHT = np.full((6, 7), 0.5, np.float32)
INDEX = np.arange(42).reshape(6, 7) % 3


@pytest.fixture
def fuse(monkeypatch):
    """Function that fuses with a plug-in that returns what it is told."""
    module = methods.registry.module("average")

    def run(result, images=SOURCES[:2], **declared):
        monkeypatch.setattr(module, "METHOD", replace(module.METHOD, native_stack=True, **declared))
        monkeypatch.setattr(module, "fuse", lambda images: result)
        return methods.fuse("average", images)

    return run


def with_value(array, value):
    spoiled = np.array(array, dtype=np.float32)
    spoiled[2, 3] = value
    return spoiled


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ((255 * IMAGE).astype(np.uint8), "image is uint8; float32, H x W or H x W x 3"),
        (255 * IMAGE, "image has values from 0 to 255; .*in \\[0, 1\\] is needed"),
        (2 * IMAGE - 1, "image has values from -1 to 1"),
        (IMAGE + 2e-6, "image has values from"),
        (with_value(IMAGE, np.nan), "image has 3 values that are not finite"),
        (with_value(IMAGE, np.inf), "image has 3 values that are not finite"),
        (IMAGE > 0.5, "image is bool"),
        (IMAGE[..., 0], "image has shape \\(6, 7\\), the sources have \\(6, 7, 3\\)"),
        (IMAGE[1:], "image has shape \\(5, 7, 3\\)"),
        (np.moveaxis(IMAGE, -1, 0), "image has shape"),
        (None, "image has shape \\(\\)"),
    ],
)
def test_what_is_no_image(fuse, image, words):
    with pytest.raises(ResultError, match=f"^method average returned a wrong result: {words}"):
        fuse(Fusion(image))


@pytest.mark.parametrize("result", [None, IMAGE, (IMAGE, WEIGHT)])
def test_what_is_no_fusion(fuse, result):
    with pytest.raises(
        ResultError, match=f"^method average returned {type(result).__name__}; methods.Fusion is needed"
    ):
        fuse(result)


def test_rounding_is_limited_and_the_type_is_float32(fuse):
    image = IMAGE.astype(np.float64)
    image[0, 0], image[1, 1] = -5e-7, 1 + 5e-7
    fused = fuse(Fusion(image)).image
    assert fused.dtype == np.float32
    assert fused.min() == 0 and fused.max() == 1
    assert np.array_equal(fused, np.clip(image, 0, 1).astype(np.float32))


def test_a_right_result_is_passed_on_as_it_is(fuse):
    assert fuse(Fusion(IMAGE)).image is IMAGE
    fusion = fuse(Fusion(IMAGE, WEIGHT, WEIGHT), decision_map=True)
    assert fusion.decision_map is WEIGHT and fusion.initial_map is WEIGHT
    assert fuse(Fusion(IMAGE, index_map=INDEX), SOURCES, decision_map=True).index_map is INDEX


@pytest.mark.parametrize("name", ["decision_map", "initial_map"])
@pytest.mark.parametrize(
    ("values", "words"),
    [
        (INDEX % 2, "is int64; a decision map is float32"),
        (WEIGHT > 0, "is bool"),
        (255 * WEIGHT, "has values from 127.5 to 127.5"),
        (-WEIGHT, "has values from -0.5"),
        (with_value(WEIGHT, np.nan), "has 1 values that are not finite"),
        (WEIGHT[1:], "has shape \\(5, 7\\)"),
        (WEIGHT[..., None], "has shape \\(6, 7, 1\\)"),
    ],
)
def test_what_is_no_decision_map(fuse, name, values, words):
    with pytest.raises(ResultError, match=f"^method average returned a wrong result: {name} {words}"):
        fuse(Fusion(IMAGE, **{"decision_map": WEIGHT, name: values}), decision_map=True)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (WEIGHT, "is float32; an index map is integer"),
        (INDEX + 1, "has numbers from 1 to 3; .*in 0..2"),
        (-INDEX, "has numbers from -2 to 0"),
        (INDEX == 1, "is bool"),
        (INDEX[:, 1:], "has shape \\(6, 6\\)"),
    ],
)
def test_what_is_no_index_map(fuse, values, words):
    with pytest.raises(ResultError, match=f"^method average returned a wrong result: index_map {words}"):
        fuse(Fusion(IMAGE, index_map=values), SOURCES, decision_map=True)


@pytest.mark.parametrize(
    ("count", "maps", "declared", "words"),
    [
        (2, {"index_map": INDEX % 2}, True, "index_map given, but .*a pair needs a decision_map"),
        (3, {"decision_map": WEIGHT}, True, "decision_map given, but .*more than two sources need an index_map"),
        (2, {}, True, "no map given, but METHOD.decision_map is True and a pair needs a decision_map"),
        (3, {}, True, "no map given, but METHOD.decision_map is True and more than two"),
        (2, {"decision_map": WEIGHT}, False, "decision_map given, but METHOD.decision_map is False"),
        (3, {"index_map": INDEX}, False, "index_map given, but METHOD.decision_map is False"),
        (2, {"initial_map": WEIGHT}, True, "no map given"),
    ],
)
def test_one_map_is_not_taken_for_another(fuse, count, maps, declared, words):
    with pytest.raises(ResultError, match=f"^method average returned a wrong result: {words}"):
        fuse(Fusion(IMAGE, **maps), SOURCES[:count], decision_map=declared)


def test_every_step_of_the_fold_is_checked(monkeypatch):
    module = methods.registry.module("average")
    monkeypatch.setattr(module, "fuse", lambda images: Fusion(2 * images[0]))
    with pytest.raises(ResultError, match="method average returned a wrong result"):
        methods.fuse("average", SOURCES)


class Lazy(Sequence):
    """Arrays that are read one by one."""

    def __init__(self, arrays):
        self._arrays = arrays

    def __len__(self):
        return len(self._arrays)

    def __getitem__(self, index):
        return self._arrays[index]


@pytest.mark.parametrize("kind", [list, Lazy])
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (255 * IMAGE, "image 3 has values from 0 to 255"),
        ((255 * IMAGE).astype(np.uint8), "image 3 is uint8"),
        (with_value(IMAGE, np.nan), "image 3 has 3 values that are not finite"),
        (IMAGE[1:], "image 3 has shape .*all must be equal"),
        (IMAGE[..., 0], "image 3 has shape"),
    ],
)
def test_sources_that_are_no_images(kind, wrong, words):
    with pytest.raises(InputError, match=words):
        methods.fuse("average", kind([*SOURCES[:2], wrong]))


def test_sources_that_are_no_sequence():
    with pytest.raises(InputError, match="given as generator; a list of two or more images"):
        methods.fuse("average", (image for image in SOURCES))
    with pytest.raises(InputError, match="given as dict"):
        methods.fuse("average", dict(enumerate(SOURCES)))


@pytest.mark.parametrize(
    ("truth", "words"),
    [
        (methods.Truth(image=255 * IMAGE), "the true image has values from 0 to 255"),
        (methods.Truth(image=IMAGE[..., 0]), "the true image has shape"),
        (methods.Truth(index_map=WEIGHT), "the true index map is float32"),
        (methods.Truth(index_map=INDEX), "the true index map has numbers from 0 to 2; .*in 0..1"),
        (methods.Truth(index_map=INDEX[1:] % 2), "the true index map has shape"),
        (methods.Truth(image=IMAGE, index_map=-(INDEX % 2)), "the true index map has numbers from -1"),
    ],
)
def test_truths_that_do_not_fit(truth, words):
    with pytest.raises(InputError, match=words):
        methods.fuse("oracle", SOURCES[:2], truth=truth)


@pytest.mark.parametrize("device", ["tpu", "", "CUDA", None])
def test_unknown_device(device):
    with pytest.raises(InputError, match="choose one of cpu, cuda"):
        methods.fuse("average", SOURCES, device=device)


@pytest.mark.parametrize("method", ["first", "second", "focus_stack", "sf", "ifm", "gfdf", "oracle"])
def test_more_than_256_sources_keep_their_numbers(method):
    """Fold and stack methods; an index map of 8 bits would count from 0 again."""
    rng = np.random.default_rng(5)
    count = 300
    images = [np.full((24, 26), 0.5, np.float32) for _ in range(count)]
    # Only source 280 has any detail.
    images[280] = np.round(rng.random((24, 26)) * 255).astype(np.float32) / np.float32(255)
    truth = methods.Truth(index_map=np.full((24, 26), 280))
    indices = methods.fuse(method, images, truth=truth).index_map
    if method in ("first", "second"):
        assert np.all(indices == ("first", "second").index(method))
        return
    assert indices.max() >= 280, f"{method}: the largest source number is {indices.max()}"
    # Nothing distinguishes the others from each other, so that ties may go to any of them.
    assert np.mean(indices == 280) > 0.5


@pytest.mark.parametrize(
    ("default", "value", "words"),
    [
        (0.3, "nan", "finite"),
        (0.3, float("nan"), "finite"),
        (0.3, "inf", "finite"),
        (0.3, "-Infinity", "finite"),
        (0.3, 1e400, "finite"),
        (0.3, True, "type float"),
        (0.3, None, "type float"),
        (0.3, [0.3], "type float"),
        (0.3, "", "type float"),
        (3, "nan", "type int"),
        (3, "inf", "type int"),
        (3, float("inf"), "type int"),
        (3, 3.5, "type int"),
        (3, True, "type int"),
        (3, "3,0", "type int"),
        (3, "1e999", "type int"),
        (True, "perhaps", "type bool"),
        (True, 2, "type bool"),
        (True, None, "type bool"),
        ("text", None, "type str"),
        ("text", True, "type str"),
        ("text", ["a"], "type str"),
        ("text", {"a": 1}, "type str"),
    ],
)
def test_values_of_options(default, value, words):
    with pytest.raises(InputError, match=rf"^option size=.*{words}.*such as "):
        methods.Option(default, "").parse("size", value)


@pytest.mark.parametrize(
    ("default", "value", "parsed"),
    [
        (3, "1e3", 1000),
        (3, 7.0, 7),
        (3, "9007199254740993", 9007199254740993),
        (3, np.int64(4), 4),
        (0.3, "1e-3", 0.001),
        (0.3, 2, 2.0),
        (True, "no", False),
        (False, 1, True),
        ("text", 2024, "2024"),
    ],
)
def test_values_in_other_words(default, value, parsed):
    result = methods.Option(default, "").parse("size", value)
    assert result == parsed and type(result) is type(default)


@pytest.mark.parametrize("method", ["gff", "csr", "mwgf"])
def test_no_number_reaches_a_method_that_is_none(method):
    declared = methods.registry.get(method)
    numbers = [name for name, option in declared.options.items() if type(option.default) in (int, float)]
    assert numbers
    for name in numbers:
        for value in ("nan", "inf", "-inf"):
            with pytest.raises(InputError, match=f"^option {name}="):
                methods.fuse(method, SOURCES[:2], options={name: value})


def test_precomputed_names_a_file_of_another_format(tmp_path):
    Image.new("RGB", (7, 6)).save(tmp_path / "one.webp")
    with pytest.raises(InputError, match=r"no image for scene one: .* \(one\.webp is not PNG, JPEG, TIFF or BMP\)"):
        methods.fuse("precomputed", SOURCES[:2], options={"folder": str(tmp_path)}, scene="one")


def test_precomputed_counts_files_only(tmp_path):
    module = methods.registry.module("precomputed")
    write_image(tmp_path / "one.png", IMAGE)
    (tmp_path / "two.png").symlink_to("nowhere.png")
    assert module.reads({"folder": str(tmp_path)}) == [tmp_path / "one.png"]
    with pytest.raises(InputError, match=r"two\.png: the link leads nowhere"):
        methods.fuse("precomputed", SOURCES[:2], options={"folder": str(tmp_path)}, scene="two")
