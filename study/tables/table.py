"""What a table is: a data frame, how its columns are printed, marks, notes. `study.tables.writers` prints it.

A module that makes a table gives a `Table`, or a `Page` of several; it joins no cells and writes no markup. Cells, heads, titles and captions
are plain text: the writers escape them. Leads and notes are inline Markdown; put foreign text into them through `study.tables.inline.escape`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pandas as pd

import metrics

Align = Literal["left", "right", "center"]
Mark = Literal["", "best", "second"]


@dataclass(frozen=True)
class Column:
    """A column as it is printed.

    Parameters
    ----------
    key : str
        Column of the frame.
    label : str
        Head in plain text; a line break stacks it where the format can.
    latex : str
        LaTeX of the head where it differs from the escaped label.
    direction : {"", "larger", "smaller"}
        Which values are better: an arrow in the head.
    digits : int or None
        Decimals of numbers; None prints the value as it stands.
    align : {"left", "right", "center"}
    missing : str
        What stands for a value that does not exist (None, NaN, empty text).
    """

    key: str
    label: str
    latex: str = ""
    direction: str = ""
    digits: int | None = None
    align: Align = "right"
    missing: str = "n/a"

    @classmethod
    def of(cls, metric: metrics.Metric) -> Column:
        """The column of a metric's values, which stand under the metric's id."""
        return cls(metric.id, metric.label, f"${metric.latex}$", metric.direction, metric.digits)

    def text(self, value: Any) -> str:
        """A value as it is printed; a metric by its label."""
        if isinstance(value, metrics.Metric):
            return value.label
        if value is None or value == "" or pd.isna(value):
            return self.missing
        return str(value) if self.digits is None else printed(float(value), self.digits)


def printed(value: float, digits: int) -> str:
    """A number as tables print it: ranks, marks and findings compare these digits; empty for one that is not finite."""
    return f"{value:.{digits}f}" if math.isfinite(value) else ""


@dataclass(frozen=True)
class Cell:
    """A cell ready to print.

    Parameters
    ----------
    text : str
        Plain text.
    mark : {"", "best", "second"}
    suffix : str
        Plain text after the marked text.
    number : float or None
        What to sort by; None for text.
    latex : str
        LaTeX of the text where it differs from the escaped text.
    key : str
        What LaTeX cites after the text; empty for nothing.
    """

    text: str
    mark: Mark = ""
    suffix: str = ""
    number: float | None = None
    latex: str = ""
    key: str = ""


@dataclass(frozen=True)
class Table:
    """A table.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per line; values are numbers, text or metrics.
    columns : sequence of Column
        What is printed, from left to right.
    title : str
        Heading.
    lead : str
        Inline Markdown above the table.
    notes : sequence of str
        Inline Markdown under the table, one sentence or more each.
    marks : mapping of str to sequence of {"", "best", "second"}
        Column key -> mark of every row.
    suffixes : mapping of str to sequence of str
        Column key -> text after the value of every row, such as " (n=9)".
    groups : sequence
        One value per row; where it changes a little space separates the rows.
    label : str
        Name of the table in LaTeX, without ``tab:``.
    caption : str
        Caption in LaTeX; by default the title.
    keys : mapping of str to sequence of str
        Column key -> what LaTeX cites in every row (a key of `study.tables.bibliography`; empty for nothing).

    Raises
    ------
    ValueError
        A column, a mark or a suffix does not fit the frame.
    """

    frame: pd.DataFrame
    columns: Sequence[Column]
    title: str = ""
    lead: str = ""
    notes: Sequence[str] = ()
    marks: Mapping[str, Sequence[Mark]] = field(default_factory=dict)
    suffixes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    groups: Sequence[Hashable] = ()
    label: str = ""
    caption: str = ""
    keys: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        keys = {column.key for column in self.columns}
        lacking = [key for key in keys if key not in self.frame.columns]
        if lacking:
            raise ValueError(f"table {self.title!r}: no column {', '.join(lacking)} in the frame")
        for per_row in (self.marks, self.suffixes, self.keys):
            if not per_row.keys() <= keys or any(len(values) != len(self.frame) for values in per_row.values()):
                raise ValueError(
                    f"table {self.title!r}: marks, suffixes and keys need a printed column and one value per row"
                )
        if self.groups and len(self.groups) != len(self.frame):
            raise ValueError(f"table {self.title!r}: groups need one value per row")
        if not re.fullmatch(r"[\w:.-]*", self.label, re.ASCII):
            raise ValueError(f"table {self.title!r}: {self.label!r} cannot be a LaTeX label")

    def cells(self) -> list[list[Cell]]:
        """The cells, row by row: every writer prints these and nothing else."""
        by_column = [self._column(column) for column in self.columns]
        return [list(row) for row in zip(*by_column, strict=True)] if by_column else []

    def _column(self, column: Column) -> list[Cell]:
        values = self.frame[column.key].tolist()
        marks: Sequence[Mark] = self.marks.get(column.key, [""] * len(values))
        suffixes = self.suffixes.get(column.key, [""] * len(values))
        keys = self.keys.get(column.key, [""] * len(values))
        rows = zip(values, marks, suffixes, keys, strict=True)
        return [
            Cell(column.text(value), mark, suffix, _number(value), _latex(value), key)
            for value, mark, suffix, key in rows
        ]

    def starts(self) -> list[bool]:
        """Whether a group begins at a row (False for the first row)."""
        pairs = zip(self.groups, self.groups[1:], strict=False)
        return [False, *(before != after for before, after in pairs)] if self.groups else [False] * len(self.frame)


def _latex(value: Any) -> str:
    return f"${value.latex}$" if isinstance(value, metrics.Metric) else ""


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


@dataclass(frozen=True)
class Page:
    """Several tables that stand together.

    Parameters
    ----------
    title : str
    tables : sequence of Table
        Their titles are headings below the page's; tables without rows are not printed, but their leads and notes are.
    lead : str
        Inline Markdown above all tables.
    notes : sequence of str
        Inline Markdown under all tables.
    """

    title: str
    tables: Sequence[Table]
    lead: str = ""
    notes: Sequence[str] = ()

    @classmethod
    def of(cls, content: Table | Page) -> Page:
        """A page as it is; a table as a page of its own."""
        if isinstance(content, Page):
            return content
        return cls(content.title, (replace(content, title="", lead="", notes=()),), content.lead, content.notes)
