"""One stack in pictures."""

import numpy as np
import pytest

from imaging.files import write_image, write_levels
from study.gacn import stack_view
from study.gacn.entries import DEFAULT, STRATEGIES, strategy_entry
from study.store import FusedScene

SHOWN = strategy_entry(DEFAULT)
ALL = [strategy_entry(strategy) for strategy in STRATEGIES]


@pytest.fixture
def fused(results):
    """The strategies on the stack."""
    for name in ALL:
        write_image(results.image("mine", name, "stack"), np.full((40, 52, 3), 0.5, dtype=np.float32))
        write_levels(results.map("mine", name, "stack"), np.zeros((40, 52), dtype=int))
        results.write_fused("mine", name, [FusedScene("mine", name, "stack", "ok", map="index")])
    return results


def test_equal_data_gives_equal_bytes(fused, facts, twice):
    twice(stack_view.draw, fused, facts, ALL)


@pytest.mark.parametrize(("strategies", "maps"), [(ALL, len(ALL)), ([SHOWN], 1)])
def test_maps_of_the_strategies_that_were_run(fused, facts, words, tmp_path, strategies, maps):
    stack_view.draw(fused, facts, strategies, [tmp_path / "a.png"])
    taken = [word for word in words if word.startswith("Image taken")]
    assert len(taken) == maps and taken[0] == f"Image taken, {STRATEGIES[DEFAULT]}"
    assert "Sharpest image, truth" in words
    assert [word for word in words if word.startswith("Image ") and word[6:].isdigit()] == [
        f"Image {k}" for k in range(1, 5)
    ]


def test_without_a_stack_the_figure_says_why(results, facts, words, tmp_path):
    results.write_fused("mine", SHOWN, [FusedScene("mine", SHOWN, "", "unavailable", "no weights")])
    stack_view.draw(results, facts, [SHOWN], [tmp_path / "a.png"])
    assert words[0] == "mine: no stack to show (no weights)"
