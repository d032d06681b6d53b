"""Figure crops."""

from dataclasses import replace

import pytest

from study.figures import crops


def test_equal_data_gives_equal_bytes_and_missing_methods_are_named(scene, words, twice):
    twice(crops.draw, scene)
    assert any("Not available: DWT (no weights)." in word for word in words)


def test_with_nothing_to_show_the_figure_says_so(scene, words, tmp_path):
    crops.draw(replace(scene, fused=[]), [tmp_path / "n.png"])
    assert "to show. Not available: DWT (no weights)." in words[0]


def test_the_share_of_copied_pixels_is_measured(pair):
    assert crops.copied(pair[0], pair) == 1
    assert crops.copied(pair[0], [pair[0] + 0.6 / 255, pair[0] + 1]) == 0
    half = pair[0].copy()
    half[:32] = 2
    assert crops.copied(half, pair) == pytest.approx(0.5)


def test_a_window_outside_the_image_is_refused(scene, tmp_path):
    from files.errors import InputError

    with pytest.raises(InputError, match="does not fit"):
        crops.draw(scene, [tmp_path / "c.png"], [60, 0, 10])
