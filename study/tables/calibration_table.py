"""The metrics against the reference toolbox: ``metric_calibration.csv`` (one row per value) as a short table.

::

    python -m study calibration --reference FOLDER

measures anew and writes all three files; ``python -m metrics calibrate`` writes the CSV alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pandas as pd

import metrics
from files.atomic import write_text
from metrics._common import calibration
from study.refresh import REFERENCE
from study.store import Results, read_frame
from study.tables import writers
from study.tables.table import Column, Table

COLUMNS = ("dataset", "image", "method", "metric", "official", "ours", "difference", "relative", "reason")

NOTES = ("Difference: our value minus the official one, on fused images published by the authors of a survey.",)


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument(
        "--reference", required=True, type=Path, metavar="FOLDER", help="folder with metrics_public.csv and published/"
    )
    parser.add_argument(
        "--results", default=REFERENCE, metavar="FOLDER", help="results that get the table (default: %(default)s)"
    )


def command(given: argparse.Namespace) -> dict[str, Any]:
    """The verb.

    Raises
    ------
    files.errors.InputError
        The folder has no official values, or an image is missing.
    files.errors.Unavailable
        The sources of a pair are not available.
    """
    results = Results(given.results)
    path = results.table("metric_calibration.csv")
    worst = calibration.write_table(given.reference, Path(path))
    parts = [f"{metrics.registry.get(name).label} {difference:.1e}" for name, difference in worst.items()]
    written = [path, *write(results)]
    return {"message": f"largest relative differences: {', '.join(parts)}", "worst": worst, "written": written}


def table(values: pd.DataFrame) -> Table:
    """One line per metric and kind of image.

    Parameters
    ----------
    values : pandas.DataFrame
        `COLUMNS`, as `read` gives them.
    """
    rows = []
    for key, mine in values.groupby(["metric", "dataset"], sort=False):
        metric, kind = map(str, key)
        largest = mine["difference"].astype(float).abs().max()
        relative = mine["relative"].astype(float).max()
        rows.append([metrics.registry.get(metric), kind, len(mine), f"{largest:.1e}", f"{relative:.1e}"])
    frame = pd.DataFrame(rows, columns=["metric", "images", "values", "difference", "relative"])
    columns = [
        Column("metric", "Metric", align="left"),
        Column("images", "images", align="left"),
        Column("values", "values"),
        Column("difference", "largest difference"),
        Column("relative", "largest relative difference"),
    ]
    title = "Metrics against the reference toolbox"
    return Table(frame, columns, title, notes=[*NOTES, *reasons(values)], label="metric_calibration")


def reasons(values: pd.DataFrame) -> list[str]:
    """Why values differ, with the metrics that a reason concerns."""
    given = values[values["reason"] != ""]
    lines = []
    for reason, mine in given.groupby("reason", sort=False):
        labels = ", ".join(metrics.registry.get(metric).label for metric in mine["metric"].drop_duplicates())
        lines.append(f"{labels}: {str(reason).rstrip('.')}.")
    return lines


def read(results: Results) -> pd.DataFrame:
    """The stored ``metric_calibration.csv``, all as text (empty where there is none)."""
    return read_frame(results.table("metric_calibration.csv"), COLUMNS)


def write(results: Results) -> list[str]:
    """Write ``metric_calibration.md`` and ``.tex`` from ``metric_calibration.csv``; returns their paths."""
    found = table(read(results))
    paths = [results.table("metric_calibration.md"), results.table("metric_calibration.tex")]
    write_text(paths[0], writers.markdown(found))
    write_text(paths[1], writers.latex(found))
    return paths
