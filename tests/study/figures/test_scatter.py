"""Points of methods in a panel."""

from study.figures import scatter, style
from study.figures.scatter import Point


def test_the_worst_methods_may_lie_outside_a_panel_and_better_ones_never():
    values = [0.1, 0.2, 0.7, 0.71, 0.72, 0.73, 0.74, 0.75, 0.76, 0.77]
    low, high = scatter.limits("larger", values)
    assert 0.2 < low < 0.7 and high > 0.77
    low, high = scatter.limits("smaller", values)
    assert low < 0.1 and 0.75 < high < 1.0


def test_names_avoid_what_lies_there():
    assert scatter.covered((0, 0, 10, 5), [(5, 0, 20, 5)], 100, 100) == 25
    assert scatter.covered((-10, 0, 10, 5), [], 100, 100) == 150


def test_a_point_outside_the_panel_has_an_arrow_and_no_name():
    points = [Point(k, 0.7 + k / 100, f"M{k}", "spatial") for k in range(9)] + [Point(3, 0.1, "Worst", "learned")]
    with style.drawing():
        figure, (ax,) = style.plots(1, 3)
        scatter.mark(ax, points, [])
        scatter.limit(ax, points, "larger")
        figure.draw_without_rendering()
        scatter.name(ax, points, points)
        # A fifth of the ten may lie outside: M0 and the worst.
        assert {text.get_text() for text in ax.texts} == {f"M{k}" for k in range(1, 9)}
        assert [line.get_marker() for line in ax.lines[len(points) :]] == [7, 7]
        style.plt.close(figure)


def test_the_better_end_can_be_above():
    points = [Point(k, float(k), f"M{k}", "spatial") for k in range(10)]
    with style.drawing():
        figure, (ax,) = style.plots(1, 3)
        scatter.limit(ax, points, "smaller", better_above=True)
        assert ax.get_ylim()[0] > ax.get_ylim()[1]
        # What lies beyond the lower edge points down.
        assert [line.get_marker() for line in ax.lines] == [7, 7]
        style.plt.close(figure)
