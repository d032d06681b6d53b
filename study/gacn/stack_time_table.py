"""GACN on stacks: time, saving and memory per number of images, and where the time goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from files.atomic import write_text
from study.gacn.entries import BASELINE, STRATEGIES, strategy_entry
from study.gacn.labels import label
from study.gacn.time_stacks import BREAKDOWN, STAGES
from study.store import Results, read_frame, write_frame
from study.tables import writers
from study.tables.inline import escape, message
from study.tables.table import Column, Page, Table, printed

#: Strategies whose times are compared with the baseline's.
OTHERS = [strategy for strategy in STRATEGIES if strategy != BASELINE]
COLUMNS = (
    *("dataset", "scene", "images", "megapixels"),
    *(f"{strategy}_{what}" for strategy in STRATEGIES for what in ("s", "min_s", "max_s")),
    *(f"{strategy}_reduction_percent" for strategy in OTHERS),
    "limit_percent",
    *(f"{strategy}_peak_mb" for strategy in STRATEGIES),
    *("repeats", "device", "device_name", "threads", "environment", "status", "reason"),
)


def feature_share(breakdown: pd.DataFrame) -> float:
    """Share of the one-by-one strategy's time that computes features and their spatial frequency (NaN when not measured)."""
    mine = breakdown[breakdown["method"] == strategy_entry(BASELINE)]
    seconds = mine["seconds"].astype(float)
    return float(seconds[mine["stage"].isin(["features", "activity"])].sum() / seconds.sum()) if len(mine) else np.nan


def limit(share: float, count: int) -> float:
    """Largest saving of a strategy that computes the features of every image once, as a share of the one-by-one time.

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
    for strategy in STRATEGIES:
        own = mine[mine["method"] == strategy_entry(strategy)]
        seconds = own["seconds"].to_numpy()
        medians[strategy] = np.median(seconds)
        row |= {f"{strategy}_s": f"{medians[strategy]:.3f}", "repeats": str(len(seconds))}
        row |= {f"{strategy}_min_s": f"{seconds.min():.3f}", f"{strategy}_max_s": f"{seconds.max():.3f}"}
        row[f"{strategy}_peak_mb"] = f"{own['peak_memory_mb'].max():.0f}"
    for strategy in OTHERS:
        row[f"{strategy}_reduction_percent"] = f"{100 * (1 - medians[strategy] / medians[BASELINE]):.1f}"
    row["limit_percent"] = printed(100 * limit(share, count), 1)
    return row


def timed(times: pd.DataFrame) -> list[str]:
    """Strategies that have times in a table: a kept one may be older than a strategy."""
    return [strategy for strategy in STRATEGIES if (times[f"{strategy}_s"] != "").any()]


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
    shown = timed(good)
    for strategy in shown:
        columns.append(Column(f"{strategy}_s", f"{STRATEGIES[strategy]} s"))
        if strategy != BASELINE:
            columns.append(Column(f"{strategy}_reduction_percent", "saved %"))
    columns.append(Column("limit_percent", "at most %", missing="–"))
    columns += [Column(f"{strategy}_peak_mb", f"{STRATEGIES[strategy]} MiB") for strategy in shown]
    columns += [Column("repeats", "runs")]
    frame = good.assign(name=good["dataset"].map(label))
    tables = [Table(frame, columns, groups=list(good["dataset"]), label="gacn_stacks")]
    tables += [_where_time_goes(rows) for _, rows in breakdown.groupby("dataset", sort=False)]
    notes = [*_time_notes(breakdown), *_memory_notes(good), *_machine_notes(good), *_missing(times)]
    return Page("GACN on stacks: time and memory of its strategies", tables, notes=notes)


def _where_time_goes(rows: pd.DataFrame) -> Table:
    """Seconds and share of every stage, by strategy."""
    seconds = rows.assign(seconds=rows["seconds"].astype(float)).pivot(
        index="stage", columns="method", values="seconds"
    )
    calls = rows.pivot(index="stage", columns="method", values="calls")
    measured = [strategy for strategy in STRATEGIES if strategy_entry(strategy) in seconds]
    extracted = ", ".join(str(calls.loc["features", strategy_entry(strategy)]) for strategy in measured)
    stages = STAGES | {"features": f"{STAGES['features']} ({extracted} images)"}
    frame = pd.DataFrame({"stage": stages.values()}, index=list(stages))
    columns = [Column("stage", "Stage", align="left")]
    for strategy in measured:
        own, words = seconds[strategy_entry(strategy)], STRATEGIES[strategy]
        frame[f"{strategy}_s"], frame[f"{strategy}_percent"] = own, 100 * own / own.sum()
        columns += [Column(f"{strategy}_s", f"{words} s", digits=2)]
        columns += [Column(f"{strategy}_percent", f"{words} %", digits=0)]
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
        "Image files in, arrays out: files are read one at a time while the fusion runs. All strategies run the same code. Only "
        "the first step of the one-by-one strategy compares two source images, so nothing else of it can be kept for later steps. "
        "With two images all strategies are the same computation.",
        "Saved: 1 - time / time of one by one, of the medians. At most: the other strategies compute the features of n images "
        "instead of 2 (n - 1). If all other stages take equally long, they save that fraction of the time that one run spends on "
        "features (tables above).",
    ]
    for dataset, rows in breakdown.groupby("dataset", sort=False):
        share = feature_share(rows)
        notes.append(
            f"{escape(label(str(dataset)))}: features and their spatial frequency take {100 * share:.0f} % of the one-by-one time, "
            f"so the saving tends to {50 * share:.0f} % for long stacks. Decision path and refinement run n - 1 times with every "
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
                f"{STRATEGIES[strategy]} {first[f'{strategy}_peak_mb']} to {last[f'{strategy}_peak_mb']} MiB"
                for strategy in timed(rows)
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
        "alone among those of the run, and the load by other programs was not recorded. Times are medians of the runs."
        for name, threads, versions in machines
    ]


def _missing(times: pd.DataFrame) -> list[str]:
    notes = []
    for row in times[times["status"] != "ok"].to_dict("records"):
        case = f", n = {row['images']}" if row["images"] else ""
        notes.append(f"Not timed: {escape(label(row['dataset']))}{case} ({message(row['reason'])}).")
    return notes


def read(results: Results) -> pd.DataFrame:
    """The stored ``gacn_stacks.csv``, as text (empty where there is none); a strategy that it does not know has no times."""
    return read_frame(results.table("gacn_stacks.csv")).reindex(columns=list(COLUMNS), fill_value="")


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
