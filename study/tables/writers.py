"""Tables as Markdown, LaTeX and HTML. All three print the cells of `study.tables.table.Table.cells`; CSV is the data itself (`study.store`)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape as escape_html
from itertools import pairwise
from typing import Final

from study.tables.inline import escape_latex, escape_within, to_html, to_latex
from study.tables.table import Cell, Column, Page, Table

_ARROWS: Final = {"larger": " ↑", "smaller": " ↓", "": ""}


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

#: Width and height in points that a float may take: the text of the article class on A4 paper, less a caption.
_TEXT_WIDTH: Final = 345.0
_TEXT_HEIGHT: Final = 505.0
#: Caption, head, rules and gaps, and what the estimate of the notes may be short by, in points.
_SLACK: Final = 40.0


@dataclass(frozen=True)
class _Type:
    """A size of type: its command, the gap between columns and the distance of lines in points, and the width of a figure."""

    command: str
    gap: float
    line: float
    figure: float


_SIZES: Final = (_Type("footnotesize", 3.0, 9.8, 4.3), _Type("scriptsize", 2.5, 8.3, 4.0))
#: Notes are set in the smaller size.
_NOTES: Final = _SIZES[-1]
#: Width of a character in figures, by kind (Computer Modern, rounded up).
_NARROW, _BROAD = frozenset("ijlftrI.,:;'|!()[] "), frozenset("mwMWQOGDHNUVAKX%@+=<>↑↓")


def latex(content: Table | Page) -> str:
    r"""A page for ``\input``: ``table*`` environments, which span the page in a class of one column and of two.

    A table that is wider than the text of the article class is set smaller, then divided between its columns, with the first repeated; one
    that is longer than a page is divided between its rows. Notes stand below the last part of the last table where they fit on its page,
    otherwise in a small paragraph after it.
    """
    page = Page.of(content)
    tables = [table for table in page.tables if not table.frame.empty]
    notes = [*(note for table in page.tables for note in table.notes), *page.notes]
    parts = []
    for table in tables:
        own = notes if table is tables[-1] else []
        parts += _latex_table(table, page.title, [to_latex(note) for note in own])
    if notes and not tables:
        parts.append(_latex_paragraph(map(to_latex, notes)))
    cited = " and \\bibliography{references}" if any(r"\cite{" in part for part in parts) else ""
    return "\n".join([f"% needs \\usepackage{{booktabs,threeparttable}}{cited}", *parts])


def _latex_paragraph(notes: Iterable[str]) -> str:
    return "{\\" + _NOTES.command + "\\noindent " + " ".join(notes) + "\\par}\n"


def _latex_table(table: Table, title: str, notes: list[str]) -> list[str]:
    """The floats of one table, and the paragraph of its notes where they do not fit below the last."""
    cells = [[_latex_cell(cell) for cell in row] for row in table.cells()]
    heads = [_latex_head(column) for column in table.columns]
    size, columns = _divided(table)
    rows = _pages(len(cells), size)
    # Notes inside are as wide as the table above them.
    widths = _widths(table, size)
    width = min(sum(widths[k] for k in columns[-1]), _TEXT_WIDTH)
    lines = sum(map(len, notes)) * 0.8 * _NOTES.figure / width
    inside = len(rows[-1]) * size.line + lines * _NOTES.line <= _TEXT_HEIGHT - _SLACK
    caption = table.caption or f"{': '.join(part for part in (title, table.title) if part)}."
    floats: list[str] = []
    for chosen in columns:
        for block in rows:
            last = chosen is columns[-1] and block is rows[-1]
            text = [r"\begin{table*}[tp]", r"\centering", rf"\{size.command}", r"\begin{threeparttable}"]
            text.append(rf"\caption{{{escape_latex(caption)}{' (continued)' if floats else ''}}}")
            text += [rf"\label{{tab:{table.label}}}"] if table.label and not floats else []
            text += [rf"\setlength{{\tabcolsep}}{{{size.gap}pt}}"]
            text += [rf"\begin{{tabular}}{{{''.join(table.columns[k].align[0] for k in chosen)}}}", r"\toprule"]
            text += [_latex_row([heads[k] for k in chosen]), r"\midrule"]
            for number in block:
                text += [r"\addlinespace"] if table.starts()[number] and number != block[0] else []
                text.append(_latex_row([cells[number][k] for k in chosen]))
            text += [r"\bottomrule", r"\end{tabular}"]
            if last and inside and notes:
                text += [rf"\begin{{tablenotes}}[flushleft]\{_NOTES.command}", r"\item " + " ".join(notes)]
                text += [r"\end{tablenotes}"]
            floats.append("\n".join([*text, r"\end{threeparttable}", r"\end{table*}"]) + "\n")
    return floats if inside or not notes else [*floats, _latex_paragraph(notes)]


def _divided(table: Table) -> tuple[_Type, list[list[int]]]:
    """The size of type, and the numbers of the columns that each part has: one part where a size lets them all fit."""
    everything = list(range(len(table.columns)))
    for size in _SIZES:
        widths = _widths(table, size)
        if sum(widths) <= _TEXT_WIDTH and len(table.frame) * size.line <= _TEXT_HEIGHT:
            return size, [everything]
    if sum(widths) <= _TEXT_WIDTH:
        return size, [everything]
    # As many columns in every part as its width allows, the parts about equally wide.
    free = _TEXT_WIDTH - widths[0]
    count = math.ceil(sum(widths[1:]) / free)
    while True:
        goal = min(free, sum(widths[1:]) / count + max(widths[1:]) / 2)
        parts, used = [[0]], 0.0
        for number in everything[1:]:
            if used + widths[number] > goal and len(parts[-1]) > 1:
                parts.append([0])
                used = 0.0
            parts[-1].append(number)
            used += widths[number]
        if len(parts) <= count or goal >= free:
            return size, parts
        count += 1


def _widths(table: Table, size: _Type) -> list[float]:
    """Width of every column in points, with the gap after it."""
    rows = [[cell.text + cell.suffix + (" [99]" if cell.key else "") for cell in row] for row in table.cells()]
    columns = zip(*rows, strict=True)
    found = []
    for column, texts in zip(table.columns, columns, strict=True):
        heads = column.label.splitlines() or [""]
        heads[-1] += _ARROWS[column.direction]
        found.append(max(_text_width(text, size) for text in (*heads, *texts)) + 2 * size.gap)
    return found


def _text_width(text: str, size: _Type) -> float:
    kinds = (0.62 if c in _NARROW else 1.6 if c in _BROAD else 1.3 if c.isupper() else 1.02 for c in text)
    return size.figure * sum(kinds)


def _pages(count: int, size: _Type) -> list[range]:
    """The numbers of the rows that stand on each page, about equally many."""
    pages = max(1, math.ceil(count * size.line / _TEXT_HEIGHT))
    limits = [round(count * k / pages) for k in range(pages + 1)]
    return [range(start, end) for start, end in pairwise(limits)]


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
    cited = rf"~\cite{{{cell.key}}}" if cell.key else ""
    return (_LATEX_MARKS[cell.mark].format(text) if text else "") + escape_latex(cell.suffix) + cited


# -- HTML ----------------------------------------------------------------------------------------------------------

_HTML_MARKS: Final = {"best": "<strong>{}</strong>", "second": "<u>{}</u>", "": "{}"}


def html(content: Table | Page, level: int = 2) -> str:
    """A page as HTML elements: headings (the page's of the given level), leads, tables, notes.

    Every cell has its alignment as class (``left``, ``right``, ``center``) and, where it is a number, the number itself as ``data-value``;
    the first row of a group has the class ``group``, and every row of a named group its name as ``data-group``.
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
    head = "".join(f'<th scope="col" class="{align}">{text}</th>' for align, text in zip(aligns, heads, strict=True))
    lines = ["<table>", f"<thead><tr>{head}</tr></thead>", "<tbody>"]
    groups = table.groups or [""] * len(table.frame)
    for starts, group, row in zip(table.starts(), groups, table.cells(), strict=True):
        cells = "".join(_html_cell(cell, align) for cell, align in zip(row, aligns, strict=True))
        named = f' data-group="{escape_html(group)}"' if isinstance(group, str) and group else ""
        first = ' class="group"' if starts else ""
        lines.append(f"<tr{first}{named}>{cells}</tr>")
    return "\n".join([*lines, "</tbody>", "</table>"])


def _html_cell(cell: Cell, align: str) -> str:
    value = f' data-value="{cell.number!r}"' if cell.number is not None else ""
    text = _HTML_MARKS[cell.mark].format(escape_html(cell.text)) if cell.text else ""
    return f'<td class="{align}"{value}>{text}{escape_html(cell.suffix)}</td>'
