"""Curves over scenes."""

import pandas as pd

from study.figures import curves


def test_equal_data_gives_equal_bytes(about, tidy, twice):
    twice(curves.draw, about, tidy)


def test_leaders_have_the_best_mean_rank(about, tidy):
    values = {m: mine.pivot(index="scene", columns="method", values="value") for m, mine in tidy.groupby("metric")}
    assert curves.leaders(about.entries, values, 2) == ["dwt", "gff"]
    # Smaller values of Q_CV are better; a method without any value has no rank.
    scores = pd.DataFrame({"lp": [1.0, 1.0], "gff": [3.0, 3.0]})
    assert curves.leaders(about.entries, {"q_g": scores}) == ["gff", "lp"]
    assert curves.leaders(about.entries, {"q_cv": scores}) == []


def test_controls_are_not_drawn_and_one_scene_is_no_curve(about, tidy, words, tmp_path):
    curves.draw(about, tidy, [tmp_path / "c.png"])
    assert r"Toy \$1: every scene, 4 methods" in words and "AVERAGE" not in words
    curves.draw(about, tidy[tidy["scene"] == "toy_1"], [tmp_path / "c.png"])
    assert words[0].endswith("curves need scores of two scenes or more")


def test_names_of_scenes_lose_what_they_share():
    assert curves.short(["lytro_01", "lytro_02", "lytro_13"]) == ["01", "02", "13"]
    assert curves.short(["a", "a"]) == ["a", "a"]
