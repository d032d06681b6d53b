"""The first step of a run: fetch a data set and read every scene once, so that a damaged file is known before any method meets it."""

import contextlib
import dataclasses
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import scenes
from files import catalogue, fetch
from files.errors import InputError, Unavailable
from files.machine import plain
from study import records
from study.store import DatasetFacts, SceneFacts, unusable_names

log = logging.getLogger(__name__)


def collect(
    dataset: str, folder: str = "", align: str = "", attempt: int = 1, wanted: Sequence[str] = ()
) -> DatasetFacts:
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
    wanted : sequence of str
        The scenes that the run takes (`scenes.choose`); empty for all.

    Returns
    -------
    DatasetFacts
        What cannot be had is described, not raised.
    """
    facts = DatasetFacts(dataset, dataset, align=align, folder=folder, attempt=attempt)
    try:
        if not folder and not wanted and dataset in catalogue.collections():
            # One after the other, with a bar; whatever ends it concerns a scene, which says so itself.
            with contextlib.suppress(Unavailable, fetch.ChecksumError):
                fetch.fetch(catalogue.rows(dataset))
        with _remarks(folder) as remarks:
            found = scenes.load(dataset, folder=folder or None, align=align or None)
            whole = len(found.scenes)
            found = scenes.choose(found, wanted) if wanted else found
            unusable = unusable_names(scene.name for scene in found.scenes)
            described = [
                SceneFacts(plain(scene.name), status="failed", reason=plain(unusable[scene.name]))
                if scene.name in unusable
                else describe(scene)
                for scene in found.scenes
            ]
    except Unavailable as error:
        log.warning("%s: %s", dataset, error)
        return replace(facts, status="unavailable", reason=plain(error))
    except (InputError, fetch.ChecksumError) as error:
        log.error("%s: %s", dataset, error)
        return replace(facts, status="failed", reason=plain(error))
    absent = [scene.reason for scene in described if scene.status == "unavailable"]
    if absent and len(absent) == len(described):
        log.warning("%s: %s", dataset, absent[0])
        return replace(facts, status="unavailable", reason=absent[0])
    if absent:
        lost = f"{len(absent)} of {len(described)} scenes are not available here: {absent[0]}"
        remarks = {lost: None, **remarks}
    if wanted:
        remarks = {f"{len(described)} of {whole} scenes, as the configuration wants": None, **remarks}
    note = " ".join(part for part in (found.citation, found.note) if part)
    pixels = f"{found.pixels}; aligned here by a {align}" if align else found.pixels
    return replace(facts, label=found.label, note=note, pixels=pixels, scenes=tuple(described), remarks=tuple(remarks))


@contextlib.contextmanager
def _remarks(folder: str) -> Iterator[dict[str, None]]:
    """What is warned of while a user's folder is read, as keys in order; names of files stand without the folder's."""
    found: dict[str, None] = {}

    def note(record: logging.LogRecord) -> bool:
        if folder and record.levelno == logging.WARNING:
            place = str(Path(folder).expanduser())
            found[plain(record.getMessage().replace(f"{place}{os.sep}", "").replace(f"{place}: ", ""))] = None
        return True

    handler = logging.Handler(logging.WARNING)
    handler.addFilter(note)
    handler.emit = lambda record: None  # type: ignore[method-assign]
    loggers = [logging.getLogger(room) for room in ("imaging", "scenes")]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield found
    finally:
        for logger in loggers:
            logger.removeHandler(handler)


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
    except Unavailable as error:
        log.warning("%s: %s", scene.name, error)
        return SceneFacts(scene.name, status="unavailable", reason=plain(error))
    except (InputError, fetch.ChecksumError, OSError) as error:
        log.warning("%s: %s", scene.name, error)
        return SceneFacts(scene.name, status="failed", reason=plain(error))


def load(facts: DatasetFacts) -> scenes.Dataset:
    """The data set as it was described: from the same folder, aligned in the same way."""
    return scenes.load(facts.dataset, folder=facts.folder or None, align=facts.align or None)


def fingerprint(dataset: str, folder: str) -> list[list[object]]:
    """What makes the step run again (cheap, no image is read).

    Of a user's folder, names, sizes and times of what it and its subfolders hold. Subfolders may be links, and a link that leads nowhere
    counts by its name. Besides the time of the content's change, which files of one archive share, there is that of the entry's: two files
    of one size that change places are noticed. Of a data set of the catalogue, what the catalogue says of it, and the code that renders it
    or derives its truth.
    """
    if not folder:
        rows = catalogue.rows(dataset) if dataset in catalogue.collections() else ()
        described = scenes.described(dataset), scenes.identity(dataset)
        return [[records.key([dataclasses.astuple(row) for row in rows], *described)]]
    root = Path(folder).expanduser()
    found: list[list[object]] = []
    for path in sorted(path for pattern in ("*", "*/*") for path in root.glob(pattern)):
        name = path.relative_to(root)
        if not any(part.startswith(".") for part in name.parts):
            found.append([name.as_posix()])
            # What may not be looked at counts by its name, too.
            with contextlib.suppress(OSError):
                if path.is_file():
                    state = path.stat()
                    found[-1] += [state.st_size, state.st_mtime_ns, state.st_ctime_ns]
    return found
