"""Command line: ``python -m methods.gacn train -o FOLDER [--recipe NAME] [--set name=value ...]``."""

import argparse
import logging
import sys

from files.errors import InputError, Unavailable


def main(arguments=None):
    """Train as the arguments say; 0 when it went well, 1 when it diverged, 2 for wrong input."""
    from methods.gacn import training
    from methods.gacn.recipe import RECIPES, Recipe, recipe_from

    parser = argparse.ArgumentParser(prog="python -m methods.gacn", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
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
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        changes = dict(_assignment(text) for text in given.set)
        recipe = recipe_from(given.recipe, changes)
        training.train(recipe, given.output, _device(given.device), progress=not given.quiet)
    except (InputError, Unavailable) as error:
        logging.error("error: %s", error)
        return 2
    except training.Diverged as error:
        logging.error("stopped: %s", error)
        return 1
    return 0


def _device(wanted):
    import torch

    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return wanted


def _assignment(text):
    name, separator, value = text.partition("=")
    if not separator:
        raise InputError(f"--set {text}: NAME=VALUE is needed")
    return name, value


if __name__ == "__main__":
    sys.exit(main())
