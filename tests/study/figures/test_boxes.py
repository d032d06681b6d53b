"""Box plots."""

from dataclasses import replace

from study.figures import boxes


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
