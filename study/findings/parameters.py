"""What do parameters of our own training change, and what are the network's design choices worth?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

import metrics
from study.entries import PROPOSED
from study.findings.facts import (
    SIX,
    Result,
    TruthChange,
    change_of,
    mean_text,
    row_of,
    sign_of,
    signed,
)
from study.store import Results, read_frame
from study.tables.inline import escape
from study.tables.table import Column, Table

#: A difference of a changed network of more standard errors than this counts.
CLEAR: Final = 2


_OPPOSITE: Final = {"better": "worse", "worse": "better", "not different": "not different"}
_OPPOSITE_OR_NONE: Final = _OPPOSITE | {"too few scenes": "too few scenes", "": "not tested"}


@dataclass(frozen=True)
class Own:
    """GACN with other parameters than the authors', against the authors'.

    Parameters
    ----------
    label : str
    better, worse, equal : int
        Comparisons (data set and metric of the six) in which the own parameters are significantly better, worse, and not different.
    table : Table
    truth : dict of str to list of TruthChange
        Data set -> means of the truth metrics.
    """

    label: str
    better: int
    worse: int
    equal: int
    table: Table
    truth: dict[str, list[TruthChange]]

    @property
    def total(self) -> int:
        """Comparisons with a verdict."""
        return self.better + self.worse + self.equal


def own_parameters(results: Sequence[Result], pooled: Result) -> list[Own]:
    """Every entry of the run that is GACN with other parameters than the authors'."""
    entries = {entry.name: entry for result in results for entry in result.about.entries}
    found = []
    for name, entry in entries.items():
        if entry.method != PROPOSED or entry.options.get("weights", "official") == "official":
            continue
        shown = [result for result in (*results, pooled) if result.six(PROPOSED) and name in result.every.index]
        if not shown:
            continue
        tests = [
            result.test(PROPOSED, name, metric)["reference_is"] for result in results for metric in result.six(PROPOSED)
        ]
        better, worse, equal = (
            sum(_OPPOSITE.get(test) == verdict for test in tests) for verdict in ("better", "worse", "not different")
        )
        truth = {
            result.label: changes for result in shown if (changes := _own_truth(result, name)) and result is not pooled
        }
        found.append(Own(escape(entry.label), better, worse, equal, _own_table(shown, name), truth))
    return found


def _own_table(shown: Sequence[Result], name: str) -> Table:
    rows = []
    for result in shown:
        cells = []
        for metric in SIX:
            test = result.test(PROPOSED, name, metric)
            effect = test["reference_minus_method"]
            cells.append(f"{signed(-float(effect))}, {_OPPOSITE_OR_NONE[test['reference_is']]}" if effect else "")
        rows.append([result.about.label, result.about.readable, *cells])
    columns = [Column("label", "Data set", align="left"), Column("n", "n")]
    columns += [Column(metric.id, metric.label, align="left", missing="–") for metric in SIX]
    return Table(pd.DataFrame(rows, columns=[column.key for column in columns]), columns)


def _own_truth(result: Result, name: str) -> list[TruthChange]:
    theirs, own = row_of(result.every, PROPOSED), row_of(result.every, name)
    found = []
    for metric in map(metrics.registry.get, result.about.metrics):
        if metric.family == "truth" and np.isfinite(theirs[metric.id]) and np.isfinite(own[metric.id]):
            before, after = float(theirs[metric.id]), float(own[metric.id])
            texts = [mean_text(row, metric, result.about.readable) for row in (theirs, own)]
            found.append(TruthChange(metric.label.lower(), texts[0], texts[1], change_of(metric, before, after)))
    return found


@dataclass(frozen=True)
class Variant:
    """A changed network: cases (metric and data set) in which it is clearly better or worse than the complete one."""

    label: str
    better: list[str]
    worse: list[str]
    neither: list[str]


def ablation(results: Results) -> list[Variant]:
    """Every variant against the complete network, from ``ablation.csv``."""
    columns = ("dataset", "label", "metric", "difference", "standard_error")
    rows = read_frame(results.table("ablation.csv"), columns, ("difference", "standard_error"))
    rows = rows[rows["difference"].notna()]
    found = []
    for label, mine in rows.groupby("label", sort=False):
        cases: dict[str, list[str]] = {"better": [], "worse": [], "neither": []}
        for dataset, metric_id, difference, error in mine[
            ["dataset", "metric", "difference", "standard_error"]
        ].itertuples(index=False):
            metric = metrics.registry.get(metric_id)
            # A difference without an error (one scene) is never clear.
            clear = abs(difference) > CLEAR * error
            verdict = ("better" if sign_of(metric) * difference > 0 else "worse") if clear else "neither"
            cases[verdict].append(f"{metric.label} ({dataset})")
        found.append(Variant(escape(str(label)), **cases))
    return found
