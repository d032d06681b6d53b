"""The examples in the docstrings of the three rooms that people call from Python."""

import doctest

import pytest

import methods
import metrics
import scenes


@pytest.mark.parametrize("room", [methods, metrics, scenes], ids=lambda room: room.__name__)
def test_examples(room, monkeypatch):
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")
    result = doctest.testmod(room)
    assert result.attempted > 0, f"{room.__name__} has no examples"
    assert result.failed == 0, f"{result.failed} examples of {room.__name__} fail; see the output"
