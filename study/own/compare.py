"""Compare methods of one's own with the kept scores of the reference run: only one's own are run.

::

    focusbench compare mine
    focusbench compare mine other --datasets lytro,lytro_triple --output results/compare/first

They are fused and scored as in a run, by the metrics of the kept scores, and put into its tables with ranks, tests and figures, in a folder of
their own. Finished scenes are kept: after a change of the method only what it changes is computed. The tables of an earlier comparison in that folder are
removed first, so that those that stand there are always of the last one.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from typing import Any

import methods
from files.errors import InputError
from study.entries import Entry
from study.job import limit_threads
from study.own import beside
from study.run.reference import REFERENCE
from study.store import Results

#: The data set that everyone reports.
DATASET = "lytro"


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("methods", nargs="+", metavar="METHOD", help="id of a method (focusbench list methods)")
    parser.add_argument(
        "--datasets",
        default=DATASET,
        help="data sets of the reference run, comma-separated, or some of their scenes, as lytro/1-5 (default: %(default)s)",
    )
    add_common(parser, "compare/METHOD")


def add_common(parser: argparse.ArgumentParser, place: str) -> None:
    """The options that verbs of one's own results share."""
    parser.add_argument("--output", help=f"folder that gets the results (default: results/{place})")
    parser.add_argument("--results", default=REFERENCE.root, help="folder of kept scores (default: the reference run)")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto", help="(default: %(default)s)")


def command(given: argparse.Namespace) -> dict[str, Any]:
    """The verb."""
    limit_threads(1)
    names = list(dict.fromkeys(given.methods))
    results = beside.folder(given, "compare", names)
    entries = chosen(names)
    items = [item.strip() for item in given.datasets.split(",")]
    twice = [name for name, count in Counter(item.partition("/")[0] for item in items).items() if count > 1]
    if twice:
        raise InputError(
            f"--datasets: {twice[0]} stands there twice; name it once, with the scenes in one range or pattern"
        )
    datasets = [beside.kept(item, Results(given.results)) for item in items]
    written = compare(entries, datasets, results, given.device)
    return beside.outcome(results, datasets, written)


def chosen(names: Sequence[str]) -> list[Entry]:
    """The entries of methods by their ids.

    Raises
    ------
    files.errors.InputError
        No method has that id, its file is broken, or its rows would mean nothing beside the kept ones.
    """
    entries = []
    for name in names:
        declared = methods.registry.get(name)
        if declared.kind == "control":
            raise InputError(f"{name} is a control, which is not ranked; name a method")
        if declared.kind == "published":
            raise InputError(
                f"{name} exists as images by its authors only, which cannot be run; name a method that can"
            )
        if name == "precomputed":
            raise InputError("precomputed: images made elsewhere are scored with `focusbench score FOLDER`")
        entries.append(Entry(name, name, declared.label, origin="this run"))
    return entries


def compare(
    entries: Sequence[Entry], datasets: Sequence[beside.Kept], results: Results, device: str = "auto"
) -> list[str]:
    """Run methods on data sets and put them into the tables.

    Parameters
    ----------
    entries : sequence of Entry
    datasets : sequence of beside.Kept
    results : Results
        Gets everything.
    device : {"auto", "cpu", "cuda"}

    Returns
    -------
    list of str
        What a person reads first.

    Raises
    ------
    files.errors.Unavailable
        A method lacks a file; nothing was computed.
    RuntimeError
        A method fused no scene of a data set.
    """
    for dataset in datasets:
        for entry in entries:
            beside.check(entry, dataset)
    beside.clear(datasets, results)
    for dataset in datasets:
        for entry in entries:
            beside.measure(entry, dataset, results, device)
    return beside.write(entries, datasets, results)
