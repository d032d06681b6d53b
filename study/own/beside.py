"""Rows of one's own beside those of the reference run: what it keeps of a data set, measuring rows as it was measured, tables and figures of both."""

import argparse
import contextlib
import dataclasses
import logging
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

import methods
import metrics
import scenes
from files.errors import InputError, Unavailable, did_you_mean
from files.identity import Code
from files.machine import ROOT, choose_device
from study import adopt, records
from study.entries import Entry
from study.figures import boxes, critical_difference, scene_ranks
from study.own import compare_table, findings
from study.run import fuse_set, reference, score_set, scores_table, sources, summary, weights
from study.store import About, DatasetFacts, Results
from study.tables import bibliography, means_table, statistics_table

log = logging.getLogger(__name__)

#: Tables and figures of a data set that `write` makes, without ending.
_TABLES = ("about", "scores", "table", "recent", "extended", "means", "statistics", "friedman", "compare")
_FIGURES = ("boxes", "scene_ranks", "critical_difference")


@dataclass(frozen=True)
class Kept:
    """What a kept run has of a data set, for the scenes that are compared, and the same scenes as they are here.

    Parameters
    ----------
    about : About
        With these scenes and the metrics that this program has.
    scores : pandas.DataFrame
        Tidy scores of these.
    facts : DatasetFacts
    left_out : tuple of str
        Metrics of the kept run that this program does not have.
    """

    about: About
    scores: pd.DataFrame
    facts: DatasetFacts
    left_out: tuple[str, ...] = ()

    @property
    def dataset(self) -> str:
        """Id of the data set."""
        return self.about.dataset


def kept(item: str, run: Results = reference.REFERENCE) -> Kept:
    """What a kept run has of a data set; its sources are fetched and read once.

    Parameters
    ----------
    item : str
        A data set, or some of its scenes (``lytro/1-5``).
    run : Results

    Raises
    ------
    files.errors.InputError
        The run has no such data set or scene, or its sources were others.
    files.errors.Unavailable
        A source image is neither here nor can it be fetched.
    """
    dataset, _, wanted = item.partition("/")
    known_sets = run.kept_datasets()
    if dataset not in known_sets:
        raise InputError(f"{run.root} has no data set {dataset!r}; {did_you_mean(dataset, known_sets)}")
    about = run.read_about(dataset)
    had = [scene.name for scene in about.scenes if scene.usable]
    loaded = scenes.load(dataset)
    chosen = [s.name for s in scenes.choose(loaded, [wanted]).scenes] if wanted else had
    missing = [name for name in chosen if name not in had]
    if missing:
        raise InputError(f"{run.root} has no scene {missing[0]} of {dataset}; {did_you_mean(missing[0], had)}")
    every = len(chosen) == len(loaded.scenes)
    facts = sources.collect(dataset, wanted=() if every else chosen)
    _check_readable(facts)
    reference.check_sources(facts, run)
    known = [metric for metric in about.metrics if metric in metrics.registry.ids()]
    note = "" if len(chosen) == len(had) else f"{len(chosen)} of the {len(had)} scenes of the reference run."
    about = dataclasses.replace(
        about,
        scenes=tuple(scene for scene in about.scenes if scene.name in chosen),
        metrics=tuple(known),
        note=" ".join(part for part in (about.note, note) if part),
    )
    tidy = run.read_tidy(dataset)
    tidy = tidy[tidy["scene"].isin(chosen) & tidy["metric"].isin(known)]
    return Kept(about, tidy, facts, tuple(metric for metric in run.read_about(dataset).metrics if metric not in known))


def _check_readable(facts: DatasetFacts) -> None:
    if facts.status == "unavailable":
        raise Unavailable(f"{facts.dataset}: {facts.reason}")
    if facts.status != "ok":
        raise InputError(f"{facts.dataset}: {facts.reason}")
    lost = [scene for scene in facts.scenes if not scene.usable]
    if lost:
        first = lost[0]
        kind = Unavailable if first.status == "unavailable" else InputError
        raise kind(
            f"{facts.dataset}: {len(lost)} of {len(facts.scenes)} scenes cannot be read ({first.name}: {first.reason}); choose others, "
            f"such as {facts.dataset}/1-5"
        )


def check(entry: Entry, dataset: Kept) -> None:
    """Say why a method cannot run on a data set before anything is computed.

    Raises
    ------
    files.errors.Unavailable
        A file that it needs is not here and cannot be fetched.
    """
    if entry.declared.files:
        weights.collect(entry.method, entry.declared.files)
    reason = fuse_set.reason_not_to_run(entry, dataset.facts)
    if reason:
        raise Unavailable(f"{entry.label} cannot run on {dataset.dataset}: {reason}")


def folder(given: argparse.Namespace, verb: str, names: Sequence[str]) -> Results:
    """The folder that gets the results: the one asked for, or one named after the methods.

    Raises
    ------
    files.errors.InputError
        It is the folder of the kept scores, whose tables would be replaced.
    """
    results = Results(given.output or Results().own(verb, "_".join(names)))
    if Path(results.root).resolve() == Path(given.results).resolve():
        raise InputError(f"--output: {results.root} holds the kept scores; name another folder")
    return results


