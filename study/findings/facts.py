"""What all findings are made of: the stored tables of a run, read once, and how numbers are judged.

One module per question beside this one (`lead`, `recent`, `stacks`, `stack_methods`, `parameters`, `contradictions`) computes its facts; the sentences stand in ``findings.md.j2``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

import metrics
from study.store import POOLED, About, Results, read_frame
from study.tables import means_table
from study.tables import statistics_table as statistics
from study.tables.inline import escape
from study.tables.means_table import REFERENCE
from study.tables.table import printed

#: The data set of the paper's comparison; another one takes its place in a run without it.
MAIN: Final = "lytro"

SIX: Final = tuple(metrics.registry.get(metric) for metric in metrics.SIX)


def label_of(metric_id: str) -> str:
    """Name of a metric for people."""
    return metrics.registry.get(metric_id).label


@dataclass(frozen=True)
class Result:
    """The tables of one data set.

    Parameters
    ----------
    about : About
    main, every : pandas.DataFrame
        ``table.csv`` and ``means.csv``, indexed by method.
    tests : dict
        (method, metric) -> row of ``statistics.csv``.
    """

    about: About
    main: pd.DataFrame = field(repr=False)
    every: pd.DataFrame = field(repr=False)
    tests: dict[tuple[str, str], dict[str, str]] = field(repr=False)

    @property
    def label(self) -> str:
        """Name of the data set as Markdown."""
        return escape(self.about.label)

    @property
    def six(self) -> list[metrics.Metric]:
        """Those of the six metrics that GACN has a value of."""
        if REFERENCE not in self.main.index:
            return []
        own = row_of(self.main, REFERENCE)
        return [metric for metric in SIX if np.isfinite(own.get(metric.id, np.nan))]

    @property
    def leads(self) -> bool:
        """Whether GACN is here to be compared, with others."""
        others = self.main[(self.main["kind"] != "proposed") & self.main["mean_rank"].notna()]
        return bool(self.six) and not others.empty

    def test(self, method: str, metric: metrics.Metric) -> Mapping[str, str]:
        """The test of GACN against a method on a metric: a row of ``statistics.csv``, all empty where there is none."""
        return self.tests.get((method, metric.id)) or dict.fromkeys(statistics.COMPARISON, "")


def row_of(frame: pd.DataFrame, name: str) -> dict[str, Any]:
    """The row of a method in a frame that is indexed by method."""
    return {str(column): values[name] for column, values in frame.items()}


def read(results: Results) -> tuple[list[Result], Result]:
    """The data sets of a run, and the pool of them."""
    pooled = _read_one(results, POOLED)
    return [_read_one(results, dataset) for dataset in pooled.about.datasets], pooled


def _read_one(results: Results, dataset: str) -> Result:
    main, every = (
        means_table.read(results, dataset, name).set_index("method", drop=False) for name in ("table", "means")
    )
    tests = read_frame(results.table("statistics.csv", dataset), statistics.COMPARISON)
    rows = [{str(column): text for column, text in row.items()} for row in tests.to_dict("records")]
    return Result(results.read_about(dataset), main, every, {(row["method"], row["metric"]): row for row in rows})


def main_result(results: Sequence[Result]) -> Result | None:
    """The result the text is about: `MAIN`, or else the data set of most scenes that GACN has results on."""
    usable = [result for result in results if result.leads]
    return max(usable, key=lambda r: (r.about.dataset == MAIN, r.about.readable), default=None)


def sign_of(metric: metrics.Metric) -> int:
    """1 where larger values of a metric are better, -1 where smaller ones are."""
    return 1 if metric.direction == "larger" else -1


def mean_text(row: Mapping[str, Any], metric: metrics.Metric, scenes: int) -> str:
    """A mean as it is printed, with the number of its scenes where that is not `scenes`."""
    n = row[f"{metric.id}_n"]
    return printed(row[metric.id], metric.digits) + (f" (n={n:.0f})" if n != scenes else "")


def signed(value: str | float) -> str:
    """A difference with two digits and its sign."""
    return f"{float(value):+.2g}"


@dataclass(frozen=True)
class TruthChange:
    """A mean against the truth before and after: text with the digits that are printed, and whether it became "better", "worse" or "equal"."""

    label: str
    before: str
    after: str
    verdict: str


def change_of(metric: metrics.Metric, before: float, after: float) -> str:
    """Whether a mean became "better", "worse" or stayed "equal"."""
    if before == after:
        return "equal"
    return "better" if sign_of(metric) * after > sign_of(metric) * before else "worse"
