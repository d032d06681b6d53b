"""How a training ended, in one line."""

import pytest

from files.errors import Unavailable
from study.gacn.entries import Training
from study.gacn.train import told


def test_a_finished_training_names_file_and_loss():
    ended = Training("mine", {}, epochs=9, best_epoch=4, validation_total=0.25)
    assert told(ended) == (
        "results/training/mine/gacn.safetensors: validation loss 0.2500, the lowest of 9 epochs, in epoch 4"
    )


def test_one_without_parameters_is_an_error():
    with pytest.raises(Unavailable, match="training mine is failed: the loss is nan"):
        told(Training("mine", {}, status="failed", reason="the loss is nan"))
