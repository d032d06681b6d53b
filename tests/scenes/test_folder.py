"""Folders of the user as data sets."""

import logging
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

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
    with pytest.raises(InputError, match=r"s_truth_index\.png has numbers from 255.*in 0\.\.1"):
        load(tmp_path).scenes[0].truth()
    write_levels(tmp_path / "s_truth_index.png", np.zeros((8, 11), np.uint8))
    with pytest.raises(InputError, match=r"s_truth_index\.png has shape \(8, 11\); .*8 x 10"):
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
    with pytest.raises(InputError, match=r"holds no scene \(scene \(a subfolder without images\)\)"):
        load(tmp_path)


def test_forms_that_are_not_clear(tmp_path):
    image(tmp_path / "holiday.png")
    with pytest.raises(InputError, match=r"holds no scene.*holiday\.png.*name_1\.png"):
        load(tmp_path)
    image(tmp_path / "scene" / "1.png")
    with pytest.raises(InputError, match=r"holds images \(holiday\.png\) and subfolders"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (["s/1.png"], r"s: one image \(1\.png\)"),
        (["s_1.png"], r"s: one image \(s_1\.png\)"),
        (["s/1.png", "s/1.jpg"], "s: two images differ only in their ending"),
        (["s_1.png", "s_1.jpg"], "s: two images differ only in their ending"),
        (["s/1.png", "s/1.JPG", "s/2.png"], "s: two images differ only in their ending"),
        (["s/1.png", "s/2.png", "s/truth.png", "s/Truth.tif"], r"s: .* both claim to be the truth"),
    ],
)
def test_a_bad_scene_costs_itself_only(tmp_path, files, words):
    for name in files:
        target = tmp_path / name
        target.parent.mkdir(exist_ok=True)
        Image.fromarray(RNG.integers(0, 256, (8, 10, 3), dtype=np.uint8)).save(target)
    for number in (1, 2):
        image(tmp_path / f"good{'/' if '/' in files[0] else '_'}{number}.png")
    good, bad = load(tmp_path).scenes
    assert (good.name, bad.name) == ("good", "s")
    assert good.shape == (8, 10, 3) and len(good.checksums()) == 2
    for ask in (lambda: bad.sources, bad.checksums):
        with pytest.raises(InputError, match=words):
            ask()


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


def stack(path, count=3):
    """A multi-page TIFF."""
    path.parent.mkdir(exist_ok=True)
    first, *others = (Image.fromarray(RNG.integers(0, 256, (8, 10), dtype=np.uint8)) for _ in range(count))
    first.save(path, save_all=True, append_images=others)


@pytest.mark.parametrize("place", ["fly/frames.tif", "fly.tif"])
def test_a_multi_page_tiff_is_a_scene(tmp_path, place):
    stack(tmp_path / place)
    truth = np.arange(80).reshape(8, 10) % 3
    write_levels(tmp_path / ("fly/truth_index.png" if "/" in place else "fly_truth_index.png"), truth)
    (scene,) = load(tmp_path).scenes
    assert (scene.name, scene.count, len(scene.sources), len(scene.checksums())) == ("fly", 3, 3, 1)
    assert np.array_equal(scene.truth().index_map, truth)


def test_a_broken_tiff_costs_its_scene_only(tmp_path):
    stack(tmp_path / "a" / "frames.tif")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "frames.tif").write_bytes((tmp_path / "a" / "frames.tif").read_bytes()[:30])
    a, b = load(tmp_path).scenes
    assert len(a.sources) == 3
    with pytest.raises(InputError, match=r"frames\.tif"):
        _ = b.sources


