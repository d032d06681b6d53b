"""The truth of a data set of the catalogue follows from its rows and its declaration; it needs no code."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

import scenes
from files import catalogue, fetch
from imaging.files import read_image, write_image
from imaging.truth import Truth
from scenes import _wave


@pytest.fixture
def declare(monkeypatch, tmp_path):
    """Adds a data set ``new`` with one pair and its all-in-focus image to the catalogue; facts as in datasets.toml."""
    rng = np.random.default_rng(4)
    template = catalogue.rows("synth_wave")[0]
    rows = []
    for role, index in (("source", 1), ("source", 2), ("ground_truth", 0)):
        path = tmp_path / "owner" / "repo" / "commit" / f"{role}_{index}.png"
        write_image(path, rng.random((14, 21)))
        place = {"owner": "owner", "repo": "repo", "commit": "commit", "path": path.name}
        rows.append(
            replace(template, collection="new", scene="one", role=role, index=index, **place, sha256=fetch.sha256(path))
        )
    monkeypatch.setenv("FOCUSBENCH_MIRROR", str(tmp_path))
    monkeypatch.setattr(catalogue, "rows", lambda collection: tuple(rows))

    def run(**more):
        facts = {"label": "New", "citation": "x", "licence": "x", "pixels": "x", "aligned": True, "note": ""}
        monkeypatch.setattr(scenes, "_metadata", lambda: {"new": facts | more})
        return scenes.load("new").scene("one"), tmp_path / rows[2].location

    return run


def test_all_in_focus_images_need_no_declaration(declare):
    scene, file = declare()
    truth = scene.truth()
    assert scene.has_truth and scene.count == len(scene.sources) == 2
    assert np.array_equal(truth.image, read_image(file)) and truth.index_map is None


def test_an_index_map_is_declared(declare):
    scene, file = declare(truth={"recipe": "wave"})
    truth = scene.truth()
    assert np.array_equal(truth.image, read_image(file))
    assert np.array_equal(truth.index_map, _wave.left_region(14, 21)) and truth.index_map.dtype == np.uint8


def test_export_of_a_scene_with_a_true_image_only(declare, tmp_path, capsys):
    from files import command
    from scenes.__main__ import _parser

    declare()
    assert command.run(_parser(), ["export", "new", "-o", str(tmp_path / "export")]) == 0
    assert sorted(path.name for path in (tmp_path / "export" / "one").iterdir()) == [
        "source_1.png",
        "source_2.png",
        "truth.png",
    ]


def test_truth_checksum(declare):
    scene, _ = declare()
    mapped, _ = declare(truth={"recipe": "wave"})
    assert len(scene.truth_checksum()) == len(hashlib.sha256().hexdigest())
    assert scene.truth_checksum() != mapped.truth_checksum()
    assert scene.truth_checksum() == declare()[0].truth_checksum()


def test_checksum_is_of_values():
    image = np.linspace(0, 1, 6, dtype=np.float32).reshape(2, 3)
    index = np.arange(6).reshape(2, 3)
    truth = Truth(image, index)
    assert truth.checksum() == Truth(image.copy(), index.astype(np.uint8)).checksum()
    others = [
        Truth(image),
        Truth(None, index),
        Truth(image.T, index.T),
        Truth(image + np.float32(1e-6), index),
        Truth(image, index[::-1]),
    ]
    assert len({truth.checksum(), *(other.checksum() for other in others)}) == 6


def test_without_truth():
    assert scenes.load("lytro").scenes[0].truth_checksum() == ""
