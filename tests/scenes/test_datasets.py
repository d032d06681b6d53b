"""Data sets of the catalogue: their scenes, order, truth, and what happens when a file is missing or broken."""

import os
import shutil

import numpy as np
import pytest

import scenes
from files import catalogue, fetch
from files.errors import InputError, Unavailable
from imaging.levels import to_levels
from scenes import _wave

COUNTS = {
    "lytro": (20, {2}),
    "lytro_jpg": (20, {2}),
    "lytro_triple": (4, {3}),
    "gacn_extra": (6, {2}),
    "grayscale": (10, {2}),
    "mffw": (13, {2}),
    "mffw3": (4, {3, 6}),
    "mfi_whu": (30, {2}),
    "synth_wave": (15, {2}),
    "v4": (1, {65}),
}


def test_ids_are_the_fixed_ones():
    assert set(scenes.ids()) == {"embedded", *COUNTS}


@pytest.mark.parametrize("dataset_id", COUNTS)
def test_scenes_of_a_data_set(dataset_id):
    dataset = scenes.load(dataset_id)
    count, sources = COUNTS[dataset_id]
    assert dataset.id == dataset_id
    assert len(dataset.scenes) == count
    assert {scene.count for scene in dataset.scenes} == sources
    names = [scene.name for scene in dataset.scenes]
    assert len(set(names)) == count and names == sorted(names)
    assert all(len(scene.checksums()) == scene.count for scene in dataset.scenes)
    assert dataset.label and dataset.citation and dataset.licence and dataset.pixels


@pytest.mark.parametrize("dataset_id", COUNTS)
def test_files_of_a_data_set_are_images_of_one_size(dataset_id, mirror):
    dataset = scenes.load(dataset_id)
    assert scenes.availability(dataset_id) == ""
    for scene in dataset.scenes:
        assert len(scene.sources) == scene.count
        assert scene.shape[2] in (1, 3)
    first = dataset.scenes[0]
    assert first.sources[0].dtype == np.float32
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
    assert "1 of 12" in scenes.availability("lytro_triple") or rows[1].key in scenes.availability("lytro_triple")
    first, second, *_ = scenes.load("lytro_triple").scenes
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
    from scenes import _catalogue

    assert _catalogue.build(mirror, tmp_path / "catalogue.csv") == sum(
        len(catalogue.rows(name)) for name in catalogue.collections()
    )
    assert (tmp_path / "catalogue.csv").read_bytes() == catalogue.FILE.read_bytes()
    with pytest.raises(InputError, match=r"manifest\.csv"):
        _catalogue.build(tmp_path / "nowhere", tmp_path / "catalogue.csv")
