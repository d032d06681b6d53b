"""What did not work is tried again, what worked is not."""

import os
from types import SimpleNamespace

import pytest

from study.run.retry import asked_once, attempt


@pytest.mark.parametrize(
    ("stored", "again", "expected"),
    [
        (None, None, 1),
        ({"status": "ok", "attempt": 1}, None, 1),
        ({"status": "failed", "attempt": 1}, None, 2),
        ({"status": "failed", "attempt": 4}, None, 5),
        ({"status": "unavailable", "attempt": 2}, False, 2),
        ({"status": "ok"}, True, 2),
    ],
)
def test_attempt(stored, again, expected):
    assert attempt(stored, again) == expected


@pytest.fixture
def _own_environment(monkeypatch):
    monkeypatch.setattr(os, "environ", {})


JOB = SimpleNamespace(items=lambda: [("dataset", "x")])


@pytest.mark.usefixtures("_own_environment")
def test_the_answer_stays_the_same_when_the_record_is_gone():
    records = [{"status": "failed", "attempt": 3}, None]
    asked = asked_once(lambda wildcards: attempt(records.pop(0)))
    assert asked(JOB) == asked(JOB) == 4


@pytest.mark.usefixtures("_own_environment")
@pytest.mark.parametrize("stored", [None, {"status": "failed", "attempt": 3}, {"status": "ok", "attempt": 2}])
def test_a_process_of_a_job_that_finds_no_record_gives_the_same_answer(stored):
    """As after a job that was killed: the executor tries it again in a new process."""

    def of_a_process(record):
        def attempt_at_something(wildcards):
            return attempt(record)

        return asked_once(attempt_at_something)

    expected = of_a_process(stored)(JOB)
    assert of_a_process(None)(JOB) == expected
    assert asked_once(lambda wildcards: 1)(JOB) == 1, "another rule's answer is its own"
