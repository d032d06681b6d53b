"""Which metrics can be trusted? The evidence of every metric on one line, and a decision by stated thresholds.

Three tables are brought together: how far a metric orders methods as the truth does (`study.tables.metric_truth_table`), what it prefers to
an ideal selection and how stable its ranking is (`study.tables.metric_behaviour_table`), and what it says of degraded images
(`study.run.metric_degradations`). A metric is trusted when it passes all thresholds in every truth set that has values of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

import metrics
from files.atomic import write_text
from study.run import metric_degradations
from study.run.metric_degradations import DEGRADATIONS, NONE
from study.store import Results, read_frame, write_frame
from study.tables import metric_behaviour_table, metric_truth_table, writers
from study.tables import statistics_table as statistics
from study.tables.inline import escape
from study.tables.metric_behaviour_table import count, share
from study.tables.metric_truth_table import LEADING
from study.tables.table import Column, Page, Table
from study.tables.truth_sets import ALL_SETS, ERROR, TruthSet

#: Mean rank correlation with PSNR, among all methods and among those with a decision map. For normal scores 0.5 means that two thirds of
#: all pairs of methods have the order of the truth (Kendall's tau 1/3); below, a leader board says little.
LEAST_CORRELATION = 0.5
#: Share of scenes in which an unfused source may be rated above the ideal selection: one in twenty, for scenes in which one source is
#: sharp almost everywhere.
MOST_UNFUSED = 0.05
#: By how much a degraded image may be rated above the undegraded one, in spreads between methods: less moves no method past many others.
MOST_REWARD = 0.1
#: A metric that was held against one kind of scene only is not known well enough.
LEAST_SETS = 2

#: Families of degradations, in their order, with their heads.
FAMILIES = {"noise": "noise", "jpeg": "JPEG", "shift": "1 px", "sharpening": "sharper"}

COLUMNS: tuple[str, ...] = (
    "metric",
    "trusted",
    "sets",
    "all",
    "all_set",
    "maps",
    "maps_set",
    "leading",
    "leading_set",
    "ssim",
)
COLUMNS += ("unfused", "average", "above", "certain", "needed", *FAMILIES, "fails")
NUMBERS = ("sets", "all", "maps", "leading", "ssim", "unfused", "average", "above", "certain", "needed", *FAMILIES)


def spreads(truth: TruthSet) -> pd.DataFrame:
    """Interquartile range between methods: scenes x metrics that do not know the truth, and `ERROR`.

    The range is taken over the methods that compete; outliers among them do not widen it.
    """
    found = {}
    for name in (ERROR, *truth.judged):
        quartiles = truth.goodness(name).quantile([0.25, 0.75], axis=1)
        found[name] = quartiles.loc[0.75] - quartiles.loc[0.25]
    return pd.DataFrame(found)


def changes(degraded: pd.DataFrame, spread: pd.DataFrame) -> pd.DataFrame:
    """What a degradation does to every metric, in spreads between methods.

    Parameters
    ----------
    degraded : pandas.DataFrame
        From `study.run.metric_degradations`.
    spread : pandas.DataFrame
        From `spreads`, of the same data set; scenes that it does not have do not count.

    Returns
    -------
    pandas.DataFrame
        Metrics x ids of degradations: mean over the scenes of the change, positive where the degraded image is rated
        better; NaN where there is none.
    """
    values = degraded.pivot(index=["metric", "scene"], columns="degradation", values="value")
    signs = [1 if metrics.registry.get(name).direction == "larger" else -1 for name in values.index.get_level_values(0)]
    rise = values.sub(values[NONE], axis=0).mul(signs, axis=0)
    found = {(str(name), scene): value for name, by in spread.items() for scene, value in by.items() if value > 0}
    units = [found.get(place, np.nan) for place in values.index]
    return rise.div(units, axis=0).groupby(level=0, sort=False).mean()[[each.id for each in DEGRADATIONS]]


def compute(
    correlations: pd.DataFrame, behaviour: pd.DataFrame, degraded: pd.DataFrame, spread: pd.DataFrame
) -> pd.DataFrame:
    """The evidence and the decision for every metric that was held against a truth.

    Parameters
    ----------
    correlations, behaviour : pandas.DataFrame
        As of `study.tables.metric_truth_table` and `study.tables.metric_behaviour_table`.
    degraded, spread : pandas.DataFrame
        As of `changes`.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, `NUMBERS` as float: ``trusted`` is yes or no; ``all``, ``maps``, ``leading`` and ``ssim`` are the least mean rank
        correlation of a truth set, ``unfused``, ``average``, ``above`` the largest share, ``certain`` the least, ``needed`` the largest number
        of scenes, and the families of `FAMILIES` the largest change. ``fails`` says which thresholds the metric does not
        pass. The best correlation comes first.
    """
    large = correlations[(correlations["scenes"] >= statistics.LEAST_SCENES) & (correlations["dataset"] != ALL_SETS)]
    sets = behaviour[behaviour["dataset"].isin(large["dataset"])]
    change = changes(degraded, spread)
    rows = [
        _row(name, large[large["metric"] == name], sets[sets["metric"] == name], change)
        for name in dict.fromkeys(large["metric"])
    ]
    frame = pd.DataFrame([[row[column] for column in COLUMNS] for row in rows], columns=list(COLUMNS))
    frame = frame.astype({name: float for name in NUMBERS})
    return frame.sort_values(["trusted", "all"], ascending=False, kind="stable", ignore_index=True)


def _row(name: str, correlations: pd.DataFrame, behaviour: pd.DataFrame, change: pd.DataFrame) -> dict[str, object]:
    row: dict[str, object] = {"metric": name, "sets": correlations["dataset"].nunique()}
    for key, comparison in (
        ("all", "psnr_all"),
        ("maps", "psnr_maps"),
        ("leading", "psnr_leading"),
        ("ssim", "ssim_all"),
    ):
        mine = correlations[correlations["comparison"] == comparison]
        values = mine["spearman"].astype(float)
        row[key] = values.min()
        row[f"{key}_set"] = mine["label"].iloc[int(np.argmin(values))] if len(mine) else ""
    row |= {key: behaviour[key].max() for key in ("unfused", "average", "above", "needed")}
    row["certain"] = behaviour["certain"].min()
    # What does not lower PSNR degrades nothing.
    own = change.reindex([name]).iloc[0].where(change.loc[ERROR].to_numpy() < 0)
    for family in FAMILIES:
        row[family] = own[[each.id for each in DEGRADATIONS if each.family == family]].max()
    fails = list(_fails(row))
    return row | {"trusted": "no" if fails else "yes", "fails": "; ".join(fails)}


def _fails(row: dict[str, object]) -> Iterator[str]:
    """The thresholds that a metric does not pass, in words."""
    value = {key: float(str(row[key])) for key in NUMBERS if key in row}
    if value["sets"] < LEAST_SETS:
        yield f"held against {value['sets']:.0f} truth set only"
    for key, words in (("all", "among all methods"), ("maps", "among methods with a map")):
        if np.isnan(value[key]):
            yield f"no correlation {words}"
        elif value[key] <= LEAST_CORRELATION:
            yield f"correlation {value[key]:.2f} {words} ({row[f'{key}_set']})"
    if value["unfused"] > MOST_UNFUSED:
        yield f"prefers an unfused source in {share(value['unfused'])} of the scenes"
    for family in FAMILIES:
        if np.isnan(value[family]):
            yield f"{FAMILIES[family]} not measured"
        elif value[family] > MOST_REWARD:
            yield f"rewards {DEGRADED[family]} by {value[family]:.1f} spreads"


#: What a metric rewards, in words.
DEGRADED = {"noise": "noise", "jpeg": "JPEG coding", "shift": "misalignment", "sharpening": "sharpening"}

NOTES = (
    f"Trusted: in every truth set of at least {statistics.LEAST_SCENES} scenes (at least {LEAST_SETS} sets) a mean rank correlation with PSNR above {LEAST_CORRELATION} among all methods "
    f"and among those with a decision map; an unfused source preferred in at most {share(MOST_UNFUSED)} of the scenes; no degradation rewarded by more than {MOST_REWARD} spreads.",
    f"All, maps, leading {LEADING}, SSIM: Spearman's correlation with the error against the truth (PSNR in the first three), mean over the scenes, in the truth set where it is smallest. "
    "All sets and intervals: metric_truth.md.",
    "Prefers unfused, average, methods: largest share over the truth sets in which an image with a smaller PSNR is rated above the ideal selection. Certain pairs: smallest share of pairs of "
    "methods in certain order; scenes needed: for a certain order of the first ten, largest over the sets. By set: metric_behaviour.md.",
    "Noise, JPEG, 1 px, sharper: largest change of the metric when an ideal fused image is degraded, in units of the interquartile range between methods on the same scenes; "
    "positive: the degraded image is rated better. "
    + "; ".join(each.label for each in DEGRADATIONS)
    + ".",
)  # fmt: skip


def page(trust: pd.DataFrame) -> Page:
    """The evidence, one line per metric, then the thresholds that metrics do not pass.

    Parameters
    ----------
    trust : pandas.DataFrame
        From `compute` or `read`.
    """
    frame = trust.assign(shown=trust["metric"].map(metrics.registry.get))
    for name in ("unfused", "average", "above", "certain"):
        frame[name] = [share(value) for value in frame[name]]
    frame["needed"] = [count(value) for value in frame["needed"]]
    columns = [
        Column("shown", "Metric", align="left"),
        Column("trusted", "trusted", align="left"),
        Column("all", "all", digits=2),
        Column("maps", "maps", digits=2),
        Column("leading", f"leading\n{LEADING}", digits=2),
        Column("ssim", "SSIM", digits=2),
        Column("unfused", "prefers\nunfused"),
        Column("average", "prefers\naverage"),
        Column("above", "prefers\nmethods"),
        *(Column(family, head, digits=2) for family, head in FAMILIES.items()),
        Column("certain", "certain\npairs"),
        Column("needed", "scenes\nneeded"),
        Column("sets", "sets", digits=0),
    ]
    why = frame[frame["fails"] != ""].reset_index(drop=True)
    tables = (
        Table(frame, columns, label="metric_trust"),
        Table(
            why,
            [columns[0], Column("fails", "does not pass", align="left")],
            "Thresholds that are not passed",
            label="metric_trust_fails",
        ),
    )
    return Page("Which metrics can be trusted", tables, lead(trust), NOTES)


def printed_page(trust: pd.DataFrame) -> Page:
    """As `page`, with what is not passed among the notes: sentences need more than the width of a column."""
    whole = page(trust)
    failed = [
        f"{labels(trust[trust['metric'] == row['metric']], 'no')[0]}: {row['fails']}."
        for row in trust[trust["fails"] != ""].to_dict("records")
    ]
    return replace(whole, tables=whole.tables[:1], notes=(*whole.notes, *failed))


def lead(trust: pd.DataFrame) -> str:
    """The answer in one sentence."""
    passed = labels(trust, "yes")
    if trust.empty:
        return "No metric was held against a truth."
    if not passed:
        return f"None of {len(trust)} metrics passes all thresholds in every truth set."
    return f"{len(passed)} of {len(trust)} metrics pass all thresholds in every truth set: {', '.join(passed)}."


def labels(trust: pd.DataFrame, trusted: str) -> list[str]:
    """Names of the metrics that are trusted ("yes") or not ("no")."""
    return [escape(metrics.registry.get(name).label) for name in trust["metric"][trust["trusted"] == trusted]]


def read(results: Results) -> pd.DataFrame:
    """The stored ``metric_trust.csv``, as `compute` gives it (empty where there is none)."""
    return read_frame(results.table("metric_trust.csv"), COLUMNS, NUMBERS)


def write(results: Results, sets: Sequence[TruthSet]) -> None:
    """Write ``metric_trust.csv``, ``.md`` and ``.tex`` from the stored tables.

    Parameters
    ----------
    results : Results
        Hold ``metric_truth.csv``, ``metric_behaviour.csv`` and ``metric_degradations.csv``.
    sets : sequence of TruthSet
        Of the run; that of the degraded scenes gives the spread between methods.
    """
    degraded = [each for each in sets if each.dataset == metric_degradations.DATASET]
    trust = compute(
        metric_truth_table.read(results),
        metric_behaviour_table.read(results),
        metric_degradations.read(results),
        spreads(degraded[0]) if degraded else pd.DataFrame(),
    )
    write_frame(results.table("metric_trust.csv"), trust)
    write_text(results.table("metric_trust.md"), writers.markdown(page(trust)))
    write_text(results.table("metric_trust.tex"), writers.latex(printed_page(trust)))
