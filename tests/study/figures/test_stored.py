"""What figures of one scene are drawn from."""

from dataclasses import replace

import numpy as np
import pytest

from study.figures import stored
from study.store import FusedScene, SceneFacts


def test_results_and_missing_methods_are_told_apart(scene):
    assert [fused.label for fused in scene.fused] == ["_L$P$ & <b>", "G$FF", "GACN"]
    assert scene.missing == ["DWT (no weights)"] and scene.without == "Not available: DWT (no weights)."
    assert scene.pair[0].shape == (64, 80, 3)


def test_the_first_source_is_white_in_both_kinds_of_map(scene):
    _, decision, index = scene.fused
    assert np.array_equal(decision.chosen, index.chosen) and decision.chosen[0, 0] == 1 and decision.chosen[0, 79] == 0
    assert decision.initial is not None and index.initial is None


def test_an_index_map_of_a_stack_spans_white_and_black(results):
    from imaging.files import write_levels

    row = FusedScene("mine", "gff", "stack", "ok", map="index")
    write_levels(results.map("mine", "gff", "stack"), np.array([[0, 1, 2]], np.uint8))
    assert stored.map_of(results, row, 3) == pytest.approx(np.array([[1, 0.5, 0]]))
    assert stored.map_of(results, replace(row, map=""), 3) is None


def test_a_scene_that_cannot_be_read_says_why(results, facts):
    broken = replace(facts, scenes=(SceneFacts("toy_1", "failed", "damaged"),))
    assert stored.read(results, broken, "toy_1", []).nothing("result") == "Mine $1, toy_1: failed (damaged)"
    gone = replace(facts, status="unavailable", reason="no network", scenes=())
    assert stored.read(results, gone, "toy_1", []).nothing("result") == "Mine $1, toy_1: unavailable (no network)"
