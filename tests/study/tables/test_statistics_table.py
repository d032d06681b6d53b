"""Tests over scenes: known values, direction, too few scenes, missing scenes."""

import numpy as np
import pandas as pd
import pytest

from study.store import Results
from study.tables import statistics_table as statistics
from study.tables import writers
from tests.study._latex import problems
from tests.study._scores import about, names, rows


def _run(values, count=8, metrics=("q_g",), methods=None):
    scenes = names(count)
    description = about("toy", methods or list(values), metrics, scenes)
    found = statistics.compute(description, rows("toy", values, scenes))
    return description, *found


def _of(comparisons, method, metric="q_g"):
    return comparisons.set_index(["method", "metric"]).loc[(method, metric)]


def test_holm_steps_down():
    # Holm by hand: 0.01 x 4, 0.02 x 3, 0.03 x 2, 0.04 x 1, made monotone.
    assert statistics.holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert statistics.holm([0.9, 0.8]) == pytest.approx([1.0, 1.0])
    assert statistics.holm([]).size == 0


@pytest.mark.parametrize(("methods", "scenes", "expected"), [(4, 14, 1.25), (5, 30, 1.11), (10, 25, 2.71)])
def test_critical_difference_is_that_of_demsar(methods, scenes, expected):
    # q of his table 5(a): 2.569 (4), 2.728 (5), 3.164 (10); the first is his worked example.
    assert statistics.critical_difference(methods, scenes) == pytest.approx(expected, abs=0.005)


def test_a_clear_difference_has_its_exact_p_value():
    ramp = 0.7 + 0.01 * np.arange(8)
    _, comparisons, _ = _run({"gacn": {"q_g": ramp}, "lp": {"q_g": ramp - 0.1 - 0.001 * np.arange(8)}})
    row = _of(comparisons, "lp")
    assert float(row["p"]) == pytest.approx(2 / 2**8, rel=1e-2)
    assert row["reference_is"] == "better"
    assert float(row["reference_minus_method"]) == pytest.approx(0.1035)
    assert float(row["ci_low"]) <= 0.1035 <= float(row["ci_high"])


def test_the_direction_of_the_metric_decides_who_is_better():
    ramp = 20.0 + np.arange(8)
    _, comparisons, _ = _run({"gacn": {"q_cv": ramp}, "lp": {"q_cv": 2 * ramp}}, metrics=("q_cv",))
    row = _of(comparisons, "lp", "q_cv")
    assert row["reference_is"] == "better"
    assert float(row["reference_minus_method"]) > 0
    assert float(_of(comparisons, "gacn", "q_cv")["mean_rank"]) == 1.0


def test_equal_results_do_not_differ():
    ramp = 0.7 + 0.01 * np.arange(8)
    _, comparisons, _ = _run({"gacn": {"q_g": ramp}, "lp": {"q_g": ramp}, "gff": {"q_g": ramp}})
    assert _of(comparisons, "lp")["reference_is"] == "not different"
    assert float(_of(comparisons, "lp")["p"]) == 1.0
    assert set(comparisons["mean_rank"]) == {"2.000"}


def test_controls_take_no_part():
    ramp = 0.7 + 0.01 * np.arange(8)
    _, comparisons, friedman = _run(
        {m: {"q_g": ramp + s} for m, s in (("average", 1), ("gacn", 0), ("lp", -1), ("gff", -2))}
    )
    assert set(comparisons["method"]) == {"gacn", "lp", "gff"}
    assert friedman["methods"][0] == 3
    assert float(friedman["chi2"][0]) == pytest.approx(16.0)  # n (k - 1) for complete agreement


def test_too_few_scenes_make_no_test():
    ramp = 0.7 + 0.01 * np.arange(5)
    description, comparisons, friedman = _run(
        {m: {"q_g": ramp + s} for m, s in (("gacn", 0), ("lp", 1), ("gff", 2))}, 5
    )
    assert not (comparisons["p"] != "").any() and not (friedman["p"] != "").any()
    text = writers.markdown(statistics.page(description, comparisons, friedman))
    assert "No test is made: 5 scenes" in text
    assert "Friedman" not in text


def test_a_method_without_a_scene_is_paired_on_the_others_and_not_ranked():
    ramp = list(0.7 + 0.01 * np.arange(8))
    _, comparisons, friedman = _run({"gacn": {"q_g": ramp}, "lp": {"q_g": [None, *(v - 0.1 for v in ramp[1:])]}})
    row = _of(comparisons, "lp")
    assert (row["n"], row["mean_rank"]) == (7, "")
    assert row["reference_is"] == "better"
    assert friedman["methods"][0] == 1


def _steps(*methods):
    """Values of methods, the first the best, on eight scenes."""
    ramp = 0.7 + 0.01 * np.arange(8)
    return {method: {"q_g": ramp - 0.1 * place * (1 + 0.01 * np.arange(8))} for place, method in enumerate(methods)}


def test_a_run_without_gacn_compares_with_the_best_and_all_pairs():
    found = _run(_steps("gff", "sf", "lp"))
    comparisons = found[1]
    assert set(comparisons["reference"]) == {"gff"}
    assert [_of(comparisons, m)["reference_is"] for m in ("sf", "lp")] == ["better", "better"]
    text = writers.markdown(statistics.page(*found))
    assert "Each method is compared with the one of the best mean rank, GFF." in text
    assert "GFF against each method" in text and "| LP | + |" in text and "| GFF is |" in text
    # CD of three methods over eight scenes is 1.17: only the first and the last differ.
    pairs = text.split("## All pairs")[1].split("##")[0]
    assert "| GFF | 1 / 0 |" in pairs and "| SF | 0 / 0 |" in pairs and "| LP | 0 / 1 |" in pairs
    assert "gacn" not in (text + writers.latex(statistics.overview(*found))).lower()


