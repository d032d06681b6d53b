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

from files.errors import InputError, Unavailable, Undefined

#: What commands are added to (``parser.add_subparsers()``).
Commands: TypeAlias = "argparse._SubParsersAction[Any]"


class Parser(argparse.ArgumentParser):
    """Reports a wrong command line like every other bad input: one line, exit status 2."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} ({self.prog} --help shows the usage)")


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
