"""The diagram is drawn from the network."""

import pytest

from study.gacn import network_diagram

pytest.importorskip("torch")
from methods.gacn.network import GACN, Architecture


def test_equal_networks_give_equal_bytes(twice):
    twice(network_diagram.draw, GACN())


def test_layers_are_those_of_the_module():
    features, decision = network_diagram.describe(GACN())
    assert [layer.name for layer in features] == [f"Conv {k}" for k in range(1, 5)]
    assert [layer.inputs for layer in features] == [1, 16, 32, 48]
    assert decision[0].kernel == 0 and "sSE" in decision[0].attention
    assert decision[-1].outputs == 1


def test_without_attention_and_refinement_nothing_of_them_is_drawn(words, tmp_path):
    network_diagram.draw(GACN(Architecture(False, False, "mean", False)), [tmp_path / "a.png"])
    assert not any("SE" in word or "refinement" in word or word == "attention" for word in words)
    assert any("mean" in word for word in words)