def clear(datasets: Sequence[Kept], results: Results) -> None:
    """Remove what `write` makes anew, so that a stopped run leaves no earlier tables that look finished; fused images and scores stay."""
    made = [Path(results.page("FINDINGS.md")), Path(results.page("run.json")), Path(results.table("references.bib"))]
    for dataset in datasets:
        for stem in _TABLES:
            made += Path(results.table("", dataset.dataset)).glob(f"{stem}.*")
        for stem in _FIGURES:
            made += Path(results.figure("", dataset.dataset)).glob(f"{stem}.*")
    for path in made:
        path.unlink(missing_ok=True)


def measure(entry: Entry, dataset: Kept, results: Results, device: str = "auto") -> None:
    """Fuse the scenes with one method and score them by the metrics of the kept run, as the workflow does; what is finished is kept.

    Parameters
    ----------
    entry : Entry
    dataset : Kept
    results : Results
        Get fused images and scores.
    device : {"auto", "cpu", "cuda"}

    Raises
    ------
    RuntimeError
        No scene was fused; the message has the reason.
    """
    code = Code(ROOT, Path.cwd())
    place = choose_device(device) if "device" in entry.declared.needs else "cpu"
    identity = methods.registry.identity(entry.method, code)
    log.info("%s: fusing %d scenes of %s", entry.label, len(dataset.facts.scenes), dataset.dataset)
    fused = fuse_set.fuse_set(fuse_set.Task(entry, dataset.facts, results, device=place, code=identity))
    results.write_fused(dataset.dataset, entry.name, fused)
    if not any(row.status == "ok" for row in fused):
        raise RuntimeError(f"{entry.label} has no result on {dataset.dataset}: {fused[0].reason}")
    for row in fused:
        if row.status != "ok":
            log.warning("%s has no result on %s: %s", entry.label, row.scene, row.reason)
    log.info("%s: scoring them by %d metrics", entry.label, len(dataset.about.metrics))
    task = score_set.Task(
        dataset.facts,
        {name: metrics.registry.identity(name, code) for name in dataset.about.metrics},
        results,
        arrays=code.of_all([(f"metrics.{name}", "*") for name in dataset.about.metrics]),
    )
    results.write_scores(dataset.dataset, entry.name, score_set.score_set(task, fused))


def write(entries: Sequence[Entry], datasets: Sequence[Kept], results: Results) -> list[str]:
    """Tables, figures and findings of measured rows among the kept ones, and the record of the run; what only the measuring needed is removed.

    Parameters
    ----------
    entries : sequence of Entry
        The rows that `measure` wrote.
    datasets : sequence of Kept
    results : Results

    Returns
    -------
    list of str
        What a person reads first.
    """
    texts, written = [], []
    for dataset in datasets:
        name = dataset.dataset
        results.write_sources(dataset.facts)
        about, tidy = _joined(entries, dataset, results)
        results.write_about(about)
        results.write_tidy(name, tidy)
        found, recent, extended = means_table.all_means(about, tidy)
        means_table.write(results, found, recent, extended)
        statistics_table.write(results, about, tidy)
        compare_table.write(results, found, statistics_table.read(results, name)[0], entries)
        _draw(about, tidy, results)
        texts.append(findings.text(found, extended, [entry.name for entry in entries], dataset.left_out))
        pages = ("compare", "table", "extended")
        written += [results.table(f"{page}.{kind}", name) for page in pages for kind in ("md", "tex")]
        written.append(results.table("statistics.md", name))
    bibliography.write(results)
    command = summary.command_line(sys.argv)
    records.write_json(results.page("run.json"), summary.circumstances(command, results, [d.dataset for d in datasets]))
    findings.write(results, texts)
    for dataset in datasets:
        # By far the largest part of the folder; only another scoring would read it, and makes it again.
        place = Path(results.arrays_of(dataset.dataset))
        shutil.rmtree(place, ignore_errors=True)
        with contextlib.suppress(OSError):
            place.parent.rmdir()  # unless it has those of other data sets
    return [results.page("FINDINGS.md"), *written, results.figure("")]


def _joined(entries: Sequence[Entry], dataset: Kept, results: Results) -> tuple[About, pd.DataFrame]:
    """Description and tidy scores of the kept rows and one's own; these stand in the paper's table, too."""
    about = adopt.with_entries(dataset.about, entries)
    own = [entry.name for entry in entries]
    about = dataclasses.replace(
        about,
        main=tuple(entry.name for entry in about.entries if entry.name in {*about.main, *own}),
        highlight=tuple(own),
    )
    return about, adopt.with_scores(
        dataset.scores, scores_table.joined(results, dataset.dataset, entries), about.entries
    )


def _draw(about: About, tidy: pd.DataFrame, results: Results) -> None:
    """The figures that are made of scores."""

    def paths(name: str) -> list[str]:
        return [results.figure(f"{name}.{kind}", about.dataset) for kind in ("png", "pdf", "txt")]

    boxes.draw(about, tidy, paths("boxes"))
    if about.readable > 1:
        scene_ranks.draw(about, tidy, paths("scene_ranks"))
    if about.readable >= statistics_table.LEAST_SCENES:
        critical_difference.draw(about, *statistics_table.read(results, about.dataset), paths("critical_difference"))


def outcome(results: Results, datasets: Sequence[Kept], written: Sequence[str]) -> dict[str, Any]:
    """What the verbs print: the findings, and where the rest lies."""
    text = Path(results.page("FINDINGS.md")).read_text(encoding="utf-8")
    return {
        "message": text.rstrip("\n"),
        "results": results.root,
        "datasets": [dataset.dataset for dataset in datasets],
        "written": list(written),
    }
