"""The scores of a data set in few bytes: one row per scene and method, one column per metric, no digit and no reason lost.

A column is headed by its metric and what the images were compared with: ``q_g@sources``, ``psnr@truth``. A cell is

- a value, with all its digits;
- or why there is none: ``not_applicable: the method gives no decision map``;
- empty, where there is no such score (the metric came later than the results of the method).

A value, and a metric that is undefined, were compared with what the column says, any other outcome with nothing; a cell that differs
begins with its own: ``sources@0.93``.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from files.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

#: Outcomes after a comparison.
_COMPARED = ("ok", "undefined")
_CELL = re.compile(r"(?:(?P<reference>[a-z]*)@)?(?:(?P<status>[a-z_]+): ?(?P<reason>.*)|(?P<value>\S+))", re.DOTALL)


def widened(scores: pd.DataFrame) -> pd.DataFrame:
    """One row per scene and method.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row per scene, method and metric, as of `study.store.Score`, of one data set.

    Returns
    -------
    pandas.DataFrame
        Text; columns ``scene``, ``method``, then the metrics in the order of a row that has most of them.

    Raises
    ------
    ValueError
        A metric stands twice for a scene and method, or a value has another status than ``ok`` or a reason.
    """
    import pandas as pd

    columns = _columns(scores)
    rows: dict[tuple[str, str], dict[str, str]] = {}
    parts = ("scene", "method", "metric", "value", "status", "reference", "reason")
    for scene, method, metric, value, status, reference, reason in zip(*(scores[p] for p in parts), strict=True):
        row = rows.setdefault((scene, method), {"scene": scene, "method": method})
        known = value == value
        if columns[metric] in row or (known and (status != "ok" or reason)):
            raise ValueError(f"{metric} of {method} on {scene}: more than one score, or a value that is none")
        cell = repr(float(value)) if known else f"{status}: {reason}"
        same = reference == _compared_with(columns[metric], status)
        row[columns[metric]] = cell if same else f"{reference}@{cell}"
    return pd.DataFrame(rows.values(), columns=["scene", "method", *columns.values()]).fillna("")


def lengthened(frame: pd.DataFrame, dataset: str, name: str) -> pd.DataFrame:
    """The scores again: one row per scene, method and metric; ``value`` is float (NaN = none).

    Parameters
    ----------
    frame : pandas.DataFrame
        Of `widened`.
    dataset : str
    name : str
        Of the file, for messages.

    Raises
    ------
    files.errors.InputError
        A cell is neither a value nor a reason.
    """
    import pandas as pd

    columns = list(frame.columns[2:])
    heads = [column.partition("@")[0] for column in columns]
    rows = []
    for scene, method, *cells in frame.itertuples(index=False, name=None):
        for metric, column, cell in zip(heads, columns, cells, strict=True):
            if cell:
                score = _score(cell, column, f"{name}: {column} of {method} on {scene}")
                rows.append((dataset, scene, method, metric, *score))
    names = ["dataset", "scene", "method", "metric", "value", "status", "reference", "reason"]
    return pd.DataFrame(rows, columns=names).astype({"value": float})


def _score(cell: str, column: str, place: str) -> tuple[float, str, str, str]:
    """Value, status, reference and reason of a cell."""
    found = _CELL.fullmatch(cell)
    try:
        value = float("nan") if found is None or found["value"] is None else float(found["value"])
    except ValueError:
        found = None
    if found is None:
        raise InputError(f"{place}: {cell!r} is neither a number nor STATUS: REASON")
    status = found["status"] or "ok"
    reference = _compared_with(column, status) if found["reference"] is None else found["reference"]
    return value, status, reference, found["reason"] or ""


def _compared_with(column: str, status: str) -> str:
    return column.partition("@")[2] if status in _COMPARED else ""


def _columns(scores: pd.DataFrame) -> dict[str, str]:
    """Metric -> its column, in the order of a row that has most of them."""
    metrics = scores.groupby(["scene", "method"], sort=False)["metric"].agg(list)
    order = dict.fromkeys(name for row in sorted(metrics, key=len, reverse=True) for name in row)
    compared = scores[scores["status"].isin(_COMPARED)]
    usual = {metric: Counter(found).most_common(1)[0][0] for metric, found in compared.groupby("metric")["reference"]}
    return {name: f"{name}@{usual[name]}" if usual.get(name) else name for name in order}
