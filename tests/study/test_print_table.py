"""A table of chosen methods and metrics: order of rows, ranks among the chosen, names that the run lacks."""

import csv
import dataclasses
import io

import pytest

from files.errors import InputError
from study import print_table
from study.entries import Entry
from tests.study._latex import problems
from tests.study._scores import about, rows, stored

VALUES = {
    "average": {"q_mi": [0.5, 0.6], "q_g": [0.1, 0.1], "q_cv": [90.0, 80.0]},
    "lp": {"q_mi": [1.0, 1.2], "q_g": [0.7, 0.7], "q_cv": [10.0, 12.0]},
    "gff": {"q_mi": [1.1, 1.1], "q_g": [0.6, 0.6], "q_cv": [9.0, 9.0]},
    "dwt": {"q_mi": [0.9, 0.9], "q_g": [0.5, 0.5], "q_cv": [30.0, 30.0]},
}
SCENES = ("s1", "s2")


@pytest.fixture
def results(tmp_path):
    return stored(tmp_path, about("toy", list(VALUES), ["q_mi", "q_g", "q_cv"], SCENES), rows("toy", VALUES, SCENES))


def _csv(results, names, ids):
    return list(csv.DictReader(io.StringIO(print_table.table(results, "toy", names, ids, "csv"))))


def test_rows_stand_in_the_chosen_order_and_are_ranked_among_themselves(results):
    found = _csv(results, ["dwt", "lp"], ["q_mi", "q_g"])
    assert [row["method"] for row in found] == ["dwt", "lp"]
    assert [row["mean_rank"] for row in found] == ["2.000", "1.000"]
    assert "q_cv" not in found[0]


def test_groups_of_metrics_and_methods(results):
    found = _csv(results, ["all"], ["six"])
    assert [row["method"] for row in found] == list(VALUES)
    assert {"q_mi", "q_g"} <= set(found[0]) and "q_cv" not in found[0]
    assert "q_cv" in _csv(results, [], ["all"])[0]


def test_the_notes_name_the_metrics_of_the_mean_rank(results):
    text = print_table.table(results, "toy", ["gff", "lp"], ["q_g"])
    assert "2 of the 4 methods and 1 of the 3 metrics" in text
    assert "over the six metrics" not in text


def test_chosen_metrics_stand_in_one_table_in_their_order_and_are_all_ranked(results):
    text = print_table.table(results, "toy", ["lp", "gff", "dwt"], ["q_cv", "q_g"], "latex")
    assert text.count(r"\label{") == 1 and r"\label{tab:toy_chosen}" in text
    written = print_table.table(results, "toy", ["lp", "gff", "dwt"], ["q_cv", "q_g"])
    head = next(line for line in written.splitlines() if line.startswith("| Method"))
    assert [cell.split()[0] for cell in head.strip("| ").split(" | ")] == ["Method", "Q_CV", "Q_G", "Mean"]
    assert "mean rank over Q_CV, Q_G;" in written
    ranks = {row["method"]: row["mean_rank"] for row in _csv(results, ["lp", "gff", "dwt"], ["q_cv", "q_g"])}
    assert ranks == {"lp": "1.500", "gff": "1.500", "dwt": "3.000"}


def test_a_method_without_plug_in_is_a_row_like_others(results):
    kept = results.read_about("toy")
    mine = Entry("left_elsewhere", "left_elsewhere", "Mine", origin="this run")
    entries = (*(entry for entry in kept.entries if entry.name != "gff"), mine)
    results.write_about(dataclasses.replace(kept, entries=entries, main=(*kept.main, mine.name)))
    tidy = results.read_tidy("toy")
    results.write_tidy("toy", tidy.assign(method=tidy["method"].replace("gff", mine.name)))
    found = _csv(results, ["left_elsewhere", "lp"], ["q_g"])
    assert [(row["label"], row["mean_rank"]) for row in found] == [("Mine", "2.000"), ("LP", "1.000")]
    text = print_table.table(results, "toy", ["left_elsewhere", "lp"], ["six"], "latex")
    assert not problems(text) and r"\cite{left_elsewhere}" not in text


def test_latex_can_be_set(results):
    assert not problems(print_table.table(results, "toy", ["lp", "gff"], ["six"], "latex"))


@pytest.mark.parametrize(
    ("dataset", "names", "ids", "words"),
    [
        ("toi", ["lp"], ["six"], "--dataset: .*'toi'; did you mean toy"),
        ("toy", ["gfff"], ["six"], "--methods: the run has no 'gfff'; did you mean gff"),
        ("toy", ["lp"], ["q_m"], "--metrics: the run has no 'q_m'; did you mean q_mi"),
        ("toy", ["lp"], [], "--metrics: no name given"),
    ],
)
def test_a_name_that_the_run_lacks_is_named(results, dataset, names, ids, words):
    with pytest.raises(InputError, match=words):
        print_table.table(results, dataset, names, ids)
