"""The tables of the report: the same tables as in the Markdown and LaTeX files, made of what is stored."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import metrics
from study.entries import NEWEST_AFTER, RECENT_SINCE
from study.gacn import ablation_table, held_out, stack_quality, stack_time_table
from study.store import POOLED, Results, read_frame
from study.tables import (
    calibration_table,
    conventions_table,
    fidelity_table,
    means_table,
    metric_behaviour_table,
    metric_trust_table,
    metric_truth_table,
    newest_table,
    pooled_table,
    real_calibration_table,
    stacks_table,
    statistics_table,
    timing_table,
    truth_ranks_table,
)
from study.tables.inline import escape
from study.tables.table import Column, Page, Table

if TYPE_CHECKING:
    from study.config import Settings

#: Rows above which a table without a module here is named instead of shown.
LONGEST = 600

#: Name of a metric for people by its id.
_METRICS = {m.id: m.label for m in metrics.registry.all()}


@dataclass(frozen=True)
class Shown:
    """Tables below one heading of the report.

    Parameters
    ----------
    title : str
    page : study.tables.table.Page
    folded : bool
        Whether a click is needed to see them.
    """

    title: str
    page: Page
    folded: bool = True


def of_dataset(results: Results, dataset: str, datasets: Sequence[str]) -> Iterator[Shown]:
    """The tables of one data set, or of all together.

    Parameters
    ----------
    results : study.store.Results
    dataset : str
        Or `study.store.POOLED`.
    datasets : sequence of str
        Data sets of the run.
    """
    if dataset == POOLED:
        about, scores = pooled_table.read(results, datasets)
        found, recent, extended = pooled_table.tables(about, scores)
    else:
        about, scores = results.read_about(dataset), results.read_tidy(dataset)
        found, recent, extended = means_table.all_means(about, scores)
    yield Shown("Means", means_table.main_page(found, extended), folded=False)
    if any(entry.is_recent and entry not in recent.about.anchors for entry in recent.entries):
        yield Shown(f"Means of the methods since {RECENT_SINCE}", means_table.recent_page(recent))
    if (found.entries, found.declared) != (extended.entries, extended.declared):
        yield Shown("Means of every method and metric", means_table.extended_page(extended))
    times = timing_table.read(results, dataset)
    if len(times):
        yield Shown("Timing", Page.of(timing_table.table(about, times)), folded=False)
    newest = newest_table.read(results, dataset)
    if len(newest):
        yield Shown(f"Statistics of the methods after {NEWEST_AFTER}", newest_table.page(about, newest))
    yield Shown("Statistics", statistics_table.page(about, *statistics_table.read(results, dataset)))


#: Tables of the benchmark as a whole by the name of their files: heading, and what gives the page.
_WHOLE: dict[str, tuple[str, Callable[[Results, "Settings"], Page | Table]]] = {
    "metric_truth": ("Metrics against the truth", lambda r, s: metric_truth_table.page(metric_truth_table.read(r))),
    "metric_trust": (
        "Which metrics can be trusted",
        lambda r, s: metric_trust_table.page(metric_trust_table.read(r)),
    ),
    "metric_behaviour": (
        "Preferences and stability of the metrics",
        lambda r, s: metric_behaviour_table.page(metric_behaviour_table.read(r)),
    ),
    "truth_ranks": (
        "The leader board by the truth",
        lambda r, s: truth_ranks_table.table(
            truth_ranks_table.read(r), truth_ranks_table.labels(map(r.read_about, s.datasets))
        ),
    ),
    "stacks": ("Stacks with truth", lambda r, s: stacks_table.table(stacks_table.read(r))),
    "conventions": ("Conventions", lambda r, s: conventions_table.page(conventions_table.read(r))),
    "ablation": ("Ablation of GACN", lambda r, s: ablation_table.stored(r, s.ablation)),
    "gacn_stacks": ("GACN on stacks: time and memory", lambda r, s: stack_time_table.stored(r)),
    "stack_quality": ("GACN on stacks: quality", lambda r, s: stack_quality.stored(r, s.stacks["quality"])),
    "held_out": ("GACN on held-out training images", lambda r, s: held_out.table(read_frame(r.table("held_out.csv")))),
    "fidelity": ("Fidelity of wrapped methods", lambda r, s: fidelity_table.table(fidelity_table.read(r))),
    "real_calibration": (
        "Our values against published ones on Real-MFF",
        lambda r, s: real_calibration_table.page(real_calibration_table.read(r)),
    ),
    "metric_calibration": (
        "Metrics against the reference toolbox",
        lambda r, s: calibration_table.table(calibration_table.read(r)),
    ),
}


def of_benchmark(results: Results, settings: "Settings", tables: Iterable[str]) -> Iterator[Shown]:
    """The tables of the benchmark as a whole.

    Parameters
    ----------
    results : study.store.Results
    settings : study.config.Settings
    tables : iterable of str
        Stored tables of the run, of any format. Those that are not known here are shown as their CSV file has them.
    """
    stored = {Path(path).stem for path in tables if path == results.table(Path(path).name)}
    for name, (title, page) in _WHOLE.items():
        if name in stored:
            yield Shown(title, Page.of(page(results, settings)))
    for name in sorted(stored - set(_WHOLE)):
        path = results.table(f"{name}.csv")
        if Path(path).is_file():
            yield as_stored(name.replace("_", " ").capitalize(), path)


def as_stored(title: str, path: str) -> Shown:
    """A table as its CSV file has it; of one that is too long for the page only the name."""
    frame = read_frame(path)
    if len(frame) > LONGEST:
        return Shown(title, Page("", (), f"{len(frame)} rows: see {escape(path)}."))
    if "metric" in frame:
        frame["metric"] = frame["metric"].replace(_METRICS)
    # A label says what the id says, and one data set needs no column.
    told = {"method": "label" in frame, "dataset": "dataset" in frame and frame["dataset"].nunique() == 1}
    shown = [name for name in map(str, frame) if (frame[name] != "").any() and not told.get(name)]
    columns = [_column(name, frame[name].tolist()) for name in shown]
    return Shown(title, Page.of(Table(frame, columns)))


def _column(name: str, values: Sequence[str]) -> Column:
    numeric = all(_is_number(value) for value in values if value)
    return Column(name, name.replace("_", " "), align="right" if numeric else "left", missing="")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
