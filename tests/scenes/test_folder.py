"""Folders of the user as data sets."""

import numpy as np
import pytest

import scenes
from files.errors import InputError
from imaging.files import write_image, write_levels

RNG = np.random.default_rng(11)


def image(path, shape=(8, 10, 3)):
    write_image(path, RNG.random(shape))
    return path


def load(folder):
    return scenes.load("mine", folder=folder)


def test_subfolders_in_natural_order(tmp_path):
    for scene in ("scene 10", "scene 2"):
        for number in (1, 2, 10):
            image(tmp_path / scene / f"img{number}.png")
    (tmp_path / "scene 2" / "notes.txt").write_text("left alone")
    (tmp_path / ".hidden").mkdir()
    dataset = load(tmp_path)
    assert [scene.name for scene in dataset.scenes] == ["scene 2", "scene 10"]
    assert [path.name for path in dataset.scenes[0].sources.paths] == ["img1.png", "img2.png", "img10.png"]
    assert dataset.id == "mine" and not dataset.scenes[0].has_truth
    assert len(set(dataset.scenes[0].checksums())) == 3
    assert scenes.availability("mine", folder=tmp_path) == ""


def test_numbered_files(tmp_path):
    for name in ("a_b_1", "a_b_2", "c_1", "c_2", "c_10"):
        image(tmp_path / f"{name}.png")
    dataset = load(tmp_path)
    assert [(scene.name, scene.count) for scene in dataset.scenes] == [("a_b", 2), ("c", 3)]
    assert [path.stem for path in dataset.scenes[1].files()] == ["c_1", "c_2", "c_10"]


@pytest.mark.parametrize("prefix", ["scene/", "scene_"])
def test_truth_files(tmp_path, prefix):
    for number in (1, 2):
        image(tmp_path / f"{prefix}{number}.png")
    index_map = RNG.integers(0, 2, (8, 10)).astype(np.uint8)
    image(tmp_path / f"{prefix}truth.png")
    write_levels(tmp_path / f"{prefix}truth_index.png", index_map)
    (scene,) = load(tmp_path).scenes
    assert scene.count == 2 and scene.has_truth
    assert scene.truth().image.shape == (8, 10, 3)
    assert np.array_equal(scene.truth().index_map, index_map)


def test_truth_that_does_not_fit(tmp_path):
    for number in (1, 2):
        image(tmp_path / f"s_{number}.png")
    write_levels(tmp_path / "s_truth_index.png", np.full((8, 10), 255, np.uint8))
    with pytest.raises(InputError, match=r"s_truth_index\.png.*255.*0 to 1"):
        load(tmp_path).scenes[0].truth()
    write_levels(tmp_path / "s_truth_index.png", np.zeros((8, 11), np.uint8))
    with pytest.raises(InputError, match=r"s_truth_index\.png.*10 x 8"):
        load(tmp_path).scenes[0].truth()
    image(tmp_path / "s_truth.png", (8, 10))
    with pytest.raises(InputError, match=r"s_truth\.png"):
        load(tmp_path).scenes[0].truth()


def test_folder_that_holds_no_scenes(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        load(tmp_path / "nowhere")
    with pytest.raises(InputError, match="holds no scene"):
        load(tmp_path)
    (tmp_path / "scene").mkdir()
    with pytest.raises(InputError, match=r"scene: no image"):
        load(tmp_path)
    image(tmp_path / "scene" / "only.png")
    with pytest.raises(InputError, match=r"scene: one image \(only\.png\)"):
        load(tmp_path)


def test_forms_that_are_not_clear(tmp_path):
    image(tmp_path / "holiday.png")
    with pytest.raises(InputError, match=r"holiday\.png.*name_1\.png"):
        load(tmp_path)
    (tmp_path / "scene").mkdir()
    with pytest.raises(InputError, match=r"holds images.*and subfolders"):
        load(tmp_path)


def test_two_endings_of_one_name(tmp_path):
    from PIL import Image

    image(tmp_path / "s_1.png")
    Image.new("RGB", (10, 8)).save(tmp_path / "s_1.jpg")
    with pytest.raises(InputError, match="differ only in their ending"):
        load(tmp_path)


def test_broken_image_concerns_its_scene_only(tmp_path):
    for name in ("a_1", "a_2", "b_1", "b_2", "c_1", "c_2", "d_1"):
        image(tmp_path / f"{name}.png")
    image(tmp_path / "c_2.png", (8, 11, 3))
    image(tmp_path / "d_2.png", (8, 10))
    (tmp_path / "a_2.png").write_bytes(b"broken")
    a, b, c, d = load(tmp_path).scenes
    assert b.shape == (8, 10, 3)
    for scene, message in ((a, r"a_2\.png"), (c, r"c_2\.png is 11 x 8"), (d, r"d_2\.png is gray")):
        with pytest.raises(InputError, match=message):
            _ = scene.sources


def test_name_of_a_data_set_is_taken(tmp_path):
    with pytest.raises(InputError, match="choose another name"):
        scenes.load("lytro", folder=tmp_path)
