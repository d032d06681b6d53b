"""The one style of all figures: sizes, colours and markers, grid, legend; files with equal bytes for equal data.

A figure is drawn inside `drawing` and written with `save`::

    with style.drawing():
        figure, axes = style.plots(len(chosen), height)
        ...
        style.legend(figure, style.kind_handles(kinds))
        style.save(figure, paths, "What is shown.")

No figure has a title inside: what it shows stands in a caption file beside it.
"""

import contextlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

os.environ.setdefault("SOURCE_DATE_EPOCH", "0")

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.text import Text

import metrics
from files.atomic import atomic, write_text
from metrics import Metric
from study.entries import Entry


class Mark(NamedTuple):
    """Colour and marker of a family of methods."""

    colour: str
    marker: str


#: Okabe and Ito's palette, safe for colour-blind readers, by name of the colour.
PALETTE = {
    "blue": "#0072B2",
    "green": "#009E73",
    "orange": "#E69F00",
    "pink": "#CC79A7",
    "red": "#D55E00",
    "sky": "#56B4E9",
    "gray": "#999999",
}

#: One mark per family of methods.
STYLE = {
    "control": Mark(PALETTE["gray"], "o"),
    "transform": Mark(PALETTE["blue"], "s"),
    "sparse": Mark(PALETTE["green"], "D"),
    "spatial": Mark(PALETTE["orange"], "^"),
    "learned": Mark(PALETTE["pink"], "v"),
    "published": Mark(PALETTE["sky"], "X"),
    "external": Mark("#000000", "P"),
    "proposed": Mark(PALETTE["red"], "*"),
}

#: Names of families in legends where their name alone does not say enough.
_WORDS = {"published": "published (images by the authors, not re-run)"}

#: Width of two printed columns, in inches.
WIDTH = 7.16

#: Size of the title of a whole figure, in points.
TITLE_SIZE = 9

#: Resolution of PNG files and of images inside figures, in pixels per inch of print.
RESOLUTION = 300

_RC: dict[Any, Any] = {
    # Times-like, with formulas in the same type; matplotlib brings it, so that every machine draws the same.
    "font.family": ["STIXGeneral", "DejaVu Sans"],
    "mathtext.fontset": "stix",
    "font.size": 8,
    "axes.titlesize": 9,
    "figure.titlesize": TITLE_SIZE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "pdf.fonttype": 42,
    "svg.hashsalt": "focusbench",
    "figure.dpi": 100,
}


@contextlib.contextmanager
def drawing() -> Iterator[None]:
    """The style, for as long as a figure is drawn and saved."""
    with plt.rc_context(_RC):
        yield


def save(figure: Figure, paths: Iterable[str | Path], caption: str = "") -> None:
    """Write a figure to every path (PNG or PDF by the ending; .txt gets the caption), atomically and without dates, and close it."""
    for path in paths:
        if str(path).endswith(".txt"):
            write_text(path, f"{' '.join(caption.split())}\n")
            continue
        metadata = {"Software": None} if str(path).endswith(".png") else {"CreationDate": None, "Producer": None}
        # A PDF holds the pixels of images as they are; in a PNG they are averaged to its own.
        for image in figure.findobj(AxesImage):
            if image.get_interpolation() != "nearest":
                image.set_interpolation("none" if str(path).endswith(".pdf") else "antialiased")
        with atomic(path) as temporary:
            figure.savefig(temporary, dpi=RESOLUTION, metadata=metadata)
    plt.close(figure)


#: How the caption of a figure begins that only says why there is nothing to draw.
NOT_DRAWN = "Not drawn: "


def message(text: str, paths: Iterable[str | Path]) -> None:
    """A figure that only says why there is nothing to draw; its caption begins with `NOT_DRAWN`."""
    with drawing():
        figure = plt.figure(figsize=(WIDTH, 1.2), layout="constrained")
        figure.text(0.5, 0.5, plain(text), ha="center", va="center", wrap=True)
        save(figure, paths, f"{NOT_DRAWN}{text}")


def plain(text: str) -> str:
    """Text of a run (a label, a scene, a reason) as matplotlib shows it letter by letter.

    A dollar sign would begin a formula, and legends leave out labels that begin with an underscore.
    """
    shown = text.replace("$", r"\$")
    return f"\u200b{shown}" if shown.startswith("_") else shown


