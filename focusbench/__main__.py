"""The command ``focusbench VERB``; ``python -m focusbench VERB`` is the same.

Every verb is a command of one of the program's rooms, which has its options. Exit status, ``--json`` and messages: see `files.command`.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from files import command
from focusbench import __version__
from focusbench.completion import add_completion

#: Verb -> the module that has it, and the function that adds its parser.
VERBS = {
    "list": ("focusbench.listing", "add_list"),
    "show": ("scenes.__main__", "add_show"),
    "fetch": ("scenes.__main__", "add_fetch"),
    "export": ("scenes.__main__", "add_export"),
    "fuse": ("methods.__main__", "add_fuse"),
    "score": ("metrics.__main__", "add_score"),
    "conventions": ("metrics.__main__", "add_conventions"),
    "run": ("focusbench.running", "add_run"),
    "report": ("focusbench.running", "add_report"),
    "train": ("methods.gacn.__main__", "add_train"),
    "doctor": ("focusbench.doctor", "add_doctor"),
}

#: Verbs of ``python -m study`` that a user needs.
STUDY = ("table", "compare", "score-images", "submit", "check-submission")


def parser(only: str = "") -> command.Parser:
    """The command line.

    Parameters
    ----------
    only : str
        The one verb that is asked for: just what it needs is imported, so that the command answers quickly and `doctor` works where a library is
        missing. Anything that is no verb gives all of them.
    """
    found = command.Parser(prog="focusbench", description="A benchmark of multi-focus image fusion.")
    found.add_argument("--version", action="version", version=f"focusbench {__version__}")
    commands = found.add_subparsers(dest="verb", required=True, metavar="VERB")
    every = (*VERBS, *STUDY, "completion")
    for verb in [only] if only in every else every:
        _add(commands, verb)
    return found


def _add(commands: command.Commands, verb: str) -> None:
    if verb in VERBS:
        module, function = VERBS[verb]
        getattr(importlib.import_module(module), function)(commands)
        if verb == "score":
            _add_folders(commands.choices[verb])
    elif verb in STUDY:
        from study.__main__ import add

        add(commands, verb)
    else:
        add_completion(commands, parser)


def _add_folders(score: argparse.ArgumentParser) -> None:
    """Say in the help of `score` that it takes folders, too, before what it takes else."""
    single = score.format_usage().removeprefix("usage: ").rstrip().replace("%", "%%")
    score.usage = f"%(prog)s FOLDER [FOLDER ...] [options of score-images]\n       {single}"
    score.description = (
        "FOLDER ...: score fused images made elsewhere, one folder per method, among the scores of the reference run; this is `focusbench "
        "score-images`, whose --help has the options. Otherwise: score one fused image of one scene, with the options below."
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status (see `files.command`)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given[:1] == ["score"] and _names_folders(given[1:]):
            given[0] = "score-images"
        return command.run(parser(next((word for word in given if not word.startswith("-")), "")), given)
    except ImportError as error:
        print(f"error: {command.one_line(error)}; focusbench doctor says what is missing", file=sys.stderr)
        return 3


def _names_folders(words: Sequence[str]) -> bool:
    """Whether `score` is asked for folders of fused images, which are scored against a data set, not for one image with its sources.

    A folder that does not exist is one as well: it is named neither as an image nor beside ``--fused``.
    """
    if any(os.path.isdir(word) for word in words):
        return True
    from imaging.files import ENDINGS

    values = [word for word in words if not word.startswith("-")]
    images = [word for word in values if os.path.isfile(word) or os.path.splitext(word)[1].lower() in ENDINGS]
    return bool(values) and not images and not any(word.partition("=")[0] == "--fused" for word in words)


if __name__ == "__main__":
    sys.exit(main())
