"""Box plots."""

from dataclasses import replace

import pandas as pd

from study.entries import Entry
from study.figures import boxes
from study.store import SceneFacts
from tests.study.figures.conftest import SCENES


def test_equal_data_gives_equal_bytes(about, tidy, twice):
    twice(boxes.draw, about, tidy)


def test_a_metric_over_fewer_scenes_says_so(about, tidy, words, tmp_path):
    boxes.draw(about, tidy, [tmp_path / "b.png"])
    titles = [word for word in words if "is better" in word]
    assert len(titles) == 2 and "n = " not in titles[0] and titles[1].endswith("(larger is better, n = 2)")


def test_without_scores_the_figure_says_why(about, tidy, words, tmp_path):
    boxes.draw(replace(about, reason="gone"), tidy[:0], [tmp_path / "b.png"])
    assert words[0] == r"Toy \$1: no scores (gone)"


def test_infinite_values_are_left_out(about, tidy, tmp_path):
    tidy.loc[0, "value"] = float("inf")
    boxes.draw(about, tidy, [tmp_path / "b.png"])


def test_of_many_methods_those_that_lead_are_drawn_with_the_proposed_ones(about, tidy, words, tmp_path):
    names = [f"m{k:02}" for k in range(30)]
    entries = tuple(Entry(name, "gacn" if name == "m29" else "lp", name.upper()) for name in names)
    rows = [
        {**tidy.iloc[0], "method": name, "scene": s, "value": 1.0 - k / 100}
        for k, name in enumerate(names)
        for s in SCENES
    ]
    boxes.draw(replace(about, entries=entries, highlight=("m29",)), pd.DataFrame(rows), [tmp_path / "b.png"])
    assert "M00" in words and "M29" in words and "M22" in words and "M23" not in words
    assert "The 24 of 30 methods with the best mean rank" in words[-1]


def test_a_few_failures_do_not_squeeze_a_panel(about, tidy, words, tmp_path):
    many = pd.concat([tidy.assign(scene=f"s{k}") for k in range(10)], ignore_index=True)
    many = many.assign(value=0.97 + 0.01 * (many.index % 2), status="ok")
    many.loc[0, "value"] = 0.2
    boxes.draw(replace(about, scenes=(SceneFacts("s"),) * 10), many, [tmp_path / "b.png"])
    assert "lie beyond it" in words[-1]


def test_few_scenes_have_no_quartiles(about, tidy, words, tmp_path):
    boxes.draw(about, tidy, [tmp_path / "b.png"])
    assert "too few for quartiles" in words[-1]


def test_of_few_scenes_none_lies_outside_its_panel(about, tidy, words, tmp_path):
    tidy = tidy.assign(value=0.97 + 0.01 * (tidy.index % 2), status="ok")
    tidy.loc[0, "value"] = 0.2
    boxes.draw(about, tidy, [tmp_path / "b.png"])
    assert "lie beyond it" not in words[-1]
