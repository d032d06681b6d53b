"""Comparison sheets."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from study.entries import Entry
from study.figures import sheets
from study.store import SceneFacts

ENTRIES = [Entry(name, name, name.upper()) for name in ("lp", "gff", "dwt")]


def test_every_scene_with_a_result_has_a_sheet(results, facts, words):
    # A scene that cannot be read, and one without any result, cost themselves only.
    more = (SceneFacts("broken", "failed", "damaged"), SceneFacts("new", height=64, width=80, count=2))
    assert sheets.draw_all(results, replace(facts, scenes=(*facts.scenes, *more)), ENTRIES) == ["toy_1"]
    folder = Path(results.figure("sheets", "mine"))
    assert {path.name for path in folder.iterdir()} == {"toy_1.png", "toy_1.pdf", "toy_1.txt"}
    assert {"Source 1", "Source 2", "LP", "GFF"} <= set(words) and "DWT" not in words
    assert any("Mine $1, toy_1" in word for word in words)


def test_a_data_set_that_is_not_there_has_none(results, facts):
    assert sheets.draw_all(results, replace(facts, status="unavailable", scenes=()), ENTRIES) == []


def test_some_images_of_a_long_stack_are_shown(words, twice):
    stack = [np.full((20, 30), k / 9, np.float32) for k in range(10)]
    twice(sheets.draw, "Stack", stack, [("A", stack[0]), ("B", np.repeat(stack[1][..., None], 3, axis=2))])
    assert [word for word in words if word.startswith("Source")] == ["Source 1", "Source 5", "Source 10"]
