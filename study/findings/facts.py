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
        (reference, method, metric) -> row of ``statistics.csv``.
    """

    about: About
    main: pd.DataFrame = field(repr=False)
    every: pd.DataFrame = field(repr=False)
    tests: dict[tuple[str, str, str], dict[str, str]] = field(repr=False)

    @property
    def label(self) -> str:
        """Name of the data set as Markdown."""
        return escape(self.about.label)

    @property
    def leader(self) -> str:
        """The method of the best mean rank in the paper's table; empty where none is ranked."""
        ranked = self.main[self.main["mean_rank"].notna()].sort_values("mean_rank", kind="stable")
        return next(iter(ranked["method"]), "")

    @property
    def candidates(self) -> list[str]:
        """The highlighted methods that can be compared here with others; the leader where none of them can."""
        found = [entry.name for entry in self.about.highlighted if self.compares(entry.name)]
        return found or [name for name in [self.leader] if self.compares(name)]

    def six(self, name: str) -> list[metrics.Metric]:
        """Those of the six metrics that a method has a value of."""
        if name not in self.main.index:
            return []
        own = row_of(self.main, name)
        return [metric for metric in SIX if np.isfinite(own.get(metric.id, np.nan))]

    def others(self, rows: pd.DataFrame, name: str) -> pd.DataFrame:
        """Rows of methods that are neither controls nor the named one or a variant of it."""
        own = [entry.name for entry in self.about.entries if name in (entry.name, entry.method)]
        return rows[(rows["kind"] != "control") & ~rows["method"].isin(own)]

    def compares(self, name: str) -> bool:
        """Whether a method can be compared here with others."""
        return bool(self.six(name)) and bool(self.others(self.main, name)["mean_rank"].notna().any())

    def test(self, reference: str, method: str, metric: metrics.Metric) -> Mapping[str, str]:
        """The test of a reference against a method on a metric: a row of ``statistics.csv``, all empty where there is none."""
        return self.tests.get((reference, method, metric.id)) or dict.fromkeys(statistics.COMPARISON, "")


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
    return Result(
        results.read_about(dataset),
        main,
        every,
        {(row["reference"], row["method"], row["metric"]): row for row in rows},
    )


def main_result(results: Sequence[Result]) -> Result | None:
    """The result the text is about: `MAIN`, or else the data set of most scenes that a candidate has results on."""
    usable = [result for result in results if result.candidates]
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
