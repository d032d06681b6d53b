"""Diagram of the GACN network, drawn from the module itself: a changed architecture changes the drawing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes

from study.figures import style
from study.figures.style import WIDTH, plt

if TYPE_CHECKING:
    from methods.gacn.network import GACN, Architecture

Point = tuple[float, float]

#: Colours of the kinds of boxes: light enough for black text, of different lightness in gray.
FILL = {"image": "#ffffff", "conv": "#cfe3f1", "attention": "#f7dfb3", "fixed": "#d9d9d9", "map": "#f3c6ad"}
#: Size of type, and of headings and formulas, in points.
_TYPE, _LARGE = 7, 8
#: Words for the activity levels of a feature.
_ACTIVITY = {"spatial_frequency": "spatial\nfrequency", "mean": "mean\nmagnitude", "maximum": "largest\nmagnitude"}


@dataclass(frozen=True)
class Layer:
    """A convolution block and the attention that follows it.

    Parameters
    ----------
    name : str
    inputs, outputs : int
        Channels.
    kernel : int
        Side of the convolution's kernel; 0 for a stage without convolution.
    attention : str
        What weighs its output, or an empty string.
    """

    name: str
    inputs: int
    outputs: int
    kernel: int
    attention: str


def describe(network: GACN) -> tuple[list[Layer], list[Layer]]:
    """Layers of the feature path and of the decision path.

    Parameters
    ----------
    network : methods.gacn.network.GACN

    Returns
    -------
    features, decision : list of Layer
    """
    design = network.architecture
    features, decision = [], []
    blocks: Any = network.features
    for number, block in enumerate(blocks):
        attention = ""
        if design.channel_attention:
            unit: Any = network.channel_attention[number].squeeze
            attention = f"cSE {unit.in_features}–{unit.out_features}–{unit.in_features}"
        features.append(_layer(f"Conv {number + 1}", block.conv, attention))
    spatial: list[Any] = list(network.spatial_attention) if design.spatial_attention else []
    sides = [f"sSE {unit.weight.shape[-2]} × {unit.weight.shape[-1]}" for unit in spatial]
    if sides:
        channels = spatial[0].weight.shape[1]
        decision.append(Layer("", channels, channels, 0, sides[0]))
    blocks = network.decision
    for number, block in enumerate(blocks):
        name = f"Conv {len(features) + number + 1}"
        decision.append(_layer(name, block.conv, sides[number + 1] if sides else ""))
    return features, decision


def _layer(name: str, conv: Any, attention: str) -> Layer:
    return Layer(name, conv.in_channels, conv.out_channels, conv.kernel_size[0], attention)


def draw(network: GACN, paths: Iterable[str | Path]) -> None:
    """Draw the diagram.

    Parameters
    ----------
    network : methods.gacn.network.GACN
    paths : iterable of path-like
    """
    from methods.gacn import network as code

    features, decision = describe(network)
    with style.drawing():
        figure = plt.figure(figsize=(WIDTH, 3.7))
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set(xlim=(0, 72), ylim=(0, 37))
        ax.set_axis_off()
        for middle, name in ((29.5, "1"), (20.0, "2")):
            _feature_path(ax, features, middle, name, network.architecture.activity, code.ACTIVITY_RADIUS)
        _box(ax, 66.0, 24.75, 9.0, 5.4, "fixed", f"comparison\n$\\sigma$({code.SLOPE:g} ($A_1 - A_2$))")
        for start in (29.5, 20.0):
            _arrow(ax, (57.6, start), (66.0 - 4.5, 24.75 + (start - 24.75) * 0.35))
        _decision_path(ax, decision, network.architecture.refinement, code.SLOPE)
        ax.text(1.0, 36.4, "Feature extraction path (weights shared by both images)", va="top", fontsize=_LARGE)
        _key(ax, network.architecture)
        style.save(
            figure, paths, "The GACN network, drawn from its code: kernel sizes, channels and attention of every layer."
        )


def _box(ax: Axes, x: float, y: float, width: float, height: float, kind: str, text: str, size: float = _TYPE) -> None:
    patch = plt.Rectangle(
        (x - width / 2, y - height / 2), width, height, facecolor=FILL[kind], edgecolor="black", linewidth=0.6, zorder=2
    )
    ax.add_patch(patch)
    ax.text(x, y, text, ha="center", va="center", fontsize=size, zorder=3, linespacing=1.15)


def _arrow(ax: Axes, start: Point, end: Point, bend: float = 0.0) -> None:
    line = {"arrowstyle": "-|>,head_length=0.25,head_width=0.12", "linewidth": 0.6, "color": "black"}
    line |= {"shrinkA": 0, "shrinkB": 0, "connectionstyle": f"arc3,rad={bend}"}
    ax.annotate("", end, start, arrowprops=line, zorder=1)


def _feature_path(ax: Axes, layers: Sequence[Layer], y: float, name: str, activity: str, radius: int) -> None:
    _box(ax, 3.2, y, 4.4, 4.4, "image", f"$I_{name}$\ngray", _LARGE)
    step, first = 10.0, 12.0
    places = [first + step * k for k in range(len(layers))]
    previous = 5.4
    for x, layer in zip(places, layers, strict=True):
        _arrow(ax, (previous, y), (x - 3.6, y))
        text = f"{layer.name}\n{layer.kernel} × {layer.kernel}\n{layer.inputs} → {layer.outputs}"
        _box(ax, x, y + (1.0 if layer.attention else 0), 7.2, 3.8, "conv", text)
        if layer.attention:
            _box(ax, x, y - 1.9, 7.2, 2.0, "attention", layer.attention)
        previous = x + 3.6
    for k, start in enumerate(places):
        for end in places[k + 2 :]:
            _arrow(ax, (start + 3.8, y + 2.9), (end - 2.0, y + 2.9), bend=-0.12)
    end = places[-1] + 3.6
    total = sum(layer.outputs for layer in layers)
    side = 2 * radius + 1
    _arrow(ax, (end, y), (50.4, y))
    text = f"{_ACTIVITY[activity]}\n{side} × {side}, {total}"
    _box(ax, 54.0, y, 7.2, 5.2, "fixed", text)
    ax.text(58.0, y + (1.0 if name == "1" else -1.8), f"$A_{name}$", fontsize=_LARGE, ha="left")


def _decision_path(ax: Axes, layers: Sequence[Layer], refinement: bool, slope: float) -> None:
    y, right = 9.5, 66.0
    end = 20.0 if refinement else 12.0
    step = (right - end) / max(len(layers), 1)
    width = min(7.2, step - 1.6)
    previous = right
    for k, layer in enumerate(layers):
        x = right - step * k
        if k == 0:
            _arrow(ax, (x, 22.05), (x, y + (1.9 if layer.kernel == 0 else 3.0)))
        else:
            _arrow(ax, (previous, y), (x + width / 2, y))
        conv = layer.kernel > 0
        if conv:
            text = f"{layer.name}\n{layer.kernel} × {layer.kernel}\n{layer.inputs} → {layer.outputs}"
            _box(ax, x, y + (1.0 if layer.attention else 0), width, 3.8, "conv", text)
        if layer.attention:
            _box(ax, x, y - 1.9 if conv else y, width, 2.0 if conv else 3.6, "attention", layer.attention)
        previous = x - width / 2
    x = right - step * len(layers)
    _arrow(ax, (previous, y), (x + 2.6, y))
    _box(ax, x, y, 5.2, 4.6, "map", f"$D$\n$\\sigma$({slope:g} ·)", _LARGE)
    if refinement:
        _arrow(ax, (x - 2.6, y), (15.2, y))
        _box(ax, 11.9, y, 6.6, 5.2, "fixed", "boundary-\nguided\nrefinement")
        _arrow(ax, (8.6, y), (6.0, y))
        _box(ax, 3.6, y, 4.8, 4.6, "map", "$R$", _LARGE)
    weight = "R" if refinement else "D"
    ax.text(3.6 if refinement else 9.4, 3.9, f"$F = {weight}\\,I_1 + (1 - {weight})\\,I_2$", ha="left", fontsize=_LARGE)
    ax.text(1.0, 14.4, "Decision path", fontsize=_LARGE)


def _key(ax: Axes, design: Architecture) -> None:
    words = [("conv", "convolution, ReLU, batch norm")]
    if design.channel_attention or design.spatial_attention:
        words.append(("attention", "attention"))
    words += [("fixed", "without parameters"), ("map", "decision map")]
    for number, (kind, text) in enumerate(words):
        x = 17 + 12.0 * number + (6.0 if number else 0)
        _box(ax, x, 1.5, 1.6, 1.2, kind, "")
        ax.text(x + 1.3, 1.5, text, va="center", fontsize=_TYPE)
