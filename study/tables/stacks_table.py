"""All stacks with truth of a run together: quality against the truth, errors of the index map, time and memory of every method.

A stack is a scene of more than two images. ``stacks.csv`` has a row per stack and method, ``stacks.md`` and ``.tex`` the means over the stacks.
Time and memory come from the timing of the data sets that hold timed stacks.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

import metrics
import scenes
from files.atomic import write_text
from study.entries import Entry
from study.store import About, Results, read_frame, write_frame
from study.tables import means_table, timing_table, writers
from study.tables.inline import escape
from study.tables.table import Column, Mark, Table

#: What is compared with the true image, and the errors of the index map.
METRICS = (
    "psnr",
    "ssim",
    "excess_defocus",
    "excess_share",
    "index_distance",
    "depth_error",
    "depth_error_95",
)
#: By what methods are sorted.
LEADING = "psnr"
#: Seconds per megapixel and image, and largest resident memory in MiB, each as of the timed stacks of the data set.
SECONDS, MEMORY = "s_per_image", "peak_memory_mb"
COLUMNS = ("dataset", "scene", "images", "method", "label", "kind", "way", "order_free", *METRICS, SECONDS, MEMORY)
_NUMBERS = (*METRICS, SECONDS, MEMORY)

_NOTES = (
    "PSNR and SSIM against the true image, errors of the index map against the true defocus and depth, where a scene has them; methods without "
    "an index map have none.",
    "Native: takes all images at once. Folded: a method for pairs, which fuses the result so far with one image after the other, rounded to 8 "
    "bits in between. Order-free: the result does not depend on the order of the images.",
    "Best bold, second underlined, on the printed digits, among the methods with all stacks; controls are not marked.",
)


def compute(
    abouts: Sequence[About], scores: Mapping[str, pd.DataFrame], times: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Values of every method on every stack with truth.

    Parameters
    ----------
    abouts : sequence of About
    scores : mapping of str to pandas.DataFrame
        Data set -> its tidy scores.
    times : mapping of str to pandas.DataFrame
        Data set -> ``timing.csv`` as text (may be empty).

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`; numbers are float (NaN where there is none), ``images`` is int, ``way`` is native or folded, ``order_free`` yes or no. A
        method without any value on a stack has no row of it.
    """
    rows = [row for about in abouts for row in _rows(about, scores[about.dataset], times[about.dataset])]
    frame = pd.DataFrame([[row.get(column) for column in COLUMNS] for row in rows], columns=list(COLUMNS))
    return frame.astype(dict.fromkeys(_NUMBERS, float) | {"images": int})


def _rows(about: About, scores: pd.DataFrame, times: pd.DataFrame) -> Iterator[dict[str, object]]:
    stacks = {scene.name: scene.count for scene in about.scenes if scene.usable and scene.truth and scene.count > 2}
    good = scores[
        (scores["status"] == "ok")
        & (scores["reference"] == "truth")
        & scores["scene"].isin(stacks)
        & scores["metric"].isin(METRICS)
    ]
    values: dict[Hashable, pd.DataFrame] = dict(list(good.groupby(["scene", "method"], sort=False)))
    timed = _timed(times)
    for scene, count in stacks.items():
        for entry in about.entries:
            mine = values.get((scene, entry.name))
            if mine is not None:
                known = dict(zip(mine["metric"], mine["value"], strict=True))
                base = {"dataset": about.dataset, "scene": scene, "images": count}
                yield base | _described(entry) | known | timed.get(entry.name, {})


def _described(entry: Entry) -> dict[str, object]:
    declared = entry.declared
    return {
        "method": entry.name,
        "label": entry.label,
        "kind": entry.kind,
        "way": "native" if declared.native_stack else "folded",
        "order_free": "yes" if declared.order_free else "no",
    }


