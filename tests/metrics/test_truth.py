"""Metrics of the decision map."""

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
