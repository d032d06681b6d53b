"""Figures: right panels, missing methods, equal bytes for equal data, the diagram follows the network."""

import numpy as np
import pytest

from files.errors import InputError
from study.config import Entry, resolve
from study.figures import comparison, curves, shown
from study.gacn import network_diagram


@pytest.fixture
def results(pair):
    chosen = np.zeros((64, 80), np.float32)
    chosen[:, :40] = 1
    initial = chosen.copy()
    initial[:32, 40:60] = 1
    return [comparison.Result("A", pair[0], chosen, initial), comparison.Result("B", pair[1])]


@pytest.mark.parametrize("figure", ["decision_maps", "crops", "gallery"])
def test_equal_data_gives_equal_bytes(figure, pair, results, tmp_path):
    for name in ("first", "second"):
        paths = [tmp_path / f"{name}.png", tmp_path / f"{name}.pdf"]
        comparison.DRAW[figure]("Toy", pair, results, ["C (no weights)"], paths)
    for end in (".png", ".pdf"):
        assert (tmp_path / f"first{end}").read_bytes() == (tmp_path / f"second{end}").read_bytes()


def test_without_any_map_the_figure_says_so(pair, results, tmp_path):
    comparison.decision_maps("Toy", pair, results[1:], ["C (no weights)"], [tmp_path / "m.png"])
    assert (tmp_path / "m.png").stat().st_size > 1000


def test_shares_are_measured(pair, results):
    assert comparison.changed(results[0]) == pytest.approx(32 * 20 / (64 * 80))
    assert comparison.copied(pair[0], pair) == 1


def test_a_method_without_result_is_named():
    entry = Entry("lp", "lp", "LP")
    rows = [[{"scene": "", "status": "unavailable", "reason": "no weights"}]]
    assert comparison.load("a", [entry], rows, "nowhere") == ([], ["LP (no weights)"])


def test_a_window_outside_the_image_is_refused(pair):
    assert comparison.window_of(pair, [4, 5, 10]) == (slice(4, 14), slice(5, 15))
    with pytest.raises(InputError, match="does not fit"):
        comparison.window_of(pair, [60, 0, 10])


def test_the_lion_is_shown_where_the_run_has_it():
    assert shown.chosen(resolve({"datasets": ["lytro", "gacn_extra"]}), "decision_maps") == [
        ("gacn_extra", "mwg_temple")
    ]
    assert shown.chosen(resolve({"datasets": ["embedded", "lytro"]}), "decision_maps") == [("lytro", "lytro_01")]
    settings = resolve({"datasets": ["lytro", "lytro_triple"]})
    assert shown.find(settings, "lytro_triple_lytro_triple_02") == ("lytro_triple", "lytro_triple_02")
    settings = resolve({"datasets": ["lytro"], "figures": {"crops": {"scenes": ["lytro/lytro_o1"]}}})
    with pytest.raises(InputError, match="did you mean lytro_"):
        shown.chosen(settings, "crops")


def test_leaders_have_the_best_mean_rank():
    entries = [Entry(n, n, n) for n in ("average", "lp", "gff", "dwt", "gacn")]
    values = {(e.name, "q_g"): {"a": k / 10, "b": k / 10} for k, e in enumerate(entries)}
    assert curves.leaders(entries, values, 2) == ["dwt", "gff"]


def test_the_diagram_follows_the_network(tmp_path):
    network = pytest.importorskip("methods.gacn.network")
    features, decision = network_diagram.describe(network.GACN())
    assert [layer.inputs for layer in features] == [1, 16, 32, 48]
    assert [layer.outputs for layer in decision][-1] == 1
    plain = network.GACN(network.Architecture(channel_attention=False, spatial_attention=False, refinement=False))
    features, decision = network_diagram.describe(plain)
    assert not any(layer.attention for layer in features + decision)
    assert len(decision) == len(plain.decision)
    network_diagram.draw(plain, [tmp_path / "n.png"])
    assert (tmp_path / "n.png").stat().st_size > 1000
