"""Fetch the files of the catalogue that a method needs: weights, or the images that its authors published."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from files import fetch
from files.errors import Unavailable
from files.machine import plain
from study import records

log = logging.getLogger(__name__)


def collect(method: str, files: Sequence[str], attempt: int = 1) -> dict[str, Any]:
    """Fetch files of the catalogue; what cannot be had is described, not raised.

    Parameters
    ----------
    method : str
    files : sequence of str
        Catalogue keys.
    attempt : int
        See `study.run.retry`.

    Returns
    -------
    dict
        ``status`` (ok, unavailable, failed), ``attempt``, and ``files``: key -> reason, empty for a file that is here.
    """
    found, status = {}, "ok"
    for key in files:
        try:
            fetch.path(key)
            found[key] = ""
        except Unavailable as error:
            log.warning("%s: %s", key, error)
            found[key], status = plain(error), "unavailable" if status == "ok" else status
        except fetch.ChecksumError as error:
            log.error("%s: %s", key, error)
            found[key], status = plain(error), "failed"
    return {"method": method, "status": status, "attempt": attempt, "files": found}


def stored(path: str) -> dict[str, Any] | None:
    """What `collect` found last, from its file; None when there is none."""
    return records.read_json(path) if Path(path).is_file() else None
