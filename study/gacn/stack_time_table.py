"""GACN on stacks: time, saving and memory per number of images, and where the time goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from files.atomic import write_text
from study.gacn.entries import CALIBRATED, SERIAL
from study.gacn.labels import label
from study.gacn.time_stacks import BREAKDOWN, STAGES
from study.store import Results, read_frame, write_frame
from study.tables import writers
from study.tables.inline import escape, message
from study.tables.table import Column, Page, Table, printed

COLUMNS = (
    *("dataset", "scene", "images", "megapixels"),
    *("serial_s", "serial_min_s", "serial_max_s", "calibrated_s", "calibrated_min_s", "calibrated_max_s"),
    *("reduction_percent", "limit_percent", "serial_peak_mb", "calibrated_peak_mb", "repeats"),
    *("device", "device_name", "threads", "environment", "status", "reason"),
)

#: Strategy -> its entry and its name for people.
STRATEGIES = {"serial": (SERIAL, "one by one"), "calibrated": (CALIBRATED, "calibrated")}


def feature_share(breakdown: pd.DataFrame) -> float:
    """Share of the one-by-one strategy's time that computes features and their spatial frequency (NaN when not measured)."""
    mine = breakdown[breakdown["method"] == SERIAL]
    seconds = mine["seconds"].astype(float)
    return float(seconds[mine["stage"].isin(["features", "activity"])].sum() / seconds.sum()) if len(mine) else np.nan


def limit(share: float, count: int) -> float:
    """Largest saving of the calibration, as a share of the one-by-one time.

    It computes the features of n images instead of 2 (n - 1), and saves nothing else.

    Parameters
    ----------
    share : float
        See `feature_share`.
    count : int
        Number n of images.
    """
    return share * (count - 2) / (2 * (count - 1))


def summary(timing: pd.DataFrame, breakdown: pd.DataFrame) -> pd.DataFrame:
    """Times per data set and number of images.

    Parameters
    ----------
    timing : pandas.DataFrame
        One row per repeat of all data sets, as `study.store.Results.read_timing` gives them.
    breakdown : pandas.DataFrame
        `study.gacn.time_stacks.BREAKDOWN` of all data sets.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, as text with the digits that are stored: medians over the repeats, the saving and its limit in percent,
        peak memory in MiB. A case without times has ``status`` and ``reason``.
    """
    rows = []
    for _, mine in timing.groupby(["dataset", "images"], sort=False, dropna=False):
        lost = mine[mine["status"] != "ok"]
        dataset, scene, count = mine["dataset"].iloc[0], mine["scene"].iloc[0], float(mine["images"].iloc[0])
        row = {"dataset": dataset, "scene": scene, "images": printed(count, 0)}
        if len(lost):
            row |= {"status": lost["status"].iloc[0], "reason": lost["reason"].iloc[0]}
        else:
            row |= _times(mine, feature_share(breakdown[breakdown["dataset"] == dataset]), int(count))
        rows.append(row)
    return pd.DataFrame([[row.get(column, "") for column in COLUMNS] for row in rows], columns=list(COLUMNS))


def _times(mine: pd.DataFrame, share: float, count: int) -> dict[str, Any]:
    facts = mine.iloc[0]
    row = {name: facts[name] for name in ("device", "device_name", "environment", "status", "reason")}
    row |= {"megapixels": f"{facts['megapixels']:g}", "threads": f"{facts['threads']:.0f}"}
    medians = {}
    for side, (entry, _) in STRATEGIES.items():
        own = mine[mine["method"] == entry]
        seconds = own["seconds"].to_numpy()
        medians[side] = np.median(seconds)
        row |= {f"{side}_s": f"{medians[side]:.3f}", "repeats": str(len(seconds))}
        row |= {f"{side}_min_s": f"{seconds.min():.3f}", f"{side}_max_s": f"{seconds.max():.3f}"}
        row[f"{side}_peak_mb"] = f"{own['peak_memory_mb'].max():.0f}"
    row["reduction_percent"] = f"{100 * (1 - medians['calibrated'] / medians['serial']):.1f}"
    row["limit_percent"] = printed(100 * limit(share, count), 1)
    return row


def page(times: pd.DataFrame, breakdown: pd.DataFrame) -> Page:
    """The table of times, and one of each data set on where they go.

    Parameters
    ----------
    times : pandas.DataFrame
        From `summary`.
    breakdown : pandas.DataFrame
        `study.gacn.time_stacks.BREAKDOWN`.
    """
    good = times[times["status"] == "ok"]
    columns = [Column("name", "Data set", align="left"), Column("images", "n")]
    columns += [Column(f"{side}_s", f"{words} s") for side, (_, words) in STRATEGIES.items()]
    columns += [Column("reduction_percent", "saved %"), Column("limit_percent", "at most %", missing="–")]
    columns += [Column(f"{side}_peak_mb", f"{words} MiB") for side, (_, words) in STRATEGIES.items()]
    columns += [Column("repeats", "runs")]
    frame = good.assign(name=good["dataset"].map(label))
    tables = [Table(frame, columns, groups=list(good["dataset"]), label="gacn_stacks")]
    tables += [_where_time_goes(rows) for _, rows in breakdown.groupby("dataset", sort=False)]
    notes = [*_time_notes(breakdown), *_memory_notes(good), *_machine_notes(good), *_missing(times)]
    return Page("GACN on stacks: one by one against calibrated", tables, notes=notes)


