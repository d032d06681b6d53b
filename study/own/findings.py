"""What the numbers say of one's own rows, in a paragraph each: their place, and the tests against the best of the others and GACN."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import metrics
from files.atomic import write_text
from study.entries import PROPOSED
from study.prose import render
from study.store import Results
from study.tables import means_table, statistics_table
from study.tables.inline import escape
from study.tables.table import printed

_TEMPLATE = Path(__file__).with_name("findings.md.j2")

#: Verdicts of `study.tables.statistics_table.test` in words, in the order of a sentence.
_WORDS = {
    "better": "significantly better by {}",
    "worse": "significantly worse by {}",
    "not different": "not significantly different by {}",
    "too few scenes": "without a verdict by {} (too few scenes)",
}


@dataclass(frozen=True)
class Opponent:
    """A row that one's own is compared with.

    Parameters
    ----------
    label : str
        Markdown.
    best : bool
        Whether it has the best mean rank of all other rows.
    tested : bool
    verdicts : str
        What the tests say; empty without any.
    better, worse : str
        Metrics by which one's own is better or worse on the median scene.
    """

    label: str
    best: bool
    tested: bool
    verdicts: str
    better: str
    worse: str


@dataclass(frozen=True)
class Whole:
    """Where a row stands among all methods of the run.

    Parameters
    ----------
    place, of : int
        By mean rank.
    best : str
        The best of the other rows (Markdown); empty without any.
    """

    place: int
    of: int
    best: str


@dataclass(frozen=True)
class Own:
    """What is said of one row.

    Parameters
    ----------
    label : str
        Markdown.
    place : int
        By mean rank among the ranked rows of the table; 0 where it is not ranked.
    of : int
    rank : str
        The mean rank.
    opponents : tuple of Opponent
    tested : int
        Number of tests that the correction is over.
    whole : Whole or None
        None where the table has all methods, or the row is not ranked among these.
    """

    label: str
    place: int
    of: int
    rank: str
    opponents: tuple[Opponent, ...]
    tested: int
    whole: Whole | None


def own(found: means_table.Means, name: str, others: Sequence[str], extended: means_table.Means) -> Own:
    """The facts of one row of the paper's table.

    Parameters
    ----------
    found : means_table.Means
    name : str
        The row.
    others : sequence of str
        Rows that one's own are compared with: all but these.
    extended : means_table.Means
        All methods of the run.
    """
    labels = {entry.name: escape(entry.label) for entry in found.entries}
    ranked = found.ranked.set_index("method")["mean_rank"].sort_values(kind="stable")
    best = [each for each in ranked.index if each in others][:1]
    against = list(dict.fromkeys([*best, *(each for each in (PROPOSED,) if each in others)]))
    rows: list[tuple[str, metrics.Metric, float, statistics_table.Row]] = []
    tests: list[tuple[statistics_table.Row, statistics_table.Matrix]] = []
    for other in against:
        for metric in found.declared:
            pair = statistics_table.values(found.scores, [name, other], metric.id).dropna().to_numpy()
            if not len(pair):
                continue
            good = statistics_table.goodness(pair, metric)
            difference = good[:, 0] - good[:, 1]
            row: statistics_table.Row = {}
            rows.append((other, metric, float(np.median(difference)), row))
            if len(difference) >= statistics_table.LEAST_SCENES:
                tests.append((row, difference))
    statistics_table.test(tests, "own_is")
    opponents = []
    for other in against:
        mine = [(metric, median, row) for each, metric, median, row in rows if each == other]
        opponents.append(
            Opponent(
                labels[other],
                best=other in best,
                tested=any(row for _, _, row in mine),
                verdicts=_verdicts([(metric, str(row.get("own_is", ""))) for metric, _, row in mine]),
                better=_listed([metric for metric, median, _ in mine if median > 0]),
                worse=_listed([metric for metric, median, _ in mine if median < 0]),
            )
        )
    rank = float(ranked.get(name, np.nan))
    place = 1 + int((ranked < rank).sum()) if np.isfinite(rank) else 0
    whole = _whole(found, extended, name)
    return Own(labels[name], place, len(ranked), printed(rank, 2), tuple(opponents), len(tests), whole)


def _whole(found: means_table.Means, extended: means_table.Means, name: str) -> Whole | None:
    place = means_table.place(extended.frame, name, ())
    if place is None or len(extended.ranked) == len(found.ranked):
        return None
    other = extended.ranked[~extended.ranked["method"].isin(found.about.highlight)].sort_values(
        "mean_rank", kind="stable"
    )
    return Whole(place.place, place.of, escape(str(other["label"].iloc[0])) if len(other) else "")


def _verdicts(found: Sequence[tuple[metrics.Metric, str]]) -> str:
    parts = [(words, [metric for metric, verdict in found if verdict == word]) for word, words in _WORDS.items()]
    return "; ".join(words.format(_listed(chosen)) for words, chosen in parts if chosen)


def _listed(chosen: Sequence[metrics.Metric]) -> str:
    return ", ".join(escape(metric.label) for metric in chosen)


def text(
    found: means_table.Means, extended: means_table.Means, names: Sequence[str], left_out: Sequence[str] = ()
) -> str:
    """The findings of one data set, as Markdown.

    Parameters
    ----------
    found : means_table.Means
        The paper's table with one's own rows.
    extended : means_table.Means
        All methods of the run with one's own rows.
    names : sequence of str
        These.
    left_out : sequence of str
        Metrics that the kept scores have and this program does not.
    """
    others = [entry.name for entry in found.entries if entry.name not in names and not entry.is_control]
    here = [entry.name for entry in found.entries]
    return render(
        _TEMPLATE,
        label=escape(found.about.label),
        methods=[own(found, name, others, extended) for name in names if name in here],
        metrics=_listed([metric for metric in found.declared if metric.id in metrics.SIX]),
        scenes=found.about.readable,
        alpha=statistics_table.ALPHA,
        least=statistics_table.LEAST_SCENES,
        left_out=left_out,
    )


def write(results: Results, texts: Sequence[str]) -> None:
    """Write ``FINDINGS.md``: the findings of every data set."""
    write_text(results.page("FINDINGS.md"), "\n".join(texts))
