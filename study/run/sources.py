"""The first step: fetch a data set and look at every scene once."""

import logging

import scenes
from files import catalogue, fetch
from files.errors import InputError, Unavailable
from study.runtime import plain

log = logging.getLogger(__name__)


def collect(dataset_id, folder=None, align=None):
    """Fetch a data set and describe it.

    Every source is decoded once, so that a damaged file is known before any method meets it.

    Parameters
    ----------
    dataset_id : str
    folder : path-like, optional
        Folder of a data set of the user's own.
    align : str, optional
        How the images are aligned to each other (`scenes.load`).

    Returns
    -------
    dict
        ``status`` (ok, unavailable, failed) and ``reason``; per scene its name, status, reason, size, number of sources, checksums of
        the sources and whether truth is known; ``align`` where the images are aligned. What cannot be had is described, not raised.
    """
    found = {"dataset": dataset_id, "status": "ok", "reason": "", "label": dataset_id, "note": "", "scenes": []}
    try:
        if folder is None and dataset_id in catalogue.collections():
            fetch.fetch(catalogue.rows(dataset_id))
        dataset = scenes.load(dataset_id, folder=folder, align=align)
    except Unavailable as error:
        log.warning("%s: %s", dataset_id, error)
        return found | {"status": "unavailable", "reason": plain(error)}
    except (InputError, fetch.ChecksumError) as error:
        log.error("%s: %s", dataset_id, error)
        return found | {"status": "failed", "reason": plain(error)}
    if align:
        found["align"] = align
    rows = [_describe(scene) for scene in dataset.scenes]
    note = " ".join(part for part in (dataset.citation, dataset.note) if part)
    return found | {"label": dataset.label, "note": note, "scenes": rows}


def load_described(described, folder=None):
    """The data set (`scenes.Dataset`) as it was described: with its images aligned where the configuration says so."""
    return scenes.load(described["dataset"], folder=folder, align=described.get("align"))


def _describe(scene):
    row = {"name": scene.name, "status": "ok", "reason": "", "height": 0, "width": 0, "count": 0, "checksums": []}
    try:
        sources = scene.sources
        for number in range(len(sources)):
            shape = sources[number].shape
        row |= {
            "height": shape[0],
            "width": shape[1],
            "count": len(sources),
            "colour": len(shape) == 3,
            "checksums": list(scene.checksums()),
            "truth": scene.truth() is not None,
        }
    except (Unavailable, InputError, OSError) as error:
        log.warning("%s: %s", scene.name, error)
        row |= {"status": "failed", "reason": plain(error)}
    return row


def fetch_weights(files):
    """Fetch weight files; one line per file says whether it is there (str). What cannot be had is no error here."""
    lines = []
    for key in files:
        try:
            fetch.path(key)
            lines.append(f"{key}\tok\n")
        except (Unavailable, fetch.ChecksumError) as error:
            log.warning("%s: %s", key, error)
            lines.append(f"{key}\tunavailable\t{plain(error)}\n")
    return "".join(lines)
