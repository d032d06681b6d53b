"""Ranks in every scene."""

import pandas as pd

from study.figures import scene_ranks


def test_equal_data_gives_equal_bytes(about, tidy, twice):
    twice(scene_ranks.draw, about, tidy)


def test_ranks_follow_the_direction_of_each_metric_and_keep_gaps():
    rows = [
        ("a", "x", "q_g", 0.9), ("a", "y", "q_g", 0.5), ("a", "x", "q_mi", 0.5), ("a", "y", "q_mi", 0.9),
        ("b", "x", "q_g", 0.1), ("b", "x", "q_mi", 0.2),
    ]  # fmt: skip
    ranks = scene_ranks.scene_ranks(pd.DataFrame(rows, columns=["scene", "method", "metric", "value"]))
    assert ranks.loc["x"].tolist() == [1.5, 1.0] and ranks.loc["y", "a"] == 1.5 and pd.isna(ranks.loc["y", "b"])
    smaller = pd.DataFrame(
        [("a", "x", "q_cv", 3.0), ("a", "y", "q_cv", 1.0)], columns=["scene", "method", "metric", "value"]
    )
    assert scene_ranks.scene_ranks(smaller)["a"].to_dict() == {"x": 2.0, "y": 1.0}


def test_controls_are_not_drawn_and_one_scene_is_not_enough(about, tidy, words, tmp_path):
    scene_ranks.draw(about, tidy, [tmp_path / "c.png"])
    assert "AVERAGE" not in words and words[-1].startswith("Ranks of 4 methods in each of the 3 scenes of Toy $1")
    scene_ranks.draw(about, tidy[tidy["scene"] == "toy_1"], [tmp_path / "c.png"])
    assert words[0].endswith("ranks need scores of two methods on two scenes or more")


def test_names_of_scenes_lose_what_they_share():
    assert scene_ranks.short(["lytro_01", "lytro_02", "lytro_13"]) == ["01", "02", "13"]
    assert scene_ranks.short(["a", "a"]) == ["a", "a"]
