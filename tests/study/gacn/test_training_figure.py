"""Figure of a training."""

import pandas as pd
import pytest

from study.gacn import train_network, training_figure


@pytest.fixture
def log():
    rows = [[k, 1e-3 / k, *[1 / k] * 3, *[9.0 if k == 2 else 1.1 / k] * 3, 2.0] for k in range(1, 5)]
    return pd.DataFrame(rows, columns=list(train_network.COLUMNS), dtype=float)


def test_equal_data_gives_equal_bytes(log, twice):
    twice(training_figure.draw, "mine", log)


def test_the_title_names_the_best_epoch_and_values_beyond_the_axis(log, words, tmp_path):
    training_figure.draw("mine", log, [tmp_path / "a.png"])
    (title,) = (word for word in words if word.startswith("Training mine"))
    assert "4 epochs; lowest validation loss 0.2750 in epoch 4" in title and "triangles" in title
    assert {"training images", "held-out images"} <= set(words)


def test_without_epochs_the_figure_says_why(log, words, tmp_path):
    training_figure.draw("mine", log[:0], [tmp_path / "a.png"], "no network")
    assert words[0] == "Training mine: nothing to draw (no network)"
