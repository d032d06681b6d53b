"""Timing: warm repeats, or one cold run where a method is too slow for more; load is refused or recorded; failures are rows."""

import dataclasses
import os
import signal
import time

import pytest

import methods
from study.entries import Entry
from study.run.load import Load
from study.run.time_set import Protocol, time_set

AVERAGE = Entry("average", "average", "Average")
ORACLE = Entry("oracle", "oracle", "Oracle")


def test_every_repeat_is_a_row(facts):
    rows = time_set(AVERAGE, facts, Protocol(scenes=2, repeats=3, threads=1, load="mark"))
    assert [(row.scene, row.repeat, row.warm) for row in rows] == [(s, k, "yes") for s in "ab" for k in (1, 2, 3)]
    assert all(row.seconds > 0 and row.peak_memory_mb > 1 and row.status == "ok" for row in rows)
    assert all(0 <= row.load <= 1 for row in rows)
    assert {(row.threads, row.images, row.device) for row in rows} == {(1, 2, "cpu")}
    assert {row.megapixels for row in rows} == {round(64 * 80 / 1e6, 4)}


def test_a_slow_method_is_run_once_and_cold(facts):
    (row,) = time_set(AVERAGE, facts, Protocol(repeats=3, threads=1, seconds=1e-9, load="mark"))
    assert (row.repeat, row.warm, row.scene) == (1, "no", "a")


def _loaded(monkeypatch, *shares):
    """The load that is measured: before the repeats, then with every repeat."""
    left = list(shares)
    monkeypatch.setattr(Load, "share", lambda *_: left.pop(0))


@pytest.mark.usefixtures("forked")
def test_nothing_is_timed_under_heavy_load(facts, monkeypatch):
    monkeypatch.setattr(methods, "fuse", lambda *_, **__: pytest.fail("it ran"))
    _loaded(monkeypatch, 0.9)
    row, *_ = time_set(AVERAGE, facts, Protocol(scenes=1, threads=1))
    assert (row.status, row.load, row.seconds) == ("failed", 0.9, None)
    assert "25 % of the cores" in row.reason and "timing.load: mark" in row.reason


@pytest.mark.usefixtures("forked")
def test_a_repeat_under_heavy_load_has_no_time_unless_times_are_only_marked(facts, monkeypatch):
    for answer, statuses in (("refuse", ["ok", "failed", "ok"]), ("mark", ["ok", "ok", "ok"])):
        _loaded(monkeypatch, 0.0, 0.0, 0.5, 0.1)
        rows = time_set(AVERAGE, facts, Protocol(scenes=1, threads=1, load=answer))
        assert [row.status for row in rows] == statuses
        assert [row.load for row in rows] == [0.0, 0.5, 0.1]
        assert [row.seconds is None for row in rows] == [status == "failed" for status in statuses]


def test_what_cannot_run_is_said(facts):
    (row,) = time_set(AVERAGE, facts, Protocol(threads=1), budget=1e-9)
    assert row.status == "unavailable" and "budget" in row.reason
    rows = time_set(ORACLE, facts, Protocol(threads=1, load="mark"))
    assert {row.status for row in rows} == {"skipped"}
    gone = dataclasses.replace(facts, status="unavailable", reason="no network")
    assert "no network" in time_set(AVERAGE, gone, Protocol(threads=1))[0].reason


@pytest.mark.usefixtures("forked")
@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda: (_ for _ in ()).throw(RuntimeError("no")), "RuntimeError: no"),
        (lambda: os._exit(3), "exit status 3"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "SIGKILL"),
        (lambda: time.sleep(600), "time_limit"),
    ],
    ids=["exception", "hard exit", "killed", "endless"],
)
def test_a_method_that_ends_badly_leaves_failed_rows(facts, monkeypatch, action, words):
    monkeypatch.setattr(methods, "fuse", lambda *_, **__: action())
    # Only what never ends may meet the limit; a busy machine takes a while to start a process.
    limit = 0.5 if words == "time_limit" else 60.0
    rows = time_set(AVERAGE, facts, Protocol(threads=1, load="mark"), time_limit=limit, attempt=2)
    assert [(row.scene, row.status, row.attempt) for row in rows] == [("a", "failed", 2), ("b", "failed", 2)]
    assert words in rows[0].reason
