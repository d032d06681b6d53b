"""The newest methods against those that the field compares itself with."""

import numpy as np

from study.tables import newest_table, writers
from tests.study._latex import problems
from tests.study._scores import about, names, rows, stored

SCENES = names(8)
STEPS = 0.001 * np.arange(8)


def _values(**shifts):
    """QB, GACN and CCSR-Net with 0.5 plus their shift in every scene, Q_MI larger better, Q_M too."""
    return {
        method: {"q_mi": 0.5 + shift + STEPS * (k + 1), "q_m": 0.5 + STEPS}
        for k, (method, shift) in enumerate(shifts.items())
    }


def _found(values, metrics=("q_mi", "q_m"), scenes=SCENES, **more):
    description = about("toy", list(values), metrics, scenes)
    return description, newest_table.compute(description, rows("toy", values, scenes, **more))


def test_only_newest_methods_are_held_against_anchors():
    """LP is neither; GACN is an anchor although it is of 2022, and the control takes no part."""
    _, found = _found(_values(average=0.3, lp=0.2, qb=0.0, gacn=0.1, ccsr=0.2))
    assert set(zip(found["anchor"], found["method"], strict=True)) == {("qb", "ccsr"), ("gacn", "ccsr")}


def test_a_method_that_is_better_in_every_scene_is_better():
    _, found = _found(_values(qb=0.0, gacn=0.5, ccsr=0.2))
    verdicts = found.set_index(["metric", "anchor"])["method_is"]
    assert verdicts["q_mi", "qb"] == "better" and verdicts["q_mi", "gacn"] == "worse"
    assert verdicts["q_m", "qb"] == "not different"
    difference = found.set_index(["metric", "anchor"])["method_minus_anchor"]["q_mi", "qb"]
    assert float(difference) > 0.2
    against = found[found["anchor"] == "qb"]
    assert newest_table.counts(against) == (1, 0, 1)


def test_smaller_values_of_an_error_are_better_and_count_as_truth():
    values = {
        name: {"wrong_pixels": level + STEPS * place}
        for place, (name, level) in enumerate({"qb": 0.2, "ccsr": 0.1}.items())
    }
    _, found = _found(values, ("wrong_pixels",), reference="truth")
    assert list(found["by"]) == ["truth"] and list(found["method_is"]) == ["better"]


def test_similarity_to_the_sources_is_no_truth():
    values = {name: {"psnr": 30 + STEPS} for name in ("qb", "ccsr")}
    _, found = _found(values, ("psnr",))
    assert found.empty


def test_too_few_scenes_give_no_verdict():
    values = {name: {"q_mi": [0.1 * place, 0.2 * place, 0.3]} for place, name in enumerate(("qb", "ccsr"))}
    _, found = _found(values, ("q_mi",), names(3))
    assert list(found["method_is"]) == ["too few scenes"] and newest_table.counts(found) == (0, 0, 0)


def test_the_table_reads_back_and_prints(tmp_path):
    description, found = _found(_values(qb=0.0, gacn=0.5, ccsr=0.2))
    results = stored(tmp_path, description, rows("toy", _values(qb=0.0, gacn=0.5, ccsr=0.2), SCENES))
    newest_table.write(results, description, results.read_tidy("toy"))
    assert newest_table.read(results, "toy").equals(found)
    text = (tmp_path / "tables/toy/newest.md").read_text(encoding="utf-8")
    assert "| CCSR | 1 / 0 / 1 | 0 / 1 / 1 |" in text
    assert problems((tmp_path / "tables/toy/newest.tex").read_text(encoding="utf-8")) == []


def test_nothing_to_compare_is_said():
    description, found = _found(_values(qb=0.0, lp=0.2))
    assert "Nothing to compare" in writers.markdown(newest_table.page(description, found))
