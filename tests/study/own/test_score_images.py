"""Folders of images made elsewhere: names matched to scenes, the data set found by pixels, wrong images refused by name before scoring."""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

import scenes
from files.errors import InputError
from imaging.files import write_image
from study.own import beside, score_images
from study.store import Results
from study.tables import means_table
from tests.study.own.conftest import SCENES


@pytest.fixture
def folder(tmp_path):
    """Averages of the sources of both scenes, under names with a suffix."""
    place = tmp_path / "Mine"
    for name in SCENES:
        write_image(place / f"{name}_fused.png", np.mean(list(scenes.load("embedded").scene(name).sources), axis=0))
    return place


@pytest.fixture
def dataset(run):
    return beside.kept("embedded", run)


@pytest.mark.parametrize(
    ("files", "pattern"),
    [
        (["lytro_01", "lytro_11"], "{scene}"),
        (["1", "11"], "{number}"),
        (["lytro-01", "lytro-11"], "*{number}"),
        (["01_of_20x20", "11_of_20x20"], "{number}*"),
        (["lytro_01_fused", "lytro_11_fused"], "{scene}_*"),
    ],
)
def test_files_are_matched_by_name_or_number(tmp_path, files, pattern):
    for name in files:
        write_image(tmp_path / f"{name}.png", np.zeros((4, 4), np.float32))
    matching = score_images.matched(tmp_path, ["lytro_01", "lytro_11"])
    assert (matching.pattern, matching.extra) == (pattern, ())


def _empty(folder, *names):
    for name in names:
        (folder / name).touch()


def test_scenes_without_a_file_are_named_with_the_files_left_over(tmp_path):
    _empty(tmp_path, "lytro_01.png", "other.png")
    with pytest.raises(
        InputError, match=r"1 of 2 scenes .*no file for lytro_02; .*no scene: other\.png; name the files"
    ):
        score_images.matched(tmp_path, ["lytro_01", "lytro_02"])


@pytest.mark.parametrize("files", [("lytro_01.png", "lytro_01.jpg"), ("lytro_01_a.png", "lytro_01_b.png")])
def test_two_files_for_one_scene_are_named(tmp_path, files):
    _empty(tmp_path, *files, files[0].replace("01", "02"))
    with pytest.raises(InputError, match=rf"2 files for lytro_01 \({', '.join(map(re.escape, sorted(files)))}\)"):
        score_images.matched(tmp_path, ["lytro_01", "lytro_02"])


def test_files_of_other_scenes_of_the_data_set_are_no_extra_ones(tmp_path):
    _empty(tmp_path, "s_1.png", "s_2.png", "s_1_map.png")
    found = score_images.matched(tmp_path, ["s_1"], every=["s_1", "s_2"])
    assert [path.name for path in found.extra] == ["s_1_map.png"]


def test_extra_files_are_told_of(folder, dataset, caplog):
    _empty(folder, "montage.png")
    score_images.entries([folder], ["Mine"], dataset)
    assert "not scored, since they belong to no scene: montage.png" in caplog.text


@pytest.mark.parametrize(
    ("pattern", "words"),
    [("{scne}_x", r"unknown placeholder \{scne\}; \{scene\}, \{number\} and \*"), ("fused", r"needs \{scene\} or")],
)
def test_a_wrong_pattern_is_told_with_the_placeholders(tmp_path, pattern, words):
    _empty(tmp_path, "fused.png")
    with pytest.raises(InputError, match=words):
        score_images.matched(tmp_path, ["lytro_01"], pattern)


def test_the_data_set_is_found_by_the_images_whatever_is_wrong_with_one(folder, run):
    assert score_images.guessed(folder, run) == "embedded"
    (folder / "camera_fused.png").write_bytes((folder / "astronaut_fused.png").read_bytes())
    assert score_images.guessed(folder, run) == "embedded", "one image shows its scene"
    (folder / "astronaut_fused.png").unlink()
    words = r"show the scenes of no data set .*\(embedded, by which 1 files are named: .*camera_fused.*name one with --dataset"
    with pytest.raises(InputError, match=words):
        score_images.guessed(folder, run)


