"""Ablation: differences scene by scene, best values, numbers of scenes, what is missing."""

from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd
import pytest

from study.gacn import ablation_table, entries
from study.gacn.entries import Training
from study.store import SCORE_COLUMNS, Score
from study.tables import writers

BUDGET = {"recipe": "layered", "set": {"epochs": 2, "crop": 32}}
VARIANTS = list(entries.ablation_entries(BUDGET).values())


@pytest.fixture
def scores(score):
    return [
        *score("toy", "ablation_complete", "q_mi", {"s1": 1.0, "s2": 1.2}),
        *score("toy", "ablation_complete", "psnr", {"s1": 9.0}),
        *score("toy", "ablation_complete", "wrong_pixels", {"s1": 0.02, "s2": 0.04}, "truth"),
        *score("toy", "ablation_no_cse", "q_mi", {"s2": 1.0, "s1": 0.9}),
        *score("toy", "ablation_no_cse", "wrong_pixels", {"s1": 0.01}, "truth"),
        Score("toy", "", "ablation_mean", "q_mi", status="unavailable", reason="no images"),
    ]


def tidy(scores):
    return pd.DataFrame([asdict(s) for s in scores], columns=list(SCORE_COLUMNS)).astype({"value": float})


def test_differences_are_taken_scene_by_scene(scores):
    rows = ablation_table.compare("toy", VARIANTS, tidy(scores)).set_index(["variant", "metric"])
    row = rows.loc["ablation_no_cse", "q_mi"]
    assert (row["mean"], row["n"], row["difference"]) == pytest.approx((0.95, 2, -0.15))
    assert row["standard_error"] == pytest.approx(0.05)
    assert pd.isna(rows.loc[("ablation_no_cse", "wrong_pixels"), "standard_error"])
    assert pd.isna(rows.loc[("ablation_complete", "q_mi"), "difference"])
    assert rows.loc[("ablation_mean", ""), "reason"] == "no images"
    assert rows.loc[("ablation_hard", ""), "reason"] == "no result"
    assert "psnr" not in rows.index.get_level_values("metric"), "PSNR against the sources says nothing here"


def test_the_table_marks_the_best_and_says_what_is_missing(scores):
    page = ablation_table.page(ablation_table.compare("toy", VARIANTS, tidy(scores)))
    text = writers.markdown(page)
    assert "| Complete | **1.1000** | **0.0300** |" in text
    assert "| Without cSE | 0.9500 | 0.0100 (n=1) |" in text
    assert "Means over n = 2 scenes; other numbers are stated." in text
    assert "Not available: Activity: average (no images)." in text
    assert r"\textbf{1.1000}" in writers.latex(page)


def test_a_number_of_scenes_below_that_of_the_note_is_always_stated(score):
    """Also where all variants lack the same scene."""
    names = ("ablation_complete", "ablation_no_cse")
    scores = [s for m in names for s in score("toy", m, "q_mi", {"s1": 1.0, "s2": 2.0})]
    scores += [s for m in names for s in score("toy", m, "q_y", {"s1": 0.5})]
    text = writers.markdown(ablation_table.page(ablation_table.compare("toy", VARIANTS, tidy(scores))))
    assert text.count("0.5000** (n=1)") == 2


def test_a_variant_may_lack_a_metric(score):
    scores = [
        *score("toy", "ablation_complete", "q_mi", {"s1": 1.0}),
        *score("toy", "ablation_no_cse", "q_y", {"s1": 0.5}),
    ]
    text = writers.markdown(ablation_table.page(ablation_table.compare("toy", VARIANTS, tidy(scores))))
    assert "| Complete | **1.0000** | n/a |" in text
    assert "| Without cSE | n/a | **0.5000** |" in text


def test_one_reason_for_all_variants_is_said_once():
    scores = [Score("toy", "", v.name, "q_mi", status="unavailable", reason="no network") for v in VARIANTS]
    frame = ablation_table.compare("toy", VARIANTS, tidy(scores))
    text = writers.markdown(ablation_table.page(frame))
    assert text.count("no network") == 1 and "Not available: any variant (no network)." in text


def test_the_budget_is_that_of_the_records():
    recipe = entries.ablation_runs(BUDGET).popitem()[1].record()
    good = [Training(name, recipe, seconds=seconds) for name, seconds in (("a", 60.0), ("b", 120.0))]
    page = ablation_table.page(
        pd.DataFrame(columns=list(ablation_table.COLUMNS)), [*good, replace(good[0], status="failed")]
    )
    assert "epochs 2," in page.notes[0] and "32 x 32" in page.notes[0]
    assert page.notes[1].startswith("One training took 1.0 to 2.0 min.")


def test_what_is_written_is_read_back(results, scores):
    for variant in VARIANTS:
        results.write_scores("toy", variant.name, [s for s in scores if s.method == variant.name])
    ablation_table.write(results, ["toy"], BUDGET)
    read = ablation_table.read(results)
    pd.testing.assert_frame_equal(read, ablation_table.compare("toy", VARIANTS, tidy(scores)))
    lines = Path(results.table("ablation.csv")).read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(ablation_table.COLUMNS)
    assert "toy,ablation_complete,Complete,q_mi,1.1,2,,," in lines
    assert "toy,ablation_mean,Activity: average,,,0,,,no images" in lines
    assert r"\textbf{1.1000}" in Path(results.table("ablation.tex")).read_text(encoding="utf-8")
