"""What is known of a data set before anything is fused."""

import itertools

import numpy as np

from imaging.files import write_image
from study.run.sources import collect, fingerprint, load


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


def test_a_fingerprint_notices_every_change_of_a_folder(folder):
    prints = [fingerprint(str(folder))]
    write_image(folder / "a" / "2.png", np.zeros((64, 80, 3), np.float32))
    prints.append(fingerprint(str(folder)))
    (folder / "b").rename(folder / "c")
    prints.append(fingerprint(str(folder)))
    (folder / "c" / "1.png").unlink()
    prints.append(fingerprint(str(folder)))
    assert all(a != b for a, b in itertools.pairwise(prints))
    assert fingerprint("") == []
