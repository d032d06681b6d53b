"""Degradations of an ideal fused image: known, equal in every run, and what they are called."""

import numpy as np
import pytest

import metrics
from study.run import metric_degradations as degradations
from study.run.metric_degradations import DEGRADATIONS, NONE
from study.store import Results
from study.tables.metric_trust_table import DEGRADED, FAMILIES


@pytest.fixture(scope="module")
def values(tmp_path_factory):
    """PSNR, SF and Q_G of one small scene."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(degradations, "measured_metrics", lambda: ["psnr", "sf", "q_g"])
        return degradations.compute(("page",)).pivot(index="degradation", columns="metric", values="value")


def test_every_degradation_lowers_psnr_and_a_stronger_one_more(values):
    loss = values["psnr"] - values["psnr"][NONE]
    assert (loss.drop(NONE) < 0).all()
    for weak, strong in (("noise_2", "noise_5"), ("jpeg_90", "jpeg_60"), ("sharpening_50", "sharpening_100")):
        assert loss[strong] < loss[weak]


def test_a_metric_that_rewards_sharpening_is_caught(values):
    """Spatial frequency measures contrast, and nothing else."""
    assert values["sf"]["sharpening_100"] > values["sf"][NONE]
    assert values["q_g"]["sharpening_100"] < values["q_g"][NONE]


def test_noise_is_the_same_in_every_run_and_of_its_strength():
    levels = np.full((200, 200), 128, np.uint8)
    noise = next(each for each in DEGRADATIONS if each.id == "noise_5")
    first, second = noise.apply(levels), noise.apply(levels)
    assert np.array_equal(first, second)
    assert first.std() == pytest.approx(5, rel=0.03)


def test_the_shift_is_by_one_pixel_and_sharpening_keeps_flat_parts():
    ramp = np.tile(np.arange(10, dtype=np.uint8), (3, 1))
    by_id = {each.id: each for each in DEGRADATIONS}
    assert np.array_equal(by_id["shift_1"].apply(ramp)[:, 1:], ramp[:, :-1])
    flat = np.full((20, 20, 3), 77, np.uint8)
    assert np.array_equal(by_id["sharpening_100"].apply(flat), flat)


def test_all_metrics_that_do_not_know_the_truth_are_measured():
    assert set(metrics.SIX) < set(degradations.measured_metrics())
    assert "ssim" not in degradations.measured_metrics()
    assert {each.family for each in DEGRADATIONS} == FAMILIES.keys() == DEGRADED.keys()


def test_without_a_measurement_the_table_is_empty(tmp_path):
    assert degradations.read(Results(str(tmp_path))).empty
