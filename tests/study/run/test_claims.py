"""What jobs claim on a cluster: never less than was measured, more for larger images and dearer methods, a GPU only where it is used."""

import os

import pytest

import scenes
from study.entries import Entry
from study.run import claims
from study.run.reference import REFERENCE
from study.store import DatasetFacts, Results, SceneFacts

PAIR = [(520, 520, 2)]
LP, GACN = Entry("lp", "lp", "LP"), Entry("gacn", "gacn", "GACN")


def test_a_claim_covers_what_was_measured():
    times = REFERENCE.read_times(claims.MEASURED)
    good = times[times["status"] == "ok"]
    assert len(good) > 20
    for method, peak in zip(good["method"], good["peak_memory_mb"].astype(float), strict=True):
        entry = Entry("variant", method, "Variant")
        assert peak < claims.fusion_memory(entry, PAIR) < claims.PROGRAM_MB + 2 * peak + 100


def test_the_size_of_the_measured_images_is_known_without_them(monkeypatch):
    monkeypatch.setattr(scenes, "load", lambda _: pytest.fail("an image was asked for"))
    megapixels, _ = claims._measured.__wrapped__()
    assert megapixels == pytest.approx(520 * 520 / 1e6, rel=1e-4)


def test_a_program_without_its_reference_run_claims_as_for_unknown_images(monkeypatch, tmp_path):
    monkeypatch.setattr(claims, "REFERENCE", Results(str(tmp_path)))
    monkeypatch.setattr(claims, "_measured", claims._measured.__wrapped__)
    assert claims.fusion_memory(LP, PAIR) == claims.scoring_memory(PAIR) == claims.UNKNOWN_MB


def test_memory_grows_with_the_image_and_the_stack():
    one = claims.fusion_memory(GACN, PAIR)
    assert claims.fusion_memory(GACN, [*PAIR, (1040, 1040, 2)]) > 2 * (one - 1000)
    longer = claims.fusion_memory(GACN, [(520, 520, 66)]) - one
    assert longer == pytest.approx(claims.SPARE * 64 * 520 * 520 * 12 / 2**20, abs=1)
    assert claims.scoring_memory([(1040, 1040, 2)]) > claims.scoring_memory(PAIR)


def test_a_method_that_was_not_measured_counts_as_the_largest():
    known = [claims.fusion_memory(Entry(name, name, name), PAIR) for name in ("lp", "gff", "gacn")]
    assert claims.fusion_memory(Entry("mine", "mine", "Mine"), PAIR) >= max(known)


def test_minutes_come_from_the_declared_cost():
    many = PAIR * 50
    seconds = GACN.declared.cost * 520 * 520 * 50 / 1e6
    assert claims.fusion_minutes(GACN, many) == pytest.approx(10 + claims.MARGIN * seconds / 60, abs=1)
    assert claims.fusion_minutes(LP, many) < claims.fusion_minutes(GACN, many)
    assert claims.scoring_minutes(many) > claims.scoring_minutes(PAIR) >= claims.LEAST_MINUTES


def test_images_that_are_not_known_yet(tmp_path):
    results = Results(str(tmp_path))
    assert claims.sizes(results, "a_folder") is None
    assert claims.fusion_memory(LP, None) == claims.scoring_memory(None) == claims.UNKNOWN_MB
    assert claims.fusion_minutes(LP, None) == claims.scoring_minutes(None) == claims.UNKNOWN_MINUTES
    found = (SceneFacts("a", height=4, width=5, count=2), SceneFacts("b", "failed"))
    results.write_sources(DatasetFacts("a_folder", "A", scenes=found))
    assert claims.sizes(results, "a_folder") == [(4, 5, 2)]


def test_sizes_are_read_once_and_again_when_the_record_changes(tmp_path, monkeypatch):
    results = Results(str(tmp_path))
    for height in (4, 6):
        results.write_sources(DatasetFacts("again", "A", scenes=(SceneFacts("a", height=height, width=5, count=2),)))
        os.utime(results.sources("again"), (height, height))
        assert claims.sizes(results, "again") == [(height, 5, 2)]
    monkeypatch.setattr(Results, "sources_if_any", lambda *_: pytest.fail("read again"))
    assert claims.sizes(Results(str(tmp_path)), "again") == [(6, 5, 2)]


def test_a_gpu_is_claimed_by_methods_that_use_one_only(monkeypatch):
    for device, here, expected in (
        ("cuda", None, 1),
        ("auto", None, 0),
        ("auto", "/bin/nvidia-smi", 1),
        ("cpu", "x", 0),
    ):
        monkeypatch.setattr(claims.shutil, "which", lambda _, here=here: here)
        assert claims.gpus(GACN, device) == expected
        assert claims.gpus(LP, device) == 0
