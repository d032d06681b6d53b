"""All data sets of a run together: every scene counts once, whatever its data set.

The pool is the largest complete table that the results allow: the data sets for which the number of scenes times the number of
methods that have all of them is largest. A data set that many methods lack (a stack too large for them, say) is left out, and so
is one that shows the scenes of another, and a method that lacks a scene; the notes name all. Metrics that are compared with a truth on some data
sets and with the sources on others are not pooled.
"""

import itertools
from dataclasses import replace

import numpy as np

import metrics
from study import about as sidecar
from study import records
from study.tables import means_table as tables
from study.tables import statistics_table as statistics

DATASET = "pooled"

#: Data sets that show the scenes of another one in other pixels: both together would count these scenes twice.
SAME_SCENES = {"lytro_jpg": "lytro"}

RANK_NOTE = (
    "Best mean bold, second underlined, on the printed digits; mean rank: rank within each scene and metric among these methods, "
    "averaged over scenes and the six metrics; controls are not ranked."
)


def pool(abouts, scores):
    """One description and one list of scores for all data sets.

    Parameters
    ----------
    abouts : list of dict
        ``about.json`` of every data set; their methods may differ.
    scores : dict
        Data set -> its tidy scores.

    Returns
    -------
    about : dict
        As of a data set; its scenes are named ``dataset/scene``, its methods are those with all scenes.
    rows : list of dict
        Tidy scores of these.
    """
    methods = {m["name"]: m for a in abouts for m in a["methods"]}
    lacking = {a["dataset"]: _lacking(a, scores[a["dataset"]], methods) for a in abouts}
    ranked = {e.name for a in abouts for e in sidecar.entries(a) if e.declared.kind != "control"}
    chosen, left_out = _choose(abouts, lacking, ranked)
    names = [a["dataset"] for a in chosen]
    missing = {name: sum(lacking[d][name] for d in names) for name in methods}
    whole = [m for name, m in methods.items() if not missing[name]]
    all_ids = dict.fromkeys(metric for a in abouts for metric in a["metrics"])
    ids = [m for m in all_ids if not _mixed(metrics.registry.get(m))]
    rows = [
        row | {"dataset": DATASET, "scene": f"{name}/{row['scene']}"}
        for name in names
        for row in scores[name]
        if row["metric"] in ids and not missing.get(row["method"], 1)
    ]
    scenes = [s | {"name": f"{a['dataset']}/{s['name']}"} for a in chosen for s in a["scenes"]]
    total = sum(s["status"] == "ok" for s in scenes)
    lost = [f"{methods[n]['label']} (lacks {count} of {total})" for n, count in missing.items() if count]
    about = {
        "dataset": DATASET,
        "datasets": [a["dataset"] for a in abouts],
        "label": "All data sets",
        "pixels": "",
        "status": "ok" if chosen else "empty",
        "reason": "" if chosen else "no data set has scenes",
        "note": " ".join(_notes(chosen, left_out, lost)),
        "rank_note": RANK_NOTE,
        "scenes": scenes,
        "metrics": ids,
        "methods": whole,
    }
    return about, rows


def _lacking(about, rows, methods):
    """Readable scenes without a scored image, per method of any data set (one that this data set has not: all scenes)."""
    scenes = {s["name"] for s in about["scenes"] if s["status"] == "ok"}
    done = {}
    for row in rows:
        if row["status"] in ("ok", "undefined"):
            done.setdefault(row["method"], set()).add(row["scene"])
    return {name: len(scenes - done.get(name, set())) for name in methods}


def _choose(abouts, lacking, ranked):
    """Data sets of the pool, and (label, reason) of the others; `ranked` names the methods of all data sets together."""
    present = {a["dataset"] for a in abouts if sidecar.readable(a)}
    reasons = {}
    for about in abouts:
        name = about["dataset"]
        if name not in present:
            reasons[name] = about["status"]
        elif SAME_SCENES.get(name) in present:
            reasons[name] = f"the scenes of {SAME_SCENES[name]} in other pixels"
    complete = {name: {m for m in ranked if not lacking[name][m]} for name in present}
    candidates = [a for a in abouts if a["dataset"] not in reasons]
    chosen = _largest_block(candidates, complete)
    for name in {a["dataset"] for a in candidates} - {a["dataset"] for a in chosen}:
        reasons[name] = f"only {len(complete[name])} of {len(ranked)} methods have all its scenes"
    return chosen, [(a["label"], reasons[a["dataset"]]) for a in abouts if a["dataset"] in reasons]


def _largest_block(abouts, complete):
    """Those data sets with which scenes times methods that have all of them is largest; the most of them where that is equal.

    Every choice is tried: a thousand for ten data sets.
    """

    def size(choice):
        shared = set.intersection(*(complete[a["dataset"]] for a in choice))
        return len(shared) * sum(sidecar.readable(a) for a in choice)

    choices = (c for count in range(len(abouts), 0, -1) for c in itertools.combinations(abouts, count))
    return list(max(choices, key=size, default=()))


def _mixed(metric):
    return metric.family == "truth" or metric.prefers_truth


def _notes(chosen, left_out, lost):
    sets = ", ".join(f"{a['label']} ({sidecar.readable(a)})" for a in chosen)
    yield f"Every scene counts once, so that a data set weighs as its number of scenes: {sets}."
    yield "Only methods with a result on all of these scenes, so that all means are over the same scenes."
    if lost:
        yield f"Methods left out: {', '.join(lost)}."
    if left_out:
        yield "Data sets left out: " + ", ".join(f"{label} ({reason})" for label, reason in left_out) + "."


def by_scene(table, rows):
    """The table with ranks taken within every scene and averaged, instead of ranks of the means."""
    cells = dict(table.cells)
    ranked = [e.name for e in table.entries if e.declared.kind != "control"]
    for metric in table.metrics:
        _, matrix = statistics.values(rows, ranked, metric.id)
        methods, scenes = statistics.complete(matrix)
        block = statistics.goodness(matrix[scenes][:, methods], metric)
        ranks = iter(statistics.scene_ranks(block).mean(axis=0) if block.size else [])
        for name, complete in zip(ranked, methods, strict=True):
            cells[name, metric.id] = replace(cells[name, metric.id], rank=next(ranks) if complete else float("nan"))
    mean_rank = {}
    for entry in table.entries:
        six = [cells[entry.name, m.id].rank for m in table.metrics if m.id in metrics.SIX]
        mean_rank[entry.name] = float(np.mean(six)) if six else float("nan")
    return replace(table, cells=cells, mean_rank=mean_rank)


def write(folder, about, rows):
    """Write the pooled tables, named as those of a data set, and ``about.json``; parameters as given by `pool`."""
    records.write_json(folder / "about.json", about)
    six = [m for m in about["metrics"] if m in metrics.SIX] or about["metrics"]
    scenes = sidecar.readable(about)
    main = tables.build(DATASET, sidecar.entries(about, main_only=True), six, rows, scenes)
    extended = tables.build(DATASET, sidecar.entries(about), about["metrics"], rows, scenes)
    main, extended = by_scene(main, rows), by_scene(extended, rows)
    records.write_csv(folder / "table.csv", *tables.wide_rows(main))
    records.write_csv(folder / "means.csv", *tables.wide_rows(extended))
    tables.write_texts(folder, about, main, extended)