def test_what_is_left_out_is_named(tmp_path, caplog):
    for number in (1, 2):
        image(tmp_path / "scene" / f"{number}.png")
    Image.new("RGB", (10, 8)).save(tmp_path / "scene" / "3.webp")
    (tmp_path / "scene" / "4.heic").write_bytes(b"")
    (tmp_path / "scene" / "5.png").mkdir()
    (tmp_path / "scene" / "6.gif").symlink_to("nowhere.gif")
    (tmp_path / "scene" / "notes.txt").write_text("")
    (tmp_path / "scene" / ".7.png").write_text("")
    for name in ("__MACOSX", "@eaDir", "empty", ".hidden"):
        (tmp_path / name).mkdir()
    image(tmp_path / "@eaDir" / "1.png" / "thumb.png")
    (tmp_path / "index.html").write_text("")
    with caplog.at_level(logging.WARNING):
        dataset = load(tmp_path)
    assert [scene.name for scene in dataset.scenes] == ["scene"]
    named = ["3.webp", "4.heic", "5.png", "6.gif", "notes.txt", "__MACOSX", "@eaDir", "empty", "index.html"]
    assert len(dataset.left_out) == len(caplog.records) == len(named)
    for name in named:
        assert sum(name in line for line in dataset.left_out) == 1, name
        assert name in caplog.text
    assert any("a link that leads nowhere" in line for line in dataset.left_out)


def test_a_subfolder_that_may_not_be_read_costs_itself_only(tmp_path, monkeypatch):
    for scene in ("a", "b"):
        for number in (1, 2):
            image(tmp_path / scene / f"{number}.png")
    plain = Path.iterdir

    def iterdir(path):
        if path.name == "a":
            raise PermissionError(13, "Permission denied", str(path))
        return plain(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    dataset = load(tmp_path)
    assert [scene.name for scene in dataset.scenes] == ["b"]
    assert len(dataset.left_out) == 1 and "Permission denied" in dataset.left_out[0]


def test_what_is_left_out_of_numbered_files(tmp_path):
    for name in ("a_1", "a_2", "overview", "b_truth"):
        image(tmp_path / f"{name}.png")
    (tmp_path / "@eaDir").mkdir()
    dataset = load(tmp_path)
    assert [scene.name for scene in dataset.scenes] == ["a"]
    assert [line.split()[0] for line in dataset.left_out] == ["@eaDir", "overview.png", "b"]


def test_a_link_to_a_lost_source_is_not_left_out(tmp_path):
    """A stack of three must not become one of two."""
    for number in (1, 2):
        image(tmp_path / "scene" / f"{number}.png")
    (tmp_path / "scene" / "3.png").symlink_to("nowhere.png")
    (scene,) = load(tmp_path).scenes
    with pytest.raises(InputError, match=r"3\.png: the link leads nowhere"):
        _ = scene.sources


def views(count):
    """Sources of `count` scenes: a near and a far one each, float32, 40 x 50 x 3."""
    for _ in range(count):
        sharp = np.clip(gaussian_filter(RNG.random((40, 50, 3)), (4, 4, 0)) * 5 - 2, 0, 1)
        yield sharp, gaussian_filter(sharp, (2, 2, 0))


@pytest.mark.parametrize(
    ("near", "far"),
    [("near/{}.png", "far/{}.png"), ("A/lytro-{}-A.png", "B/lytro-{}-B.png"), ("1/img{}_1.png", "2/img{}_2.png")],
)
@pytest.mark.parametrize("count", [1, 2, 6])
def test_one_folder_per_kind_of_source_is_refused(tmp_path, near, far, count):
    for number, (first, second) in enumerate(views(count), start=1):
        write_image(tmp_path / near.format(number), first)
        write_image(tmp_path / far.format(number), second)
    kinds = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(
        InputError, match=f"{kinds[0]}.*{kinds[1]}.*one image each of the same views.*into one subfolder"
    ):
        load(tmp_path)


def test_scenes_with_images_of_equal_names_are_scenes(tmp_path):
    for number, (first, second) in enumerate(views(4), start=1):
        write_image(tmp_path / f"scene{number}" / "near.png", first)
        write_image(tmp_path / f"scene{number}" / "far.png", second)
    assert [scene.count for scene in load(tmp_path).scenes] == [2] * 4


def deep(path, levels):
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(levels).save(path)


@pytest.fixture
def twelve_bits(tmp_path):
    """Folder of one scene of 12-bit data in 16-bit files, with truth."""
    for name in ("1", "2", "truth"):
        levels = RNG.integers(0, 4096, (8, 10), dtype=np.uint16)
        levels[0, 0] = 4095
        deep(tmp_path / "scene" / f"{name}.png", levels)
    return tmp_path


def test_white_level(twelve_bits, caplog):
    (dark,) = load(twelve_bits).scenes
    assert max(image.max() for image in dark.sources) < 0.07
    assert "white_level = 4095 in dataset.toml" in caplog.text
    (twelve_bits / "dataset.toml").write_text("white_level = 4095\n")
    caplog.clear()
    dataset = load(twelve_bits)
    (scene,) = dataset.scenes
    assert caplog.text == "" and dataset.left_out == () and "4095" in dataset.note
    assert [image.max() for image in scene.sources] == [1, 1] and scene.truth().image.max() == 1
    levels = np.asarray(Image.open(scene.files()[0]))
    assert np.array_equal(scene.sources[0], (levels / 4095).astype(np.float32))
    assert not set(scene.checksums()) & set(dark.checksums())
    assert scene.truth_checksum() != dark.truth_checksum()


def test_white_level_of_eight_bit_files(tmp_path):
    for number in (1, 2):
        image(tmp_path / f"s_{number}.png")
    (tmp_path / "dataset.toml").write_text("white_level = 4095")
    with pytest.raises(InputError, match=r"s_1\.png has 8 bits"):
        _ = load(tmp_path).scenes[0].sources


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("white_level = 0", "white_level = 0; an integer from 255 to 65535"),
        ("white_level = true", "white_level = True"),
        ("white_level = nan", "white_level = nan"),
        ("white_level = '4095'", "white_level = '4095'"),
        ("whitelevel = 4095", "unknown key 'whitelevel'; did you mean white_level"),
        ("white_level", "cannot be read"),
    ],
)
def test_wrong_declarations(tmp_path, text, words):
    for number in (1, 2):
        image(tmp_path / f"s_{number}.png")
    (tmp_path / "dataset.toml").write_text(text)
    with pytest.raises(InputError, match=rf"dataset\.toml: {words}"):
        load(tmp_path)


