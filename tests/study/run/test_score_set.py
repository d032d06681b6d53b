"""Scores: each is kept until something it depends on changes; a metric that fails costs its own value."""

import dataclasses
import os

import numpy as np
import pytest

import metrics
from imaging.files import write_image
from study.entries import Entry
from study.run import fuse_set as fusing
from study.run.score_set import Task, score_set
from study.store import Results

AVERAGE = Entry("average", "average", "Average")
IDS = {"q_mi": "1", "q_p": "1", "wrong_pixels": "1"}


@pytest.fixture
def fused(facts, tmp_path):
    return fusing.fuse_set(fusing.Task(AVERAGE, facts, Results((tmp_path / "results").as_posix())))


@pytest.fixture
def task(facts, tmp_path):
    return Task(facts, IDS, Results((tmp_path / "results").as_posix()), arrays="1")


@pytest.fixture
def counted(monkeypatch, forked, tmp_path):
    """The metrics that are evaluated, in order; another process does it."""
    file, plain = tmp_path / "calls", metrics.evaluate

    def evaluate(metric, *rest):
        with file.open("a") as calls:
            calls.write(f"{metric}\n")
        return plain(metric, *rest)

    def taken():
        calls = file.read_text().split() if file.exists() else []
        file.unlink(missing_ok=True)
        return calls

    monkeypatch.setattr(metrics, "evaluate", evaluate)
    return taken


def test_a_second_time_computes_nothing(task, fused, counted):
    first = score_set(task, fused)
    assert sorted(set(counted())) == ["q_mi", "q_p"]
    assert score_set(task, fused) == first
    assert not counted()
    assert {score.status for score in first if score.metric == "wrong_pixels"} == {"not_applicable"}


def test_a_new_metric_is_computed_alone(task, fused, counted):
    score_set(task, fused)
    counted()
    more = score_set(dataclasses.replace(task, metrics={**IDS, "q_ncie": "1"}), fused)
    assert set(counted()) == {"q_ncie"}
    assert [s.metric for s in more] == [*IDS, "q_ncie"] * 2


def test_an_edited_metric_is_computed_alone(task, fused, counted):
    score_set(task, fused)
    counted()
    score_set(dataclasses.replace(task, metrics=IDS | {"q_mi": "2"}), fused)
    assert set(counted()) == {"q_mi"}


def test_another_image_is_scored_again_and_its_scene_only(task, fused, counted, facts):
    score_set(task, fused)
    counted()
    image = task.results.image("mine", "average", "a")
    write_image(image, np.full((64, 80, 3), 0.5, np.float32))
    from study import records

    changed = [dataclasses.replace(fused[0], image_sha256=records.sha256(image)), fused[1]]
    score_set(task, changed)
    assert counted() == ["q_mi", "q_p"]


def test_an_image_that_is_not_the_one_that_was_written(task, fused):
    write_image(task.results.image("mine", "average", "a"), np.zeros((64, 80, 3), np.float32))
    rows = [score for score in score_set(task, fused) if score.metric == "q_mi"]
    assert [score.status for score in rows] == ["failed", "ok"]
    assert "fuses the scene again" in rows[0].reason


@pytest.mark.usefixtures("forked")
@pytest.mark.parametrize(
    ("result", "words"),
    [
        (ValueError("bad"), "bad"),
        (None, "q_mi"),
        ("text", "q_mi"),
        (SystemExit(3), "exit status 3"),
        (os._exit, "exit status 5"),
    ],
    ids=["exception", "none", "text", "exit", "hard exit"],
)
def test_a_metric_that_fails_costs_its_own_value_and_is_named(task, fused, monkeypatch, result, words):
    module = metrics.registry.module("q_mi")

    def score(sources, fused):
        if isinstance(result, BaseException):
            raise result
        return result(5) if callable(result) else result

    monkeypatch.setattr(module, "score", score)
    rows = score_set(task, fused)
    assert {s.status for s in rows if s.metric == "q_mi"} == {"failed"}
    assert {s.status for s in rows if s.metric == "q_p"} == {"ok"}
    assert all("q_mi" in s.reason and words in s.reason for s in rows if s.metric == "q_mi")
    monkeypatch.undo()
    assert {s.status for s in score_set(task, fused) if s.metric == "q_mi"} == {"ok"}, "a failure is not kept"


def test_arrays_of_the_sources_are_kept_for_the_present_code_only(task, fused, facts):
    fresh = score_set(task, fused)
    folders = {path.parent.name for path in task.results.arrays("mine", "a", "").parent.rglob("*.npy")}
    assert folders
    again = dataclasses.replace(task, arrays="2", metrics=IDS | {"q_p": "2"})
    assert [s.value for s in score_set(again, fused)] == [s.value for s in fresh]
    assert not folders & {path.parent.name for path in task.results.arrays("mine", "a", "").parent.rglob("*.npy")}
