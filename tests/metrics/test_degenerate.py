"""Degenerate input: a value or a clear refusal, never a silent NaN and never a warning."""

import math
import warnings

import numpy as np
import pytest

import metrics
from files.errors import Undefined
from imaging.levels import from_levels
from tests.metrics._images import texture

IDS = metrics.registry.ids()


def _flat(level, shape=(32, 40)):
    return from_levels(np.full(shape, float(level)))


A, B, F = (from_levels(texture((32, 40), seed)) for seed in range(3))
PATTERN = from_levels(np.indices((32, 40)).sum(axis=0) % 2 * 255.0)
CASES = {
    "all black": ([_flat(0), _flat(0)], _flat(0)),
    "all of one gray": ([_flat(90), _flat(90)], _flat(90)),
    "constants": ([_flat(90), _flat(180)], _flat(120)),
    "constant sources": ([_flat(90), _flat(180)], F),
    "one constant source": ([_flat(90), B], F),
    "one black source": ([A, _flat(0)], F),
    "constant fused image": ([A, B], _flat(90)),
    "black fused image": ([A, B], _flat(0)),
    "identical": ([A, A], A),
    "identical sources": ([A, A], F),
    "fused equals first": ([A, B], A),
    "fused equals second": ([A, B], B),
    "chequered": ([PATTERN, 1 - PATTERN], PATTERN),
    "two levels": ([(A > 0.5).astype(np.float32), (B > 0.5).astype(np.float32)], (F > 0.5).astype(np.float32)),
    "1 x 1": ([_flat(10, (1, 1)), _flat(20, (1, 1))], _flat(15, (1, 1))),
    "2 x 2": ([A[:2, :2], B[:2, :2]], F[:2, :2]),
    "1 x 7": ([A[:1, :7], B[:1, :7]], F[:1, :7]),
    "7 x 7": ([A[:7, :7], B[:7, :7]], F[:7, :7]),
    "4 x 40": ([A[:4], B[:4]], F[:4]),
    "three sources, one constant": ([A, B, _flat(9)], F),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", IDS)
def test_value_or_reason(name, case):
    images, fused = CASES[case]
    truth_map = np.zeros(fused.shape, dtype=int)
    defocus = np.stack([np.full(fused.shape, float(number)) for number in range(len(images))])
    sources = metrics.Sources(images, truth_map=truth_map, truth_defocus=defocus, truth_depth=truth_map.astype(float))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            value = metrics.evaluate(name, sources, metrics.Fused(fused, truth_map))
        except Undefined as reason:
            assert len(str(reason)) > 15, "say what is missing"
            assert "nan" not in str(reason), "say it in words"
        else:
            declared = metrics.registry.get(name)
            assert math.isfinite(value)
            assert declared.lower - 1e-9 <= value <= declared.upper + 1e-9


@pytest.mark.parametrize("name", ["q_mi", "q_ncie", "q_te", "fmi", "q_cb", "q_cv", "q_p"])
def test_constant_images_are_named(name):
    with pytest.raises(Undefined, match="source 2 is constant"):
        metrics.score([A, _flat(90)], F, [name])
    with pytest.raises(Undefined, match="fused image is constant"):
        metrics.score([A, B], _flat(90), [name])


@pytest.mark.parametrize("name", ["q_g", "q_abf", "l_abf", "n_abf"])
def test_without_edges_in_the_sources_no_share_of_them_is_preserved(name):
    for flat in ([_flat(90), _flat(90)], [_flat(90), _flat(180)], [_flat(0), _flat(0)]):
        with pytest.raises(Undefined, match="no source has an edge"):
            metrics.score(flat, flat[0], [name])
    assert math.isfinite(metrics.score([_flat(90), B], _flat(90), [name])[name])


def test_no_value_is_a_negative_zero():
    assert math.copysign(1, metrics.score([A, B], _flat(90), ["en"])["en"]) == 1


@pytest.mark.parametrize(
    ("name", "size"), [("q_y", 7), ("q_e", 8), ("q_w", 8), ("q_s", 8), ("q_c", 8), ("ssim", 11), ("q_m", 4), ("fmi", 3)]
)
def test_smallest_size(name, size):
    crops = [image[:size, :size] for image in (A, B, F)]
    assert math.isfinite(metrics.score(crops[:2], crops[2], [name])[name])
    with pytest.raises(Undefined, match=f"at least {size} x {size}"):
        metrics.score([image[1:] for image in crops[:2]], crops[2][1:], [name])


@pytest.mark.parametrize(("name", "value"), [("q_y", 1), ("q_e", 1), ("q_w", 1), ("q_s", 1), ("q_c", 1), ("ssim", 1)])
def test_equal_flat_images_are_perfect(name, value):
    assert metrics.score([_flat(90), _flat(90)], _flat(90), [name])[name] == pytest.approx(value, abs=1e-12)


def test_infinite_psnr_is_refused_in_words():
    with pytest.raises(Undefined, match="infinite"):
        metrics.score([A, B], F, ["psnr"], truth_image=F)
