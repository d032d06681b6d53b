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


def test_the_caption_names_the_best_epoch_and_every_loss_lies_on_the_axis(log, words, monkeypatch, tmp_path):
    axes = []
    monkeypatch.setattr(
        training_figure, "_losses", lambda ax, *rest, draw=training_figure._losses: (draw(ax, *rest), axes.append(ax))
    )
    training_figure.draw("mine", log, [tmp_path / "a.png"])
    assert "4 epochs" in words[-1] and "epoch 4, whose validation loss, 0.2750, is the lowest" in words[-1]
    assert {"training images", "held-out images"} <= set(words)
    assert len(axes) == 3
    for ax in axes:
        low, high = ax.get_ylim()
        assert low < 0.25 and high > 9.0


def test_without_epochs_the_figure_says_why(log, words, tmp_path):
    training_figure.draw("mine", log[:0], [tmp_path / "a.png"], "no network")
    assert words[0] == "Training mine: nothing to draw (no network)"
