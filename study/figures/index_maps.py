"""Index maps of one stack as depth: the image that each method took at every pixel, beside the true one."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from study.entries import Entry
from study.figures import panels, style
from study.figures.stored import row_of
from study.run import sources
from study.store import DatasetFacts, Results

#: Panels in a row.
_COLUMNS = 4

#: Index map: integer, H x W, numbers from 0.
IndexMap = NDArray[Any]


def draw(
    results: Results, facts: DatasetFacts, name: str, entries: Iterable[Entry], paths: Iterable[str | Path]
) -> None:
    """Draw the true index map of a stack, where it is known, and those of methods.

    Parameters
    ----------
    results : study.store.Results
    facts : study.store.DatasetFacts
    name : str
        Of the scene.
    entries : iterable of study.entries.Entry
        Those without an index map are named in the caption.
    paths : iterable of path-like
    """
    title = f"{facts.label}, {name}"
    state = facts if facts.status != "ok" else facts.scene(name)
    if state.status != "ok":
        return style.message(f"{title}: {state.status} ({state.reason})", paths)
    scene = sources.load(facts).scene(name)
    truth = scene.truth()
    maps: dict[str, IndexMap] = {}
    undecided = None
    if truth is not None and truth.index_map is not None:
        maps["Truth"] = truth.index_map
        undecided = None if truth.decided is None else ~truth.decided
    missing = []
    for entry in entries:
        row = row_of(results.read_fused(facts.dataset, entry.name), name)
        taken = results.read_map(row) if row is not None and row.status == "ok" else None
        if taken is None:
            missing.append(f"{entry.label} ({(row.reason or 'no index map') if row else 'no result'})")
        else:
            maps[entry.label] = taken
    without = f" Not shown: {'; '.join(missing)}." if missing else ""
    if not maps:
        return style.message(f"{title}: no index map to show.{without}", paths)
    _figure(
        scene.count,
        maps,
        undecided,
        f"{title}: the image of {scene.count} that was taken at every pixel.{without}",
        paths,
    )


def _figure(
    count: int,
    maps: dict[str, IndexMap],
    undecided: NDArray[np.bool_] | None,
    caption: str,
    paths: Iterable[str | Path],
) -> None:
    height, width = next(iter(maps.values())).shape
    rows = -(-len(maps) // _COLUMNS)
    columns = -(-len(maps) // rows)
    with style.drawing():
        figure, axes = panels.grid(rows, columns, height / width, foot=panels.COLOUR_BAR)
        cells = [ax for row in axes for ax in row]
        for ax, (label, taken) in zip(cells, maps.items(), strict=False):
            share = ""
            if label != "Truth" and "Truth" in maps:
                known = np.ones(taken.shape, bool) if undecided is None else ~undecided
                share = f" ({100 * np.mean((taken != maps['Truth'])[known]):.1f} % differ)" if known.any() else ""
            drawn = panels.show_numbers(ax, taken, count, f"{label}{share}")
        panels.colour_bar(figure, drawn, count)
        if "Truth" in maps:
            caption += (
                " Differ: share of the pixels, of those at which the truth decides, where it is not the sharpest image."
            )
        style.save(figure, paths, caption)