def test_gray_images_of_the_right_size_are_those_of_their_data_set(folder, run, monkeypatch):
    """Not of one whose scenes have the same names and another size, which comes behind it in the alphabet."""
    known = scenes.load("embedded")
    (folder / "camera_fused.png").unlink()
    gray = np.mean(list(known.scene("astronaut").sources), axis=(0, 3))
    write_image(folder / "astronaut_fused.png", gray.astype(np.float32))
    run.write_about(dataclasses.replace(run.read_about("embedded"), dataset="larger"))
    larger = dataclasses.replace(known, id="larger", scenes=tuple(map(_Larger, known.scenes)))
    monkeypatch.setattr(scenes, "load", lambda name: larger if name == "larger" else known)
    with pytest.raises(
        InputError, match=r"no data set .*\(embedded, by which 1 files are named: .* gray, the sources are .* colour"
    ):
        score_images.guessed(folder, run)


class _Larger:
    """A scene with more rows."""

    def __init__(self, scene):
        self.name = scene.name
        self.sources = [np.concatenate([image, image[:8]]) for image in scene.sources]

    def missing(self):
        return ""


def test_of_two_data_sets_with_the_same_scenes_the_nearer_or_lossless_one_is_chosen(folder, run, caplog, monkeypatch):
    about = run.read_about("embedded")
    run.write_about(dataclasses.replace(about, dataset="coded"))
    known = scenes.load("embedded")
    monkeypatch.setattr(scenes, "load", lambda name: dataclasses.replace(known, id=name))
    monkeypatch.setattr(score_images, "_is_jpeg", lambda name: name == "coded")
    caplog.set_level("INFO")
    assert score_images.guessed(folder, run) == "embedded"
    assert (
        "images of embedded, whose sources are lossless; coded has the same scenes: choose with --dataset coded"
        in caplog.text
    )
    monkeypatch.setattr(score_images, "_is_jpeg", lambda name: True)
    with pytest.raises(InputError, match="fit coded and embedded equally well; name one with --dataset"):
        score_images.guessed(folder, run)


def test_an_image_of_another_scene_is_refused_with_the_scene_it_shows(folder, dataset, tmp_path):
    coffee = scenes.load("embedded").scene("coffee").sources[0]
    height, width, _ = scenes.load("embedded").scene("astronaut").shape
    write_image(folder / "astronaut_fused.png", coffee[:height, :width])
    (entry,) = score_images.entries([folder], ["Mine"], dataset)
    results = Results((tmp_path / "own").as_posix())
    with pytest.raises(InputError, match=r"astronaut_fused\.png does not show scene astronaut"):
        score_images.score([entry], dataset, results)
    assert not Path(results.root).exists()


def test_images_are_ranked_among_the_kept_rows(folder, dataset, tmp_path, monkeypatch):
    monkeypatch.setattr(beside, "_draw", lambda *_: None)  # figures say nothing here
    entries = score_images.entries([folder], ["GACN"], dataset)
    assert (entries[0].name, entries[0].label) == ("gacn_images", "GACN (images)")
    results = Results((tmp_path / "own").as_posix())
    score_images.score(entries, dataset, results)
    table = means_table.read(results, "embedded", "table").set_index("method")
    assert table.loc["gacn_images", "q_mi_n"] == 2 and table.loc["gacn_images", "mean_rank"] > 1
    assert "| GACN (images) (this run) |" in Path(results.table("table.md", "embedded")).read_text()


@pytest.mark.parametrize("labels", [["One"], ["Same", "Same"], ["", "Other"]])
def test_every_folder_needs_a_label_of_its_own(folder, dataset, labels):
    with pytest.raises(InputError, match="--labels"):
        score_images.entries([folder, folder], labels, dataset)


def test_a_folder_without_images(tmp_path):
    with pytest.raises(InputError, match="holds no PNG"):
        score_images.files(tmp_path)
    with pytest.raises(InputError, match="nosuch: this folder does not exist"):
        score_images.files(tmp_path / "nosuch")
