"""Tidy rows on disk: CSV with fixed columns, written atomically, and JSON documents."""

import csv
import hashlib
import io
import json
from pathlib import Path

from files.atomic import write_text

STATUS = ("dataset", "method", "scene", "status", "reason", "map", "image_sha256", "map_sha256", "key")
SCORES = ("dataset", "scene", "method", "metric", "value", "status", "reference", "reason")
TIMING = (
    "dataset",
    "scene",
    "method",
    "label",
    "device",
    "device_name",
    "threads",
    "megapixels",
    "images",
    "repeat",
    "warm",
    "seconds",
    "peak_memory_mb",
    "status",
    "reason",
    "environment",
)


def write_csv(path, columns, rows):
    """Write dict rows as CSV with these columns (missing values empty)."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n", restval="", extrasaction="raise")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def read_csv(path):
    """Rows of a CSV file as dicts of str; an empty list when there is no such file."""
    path = Path(path)
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_json(path, value):
    """Write a JSON document atomically (sorted keys, so that equal content is equal bytes)."""
    write_text(path, json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def read_json(path):
    """A JSON document."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def read_tables(abouts, scores):
    """Descriptions (``about.json``) and tidy scores of several data sets: list of dict, and data set -> rows."""
    described = [read_json(path) for path in abouts]
    return described, {d["dataset"]: read_csv(path) for d, path in zip(described, scores, strict=True)}


def sha256(path):
    """Checksum of a file (hexadecimal), or an empty string when it is missing."""
    path = Path(path)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def key(*parts):
    """A short hash of plain values: equal parts, equal key."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:24]
