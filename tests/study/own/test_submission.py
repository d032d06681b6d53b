"""Submissions: written from results, checked against the kept run, scored again, taken into its tables with a mark."""

import copy
import json
import re
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

from files.errors import InputError
from study import adopt, records
from study.own import beside, check_submission, compare, submission, submit
from study.store import Results
from study.tables import means_table

WHO = {"name": "A. Author", "contact": ""}
METHOD = {"citation": "A. Author, Mine, Journal, 2026", "code": "https://example.org/mine"}


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Results of a method of one's own on two scenes."""
    from study.run.sources import collect
    from tests.study._scores import about, rows, stored
    from tests.study.own.conftest import SCENES

    place = tmp_path_factory.mktemp("measured")
    values = {"lp": {"q_mi": [0.2, 0.3], "q_y": [0.9, 0.9]}}
    run = stored(place / "kept", about("embedded", ["lp"], ["q_mi", "q_y"], SCENES), rows("embedded", values, SCENES))
    sums = {scene.name: list(scene.checksums) for scene in collect("embedded", wanted=SCENES).scenes}
    records.write_json(run.page("run.json"), {"sources": {"embedded": sums}})
    results = Results((place / "own").as_posix())
    entries, dataset = compare.chosen(["gff"]), beside.kept("embedded", run)
    beside.measure(entries[0], dataset, results)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(beside, "_draw", lambda *_: None)  # figures say nothing here
        beside.write(entries, [dataset], results)
    return run, results


@pytest.fixture(scope="module")
def built(measured):
    """Its submission."""
    return submit.built(measured[1], "", WHO, METHOD)


@pytest.fixture
def content(built):
    """A copy of it that a test may change."""
    return copy.deepcopy(built)


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(json.loads(submission.SCHEMA.read_text(encoding="utf-8")))


def test_a_submission_holds_what_was_measured(measured, content, tmp_path):
    run, results = measured
    path = tmp_path / "mine.json"
    records.write_json(path, content)
    read = submission.read(path)
    submission.check_content(read, "mine.json", run)
    assert read["how"] == "fused by this program" and read["program"]["versions"]["python"]
    tidy = submission.tidy(read, "embedded").set_index(["scene", "metric"])["value"]
    stored = results.read_tidy("embedded").query("method == 'gff'").set_index(["scene", "metric"])["value"]
    assert tidy.sort_index().equals(stored.sort_index()), "to the last digit"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c["method"].pop("citation"), "method: 'citation' is a required property"),
        (lambda c: c["method"].update(code="example.org"), r"method\.code"),
        (lambda c: c["datasets"]["embedded"]["camera"].update(pixels="abc"), r"datasets\.embedded\.camera\.pixels"),
        (lambda c: c["datasets"]["embedded"]["camera"]["scores"].update(q_mi="high"), r"camera\.scores\.q_mi"),
        (
            lambda c: c["datasets"]["embedded"]["camera"]["scores"].update(q_mi=99.0),
            "camera: q_mi = 99.0: Q_MI is between 0 and 2",
        ),
        (lambda c: c["datasets"]["embedded"]["camera"]["scores"].update(q_mi=float("nan")), "camera: q_mi = nan"),
        (lambda c: c["datasets"]["embedded"]["camera"]["scores"].pop("q_mi"), "camera: no q_mi; give its value"),
        (lambda c: c["method"].update(name="lp"), r"LP \(lp\) has a row of this name"),
        (
            lambda c: c["datasets"]["embedded"].pop("camera"),
            "has 1 of the 2 scenes .* lacks camera; .*whole data sets.*score all scenes",
        ),
        (lambda c: c["datasets"]["embedded"]["camera"].update(sources=["0" * 64] * 2), "sources of camera are not"),
        (lambda c: c["datasets"].update(lytro=c["datasets"].pop("embedded")), "no data set 'lytro'"),
    ],
)
def test_what_is_wrong_is_named(measured, content, change, words):
    change(content)
    with pytest.raises(InputError, match=words):
        submission.check_form(content, "mine.json")
        submission.check_content(content, "mine.json", measured[0])


def test_its_images_are_scored_again(measured, content):
    run, results = measured
    folder = results.image("embedded", "gff", "camera").parent
    images = folder.parent.parent / "copies"
    images.mkdir(exist_ok=True)
    for scene in ("astronaut", "camera"):
        (images / f"{scene}.png").write_bytes((folder / f"{scene}.png").read_bytes())
    assert check_submission.rescored(content, "mine.json", images, run) == 4
    content["datasets"]["embedded"]["camera"]["scores"]["q_mi"] += 0.01
    stated = content["datasets"]["embedded"]["camera"]["scores"]
    words = f"camera: q_mi: stated {stated['q_mi']:.12g}, measured {stated['q_mi'] - 0.01:.12g}"
    with pytest.raises(InputError, match=rf"mine\.json: embedded: .*{re.escape(words)}$"):
        check_submission.rescored(content, "mine.json", images, run)
    (images / "camera.png").write_bytes((folder / "astronaut.png").read_bytes())
    with pytest.raises(InputError, match=r"camera\.png is not the image"):
        check_submission.rescored(content, "mine.json", images, run)


def _tidy(**values):
    rows = [("s1", metric, value, "undefined" if value is None else "ok") for metric, value in values.items()]
    return (
        pd.DataFrame(rows, columns=["scene", "metric", "value", "status"]).astype({"value": float}).assign(method="m")
    )


@pytest.mark.parametrize(
    ("stated", "measured", "words"),
    [
        ({"a": 0.5}, {"a": None}, "s1: a: stated 0.5, measured no value"),
        ({"a": None}, {"a": 0.5}, "s1: a: stated no value, measured 0.5"),
        (dict.fromkeys("abcdefg", 1.0), dict.fromkeys("abcdefg", 2.0), "e: stated 1, measured 2; 2 more of 7 scores"),
    ],
)
def test_scores_that_differ_are_named_with_both_values(stated, measured, words):
    with pytest.raises(InputError, match=words):
        check_submission._check_equal(_tidy(**stated), _tidy(**measured), "mine.json")


def test_a_submission_becomes_a_marked_row(measured, content, tmp_path):
    run = Results(tmp_path.as_posix())
    about = measured[0].read_about("embedded")
    run.write_about(about)
    run.write_tidy("embedded", measured[0].read_tidy("embedded"))
    records.write_json(tmp_path / "mine.json", content)
    assert adopt.adopt_submission(str(tmp_path / "mine.json"), run, run) == {"embedded": ["gff"]}
    about = run.read_about("embedded")
    assert [(entry.name, entry.origin) for entry in about.entries] == [("lp", ""), ("gff", "submitted")]
    assert about.dated == records.today() and "gff" in about.main
    found = means_table.main_means(about, run.read_tidy("embedded"))
    assert any(note.startswith("(submitted): scores handed in") for note in means_table.notes(found))
    assert Path(run.submission("gff")).is_file()
    adopt.adopt_submission(run.submission("gff"), run, run)  # a newer one takes its place
    assert len(run.read_about("embedded").entries) == 2


def test_without_results_nothing_can_be_submitted(tmp_path):
    with pytest.raises(InputError, match="no results of one's own there; run `focusbench compare`"):
        submit.built(Results(str(tmp_path)), "", WHO, METHOD)
    with pytest.raises(InputError, match="nosuch: no such folder; run `focusbench compare`"):
        submit.built(Results(str(tmp_path / "nosuch")), "", WHO, METHOD)
