"""Pieces of figures of images: places, windows, differences, tiles."""

import numpy as np
import pytest

from files.errors import InputError
from study.figures import panels
from study.figures.style import RESOLUTION, plt


@pytest.fixture
def figure():
    found, axes = panels.grid(2, 3, 0.5, left=0.3, foot=0.2)
    yield found, axes
    plt.close(found)


def test_panels_have_the_ratio_of_the_images_and_do_not_overlap(figure):
    found, axes = figure
    assert len(axes) == 2 and len(axes[0]) == 3
    boxes = [ax.get_window_extent() for row in axes for ax in row]
    for box in boxes:
        assert box.height / box.width == pytest.approx(0.5)
        assert box.x0 >= 0.3 * found.dpi - 1e-6 and box.y0 > 0.2 * found.dpi
    assert boxes[0].x1 < boxes[1].x0 and boxes[3].y1 < boxes[0].y0


def test_an_image_keeps_its_pixels_unless_print_cannot_show_them(figure):
    _, axes = figure
    drawn = panels.show(axes[0][0], np.ones((100, 200, 3)), "a $ sign")
    assert drawn.get_array().shape == (100, 200, 3)
    inches = axes[0][0].get_window_extent().width / axes[0][0].figure.dpi
    large = panels.show(axes[0][1], np.ones((1000, 4000)))
    assert large.get_array().shape[1] == pytest.approx(panels._DENSEST * inches * RESOLUTION, abs=1)
    assert axes[0][0].get_title() == r"a \$ sign"


def test_long_titles_are_set_smaller(figure):
    _, axes = figure
    panels.show(axes[0][0], np.ones((10, 20)), "short")
    panels.show(axes[0][1], np.ones((10, 20)), "long " * 30)
    assert axes[0][0].title.get_fontsize() == 7 > axes[0][1].title.get_fontsize()


def test_an_index_map_keeps_its_numbers(figure):
    _, axes = figure
    numbers = np.arange(200 * 400).reshape(200, 400) % 5
    drawn = panels.show_numbers(axes[0][0], numbers, 5)
    assert set(np.unique(drawn.get_array())) == {1, 2, 3, 4, 5}


def test_the_outline_lies_around_the_window(figure):
    _, axes = figure
    ax = axes[0][0]
    panels.show(ax, np.ones((100, 200)))
    panels.outline(ax, (slice(0, 50), slice(100, 200)), (100, 200))
    left, right, bottom, top = ax.images[0].get_extent()
    for patch in ax.patches:
        box = patch.get_bbox()
        assert box.x0 == pytest.approx((left + right) / 2) and box.x1 == pytest.approx(right)
        assert box.y0 == pytest.approx(top) and box.y1 == pytest.approx((top + bottom) / 2)


def test_the_window_lies_across_the_border_of_focus(pair):
    rows, columns = panels.window_of(pair)
    assert columns.start < 40 < columns.stop
    assert rows.stop - rows.start == columns.stop - columns.start == 13


def test_a_configured_window_is_taken_and_one_outside_the_image_refused(pair):
    assert panels.window_of(pair, [4, 5, 10]) == (slice(4, 14), slice(5, 15))
    with pytest.raises(InputError, match="does not fit into an image of 80 x 64"):
        panels.window_of(pair, [60, 0, 10])


@pytest.mark.parametrize("shape", [(1, 1), (3, 90), (8, 8)])
def test_small_images_have_a_window_too(shape):
    image = np.random.default_rng(0).random(shape)
    rows, columns = panels.window_of([image, 1 - image])
    assert 0 <= rows.start < rows.stop <= shape[0] and 0 <= columns.start < columns.stop <= shape[1]


def test_differences_are_gray_where_images_are_equal():
    image = np.full((2, 2, 3), 100 / 255)
    assert panels.difference(image, image) == pytest.approx(0.5)
    assert panels.difference(image + panels.GAIN / 255, image) == pytest.approx(1)
    assert panels.difference(image - 10 * panels.GAIN / 255, image) == pytest.approx(0)


def test_a_square_holds_the_image_in_its_middle():
    image = np.zeros((4, 10), np.float32)
    image[1, 2] = 0.5
    whole = panels.square(image)
    window = panels.shifted((slice(1, 2), slice(2, 3)), panels.square_offset(image))
    assert whole.shape == (10, 10) and whole[window] == 0.5
    assert (whole[:3] == 1).all() and (whole[7:] == 1).all()


@pytest.mark.parametrize("shape", [(40, 90), (90, 40, 3), (5, 5), (30, 30, 3)])
def test_tiles_are_colour_squares(shape):
    tile = panels.tile(np.full(shape, 0.25, np.float32), 30)
    assert tile.shape == (30, 30, 3) and tile.dtype == np.float32
    assert tile[15, 15] == pytest.approx(0.25)


def test_pixels_stay_pixels_where_an_image_grows():
    image = np.array([[0.0, 1.0]])
    assert set(np.unique(panels.resized(image, (4, 8)))) == {0, 1}


@pytest.mark.parametrize(
    ("count", "expected"), [(2, [0, 1]), (4, [0, 1, 2, 3]), (8, [0, 2, 5, 7]), (100, [0, 33, 66, 99])]
)
def test_some_images_of_a_stack_are_picked(count, expected):
    assert panels.picked(count, 4) == expected
