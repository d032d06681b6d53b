"""One run at a time in a working folder, without a lock that a killed run leaves behind.

Snakemake's own lock is a file that a killed run cannot remove; the profile switches it off. This one belongs to the process: the system
releases it however the process ends.
"""

import fcntl
import os
from pathlib import Path
from typing import IO

from files.errors import InputError

_held: list[IO[str]] = []


def _file(workdir: Path) -> Path:
    return workdir / ".snakemake" / "focusbench.pid"


def take(workdir: Path) -> None:
    """Claim a working folder until this process ends.

    Raises
    ------
    files.errors.InputError
        Another run works there; the message has its process number.
    """
    path = _file(workdir)
    path.parent.mkdir(exist_ok=True)
    file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        file.close()
        raise InputError(
            f"another run (process {owner}) works in {workdir}; wait for its end, or use another clone"
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    # Kept open: closing the file would release the lock.
    _held.append(file)


def started(workdir: Path) -> float | None:
    """When the last run in a folder began (seconds since the epoch), or None."""
    path = _file(workdir)
    return path.stat().st_mtime if path.is_file() else None
