"""Figure of the ablation."""

import pandas as pd
import pytest

from study.gacn import ablation_figure
from study.gacn.ablation_table import COLUMNS


@pytest.fixture
def frame():
    rows = [
        ("toy", "a", "$A_1$", "q_mi", 1.0, 2.0, -0.1, 0.02, ""),
        ("toy", "a", "$A_1$", "wrong_pixels", 0.1, 2.0, 0.1, float("nan"), ""),
        ("other", "a", "$A_1$", "q_mi", 1.0, 2.0, 0.1, 0.02, ""),
        ("other", "b", "B", "", float("nan"), 0.0, float("nan"), float("nan"), "gone"),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def test_equal_data_gives_equal_bytes(frame, twice):
    twice(ablation_figure.draw, frame)


def test_a_set_with_truth_shows_the_errors_against_it(frame, words, tmp_path):
    ablation_figure.draw(frame, [tmp_path / "a.png"])
    titles = [word for word in words if "arrow" in word and ":" in word and "better than" not in word][:-1]
    assert len(titles) == 2 and words[-1].startswith("GACN without one of its design choices")
    assert titles[0].startswith("toy: wrong pixels") and titles[1].startswith(r"other: $Q_{\mathrm{MI}}")


def test_without_differences_the_figure_says_so(frame, words, tmp_path):
    ablation_figure.draw(frame[frame["difference"].isna()], [tmp_path / "a.png"])
    assert "nothing to compare" in words[0]
