"""What do GACN's strategies for stacks save against fusing one by one, and what do they cost?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

import metrics
from study.findings.facts import (
    SIX,
    TruthChange,
    change_of,
    sign_of,
)
from study.gacn import stack_quality as quality_table
from study.gacn import stack_time_table
from study.gacn.entries import BASELINE, STRATEGIES
from study.store import Results
from study.tables.inline import escape
from study.tables.table import Column, Table

#: What the paper says that calibration saves of the time of a stack, in percent.
CLAIMED_SAVING: Final = 30


@dataclass(frozen=True)
class Saving:
    """What a strategy saves on stacks.

    Parameters
    ----------
    strategy : str
        Its name for people.
    low, high : float
        Smallest and largest saving in percent of the time of one-by-one fusion.
    above, total : int
        Cases that save more than `CLAIMED_SAVING`, and all.
    """

    strategy: str
    low: float
    high: float
    above: int
    total: int


@dataclass(frozen=True)
class Savings:
    """Times of the strategies on stacks, and what each saves against the first."""

    table: Table
    strategies: list[Saving]


def savings(results: Results) -> Savings | None:
    """What the strategies save, from ``gacn_stacks.csv``; None where nothing was measured."""
    rows = stack_time_table.read(results)
    rows = rows[(rows["status"] == "ok") & (rows["images"] != "")]
    rows = rows[rows["images"].astype(int) > 2]
    shown = stack_time_table.timed(rows)
    if not {BASELINE} < {*shown}:
        return None
    columns = [
        Column("dataset", "Data set", align="left"),
        Column("images", "images"),
        Column(f"{BASELINE}_s", f"{STRATEGIES[BASELINE]} s"),
    ]
    found = []
    for strategy in shown:
        if strategy == BASELINE:
            continue
        saved = 100 * (1 - rows[f"{strategy}_s"].astype(float) / rows[f"{BASELINE}_s"].astype(float))
        rows = rows.assign(**{f"{strategy}_saved": saved.map(lambda share: f"{share:.1f} %")})
        columns += [Column(f"{strategy}_s", f"{STRATEGIES[strategy]} s"), Column(f"{strategy}_saved", "saved")]
        above = int((saved > CLAIMED_SAVING).sum())
        found.append(Saving(STRATEGIES[strategy], float(saved.min()), float(saved.max()), above, len(saved)))
    return Savings(Table(rows, columns), found)


@dataclass(frozen=True)
class Quality:
    """What a strategy costs on the stacks of one data set, against one by one: metrics of the six whose mean is better or worse, and means against the truth."""

    dataset: str
    strategy: str
    better: list[str]
    worse: list[str]
    truth: list[TruthChange]


def stack_quality(results: Results) -> list[Quality]:
    """What the strategies cost, from ``stack_quality.csv``."""
    rows = quality_table.read(results)
    return [
        _cost(str(dataset), strategy, mine[mine[BASELINE].notna() & mine[strategy].notna()])
        for dataset, mine in rows.groupby("dataset", sort=False)
        for strategy in STRATEGIES
        if strategy != BASELINE and mine[strategy].notna().any()
    ]


def _cost(dataset: str, strategy: str, rows: pd.DataFrame) -> Quality:
    better: list[str] = []
    worse: list[str] = []
    for metric in SIX:
        values = rows[rows["metric"] == metric.id]
        if len(values):
            change = sign_of(metric) * float(np.mean((values[strategy] - values[BASELINE]).to_numpy()))
            (better if change > 0 else worse).append(metric.label)
    truth = []
    for name, values in rows[(rows["reference"] == "truth")].groupby("metric", sort=False):
        before, after = (float(np.mean(values[side].to_numpy())) for side in (BASELINE, strategy))
        metric = metrics.registry.get(str(name))
        truth.append(TruthChange(metric.label, f"{before:.4g}", f"{after:.4g}", change_of(metric, before, after)))
    return Quality(escape(dataset), STRATEGIES[strategy], better, worse, truth)
