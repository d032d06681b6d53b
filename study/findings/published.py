"""What images by the authors say: of methods that are not re-run, their places; of those that are, how near the run comes to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from study.findings.facts import Result
from study.store import Results
from study.tables import fidelity_table, means_table
from study.tables.inline import escape
from study.tables.table import printed


@dataclass(frozen=True)
class Placed:
    """Published methods on one data set.

    Parameters
    ----------
    label : str
        Data set.
    scenes : int
    of : int
        Ranked methods.
    places : list of (str, int, str)
        Label, place by mean rank among all methods, and mean rank; best first.
    unranked : list of str
        Labels of those that lack scenes.
    """

    label: str
    scenes: int
    of: int
    places: list[tuple[str, int, str]]
    unranked: list[str]


@dataclass(frozen=True)
class Compared:
    """Images by the authors of a method beside those of the run.

    Parameters
    ----------
    label : str
    images, identical : int
        Images, and how many of them are the same in every pixel.
    least : str
        Smallest PSNR between the two, in dB; "" where all are identical.
    off : str
        Largest share of pixels, in percent, that differ by more than two levels.
    why : str
        Why they are not identical.
    """

    label: str
    images: int
    identical: int
    least: str
    off: str
    why: str


@dataclass(frozen=True)
class Published:
    """Images by the authors in the tables of a run.

    Parameters
    ----------
    placed : list of Placed
    compared : list of Compared
    """

    placed: list[Placed]
    compared: list[Compared]


def published(stored: Results, results: Sequence[Result]) -> Published | None:
    """What images by the authors say; None where the run has none.

    Parameters
    ----------
    stored : study.store.Results
    results : sequence of Result
        Data sets of the run.
    """
    found = Published([p for result in results if (p := _placed(stored, result))], _compared(stored))
    return found if found.placed or found.compared else None


def _placed(stored: Results, result: Result) -> Placed | None:
    mine = {entry.name: entry.label for entry in result.about.entries if entry.is_published}
    frame = means_table.read(stored, result.about.dataset, "means")
    here = frame[frame["method"].isin(mine)].sort_values("mean_rank", kind="stable")
    if here.empty:
        return None
    about = result.about
    variants = [variant for entry in about.highlighted for variant in about.variants(entry.name)]
    places, of = [], 0
    placed = means_table.has_places(result.about, result.about.entries)
    for row in here[here["mean_rank"].notna()].to_dict("records"):
        place = means_table.place(frame, str(row["method"]), variants) if placed else None
        if place is not None:
            of = place.of
            places.append((escape(str(row["label"])), place.place, printed(float(row["mean_rank"]), 2)))
    unranked = [escape(str(label)) for label in here["label"][here["mean_rank"].isna()]]
    return Placed(result.label, result.about.readable, of, places, unranked)


def _compared(stored: Results) -> list[Compared]:
    frame = fidelity_table.read(stored)
    rows = []
    for label, mine in frame[frame["collection"] == "authors"].groupby("label", sort=False):
        distances = mine["psnr_db"].astype(float)
        identical = int(np.isinf(distances).sum())
        off = 100 * mine["share_over_2"].astype(float).max()
        reason = "" if identical == len(mine) else escape(max(mine["why"], key=len).rstrip("."))
        rows.append(
            Compared(
                escape(str(label)), len(mine), identical, printed(distances.min(), 1), printed(float(off), 3), reason
            )
        )
    return rows
