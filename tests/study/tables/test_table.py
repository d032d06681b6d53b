"""What a table is: cells, missing values, what does not fit."""

import pandas as pd
import pytest

import metrics
from study.tables.table import Column, Page, Table, printed

FRAME = pd.DataFrame({"name": ["a", "b", "c"], "x": [1.0, float("nan"), 0.25], "text": ["0.10", "", None]})
COLUMNS = (Column("name", "Name", align="left"), Column("x", "X", digits=1), Column("text", "Text", missing="–"))


def test_cells_are_printed_by_their_columns():
    rows = Table(FRAME, COLUMNS).cells()
    assert [[cell.text for cell in row] for row in rows] == [["a", "1.0", "0.10"], ["b", "n/a", "–"], ["c", "0.2", "–"]]
    assert [row[1].number for row in rows] == [1.0, None, 0.25]
    assert [row[2].number for row in rows] == [0.1, None, None], "text that is a number sorts as one"


def test_marks_and_suffixes_belong_to_their_cells():
    rows = Table(FRAME, COLUMNS, marks={"x": ["best", "", "second"]}, suffixes={"x": ["", "", " (n=2)"]}).cells()
    assert [row[1].mark for row in rows] == ["best", "", "second"]
    assert rows[2][1].suffix == " (n=2)"


def test_a_metric_gives_its_column():
    column = Column.of(metrics.registry.get("q_cv"))
    assert (column.direction, column.key, column.latex) == ("smaller", "q_cv", r"$Q_{\mathrm{CV}}$")
    assert column.text(1.23456) == printed(1.23456, metrics.registry.get("q_cv").digits)


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": (Column("nothing", "Nothing"),)},
        {"marks": {"x": ["best"]}},
        {"suffixes": {"other": ["", "", ""]}},
        {"groups": ["a"]},
        {"label": "a}b"},
    ],
)
def test_what_does_not_fit_is_refused(wrong):
    with pytest.raises(ValueError):
        Table(**{"frame": FRAME, "columns": COLUMNS} | wrong)


def test_groups_begin_where_the_value_changes():
    assert Table(FRAME, COLUMNS, groups=["k", "k", "m"]).starts() == [False, False, True]
    assert Table(FRAME, COLUMNS).starts() == [False, False, False]


def test_a_table_is_a_page_of_its_own():
    page = Page.of(Table(FRAME, COLUMNS, title="T", lead="L", notes=["N"]))
    assert (page.title, page.lead, list(page.notes)) == ("T", "L", ["N"])
    assert Page.of(page) is page


def test_a_metric_is_a_cell():
    cell = Table(pd.DataFrame({"m": [metrics.registry.get("q_cv")]}), [Column("m", "Metric")]).cells()[0][0]
    assert (cell.text, cell.latex, cell.number) == ("Q_CV", r"$Q_{\mathrm{CV}}$", None)
