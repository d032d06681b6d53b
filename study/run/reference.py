"""How the scores of a run compare with those of the reference run that is kept with the program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from files.errors import InputError
from files.machine import ROOT
from study import records
from study.store import DatasetFacts, Results

#: The reference run.
REFERENCE = Results((ROOT / "results" / "reference").as_posix())

#: Relative difference up to which two scores count as equal: far below a printed digit, above the noise of summation.
EQUAL = 1e-9

_KEYS = ["scene", "method", "metric"]


@dataclass(frozen=True)
class Comparison:
    """Scores of a run beside those of the reference run, for one data set.

    Parameters
    ----------
    dataset : str
    equal : int
        Number of scores that agree within `EQUAL` of their value.
    differing : int
    largest : float
        Largest relative difference.
    methods : tuple of (str, int, float)
        Methods whose scores differ: name, number of scores, largest relative difference; the largest first.
    without : int
        Scores of this run that the reference run does not have.
    """

    dataset: str
    equal: int
    differing: int
    largest: float
    methods: tuple[tuple[str, int, float], ...]
    without: int


def paired(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Scores of a run beside those of another, for one data set.

    Parameters
    ----------
    ours, theirs : pandas.DataFrame
        Tidy scores (`study.store.Results.read_tidy`).

    Returns
    -------
    pandas.DataFrame
        One row per score of ours: ``scene``, ``method``, ``metric``, ``value``, ``value_reference`` (NaN: they have none), and ``apart``, the
        relative difference.
    """
    ours, theirs = (frame[frame["status"] == "ok"][[*_KEYS, "value"]] for frame in (ours, theirs))
    both = ours.merge(theirs, on=_KEYS, how="left", suffixes=("", "_reference"))
    scale = np.maximum(both[["value", "value_reference"]].abs().max(axis=1), np.finfo(float).tiny)
    return both.assign(apart=(both["value"] - both["value_reference"]).abs() / scale)


def compare(ours: pd.DataFrame, theirs: pd.DataFrame, dataset: str) -> Comparison:
    """Compare two frames of tidy scores (`study.store.Results.read_tidy`) of one data set."""
    both = paired(ours, theirs)
    known = both[both["value_reference"].notna()]
    differing = known[known["apart"] > EQUAL]
    grouped = differing.groupby("method")["apart"].agg(["size", "max"]).sort_values("max", ascending=False)
    return Comparison(
        dataset,
        equal=len(known) - len(differing),
        differing=len(differing),
        largest=float(differing["apart"].max()) if len(differing) else 0.0,
        methods=tuple((str(name), int(row["size"]), float(row["max"])) for name, row in grouped.iterrows()),
        without=len(both) - len(known),
    )


def comparisons(results: Results, datasets: tuple[str, ...], reference: Results = REFERENCE) -> list[Comparison]:
    """The comparison for every data set of a run that the reference run has, too."""
    frames = [(d, results.read_tidy(d), reference.read_tidy(d)) for d in datasets]
    return [compare(ours, theirs, d) for d, ours, theirs in frames if len(ours) and len(theirs)]


def check_sources(facts: DatasetFacts, kept: Results = REFERENCE) -> None:
    """Refuse source images that are not those of a kept run, as far as its records name them.

    Parameters
    ----------
    facts : DatasetFacts
        The data set as it is here.
    kept : Results
        With ``run.json`` and ``adopted.json``, where there are such.

    Raises
    ------
    files.errors.InputError
        Checksums of a scene differ.
    """
    runs = [records.read_json(kept.page("run.json"))] if Path(kept.page("run.json")).is_file() else []
    if Path(kept.page("adopted.json")).is_file():
        runs += [adopted["run"] for adopted in records.read_json(kept.page("adopted.json"))]
    recorded = {name: sums for run in runs for name, sums in run.get("sources", {}).get(facts.dataset, {}).items()}
    for scene in facts.scenes:
        if list(scene.checksums) != recorded.get(scene.name, list(scene.checksums)):
            raise InputError(
                f"{facts.dataset}: the sources of {scene.name} are not those of {kept.root} (other checksums); scores of other pixels "
                "cannot stand in its tables"
            )
