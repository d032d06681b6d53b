"""The first step of a run: fetch a data set and read every scene once, so that a damaged file is known before any method meets it."""

import logging
from dataclasses import replace
from pathlib import Path

import scenes
from files import catalogue, fetch
from files.errors import InputError, Unavailable
from files.machine import plain
from study.store import DatasetFacts, SceneFacts, check_scene_names

log = logging.getLogger(__name__)


def collect(dataset: str, folder: str = "", align: str = "", attempt: int = 1) -> DatasetFacts:
    """Fetch a data set and describe it.

    Parameters
    ----------
    dataset : str
    folder : str
        Folder of a user's data set; empty for one of the catalogue.
    align : {"", "similarity", "homography"}
        How the images are aligned to each other (`scenes.load`).
    attempt : int
        See `study.run.retry`.

    Returns
    -------
    DatasetFacts
        What cannot be had is described, not raised.
    """
    facts = DatasetFacts(dataset, dataset, align=align, folder=folder, attempt=attempt)
    try:
        if not folder and dataset in catalogue.collections():
            fetch.fetch(catalogue.rows(dataset))
        found = scenes.load(dataset, folder=folder or None, align=align or None)
        check_scene_names(dataset, [scene.name for scene in found.scenes])
    except Unavailable as error:
        log.warning("%s: %s", dataset, error)
        return replace(facts, status="unavailable", reason=plain(error))
    except (InputError, fetch.ChecksumError) as error:
        log.error("%s: %s", dataset, error)
        return replace(facts, status="failed", reason=plain(error))
    note = " ".join(part for part in (found.citation, found.note) if part)
    pixels = f"{found.pixels}; aligned here by a {align}" if align else found.pixels
    return replace(facts, label=found.label, note=note, pixels=pixels, scenes=tuple(map(describe, found.scenes)))


def describe(scene: scenes.Scene) -> SceneFacts:
    """Read every source of a scene once."""
    try:
        sources = scene.sources
        for number in range(len(sources)):
            shape = sources[number].shape
        return SceneFacts(
            scene.name,
            height=shape[0],
            width=shape[1],
            count=len(sources),
            colour=len(shape) == 3,
            checksums=tuple(scene.checksums()),
            truth=scene.truth() is not None,
            truth_checksum=scene.truth_checksum(),
        )
    except (Unavailable, InputError, fetch.ChecksumError, OSError) as error:
        log.warning("%s: %s", scene.name, error)
        return SceneFacts(scene.name, status="failed", reason=plain(error))


def load(facts: DatasetFacts) -> scenes.Dataset:
    """The data set as it was described: from the same folder, aligned in the same way."""
    return scenes.load(facts.dataset, folder=facts.folder or None, align=facts.align or None)


def fingerprint(folder: str) -> list[list[object]]:
    """Name, size and time of change of every file below a folder (none for no folder): what makes the step run again (cheap, no file is read)."""
    if not folder:
        return []
    root = Path(folder).expanduser()
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return [[path.relative_to(root).as_posix(), path.stat().st_size, path.stat().st_mtime_ns] for path in files]
