"""Data sets of the catalogue: their scenes, order, truth, and what happens when a file is missing or broken."""

import os
import shutil

import numpy as np
import pytest

import scenes
from files import catalogue, fetch
from files.errors import InputError, Unavailable
from imaging.levels import to_levels
from scenes import _catalogue, _wave
from scenes._folder import natural

COUNTS = {
    "lytro": (20, {2}),
    "lytro_jpg": (20, {2}),
    "lytro_triple": (4, {3}),
    "gacn_extra": (6, {2}),
    "grayscale": (10, {2}),
    "mffw": (13, {2}),
    "mffw3": (4, {3, 6}),
    "mfi_whu": (120, {2}),
    "nyu_d": (68, {2}),
    "synth_wave": (15, {2}),
    "real_mff": (71, {2}),
    "ma_mfif": (60, {2}),
    "whu_mfm": (30, {5}),
    "v4": (1, {65}),
    "openfocus_example": (1, {32}),
    "focal_sweeps": (17, {34, 39, 41, 42, 45, 49, 18, 19, 21, 22, 23, 25, 26, 27, 30}),
    "hci_stacks": (3, {30}),
    "shinestacker": (3, {4, 6, 9}),
    "focus_stack_example": (2, {7, 10}),
}

#: How many scenes the mirror of original images has, of a data set that it has in part.
PARTS = {
    "mfi_whu": 60,
    "nyu_d": 20,
    "real_mff": 1,
    "ma_mfif": 8,
    "whu_mfm": 1,
    "focal_sweeps": 2,
    "hci_stacks": 0,
    "shinestacker": 0,
    "focus_stack_example": 0,
}


def test_ids_are_the_fixed_ones():
    assert set(scenes.ids()) == {*scenes.rendered_ids(), *COUNTS}


@pytest.mark.parametrize("dataset_id", COUNTS)
def test_scenes_of_a_data_set(dataset_id):
    dataset = scenes.load(dataset_id)
    count, sources = COUNTS[dataset_id]
    assert dataset.id == dataset_id
    assert len(dataset.scenes) == count
    assert {scene.count for scene in dataset.scenes} == sources
    names = [scene.name for scene in dataset.scenes]
    assert len(set(names)) == count and names == sorted(names, key=natural)
    assert all(len(scene.checksums()) == scene.count for scene in dataset.scenes)
    assert dataset.label and dataset.citation and dataset.licence and dataset.pixels


@pytest.mark.parametrize("dataset_id", COUNTS)
def test_files_of_a_data_set_are_images_of_one_size(dataset_id, mirror):
    dataset = scenes.load(dataset_id)
    here = [scene for scene in dataset.scenes if not scene.missing()]
    assert len(here) == PARTS.get(dataset_id, len(dataset.scenes))
    assert (scenes.availability(dataset_id) == "") == bool(here)
    for scene in here:
        assert len(scene.sources) == scene.count
        assert scene.shape[2] in (1, 3)
    for first in here[:1]:
        assert first.sources[0].dtype == np.float32
        if dataset_id != "whu_mfm":
            assert first.checksums()[0] == fetch.sha256(first.sources.paths[0])


def test_v4_is_in_focus_order():
    """The numbers of the mirror's description: V017 is first, V001 seventeenth, V047 second, V002 forty-seventh."""
    rows = {row.index: row.path[-8:] for row in catalogue.rows("v4")}
    assert [rows[k] for k in (1, 2, 3, 16, 17, 18, 46, 47, 48, 65)] == [
        f"V{number:03}.jpg" for number in (17, 47, 3, 16, 1, 18, 46, 2, 48, 65)
    ]


def test_v4_sources_follow_the_order(mirror):
    names = [path.name for path in scenes.load("v4").scenes[0].sources.paths]
    assert names[:3] == ["V017.jpg", "V047.jpg", "V003.jpg"] and names[16] == "V001.jpg" and names[46] == "V002.jpg"


def test_wave_formula_gives_the_sources_exactly(mirror):
    for scene in scenes.load("synth_wave").scenes:
        truth = scene.truth()
        for number, (made, source) in enumerate(zip(_wave.pair(truth.image), scene.sources, strict=True)):
            assert np.array_equal(to_levels(made), to_levels(source)), f"{scene.name}, source {number + 1}"


def test_wave_truth_points_at_the_sharp_source(mirror):
    scene = scenes.load("synth_wave").scene("synth_wave_03")
    truth = scene.truth()
    chosen = np.choose(truth.index_map, list(scene.sources))
    assert np.array_equal(chosen, truth.image)
    assert truth.index_map[0, 0] == 1 and truth.index_map[0, -1] == 0


def test_data_set_without_truth():
    scene = scenes.load("lytro").scenes[0]
    assert not scene.has_truth and scene.truth() is None


def test_unknown_names():
    with pytest.raises(InputError, match="unknown data set 'lytros'; did you mean lytro"):
        scenes.load("lytros")
    with pytest.raises(InputError, match="did you mean lytro"):
        scenes.availability("lytor")
    with pytest.raises(InputError, match="did you mean lytro_"):
        scenes.load("lytro").scene("lytro_1")


