"""What did not work is tried again, what worked is not."""

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


def test_the_answer_stays_the_same_when_the_record_is_gone():
    from types import SimpleNamespace

    records = [{"status": "failed", "attempt": 3}, None]
    asked = asked_once(lambda wildcards: attempt(records.pop(0)))
    job = SimpleNamespace(items=lambda: [("dataset", "x")])
    assert asked(job) == asked(job) == 4
