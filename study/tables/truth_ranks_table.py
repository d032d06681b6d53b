"""The leader board by the truth beside the leader board by the six metrics: who moves?

Over all scenes with truth, each counting once (data sets of one such scene are left out), among the methods that have all of them. The data sets are those of the largest complete
table, as `study.tables.pooled_table` chooses them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

import metrics
from files.atomic import write_text
from study.store import About, Results, read_frame, write_frame
from study.tables import pooled_table, truth_sets, writers
from study.tables import statistics_table as statistics
from study.tables.table import Column, Table
from study.tables.truth_sets import ERROR, TruthSet

#: Errors that every fused image has; their ranks make the rank by the truth.
BOTH = (ERROR, "ssim")
#: Errors of methods with an index map.
OF_MAPS = ("excess_defocus", "wrong_pixels")

#: Columns of the places on single data sets, and of the place by the published PSNR on Real-MFF.
PLACE_ON, PLACE_PUBLISHED = "psnr_place_", "psnr_place_published"

COLUMNS: tuple[str, ...] = ("method", "label", "kind", "scenes", "place", "place_six", "moves", "rank", "rank_six")
COLUMNS += tuple(f"rank_{name}" for name in (*BOTH, *OF_MAPS))
NUMBERS = COLUMNS[3:]

#: Places in the published scores, from `study.published`.
PUBLISHED = "published_places.csv"
PLACES = ("method", "name", "place", "of")

NOTES = (
    "Truth: rank within every scene by PSNR and by SSIM against the all-in-focus image, averaged over scenes and both. Six: the same by the six metrics. Moves: places that a method "
    "gains by the truth (negative: loses). Controls do not enter.",
    "Excess defocus, wrong pixels: mean rank among the methods that have a decision map, on the scenes whose truth says it; blank without a map.",
    "Further columns: place by mean PSNR on each data set with truth, and among 30 methods in the published scores of 710 pairs of Real-MFF.",
)


def compute(abouts: Sequence[About], scores: Mapping[str, pd.DataFrame], published: pd.DataFrame) -> pd.DataFrame:
    """Places and mean ranks of every method that has all scenes.

    Parameters
    ----------
    abouts : sequence of About
        Data sets of a run.
    scores : mapping of str to pandas.DataFrame
        Data set -> its tidy scores.
    published : pandas.DataFrame
        `PLACES`, from `study.published`.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, then places by PSNR on every data set (``psnr_place_DATASET``) and in the published scores; best by the
        truth first. Numbers are float, NaN where there is none. Empty without scenes with truth that all of the six metrics have.
    """
    sets = [each for each in truth_sets.of_run(abouts, scores) if each.enough]
    own = [about for about in abouts if about.dataset in {each.dataset for each in sets}]
    pool, _ = pooled_table.pool(own, scores)
    chosen = [each for each in sets if any(scene.name.startswith(f"{each.dataset}/") for scene in pool.scenes)]
    entries = {entry.name: entry for entry in pool.entries if not entry.is_control}
    if not chosen or not entries:
        return pd.DataFrame(columns=[*COLUMNS, PLACE_PUBLISHED]).astype({name: float for name in NUMBERS})
    names = list(entries)
    frame = pd.DataFrame(
        {"method": names, "label": [e.label for e in entries.values()], "kind": [e.kind for e in entries.values()]}
    )
    frame = frame.set_index("method", drop=False)
    for name in (*BOTH, *OF_MAPS):
        frame[f"rank_{name}"] = _mean_rank(chosen, names, name)
    frame["rank"] = frame[[f"rank_{name}" for name in BOTH]].mean(axis=1, skipna=False)
    six = pd.DataFrame({name: _mean_rank(chosen, names, name) for name in metrics.SIX})
    frame["rank_six"] = six.mean(axis=1, skipna=False)
    frame = frame[frame["rank"].notna() & frame["rank_six"].notna()]
    frame["scenes"] = float(sum(len(each.goodness(ERROR)) for each in chosen))
    frame["place"], frame["place_six"] = frame["rank"].rank(method="min"), frame["rank_six"].rank(method="min")
    frame["moves"] = frame["place_six"] - frame["place"]
    for each in sets:
        frame[f"{PLACE_ON}{each.dataset}"] = each.goodness(ERROR).mean().rank(ascending=False, method="min")
    places = published[published["method"] != ""].set_index("method")["place"].astype(float)
    frame[PLACE_PUBLISHED] = places.reindex(frame.index)
    ordered = frame.sort_values(["place", "place_six"], kind="stable").reset_index(drop=True)
    return ordered[[*COLUMNS, *(name for name in ordered if str(name).startswith(PLACE_ON))]]


def _mean_rank(sets: Sequence[TruthSet], names: Sequence[str], metric: str) -> pd.Series:
    """Mean rank within the scenes of all sets, among the methods that have a value on all scenes where any has one; NaN for the others."""
    parts = [each.goodness(metric, names) for each in sets]
    good = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True).to_numpy()
    methods, scenes = statistics.complete(good)
    ranks = pd.Series(np.nan, index=list(names))
    if scenes.any():
        ranks[[name for name, keep in zip(names, methods, strict=True) if keep]] = statistics.scene_ranks(
            good[scenes][:, methods]
        ).mean(axis=0)
    return ranks


def published_places(truth: TruthSet, ours: Mapping[str, str]) -> pd.DataFrame:
    """Places by mean PSNR in the published scores.

    Parameters
    ----------
    truth : TruthSet
    ours : mapping of str to str
        Name of a method there -> plug-in here; empty without one.

    Returns
    -------
    pandas.DataFrame
        `PLACES`: ``of`` is the number of methods; the first place comes first.
    """
    order = truth.leading(len(truth.methods))
    rows = [(ours[name], name, place, len(order)) for place, name in enumerate(order, start=1)]
    return pd.DataFrame(rows, columns=list(PLACES))


# -- what is printed -----------------------------------------------------------------------------------------------


def table(ranks: pd.DataFrame, labels: Mapping[str, str]) -> Table:
    """One line per method, the best by the truth first.

    Parameters
    ----------
    ranks : pandas.DataFrame
        From `compute` or `read`.
    labels : mapping of str to str
        Data set -> name for people.
    """
    title = "The leader board by the truth"
    if ranks.empty:
        return Table(ranks, (), title, "No scenes with truth on which methods have all of the six metrics.")
    columns = [
        Column("label", "Method", align="left"),
        Column("place", "place by\ntruth", digits=0),
        Column("place_six", "place by\nsix", digits=0),
        Column("moves", "moves", digits=0),
        Column("rank", "rank by\ntruth", digits=1),
        Column("rank_six", "rank by\nsix", digits=1),
    ]
    columns += [
        Column(f"rank_{name}", metrics.registry.get(name).label, digits=1, missing="")
        for name in (*BOTH, *OF_MAPS)
        if ranks[f"rank_{name}"].notna().any()
    ]
    for name in map(str, ranks):
        if name.startswith(PLACE_ON) and ranks[name].notna().any():
            dataset = name.removeprefix(PLACE_ON)
            columns.append(Column(name, f"PSNR,\n{labels.get(dataset, 'Real-MFF')}", digits=0, missing=""))
    lead = f"{ranks['scenes'].iloc[0]:.0f} scenes with truth, {len(ranks)} methods that have all of them."
    return Table(ranks, columns, title, lead, NOTES, label="truth_ranks")


def read(results: Results) -> pd.DataFrame:
    """The stored ``truth_ranks.csv``, as `compute` gives it."""
    frame = read_frame(results.table("truth_ranks.csv"), COLUMNS, NUMBERS)
    return frame.assign(**{str(n): pd.to_numeric(frame[n]) for n in frame if str(n).startswith(PLACE_ON)})


def read_places(results: Results) -> pd.DataFrame:
    """The stored places in the published scores (empty where there is none)."""
    return read_frame(results.table(PUBLISHED), PLACES, ("place", "of"))


def write(results: Results, datasets: Sequence[str]) -> None:
    """Write ``truth_ranks.csv``, ``.md`` and ``.tex`` from the stored scores of the data sets of a run."""
    abouts = [results.read_about(name) for name in datasets]
    ranks = compute(abouts, {name: results.read_tidy(name) for name in datasets}, read_places(results))
    write_frame(results.table("truth_ranks.csv"), ranks)
    found = table(ranks, labels(abouts))
    write_text(results.table("truth_ranks.md"), writers.markdown(found))
    write_text(results.table("truth_ranks.tex"), writers.latex(found))


def labels(abouts: Iterable[About]) -> dict[str, str]:
    """Data set -> name for people."""
    return {about.dataset: about.label for about in abouts}
