"""The table of options in ``config/README.md``, made from the schema: ``python -m study options``."""

import argparse
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import yaml

from files.atomic import write_text
from files.machine import ROOT
from study.config import SCHEMA
from study.tables.table import Column, Table
from study.tables.writers import markdown

README = ROOT / "config" / "README.md"
START, END = "<!-- options -->", "<!-- end of the options -->"


def configure(parser: argparse.ArgumentParser) -> None:
    """The verb has no arguments of its own."""


def command(given: argparse.Namespace) -> dict[str, Any]:
    """The verb."""
    write_text(README, with_table(README.read_text(encoding="utf-8")))
    return {"message": "wrote the table of options", "written": [str(README.relative_to(ROOT))]}


def with_table(readme: str) -> str:
    """The text of ``config/README.md`` with the table of options between its two marks."""
    before, _, rest = readme.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{table()}\n\n{END}{after}"


def table() -> str:
    """The options as a Markdown table."""
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    frame = pd.DataFrame(_rows(schema), columns=["option", "default", "meaning"])
    columns = [Column(name, name, align="left", missing="") for name in frame.columns]
    text = markdown(Table(frame, columns))
    return "\n".join(line for line in text.splitlines() if line.startswith("|"))


def _rows(schema: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Option, default and meaning; a group of options is entered, a mapping of free names is one option."""
    for name, part in schema["properties"].items():
        if "properties" in part:
            yield from _rows(part, f"{prefix}{name}.")
        else:
            meaning = " ".join(part.get("description", "").split())
            allowed = ", ".join(part.get("enum", ()))
            yield f"{prefix}{name}", _plain(part.get("default")), f"{meaning} ({allowed})" if allowed else meaning


def _plain(value: Any) -> str:
    """A default as it is written in YAML, on one line."""
    return json.dumps(value).replace('"', "")
