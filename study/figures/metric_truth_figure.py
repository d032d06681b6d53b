"""The metrics against the truth: how far each orders the methods as the errors do."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

import metrics
from study.figures import style
from study.figures.style import PALETTE, Mark, plt
from study.tables.metric_truth_table import COMPARISONS

#: Marks that tell the data sets apart, in gray print too.
_SETS = (Mark(PALETTE["blue"], "o"), Mark(PALETTE["red"], "s"), Mark(PALETTE["green"], "D"), Mark(PALETTE["pink"], "^"))


def draw(rows: pd.DataFrame, paths: Iterable[str | Path]) -> None:
    """Draw the mean rank correlation of every metric with the errors against the truth, with bootstrap intervals.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``metric_truth.csv``, as text.
    paths : iterable of path-like
    """
    shown = [c for c in COMPARISONS if len(rows) and (rows["comparison"] == c.id).any()]
    if not shown:
        return style.message("No data set of this run has scenes with truth and enough methods.", paths)
    ids = list(dict.fromkeys(rows["metric"]))
    labels = dict(zip(rows["dataset"], rows["label"], strict=True))
    marks = {name: _SETS[place % len(_SETS)] for place, name in enumerate(labels)}
    with style.drawing():
        figure, axes = style.plots(len(shown), 1.3 + 0.24 * len(ids), sharey=True)
        for ax, comparison in zip(axes, shown, strict=True):
            _panel(ax, comparison.title, rows[rows["comparison"] == comparison.id], ids, marks)
        axes[0].set_ylim(len(ids) - 0.5, -0.5)
        axes[0].set_yticks(range(len(ids)), [f"${metrics.registry.get(m).latex}$" for m in ids])
        figure.supxlabel("Spearman correlation over methods, mean over scenes (95 % interval)", fontsize=7.5)
        handles = [
            plt.Line2D([], [], color=c, marker=m, linestyle="", markersize=4, label=style.plain(labels[name]))
            for name, (c, m) in marks.items()
        ]
        style.legend(figure, handles, "outside upper center")
        style.save(figure, paths)


def _panel(ax: Axes, title: str, rows: pd.DataFrame, ids: Sequence[str], marks: Mapping[str, Mark]) -> None:
    shift = {name: 0.3 * (place - (len(marks) - 1) / 2) for place, name in enumerate(marks)}
    for _, row in rows.iterrows():
        place = ids.index(row["metric"]) + shift[row["dataset"]]
        colour, marker = marks[row["dataset"]]
        if row["spearman_low"]:
            ax.plot([float(row["spearman_low"]), float(row["spearman_high"])], [place] * 2, color=colour, linewidth=1)
        ax.plot(float(row["spearman"]), place, marker, color=colour, markersize=4, markeredgewidth=0)
    ax.axvline(0, color="black", linewidth=0.6)
    ax.set_xlim(-1.03, 1.03)
    ax.set_xticks([-1, -0.5, 0, 0.5, 1])
    style.light_grid(ax, "x")
    for boundary in np.arange(0.5, len(ids) - 1):
        ax.axhline(boundary, color="#eeeeee", linewidth=0.4)
    first, _, second = title.partition(", ")
    ax.set_title(f"{first}:\n{second}", fontsize=7.5)
