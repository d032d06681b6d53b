"""Ablation: one budget for all, differences scene by scene, best values, what is missing."""

import pytest

from study.config import resolve
from study.gacn import ablation_table as ablation
from study.gacn import training_figure as training_figures

BUDGET = {"recipe": "layered", "set": {"epochs": 2, "crop": 32}}
DESCRIBED = {
    "dataset": "toy",
    "label": "Toy_set",
    "status": "ok",
    "reason": "",
    "scenes": [{"name": n, "status": "ok"} for n in ("s1", "s2")],
}


@pytest.fixture
def variants():
    return list(ablation.entries(BUDGET).values())


def _rows(method, metric, values, reference="sources"):
    base = {"dataset": "toy", "method": method, "metric": metric, "reference": reference, "status": "ok", "reason": ""}
    return [base | {"scene": scene, "value": repr(value)} for scene, value in values.items()]


@pytest.fixture
def scores():
    rows = _rows("ablation_complete", "q_mi", {"s1": 1.0, "s2": 1.2}) + _rows("ablation_complete", "psnr", {"s1": 9.0})
    rows += _rows("ablation_complete", "wrong_pixels", {"s1": 0.02, "s2": 0.04}, "truth")
    rows += _rows("ablation_no_cse", "q_mi", {"s1": 0.9, "s2": 1.0})
    rows += _rows("ablation_no_cse", "wrong_pixels", {"s1": 0.01}, "truth")
    unavailable = {"dataset": "toy", "method": "ablation_mean", "scene": "", "metric": "q_mi", "status": "unavailable"}
    return [*rows, unavailable | {"value": "", "reason": "no images"}]


def test_all_variants_are_trained_with_the_same_budget():
    runs = ablation.runs(BUDGET)
    assert len(runs) == 7
    changed = {"refinement", "gradient_weight", "channel_attention", "spatial_attention", "activity"}
    complete, *others = (vars(recipe) for recipe in runs.values())
    for recipe in others:
        assert len({name for name in recipe if recipe[name] != complete[name]} & changed) == 1
        assert {name for name in recipe if recipe[name] != complete[name]} <= changed
    assert {(recipe["epochs"], recipe["crop"]) for recipe in (complete, *others)} == {(2, 32)}


def test_another_budget_is_another_run():
    assert not set(ablation.runs(BUDGET)) & set(ablation.runs({**BUDGET, "set": {"epochs": 3}}))


def test_the_hard_map_uses_the_complete_network():
    made = ablation.entries(BUDGET)
    hard, complete = made["ablation_hard"].options, made["ablation_complete"].options
    assert hard == {**complete, "weighting": "hard"}


def test_variants_are_not_in_the_tables_of_the_benchmark():
    assert not set(resolve({}).entries) & set(ablation.entries(BUDGET))


def test_differences_are_taken_scene_by_scene(variants, scores):
    rows = {(r["variant"], r.get("metric")): r for r in ablation.build(DESCRIBED, variants, scores)}
    row = rows["ablation_no_cse", "q_mi"]
    assert float(row["mean"]) == pytest.approx(0.95)
    assert float(row["difference"]) == pytest.approx(-0.15)
    assert float(row["standard_error"]) == pytest.approx(0.05)
    assert rows["ablation_no_cse", "wrong_pixels"]["standard_error"] == ""
    assert rows["ablation_mean", None]["reason"] == "no images"
    assert not any(metric == "psnr" for _, metric in rows), "PSNR against the sources says nothing here"


def test_tables_mark_the_best_and_say_what_is_missing(variants, scores):
    parts = ablation.parts([DESCRIBED], variants, scores)
    text = ablation.markdown(parts, [])
    assert "| Complete | **1.1000** | **0.0300** |" in text
    assert "| Without cSE | 0.9500 | 0.0100 (n=1) |" in text
    assert "Not available: Activity: average (no images)." in text
    tex = ablation.latex(parts, [])
    assert r"Toy\_set" in tex
    assert r"\textbf{1.1000}" in tex


def test_the_figure_has_the_same_bytes_again_and_copes_with_nothing(variants, scores, tmp_path):
    parts = ablation.parts([DESCRIBED], variants, scores)
    for name in "ab":
        training_figures.ablation(parts, [tmp_path / f"{name}.png", tmp_path / f"{name}.pdf"])
    for kind in ("png", "pdf"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()
    training_figures.ablation([(DESCRIBED, [])], [tmp_path / "c.png"])
    assert (tmp_path / "c.png").stat().st_size > 1000
