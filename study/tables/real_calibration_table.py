"""Our values on real photographs against the published ones: where a method of ours produces the same image, every metric must agree.

::

    python -m study real-calibration [results/reference]

fuses the pairs of ``real_mff`` that are on this machine by the methods of the published study that have a plug-in here, and compares the
metrics with the published scores of the same images (`study.published`). Slow methods are left out. The published values are for research
only: what is kept are relative differences.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

import methods
import metrics
import scenes
from files.atomic import write_text
from files.errors import Unavailable, Undefined
from study import published
from study.config import forecast
from study.refresh import REFERENCE
from study.store import Results, read_frame, write_frame
from study.tables import statistics_table as statistics
from study.tables import truth_sets, writers
from study.tables.table import Column, Page, Table
from study.tables.truth_sets import TruthSet

#: The pairs whose scores are published.
DATASET = "real_mff"
#: Largest forecast in seconds of a method on a pair.
SLOWEST = 10.0
#: Relative differences up to this are summation: the image is the same. Up to the other, single pixels differ.
SAME, NEAR = 1e-9, 1e-3

#: Stands for a metric whose values the study does not publish.
NONE = "no published value"

COLUMNS = ("image", "method", "label", "metric", "relative", "spreads")

NOTES = (
    "Largest relative difference of our value to the published one over the images. Where a metric agrees to the last digits, its definition and the image are the same, and the number of "
    "the image is right. A metric that differs for such an image has another definition there; a method that differs by every metric has another image.",
    f"Image: the same (the smallest difference at most {SAME:.0e}), nearly the same (at most {NEAR:.0e}: single pixels, by rounding or ties), or another one, for a reason that is not known "
    "here; how far ours are the authors' images says fidelity.md.",
    "Spreads: largest difference in units of the interquartile range between all 30 methods on the image.",
)  # fmt: skip


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument(
        "results", nargs="?", default=REFERENCE, help="folder that gets the table (default: %(default)s)"
    )


def command(given: argparse.Namespace) -> dict[str, Any]:
    """The verb.

    Raises
    ------
    files.errors.Unavailable
        No pair, or no published score, is at hand.
    """
    results = Results(given.results)
    found = compute(published.load(), at_hand())
    write_frame(results.table("real_calibration.csv"), found)
    verdicts = by_method(found)["image"].value_counts().to_dict()
    message = ", ".join(f"{count} methods with {image} image" for image, count in verdicts.items())
    return {"message": message, "written": [results.table("real_calibration.csv"), *write(results)]}


def at_hand() -> list[scenes.Scene]:
    """The pairs that can be read without network.

    Raises
    ------
    files.errors.Unavailable
        There is none.
    """
    every = scenes.load(DATASET).scenes
    found = [scene for scene in every if not scene.missing()]
    if not found:
        raise Unavailable(f"no pair of {DATASET} is on this machine; fetch them with: python -m scenes fetch {DATASET}")
    return found


def compute(truth: TruthSet, pairs: Sequence[scenes.Scene], ours: dict[str, str] | None = None) -> pd.DataFrame:
    """Differences of our values to the published ones.

    Parameters
    ----------
    truth : TruthSet
        The published scores.
    pairs : sequence of scenes.Scene
        Named by their number in the published tables.
    ours : dict of str to str, optional
        Published name -> plug-in; by default all that are fast enough.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`: ``relative`` is the absolute difference over the published value, ``spreads`` the same over the interquartile range
        between the published methods on the image (both float).
    """
    rows = [row for pair in pairs for row in _rows(truth, pair, fast(pair) if ours is None else ours)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def fast(pair: scenes.Scene) -> dict[str, str]:
    """Published name -> plug-in of the methods that take at most `SLOWEST` seconds for a pair."""
    height, width, _ = pair.shape
    named = {name: plugin for name, plugin in published.METHODS.items() if plugin}
    return {
        name: plugin
        for name, plugin in named.items()
        if forecast(methods.registry.get(plugin), [(height, width, pair.count)]) <= SLOWEST
    }


def _rows(
    truth: TruthSet, pair: scenes.Scene, ours: dict[str, str]
) -> Iterator[tuple[str, str, str, str, float, float]]:
    images = list(pair.sources)
    sources = metrics.Sources(images)
    number = pair.name.rpartition("_")[2]
    theirs = {metric: statistics.values(truth.scores, truth.methods, metric).loc[number] for metric in truth.judged}
    for name, plugin in ours.items():
        try:
            fused = metrics.Fused(methods.fuse(plugin, images).image)
        except Unavailable:
            continue  # weights that are not here
        for metric, values in theirs.items():
            try:
                difference = abs(metrics.evaluate(metric, sources, fused) - values[name])
            except Undefined:
                continue
            spread = float(np.subtract(*np.percentile(values, [75, 25])))
            yield pair.name, plugin, name, metric, difference / abs(values[name]), difference / spread


# -- what is printed -----------------------------------------------------------------------------------------------


def by_method(found: pd.DataFrame) -> pd.DataFrame:
    """Largest differences of every method over the images: relative by metric, in spreads, and what they say of the image."""
    frame = found.pivot_table(index=["method", "label"], columns="metric", values="relative", aggfunc="max", sort=False)
    # One metric of another definition differs for every image; an image that differs does so by every metric.
    nearest = frame.min(axis=1)
    frame["spreads"] = found.groupby(["method", "label"], sort=False)["spreads"].max()
    frame["image"] = np.where(nearest <= SAME, "the same", np.where(nearest <= NEAR, "nearly the same", "another"))
    return frame.assign(nearest=nearest).sort_values("nearest", kind="stable").reset_index()


def table(found: pd.DataFrame) -> Table:
    """One line per method, the nearest first.

    Parameters
    ----------
    found : pandas.DataFrame
        From `compute` or `read`.
    """
    title = "Our values against published ones on Real-MFF"
    if found.empty:
        return Table(found, (), title, "No image was compared.")
    frame = by_method(found)
    columns = [Column("label", "Method", align="left"), Column("image", "image", align="left")]
    for name in dict.fromkeys(found["metric"]):
        frame[name] = [f"{value:.1e}" if np.isfinite(value) else "" for value in frame[name]]
        metric = metrics.registry.get(str(name))
        columns.append(Column(metric.id, metric.label, f"${metric.latex}$", missing=""))
    columns.append(Column("spreads", "spreads", digits=2))
    images = found["image"].nunique()
    lead = f"{images} image{'s' if images != 1 else ''}, methods that take at most {SLOWEST:.0f} s for a pair by their declared cost."
    return Table(frame, columns, title, lead, NOTES, label="real_calibration")


def page(found: pd.DataFrame) -> Page:
    """The methods, then what there is to compare for every metric that does not know the truth.

    Parameters
    ----------
    found : pandas.DataFrame
        From `compute` or `read`.
    """
    methods_of = table(found)
    judged = [metric for metric in metrics.registry.all() if truth_sets.judged(metric)]
    tables = published.tables()
    frame = pd.DataFrame({"shown": judged, "published": [tables.get(metric.id, NONE) for metric in judged]})
    frame["compared"] = [_compared(metric.id, metric.id in tables, found) for metric in judged]
    columns = [
        Column("shown", "Metric", align="left"),
        Column("published", "published table", align="left"),
        Column("compared", "largest relative difference", align="left", missing=""),
    ]
    lead = "By metric, over the methods with the same image."
    by_metric = Table(frame, columns, "What is compared", lead, label="real_calibration_metrics")
    first = replace(methods_of, title="", lead="", notes=())
    return Page(methods_of.title, (first, by_metric), methods_of.lead, methods_of.notes)


def _compared(metric: str, is_published: bool, found: pd.DataFrame) -> str:
    """Largest difference of a metric where the image is the same, or why there is none; empty without a published value."""
    if not is_published:
        return ""
    if metric not in set(found["metric"]):
        return "the published table was not at hand"
    frame = by_method(found)
    values = frame[metric][frame["image"] == "the same"].dropna()
    return f"{values.max():.1e} ({len(values)} methods)" if len(values) else "no method has the same image"


def read(results: Results) -> pd.DataFrame:
    """The stored ``real_calibration.csv``, as `compute` gives it (empty where there is none)."""
    return read_frame(results.table("real_calibration.csv"), COLUMNS, ("relative", "spreads"))


def write(results: Results) -> list[str]:
    """Write ``real_calibration.md`` and ``.tex`` from ``real_calibration.csv``; returns their paths."""
    found = page(read(results))
    paths = [results.table("real_calibration.md"), results.table("real_calibration.tex")]
    write_text(paths[0], writers.markdown(found))
    write_text(paths[1], writers.latex(found))
    return paths
