"""Writing files and folders so that a reader meets the whole of them or none."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def atomic(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Context manager giving a temporary path beside `path` that takes its place when the block ends well.

    The folder is made when missing; after an error nothing is left behind.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text file (UTF-8, "\\n") atomically."""
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


@contextlib.contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Context manager giving a copy of a folder beside `path` that takes its place when the block ends well.

    After an error the folder is as it was. A killed program leaves it as it was, too, or complete and new; where it was killed between the two
    renames, the old one stands beside under another name, and the next call puts it back first.
    """
    path = Path(path).resolve()
    new, old = (path.with_name(f".{path.name}.{end}") for end in ("new", "old"))
    if old.exists() and not path.exists():
        old.rename(path)
    for left in (new, old):
        shutil.rmtree(left, ignore_errors=True)
    try:
        if path.exists():
            shutil.copytree(path, new, symlinks=True)
        else:
            new.mkdir(parents=True)
        yield new
        if path.exists():
            path.rename(old)
        new.rename(path)
    finally:
        if old.exists() and not path.exists():
            old.rename(path)
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)
