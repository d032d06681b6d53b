"""All data sets of a run together: every scene counts once, whatever its data set.

The pool is the largest complete table that the results allow: the data sets for which the number of scenes times the number of methods that
have all of them is largest. A data set that many methods lack (a stack too large for them, say) is left out, and so is one that shows the
scenes of another, and a method that lacks a scene; the notes name all. Metrics that are compared with a truth on some data sets and with the
sources on others are not pooled.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace

import numpy as np
import pandas as pd

import metrics
from study.entries import Entry
from study.store import POOLED, SCORE_COLUMNS, About, Results
from study.tables import means_table, newest_table
from study.tables import statistics_table as statistics
from study.tables.inline import escape

#: Data sets that show the scenes of another one in other pixels: both together would count these scenes twice.
SAME_SCENES = {"lytro_jpg": "lytro"}

RANK_NOTE = (
    "Best mean bold, second underlined, on the printed digits; mean rank: rank within each scene and metric among these methods, averaged over "
    "scenes and {}; controls are not ranked."
)


def pool(abouts: Sequence[About], scores: Mapping[str, pd.DataFrame]) -> tuple[About, pd.DataFrame]:
    """One description and one frame of scores for all data sets.

    Parameters
    ----------
    abouts : sequence of About
        The data sets of a run; their methods may differ.
    scores : mapping of str to pandas.DataFrame
        Data set -> its tidy scores.

    Returns
    -------
    about : About
        As of a data set; its scenes are named ``dataset/scene``, its methods are those with all scenes.
    scores : pandas.DataFrame
        Tidy scores of these.
    """
    entries = {entry.name: entry for about in abouts for entry in about.entries}
    main = {entry.name: entry.name in about.main for about in abouts for entry in about.entries}
    lacking = {about.dataset: _lacking(about, scores[about.dataset], entries) for about in abouts}
    ranked = {entry.name for about in abouts for entry in about.entries if not entry.is_control}
    chosen, left_out = _choose(abouts, lacking, ranked)
    missing = {name: sum(lacking[about.dataset][name] for about in chosen) for name in entries}
    whole = [entry for name, entry in entries.items() if not missing[name]]
    ids = [
        m
        for m in dict.fromkeys(metric for about in abouts for metric in about.metrics)
        if not _mixed(metrics.registry.get(m))
    ]
    scenes = [replace(scene, name=f"{about.dataset}/{scene.name}") for about in chosen for scene in about.scenes]
    total = sum(scene.usable for scene in scenes)
    lost = [f"{escape(entries[name].label)} (lacks {count} of {total})" for name, count in missing.items() if count]
    about = About(
        dataset=POOLED,
        datasets=tuple(about.dataset for about in abouts),
        label="All data sets",
        status="ok" if chosen else "empty",
        reason="" if chosen else "no data set has scenes",
        note=" ".join(_notes(chosen, left_out, lost)),
        rank_note=RANK_NOTE.format(means_table.ranked_by(ids) or "metrics"),
        dated=max((about.dated for about in chosen), default=""),
        scenes=tuple(scenes),
        metrics=tuple(ids),
        entries=tuple(whole),
        main=tuple(entry.name for entry in whole if main[entry.name]),
        highlight=tuple(dict.fromkeys(name for about in abouts for name in about.highlight)),
        over_budget=tuple(dict.fromkeys(name for about in abouts for name in about.over_budget)),
    )
    names = [entry.name for entry in whole]
    parts = [_named(scores[a.dataset], a.dataset, ids, names) for a in chosen]
    return about, pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(SCORE_COLUMNS)).astype(
        {"value": float}
    )


def _named(scores: pd.DataFrame, dataset: str, ids: Sequence[str], names: Sequence[str]) -> pd.DataFrame:
    """The scores that enter, with scenes named by their data set."""
    mine = scores[scores["metric"].isin(ids) & scores["method"].isin(names)]
    return mine.assign(dataset=POOLED, scene=f"{dataset}/" + mine["scene"])


def _lacking(about: About, scores: pd.DataFrame, entries: Mapping[str, Entry]) -> dict[str, int]:
    """Readable scenes without a scored image, per method of any data set (all scenes for a method that this data set does not have)."""
    scenes = {scene.name for scene in about.scenes if scene.usable}
    scored = scores[scores["status"].isin(["ok", "undefined"])]
    done = {name: set(mine) for name, mine in scored.groupby("method")["scene"]}
    return {name: len(scenes - done.get(name, set())) for name in entries}


def _choose(
    abouts: Sequence[About], lacking: Mapping[str, Mapping[str, int]], ranked: Set[str]
) -> tuple[list[About], list[tuple[str, str]]]:
    """Data sets of the pool, and (label, reason) of the others; `ranked` names the methods of all data sets together."""
    present = {about.dataset for about in abouts if about.readable}
    reasons: dict[str, str] = {}
    for about in abouts:
        if about.dataset not in present:
            reasons[about.dataset] = about.status
        elif SAME_SCENES.get(about.dataset) in present:
            reasons[about.dataset] = f"the scenes of {SAME_SCENES[about.dataset]} in other pixels"
    complete = {name: {m for m in ranked if not lacking[name][m]} for name in present}
    candidates = [about for about in abouts if about.dataset not in reasons]
    chosen = _largest_block(candidates, complete)
    for name in {about.dataset for about in candidates} - {about.dataset for about in chosen}:
        reasons[name] = f"only {len(complete[name])} of {len(ranked)} methods have all its scenes"
    return chosen, [(escape(about.label), reasons[about.dataset]) for about in abouts if about.dataset in reasons]


def _largest_block(abouts: Sequence[About], complete: Mapping[str, Set[str]]) -> list[About]:
    """Those data sets with which scenes times methods that have all of them is largest; the most of them where that is equal.

    Every choice is tried: a thousand for ten data sets.
    """

    def size(choice: Iterable[About]) -> int:
        shared = set.intersection(*(set(complete[about.dataset]) for about in choice))
        return len(shared) * sum(about.readable for about in choice)

    choices = (c for count in range(len(abouts), 0, -1) for c in itertools.combinations(abouts, count))
    return list(max(choices, key=size, default=()))


def _mixed(metric: metrics.Metric) -> bool:
    return metric.family == "truth" or metric.prefers_truth


def _notes(chosen: Sequence[About], left_out: Sequence[tuple[str, str]], lost: Sequence[str]) -> Iterator[str]:
    sets = ", ".join(f"{escape(about.label)} ({about.readable})" for about in chosen)
    yield f"Every scene counts once, so that a data set weighs as its number of scenes: {sets}."
    yield "Only methods with a result on all of these scenes, so that all means are over the same scenes."
    if lost:
        yield f"Methods left out: {', '.join(lost)}."
    if left_out:
        yield "Data sets left out: " + ", ".join(f"{label} ({reason})" for label, reason in left_out) + "."


def scene_ranks(scores: pd.DataFrame) -> Callable[[pd.DataFrame, metrics.Metric], pd.Series[float]]:
    """Ranks taken within every scene and averaged, instead of ranks of the means (`study.tables.means_table.Ranks`)."""

    def ranks(frame: pd.DataFrame, metric: metrics.Metric) -> pd.Series[float]:
        names = list(frame["method"][frame["kind"] != "control"])
        matrix = statistics.values(scores, names, metric.id).to_numpy()
        whole, scenes = statistics.complete(matrix)
        block = statistics.goodness(matrix[scenes][:, whole], metric)
        found = pd.Series(np.nan, index=frame["method"])
        if block.size:
            found[[name for name, keep in zip(names, whole, strict=True) if keep]] = statistics.scene_ranks(block).mean(
                axis=0
            )
        return found.reset_index(drop=True)

    return ranks


def tables(about: About, scores: pd.DataFrame) -> tuple[means_table.Means, means_table.Means, means_table.Means]:
    """Means of the paper's table, of the recent methods, and of every method and metric, from what `pool` gives."""
    return means_table.all_means(about, scores, scene_ranks(scores))


def read(results: Results, datasets: Sequence[str]) -> tuple[About, pd.DataFrame]:
    """`pool` of stored data sets."""
    abouts = [results.read_about(dataset) for dataset in datasets]
    return pool(abouts, {dataset: results.read_tidy(dataset) for dataset in datasets})


def write(results: Results, about: About, scores: pd.DataFrame) -> None:
    """Write the pooled tables and tests, named as those of a data set, and ``about.json``; parameters as given by `pool`."""
    results.write_about(about)
    means_table.write(results, *tables(about, scores))
    statistics.write(results, about, scores)
    newest_table.write(results, about, scores)
