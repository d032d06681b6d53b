"""Command line: ``python -m methods.gacn train -o FOLDER [--recipe NAME] [--set name=value ...]``."""

import argparse
import logging
import sys
from collections.abc import Sequence

from files import command
from files.errors import InputError
from files.machine import choose_device
from methods.gacn.recipe import RECIPES, Recipe, recipe_from


def add_train(commands: command.Commands) -> None:
    """Add the command ``train``."""
    train = commands.add_parser(
        "train",
        help="train the network",
        description="Train the network; the same command continues an interrupted run.",
        epilog=Recipe.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    train.add_argument("-o", "--output", required=True, help="folder of the run")
    train.add_argument("--recipe", default="published", help=f"one of {', '.join(RECIPES)} (default: published)")
    train.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="values of the recipe to change")
    train.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"), help="auto: CUDA when there is one")
    train.add_argument("--quiet", action="store_true", help="no progress bars")
    train.set_defaults(run=_train)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train as the arguments say.

    Returns
    -------
    int
        0 on success, 1 when training diverged, 2 for bad input, 3 when something needed is not available.
    """
    assert __doc__ is not None
    parser = command.Parser(prog="python -m methods.gacn", description=__doc__.splitlines()[0])
    add_train(parser.add_subparsers(dest="command", required=True))
    return command.run(parser, arguments)


def _train(given: argparse.Namespace) -> None:
    recipe = recipe_from(given.recipe, dict(_assignment(text) for text in given.set))
    from methods.gacn import training

    # Epochs are told, as it may take hours.
    logging.getLogger("methods.gacn").setLevel(logging.INFO)
    training.train(recipe, given.output, choose_device(given.device), progress=not given.quiet)


def _assignment(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise InputError(f"--set {text}: NAME=VALUE is needed")
    return name, value


if __name__ == "__main__":
    sys.exit(main())
