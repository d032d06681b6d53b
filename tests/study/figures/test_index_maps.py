"""Figure index_maps."""

from dataclasses import replace

import numpy as np
import pytest

from imaging.files import write_image, write_levels
from study.figures import index_maps
from study.store import DatasetFacts, FusedScene, Results, SceneFacts
from tests.study.figures.conftest import entries

SIZE = (40, 60)


@pytest.fixture
def stack(tmp_path):
    """Facts and results of a stack of four: GFF differs from the truth at a quarter of the pixels, LP has no map, DWT failed."""
    strip = np.broadcast_to(np.arange(SIZE[1]) * 4 // SIZE[1], SIZE).astype(np.uint8)
    folder = tmp_path / "mine" / "toy"
    for number in range(4):
        write_image(folder / f"{number}.png", np.full(SIZE, (number + 1) / 5, np.float32))
    write_levels(folder / "truth_index.png", strip)
    facts = DatasetFacts(
        "mine", "Mine $1", folder=str(tmp_path / "mine"), scenes=(SceneFacts("toy", height=40, width=60, count=4),)
    )
    results = Results(str(tmp_path / "results"))
    taken = strip.copy()
    taken[strip == 3] = 2
    for name, kind in (("gff", "index"), ("lp", "")):
        write_image(results.image("mine", name, "toy"), np.zeros(SIZE, np.float32))
        results.write_fused("mine", name, [FusedScene("mine", name, "toy", "ok", map=kind)])
    write_levels(results.map("mine", "gff", "toy"), taken)
    results.write_fused("mine", "dwt", [FusedScene("mine", "dwt", "", "unavailable", "no weights")])
    return results, facts


def test_equal_data_gives_equal_bytes(stack, twice):
    results, facts = stack
    twice(index_maps.draw, results, facts, "toy", entries("gff", "lp"))


def test_maps_stand_beside_the_truth_with_their_difference(stack, words, tmp_path):
    results, facts = stack
    index_maps.draw(results, facts, "toy", entries("gff", "lp", "dwt"), [tmp_path / "i.png"])
    assert "Truth" in words and any("(25.0 % differ)" in word for word in words)
    assert "DWT (no weights)" in words[-1] and "(no index map)" in words[-1]


def test_with_nothing_to_show_the_figure_says_so(stack, words, tmp_path):
    results, facts = stack
    (tmp_path / "mine" / "toy" / "truth_index.png").unlink()
    index_maps.draw(results, facts, "toy", entries("dwt"), [tmp_path / "n.png"])
    assert "no index map to show. Not shown: DWT (no weights)." in words[0]
    lost = replace(facts, scenes=(replace(facts.scenes[0], status="failed", reason="gone"),))
    index_maps.draw(results, lost, "toy", entries("gff"), [tmp_path / "n.png"])
    assert "failed (gone)" in words[0]
