"""The report's viewer: its images, maps and scores, and how they are made to fit."""

import base64
import io
import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import scenes
from files.errors import Unavailable
from study.report import viewer
from study.store import Results, SceneFacts


def _image(coded):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(coded))).convert("RGB"))


def _views(run, results=None):
    results = results or run.results
    entries = list(run.settings.entries.values())
    return viewer.views(results, run.results.read_sources("mine"), entries, run.results.read_tidy("mine"))


def test_every_method_and_score_of_a_scene_is_there(run):
    found = _views(run)
    assert [view.name for view in found] == ["a", "b", "c"]
    for view in found:
        assert [p.key for p in view.pictures] == ["source_1", "source_2", "average", "gff", "focus_stack"]
        assert (view.height, view.width) == (60, 80)
        assert view.scores["q_mi"] == {"average": 0.5, "gff": 0.8, "focus_stack": 0.75}
    assert found[2].scores["q_cv"] == {"average": 9.0}


def test_images_are_near_their_originals_and_maps_are_equal(page, run, read):
    pictures = {p["key"]: p for p in read(page).blocks["scene-1"]["pictures"]}
    original = np.asarray(Image.open(run.results.image("mine", "gff", "b"))).astype(float)
    assert np.abs(_image(pictures["gff"]["image"]) - original).mean() < 5
    original = np.asarray(Image.open(run.results.map("mine", "gff", "b")))
    assert np.array_equal(_image(pictures["gff"]["map"])[..., 0], original)
    # The first source is black in this index map of two sources: it was taken on the right.
    assert np.array_equal(_image(pictures["focus_stack"]["map"])[..., 0], 255 - original)
    assert "map" not in pictures["average"]


def test_the_truth_can_be_compared_where_there_is_one():
    scene = scenes.load("embedded").scenes[0]
    try:
        height, width = scene.shape[:2]
    except Unavailable as error:
        pytest.skip(str(error))
    facts = SceneFacts(scene.name, height=height, width=width, count=scene.count, truth=True)
    pictures = viewer.originals(scene, facts)
    assert [p.key for p in pictures] == ["source_1", "source_2", "truth"]
    assert pictures[-1].read().shape[:2] == (height, width)


def test_quality_falls_before_scenes_are_left_out():
    rng = np.random.default_rng(0)
    levels = (rng.random((64, 64, 3)) * 255).astype(np.uint8)
    picture = viewer.Picture("m", "M", "spatial", lambda: levels)
    views = [viewer.View("d", str(k), 64, 64, (picture,) * 3) for k in range(4)]
    whole = viewer.embed(views, 1e9)
    assert (whole.quality, list(whole.left_out), whole.exact) == (viewer.QUALITIES[0], [], 1)
    assert 0 < whole.deviation <= whole.worst
    size = 4 * len(whole.blocks[-1][1])
    half = viewer.embed(views, size * 0.8)
    assert viewer.QUALITIES[-1] < half.quality < whole.quality and not half.left_out
    little = viewer.embed(views, size * 0.25)
    assert (little.quality, little.exact) == (viewer.QUALITIES[-1], 0)
    assert [v.name for v, _ in little.blocks] + [v.name for v in little.left_out] == ["0", "1", "2", "3"]
    assert little.blocks and little.left_out
    assert sum(len(document) for _, document in little.blocks) <= size * 0.25


@pytest.mark.parametrize("copies", [True, False])
def test_an_exact_image_is_what_its_parts_give(copies):
    rng = np.random.default_rng(1)
    originals = [rng.integers(0, 256, (40, 50, 3)).astype(np.uint8) for _ in range(3)]
    image = np.where(np.arange(50)[None, :, None] < 20, originals[2], originals[0])
    image[5, 5] = (255, 0, 3)
    if not copies:
        image = rng.integers(0, 256, (40, 50, 3)).astype(np.uint8)
    found = {
        name: np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
        for name, data in viewer.coded(image, originals).items()
    }
    assert ("residual" in found) == copies
    if copies:
        nearest = found["nearest"][..., 0] if found["nearest"].ndim == 3 else found["nearest"]
        rows, columns = np.indices(nearest.shape)
        taken = np.stack(originals)[nearest, rows, columns].astype(int)
        found["image"] = (found["residual"].astype(int) + taken + 128) % 256
    assert np.array_equal(found["image"], image)


def test_deleted_images_are_not_shown(run, tmp_path):
    shutil.copytree(run.results.root, tmp_path / "results")
    results = Results(str(tmp_path / "results"))
    results.image("mine", "average", "a").unlink()
    results.map("mine", "gff", "a").unlink()
    pictures = {p.key: p for p in _views(run, results)[0].pictures}
    assert "average" not in pictures and pictures["gff"].read_map is None


def test_sources_that_are_gone_are_not_shown(run, tmp_path):
    folder = tmp_path / "my scenes"
    shutil.copytree(run.raw["folders"]["mine"], folder)
    scene = scenes.load("mine", folder=folder).scenes[0]
    shutil.rmtree(folder)
    assert viewer.originals(scene, SceneFacts("a", height=60, width=80, count=2)) == []


def test_a_data_set_that_is_gone_is_not_shown(run, tmp_path):
    facts = run.results.read_sources("mine")
    for gone in (replace(facts, status="unavailable"), replace(facts, folder=str(tmp_path / "gone"))):
        assert viewer.views(run.results, gone, [], run.results.read_tidy("mine")) == []


def test_data_cannot_end_the_script_element():
    assert "<" not in viewer.script_json({"name": "</script>"})
