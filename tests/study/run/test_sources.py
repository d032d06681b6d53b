"""What is known of a data set before anything is fused."""

import dataclasses
import itertools
import os
import shutil

import cv2
import numpy as np
import pytest

import scenes
from files import catalogue
from imaging.files import write_image
from study.run.sources import collect, fingerprint, load
from study.store import Results


def test_every_scene_is_described(facts):
    assert (facts.status, facts.reason, facts.attempt) == ("ok", "", 1)
    scene = facts.scene("a")
    assert (scene.height, scene.width, scene.count, scene.colour, scene.truth) == (64, 80, 2, True, False)
    assert len(scene.checksums) == 2 and scene.truth_checksum == ""
    assert [s.name for s in load(facts).scenes] == ["a", "b"]


def test_a_changed_truth_changes_what_is_known(folder):
    write_image(folder / "a" / "truth.png", np.full((64, 80, 3), 0.5, np.float32))
    first = collect("mine", str(folder)).scene("a")
    write_image(folder / "a" / "truth.png", np.full((64, 80, 3), 0.6, np.float32))
    second = collect("mine", str(folder)).scene("a")
    assert first.truth and second.truth
    assert first.truth_checksum != second.truth_checksum
    assert first.checksums == second.checksums


def test_a_damaged_scene_costs_itself_only(folder):
    (folder / "a" / "1.png").write_bytes(b"no picture")
    facts = collect("mine", str(folder))
    assert facts.status == "ok"
    assert [scene.status for scene in facts.scenes] == ["failed", "ok"]
    assert "1.png" in facts.scene("a").reason


def test_a_folder_that_is_not_there_is_described(tmp_path):
    facts = collect("mine", str(tmp_path / "nowhere"), attempt=3)
    assert facts.status == "failed" and "nowhere" in facts.reason
    assert (facts.attempt, facts.scenes) == (3, ())


def test_missing_files_are_unavailable_with_the_command_that_fetches_them(tmp_path, monkeypatch):
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path))
    monkeypatch.delenv("FOCUSBENCH_MIRROR", raising=False)
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")
    facts = collect("lytro")
    assert facts.status == "unavailable"
    assert "python -m scenes fetch lytro" in facts.reason


def test_a_data_set_of_which_some_scenes_can_be_had_runs_with_these(mirror, tmp_path, monkeypatch):
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path))
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")
    facts = collect("ma_mfif")
    assert facts.status == "ok" and len(facts.usable) == 8
    assert {scene.status for scene in facts.scenes} == {"ok", "unavailable"}
    assert facts.remarks[0].startswith("52 of 60 scenes are not available here: ma_mfif/")


def _swap(first, second):
    first.rename(first.with_name("between"))
    second.rename(first)
    first.with_name("between").rename(second)


def test_a_fingerprint_notices_every_change_of_a_folder(folder, tmp_path):
    for path in folder.rglob("*.png"):
        # Files of one size and time, as of bitmaps out of an archive.
        path.write_bytes(path.read_bytes().ljust(40000, b"\0"))
        os.utime(path, (1e9, 1e9))
    prints = [fingerprint("mine", str(folder))]
    _swap(folder / "b" / "1.png", folder / "b" / "2.png")
    prints.append(fingerprint("mine", str(folder)))
    (folder / "b" / "3.png").symlink_to(tmp_path / "later.png")
    prints.append(fingerprint("mine", str(folder)))
    write_image(tmp_path / "later.png", np.zeros((64, 80, 3), np.float32))
    prints.append(fingerprint("mine", str(folder)))
    (folder / "b" / "3.png").unlink()
    elsewhere = tmp_path / "elsewhere"
    (folder / "a").rename(elsewhere)
    (folder / "a").symlink_to(elsewhere)
    prints.append(fingerprint("mine", str(folder)))
    write_image(folder / "a" / "2.png", np.zeros((64, 80, 3), np.float32))
    prints.append(fingerprint("mine", str(folder)))
    (folder / "b").rename(folder / "c")
    prints.append(fingerprint("mine", str(folder)))
    (folder / "c" / "1.png").unlink()
    prints.append(fingerprint("mine", str(folder)))
    assert all(a != b for a, b in itertools.pairwise(prints))
    assert fingerprint("mine", str(tmp_path / "nowhere")) == []


def test_what_a_user_should_know_of_a_folder_is_kept(folder, pair):
    (folder / "@eaDir").mkdir()
    (folder / "a" / "notes.txt").write_text("x")
    write_image(folder / "b" / "3.png", pair[0])
    cv2.imwrite(str(folder / "a" / "3.png"), np.random.default_rng(1).integers(0, 4096, (64, 80, 3)).astype(np.uint16))
    remarks = "\n".join(collect("mine", str(folder)).remarks)
    for words in ("@eaDir", "a/notes.txt", "b/1.png and b/3.png hold equal pictures", "a/3.png: the largest value is"):
        assert words in remarks
    assert str(folder) not in remarks
    assert collect("embedded").remarks == ()


def test_an_unusable_name_costs_its_scene_only(folder):
    (folder / "a").rename(folder / "a.map")
    shutil.copytree(folder / "b", folder / "B")
    os.rename(folder / "a.map", os.fsencode(folder) + b"/\xff")
    facts = collect("mine", str(folder))
    states = [scene.status for scene in facts.scenes]
    assert facts.status == "ok" and sorted(states) == ["failed", "failed", "ok"]
    Results(str(folder / "results")).write_sources(facts)
    assert Results(str(folder / "results")).read_sources("mine") == facts


def test_a_fingerprint_notices_a_change_of_the_catalogue(monkeypatch):
    before = fingerprint("lytro", "")
    assert fingerprint("lytro", "") == before != fingerprint("lytro_triple", "")
    rows = list(catalogue.rows("lytro"))
    changed = dataclasses.replace(rows[0], sha256="0" * 64)
    monkeypatch.setattr(catalogue, "rows", lambda collection: [changed, *rows[1:]])
    assert fingerprint("lytro", "") != before


@pytest.mark.parametrize("dataset", ["embedded_stacks", "synth_wave"])
def test_a_fingerprint_notices_changed_code_of_scenes(dataset, monkeypatch):
    before = fingerprint(dataset, "")
    monkeypatch.setattr(scenes, "identity", lambda dataset_id: "other code")
    assert fingerprint(dataset, "") != before


def test_what_is_in_files_needs_no_code():
    assert scenes.identity("lytro") == "" != scenes.identity("synth_wave") != scenes.identity("embedded")


def test_only_the_wanted_scenes_are_described(folder):
    facts = collect("mine", str(folder), wanted=["b"])
    assert [scene.name for scene in facts.scenes] == ["b"]
    assert "1 of 2 scenes, as the configuration wants" in facts.remarks
