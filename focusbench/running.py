"""``focusbench run``: the workflow, with its results in the folder one stands in."""

import argparse
import os
import sys
from collections.abc import Sequence

from files import command
from files.machine import ROOT

#: Snakemake's ways to say how many jobs may run at once.
_CORES = ("-c", "--cores", "-j", "--jobs")

_NOTE = """
Results, logs and records go to the current folder. Plug-ins of your own are read from the folders methods/ and metrics/ there.

  focusbench run                                        the default benchmark, on all cores
  focusbench run --configfile config/embedded.yaml      no download at all
  focusbench run --config 'methods=["mine","gff"]' -n   what would run

Everything else is passed on to Snakemake ('snakemake --help'). A file of config/ that is not in the current folder is the program's.
"""


def add_run(commands: command.Commands) -> None:
    """Add the command ``run``."""
    _add(commands, "run", "run the benchmark, or what is named of it", [])


def add_report(commands: command.Commands) -> None:
    """Add the command ``report``."""
    _add(commands, "report", "run the benchmark and write its report, results/report.html", ["report"])


def _add(commands: command.Commands, verb: str, what: str, targets: list[str]) -> None:
    # No prefix of options: they are all Snakemake's.
    own = commands.add_parser(
        verb,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        usage=f"focusbench {verb} [ARGUMENT OF SNAKEMAKE ...]",
        epilog=_NOTE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        prefix_chars="\0",
    )
    own.add_argument("arguments", nargs="*", metavar="ARGUMENT", help="what Snakemake takes: targets, options")
    own.set_defaults(run=_run, targets=targets, print_help=own.print_help)


def _run(given: argparse.Namespace) -> None:
    if {"-h", "--help"} & set(given.arguments):
        given.print_help()
        return
    # Snakemake takes the place of this process: signals and the exit status are its own.
    sys.stdout.flush()
    os.execv(sys.executable, snakemake([*given.targets, *given.arguments]))


def snakemake(arguments: Sequence[str]) -> list[str]:
    """The command that runs the workflow in the current folder.

    Parameters
    ----------
    arguments : sequence of str
        For Snakemake; without a number of cores it gets all.
    """
    found = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    if not any(argument.startswith(_CORES) for argument in arguments):
        found += ["--cores", "all"]
    return [*found, *map(_placed, arguments)]


def _placed(argument: str) -> str:
    """The program's file where an argument names a file of ``config/`` that the current folder does not have."""
    name = argument.removeprefix("--configfile=")
    if name.startswith("config/") and not os.path.exists(name) and (ROOT / name).is_file():
        return argument.replace(name, str(ROOT / name))
    return argument
