"""Writers: all print the same cells, whatever labels hold."""

import itertools
import random
import re
import subprocess
from dataclasses import replace
from html import unescape

import pandas as pd
import pytest

from study.tables import inline, writers
from study.tables.table import Column, Page, Table
from tests.study._latex import LATEX, problems

NASTY = [
    "a|b",
    "a & b",
    "my_method_",
    "<b>x</b>",
    "$x$",
    "*x*",
    "[x](y)",
    r"x\y",
    "50 %",
    "#1",
    "a\nb",
    "`x`",
    "ő",
    "[a]",
    "* b",
    "~",
    "^",
    "{",
    "--x",
]
DOCUMENT = r"\documentclass[a4paper]{article}\usepackage[T1]{fontenc}\usepackage{booktabs,threeparttable}\begin{document}\input{table}\end{document}"


def _table(seed=0, rows=8):
    draw = random.Random(seed)
    labels = [f"{draw.choice(NASTY)} {draw.choice(NASTY)}" for _ in range(rows)]
    values = [draw.choice([None, float("nan"), draw.uniform(-2, 9)]) for _ in range(rows)]
    frame = pd.DataFrame({"label": labels, "v": values, "note": [draw.choice(["", *NASTY]) for _ in range(rows)]})
    marks = [draw.choice(["", "best", "second"]) if value == value and value is not None else "" for value in values]
    columns = [
        Column("label", draw.choice(NASTY), align="left"),
        Column("v", "V_x", "$V_{x}$", "smaller", 3),
        Column("note", "A\nB", missing="–"),
    ]
    return Table(
        frame, columns, title=draw.choice(NASTY), marks={"v": marks}, suffixes={"v": [draw.choice(["", " (n=3)"]) for _ in range(rows)]},
        notes=[inline.escape(draw.choice(NASTY))], groups=[k // 3 for k in range(rows)], label="toy",
    )  # fmt: skip


def _plain(html):
    return unescape(re.sub(r"<[^>]+>", "", html))


def _html_rows(html):
    rows = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.DOTALL)
    ]
    return [[_plain(cell) for cell in row] for row in rows]


def _expected(table):
    head = [" ".join(column.label.split()) + {"smaller": " ↓", "": ""}[column.direction] for column in table.columns]
    return [head, *([cell.text + cell.suffix for cell in row] for row in table.cells())]


def _same(found, expected):
    assert [[" ".join(cell.split()) for cell in row] for row in found] == [
        [" ".join(cell.split()) for cell in row] for row in expected
    ]


@pytest.mark.parametrize("seed", range(30))
def test_markdown_and_html_print_the_same_cells(seed):
    table = _table(seed)
    _same(_html_rows(writers.html(table)), _expected(table))
    # The underline of the second best is markup that only GitHub reads; a parser without HTML shows it.
    shown = re.sub(r"<u>(.*?)</u>", r"\1", writers.markdown(table))
    _same(_html_rows(inline.parser().render(shown)), _expected(table))


@pytest.mark.parametrize("seed", range(30))
def test_latex_prints_the_same_cells(seed):
    table = _table(seed)
    text = writers.latex(table)
    assert problems(text) == []
    body = text.split("\\midrule\n")[1].split("\\bottomrule")[0].replace("\\addlinespace\n", "")
    for line, row in zip(body.splitlines(), table.cells(), strict=True):
        for cell in row:
            assert inline.escape_latex(cell.text) + inline.escape_latex(cell.suffix) in re.sub(
                r"\\(?:textbf|underline)\{([^{}]*)\}", r"\1", line
            )


def test_marks_in_all_forms():
    frame = pd.DataFrame({"m": ["A", "B", "C"], "v": [3.0, 2.0, 1.0]})
    table = Table(frame, [Column("m", "Method", align="left"), Column("v", "V", direction="larger", digits=2)],
                  title="T", marks={"v": ["best", "second", ""]}, suffixes={"v": ["", " (n=9)", ""]})  # fmt: skip
    markdown, latex, html = writers.markdown(table), writers.latex(table), writers.html(table)
    assert "| Method | V ↑ |\n| --- | ---: |\n| A | **3.00** |\n| B | <u>2.00</u> (n=9) |\n| C | 1.00 |\n" in markdown
    assert "A & \\textbf{3.00} \\\\\nB & \\underline{2.00} (n=9) \\\\\nC & 1.00 \\\\\n" in latex
    assert r"V\,$\uparrow$" in latex
    assert '<td class="right" data-value="3.0"><strong>3.00</strong></td>' in html
    assert "<u>2.00</u> (n=9)" in html


