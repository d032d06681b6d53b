"""The tables of the report are those of the Markdown files."""

import pandas as pd

from study.report import pages
from study.store import POOLED, write_frame
from study.tables import writers


def test_the_tables_are_those_of_the_markdown_files(run):
    shown = {s.title: s for s in pages.of_dataset(run.results, "mine", ["mine"])}
    assert list(shown) == ["Means", "Means of every method and metric", "Timing", "Statistics"]
    files = {"Means": "table.md", "Means of every method and metric": "extended.md", "Statistics": "statistics.md"}
    for title, name in files.items():
        with open(run.results.table(name, "mine"), encoding="utf-8") as file:
            assert writers.markdown(shown[title].page) == file.read()
    assert not shown["Means"].folded and shown["Statistics"].folded


def test_the_pooled_tables_are_there(run):
    shown = [s.title for s in pages.of_dataset(run.results, POOLED, ["mine"])]
    assert "Means" in shown and "Timing" not in shown


def test_a_table_without_a_module_is_shown_as_its_file_has_it(run):
    (other,) = pages.of_benchmark(run.results, run.settings, [*run.tables, run.results.table("table.md", "mine")])
    assert other.title == "Wilcoxon"
    (table,) = other.page.tables
    assert [(c.label, c.align) for c in table.columns] == [
        ("metric", "left"),
        ("first", "left"),
        ("second", "left"),
        ("p holm", "right"),
    ]
    assert table.cells()[1][0].text == "Q_CB" and table.cells()[1][3].text == "0.1234567891"


def test_a_long_table_is_named_only(tmp_path):
    path = str(tmp_path / "long.csv")
    write_frame(path, pd.DataFrame({"a": range(pages.LONGEST + 1)}))
    page = pages.as_stored("Long", path).page
    assert not page.tables and page.lead.startswith("601 rows: see ")
