"""Figure gallery."""

from dataclasses import replace

import pytest

from study.figures import gallery


def test_equal_data_gives_equal_bytes_and_missing_methods_are_named(scene, words, twice):
    twice(gallery.draw, scene)
    assert any("Not available: DWT (no weights)." in word for word in words)


def test_with_nothing_to_show_the_figure_says_so(scene, words, tmp_path):
    gallery.draw(replace(scene, fused=[]), [tmp_path / "n.png"])
    assert "to show. Not available: DWT (no weights)." in words[0]


@pytest.mark.parametrize("window", [[0, 0, 10], [50, 60, 10], [50, 0, 10], [0, 60, 10]])
def test_the_inset_does_not_cover_what_it_enlarges(window):
    import numpy as np

    from study.figures import panels

    figure, axes = panels.grid(1, 6, 64 / 80)
    ax = axes[0][0]
    image = np.ones((64, 80))
    panels.show(ax, image)
    found = panels.window_of([image, image], window)
    panels.outline(ax, found, image.shape)
    gallery._inset(ax, image, found)
    figure.canvas.draw()
    (inset,) = ax.child_axes
    assert not inset.get_window_extent().overlaps(ax.patches[0].get_window_extent())
    panels.plt.close(figure)
