"""The controls and the folder of results made elsewhere."""

import numpy as np
import pytest

import methods
from files.errors import InputError, Unavailable
from imaging.files import write_image
from imaging.levels import from_levels


@pytest.fixture
def stack():
    """Three random colour sources, 8 x 9."""
    rng = np.random.default_rng(3)
    return [from_levels(rng.integers(0, 256, (8, 9, 3))) for _ in range(3)]


def test_average_is_the_mean(stack):
    fused = methods.fuse("average", stack).image
    assert np.abs(fused - np.mean(np.array(stack, np.float64), axis=0)).max() < 1e-7


@pytest.mark.parametrize(("method", "number"), [("first", 0), ("second", 1)])
def test_first_and_second_return_their_source(stack, method, number):
    pair = methods.fuse(method, stack[:2])
    assert np.array_equal(pair.image, stack[number])
    assert (pair.indices() == number).all()
    three = methods.fuse(method, stack)
    assert np.array_equal(three.image, stack[number])
    assert (three.index_map == number).all()


def test_oracle_takes_what_the_index_map_names(stack):
    truth = np.random.default_rng(5).integers(0, 3, (8, 9))
    fusion = methods.fuse("oracle", stack, truth=methods.Truth(index_map=truth))
    assert np.array_equal(fusion.index_map, truth)
    assert np.array_equal(fusion.image, np.choose(truth[..., None], stack))


def test_oracle_decision_map_of_a_pair_is_the_truth(stack):
    truth = np.random.default_rng(5).integers(0, 2, (8, 9))
    fusion = methods.fuse("oracle", stack[:2], truth=methods.Truth(index_map=truth))
    assert np.array_equal(fusion.decision_map, truth == 0)


def test_oracle_takes_the_source_nearest_to_the_true_image(stack):
    truth = np.random.default_rng(5).integers(0, 3, (8, 9))
    image = np.choose(truth[..., None], stack)
    fusion = methods.fuse("oracle", stack, truth=methods.Truth(image=image))
    assert np.array_equal(fusion.image, image)
    assert np.array_equal(fusion.index_map, truth)


def test_oracle_takes_the_first_of_equally_near_sources(stack):
    fusion = methods.fuse("oracle", [stack[0], stack[0].copy()], truth=methods.Truth(image=stack[1]))
    assert (fusion.decision_map == 1).all()


@pytest.mark.parametrize(
    ("truth", "message"),
    [
        (methods.Truth(index_map=np.zeros((8, 8), int)), "true index map has shape"),
        (methods.Truth(index_map=np.full((8, 9), 3)), "true index map has numbers from 3 to 3"),
        (methods.Truth(image=np.zeros((8, 9), np.float32)), "true image has shape"),
    ],
)
def test_oracle_refuses_a_truth_that_does_not_fit(stack, truth, message):
    with pytest.raises(InputError, match=message):
        methods.fuse("oracle", stack, truth=truth)


def test_oracle_without_truth_is_unavailable(stack):
    with pytest.raises(Unavailable, match="truth"):
        methods.fuse("oracle", stack)
    with pytest.raises(Unavailable, match="index map or a true image"):
        methods.fuse("oracle", stack, truth=methods.Truth())


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("lytro_07.png", "{scene}"),
        ("c_07_dwt.png", "c_{number}_dwt"),
        ("c_7_dwt.png", "c_{number}_dwt"),
        ("c_007_dwt.png", "c_{number}_dwt"),
        ("lytro_07_mine.png", "{scene}_*"),
        ("a.b(7).png", "a.b({number})"),
    ],
)
def test_precomputed_finds_the_file_of_a_scene(stack, tmp_path, file, pattern):
    write_image(tmp_path / file, stack[2])
    for other in ("lytro_17.png", "lytro_071.png", "c_17_dwt.png", "c_70_dwt.png", "a_b(7).png"):
        write_image(tmp_path / other, stack[0])
    (tmp_path / "lytro_07.txt").write_text("no image")
    options = {"folder": str(tmp_path), "pattern": pattern}
    fusion = methods.fuse("precomputed", stack[:2], options=options, scene="lytro_07")
    assert np.array_equal(fusion.image, stack[2])


@pytest.mark.parametrize(
    ("options", "scene", "message"),
    [
        ({"folder": ""}, "s_1", "option folder is not set"),
        ({"folder": "nowhere"}, "s_1", "no such folder"),
        ({}, "s_3", "no image for scene s_3: no file matches the pattern 's_3'"),
        ({"pattern": "{scene}_dwt"}, "s_3", "the pattern 's_3_dwt'"),
        ({"pattern": "*"}, "s_1", "has 3 images for scene s_1"),
        ({"pattern": "c_{number}"}, "flower", "has none in its name"),
        ({}, "s_2", "is 5 x 4 colour, the sources are 9 x 8 colour"),
        ({}, "gray_1", "is 9 x 8 gray, the sources are 9 x 8 colour"),
        ({}, None, "name of the scene"),
    ],
)
def test_precomputed_says_what_is_wrong(stack, tmp_path, options, scene, message):
    write_image(tmp_path / "s_1.png", stack[0])
    write_image(tmp_path / "s_2.png", stack[0][:4, :5])
    write_image(tmp_path / "gray_1.png", stack[0][..., 0])
    with pytest.raises(InputError, match=message):
        methods.fuse("precomputed", stack[:2], options={"folder": str(tmp_path), **options}, scene=scene)


def test_precomputed_without_a_folder_is_unavailable_in_listings():
    assert "folder" in methods.availability("precomputed")
    assert methods.availability("precomputed", {"folder": "fused"}) == ""
