"""The style: legends, empty places, texts as they stand."""

import matplotlib
import pytest
from matplotlib.mathtext import MathTextParser

import methods
import metrics
from study.figures import style


def test_every_kind_of_method_has_a_mark_of_its_own():
    assert set(style.STYLE) == set(methods.KINDS)
    assert (
        len({mark.colour for mark in style.STYLE.values()})
        == len({mark.marker for mark in style.STYLE.values()})
        == len(methods.KINDS)
    )


def test_the_style_ends_with_the_drawing():
    before = matplotlib.rcParams["font.size"]
    with style.drawing():
        assert matplotlib.rcParams["font.size"] != before
    assert matplotlib.rcParams["font.size"] == before


@pytest.mark.parametrize("label", ["a $b$ c", "$5", "_private", r"\frac{1}{2}", "a_b^c"])
def test_labels_are_drawn_letter_by_letter(label):
    with style.drawing():
        figure, axes = style.plots(1, 2)
        handle = axes[0].plot([1], label=style.plain(label))[0]
        style.legend(figure, [handle])
        (text,) = figure.legends[0].get_texts()
        drawn, is_formula = text._preprocess_math(text.get_text())
        assert drawn.lstrip("\u200b") == label and not is_formula
        figure.canvas.draw()
        style.plt.close(figure)


def test_a_legend_names_each_kind_once():
    handles = style.kind_handles(["spatial", "learned", "spatial"])
    assert [handle.get_label() for handle in handles] == ["spatial", "learned"]


def test_places_without_a_panel_stay_empty():
    figure, axes = style.plots(4, 2)
    assert len(axes) == 4 and [ax.axison for ax in figure.axes] == [True] * 4 + [False] * 2
    style.plt.close(figure)
    figure, axes = style.plots(2, 2)
    assert len(figure.axes) == 2
    style.plt.close(figure)


def test_the_six_metrics_come_first_and_others_only_without_them():
    assert [m.id for m in style.six(["psnr", "q_g", "q_mi"])] == ["q_mi", "q_g"]
    assert [m.id for m in style.six(metrics.registry.ids())] == list(metrics.SIX)
    assert [m.id for m in style.six(["ssim", "psnr"])] == ["psnr", "ssim"]


def test_a_message_is_a_figure(twice):
    twice(style.message, "nothing: $x$ is missing")


@pytest.mark.parametrize("name", metrics.registry.ids())
def test_symbols_can_be_drawn(name):
    box = MathTextParser("path").parse(style.formula(metrics.registry.get(name)))
    assert box.width > 0
