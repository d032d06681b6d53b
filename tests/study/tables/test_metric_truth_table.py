"""Metrics against the truth: sign, who enters, too little to say."""

import numpy as np
import pytest

from study.tables import metric_truth_table as metric_truth
from study.tables import truth_sets, writers
from tests.study._latex import problems
from tests.study._scores import about, names, rows

MAPS = ["dsift", "ifm", "mwgf", "sf", "gacn"]
OTHERS = ["lp", "dwt", "cvt"]
QUALITY = {m: k for k, m in enumerate([*OTHERS, *MAPS])}


def _compute(values, count=6, reference="truth"):
    scenes = names(count)
    metrics = list(dict.fromkeys(m for by in values.values() for m in by))
    description = about("toy", list(values), metrics, scenes)
    return metric_truth.compute(truth_sets.of_run([description], {"toy": rows("toy", values, scenes, reference)}))


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
    for comparison in ("psnr_all", "psnr_maps", "wrong_pixels_maps"):
        for metric in ("q_g", "q_cv"):
            assert float(_of(found, comparison, metric)["spearman"]) == pytest.approx(1), (comparison, metric)
    assert float(_of(found, "psnr_all", "q_g")["spearman_low"]) == pytest.approx(1)


def test_a_metric_that_prefers_the_worse_result_has_correlation_minus_1():
    found = _compute(_values(lambda m: -QUALITY[m]))
    assert float(_of(found, "wrong_pixels_maps", "q_g")["spearman"]) == pytest.approx(-1)


def test_who_enters():
    found = _compute(_values(lambda m: QUALITY[m]))
    assert _of(found, "psnr_all", "q_g")["methods"] == 8, "controls do not enter"
    assert _of(found, "psnr_maps", "q_g")["methods"] == 5
    assert not {"psnr", "wrong_pixels"} & set(found["metric"])


def test_scenes_without_truth_do_not_enter():
    found = _compute(_values(lambda m: QUALITY[m]), reference="sources")
    assert found.empty
    assert "No data set" in writers.markdown(metric_truth.page(found))


def test_too_few_scenes_have_no_interval():
    row = _of(_compute(_values(lambda m: QUALITY[m], 4), 4), "psnr_all", "q_g")
    assert (row["scenes"], row["spearman_low"]) == (4, "")
    assert metric_truth.interval_text(row) == "1.000"


def test_one_scene_has_no_statistics_over_scenes():
    values = {count: _values(lambda m: QUALITY[m], count) for count in (1, 6)}
    sets = truth_sets.of_run(
        [
            about(f"toy_{count}", list(values[1]), ["psnr", "q_g"], names(count), label=f"Toy {count}")
            for count in (1, 6)
        ],
        {f"toy_{count}": rows(f"toy_{count}", values[count], names(count), "truth") for count in (1, 6)},
    )
    found = metric_truth.compute(sets)
    one = found[found["dataset"] == "toy_1"]
    assert set(one["scenes"]) == {1} and set(one["spearman"]) == {""}
    assert truth_sets.ALL_SETS not in set(found["dataset"])
    text = writers.markdown(metric_truth.page(found))
    assert "Toy 1: one scene with truth" in text and "## Toy 1" not in text and "## Toy 6" in text


def test_the_interval_is_of_the_mean_over_scenes():
    rng = np.random.default_rng(1)
    values = _values(lambda m: QUALITY[m], 10)
    for method in QUALITY:
        values[method]["q_g"] = list(QUALITY[method] + 4 * rng.normal(size=10))
    row = _of(_compute(values, 10), "psnr_all", "q_g")
    low, mean, high = (float(row[f"spearman{part}"]) for part in ("_low", "", "_high"))
    assert -1 <= low < mean < high < 1


def test_one_table_per_data_set():
    page = metric_truth.page(_compute(_values(lambda m: QUALITY[m])))
    text = writers.markdown(page)
    assert "## Toy" in text
    assert (
        "| Metric | PSNR, all methods (8 methods, 6 scenes) | PSNR, methods with a decision map (5 methods, 6 scenes) |"
        in text
    )
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


def test_the_leading_methods_are_those_with_the_best_mean_psnr():
    """Only the order among the leading ten is wrong: among all methods the metric is still right."""
    methods = ["lp", "dwt", "cvt", "rp", "msvd", "gff", "mgff", "dsift", "ifm", "mwgf", "sf", "qb", "gfdf", "gacn"]
    values = {m: {"psnr": [20.0 + k] * 6, "q_g": [float(-k if k >= 4 else k - 100)] * 6} for k, m in enumerate(methods)}
    found = _compute(values)
    assert _of(found, "psnr_leading", "q_g")["methods"] == 10
    assert float(_of(found, "psnr_leading", "q_g")["spearman"]) == pytest.approx(-1)
    assert float(_of(found, "psnr_all", "q_g")["spearman"]) > -0.2


def test_every_scene_of_all_sets_counts_once():
    scenes = names(6)
    values = _values(lambda m: QUALITY[m])
    wrong = {m: by | {"q_g": [-v for v in by["q_g"]]} for m, by in values.items()}
    both = [about(name, list(values), ["psnr", "q_g"], scenes) for name in ("right", "wrong")]
    frames = {name: rows(name, v, scenes, "truth") for name, v in (("right", values), ("wrong", wrong))}
    found = metric_truth.compute(truth_sets.of_run(both, frames))
    row = found[(found["dataset"] == truth_sets.ALL_SETS) & (found["comparison"] == "psnr_all")].iloc[0]
    assert (row["scenes"], float(row["spearman"])) == (12, 0)