def _timed(times: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Time and memory of every method that was timed on stacks of a data set."""
    # A table that was kept from an earlier version does not tell stacks from pairs.
    times = times.reindex(columns=list(timing_table.COLUMNS), fill_value="")
    good = times[(times["status"] == "ok") & (times["s_per_stack_image"] != "")]
    return {
        str(row["method"]): {SECONDS: float(row["s_per_stack_image"]), MEMORY: float(row["peak_memory_mb"])}
        for row in good.to_dict("records")
    }


def means(frame: pd.DataFrame) -> pd.DataFrame:
    """Means over the stacks.

    Parameters
    ----------
    frame : pandas.DataFrame
        From `compute` or `read`.

    Returns
    -------
    pandas.DataFrame
        One row per method, controls last, else by `LEADING`, methods that lack stacks after those with all: ``method``, ``label``, ``kind``,
        ``way``, ``order_free``; per metric its mean and the number of stacks ``ID_n`` it is over; mean over the data sets of `SECONDS`, and the
        largest `MEMORY`.
    """
    rows = [_mean(mine) for _, mine in frame.groupby("method", sort=False)]
    numbers = [name for metric in METRICS for name in (metric, f"{metric}_n")]
    columns = ["method", "label", "kind", "way", "order_free", *numbers, SECONDS, MEMORY]
    found = pd.DataFrame([[row[column] for column in columns] for row in rows], columns=columns)
    keys = pd.DataFrame(
        {
            "control": found["kind"] == "control",
            "lacking": -found[f"{LEADING}_n"],
            "quality": -found[LEADING],
        }
    )
    order = keys.sort_values(["control", "lacking", "quality"], kind="stable").index
    return found.loc[order].reset_index(drop=True)


def _mean(mine: pd.DataFrame) -> dict[str, object]:
    row: dict[str, object] = dict(mine.iloc[0][["method", "label", "kind", "way", "order_free"]])
    for metric in METRICS:
        values = mine[metric].dropna().to_numpy()
        row |= {metric: float(np.mean(values)) if len(values) else np.nan, f"{metric}_n": len(values)}
    # A time belongs to a data set, not to each of its stacks.
    timed = mine.drop_duplicates("dataset")
    row[SECONDS] = timed[SECONDS].mean()
    row[MEMORY] = timed[MEMORY].max()
    return row


def table(frame: pd.DataFrame) -> Table:
    """The table of means.

    Parameters
    ----------
    frame : pandas.DataFrame
        From `compute` or `read`.
    """
    title = "Stacks with truth"
    if frame.empty:
        lead = "No data set of this run has a scene of more than two images with truth."
        return Table(frame[[]], (), title, lead)
    found = means(frame)
    stacks = frame.drop_duplicates(["dataset", "scene"])
    columns = [
        Column("label", "Method", align="left"),
        Column("way", "way", align="left"),
        Column("order_free", "order\nfree", align="left"),
    ]
    marks: dict[str, Sequence[Mark]] = {}
    suffixes = {}
    for metric in map(metrics.registry.get, METRICS):
        counts = found[f"{metric.id}_n"]
        if not counts.any():
            continue
        marks[metric.id] = means_table.marks(found, metric)
        suffixes[metric.id] = [f" (n={n})" if 0 < n < counts.max() else "" for n in counts]
        column = Column.of(metric)
        columns.append(means_table.counted_column(column, int(counts.max()), len(stacks)))
    if found[SECONDS].notna().any():
        columns += [
            Column(SECONDS, "s per MP\nand image", digits=3, missing="–"),
            Column(MEMORY, "peak\nMiB", digits=0, missing="–"),
        ]
    sizes = stacks["images"]
    span = str(sizes.min()) if sizes.nunique() == 1 else f"{sizes.min()} to {sizes.max()}"
    sets = stacks.groupby("dataset", sort=False).size()
    named = ", ".join(f"{escape(str(dataset))} ({count})" for dataset, count in sets.items())
    lead = f"Means over {means_table.counted(len(stacks))} of {span} images: {named}."
    groups = (found["kind"] == "control").tolist()
    return Table(found, columns, title, lead, _NOTES, marks, suffixes, groups, label="stacks")


def variants(frame: pd.DataFrame) -> pd.DataFrame:
    """What a disturbance of the sources does to every method.

    Parameters
    ----------
    frame : pandas.DataFrame
        From `compute` or `read`.

    Returns
    -------
    pandas.DataFrame
        ``dataset``, ``scene`` (the disturbed one), ``base``, ``disturbance`` (in words: what the name of the scene adds), ``method``,
        ``label``, ``kind``, ``way``, and ``difference``: `LEADING` of the disturbed stack minus that of the other one, dB. Methods that lack
        one of the two are left out.
    """
    rows = []
    for dataset, mine in frame.groupby("dataset", sort=False):
        values = mine.pivot_table(index="method", columns="scene", values=LEADING)
        described = mine.drop_duplicates("method").set_index("method")
        for scene, base in scenes.variants(str(dataset)).items():
            if {scene, base} <= set(values.columns):
                found = described[["label", "kind", "way"]].assign(difference=values[scene] - values[base])
                words = scene.removeprefix(f"{base}_").replace("_", " ")
                rows.append(
                    found.dropna().reset_index().assign(dataset=dataset, scene=scene, base=base, disturbance=words)
                )
    columns = ["dataset", "scene", "base", "disturbance", "method", "label", "kind", "way", "difference"]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def to_bound(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with ``lost``: how far `LEADING` is below the selection bound, the control ``best_source``; without stacks that lack it."""
    keys = ["dataset", "scene"]
    bound = frame[frame["method"] == "best_source"].dropna(subset=[LEADING])[[*keys, LEADING]]
    found = frame.merge(bound.rename(columns={LEADING: "bound"}), on=keys)
    return found.assign(lost=found["bound"] - found[LEADING])


def read(results: Results) -> pd.DataFrame:
    """The stored ``stacks.csv``, as `compute` gives it (empty where there is none)."""
    frame = read_frame(results.table("stacks.csv"), COLUMNS)
    numbers = {name: frame[name].map(lambda text: float(text or "nan")).astype(float) for name in _NUMBERS}
    return frame.assign(**numbers, images=frame["images"].astype(int))


def write(results: Results, datasets: Sequence[str]) -> None:
    """Write ``stacks.csv``, ``.md`` and ``.tex`` from the stored tables of the data sets."""
    frame = compute(
        [results.read_about(dataset) for dataset in datasets],
        {dataset: results.read_tidy(dataset) for dataset in datasets},
        {dataset: results.read_times(dataset) for dataset in datasets},
    )
    write_frame(results.table("stacks.csv"), frame)
    found = table(frame)
    write_text(results.table("stacks.md"), writers.markdown(found))
    write_text(results.table("stacks.tex"), writers.latex(found))
