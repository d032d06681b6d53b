"""The scores of all methods on one data set in one table, and what else its tables are made of."""

from collections.abc import Sequence

import pandas as pd

from study.entries import Entry
from study.store import OVER_BUDGET, SCORE_COLUMNS, About, DatasetFacts, Results, read_frame
from study.tables.inline import escape

#: Remarks on the sources that a table prints; all of them are in ``sources/DATASET.json``.
_MOST_REMARKS = 6


def joined(results: Results, dataset: str, entries: Sequence[Entry]) -> pd.DataFrame:
    """Tidy scores of a data set, by method (in table order), then scene, then metric.

    Parameters
    ----------
    results : Results
    dataset : str
    entries : sequence of Entry

    Returns
    -------
    pandas.DataFrame
        Columns of `study.store.Score`; one row per scene, method and metric.
    """
    frames = [read_frame(results.scores(dataset, e.name), SCORE_COLUMNS, ("value",)) for e in entries]
    frame = pd.concat(frames, ignore_index=True)[list(SCORE_COLUMNS)]
    order = frame["method"].map({entry.name: place for place, entry in enumerate(entries)})
    return (
        frame.assign(_order=order)
        .sort_values(["_order", "scene"], kind="stable", ignore_index=True)
        .drop(columns="_order")
    )


def remarks(facts: DatasetFacts) -> list[str]:
    """What was remarked on the sources, as Markdown, a sentence each; of many the first."""
    first = [f"{escape(remark.rstrip('.'))}." for remark in facts.remarks[:_MOST_REMARKS]]
    more = len(facts.remarks) - len(first)
    return [*first, f"And {more} more such remarks."] if more else first


def about(
    facts: DatasetFacts,
    entries: Sequence[Entry],
    main: Sequence[str],
    metric_ids: Sequence[str],
    highlight: Sequence[str] = (),
    scores: pd.DataFrame | None = None,
) -> About:
    """What tables need besides the scores.

    Parameters
    ----------
    facts : DatasetFacts
    entries : sequence of Entry
        Methods of the run.
    main : sequence of str
        Names of the entries of the paper's table.
    metric_ids : sequence of str
    highlight : sequence of str
        As in the configuration.
    scores : pandas.DataFrame, optional
        The scores, which say what the budget left out.
    """
    over = set() if scores is None else set(scores["method"][scores["reason"].str.startswith(OVER_BUDGET)])
    return About(
        facts.dataset,
        facts.label,
        pixels=facts.pixels,
        note=" ".join(part for part in (facts.note, *remarks(facts)) if part),
        status=facts.status,
        reason=facts.reason,
        scenes=facts.scenes,
        metrics=tuple(metric_ids),
        entries=tuple(entries),
        main=tuple(main),
        highlight=tuple(highlight),
        over_budget=tuple(entry.name for entry in entries if entry.name in over),
    )
