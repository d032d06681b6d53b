"""What the command lines of the rooms share: one line for every error, fixed exit statuses, each warning once.

Exit status: 0; 1 for a damaged file; 2 for bad input, a metric without a value, a file that cannot be written; 3 when
something needed is not available. ``--json`` prints one document on standard output; messages go to standard error.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn, TypeAlias

from files.errors import InputError, Unavailable, Undefined, did_you_mean

#: What commands are added to (``parser.add_subparsers()``).
Commands: TypeAlias = "argparse._SubParsersAction[Any]"


class Parser(argparse.ArgumentParser):
    """Reports a wrong command line like every other bad input: one line, exit status 2.

    Options must be written in full, so that a later option cannot change what an abbreviation means. After an unknown word the nearest known
    ones are named. Parsers of verbs are of this class, too.
    """

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings["allow_abbrev"] = False
        super().__init__(*args, **settings)

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} ({self.prog} --help shows the usage)")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As of the base class; an unknown long option is refused first, since argparse would name what it misses instead."""
        words = list(sys.argv[1:] if args is None else args)
        if "-" in self.prefix_chars:
            self._check_options(words)
        return super().parse_known_args(words, namespace)

    def _check_options(self, words: Sequence[str]) -> None:
        for word in words:
            name = word.partition("=")[0]
            if word == "--" or (self._subparsers is not None and not word.startswith("-")):
                return  # only values follow, or what belongs to a verb
            if name.startswith("--") and " " not in name and name not in self._option_string_actions:
                known = [option for option in self._option_string_actions if option.startswith("--")]
                self.error(f"unknown option {name}; {did_you_mean(name, known)}")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            raise argparse.ArgumentError(action, f"unknown '{value}'; {did_you_mean(value, map(str, action.choices))}")


class _Once(logging.Filter):
    """Lets every message pass once: a source may be read more than once, its warning is one."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        new = message not in self._seen
        self._seen.add(message)
        return new


class _Lines(logging.Formatter):
    """``warning: message``, on one line."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{record.levelname.lower()}: {one_line(record.getMessage())}"


def one_line(message: object) -> str:
    """Text without line breaks."""
    return " ".join(str(message).split())


def run(parser: argparse.ArgumentParser, arguments: Sequence[str] | None = None) -> int:
    """Parse `arguments`, call the chosen command (``set_defaults(run=...)``) and return the exit status.

    A command gets the parsed arguments; it may return an exit status of its own.
    """
    handler = logging.StreamHandler()
    handler.addFilter(_Once())
    handler.setFormatter(_Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    try:
        parsed = parser.parse_args(arguments)
        status = parsed.run(parsed) or 0
        sys.stdout.flush()
        return status
    except (InputError, Undefined) as error:
        return _report(error, 2)
    except Unavailable as error:
        return _report(error, 3)
    except BrokenPipeError:
        # Who reads has seen enough (list | head); the interpreter's own last flush must not fail either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _report(f"{error.filename or 'output'}: {error.strerror or error}", 2)
    except RuntimeError as error:
        return _report(error, 1)


def _report(message: object, status: int) -> int:
    print(f"error: {one_line(message)}", file=sys.stderr)
    return status
