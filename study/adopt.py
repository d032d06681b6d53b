"""Take the results of a run into the reference run: further data sets, further methods, or newer values.

::

    python -m study adopt RUN/results [results/reference]
    python -m study adopt results/reference/submissions/NAME.json

A benchmark may need more hours than one sitting has, or more than one machine. Each run is made in a clone of its own, with a configuration that
names what it adds. Its scores and times take the place of those kept for the same scenes and methods; the others stay. Then all tables, findings and
figures are made again (`study.refresh`). ``adopted.json`` records where what came from. A run may have some of the scenes that are kept; one whose scenes
or metrics differ is refused: its numbers do not belong in the same table.

All of this happens in a copy, which takes the place of the folder at the end: an interrupted program leaves the folder as it was, and is called again.
"""

import argparse
import dataclasses
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

import methods
import metrics
from files.atomic import atomic_folder
from files.errors import InputError
from study import records, refresh
from study.entries import Entry
from study.own import submission
from study.store import POOLED, About, Results, write_frame
from study.tables import truth_sets

#: Figures of single scenes that the reference run keeps; all other figures are drawn from its tables.
PICTURES = ("crops_lytro_lytro_01.png",)


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("source", metavar="run", help="folder of the results to take, or the file of a submission")
    parser.add_argument(
        "results", nargs="?", default=refresh.REFERENCE, help="folder that gets them (default: %(default)s)"
    )


def command(given: argparse.Namespace) -> dict[str, Any]:
    """The verb."""
    kept = Results(given.results)
    with atomic_folder(kept.root) as place:
        new = Results(place.as_posix())
        if given.source.endswith(".json"):
            taken = adopt_submission(given.source, kept, new)
        else:
            taken = adopt(Results(given.source), kept, new)
        refresh.make(new.root)
    refreshed = [kept.root, *refresh.write_readme(kept.root)]
    count = sum(map(len, taken.values()))
    return {"message": f"took {count} methods on {len(taken)} data sets", "taken": taken, "written": refreshed}


