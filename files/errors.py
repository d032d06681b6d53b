"""The kinds of failure the program tells apart."""

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """The user's input is wrong; the message names the input, what is wrong and what would be right.

    Command-line tools print it on one line and exit with status 2.
    """


class Unavailable(RuntimeError):
    """Something that is not the user's fault is missing (a weight file, a data set, a GPU).

    The benchmark goes on without it and every table says what is missing and why.
    """


class ResultError(RuntimeError):
    """A plug-in returned a wrong result; the message names the plug-in, what is wrong and what would be right.

    The fault is the plug-in's, so this is not an `InputError`.
    """


class Undefined(ArithmeticError):
    """A value that does not exist for this input (a metric of a constant image, say)."""


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Words that help after a wrong name: the nearest of the `known` names, or all of them."""
    known = list(known)
    near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"known are: {', '.join(known)}"
