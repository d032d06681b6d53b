"""One's own method among kept scores: only it is run, its row is marked, nothing is computed before every error is known."""

import argparse
from pathlib import Path

import pytest

from files.errors import InputError
from study import records
from study.own import beside, compare
from study.run.reference import check_sources
from study.store import Results
from study.tables import means_table
from tests.study._latex import problems


@pytest.fixture
def results(tmp_path):
    return Results((tmp_path / "own").as_posix())


def test_a_method_stands_in_the_tables_of_the_kept_run(run, results):
    dataset = beside.kept("embedded/camera", run)
    written = compare.compare(compare.chosen(["gff"]), [dataset], results)
    assert all(Path(path).exists() for path in written)
    table = means_table.read(results, "embedded", "table").set_index("method")
    assert list(table.index) == ["average", "lp", "gff", "gacn"]
    assert table.loc["lp", "q_mi"] == 0.3, "of the one scene, not of both"
    assert table.loc["gff", "q_mi_rank"] == 2 and table.loc["gacn", "q_mi_rank"] == 1
    text = Path(results.table("table.md", "embedded")).read_text()
    assert "| GFF (this run) |" in text and "(this run): scored here" in text
    assert "1 of the 2 scenes of the reference run." in text
    assert f"Version {records.today()}." in text
    assert not problems(Path(results.table("table.tex", "embedded")).read_text())
    assert not problems(Path(results.table("compare.tex", "embedded")).read_text())
    assert not Path(results.arrays_of("embedded")).exists(), "only the measuring needs them"
    assert "**GFF** has place 3 of 3" in Path(results.page("FINDINGS.md")).read_text()
    record = records.read_json(results.page("run.json"))
    assert record["sources"]["embedded"].keys() == {"camera"} and record["versions"]["python"]


def test_a_stopped_comparison_leaves_no_tables_of_an_earlier_one(run, results, monkeypatch):
    dataset = beside.kept("embedded/camera", run)
    compare.compare(compare.chosen(["gff"]), [dataset], results)
    assert Path(results.table("compare.md", "embedded")).exists() and Path(results.page("FINDINGS.md")).exists()

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(beside.score_set, "score_set", stopped)
    with pytest.raises(KeyboardInterrupt):
        compare.compare(compare.chosen(["gff"]), [dataset], results)
    left = [path for folder in (results.table(""), results.figure("")) for path in Path(folder).rglob("*.*")]
    assert not left
    assert not Path(results.page("FINDINGS.md")).exists() and not Path(results.page("run.json")).exists()
    assert results.image("embedded", "gff", "camera").exists() and Path(results.scores("embedded", "gff")).exists()


def test_the_kept_scores_are_no_place_for_results(run):
    given = argparse.Namespace(methods=["gff"], datasets="embedded", results=run.root, output=f"{run.root}/")
    with pytest.raises(InputError, match=r"--output: .* holds the kept scores; name another"):
        compare.command(given)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("embeded", "no data set 'embeded'; did you mean embedded"),
        ("embedded/coffee", "no scene coffee of embedded"),
        ("embedded/mug", "no scenes 'mug'"),
    ],
)
def test_what_the_kept_run_lacks_is_named(run, item, words):
    with pytest.raises(InputError, match=words):
        beside.kept(item, run)


@pytest.mark.parametrize(("folder", "words"), [("nosuch", "no such folder"), ("", r"no tables/DATASET/about\.json")])
def test_a_folder_without_kept_scores_is_named(tmp_path, folder, words):
    with pytest.raises(InputError, match=f"^{tmp_path}.*{folder}: {words}.*results of a finished run"):
        beside.kept("lytro", Results((tmp_path / folder).as_posix()))


def test_other_sources_are_refused(run, facts):
    path = Path(run.page("run.json"))
    record = records.read_json(path)
    record["sources"]["embedded"]["camera"][0] = "0" * 64
    records.write_json(path, record)
    with pytest.raises(InputError, match="sources of camera are not those"):
        check_sources(facts, run)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gfff", "did you mean gff"),
        ("first", "is a control"),
        ("nd_cnpfuse", "as images by its authors only"),
        ("precomputed", "focusbench score FOLDER"),
    ],
)
def test_methods_that_cannot_be_compared(name, words):
    with pytest.raises(InputError, match=words):
        compare.chosen([name])
