"""Figure decision_maps."""

from dataclasses import replace

import pytest

from study.figures import decision_maps


def test_equal_data_gives_equal_bytes_and_missing_methods_are_named(scene, words, twice):
    twice(decision_maps.draw, scene)
    assert any("Not available: DWT (no weights)." in word for word in words)


def test_with_nothing_to_show_the_figure_says_so(scene, words, tmp_path):
    decision_maps.draw(replace(scene, fused=[]), [tmp_path / "n.png"])
    assert "to show. Not available: DWT (no weights)." in words[0]


def test_the_share_that_post_processing_changes_is_measured(scene, words, tmp_path):
    fused = scene.fused[1]
    assert decision_maps.changed(fused.initial, fused.chosen) == pytest.approx(32 * 20 / (64 * 80))
    decision_maps.draw(scene, [tmp_path / "m.png"])
    assert r"G\$FF, final (12.5 % changed)" in words and "GACN, final" in words
