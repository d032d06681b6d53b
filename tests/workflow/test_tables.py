"""Tables: means, ranks by direction, ties on printed digits, missing values."""

import math

import pytest

from study.config import Entry, resolve
from study.tables import means_table as tables
from tests.study._latex import problems
from tests.study._scores import about, names, rows

DESCRIBED = {
    "dataset": "toy",
    "label": "Toy_set",
    "note": "",
    "status": "ok",
    "reason": "",
    "scenes": [{"name": n, "status": "ok"} for n in ("s1", "s2")],
}


def _rows(values):
    """values: {method: {metric: [v1, v2]}}; None is a failed scene."""
    rows = []
    for method, by_metric in values.items():
        for metric, numbers in by_metric.items():
            for scene, number in zip(("s1", "s2"), numbers, strict=True):
                row = {"dataset": "toy", "scene": scene, "method": method, "metric": metric, "reference": "sources"}
                good = (
                    {"status": "ok", "value": repr(number)}
                    if number is not None
                    else {"status": "failed", "reason": "broke"}
                )
                rows.append(row | good)
    return rows


def _entries(*names):
    return [Entry(name, name, name.upper()) for name in names]


@pytest.fixture
def table():
    rows = _rows(
        {
            "average": {"q_mi": [2.0, 2.0], "q_cv": [0.0, 0.0]},
            "lp": {"q_mi": [1.0, 1.2], "q_cv": [10.0, 12.0]},
            "gff": {"q_mi": [1.10001, 1.10001], "q_cv": [9.0, 9.0]},
            "dwt": {"q_mi": [0.9, 0.9], "q_cv": [30.0, 30.0]},
        }
    )
    return tables.build("toy", _entries("average", "lp", "gff", "dwt"), ["q_mi", "q_cv"], rows, 2)


def test_ranks_follow_the_direction_of_the_metric(table):
    assert table.cells["gff", "q_cv"].rank == 1
    assert table.cells["lp", "q_cv"].rank == 2
    assert table.cells["dwt", "q_cv"].rank == 3


def test_ties_are_decided_on_the_printed_digits(table):
    assert table.cells["lp", "q_mi"].rank == table.cells["gff", "q_mi"].rank == 1.5
    assert table.cells["lp", "q_mi"].place == table.cells["gff", "q_mi"].place == 1
    assert table.cells["dwt", "q_mi"].place == 2


def test_controls_are_not_ranked(table):
    assert math.isnan(table.cells["average", "q_mi"].rank)
    assert table.cells["average", "q_mi"].place == 0


def test_a_failed_scene_is_neither_zero_nor_ranked():
    rows = _rows({"lp": {"q_mi": [1.0, None]}, "gff": {"q_mi": [0.5, 0.5]}})
    table = tables.build("toy", _entries("lp", "gff"), ["q_mi"], rows, 2)
    cell = table.cells["lp", "q_mi"]
    assert (cell.value, cell.n) == (1.0, 1)
    assert math.isnan(cell.rank)
    assert "(n=1)" in tables.markdown(table, DESCRIBED)
    assert "broke" in tables.markdown(table, DESCRIBED)


def test_unavailable_methods_are_named_with_the_reason():
    rows = _rows({"gff": {"q_mi": [0.5, 0.5]}})
    rows.append(
        {"scene": "", "method": "lp", "metric": "q_mi", "status": "unavailable", "reason": "weights are missing"}
    )
    table = tables.build("toy", _entries("lp", "gff"), ["q_mi"], rows, 2)
    text = tables.markdown(table, DESCRIBED)
    assert "Not available: LP (weights are missing)." in text
    assert "weights are missing" in tables.latex(table, DESCRIBED)


def test_markdown_marks_best_and_second(table):
    text = tables.markdown(table, DESCRIBED)
    assert "**9.00" in text or "**9.0" in text
    assert "<u>11.00" in text or "<u>11.0" in text


def test_latex_is_escaped_booktabs(table):
    text = tables.latex(table, DESCRIBED)
    assert r"Toy\_set" in text
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 2, "the six metrics, and the others"
    assert problems(text) == []
    assert r"\underline{" in text
    assert r"\textbf{1.1000}" in text


def test_wide_rows_state_n(table):
    columns, rows = tables.wide_rows(table)
    assert columns[-1] == "mean_rank"
    assert rows[1]["q_mi_n"] == 2


def test_timing_summary_takes_the_median():
    base = {"dataset": "toy", "method": "lp", "label": "LP", "scene": "s1", "status": "ok", "warm": "yes"}
    base |= {
        "megapixels": "0.5",
        "images": "3",
        "device": "cpu",
        "device_name": "x",
        "threads": "2",
        "peak_memory_mb": "10",
    }
    rows = [base | {"repeat": str(i), "seconds": str(s)} for i, s in enumerate((1.0, 5.0, 2.0))]
    rows.append({"dataset": "toy", "method": "sr", "label": "SR", "status": "unavailable", "reason": "no dictionary"})
    _, summary = tables.timing_summary(rows)
    assert summary[0]["median_s"] == "2.0000"
    assert summary[0]["s_per_megapixel"] == "2.0000"
    assert "Not timed: SR (no dictionary)." in tables.timing_markdown(summary, DESCRIBED)


def test_the_papers_table_has_what_the_paper_compares_and_what_is_named():
    everything = resolve(
        {"methods": ["all"], "variants": {"sr_step2": {"method": "sr", "options": {"preset": "toolbox"}}}}
    )
    main = everything.main_entries
    assert {"gacn", "gff", "average", "sr_step2"} <= set(main)
    assert "bfmf" not in main
    assert "bfmf" in everything.entries
    assert "bfmf" in resolve({"methods": ["bfmf", "gff"]}).main_entries


def test_the_extended_table_has_every_method_and_metric(tmp_path):
    scenes = names(2)
    description = about("toy", ["lp", "gff", "gacn"], ["q_mi", "q_cv"], scenes)
    description["methods"][1]["main"] = False
    values = {m: {"q_mi": [v, v], "q_cv": [v, v]} for m, v in (("lp", 1.0), ("gff", 3.0), ("gacn", 2.0))}
    tables.write(tmp_path, description, rows("toy", values, scenes))
    main, extended = ((tmp_path / f"{name}.md").read_text(encoding="utf-8") for name in ("table", "extended"))
    assert "GFF" not in main
    assert "Q_CV" not in main
    assert "**2.0000**" in main, "ranks and marks of the paper's table are among its own rows"
    assert "**3.0000**" in extended
    assert "Q_CV" in extended
    assert "Pixels: 2 pairs, PNG." in main
    for name in ("table", "extended"):
        assert problems((tmp_path / f"{name}.tex").read_text(encoding="utf-8")) == []
    assert (tmp_path / "table.csv").read_text(encoding="utf-8").count("\n") == 3
    assert (tmp_path / "means.csv").read_text(encoding="utf-8").count("\n") == 4
