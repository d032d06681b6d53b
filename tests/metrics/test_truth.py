"""Metrics of decision and index maps."""

import numpy as np
import pytest

import metrics
from files.errors import Undefined


def _score(name, truth, chosen, count=2):
    images = [np.zeros(truth.shape, np.float32)] * count
    return metrics.score(images, images[0], [name], truth_map=truth, index_map=chosen)[name]


def _halves(column, shape=(20, 30)):
    return np.broadcast_to((np.arange(shape[1]) >= column).astype(int), shape)


def test_share_of_wrong_pixels():
    assert _score("wrong_pixels", _halves(10), _halves(13)) == pytest.approx(3 / 30)
    assert _score("wrong_pixels", _halves(10), _halves(10)) == 0
    assert _score("wrong_pixels", _halves(10), 1 - _halves(10)) == 1


@pytest.mark.parametrize("shift", [0, 1, 4])
def test_boundary_off_by_some_pixels(shift):
    assert _score("boundary_error", _halves(10), _halves(10 + shift)) == pytest.approx(shift)


def test_boundary_error_is_symmetric():
    rng = np.random.default_rng(0)
    first, second = (rng.integers(0, 3, (12, 15)) for _ in range(2))
    assert _score("boundary_error", first, second, 3) == pytest.approx(_score("boundary_error", second, first, 3))


def test_false_island_counts_by_its_length_and_distance():
    truth, chosen = _halves(10), _halves(10).copy()
    chosen[10, 20] = 0
    # 20 edges match on both sides; the four of the island are about ten pixels from the truth.
    edges = np.array([[9.5, 20], [10.5, 20], [10, 19.5], [10, 20.5]])
    rows = np.arange(20)
    distances = np.hypot(edges[:, :1] - rows, edges[:, 1:] - 9.5).min(axis=1)
    assert _score("boundary_error", truth, chosen) == pytest.approx(distances.sum() / (20 + 24))


def test_three_regions():
    truth = np.repeat([0, 1, 2], 10)[None].repeat(8, axis=0)
    chosen = np.repeat([0, 1, 2], (10, 12, 8))[None].repeat(8, axis=0)
    # Regions 0, 1, 2 have 1, 2, 1 straight boundaries; the one between 1 and 2 is off by 2 and counts in both regions.
    assert _score("boundary_error", truth, chosen, 3) == pytest.approx((0 + (0 + 2) + 2) / 4)


def test_missing_boundary_costs_the_diagonal():
    diagonal = np.hypot(20, 30)
    nothing = np.zeros((20, 30), int)
    assert _score("boundary_error", _halves(10), nothing) == pytest.approx(diagonal)
    assert _score("boundary_error", nothing, nothing) == 0
    assert _score("boundary_error", nothing, nothing + 1) == pytest.approx(diagonal)


@pytest.mark.parametrize("name", ["wrong_pixels", "boundary_error"])
def test_reason_when_something_is_missing(name):
    images = [np.zeros((8, 8), np.float32)] * 2
    with pytest.raises(Undefined, match="no true index map; the method gives no decision map"):
        metrics.score(images, images[0], [name])


#: Metrics of index maps, and what of the truth each is counted with.
OF_MAPS = sorted(m.id for m in metrics.registry.all() if m.family == "truth" and "index_map" in m.needs)
#: Those that know of defocus or depth.
OF_STACKS = ["depth_error", "depth_error_95", "excess_defocus", "excess_share", "index_distance"]
SHAPE, COUNT, BLUR = (18, 24), 6, 1.5


def _truth(order=range(COUNT), decided=None):
    """What is known of a stack of slanted depth, its slices in `order`."""
    y, x = np.indices(SHAPE)
    # No pixel lies in the middle of two slices.
    depth = (COUNT - 1) * (0.7 * x / SHAPE[1] + 0.3 * y / SHAPE[0]) + 0.013
    defocus = BLUR * np.abs(depth - np.array(list(order))[:, None, None])
    ordered = list(order) == sorted(order)
    return {
        "truth_map": defocus.argmin(axis=0),
        "truth_defocus": defocus,
        "truth_depth": depth if ordered else None,
        "truth_decided": decided,
    }


def _value(name, chosen, **known):
    images = [np.zeros(SHAPE, np.float32)] * COUNT
    return metrics.evaluate(name, metrics.Sources(images, **known), metrics.Fused(images[0], chosen))


@pytest.mark.parametrize("name", OF_MAPS)
def test_best_choice_and_bounds(name):
    known, declared = _truth(), metrics.registry.get(name)
    best = _value(name, known["truth_map"], **known)
    # Whole slices miss a depth between them by at most half a step.
    assert 0 < best <= 0.5 if name.startswith("depth_error") else best == 0
    random = np.random.default_rng(1).integers(0, COUNT, SHAPE)
    farthest = known["truth_defocus"].argmax(axis=0)
    for chosen in (random, farthest):
        assert best < _value(name, chosen, **known) <= declared.upper