def test_a_page_has_its_tables_in_order_and_its_notes_at_the_end():
    tables = [
        Table(_table(k).frame, _table(k).columns, title=f"Part {k}", notes=[f"note {k}"], label=f"part{k}")
        for k in range(2)
    ]
    page = Page("Whole", tables, lead="Lead.", notes=["**last**"])
    for text in (writers.markdown(page), writers.html(page)):
        places = [text.index(piece) for piece in ("Whole", "Lead.", "Part 0", "note 0", "Part 1", "note 1", "last")]
        assert places == sorted(places)
    latex = writers.latex(page)
    assert problems(latex) == []
    assert latex.count(r"\begin{table*}") == 2
    assert latex.index(r"\textbf{last}") > latex.rindex(r"\begin{tablenotes}")
    assert r"\caption{Whole: Part 1.}" in latex


def test_notes_stand_below_a_table_where_the_page_has_room_and_after_it_otherwise():
    short, long = (
        writers.latex(replace(_table(rows=rows), notes=["Many words. " * count]))
        for rows, count in ((30, 1), (55, 400))
    )
    assert r"\begin{tablenotes}" in short and r"\noindent" not in short
    assert r"\begin{tablenotes}" not in long and long.index(r"\noindent") > long.rindex(r"\end{table*}")
    assert r"\footnotesize" in short and r"\scriptsize" in long


def test_a_wide_table_is_divided_between_its_columns_and_a_long_one_between_its_rows():
    columns = [Column("m", "Method", align="left"), *(Column(f"v{k}", f"V{k}", digits=4) for k in range(40))]
    frame = pd.DataFrame([{"m": f"Method {row}"} | {f"v{k}": row + k / 40 for k in range(40)} for row in range(150)])
    text = writers.latex(Table(frame, columns, title="Many", label="many"))
    assert problems(text) == []
    bodies = re.findall(r"\\toprule\n(.*?)\\bottomrule", text, re.DOTALL)
    heads = [re.findall(r"V\d+", body.splitlines()[0]) for body in bodies]
    assert sorted({head for line in heads for head in line}, key=lambda head: int(head[1:])) == [
        f"V{k}" for k in range(40)
    ]
    assert all(body.startswith("Method & ") for body in bodies)
    rows = [re.findall(r"^(Method \d+)", body, re.MULTILINE) for body in bodies]
    parts = len({tuple(line) for line in heads})
    assert parts > 1 and sum(map(len, rows)) == parts * 150 and max(map(len, rows)) < 70
    assert text.count(r"\label{tab:many}") == 1 and text.count("(continued)") == len(bodies) - 1


def test_a_table_without_rows_is_its_words():
    table = Table(pd.DataFrame({"m": []}), [Column("m", "Method")], title="Empty", lead="No scores.", notes=["Why."])
    assert writers.markdown(table) == "# Empty\n\nNo scores.\n\n- Why.\n"
    assert r"\begin{table}" not in writers.latex(table) and "Why." in writers.latex(table)
    assert "<table>" not in writers.html(table)


def test_html_groups_and_headings():
    text = writers.html(_table(rows=6), level=3)
    assert text.count('<tr class="group">') == 1
    assert text.startswith("<h3>")


@pytest.mark.skipif(not LATEX, reason="no LaTeX with threeparttable")
def test_pdflatex_takes_hostile_tables(tmp_path):
    for number, seed in enumerate(itertools.islice(range(30), 3)):
        (tmp_path / "table.tex").write_text(writers.latex(_table(seed, rows=28)), encoding="utf-8")
        (tmp_path / "main.tex").write_text(DOCUMENT, encoding="utf-8")
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "main.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (number, done.stdout[-2000:])
