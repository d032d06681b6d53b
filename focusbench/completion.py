"""``focusbench completion SHELL``: prints what completes the command in a shell."""

import argparse
from collections.abc import Callable, Iterator, Mapping

from files import command

SHELLS = ("bash", "zsh", "tcsh")


def add_completion(commands: command.Commands, whole: Callable[[], argparse.ArgumentParser]) -> None:
    """Add the command ``completion``; `whole` gives the parser of the whole command."""
    own = commands.add_parser(
        "completion",
        help="print the completion of this command for a shell",
        description="Print the completion of this command for a shell. The file belongs to where that shell looks for completions.",
    )
    own.add_argument("shell", choices=SHELLS)
    own.set_defaults(run=lambda given: print(script(whole(), given.shell)))


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """The completion of a command, as text.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Changed: arguments get the names that they may have now.
    shell : {"bash", "zsh", "tcsh"}
    """
    import shtab

    import methods
    import scenes

    names: Mapping[str, list[str]] = {"METHOD": methods.registry.ids(), "NAME": list(scenes.ids())}
    for action in _arguments(parser):
        if action.choices is None:
            action.choices = names.get(str(action.metavar))
        if action.choices is None:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    return shtab.complete(parser, shell)


def _arguments(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Every argument that takes a value, those of the verbs included."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for verb in action.choices.values():
                yield from _arguments(verb)
        elif action.nargs != 0:
            yield action