def adopt(run: Results, kept: Results, results: Results) -> dict[str, list[str]]:
    """Merge the scores and times of a run into kept ones.

    Parameters
    ----------
    run : Results
        Of a finished run.
    kept : Results
        The scores that they join.
    results : Results
        A copy of `kept` (or `kept` itself): gets them.

    Returns
    -------
    dict
        Data set -> names of the methods that were taken.

    Raises
    ------
    files.errors.InputError
        `run` holds no tables, or the scenes of a data set are not among the kept ones, or it lacks metrics. It may have more of
        them: kept methods have no value of these. It may know the truth where what is kept does not: kept methods lose the
        values that would be other ones with it.
    """
    facts = records.read_json(run.page("run.json")) if Path(run.page("run.json")).is_file() else {}
    datasets = run.kept_datasets()
    merged = {name: _merged(run, kept, name) for name in datasets}
    for name, (about, scores, times) in merged.items():
        results.write_about(about)
        results.write_tidy(name, scores)
        if len(times):
            write_frame(results.table("timing.csv", name), times)
    _note_datasets(results, datasets)
    for path in sorted(Path(run.root).glob("tables/*.*")):
        # Of the benchmark as a whole: stacks, ablation. What is made of scores is made again.
        shutil.copyfile(path, results.table(path.name))
    for name in PICTURES:
        if Path(run.figure(name)).is_file():
            Path(results.figure(name)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(run.figure(name), results.figure(name))
    taken = {name: [entry.name for entry in run.read_about(name).entries] for name in datasets}
    _note(results, facts, taken)
    return taken


def adopt_submission(path: str, kept: Results, results: Results) -> dict[str, list[str]]:
    """Take a submission (`study.own.submission`) into kept scores; its row is marked, and its file is kept with them; `kept` and `results` as of `adopt`.

    Returns
    -------
    dict
        Data set -> name of the row, as `adopt`.

    Raises
    ------
    files.errors.InputError
        The submission is not valid, or does not fit the kept scores.
    """
    content = submission.read(path)
    submission.check_content(content, path, kept)
    entry = submission.entry(content)
    for dataset in content["datasets"]:
        about = with_entries(kept.read_about(dataset), [entry])
        scores = submission.tidy(content, dataset)
        scores = scores[scores["metric"].isin(about.metrics)]
        results.write_about(about)
        results.write_tidy(dataset, with_scores(kept.read_tidy(dataset), scores, about.entries))
    records.write_json(results.submission(entry.name), content)
    taken = {dataset: [entry.name] for dataset in content["datasets"]}
    _note(results, {}, taken)
    return taken


def _merged(run: Results, results: Results, dataset: str) -> tuple[About, pd.DataFrame, pd.DataFrame]:
    """Description, scores and times of a data set: those of the run, and the kept ones it has nothing for."""
    about, scores, times = run.read_about(dataset), run.read_tidy(dataset), run.read_times(dataset)
    kept = results.read_about(dataset) if Path(results.table("about.json", dataset)).is_file() else None
    # A run of a few methods names them all, which would put them into the paper's table; here that is for the kept run to say.
    if kept is None:
        main = tuple(e.name for e in about.entries if e.in_paper)
        return dataclasses.replace(about, main=main, highlight=(), dated=records.today()), scores, times
    if not _fits(kept, about):
        raise InputError(
            f"{run.root}: the scenes of {dataset} differ from those of {results.root}; the two runs cannot share a table"
        )
    kept, old = _told_the_truth(kept, results.read_tidy(dataset), about)
    lacking = [name for name in kept.metrics if name not in about.metrics]
    if lacking:
        raise InputError(
            f"{run.root}: has no {', '.join(lacking)} of {dataset}, which {results.root} has; score with these metrics, too"
        )
    joined = with_entries(kept, about.entries)
    new = {entry.name for entry in about.entries}
    about = dataclasses.replace(
        about,
        scenes=joined.scenes,
        pixels=joined.pixels,
        entries=joined.entries,
        main=joined.main,
        dated=joined.dated,
        highlight=kept.highlight,
        over_budget=(*(name for name in kept.over_budget if name not in new), *about.over_budget),
    )
    old_times = results.read_times(dataset)
    times = pd.concat([old_times[~old_times["method"].isin(set(times["method"]))], times])
    return about, with_scores(old, scores, about.entries), _ordered(times, about.entries)


def _fits(kept: About, about: About) -> bool:
    """Whether a run has the scenes that are kept, or some of them; it may know the truth of more."""
    known = {scene.name: scene for scene in kept.scenes}
    return (about.pixels == kept.pixels or bool(_gained(kept, about))) and all(
        scene.name in known
        and dataclasses.replace(known[scene.name], truth=scene.truth) == scene
        and (scene.truth or not known[scene.name].truth)
        for scene in about.scenes
    )


def _gained(kept: About, about: About) -> set[str]:
    """Names of the scenes whose truth only the run knows."""
    without = {scene.name for scene in kept.scenes if not scene.truth}
    return {scene.name for scene in about.scenes if scene.truth and scene.name in without}


def _told_the_truth(kept: About, scores: pd.DataFrame, about: About) -> tuple[About, pd.DataFrame]:
    """What is kept beside a run that may know the truth of its scenes: values that would be other ones with it are left out."""
    new, gained = {scene.name: scene for scene in about.scenes}, _gained(kept, about)
    other = {name for name in kept.metrics if not truth_sets.judged(metrics.registry.get(name))} if gained else set()
    scenes = tuple(new.get(scene.name, scene) for scene in kept.scenes)
    described = dataclasses.replace(kept, scenes=scenes, pixels=about.pixels)
    return described, scores[~(scores["scene"].isin(gained) & scores["metric"].isin(other))]


def with_entries(kept: About, new: Sequence[Entry]) -> About:
    """The description of a data set with further methods, in table order and dated today; one that is known takes the place of the kept one.

    The paper's table has the new ones that belong there by their declaration.
    """
    known = {entry.name for entry in kept.entries}
    entries = sorted({e.name: e for e in (*kept.entries, *new)}.values(), key=_place)
    main = [e.name for e in entries if (e.name in kept.main if e.name in known else e.in_paper)]
    return dataclasses.replace(kept, entries=tuple(entries), main=tuple(main), dated=records.today())


def with_scores(kept: pd.DataFrame, new: pd.DataFrame, entries: Sequence[Entry]) -> pd.DataFrame:
    """Tidy scores with further ones, in the order of `entries`; those of a known scene and method take the place of the kept ones."""
    index = ["method", "scene"]
    stays = ~pd.MultiIndex.from_frame(kept[index]).isin(pd.MultiIndex.from_frame(new[index]))
    return _ordered(pd.concat([kept[stays], new]), entries, "scene")


def _ordered(frame: pd.DataFrame, entries: Iterable[Entry], *then: str) -> pd.DataFrame:
    """The frame by method in table order, then by other columns."""
    order = frame["method"].map({entry.name: place for place, entry in enumerate(entries)})
    return (
        frame.assign(_order=order)
        .sort_values(["_order", *then], kind="stable", ignore_index=True)
        .drop(columns="_order")
    )


def _place(entry: Entry) -> tuple[int, bool, str]:
    """Order of the methods in one run of all of them: by kind, then by name, variants behind plug-ins."""
    return methods.KINDS.index(entry.kind), entry.name != entry.method, entry.name


def _note_datasets(results: Results, names: list[str]) -> None:
    """Name the data sets of the pooled tables: those there are, then the new ones."""
    kept = Path(results.table("about.json", POOLED)).is_file()
    about = results.read_about(POOLED) if kept else About(POOLED, POOLED)
    results.write_about(dataclasses.replace(about, datasets=tuple(dict.fromkeys([*about.datasets, *names]))))


def _note(results: Results, facts: dict[str, Any], taken: dict[str, list[str]]) -> None:
    """Append to ``adopted.json`` what was taken, and what ``run.json`` says of the run."""
    path = Path(results.page("adopted.json"))
    known = records.read_json(path) if path.is_file() else []
    records.write_json(path, [*known, {"taken": taken, "run": facts}])
