"""The end of a run in words."""

import pytest

from study.config import resolve
from study.run import summary
from study.store import DatasetFacts, FusedScene, Results, SceneFacts, Score

RAW = {"datasets": ["embedded"], "methods": ["average", "gff", "lp"], "metrics": ["q_mi"]}


@pytest.fixture
def results(tmp_path):
    found = Results(str(tmp_path))
    scenes = (SceneFacts("a", height=10, width=10, count=2), SceneFacts("b", "failed", "damaged"))
    found.write_sources(DatasetFacts("embedded", "Em|bedded", scenes=scenes))
    rows = {
        "average": [FusedScene("embedded", "average", "a", "ok"), FusedScene("embedded", "average", "b", "ok")],
        "gff": [FusedScene("embedded", "gff", "", "unavailable", "no weights")],
        "lp": [
            FusedScene("embedded", "lp", "a", "failed", "RuntimeError: no"),
            FusedScene("embedded", "lp", "b", "ok"),
        ],
    }
    for name, mine in rows.items():
        found.write_fused("embedded", name, mine)
        found.write_scores("embedded", name, [])
    return found


def test_what_ran_what_did_not_and_why(results):
    text, failed = summary.summarise(RAW, results)
    assert "| Em\\|bedded | 1 of 2 | 2 | 1 | 1 |" in text
    assert "- GFF on embedded: no weights" in text
    assert failed == ["embedded, LP, a: RuntimeError: no"]
    assert "tried again" in text and "full configuration" in text


def test_variants_without_a_part_and_scenes_of_an_earlier_choice_are_named(results):
    variants = {"fast": {"method": "gff"}, "off": {"method": "gff"}, "mine": {"method": "precomputed"}}
    for scene in ("a", "earlier"):
        results.write_made(FusedScene("embedded", "gff", scene, "ok"))
    text, _ = summary.summarise(RAW | {"variants": variants, "exclude": ["off"]}, results)
    assert "- The variant `mine` takes no part" in text and "`fast` takes" not in text and "`off` takes" not in text
    assert "- Em\\|bedded: images and scores of 1 scene of an earlier choice stay" in text
    assert "takes no part" not in summary.summarise(RAW, results)[0]


def test_a_metric_that_failed_is_a_failure(results):
    score = Score("embedded", "a", "average", "q_mi", status="failed", reason="q_mi: ValueError: bad")
    results.write_scores("embedded", "average", [score])
    _, failed = summary.summarise(RAW, results)
    assert "embedded, Average, a: q_mi: ValueError: bad" in failed


def test_strict_makes_what_is_missing_a_failure(results):
    _, failed = summary.summarise(RAW | {"strict": True}, results)
    assert "strict: GFF is unavailable: no weights" in failed


def test_the_record_of_a_run(results):
    found = summary.manifest(resolve(RAW).raw, "snakemake --cores 2", results)
    assert found["command"] == "snakemake --cores 2"
    assert found["sources"] == {"embedded": {"a": [], "b": []}}
    assert found["versions"]["numpy"] and found["system"]["cores"]


def test_the_record_of_a_run_of_some_scenes(results):
    found = summary.manifest(resolve(RAW | {"datasets": ["embedded/1-2"]}).raw, "snakemake", results)
    assert found["sources"] == {"embedded": {"a": [], "b": []}}


def test_a_command_names_no_folder_of_the_machine():
    words = ["/opt/env/bin/snakemake", "--cores", "2", "--configfile", "/data/me/mine.yaml", "config/full.yaml"]
    assert summary.command_line(words) == "snakemake --cores 2 --configfile mine.yaml config/full.yaml"
    assert summary.command_line(["/env/snakemake/__main__.py", "-n"]) == "snakemake -n"
