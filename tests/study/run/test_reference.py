"""A run beside the reference run."""

import pandas as pd
import pytest

from study.run.reference import compare


def _scores(*rows):
    columns = ["scene", "method", "metric", "value", "status"]
    return pd.DataFrame([(*row, "ok") for row in rows], columns=columns)


def test_equal_different_and_new_scores_are_counted():
    theirs = _scores(("a", "gff", "q_g", 0.5), ("a", "lp", "q_g", 0.25), ("a", "lp", "q_mi", 0.0))
    ours = _scores(
        ("a", "gff", "q_g", 0.5 + 1e-12), ("a", "lp", "q_g", 0.3), ("a", "lp", "q_mi", 0.0), ("a", "new", "q_g", 1.0)
    )
    found = compare(ours, theirs, "x")
    assert (found.equal, found.differing, found.without) == (2, 1, 1)
    assert found.largest == pytest.approx(0.05 / 0.3)
    assert [(name, count) for name, count, _ in found.methods] == [("lp", 1)]


def test_the_method_that_differs_most_comes_first():
    theirs = _scores(("a", "gff", "q_g", 0.5), ("a", "lp", "q_g", 0.5))
    ours = _scores(("a", "gff", "q_g", 0.6), ("a", "lp", "q_g", 0.9))
    assert [name for name, _, _ in compare(ours, theirs, "x").methods] == ["lp", "gff"]
