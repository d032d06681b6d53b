"""Folders of computed images in the cache: written once, completely or not at all."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from files.errors import Unavailable


def made_once(folder: Path, write: Callable[[Path], None]) -> Path:
    """The folder, filled by ``write(scratch folder)`` when it is missing; several processes may ask at once.

    Raises
    ------
    files.errors.Unavailable
        The cache folder cannot be written.
    """
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise Unavailable(_cannot(folder, error)) from error
    try:
        scratch.chmod(0o755)
        write(scratch)
        os.rename(scratch, folder)
    except OSError as error:
        # Another process may have finished the same folder first.
        if not folder.is_dir():
            raise Unavailable(_cannot(folder, error)) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def _cannot(folder: Path, error: OSError) -> str:
    return f"scene {folder.name} cannot be stored ({error}); set FOCUSBENCH_CACHE to another folder"
