"""The metrics against the truth."""

import pandas as pd

from study.figures import metric_truth_figure

COLUMNS = ["dataset", "label", "comparison", "metric", "spearman", "spearman_low", "spearman_high"]


def test_equal_data_gives_equal_bytes_and_every_data_set_is_named(words, twice):
    rows = [
        (d, f"_${d}", "psnr_all", m, "0.5", *interval)
        for d, interval in (("a", ("0.4", "0.6")), ("b", ("", "")))
        for m in ("q_mi", "q_g")
    ]
    twice(metric_truth_figure.draw, pd.DataFrame(rows, columns=COLUMNS))
    assert "\u200b_\\$a" in words and "\u200b_\\$b" in words and "PSNR:\nall methods" in words


def test_a_single_scene_is_not_drawn(words, tmp_path):
    rows = [(d, d, "psnr_all", "q_mi", rho, "", "") for d, rho in (("many", "0.5"), ("one", ""))]
    metric_truth_figure.draw(pd.DataFrame(rows, columns=COLUMNS), [tmp_path / "t.png"])
    assert "many" in words and "one" not in words


def test_without_truth_the_figure_says_so(words, tmp_path):
    metric_truth_figure.draw(pd.DataFrame(columns=COLUMNS), [tmp_path / "t.png"])
    assert words[0].startswith("No data set of this run has scenes with truth")