def test_without_any_rank_no_method_is_the_reference():
    found = _run(
        {m: {"ssim": 0.5 + 0.01 * np.arange(8) + s} for m, s in (("lp", 0), ("sf", 1), ("gff", 2))}, metrics=("ssim",)
    )
    assert set(found[1]["reference"]) == {""} and len(found[1]) == 3
    text = writers.markdown(statistics.page(*found))
    assert "No method is tested against another" in text and "## Friedman test" in text
    assert problems(writers.latex(statistics.overview(*found))) == []


def test_highlighted_methods_take_the_place_of_gacn():
    values, scenes = _steps("gff", "sf", "gacn", "lp"), names(8)
    description = about("toy", list(values), ["q_g"], scenes, highlight=("sf",))
    found = statistics.compute(description, rows("toy", values, scenes))
    assert set(found[0]["reference"]) == {"sf"}
    assert [_of(found[0], m)["reference_is"] for m in ("gff", "gacn", "lp")] == ["worse", "better", "better"]
    text = writers.markdown(statistics.page(description, *found))
    assert "SF against each method" in text and "SF minus method" in text and "All pairs" not in text


def test_several_highlighted_methods_are_each_tested():
    values, scenes = _steps("gff", "sf", "lp"), names(8)
    description = about("toy", list(values), ["q_g"], scenes, highlight=("sf", "lp"))
    found = statistics.compute(description, rows("toy", values, scenes))
    verdicts = found[0].set_index(["reference", "method"])["reference_is"]
    assert verdicts["sf", "lp"] == "better" and verdicts["lp", "sf"] == "worse" and verdicts["lp", "gff"] == "worse"
    text = writers.markdown(statistics.page(description, *found))
    for heading in ("## SF against each method", "## LP against each method", "## Q_G: SF", "## Q_G: LP"):
        assert heading in text
    latex = writers.latex(statistics.overview(description, *found))
    assert problems(latex) == [] and latex.count(r"\label{tab:toy_statistics") == 2


def test_highlighted_methods_without_a_result_are_named():
    values, scenes = _steps("gff", "lp"), names(8)
    description = about("toy", ["sf", *values], ["q_g"], scenes, highlight=("sf",))
    found = statistics.compute(description, rows("toy", values, scenes))
    text = writers.markdown(statistics.page(description, *found))
    assert "SF: no result here. Each method is compared with the one of the best mean rank, GFF." in text


def test_a_data_set_without_scores_says_why():
    description = about("toy", ["gacn"], ["q_g"], [], reason="no network")
    assert "no network" in writers.markdown(
        statistics.page(description, *statistics.compute(description, rows("toy", {}, [])))
    )


def test_further_methods_do_not_weaken_the_papers_comparison():
    """Eight scenes give p = 0.0078 at best: 6 methods of the paper pass Holm, and 14 further ones cannot."""
    ramp = 0.7 + 0.01 * np.arange(8)
    paper = [f"lp_{k}" for k in range(6)]
    further = [f"gff_{k}" for k in range(14)]
    scenes = names(8)
    values = {m: {"q_g": ramp - 0.1 - 0.001 * np.arange(8)} for m in (*paper, *further)} | {"gacn": {"q_g": ramp}}
    entries = [(m, m.split("_")[0], {}) for m in values]
    description = about("toy", entries, ["q_g"], scenes, main=(*paper, "gacn"))
    comparisons, friedman = statistics.compute(description, rows("toy", values, scenes))
    assert {_of(comparisons, m)["reference_is"] for m in paper} == {"better"}
    assert {_of(comparisons, m)["reference_is"] for m in further} == {"too few scenes"}
    assert float(_of(comparisons, "lp_0")["p_holm"]) == pytest.approx(6 * 2 / 2**8, rel=1e-2)
    assert "| LP_0 | + |" in writers.markdown(statistics.page(description, comparisons, friedman))


def test_latex_is_the_overview():
    ramp = 0.7 + 0.01 * np.arange(8)
    found = _run({"gacn": {"q_g": ramp}, "lp": {"q_g": ramp - 0.1}, "gff": {"q_g": ramp + 0.1}})
    text = writers.latex(statistics.overview(*found))
    assert problems(text) == []
    assert "LP & + \\\\" in text and "GFF & $-$ \\\\" in text


def test_the_stored_tests_read_back(tmp_path):
    ramp = 0.7 + 0.01 * np.arange(8)
    scores = rows("toy", {"gacn": {"q_g": ramp}, "lp": {"q_g": ramp - 0.1}}, names(8))
    description = about("toy", ["gacn", "lp"], ["q_g"], names(8))
    results = Results(str(tmp_path))
    statistics.write(results, description, scores)
    for stored, computed in zip(statistics.read(results, "toy"), statistics.compute(description, scores), strict=True):
        pd.testing.assert_frame_equal(stored, computed, check_dtype=False)


def test_signs_state_their_own_n_where_it_differs():
    ramp = list(0.7 + 0.01 * np.arange(8))
    less = [v - 0.1 for v in ramp]
    values = {
        "gacn": {"q_g": ramp, "q_y": [None, *ramp[1:]]},
        "lp": {"q_g": [None, *less[1:]], "q_y": [None, *less[1:]]},
    }
    found = _run(values | {"gff": {"q_g": less, "q_y": [None, *less[1:]]}}, metrics=("q_g", "q_y"))
    text = writers.markdown(statistics.page(*found))
    assert "| Method | Q_G | Q_Y (n=7) |" in text
    assert "| LP | + (n=7) | + |" in text
    assert "| GFF | + | + |" in text
