"""Fusing a data set: what is finished is kept; however a method ends, it costs the scene it was at."""

import dataclasses
import faulthandler
import os
import signal
import time

import numpy as np
import pytest

import methods
from imaging.files import write_image
from study.entries import Entry
from study.run import fuse_set as fusing
from study.run.fuse_set import Task, fuse_set, limit_of
from study.run.sources import collect
from study.store import DatasetFacts, Results, SceneFacts

AVERAGE = Entry("average", "average", "Average")


@pytest.fixture
def task(facts, tmp_path):
    return Task(AVERAGE, facts, Results((tmp_path / "results").as_posix()), code="1")


@pytest.fixture
def behave(monkeypatch, forked):
    """Makes the method behave in a given way on a scene; a forked process has what a test installs."""
    plain = methods.fuse

    def install(scene_name, action):
        def fuse(method, images, *, scene=None, **more):
            if scene == scene_name:
                action()
            return plain(method, images, scene=scene, **more)

        monkeypatch.setattr(methods, "fuse", fuse)

    return install


def _statuses(rows):
    return [row.status for row in rows]


def test_a_finished_scene_is_kept_and_a_changed_one_made_again(task):
    first = fuse_set(task)
    assert _statuses(first) == ["ok", "ok"]
    image = task.results.image("mine", "average", "a")
    stamp = image.stat().st_mtime_ns
    assert fuse_set(task) == first
    assert image.stat().st_mtime_ns == stamp
    image.write_bytes(b"cut off")
    assert fuse_set(task) == first
    fuse_set(dataclasses.replace(task, code="2"))
    assert image.stat().st_mtime_ns != stamp


def test_a_replaced_source_is_fused_again_and_its_scene_only(task, folder):
    before = fuse_set(task)
    stamps = [task.results.image("mine", "average", name).stat().st_mtime_ns for name in "ab"]
    write_image(folder / "b" / "2.png", np.full((64, 80, 3), 0.25, np.float32))
    after = fuse_set(dataclasses.replace(task, facts=collect("mine", str(folder))))
    assert after[0] == before[0]
    assert after[1].image_sha256 != before[1].image_sha256
    assert task.results.image("mine", "average", "a").stat().st_mtime_ns == stamps[0]


def test_scenes_that_are_no_longer_chosen_stay_on_disk_and_are_no_rows(task):
    fuse_set(task)
    fewer = dataclasses.replace(task, facts=dataclasses.replace(task.facts, scenes=task.facts.scenes[1:]))
    assert [row.scene for row in fuse_set(fewer)] == ["b"]
    assert task.results.fused_scenes("mine") == {"a", "b"}


def _exit():
    raise SystemExit(3)


def _raise():
    raise RuntimeError("no such thing")


def _kill():
    os.kill(os.getpid(), signal.SIGKILL)


def _segfault():
    faulthandler.disable()
    os.kill(os.getpid(), signal.SIGSEGV)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (_raise, "RuntimeError: no such thing"),
        (_exit, "exit status 3"),
        (lambda: os._exit(7), "exit status 7"),
        (_kill, "SIGKILL"),
        (_segfault, "SIGSEGV"),
        (lambda: (_ for _ in ()).throw(MemoryError("not enough")), "MemoryError"),
    ],
    ids=["exception", "exit", "hard exit", "killed", "crash", "memory"],
)
@pytest.mark.parametrize("scene", ["a", "b"])
def test_however_a_method_ends_the_other_scenes_are_fused(task, behave, action, words, scene):
    behave(scene, action)
    rows = {row.scene: row for row in fuse_set(task)}
    other = {"a": "b", "b": "a"}[scene]
    assert rows[other].status == "ok"
    assert rows[scene].status == "failed"
    assert words in rows[scene].reason


def test_an_edited_method_that_dies_keeps_nothing_of_the_old_code(task, behave):
    fuse_set(task)
    behave("a", lambda: os._exit(9))
    rows = fuse_set(dataclasses.replace(task, code="2"))
    assert _statuses(rows) == ["failed", "ok"]


