"""Time of one fusion: median and spread of every method on a data set (``timing.csv``, ``.md``, ``.tex``)."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd

from files.atomic import write_text
from study.run.load import LIGHT
from study.store import About, Results, read_frame
from study.tables import writers
from study.tables.inline import escape, message
from study.tables.table import Column, Table

COLUMNS: tuple[str, ...] = (
    "dataset",
    "method",
    "label",
    "scenes",
    "repeats",
    "median_s",
    "min_s",
    "max_s",
    "s_per_megapixel",
    "s_per_stack_image",
)
COLUMNS += ("peak_memory_mb", "device", "device_name", "threads", "warm", "load", "status", "reason")

_NOTES = (
    "From decoded arrays to the fused array; reading files, imports and loading weights are not counted; a timing job runs alone among the jobs of the run.",
    "(cold): a slow method, run once on one scene without warm-up.",
)
#: Where times are not marked.
_UNRECORDED = "What other programs did on the machine meanwhile was not recorded (load not recorded)"


def summary(repeats: pd.DataFrame) -> pd.DataFrame:
    """Median and spread of the times of every method.

    Parameters
    ----------
    repeats : pandas.DataFrame
        One row per repeat of all methods on one data set, as `study.store.Results.read_timing` gives them.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, as text with the digits that are stored. Per method: scenes and repeats; median, least and largest seconds per fusion;
        median seconds per megapixel of a pair step (n - 1 steps for a stack of n); median seconds per megapixel and image of stacks of more
        than two images (empty without any); largest peak memory in MiB; device and threads; largest
        share of the cores that other programs held during a repeat (empty: not recorded). A method without a time has ``status`` and
        ``reason`` only.
    """
    rows = [_method(mine) for _, mine in repeats.groupby("method", sort=False)]
    return pd.DataFrame([[row.get(column, "") for column in COLUMNS] for row in rows], columns=list(COLUMNS))


def _method(mine: pd.DataFrame) -> dict[Hashable, str]:
    good = mine[mine["status"] == "ok"]
    if good.empty:
        return mine.iloc[0][["dataset", "method", "label", "status", "reason"]].to_dict()
    seconds = good["seconds"].to_numpy(dtype=float)
    images, megapixels = (good[column].to_numpy(dtype=float) for column in ("images", "megapixels"))
    stacks = (seconds / (megapixels * images))[images > 2]
    return good.iloc[0][["dataset", "method", "label", "device", "device_name", "warm"]].to_dict() | {
        "scenes": str(good["scene"].nunique()),
        "repeats": str(len(good)),
        "median_s": f"{np.median(seconds):.4f}",
        "min_s": f"{seconds.min():.4f}",
        "max_s": f"{seconds.max():.4f}",
        "s_per_megapixel": f"{np.median(seconds / (megapixels * (images - 1))):.4f}",
        "s_per_stack_image": f"{np.median(stacks):.4f}" if len(stacks) else "",
        "peak_memory_mb": f"{good['peak_memory_mb'].max():.0f}",
        "threads": f"{good['threads'].iloc[0]:.0f}",
        # Not recorded for one repeat: not known for the method.
        "load": "" if good["load"].isna().any() else f"{good['load'].max():.2f}",
        "status": "ok",
    }


def table(about: About, times: pd.DataFrame) -> Table:
    """The timing table, fastest first; methods without a time stand in the notes.

    Parameters
    ----------
    about : About
    times : pandas.DataFrame
        From `summary`, or ``timing.csv``.
    """
    good = times[times["status"] == "ok"]
    good = good.loc[good["median_s"].astype(float).sort_values(kind="stable").index]
    cold = good["warm"] == "no"
    frame = good.assign(range=good["min_s"] + " – " + good["max_s"])
    columns = [
        Column("label", "Method", align="left"),
        Column("median_s", "median\ns"),
        Column("range", "min – max s"),
        Column("s_per_megapixel", "s per MP\nand pair"),
        Column("peak_memory_mb", "peak\nMiB"),
        Column("repeats", "runs"),
        Column("device", "device", align="left"),
        Column("threads", "threads"),
    ]
    notes = [_NOTES[0]]
    if len(good):
        notes.append(f"Measured on: {', '.join(map(escape, sorted(set(good['device_name']))))}.")
    if cold.any():
        notes.append(_NOTES[1])
    load = pd.to_numeric(good["load"], errors="coerce")
    loaded = load > LIGHT
    if loaded.any():
        notes.append(
            f"(load): other programs held up to {100 * load.max():.0f} % of the cores meanwhile (more than {100 * LIGHT:.0f} % is marked); "
            "such a time is too long rather than too short."
        )
    if load.isna().any():
        labels = "" if load.isna().all() else f": {', '.join(map(escape, good['label'][load.isna()]))}"
        notes.append(f"{_UNRECORDED}{labels}.")
    lost = times[times["status"] != "ok"]
    notes += [
        f"Not timed: {', '.join(map(escape, labels))} ({message(str(why))})."
        for why, labels in lost.groupby("reason", sort=False)["label"]
    ]
    marks = zip(cold, loaded, strict=True)
    suffixes = {"median_s": [" (cold)" * is_cold + " (load)" * is_loaded for is_cold, is_loaded in marks]}
    caption = f"{about.label}: time of one fusion."
    title = f"Timing on {about.label}"
    return Table(
        frame, columns, title, notes=notes, suffixes=suffixes, label=f"{about.dataset}_timing", caption=caption
    )


def read(results: Results, dataset: str) -> pd.DataFrame:
    """The stored ``timing.csv`` of a data set (empty where there is none); columns that an older one lacks are empty."""
    return read_frame(results.table("timing.csv", dataset), COLUMNS).reindex(columns=list(COLUMNS), fill_value="")


def write(results: Results, about: About) -> None:
    """Write ``timing.md`` and ``timing.tex`` from ``timing.csv``."""
    found = table(about, read(results, about.dataset))
    write_text(results.table("timing.md", about.dataset), writers.markdown(found))
    write_text(results.table("timing.tex", about.dataset), writers.latex(found))
