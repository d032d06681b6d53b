"""The catalogue of every file that can be fetched: images of data sets, weights of methods, training images.

::

    from files import catalogue
    catalogue.rows("lytro")                      # 40 rows: 20 pairs
    catalogue.find("gacn/GACN.pkl")              # the one row whose path ends so

A *collection* is a data set id, the name of a set of training images, for weights the name of the method they
belong to, or, for images that authors published, ``METHOD_DATASET``. The table is ``scenes/catalogue.csv``; ``python -m scenes catalogue`` writes it anew from a manifest.
"""

import csv
import difflib
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from files.errors import InputError, did_you_mean

#: Owner of the files that are inside packages of the Python package index.
PACKAGES = "pypi"

FILE = Path(__file__).resolve().parent.parent / "scenes" / "catalogue.csv"


@dataclass(frozen=True)
class Row:
    """One fetchable file.

    Parameters
    ----------
    collection : str
    scene : str
        Name of the scene inside the collection; empty for weights.
    role : {"source", "ground_truth", "image", "segmentation", "mask", "published", "weights", "licence"}
    index : int
        Position of a source in its scene, in focus order, from 1; 0 where there is no order.
    owner, repo, commit, path : str
        Where the file is public: a GitHub repository at a pinned commit, and the path inside it. Owner ``pypi`` is
        the Python package index: `repo` is the package, `commit` its version, `path` the file inside its wheel.
    sha256 : str
        Hexadecimal checksum of the file.
    bytes : int
        Size of the file.
    licence : str
        As stated upstream.
    """

    collection: str
    scene: str
    role: str
    index: int
    owner: str
    repo: str
    commit: str
    path: str
    sha256: str
    bytes: int
    licence: str

    @property
    def location(self) -> str:
        """``owner/repo/commit/path``, the place of the file in the cache and in a mirror."""
        return f"{self.owner}/{self.repo}/{self.commit}/{self.path}"

    @property
    def in_package(self) -> bool:
        """Whether the file is inside a Python package instead of a repository."""
        return self.owner == PACKAGES

    @property
    def requirement(self) -> str:
        """The package at its version, as pip takes it (``name==version``)."""
        return f"{self.repo}=={self.commit}"

    @property
    def key(self) -> str:
        """``collection/path``; `find` takes it."""
        return f"{self.collection}/{self.path}"


COLUMNS = tuple(field.name for field in fields(Row))


@lru_cache(maxsize=4)
def _table(file: Path) -> dict[str, tuple[Row, ...]]:
    """Rows of every collection, in the order of the file: {collection: (Row, ...)}."""
    table: dict[str, list[Row]] = {}
    with open(file, encoding="utf-8", newline="") as stream:
        for record in csv.DictReader(stream):
            values: dict[str, Any] = dict(record) | {name: int(record[name]) for name in ("index", "bytes")}
            table.setdefault(record["collection"], []).append(Row(**values))
    return {collection: tuple(rows) for collection, rows in table.items()}


def collections() -> tuple[str, ...]:
    """Names of all collections (tuple of str), in the order of the table."""
    return tuple(_table(FILE))


def rows(collection: str) -> tuple[Row, ...]:
    """All rows of a collection (tuple of `Row`), by scene and index.

    Raises
    ------
    files.errors.InputError
        Unknown collection; the message names the nearest known ones.
    """
    table = _table(FILE)
    if collection not in table:
        raise InputError(f"unknown collection '{collection}'; {did_you_mean(collection, table)}")
    return table[collection]


def find(key: str) -> Row:
    """The one row of ``"collection/tail"``, where `tail` is the end of a path, of one or more components.

    Raises
    ------
    files.errors.InputError
        Unknown collection, no such file in it ("did you mean"), or more than one.
    """
    collection, _, tail = key.partition("/")
    known = rows(collection)
    parts = tuple(tail.split("/"))
    hits = [row for row in known if tuple(row.path.split("/"))[-len(parts) :] == parts]
    if len(hits) == 1:
        return hits[0]
    if hits:
        raise InputError(
            f"'{key}' fits {len(hits)} files of {collection}: {', '.join(row.path for row in hits[:4])}; "
            "say more of the path"
        )
    names = {row.path.rsplit("/", 1)[-1]: None for row in known}
    near = difflib.get_close_matches(parts[-1], names, n=2, cutoff=0.5)
    hint = (
        f"did you mean {' or '.join(f'{collection}/{name}' for name in near)}?"
        if near
        else f"it has {len(known)} files, such as {known[0].path}"
    )
    raise InputError(f"collection {collection} has no file '{tail}'; {hint}")
