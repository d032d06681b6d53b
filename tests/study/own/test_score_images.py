"""Folders of images made elsewhere: names matched to scenes, the data set found by pixels, wrong images refused by name before scoring."""

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
    assert score_images.pattern_for(tmp_path, ["lytro_01", "lytro_11"]) == pattern


def test_scenes_without_a_file_are_named_with_the_files_left_over(tmp_path):
    for name in ("lytro_01", "other"):
        write_image(tmp_path / f"{name}.png", np.zeros((4, 4), np.float32))
    with pytest.raises(InputError, match=r"1 of 2 scenes \(lytro_02\).*fit no scene: other\.png; name the files"):
        score_images.pattern_for(tmp_path, ["lytro_01", "lytro_02"])


def test_the_data_set_is_found_by_the_images(folder, run):
    assert score_images.guessed(folder, run) == "embedded"
    swapped = {name: folder / f"{name}_fused.png" for name in SCENES}
    swapped["camera"].write_bytes(swapped["astronaut"].read_bytes())
    with pytest.raises(InputError, match=r"fit no data set .* \(embedded: .*camera_fused.*name one with --dataset"):
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
