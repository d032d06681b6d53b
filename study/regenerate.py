"""Make every table again from the scores that are kept: no image, no fusion.

::

    python -m study.regenerate [results] [--figures]

reads ``tables/DATASET/scores.csv`` and ``about.json`` (and the CSV files of timing, fidelity and calibration) and writes all other tables and
the findings in place, and, for the ``results`` of the repository, the main table in its README. Useful after a change of a label, a note or a layout; the tests hold the tables in the repository against it. With ``--figures`` also the figures that are made of tables.
"""

import argparse
import sys
from pathlib import Path

from files.atomic import write_text
from study import about as sidecar
from study import records
from study.figures import critical_difference as statistics_figures
from study.figures import curves
from study.figures import style as figures
from study.findings import findings
from study.tables import calibration_table as calibration
from study.tables import fidelity_table as fidelity
from study.tables import means_table as tables
from study.tables import metric_truth_table as metric_truth
from study.tables import pooled_table as pooling
from study.tables import statistics_table as statistics

README = Path(__file__).resolve().parent.parent / "README.md"
#: The data set whose table stands in the README, between these marks.
MAIN = "lytro"
START, END = "<!-- main table -->", "<!-- end of the main table -->"


def run(results):
    """Write every table below `results` (pathlib.Path) from its scores."""
    folder = results / "tables"
    names = records.read_json(folder / pooling.DATASET / "about.json")["datasets"]
    abouts = [records.read_json(folder / name / "about.json") for name in names]
    scores = {name: records.read_csv(folder / name / "scores.csv") for name in names}
    for about in abouts:
        name = about["dataset"]
        tables.write(folder / name, about, scores[name])
        statistics.write(folder / name, about, scores[name])
        if (folder / name / "timing.csv").is_file():
            tables.write_timing(folder / name, about, records.read_csv(folder / name / "timing.csv"))
    about, rows = pooling.pool(abouts, scores)
    pooling.write(folder / pooling.DATASET, about, rows)
    statistics.write(folder / pooling.DATASET, about, rows)
    metric_truth.write(folder, abouts, scores)
    for name, module in (("fidelity.csv", fidelity), ("metric_calibration.csv", calibration)):
        if (folder / name).is_file():
            module.write(folder, records.read_csv(folder / name))
    write_text(results / "FINDINGS.md", findings.text(folder))


def draw(results):
    """Draw below `results` (pathlib.Path) every figure that is made of its tables alone."""
    folder = results / "tables"
    names = records.read_json(folder / pooling.DATASET / "about.json")["datasets"]
    for name in [*names, pooling.DATASET]:
        about = records.read_json(folder / name / "about.json")
        comparisons, friedman = (records.read_csv(folder / name / f"{part}.csv") for part in ("statistics", "friedman"))
        statistics_figures.critical_difference(
            about, comparisons, friedman, _paths(results, name, "critical_difference")
        )
        if name == pooling.DATASET:
            continue
        rows, entries = records.read_csv(folder / name / "scores.csv"), sidecar.entries(about)
        figures.boxes(about, entries, rows, _paths(results, name, "boxes"))
        if len(about["scenes"]) > 1:
            curves.draw(about, entries, rows, _paths(results, name, "curves"))
        if (folder / name / "timing.csv").is_file():
            means, timing = (records.read_csv(folder / name / f"{part}.csv") for part in ("means", "timing"))
            figures.quality_time(about, means, timing, _paths(results, name, "quality_time"))
    statistics_figures.truth(records.read_csv(folder / "metric_truth.csv"), _paths(results, "", "metric_truth"))


def _paths(results, dataset, figure):
    path = results / "figures" / dataset / figure
    path.parent.mkdir(parents=True, exist_ok=True)
    return [path.with_suffix(".png"), path.with_suffix(".pdf")]


def with_table(readme, table):
    """The README's text with the rows of a Markdown table between its two marks.

    Parameters
    ----------
    readme, table : str
        Text of the README and of ``tables/DATASET/table.md``.
    """
    before, _, rest = readme.partition(START)
    _, _, after = rest.partition(END)
    rows = "\n".join(line for line in table.splitlines() if line.startswith("|"))
    return f"{before}{START}\n\n{rows}\n\n{END}{after}"


def main(arguments=None):
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m study.regenerate", description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="?", default=Path("results"), type=Path, help="folder of the results")
    parser.add_argument("--figures", action="store_true", help="draw the figures made of tables, too")
    given = parser.parse_args(arguments)
    pooled = given.results / "tables" / pooling.DATASET / "about.json"
    if not pooled.is_file():
        print(f"error: {pooled}: no such file; run `snakemake --cores N tables` first", file=sys.stderr)
        return 2
    run(given.results)
    if given.figures:
        draw(given.results)
    main_table = given.results / "tables" / MAIN / "table.md"
    if given.results.resolve() == README.parent / "results" and main_table.is_file():
        write_text(README, with_table(README.read_text(encoding="utf-8"), main_table.read_text(encoding="utf-8")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
