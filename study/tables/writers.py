"""Tables as Markdown, LaTeX and HTML. All three print the cells of `study.tables.table.Table.cells`; CSV is the data itself (`study.store`)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape as escape_html
from typing import Final

from study.tables.inline import escape_latex, escape_within, to_html, to_latex
from study.tables.table import Cell, Column, Page, Table

_ARROWS: Final = {"larger": " ↑", "smaller": " ↓", "": ""}

#: Rows above which a LaTeX table is set smaller and its notes stand outside the float, which must fit on a page.
_LONG: Final = 30
#: Characters of a line above which a LaTeX table is set smaller.
_WIDE: Final = 75


def _spread(column: Column) -> str:
    return " ".join(column.label.split())


# -- Markdown ------------------------------------------------------------------------------------------------------

_MARKDOWN_MARKS: Final = {"best": "**{}**", "second": "<u>{}</u>", "": "{}"}
_MARKDOWN_ALIGN: Final = {"left": "---", "right": "---:", "center": ":---:"}


def markdown(content: Table | Page) -> str:
    """A page as Markdown: title, lead, tables, then the notes as a list."""
    page = Page.of(content)
    parts = [f"# {escape_within(page.title)}" if page.title else "", page.lead]
    for table in page.tables:
        parts += [
            f"## {escape_within(table.title)}" if table.title else "",
            table.lead,
            _markdown_grid(table),
            _bullets(table.notes),
        ]
    parts.append(_bullets(page.notes))
    return "\n\n".join(part for part in parts if part) + "\n"


def _bullets(notes: Sequence[str]) -> str:
    return "\n".join(f"- {' '.join(note.split())}" for note in notes)


def _markdown_grid(table: Table) -> str:
    if table.frame.empty:
        return ""
    rows = [[escape_within(_spread(column)) + _ARROWS[column.direction] for column in table.columns]]
    rows.append([_MARKDOWN_ALIGN[column.align] for column in table.columns])
    rows += [[_markdown_cell(cell) for cell in row] for row in table.cells()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _markdown_cell(cell: Cell) -> str:
    text = _MARKDOWN_MARKS[cell.mark].format(escape_within(cell.text)) if cell.text else ""
    return text + escape_within(cell.suffix)


# -- LaTeX ---------------------------------------------------------------------------------------------------------

_LATEX_MARKS: Final = {"best": r"\textbf{{{}}}", "second": r"\underline{{{}}}", "": "{}"}
_LATEX_ARROWS: Final = {"larger": r"\,$\uparrow$", "smaller": r"\,$\downarrow$", "": ""}


def latex(content: Table | Page) -> str:
    r"""A page for ``\input``: one ``table`` environment per table, under a line that names what they need.

    Notes of a single table that is not long stand inside its float, all others in a small paragraph at the end.
    """
    page = Page.of(content)
    tables = [table for table in page.tables if not table.frame.empty]
    notes = [*(note for table in page.tables for note in table.notes), *page.notes]
    inside = len(tables) == 1 and len(tables[0].frame) <= _LONG
    parts = [_latex_table(table, page.title, notes if inside else []) for table in tables]
    if notes and not inside:
        parts.append("{\\scriptsize\\noindent " + " ".join(map(to_latex, notes)) + "\\par}\n")
    return "\n".join(["% needs \\usepackage{booktabs}", *parts])


def _latex_table(table: Table, title: str, notes: list[str]) -> str:
    caption = table.caption or f"{': '.join(part for part in (title, table.title) if part)}."
    rows = [[_latex_cell(cell) for cell in row] for row in table.cells()]
    size, gap = ("scriptsize", "2.5pt") if len(rows) > _LONG or _width(table) > _WIDE else ("footnotesize", "3pt")
    lines = [r"\begin{table}[tp]", r"\centering", rf"\caption{{{escape_latex(caption)}}}"]
    lines += [rf"\label{{tab:{table.label}}}"] if table.label else []
    lines += [rf"\{size}", rf"\setlength{{\tabcolsep}}{{{gap}}}"]
    lines += [rf"\begin{{tabular}}{{{''.join(column.align[0] for column in table.columns)}}}", r"\toprule"]
    lines += [_latex_row([_latex_head(column) for column in table.columns]), r"\midrule"]
    for starts, row in zip(table.starts(), rows, strict=True):
        lines += [r"\addlinespace", _latex_row(row)] if starts else [_latex_row(row)]
    lines += [r"\bottomrule", r"\end{tabular}"]
    if notes:
        lines += [r"\par\smallskip\scriptsize\raggedright", " ".join(map(to_latex, notes))]
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def _latex_row(cells: list[str]) -> str:
    # After a line's end LaTeX would take a bracket or a star for an argument.
    protected = "{}" if cells[0].startswith(("[", "*")) else ""
    return protected + " & ".join(cells) + r" \\"


def _latex_head(column: Column) -> str:
    if column.latex:
        text = column.latex
    elif "\n" in column.label:
        text = rf"\shortstack[{column.align[0]}]{{{(chr(92) * 2).join(map(escape_latex, column.label.splitlines()))}}}"
    else:
        text = escape_latex(column.label)
    return text + _LATEX_ARROWS[column.direction]


def _latex_cell(cell: Cell) -> str:
    text = cell.latex or escape_latex(cell.text)
    return (_LATEX_MARKS[cell.mark].format(text) if text else "") + escape_latex(cell.suffix)


def _width(table: Table) -> int:
    """Characters of the longest line that the columns can make."""
    heads = [max(map(len, column.label.splitlines()), default=0) for column in table.columns]
    rows = [[len(cell.text + cell.suffix) for cell in row] for row in table.cells()]
    return sum(max(column) + 1 for column in zip(heads, *rows, strict=True))


# -- HTML ----------------------------------------------------------------------------------------------------------

_HTML_MARKS: Final = {"best": "<strong>{}</strong>", "second": "<u>{}</u>", "": "{}"}


def html(content: Table | Page, level: int = 2) -> str:
    """A page as HTML elements: headings (the page's of the given level), leads, tables, notes.

    Every cell has its alignment as class (``left``, ``right``, ``center``) and, where it is a number, the number itself as ``data-value``;
    the first row of a group has the class ``group``.
    """
    page = Page.of(content)
    parts = [_heading(page.title, level), _paragraph(page.lead)]
    for table in page.tables:
        parts += [_heading(table.title, level + 1), _paragraph(table.lead), _html_grid(table), _html_notes(table.notes)]
    parts.append(_html_notes(page.notes))
    return "\n".join(part for part in parts if part) + "\n"


def _heading(title: str, level: int) -> str:
    return f"<h{level}>{escape_html(title)}</h{level}>" if title else ""


def _paragraph(text: str) -> str:
    return f"<p>{to_html(text)}</p>" if text else ""


def _html_notes(notes: Sequence[str]) -> str:
    return '<ul class="notes">' + "".join(f"<li>{to_html(note)}</li>" for note in notes) + "</ul>" if notes else ""


def _html_grid(table: Table) -> str:
    if table.frame.empty:
        return ""
    aligns = [column.align for column in table.columns]
    heads = [escape_html(_spread(column)) + _ARROWS[column.direction] for column in table.columns]
    head = "".join(f'<th class="{align}">{text}</th>' for align, text in zip(aligns, heads, strict=True))
    lines = ["<table>", f"<thead><tr>{head}</tr></thead>", "<tbody>"]
    for starts, row in zip(table.starts(), table.cells(), strict=True):
        cells = "".join(_html_cell(cell, align) for cell, align in zip(row, aligns, strict=True))
        lines.append(f'<tr class="group">{cells}</tr>' if starts else f"<tr>{cells}</tr>")
    return "\n".join([*lines, "</tbody>", "</table>"])


def _html_cell(cell: Cell, align: str) -> str:
    value = f' data-value="{cell.number!r}"' if cell.number is not None else ""
    text = _HTML_MARKS[cell.mark].format(escape_html(cell.text)) if cell.text else ""
    return f'<td class="{align}"{value}>{text}{escape_html(cell.suffix)}</td>'