def test_a_neighbour_costs_less_than_the_farthest():
    known = _truth()
    near = np.where(known["truth_map"] > 0, known["truth_map"] - 1, 1)
    far = known["truth_defocus"].argmax(axis=0)
    assert _value("wrong_pixels", near, **known) == _value("wrong_pixels", far, **known) == 1
    for name in OF_STACKS:
        if name != "excess_share":
            assert _value(name, near, **known) < 0.7 * _value(name, far, **known)


def test_values_by_hand():
    truth_map = np.zeros(SHAPE, int)
    defocus = np.stack([np.full(SHAPE, radius) for radius in (0.25, 0.5, 0.75, 1.0, 3.0, 4.0)])
    chosen = np.repeat([0, 1, 3, 5], SHAPE[1] // 4)[None].repeat(SHAPE[0], axis=0)
    known = {"truth_map": truth_map, "truth_defocus": defocus, "truth_depth": np.full(SHAPE, 0.5)}
    assert _value("index_distance", chosen, **known) == pytest.approx((0 + 1 + 3 + 5) / 4 / 5)
    assert _value("excess_defocus", chosen, **known) == pytest.approx((0 + 0.25 + 0.75 + 3.75) / 4)
    assert _value("excess_share", chosen, **known) == pytest.approx(2 / 4)
    # Distances to the depth 0.5: 0.5, 0.5, 2.5 and 4.5.
    assert _value("depth_error", chosen, **known) == pytest.approx(1.5)
    assert _value("depth_error_95", chosen, **known) == pytest.approx(4.5)


def test_excess_of_exactly_half_a_pixel_is_right():
    known = {"truth_defocus": np.stack([np.full(SHAPE, 0.0)] + [np.full(SHAPE, 0.5)] * (COUNT - 1))}
    assert _value("excess_share", np.ones(SHAPE, int), **known) == 0


@pytest.mark.parametrize("name", ["wrong_pixels", "boundary_error", "excess_defocus", "excess_share"])
def test_order_of_the_sources_changes_nothing(name):
    order = [3, 0, 5, 1, 4, 2]
    chosen = np.random.default_rng(2).integers(0, COUNT, SHAPE)
    # A source keeps its pixels and gets another number.
    renamed = np.argsort(order)[chosen]
    assert _value(name, renamed, **_truth(order)) == pytest.approx(_value(name, chosen, **_truth()))


@pytest.mark.parametrize("name", OF_STACKS)
def test_turned_stack_changes_nothing(name):
    known = _truth()
    turned = {"truth_map": COUNT - 1 - known["truth_map"], "truth_defocus": known["truth_defocus"][::-1]}
    turned |= {"truth_depth": COUNT - 1 - known["truth_depth"]}
    chosen = np.random.default_rng(3).integers(0, COUNT, SHAPE)
    assert _value(name, COUNT - 1 - chosen, **turned) == pytest.approx(_value(name, chosen, **known))


def test_a_slice_given_twice_costs_nothing():
    order = [0, 1, 2, 2, 4, 5]
    known = _truth(order)
    twin = np.where(known["truth_map"] == 2, 3, known["truth_map"])
    assert _value("wrong_pixels", twin, **known) > 0
    assert _value("excess_defocus", twin, **known) == _value("excess_share", twin, **known) == 0


def test_numbers_out_of_order_measure_no_distance():
    with pytest.raises(Undefined, match="no order of depth"):
        _value("index_distance", np.zeros(SHAPE, int), **_truth([1, 0, 2, 3, 4, 5]))


@pytest.mark.parametrize("name", OF_MAPS)
def test_undecided_pixels_do_not_count(name):
    decided = np.ones(SHAPE, dtype=bool)
    decided[4:12, 5:17] = False
    known = _truth(decided=decided)
    random = np.random.default_rng(4)
    chosen = random.integers(0, COUNT, SHAPE)
    other = np.where(decided, chosen, random.integers(0, COUNT, SHAPE))
    assert _value(name, other, **known) == _value(name, chosen, **known)
    wrong_there = np.where(decided, known["truth_map"], known["truth_defocus"].argmax(axis=0))
    assert _value(name, wrong_there, **known) == _value(name, known["truth_map"], **known)
    everywhere = known | {"truth_decided": None}
    assert _value(name, wrong_there, **everywhere) > _value(name, wrong_there, **known)


@pytest.mark.parametrize("name", OF_MAPS)
def test_a_truth_that_decides_nowhere_has_no_value(name):
    known = _truth(decided=np.zeros(SHAPE, dtype=bool))
    with pytest.raises(Undefined, match="decides at no pixel"):
        _value(name, known["truth_map"], **known)


def test_all_pixels_decided_is_as_none():
    known, whole = _truth(), _truth(decided=np.ones(SHAPE, dtype=bool))
    chosen = np.random.default_rng(6).integers(0, COUNT, SHAPE)
    for name in OF_MAPS:
        assert _value(name, chosen, **known) == _value(name, chosen, **whole)