def _where_time_goes(rows: pd.DataFrame) -> Table:
    """Seconds and share of every stage, both strategies."""
    seconds = rows.assign(seconds=rows["seconds"].astype(float)).pivot(
        index="stage", columns="method", values="seconds"
    )
    calls = rows.pivot(index="stage", columns="method", values="calls")
    extracted = " and ".join(str(calls.loc["features", entry]) for entry, _ in STRATEGIES.values())
    stages = STAGES | {"features": f"{STAGES['features']} ({extracted} images)"}
    frame = pd.DataFrame({"stage": stages.values()}, index=list(stages))
    columns = [Column("stage", "Stage", align="left")]
    for side, (entry, words) in STRATEGIES.items():
        frame[f"{side}_s"] = seconds[entry]
        frame[f"{side}_percent"] = 100 * seconds[entry] / seconds[entry].sum()
        columns += [Column(f"{side}_s", f"{words} s", digits=2), Column(f"{side}_percent", f"{words} %", digits=0)]
    total = frame.drop(columns="stage").sum()
    frame = pd.concat([frame, total.to_frame().T.assign(stage="all")])
    dataset, count = rows["dataset"].iloc[0], rows["images"].iloc[0]
    return Table(
        frame,
        columns,
        f"Where the time goes: {label(dataset)}, {count} images",
        lead="One run with a clock in every stage.",
        groups=["stages"] * len(STAGES) + ["all"],
        label=f"gacn_stacks_breakdown_{dataset}",
    )


def _time_notes(breakdown: pd.DataFrame) -> list[str]:
    notes = [
        "Image files in, arrays out: files are read one at a time while the fusion runs. Both strategies run the same code. Only "
        "the first step of the one-by-one strategy compares two source images, so nothing else of it can be kept for later steps. "
        "With two images both strategies are the same computation.",
        "Saved: 1 - calibrated / one by one, of the medians. At most: the calibration computes the features of n images "
        "instead of 2 (n - 1). If all other stages take equally long, it saves that fraction of the time that one run spends on "
        "features (tables above).",
    ]
    for dataset, rows in breakdown.groupby("dataset", sort=False):
        share = feature_share(rows)
        notes.append(
            f"{escape(label(str(dataset)))}: features and their spatial frequency take {100 * share:.0f} % of the one-by-one time, "
            f"so the saving tends to {50 * share:.0f} % for long stacks. Decision path and refinement run n - 1 times with either "
            "strategy."
        )
    counted = breakdown[breakdown["macs_per_pixel"] != ""]
    if len(counted):
        macs = counted.groupby("stage")["macs_per_pixel"].last().astype(float)
        features, decision = macs["features"], macs["decision"]
        notes.append(
            f"By the multiply-adds of the convolutions alone ({features:.0f} per pixel for the features of one image, {decision:.0f} "
            f"for the decision path) the saving could reach {100 * features / (2 * features + decision):.0f} %. A larger saving "
            "needs an implementation with a slow feature path, such as one that sums windows of 11 x 11 pixels by convolution."
        )
    return notes


def _memory_notes(good: pd.DataFrame) -> list[str]:
    notes = []
    stacks = good.assign(images=good["images"].astype(int))
    for dataset, rows in stacks[stacks["images"] > 2].groupby("dataset", sort=False):
        if len(rows) > 1:
            first, *_, last = rows.sort_values("images").to_dict("records")
            growth = ", ".join(
                f"{words} {first[f'{side}_peak_mb']} to {last[f'{side}_peak_mb']} MiB"
                for side, (_, words) in STRATEGIES.items()
            )
            notes.append(
                f"{escape(label(str(dataset)))}: peak memory (each case in a process of its own) from n = {first['images']} to "
                f"{last['images']}: {growth}."
            )
    return notes


def _machine_notes(good: pd.DataFrame) -> list[str]:
    machines = good[["device_name", "threads", "environment"]].drop_duplicates().itertuples(index=False)
    return [
        f"Measured on: {escape(name)}, {threads} {'thread' if threads == '1' else 'threads'}, {escape(versions)}; the job runs "
        "alone among those of the run, and other programs on the machine are not looked at. Times are medians of the runs."
        for name, threads, versions in machines
    ]


def _missing(times: pd.DataFrame) -> list[str]:
    notes = []
    for row in times[times["status"] != "ok"].to_dict("records"):
        case = f", n = {row['images']}" if row["images"] else ""
        notes.append(f"Not timed: {escape(label(row['dataset']))}{case} ({message(row['reason'])}).")
    return notes


def read(results: Results) -> pd.DataFrame:
    """The stored ``gacn_stacks.csv``, as text (empty where there is none)."""
    return read_frame(results.table("gacn_stacks.csv"), COLUMNS)


def stored(results: Results) -> Page:
    """The page from what is stored."""
    return page(read(results), read_frame(results.table("gacn_stacks_breakdown.csv"), BREAKDOWN))


def write(results: Results, datasets: Sequence[str]) -> None:
    """Write ``gacn_stacks.csv``, ``gacn_stacks_breakdown.csv`` and ``gacn_stacks.md`` from the times of data sets."""
    timing = pd.concat([results.read_timing(results.stack_timing(name)) for name in datasets])
    breakdown = pd.concat([read_frame(results.stack_breakdown(name), BREAKDOWN) for name in datasets])
    write_frame(results.table("gacn_stacks.csv"), summary(timing, breakdown))
    write_frame(results.table("gacn_stacks_breakdown.csv"), breakdown)
    write_text(results.table("gacn_stacks.md"), writers.markdown(stored(results)))
