"""Preferences and stability: facts that have a right answer of their own."""

import numpy as np
import pytest

from study.tables import metric_behaviour_table as behaviour
from study.tables import truth_sets, writers
from tests.study._latex import problems
from tests.study._scores import about, names, rows

COUNT = 8


def _sets(values):
    scenes = names(COUNT)
    description = about("toy", list(values), ["psnr", "q_g"], scenes)
    return truth_sets.of_run([description], {"toy": rows("toy", values, scenes, "truth")})


def _values(**q_g):
    psnr = {"first": 20, "second": 21, "average": 25, "oracle": 40, "lp": 30, "gff": 45}
    given = {name: q_g.get(name, 0.1) for name in psnr}
    return {m: {"psnr": [float(p)] * COUNT, "q_g": list(np.broadcast_to(given[m], COUNT))} for m, p in psnr.items()}


def _row(values, metric="q_g"):
    found = behaviour.compute(_sets(values))
    return found[found["metric"] == metric].iloc[0]


def test_what_is_preferred_to_the_ideal_selection_is_counted():
    half = [0.9] * 4 + [0.1] * 4
    row = _row(_values(oracle=0.5, second=half, average=0.6))
    assert (row["unfused"], row["average"], row["above"]) == (0.5, 1, 0)


def test_an_image_nearer_to_the_truth_may_be_preferred():
    """GFF is above the oracle by PSNR, LP is not."""
    row = _row(_values(oracle=0.5, gff=0.9, lp=0.9))
    assert row["above"] == 1, "LP alone counts"
    assert _row(_values(oracle=0.5, gff=0.9))["above"] == 0


def test_without_a_control_nothing_is_said_of_preferences():
    values = {name: by for name, by in _values().items() if name != "oracle"}
    assert np.isnan(_row(values)["unfused"])


def test_the_row_of_the_error_has_stability_only():
    row = _row(_values(), "psnr")
    assert row["certain"] == 1 and np.isnan(row["unfused"])


def test_pairs_are_certain_where_scenes_agree():
    always = np.tile([1.0, 2.0, 3.0], (10, 1))
    assert behaviour.certain_pairs(always) == 1
    tossed = np.array([[1.0, 2.0, 3.0], [2.0, 1.0, 3.0]] * 5)
    assert behaviour.certain_pairs(tossed) == pytest.approx(2 / 3)


def test_scenes_needed_follow_from_the_standard_error():
    """One difference of ranks: mean 0.5, deviation 1.5 / sqrt(1 - 1/n) over n scenes."""
    difference = np.array([2.0, -1.0] * 10)
    ranks = np.column_stack([np.zeros(20), difference])
    expected = np.ceil((1.959964 * difference.std(ddof=1) / 0.5) ** 2)
    assert behaviour.scenes_needed(ranks) == expected
    assert behaviour.scenes_needed(np.ones((6, 2))) == np.inf


def test_the_table_says_where_more_scenes_are_needed():
    rng = np.random.default_rng(0)
    values = {m: {"psnr": rng.normal(30, 1, COUNT), "q_g": rng.normal(0, 1, COUNT)} for m in ("lp", "gff", "dsift")}
    page = behaviour.page(behaviour.compute(_sets(values)))
    text = writers.markdown(page)
    assert "## Toy" in text and "(more)" in text
    assert problems(writers.latex(page)) == []


def test_without_truth_the_page_says_so():
    assert "No data set" in writers.markdown(behaviour.page(behaviour.compute([])))


def test_one_scene_has_no_statistics():
    values = {"oracle": {"psnr": [60.0], "q_g": [0.1]}, "lp": {"psnr": [30.0], "q_g": [0.2]}}
    values |= {"first": {"psnr": [20.0], "q_g": [0.3]}, "average": {"psnr": [20.0], "q_g": [0.3]}}
    description = about("toy", list(values), ["psnr", "q_g"], names(1))
    found = behaviour.compute(truth_sets.of_run([description], {"toy": rows("toy", values, names(1), "truth")}))
    assert found[list(behaviour.NUMBERS)].isna().all(axis=None)
    text = writers.markdown(behaviour.page(found))
    assert "Toy: one scene with truth" in text and "## Toy" not in text
