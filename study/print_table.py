"""Print a table of chosen methods and metrics, in the chosen order, from kept scores: no image is read, nothing is fused.

::

    focusbench table --dataset lytro --methods gacn,dsift --metrics six --format latex
    focusbench table --dataset lytro --results results --methods mine,gacn --output mine.tex --format latex

Means are those of the tables of the run; ranks and marks are decided among the chosen methods, and
the mean rank is over the chosen metrics. Methods need no plug-in: their names are those of the kept results.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from files.atomic import write_text
from files.errors import InputError, did_you_mean
from study.run.reference import REFERENCE
from study.store import Results
from study.tables import means_table, writers

FORMATS = ("markdown", "latex", "html", "csv")


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("--dataset", required=True, help="data set of the table")
    parser.add_argument("--results", default=REFERENCE.root, help="folder of kept scores (default: the reference run)")
    parser.add_argument(
        "--methods",
        default="",
        help="methods in the order of the rows, comma-separated, or all (default: the main table's)",
    )
    parser.add_argument(
        "--metrics", default="six", help="metrics, comma-separated, or six, or all (default: %(default)s)"
    )
    parser.add_argument("--format", choices=FORMATS, default="markdown", help="(default: %(default)s)")
    parser.add_argument("--output", type=Path, help="file to write instead of printing")


def command(given: argparse.Namespace) -> dict[str, Any]:
    """The verb."""
    text = table(
        Results(given.results), given.dataset, _names(given.methods), _names(given.metrics), shape=given.format
    )
    if given.output is None:
        return {"message": text.rstrip("\n"), "written": []}
    write_text(given.output, text)
    return {"message": f"wrote the table of {given.dataset}", "written": [str(given.output)]}


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def table(results: Results, dataset: str, names: Sequence[str], ids: Sequence[str], shape: str = "markdown") -> str:
    """A table of chosen methods and metrics.

    Parameters
    ----------
    results : Results
        Folder with ``tables/DATASET/scores.csv`` and ``about.json``.
    dataset : str
    names : sequence of str
        Methods in the order of the rows; ``["all"]`` for every method of the run, empty for those of its main table.
    ids : sequence of str
        Metrics; ``["six"]`` for those of the main table, ``["all"]`` for every metric of the run.
    shape : {"markdown", "latex", "html", "csv"}

    Returns
    -------
    str

    Raises
    ------
    files.errors.InputError
        The folder has no scores of the data set, or the run lacks a method or a metric.
    """
    kept = results.kept_datasets()
    if dataset not in kept:
        raise InputError(f"--dataset: {results.root} has no scores of {dataset!r}; {did_you_mean(dataset, kept)}")
    about = results.read_about(dataset)
    entries = {entry.name: entry for entry in about.entries}
    if not names:
        names = [entry.name for entry in about.main_entries]
    chosen = _chosen("--methods", names, {"all": list(entries)}, list(entries))
    groups = {"six": means_table.six(about), "all": list(about.metrics)}
    measured = _chosen("--metrics", ids, groups, list(about.metrics))
    found = means_table.chosen_means(about, [entries[name] for name in chosen], measured, results.read_tidy(dataset))
    if shape == "csv":
        return means_table.wide(found).to_csv(index=False, lineterminator="\n")
    write = {"markdown": writers.markdown, "latex": writers.latex, "html": writers.html}[shape]
    return write(means_table.chosen_page(found))


def _chosen(option: str, wanted: Sequence[str], groups: dict[str, list[str]], known: list[str]) -> list[str]:
    """The wanted names with their groups resolved, each once, in the order given."""
    if not wanted:
        raise InputError(f"{option}: no name given; {did_you_mean('', [*groups, *known])}")
    for name in wanted:
        if name not in groups and name not in known:
            raise InputError(f"{option}: the run has no {name!r}; {did_you_mean(name, [*groups, *known])}")
    return list(dict.fromkeys(each for name in wanted for each in groups.get(name, [name])))