def plots(count: int, height: float, columns: int = 3, **options: Any) -> tuple[Figure, list[Axes]]:
    """A figure of the printed width with `count` panels in rows of `columns`; places left over stay empty.

    Parameters
    ----------
    count : int
    height : float
        Of the figure, in inches.
    columns : int
        Fewer where there are fewer panels.
    **options
        Of `matplotlib.pyplot.subplots`, such as ``sharey``.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : list of matplotlib.axes.Axes
        One per panel.
    """
    columns = min(columns, count)
    size = (WIDTH, height)
    figure, axes = plt.subplots(
        -(-count // columns), columns, figsize=size, layout="constrained", squeeze=False, **options
    )
    for ax in axes.flat[count:]:
        ax.set_axis_off()
    return figure, list(axes.flat[:count])


def light_grid(ax: Axes, axis: Literal["both", "x", "y"] = "both") -> None:
    """Thin light lines across a panel."""
    ax.grid(axis=axis, linewidth=0.3, color="#dddddd")


def kind_handles(kinds: Iterable[str]) -> list[Artist]:
    """What a legend shows for families of methods (repeated names once, in their order)."""
    return [
        plt.Line2D(
            [], [], color=STYLE[k].colour, marker=STYLE[k].marker, linestyle="", markersize=5, label=_WORDS.get(k, k)
        )
        for k in dict.fromkeys(kinds)
    ]


#: Width of a legend's line, and of a handle with its gaps, in letters of its type.
_LINE, _HANDLE = 140, 11


def legend(
    figure: Figure,
    handles: Sequence[Artist],
    place: Literal["outside lower center", "outside upper center"] = "outside lower center",
) -> None:
    """Labelled handles below or above all panels: one line, or more where they do not fit into the printed width."""
    labels = [str(handle.get_label()) for handle in handles]
    lines = -(-sum(len(label) + _HANDLE for label in labels) // _LINE)
    figure.legend(handles, labels, loc=place, ncols=max(1, -(-len(labels) // max(1, lines))))


#: A hyphen in LaTeX's mathematics, and in matplotlib's.
_HYPHEN, _SHOWN_HYPHEN = r"\mbox{-}", "\u2010"


def formula(metric: Metric) -> str:
    """Symbol of a metric as matplotlib sets it: its mathematics knows no boxes, and a plain hyphen is a minus sign there."""
    return f"${metric.latex.replace(_HYPHEN, _SHOWN_HYPHEN)}$"


def direction(metric: Metric) -> str:
    """Which values of a metric are better, in words."""
    return f"{metric.direction} is better"


def six(available: Iterable[str]) -> list[Metric]:
    """The metrics that a figure of six panels shows: the paper's six as far as there are any, else the first by name."""
    known = set(available)
    chosen = [name for name in metrics.SIX if name in known] or sorted(known)[:6]
    return [metrics.registry.get(name) for name in chosen]


#: Methods that a figure with one line per method shows at most: more do not fit on a page at a size that can be read.
MOST = 24


def emphasise(labels: Iterable[Text], names: Iterable[str], emphasised: Collection[str]) -> None:
    """Print the labels of an axis in bold and in the colour of the proposed method where they name an emphasised method.

    Parameters
    ----------
    labels : iterable of matplotlib.text.Text
    names : iterable of str
        Names of the entries that the labels stand for.
    emphasised : collection of str
        As of `study.store.About.emphasised`.
    """
    for label, name in zip(labels, names, strict=True):
        if name in emphasised:
            label.set(color=STYLE["proposed"].colour, fontweight="bold")


def chosen(entries: Sequence[Entry], mean_rank: Mapping[str, float], kept: Collection[str]) -> list[Entry]:
    """The entries of a figure that has room for `MOST`, in their order: all, or those that lead, and those that are kept in any case.

    Parameters
    ----------
    entries : sequence of study.entries.Entry
    mean_rank : mapping
        Name -> mean rank; entries without one, such as controls, are left out when there are too many.
    kept : collection of str
        Names, as of `study.store.About.emphasised`.
    """
    if len(entries) <= MOST:
        return list(entries)
    ranked = [entry for entry in entries if np.isfinite(mean_rank.get(entry.name, np.nan))]
    leading = sorted(ranked, key=lambda entry: (entry.name not in kept, mean_rank[entry.name]))[:MOST]
    return [entry for entry in entries if entry in leading]


def mean_ranks(good: pd.DataFrame, entries: Iterable[Entry]) -> dict[str, float]:
    """Mean rank of every entry but the controls, over the six metrics (those there are), from means over the scenes.

    Parameters
    ----------
    good : pandas.DataFrame
        Scores, one row per scene, method and metric.
    entries : iterable of study.entries.Entry
    """
    names = [entry.name for entry in entries if not entry.is_control]
    means = good[good["method"].isin(names)].groupby(["method", "metric"])["value"].mean().unstack()
    ranks = pd.DataFrame(index=means.index)
    for metric in six(means.columns):
        ranks[metric.id] = means[metric.id].rank(ascending=metric.direction == "smaller")
    return {str(name): float(rank) for name, rank in ranks.mean(axis=1).items()}
