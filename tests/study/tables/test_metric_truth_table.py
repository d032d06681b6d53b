"""Metrics against the truth: sign, who enters, too little to say."""

import numpy as np
import pytest

from study.tables import metric_truth_table as metric_truth
from study.tables import writers
from tests.study._latex import problems
from tests.study._scores import about, names, rows

MAPS = ["dsift", "ifm", "mwgf", "sf", "gacn"]
OTHERS = ["lp", "dwt", "cvt"]
QUALITY = {m: k for k, m in enumerate([*OTHERS, *MAPS])}


def _compute(values, count=6, reference="truth"):
    scenes = names(count)
    metrics = list(dict.fromkeys(m for by in values.values() for m in by))
    description = about("toy", list(values), metrics, scenes)
    return metric_truth.compute([description], {"toy": rows("toy", values, scenes, reference)})


def _values(q_g, count=6):
    values = {}
    for method, quality in QUALITY.items():
        values[method] = {
            "psnr": [30.0 + quality] * count,
            "q_g": [q_g(method)] * count,
            "q_cv": [-q_g(method)] * count,
        }
        if method in MAPS:
            values[method]["wrong_pixels"] = [0.5 - 0.01 * quality] * count
    values["average"] = {"psnr": [99.0] * count, "q_g": [-99.0] * count, "q_cv": [99.0] * count}
    return values


def _of(found, comparison, metric):
    return found.set_index(["comparison", "metric"]).loc[(comparison, metric)]


def test_a_metric_that_orders_as_the_truth_has_correlation_1():
    found = _compute(_values(lambda m: QUALITY[m]))
    for comparison in ("rmse_all", "rmse_maps", "wrong_pixels"):
        for metric in ("q_g", "q_cv"):
            assert float(_of(found, comparison, metric)["spearman"]) == pytest.approx(1), (comparison, metric)
    assert float(_of(found, "rmse_all", "q_g")["kendall_low"]) == pytest.approx(1)


def test_a_metric_that_prefers_the_worse_result_has_correlation_minus_1():
    found = _compute(_values(lambda m: -QUALITY[m]))
    assert float(_of(found, "wrong_pixels", "q_g")["spearman"]) == pytest.approx(-1)


def test_who_enters():
    found = _compute(_values(lambda m: QUALITY[m]))
    assert _of(found, "rmse_all", "q_g")["methods"] == 8, "controls do not enter"
    assert _of(found, "rmse_maps", "q_g")["methods"] == 5
    assert not {"psnr", "wrong_pixels"} & set(found["metric"])


def test_scenes_without_truth_do_not_enter():
    found = _compute(_values(lambda m: QUALITY[m]), reference="sources")
    assert found.empty
    assert "No data set" in writers.markdown(metric_truth.page(found))


def test_too_few_scenes_have_no_interval():
    row = _of(_compute(_values(lambda m: QUALITY[m], 4), 4), "rmse_all", "q_g")
    assert (row["scenes"], row["spearman_low"]) == (4, "")
    assert metric_truth.interval_text(row) == "1.000"


def test_the_interval_is_of_the_mean_over_scenes():
    rng = np.random.default_rng(1)
    values = _values(lambda m: QUALITY[m], 10)
    for method in QUALITY:
        values[method]["q_g"] = list(QUALITY[method] + 4 * rng.normal(size=10))
    row = _of(_compute(values, 10), "rmse_all", "q_g")
    low, mean, high = (float(row[f"spearman{part}"]) for part in ("_low", "", "_high"))
    assert -1 <= low < mean < high < 1


def test_one_table_per_data_set():
    page = metric_truth.page(_compute(_values(lambda m: QUALITY[m])))
    text = writers.markdown(page)
    assert "## Toy" in text
    assert "| Metric | RMSE, all methods (8 methods, 6 scenes) |" in text
    assert "| Q_G | 1.000 (1.000 to 1.000) |" in text
    assert problems(writers.latex(page)) == []


def test_a_correlation_over_fewer_scenes_says_so():
    values = _values(lambda m: QUALITY[m], 8)
    for method in QUALITY:
        values[method]["q_cv"][0] = 1.0  # all methods alike: no order on this scene
    text = writers.markdown(metric_truth.page(_compute(values, 8)))
    assert "(8 methods, 8 scenes)" in text
    assert "| Q_CV | 1.000 (1.000 to 1.000) (n=7) |" in text
    assert "| Q_G | 1.000 (1.000 to 1.000) |" in text
