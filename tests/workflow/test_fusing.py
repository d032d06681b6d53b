"""Fusing a data set: what is finished is kept, what fails is told, budgets are said out loud."""

import numpy as np
import pytest

from imaging.files import write_image
from study import records
from study.config import Entry
from study.run.fuse_set import fuse_set, fuse_set_apart
from study.run.score_set import score_set
from study.run.sources import collect

AVERAGE = Entry("average", "average", "Average")


@pytest.fixture
def folder(tmp_path, pair):
    root = tmp_path / "set of mine"
    for name in ("a", "b"):
        for number, image in enumerate(pair, start=1):
            write_image(root / name / f"{number}.png", image)
    return root


@pytest.fixture
def described(folder):
    return collect("mine", folder)


def test_sources_are_described(described):
    assert described["status"] == "ok"
    scene = described["scenes"][0]
    assert (scene["name"], scene["height"], scene["width"], scene["count"]) == ("a", 64, 80, 2)
    assert len(scene["checksums"]) == 2


def test_a_finished_scene_is_kept_and_a_changed_one_made_again(folder, described, tmp_path):
    output = tmp_path / "fused"
    first = fuse_set(AVERAGE, described, output, folder=folder, code="1")
    assert [r["status"] for r in first] == ["ok", "ok"]
    stamp = (output / "a.png").stat().st_mtime_ns
    assert fuse_set(AVERAGE, described, output, folder=folder, code="1") == first
    assert (output / "a.png").stat().st_mtime_ns == stamp
    (output / "a.png").write_bytes(b"cut off")
    assert fuse_set(AVERAGE, described, output, folder=folder, code="1") == first
    fuse_set(AVERAGE, described, output, folder=folder, code="2")
    assert (output / "a.png").stat().st_mtime_ns != stamp


def test_a_full_disk_costs_one_scene(folder, described, tmp_path, monkeypatch):
    from study.run import fuse_set as fusing

    def write(path, image):
        if path.name == "a.png":
            raise OSError(28, "No space left on device")
        write_image(path, image)

    monkeypatch.setattr(fusing, "write_image", write)
    rows = fuse_set(AVERAGE, described, tmp_path / "fused", folder=folder)
    assert [r["status"] for r in rows] == ["failed", "ok"]
    assert "No space left" in rows[0]["reason"]
    assert not list((tmp_path / "fused").glob("a.*"))


def test_a_method_over_the_budget_is_left_out_with_the_forecast(folder, described, tmp_path):
    rows = fuse_set(AVERAGE, described, tmp_path / "fused", folder=folder, budget=1e-6)
    assert [r["status"] for r in rows] == ["unavailable"]
    assert "budget" in rows[0]["reason"]


def test_a_process_that_dies_leaves_failed_rows(folder, described, tmp_path, monkeypatch):
    import os

    from study.run import fuse_set as fusing

    monkeypatch.setattr(fusing, "_fuse", lambda *_: os._exit(9))
    rows = fuse_set_apart(AVERAGE, described, tmp_path / "fused", folder=folder)
    assert [r["status"] for r in rows] == ["failed", "failed"]
    assert "killed" in rows[0]["reason"]


def test_an_unavailable_data_set_is_no_error():
    described = {"dataset": "x", "status": "unavailable", "reason": "no network", "scenes": []}
    rows = fuse_set(AVERAGE, described, "nowhere")
    assert [r["status"] for r in rows] == ["unavailable"]
    assert "no network" in rows[0]["reason"]


def test_scores_tell_a_changed_image(folder, described, tmp_path):
    output = tmp_path / "fused"
    statuses = fuse_set(AVERAGE, described, output, folder=folder)
    write_image(output / "a.png", np.zeros((64, 80, 3), np.float32))
    rows = score_set(statuses, described, ["q_mi"], output, folder=folder)
    assert [r["status"] for r in rows] == ["failed", "ok"]
    assert "delete" in rows[0]["reason"]


def test_scores_are_the_same_from_the_store(folder, described, tmp_path):
    output = tmp_path / "fused"
    statuses = fuse_set(AVERAGE, described, output, folder=folder)
    metrics = ["q_mi", "q_p", "wrong_pixels"]
    fresh = score_set(statuses, described, metrics, output, folder=folder)
    store = tmp_path / "store"
    assert score_set(statuses, described, metrics, output, folder=folder, store=store) == fresh
    assert score_set(statuses, described, metrics, output, folder=folder, store=store) == fresh
    assert list(store.rglob("*.npy"))
    assert {r["status"] for r in fresh if r["metric"] == "wrong_pixels"} == {"not_applicable"}


def test_records_survive_a_round_trip(tmp_path):
    rows = [
        dict.fromkeys(records.SCORES, "") | {"dataset": "d", "value": repr(0.1 + 0.2), "reason": 'a "quoted", text'}
    ]
    records.write_csv(tmp_path / "x.csv", records.SCORES, rows)
    assert records.read_csv(tmp_path / "x.csv") == rows
