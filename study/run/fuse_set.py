"""Fuse all scenes of a data set with one method, scene by scene, losing nothing that was finished.

The method works in a process of its own. However it ends (an exception, an exit, a signal, no memory left, no result within the time limit), the
scene it was at gets a row with the reason, and the next scene is tried in a new process.
"""

import contextlib
import logging
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import methods
from files import catalogue
from files.errors import InputError, Unavailable
from files.machine import plain
from imaging.files import write_image, write_levels
from study import records
from study.config import forecast
from study.entries import Entry
from study.gacn import entries as gacn
from study.run import sources
from study.run.apart import Apart, Ended
from study.store import OVER_BUDGET, DatasetFacts, FusedScene, Results, SceneFacts

log = logging.getLogger(__name__)

#: The time limit of a scene where none is configured: this many times the forecast, but at least so many seconds.
GENEROUS, LEAST_SECONDS = 50, 900.0


@dataclass(frozen=True)
class Task:
    """One method on one data set.

    Parameters
    ----------
    entry : Entry
    facts : DatasetFacts
    results : Results
    device : {"cpu", "cuda"}
    code : str
        Identity of the method's code.
    time_limit : float, optional
        Seconds that one scene may take; see `limit_of`.
    attempt : int
        See `study.run.retry`.
    """

    entry: Entry
    facts: DatasetFacts
    results: Results = field(default_factory=Results)
    device: str = "cpu"
    code: str = ""
    time_limit: float | None = None
    attempt: int = 1

    def row(self, scene: str, status: str, reason: object = "", **more: str) -> FusedScene:
        """A row of this task."""
        return FusedScene(
            self.facts.dataset, self.entry.name, scene, status, plain(reason), attempt=self.attempt, **more
        )

    def key(self, scene: SceneFacts) -> str:
        """What the result of a scene depends on: equal keys, equal result."""
        truth = scene.truth_checksum if "truth" in self.entry.declared.needs else ""
        parts = (
            self.entry.method,
            self.entry.options,
            scene.checksums,
            truth,
            self.code,
            named_files(self.entry, self.facts.dataset),
            self.device,
        )
        return records.key(*parts)


def named_files(entry: Entry, dataset: str) -> list[str]:
    """Checksums of the files that decide an entry's results on a data set: those of the catalogue, and those that its options name."""
    module = methods.registry.module(entry.method)
    files = module.reads(entry.declared.settings(entry.settings_on(dataset))) if hasattr(module, "reads") else ()
    pinned = [f"{key} {catalogue.find(key).sha256}" for key in entry.declared.files]
    return [*pinned, *(f"{Path(path).name} {records.sha256(path)}" for path in files)]


def limit_of(entry: Entry, scene: SceneFacts, configured: float | None) -> float:
    """Seconds that a method may take for a scene: the configured number, or generously more than its declared cost forecasts."""
    return configured or max(LEAST_SECONDS, GENEROUS * forecast(entry.declared, [scene.shape]))


def reason_not_to_run(entry: Entry, facts: DatasetFacts, budget: float | None = None) -> str:
    """Why a method does not run on a data set at all: no data, no weights, or over the budget ("" when it does)."""
    if facts.status != "ok":
        return f"data set {facts.dataset} is {facts.status}: {facts.reason}"
    missing = gacn.reason(entry) or methods.availability(entry.method, entry.settings_on(facts.dataset))
    if missing:
        return missing
    if budget is not None:
        seconds = forecast(entry.declared, [scene.shape for scene in facts.usable])
        if seconds > budget:
            return f"{OVER_BUDGET}: forecast {seconds:.0f} s for this data set, allowed {budget:g} s"
    return ""


def fuse_set(task: Task, budget: float | None = None) -> list[FusedScene]:
    """Fuse every scene of a data set with one method.

    A scene whose result is there already, made by the same code from the same sources with the same options, is kept.

    Parameters
    ----------
    task : Task
    budget : float, optional
        Largest forecast in seconds.

    Returns
    -------
    list of FusedScene
        One row per scene that can be had: ok, skipped, failed; one row without a scene when the method or the data set is unavailable.
    """
    facts = task.facts
    reason = reason_not_to_run(task.entry, facts, budget)
    if reason:
        return [task.row("", "failed" if facts.status == "failed" else "unavailable", reason)]
    rows = []
    with contextlib.closing(Apart(partial(_fuser, task))) as apart:
        # Of scenes that cannot be had, only the data set's facts tell: they would fill the tables of scores with rows without a value.
        had = [scene for scene in facts.scenes if scene.status != "unavailable"]
        for number, scene in enumerate(had, start=1):
            rows.append(_kept(task, scene) or _asked(task, scene, apart))
            log.info("%d of %d: %s %s", number, len(had), scene.name, rows[-1].status)
    return rows


def _asked(task: Task, scene: SceneFacts, apart: Apart[SceneFacts, FusedScene]) -> FusedScene:
    try:
        return apart.ask(scene, limit_of(task.entry, scene, task.time_limit))
    except Ended as reason:
        log.error("%s on %s: %s", task.entry.name, scene.name, reason)
        return task.row(scene.name, "failed", reason)


def _kept(task: Task, scene: SceneFacts) -> FusedScene | None:
    """The stored result of a scene, if it is the one that fusing it now would give; or why the scene cannot be fused."""
    if not scene.usable:
        return task.row(scene.name, "failed", f"sources: {scene.reason}")
    stored = task.results.read_made(task.facts.dataset, task.entry.name, scene.name)
    return replace(stored, attempt=task.attempt) if stored is not None and stored.key == task.key(scene) else None


def _fuser(task: Task) -> Callable[[SceneFacts], FusedScene]:
    loaded = {scene.name: scene for scene in sources.load(task.facts).scenes}
    return lambda scene: _fuse(task, scene, loaded[scene.name])


def _fuse(task: Task, facts: SceneFacts, scene: sources.scenes.Scene) -> FusedScene:
    entry, results, dataset = task.entry, task.results, task.facts.dataset
    place = Path.cwd()
    try:
        fusion = methods.fuse(
            entry.method,
            scene.sources,
            options=entry.settings_on(dataset),
            device=task.device if "device" in entry.declared.needs else "cpu",
            truth=scene.truth() if "truth" in entry.declared.needs else None,
            scene=scene.name,
        )
        # Results lie in the working folder, which a method may have changed.
        os.chdir(place)
        image, chosen = results.image(dataset, entry.name, scene.name), results.map(dataset, entry.name, scene.name)
        write_image(image, fusion.image)
        kind = ""
        if fusion.decision_map is not None:
            kind = "decision"
            write_image(chosen, fusion.decision_map)
        elif fusion.index_map is not None:
            kind = "index"
            write_levels(chosen, fusion.index_map)
        if fusion.initial_map is not None:
            write_image(results.initial_map(dataset, entry.name, scene.name), fusion.initial_map)
        sums = {"image_sha256": records.sha256(image), "map_sha256": records.sha256(chosen) if kind else ""}
        row = task.row(scene.name, "ok", map=kind, key=task.key(facts), **sums)
        results.write_made(row)
        return row
    except (Unavailable, InputError) as error:
        log.warning("%s on %s: %s", entry.name, scene.name, error)
        return task.row(scene.name, "skipped", error)
    except Exception as error:
        # A method may fail in any way; its other scenes and the other methods must not suffer.
        log.error("%s on %s failed:\n%s", entry.name, scene.name, traceback.format_exc())
        return task.row(scene.name, "failed", f"{type(error).__name__}: {error}")