def test_a_method_that_never_ends_costs_its_scene_only(task, behave):
    behave("a", lambda: time.sleep(600))
    started = time.monotonic()
    rows = fuse_set(dataclasses.replace(task, time_limit=5.0))
    assert time.monotonic() - started < 60
    assert _statuses(rows) == ["failed", "ok"]
    assert "time_limit" in rows[0].reason


def test_a_method_that_changes_the_working_folder_writes_nothing_elsewhere(task, behave, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    behave("a", lambda: os.chdir(tmp_path / "elsewhere"))
    rows = fuse_set(dataclasses.replace(task, results=Results("here")))
    assert _statuses(rows) == ["ok", "ok"]
    assert Results("here").image("mine", "average", "a").is_file()
    assert not list((tmp_path / "elsewhere").iterdir())


def test_the_time_limit_is_generous_by_the_declared_cost():
    declared = AVERAGE.declared
    assert limit_of(AVERAGE, SceneFacts("a", height=10, width=10, count=2), None) == fusing.LEAST_SECONDS
    large = SceneFacts("a", height=10**5, width=10**5, count=5)
    assert limit_of(AVERAGE, large, None) == pytest.approx(fusing.GENEROUS * declared.cost * 1e4 * 4)
    assert limit_of(AVERAGE, large, 7.0) == 7.0


@pytest.mark.usefixtures("forked")
def test_a_full_disk_costs_one_scene(task, monkeypatch):
    def write(path, image):
        if path.name == "a.png":
            raise OSError(28, "No space left on device")
        write_image(path, image)

    monkeypatch.setattr(fusing, "write_image", write)
    rows = fuse_set(task)
    assert _statuses(rows) == ["failed", "ok"]
    assert "No space left" in rows[0].reason
    assert not task.results.image("mine", "average", "a").exists()


def test_a_method_over_the_budget_is_left_out_with_the_forecast(task):
    rows = fuse_set(task, budget=1e-6)
    assert _statuses(rows) == ["unavailable"]
    assert "budget" in rows[0].reason


def test_an_unavailable_data_set_is_no_error(task):
    rows = fuse_set(dataclasses.replace(task, facts=DatasetFacts("x", "X", status="unavailable", reason="no network")))
    assert _statuses(rows) == ["unavailable"]
    assert "no network" in rows[0].reason


def test_a_scene_that_cannot_be_had_has_no_row(task):
    first, *others = task.facts.scenes
    absent = dataclasses.replace(first, status="unavailable", reason="no network")
    rows = fuse_set(dataclasses.replace(task, facts=dataclasses.replace(task.facts, scenes=(absent, *others))))
    assert [row.scene for row in rows] == [scene.name for scene in others] and _statuses(rows) == ["ok"]


def test_a_scene_that_cannot_be_read_is_failed_and_the_others_go_on(task, folder):
    (folder / "a" / "2.png").write_bytes(b"no picture")
    rows = fuse_set(dataclasses.replace(task, facts=collect("mine", str(folder))))
    assert _statuses(rows) == ["failed", "ok"]
    assert "2.png" in rows[0].reason


def test_external_images_count_by_content(task, tmp_path, pair):
    external = tmp_path / "external"
    for name in "ab":
        write_image(external / f"{name}.png", pair[0])
    entry = Entry("theirs", "precomputed", "Theirs", {"folder": str(external)})
    mine = dataclasses.replace(task, entry=entry)
    first = fuse_set(mine)
    write_image(external / "a.png", pair[1])
    (external / "b.png").unlink()
    second = fuse_set(mine)
    assert _statuses(first) == ["ok", "ok"]
    assert _statuses(second) == ["ok", "skipped"]
    assert second[0].image_sha256 != first[0].image_sha256


def test_other_weights_of_the_catalogue_are_another_result(monkeypatch):
    from files import catalogue

    entry = Entry("sesf", "sesf", "SESF")
    before = fusing.named_files(entry, "lytro")
    assert before
    plain = catalogue.find
    monkeypatch.setattr(catalogue, "find", lambda key: dataclasses.replace(plain(key), sha256="0" * 64))
    assert fusing.named_files(entry, "lytro") != before
