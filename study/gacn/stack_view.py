"""One stack in pictures: some of its images, the fused image, the image taken at every pixel, and the true one where it is known."""

from collections.abc import Iterable
from pathlib import Path

from imaging.files import read_image
from study.figures import panels, style
from study.figures.stored import row_of
from study.gacn.entries import DEFAULT, STRATEGIES, strategy_entry
from study.gacn.panel_rows import panel_rows
from study.run import sources
from study.store import DatasetFacts, Results

#: The strategies by their entries, the one whose result is shown first.
_WORDS = {strategy_entry(s): STRATEGIES[s] for s in sorted(STRATEGIES, key=lambda strategy: strategy != DEFAULT)}
_RESULT = strategy_entry(DEFAULT)
#: Images of the stack that are shown.
SHOWN = 6


def draw(results: Results, facts: DatasetFacts, strategies: Iterable[str], paths: Iterable[str | Path]) -> None:
    """Draw the first stack of a data set that the default strategy fused.

    Parameters
    ----------
    results : Results
    facts : DatasetFacts
    strategies : iterable of str
        Entries whose maps are shown: the default strategy, and the others where they were run.
    paths : iterable of path-like
    """
    rows = {entry: results.read_fused(facts.dataset, entry) for entry in strategies}
    done = {row.scene for row in rows[_RESULT] if row.status == "ok"}
    found = next((scene for scene in facts.stacks if scene.name in done), None)
    if found is None:
        reasons = [row.reason for row in rows[_RESULT] if row.reason] or [facts.reason or "no stack"]
        return style.message(f"{facts.label}: no stack to show ({reasons[0]})", paths)
    scene = sources.load(facts).scene(found.name)
    maps = {}
    for entry, words in _WORDS.items():
        row = row_of(rows.get(entry, []), found.name)
        taken = results.read_map(row) if row is not None and row.status == "ok" else None
        if taken is not None:
            maps[f"Image taken, {words}"] = taken
    truth = scene.truth()
    if truth is not None and truth.index_map is not None:
        maps["Sharpest image, truth"] = truth.index_map
    result = read_image(results.image(facts.dataset, _RESULT, found.name))
    with style.drawing():
        ratio = result.shape[0] / result.shape[1]
        numbers = panels.picked(found.count, SHOWN)
        figure, (small, large) = panel_rows([(len(numbers), ratio), (len(maps) + 1, ratio)], panels.COLOUR_BAR)
        for ax, number in zip(small, numbers, strict=True):
            panels.show(ax, scene.sources[number], f"Image {number + 1}")
        panels.show(large[0], result, f"Result, {STRATEGIES[DEFAULT]}")
        for ax, (words, taken) in zip(large[1:], maps.items(), strict=True):
            drawn = panels.show_numbers(ax, taken, found.count, words)
        panels.colour_bar(figure, drawn, found.count)
        caption = (
            f"{facts.label}, {found.name}: some of its {found.count} images, GACN's result ({STRATEGIES[DEFAULT]}), and the number of the image "
            "that was taken at every pixel, by strategy" + (", beside the truth." if len(maps) > len(_WORDS) else ".")
        )
        style.save(figure, paths, caption)
