"""``focusbench list``: methods, metrics and data sets."""

import argparse
import importlib
import json

from files import command

#: What can be listed -> the room that lists it.
ROOMS = {"methods": "methods", "metrics": "metrics", "datasets": "scenes"}


def add_list(commands: command.Commands) -> None:
    """Add the command ``list``."""
    listing = commands.add_parser("list", help="list methods, metrics and data sets")
    listing.add_argument("what", nargs="?", choices=tuple(ROOMS), help="only these")
    listing.add_argument("--json", action="store_true", help="print one JSON object {what: array}")
    listing.set_defaults(run=_list)


def _list(arguments: argparse.Namespace) -> None:
    rooms = {
        what: importlib.import_module(f"{room}.__main__")
        for what, room in ROOMS.items()
        if arguments.what in (None, what)
    }
    rows = {what: room.rows() for what, room in rooms.items()}
    if arguments.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for what, room in rooms.items():
        if len(rooms) > 1:
            print(f"{what}:")
        room.print_rows(rows[what])
