"""Make tables, findings and figures again from the scores that are kept: no image is read, nothing is fused.

::

    python -m study refresh [results/reference] [--figures]

The rules are those of every run, with kept inputs (``kept`` in the configuration). Of the reference run, README's main table is written, too. Useful
after a change of a label, a note or a layout; the tests hold the kept tables against it.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from files.atomic import write_text
from files.machine import ROOT
from study.store import Results

#: The reference run.
REFERENCE = "results/reference"
README = ROOT / "README.md"
#: How many ranked methods stand there.
SHOWN = 10
#: The data set whose table stands in the README, between these marks.
MAIN = "lytro"
START, END = "<!-- main table -->", "<!-- end of the main table -->"


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("results", nargs="?", default=REFERENCE, help="folder of kept tables (default: %(default)s)")
    parser.add_argument("--figures", action="store_true", help="draw the figures that are made of tables, too")


def command(given: argparse.Namespace) -> dict[str, Any]:
    """The verb."""
    written = refresh(given.results, figures=given.figures)
    return {"message": f"made {given.results} again from its scores", "written": written}


def refresh(root: str, figures: bool = False) -> list[str]:
    """Make everything below a folder of kept tables again.

    Parameters
    ----------
    root : str
        Folder with ``tables/DATASET/scores.csv`` and ``about.json``.
    figures : bool
        Draw figures, too.

    Returns
    -------
    list of str
        What was written: the folder, and the README for the reference run.

    Raises
    ------
    files.errors.InputError
        The folder holds no tables of a finished run.
    RuntimeError
        The workflow failed; its messages went to standard error.
    """
    make(root, figures)
    return [root, *write_readme(root)]


def make(root: str, figures: bool = False) -> None:
    """Make everything below a folder of kept tables again; parameters and errors as of `refresh`."""
    Results(root).kept_datasets()
    targets = ["tables", "figures"] if figures else ["tables"]
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--snakefile",
        str(ROOT / "Snakefile"),
        "--cores",
        str(os.cpu_count()),
    ]
    command += [
        "--profile",
        str(ROOT / "profiles" / "default"),
        "--forceall",
        "--quiet",
        "rules",
        "progress",
        "--nolock",
    ]
    done = subprocess.run([*command, *targets, "--config", f"kept={root}"], check=False)
    if done.returncode:
        raise RuntimeError(f"making {root} again failed; see the messages above and logs/")


def write_readme(root: str) -> list[str]:
    """Write the main table into README where `root` is the reference run; what was written."""
    main = Path(Results(root).table("table.md", MAIN))
    if Path(root).resolve() == (ROOT / REFERENCE).resolve() and main.is_file():
        write_text(README, with_table(README.read_text(encoding="utf-8"), main.read_text(encoding="utf-8")))
        return [README.name]
    return []


def with_table(readme: str, table: str) -> str:
    """The README's text with the top of a Markdown table between its two marks: the controls, then the best by mean rank.

    Parameters
    ----------
    readme, table : str
        Text of the README and of ``tables/DATASET/table.md``, whose last column is the mean rank.
    """
    before, _, rest = readme.partition(START)
    _, _, after = rest.partition(END)
    head, rule, *rows = [line for line in table.splitlines() if line.startswith("|")]
    ranks = {row: row.rsplit("|", 2)[1].strip() for row in rows}
    ranked = sorted((row for row in rows if ranks[row] != "–"), key=lambda row: float(ranks[row]))[:SHOWN]
    shown = [head, rule, *(row for row in rows if ranks[row] == "–"), *ranked]
    return f"{before}{START}\n\n" + "\n".join(shown) + f"\n\n{END}{after}"