@pytest.fixture
def partial_mirror(mirror, tmp_path, monkeypatch):
    """A mirror of lytro_triple alone, in copies that a test may harm; no network."""
    for row in catalogue.rows("lytro_triple"):
        target = tmp_path / "mirror" / row.location
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(mirror / row.location, target)
    monkeypatch.setenv("FOCUSBENCH_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")
    return tmp_path / "mirror"


def test_missing_file_concerns_its_scene_only(partial_mirror):
    rows = catalogue.rows("lytro_triple")
    os.unlink(partial_mirror / rows[1].location)
    first, second, *_ = scenes.load("lytro_triple").scenes
    assert scenes.availability("lytro_triple") == "" == second.missing()
    assert rows[1].key in first.missing()
    with pytest.raises(Unavailable, match="python -m scenes fetch lytro_triple"):
        _ = first.sources
    assert len(second.sources) == 3


def test_wrong_file_concerns_its_scene_only(partial_mirror):
    row = catalogue.rows("lytro_triple")[4]
    (partial_mirror / row.location).write_bytes(b"broken")
    first, second, third, _ = scenes.load("lytro_triple").scenes
    with pytest.raises(fetch.ChecksumError, match="lytro-02-B"):
        _ = second.sources
    assert first.shape == third.shape == (520, 520, 3)


def test_unavailable_without_mirror_and_network(tmp_path, monkeypatch):
    monkeypatch.setenv("FOCUSBENCH_MIRROR", "")
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path))
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")
    assert "python -m scenes fetch v4" in scenes.availability("v4")
    assert scenes.availability("embedded") == ""


def test_catalogue_is_built_from_the_manifests(mirror, tmp_path):
    assert _catalogue.build(mirror, tmp_path / "catalogue.csv") == sum(
        len(catalogue.rows(name)) for name in catalogue.collections()
    )
    assert (tmp_path / "catalogue.csv").read_bytes() == catalogue.FILE.read_bytes()
    with pytest.raises(InputError, match=r"manifest\.csv"):
        _catalogue.build(tmp_path / "nowhere", tmp_path / "catalogue.csv")


def test_the_first_scenes_of_mfi_whu_keep_their_names():
    """By the numbers of the mirror's description; every scene has its all-in-focus image."""
    rows = catalogue.rows("mfi_whu")
    truths = {row.scene: row.path for row in rows if row.role == "ground_truth"}
    assert len(truths) == 120 and len(set(truths.values())) == 120
    numbers = {"mfi_whu_01": 1, "mfi_whu_02": 11, "mfi_whu_30": 9, "mfi_whu_31": 2, "mfi_whu_120": 119}
    assert {scene: truths[scene].rsplit("/", 1)[1] for scene in numbers} == {
        scene: f"{number}.jpg" for scene, number in numbers.items()
    }
    assert _catalogue.whu_scene(2) == "mfi_whu_31"


def test_nyu_d_has_no_degenerate_pairs():
    numbers = {int(row.scene.rsplit("_", 1)[1]) for row in catalogue.rows("nyu_d")}
    assert not numbers & _catalogue.NYU_DEGENERATE and {1, 66} <= numbers


@pytest.mark.parametrize(("dataset_id", "name"), [("mfi_whu", "mfi_whu_01"), ("nyu_d", "nyu_d_001")])
def test_truth_by_differences(dataset_id, name, mirror):
    """The source that the truth names is nearer to the all-in-focus image than the other, and than both mixed."""
    scene = scenes.load(dataset_id).scene(name)
    truth = scene.truth()
    first, second = (np.asarray(image, dtype=np.float64) for image in scene.sources)
    chosen = np.where(truth.index_map[..., None] == 0, first, second)
    other = np.where(truth.index_map[..., None] == 1, first, second)

    def psnr(image):
        return -10 * np.log10(np.mean((image - truth.image)[truth.decided] ** 2))

    assert 0.5 < truth.decided.mean() < 1
    assert psnr(chosen) > 40 and psnr(chosen) > psnr((first + second) / 2) + 8 > psnr(other) + 8


def test_whu_mfm_is_in_the_levels_and_the_view_of_its_truth(mirror):
    scene = scenes.load("whu_mfm").scene("whu_mfm_21")
    truth = scene.truth()
    assert not scene.aligned and scene.truth_in_middle and scene.sources.bits == 8
    errors = [np.mean((image - truth.image) ** 2) for image in scene.sources]
    assert np.argmin(errors) == scene.count // 2
    # The authors' frames are 16 bits deep, and their truth is the upper byte of what they rendered.
    assert len(scene.checksums()) == 5 and scene.checksums() == [
        row.sha256 for row in catalogue.rows("whu_mfm") if row.scene == scene.name and row.role == "source"
    ]


def test_points_of_a_pair(mirror):
    scene = scenes.load("ma_mfif").scene("ma_mfif_v1_003")
    points = scene.points()
    assert points.shape == (2, 6, 2) and points.min() >= 0 and (points <= (639, 359)).all()
    assert scenes.load("lytro").scenes[0].points() is None