def test_checksums_follow_the_contents(tmp_path):
    paths = [image(tmp_path / f"s_{number}.png") for number in (1, 2)]
    image(tmp_path / "s_truth.png")
    before = load(tmp_path).scenes[0]
    sums, truth = before.checksums(), before.truth_checksum()
    assert sums == load(tmp_path).scenes[0].checksums() and truth == load(tmp_path).scenes[0].truth_checksum()
    image(paths[1])
    changed = load(tmp_path).scenes[0]
    assert changed.checksums()[0] == sums[0] and changed.checksums()[1] != sums[1]
    assert changed.truth_checksum() == truth
    image(tmp_path / "s_truth.png")
    assert load(tmp_path).scenes[0].truth_checksum() != truth
    # The same pixels in another file are the same truth.
    picture = Image.open(tmp_path / "s_truth.png")
    known = load(tmp_path).scenes[0].truth_checksum()
    picture.save(tmp_path / "s_truth.tif")
    (tmp_path / "s_truth.png").unlink()
    assert load(tmp_path).scenes[0].truth_checksum() == known


def test_true_index_map_of_more_than_256_sources(tmp_path):
    for number in range(1, 301):
        write_levels(tmp_path / "s" / f"{number}.png", np.full((4, 5), number % 256, np.uint8))
    truth = np.full((4, 5), 299)
    write_levels(tmp_path / "s" / "truth_index.png", truth)
    (scene,) = load(tmp_path).scenes
    assert np.array_equal(scene.truth().index_map, truth)


def test_names_that_differ_in_case_or_zeros_keep_an_order(tmp_path):
    for name in ("a1", "A1", "a01", "a2"):
        image(tmp_path / "s" / f"{name}.png")
    orders = [[path.stem for path in load(tmp_path).scenes[0].files()] for _ in range(2)]
    assert orders[0] == orders[1] == ["A1", "a01", "a1", "a2"]
