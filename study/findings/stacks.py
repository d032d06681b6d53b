"""What does decision calibration save on stacks, and what does it cost?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

import metrics
from study.findings.facts import (
    SIX,
    TruthChange,
    change_of,
    sign_of,
)
from study.store import Results, read_frame
from study.tables.inline import escape
from study.tables.table import Column, Table

#: What the paper says that calibration saves of the time of a stack, in percent.
CLAIMED_SAVING: Final = 30


@dataclass(frozen=True)
class Savings:
    """What decision calibration saves on stacks.

    Parameters
    ----------
    table : Table
    low, high : float
        Smallest and largest saving in percent of the time of one-by-one fusion.
    above, total : int
        Cases that save more than `CLAIMED_SAVING`, and all.
    """

    table: Table
    low: float
    high: float
    above: int
    total: int


def savings(results: Results) -> Savings | None:
    """What calibration saves, from ``gacn_stacks.csv``; None where nothing was measured."""
    needed = ("dataset", "images", "serial_s", "calibrated_s")
    rows = read_frame(results.table("gacn_stacks.csv"), (*needed, "status"))
    if not {*needed} <= {*rows.columns}:
        return None
    rows = rows[(rows["status"] == "ok") if "status" in rows else slice(None)]
    rows = rows[rows["images"].astype(int) > 2]
    if rows.empty:
        return None
    saved = 100 * (1 - rows["calibrated_s"].astype(float) / rows["serial_s"].astype(float))
    columns = [
        Column("dataset", "Data set", align="left"),
        Column("images", "images"),
        Column("serial_s", "one by one s"),
        Column("calibrated_s", "calibrated s"),
        Column("saved", "saved"),
    ]
    table = Table(rows.assign(saved=saved.map(lambda share: f"{share:.1f} %")), columns)
    return Savings(table, float(saved.min()), float(saved.max()), int((saved > CLAIMED_SAVING).sum()), len(saved))


@dataclass(frozen=True)
class Quality:
    """What calibration costs on the stacks of one data set: metrics of the six whose mean is better or worse, and means against the truth."""

    dataset: str
    better: list[str]
    worse: list[str]
    truth: list[TruthChange]


def stack_quality(results: Results) -> list[Quality]:
    """What calibration costs, from ``stack_quality.csv``."""
    columns = ("dataset", "metric", "reference", "serial", "calibrated")
    rows = read_frame(results.table("stack_quality.csv"), columns, ("serial", "calibrated"))
    rows = rows[rows["serial"].notna() & rows["calibrated"].notna()]
    found = []
    for dataset, mine in rows.groupby("dataset", sort=False):
        better: list[str] = []
        worse: list[str] = []
        for metric in SIX:
            values = mine[mine["metric"] == metric.id]
            if len(values):
                change = sign_of(metric) * float(np.mean((values["calibrated"] - values["serial"]).to_numpy()))
                (better if change > 0 else worse).append(metric.label)
        truth = []
        for metric_id, values in mine[mine["reference"] == "truth"].groupby("metric", sort=False):
            serial, calibrated = (float(np.mean(values[strategy].to_numpy())) for strategy in ("serial", "calibrated"))
            metric = metrics.registry.get(str(metric_id))
            truth.append(
                TruthChange(metric.label, f"{serial:.4g}", f"{calibrated:.4g}", change_of(metric, serial, calibrated))
            )
        found.append(Quality(escape(str(dataset)), better, worse, truth))
    return found
