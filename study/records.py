"""CSV files with fixed columns and JSON documents: written atomically, equal content in equal bytes."""

import csv
import hashlib
import io
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from files.atomic import write_text


def write_csv(path: str | Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write dict rows as CSV with these columns (missing values empty)."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n", restval="", extrasaction="raise")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def read_csv(path: str | Path, delimiter: str = ",") -> list[dict[str, str]]:
    """Rows of a CSV file as dicts of str; an empty list when there is no such file."""
    path = Path(path)
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def write_json(path: str | Path, value: Any) -> None:
    """Write a JSON document (sorted keys)."""
    write_text(path, json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def read_json(path: str | Path) -> Any:
    """A JSON document."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def sha256(path: str | Path) -> str:
    """Checksum of a file (hexadecimal), or an empty string when it is missing."""
    path = Path(path)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def today() -> str:
    """The day (YYYY-MM-DD, UTC)."""
    return time.strftime("%Y-%m-%d", time.gmtime())


def key(*parts: Any) -> str:
    """A short hash of plain values: equal parts, equal key."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:24]
