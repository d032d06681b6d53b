"""Take the results of another run into these: further data sets, further methods, or newer values of some.

::

    python -m study.adopt RUN/results [results]

A benchmark may need more hours than one sitting has, or more than one machine. Each run is made in a clone of its own, with a configuration
that names what it adds. Its scores take the place of those kept here for the same data set and method, and stand beside the others; the
same goes for times. Then every table, the findings and the figures over scenes are made again (`study.regenerate`), figures of single
scenes that are not here yet are copied, and ``adopted.json`` records where what came from. Runs whose data sets have
other scenes or metrics are refused: such numbers do not belong into one table.
"""

import argparse
import shutil
import sys
from pathlib import Path

import methods
from files.errors import InputError
from study import about as sidecar
from study import records, regenerate
from study.tables import means_table as tables
from study.tables import pooled_table as pooling


def adopt(run, results):
    """Merge the tables of `run` into those of `results` (both pathlib.Path) and make all tables again.

    Raises
    ------
    files.errors.InputError
        `run` holds no tables, or scenes or metrics of a data set differ.
    """
    facts = records.read_json(run / "run.json") if (run / "run.json").is_file() else {}
    folders = sorted(path.parent for path in run.glob("tables/*/about.json") if path.parent.name != pooling.DATASET)
    # A clone brings the tables of the repository along; the run's own are those of its configuration.
    ran = facts.get("configuration", {}).get("datasets")
    folders = [folder for folder in folders if ran is None or folder.name in ran]
    if not folders:
        raise InputError(f"{run}: no tables/DATASET/about.json there; the results folder of a finished run is needed")
    pairs = [(folder, results / "tables" / folder.name) for folder in folders]
    merged = {target: _merged(folder, target) for folder, target in pairs}
    for target, (about, rows, times) in merged.items():
        records.write_json(target / "about.json", about)
        records.write_csv(target / "scores.csv", records.SCORES, rows)
        if times:
            records.write_csv(target / "timing.csv", list(times[0]), times)
    _note_datasets(results, [about["dataset"] for about, _, _ in merged.values()])
    regenerate.run(results)
    regenerate.draw(results)
    for path in sorted(run.glob("figures/*.p*")):
        if not (results / "figures" / path.name).exists():
            shutil.copyfile(path, results / "figures" / path.name)
    _note(results, facts, [records.read_json(folder / "about.json") for folder in folders])


def _merged(folder, target):
    """Description, scores and times of a data set: those of `folder`, and those of `target` it has nothing for."""
    about, rows = records.read_json(folder / "about.json"), records.read_csv(folder / "scores.csv")
    times = records.read_csv(folder / "timing.csv")
    ours = records.read_json(target / "about.json") if (target / "about.json").is_file() else {"methods": []}
    # A run of a few methods names them all, which would put them into the paper's table; here that is the kept run's matter.
    shown = {m["name"]: m["main"] for m in ours["methods"]}
    for method, entry in zip(about["methods"], sidecar.entries(about), strict=True):
        method["main"] = shown.get(entry.name, entry.in_paper)
    if not ours["methods"]:
        return about, rows, times
    for key in ("scenes", "metrics", "pixels"):
        if ours[key] != about[key]:
            raise InputError(f"{folder}: {key} differ from those of {target}; the two runs cannot share a table")
    entries = {m["name"]: m for m in (*ours["methods"], *about["methods"])}
    about["methods"] = sorted(entries.values(), key=_place)
    new = {row["method"] for row in rows}
    kept = [row for row in records.read_csv(target / "scores.csv") if row["method"] not in new]
    timed = {row["method"] for row in times}
    times = [row for row in records.read_csv(target / "timing.csv") if row["method"] not in timed] + times
    order = {m["name"]: number for number, m in enumerate(about["methods"])}
    return about, tables.tidy(kept + rows, sidecar.entries(about)), sorted(times, key=lambda t: order[t["method"]])


def _place(method):
    """Order of the methods in one run of all of them: by kind, then by name, variants behind plug-ins."""
    kind = methods.registry.get(method["method"]).kind
    return methods.KINDS.index(kind), method["name"] != method["method"], method["name"]


def _note_datasets(results, names):
    """Name the data sets of the pooled tables: those there are, then the new ones."""
    path = results / "tables" / pooling.DATASET / "about.json"
    known = records.read_json(path)["datasets"] if path.is_file() else []
    records.write_json(path, {"datasets": list(dict.fromkeys([*known, *names]))})


def _note(results, facts, abouts):
    """Append to ``adopted.json`` what was taken, and what ``run.json`` says of the run."""
    path = results / "adopted.json"
    taken = {about["dataset"]: [method["name"] for method in about["methods"]] for about in abouts}
    known = records.read_json(path) if path.is_file() else []
    records.write_json(path, [*known, {"taken": taken, "run": facts}])


def main(arguments=None):
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m study.adopt", description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="folder of the results to take")
    parser.add_argument("results", nargs="?", default=Path("results"), type=Path, help="folder that gets them")
    given = parser.parse_args(arguments)
    try:
        adopt(given.run, given.results)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
