"""Rows of panels of different size."""

import itertools

import pytest

from study.figures import style
from study.gacn.panel_rows import panel_rows


@pytest.mark.parametrize("rows", [[(6, 0.5), (2, 0.5)], [(1, 2.0)], [(3, 0.1), (4, 1.5), (2, 0.7)]])
def test_panels_have_their_shape_and_do_not_meet(rows):
    figure, axes = panel_rows(rows, foot=0.4)
    boxes = [[ax.get_position().transformed(figure.transFigure) for ax in row] for row in axes]
    for (count, ratio), row in zip(rows, boxes, strict=True):
        assert len(row) == count
        assert all(box.height / box.width == pytest.approx(ratio) for box in row)
        assert all(left.x1 < right.x0 for left, right in itertools.pairwise(row))
        assert row[-1].x1 == pytest.approx(style.WIDTH * figure.dpi)
    assert all(upper[0].y0 > lower[0].y1 for upper, lower in itertools.pairwise(boxes))
    assert boxes[-1][0].y0 > 0.4 * figure.dpi
    style.plt.close(figure)
