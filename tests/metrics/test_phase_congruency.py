"""Machinery of Q_P that its values alone would not show to be right."""

import numpy as np
import pytest
from scipy import fft

from metrics._common import phase_congruency
from metrics._common.phase_energy import accumulate
from tests.metrics._images import texture


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (9, 9), (10, 12), (61, 120)])
def test_median_is_exact(shape):
    rng = np.random.default_rng(0)
    values = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    expected = np.median(np.abs(values) ** 2)
    assert phase_congruency._median_square(values) == pytest.approx(expected, rel=1e-14)


def test_median_is_exact_where_the_sample_misleads():
    values = np.random.default_rng(0).random(61 * 80)
    values[::61] += 100
    expected = np.median(values**2)
    assert phase_congruency._median_square(values.reshape(61, 80) * 1j) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("shape", [(12, 20), (13, 17), (1, 5)])
def test_inverse_transform(shape):
    rng = np.random.default_rng(0)
    values = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    spectrum = fft.fft2(values)
    phase_congruency._inverse_transform(spectrum)
    assert np.abs(spectrum - values).max() < 1e-14


def test_large_images_need_no_kept_filters(monkeypatch):
    image = texture((40, 44))
    expected = phase_congruency.phase_congruency(image)
    phase_congruency._radial.cache_clear()
    phase_congruency._orientation.cache_clear()
    monkeypatch.setattr(phase_congruency, "_KEPT_PIXELS", 0)
    assert np.array_equal(phase_congruency.phase_congruency(image), expected)
    assert phase_congruency._orientation.cache_info().currsize == 0


def test_compiled_sums_follow_the_definition():
    responses = np.random.default_rng(2).standard_normal((4, 9, 11, 2)).view(np.complex128)[..., 0]
    sums = np.zeros((5, 9, 11))
    for _ in range(2):
        accumulate(responses, 0.3, (0.6, 0.8), (1e-4, 0.5, 10.0), sums)
    total, moduli = responses.sum(axis=0), np.abs(responses)
    phase = total / (np.abs(total) + 1e-4)
    along = (responses * phase.conj()).real.sum(axis=0)
    across = np.abs((responses * phase.conj()).imag).sum(axis=0)
    spread = moduli.sum(axis=0) / (4 * (moduli.max(axis=0) + 1e-4))
    energy = np.maximum(along - across - 0.3, 0) / (1 + np.exp(10 * (0.5 - spread)))
    share = (energy / moduli.sum(axis=0)) ** 2
    expected = [energy, moduli.sum(axis=0), 0.36 * share, 0.64 * share, 0.48 * share]
    assert np.count_nonzero(energy) > 20
    assert np.allclose(sums, 2 * np.stack(expected), rtol=1e-12, atol=0)


def test_step_edge_is_found_where_it_is():
    image = np.where(np.arange(64) < 32, 40.0, 200.0) * np.ones((64, 1))
    congruency, maximum, _ = phase_congruency.phase_congruency(image)
    row = congruency[32, 8:56]
    assert row.max() > 0.6
    assert row.argmax() + 8 in (31, 32)
    assert maximum[32, 31] > 1.5 * maximum[32, 29]
