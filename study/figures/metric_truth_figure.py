"""The metrics against the truth: how far each orders the methods as the errors do."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

import metrics
from study.figures import style
from study.figures.style import PALETTE, Mark, plt
from study.tables import metric_truth_table
from study.tables.metric_trust_table import LEAST_CORRELATION
from study.tables.metric_truth_table import COMPARISONS
from study.tables.truth_sets import ALL_SETS, ERROR

#: Marks that tell the truth sets apart, in gray print too.
_SETS = tuple(
    Mark(PALETTE[colour], marker)
    for colour, marker in (("blue", "o"), ("red", "s"), ("green", "D"), ("orange", "v"), ("pink", "^"), ("sky", "P"))
)
_ALL = Mark("black", "|")

#: What is written beside the figure.
CAPTION = (
    "Spearman's rank correlation over methods between each metric and PSNR against the truth: mean over the scenes of a truth set with a "
    f"bootstrap 95 % interval; the black bar is the mean over the scenes of all sets of this run. The best metric comes first. Dashed: {LEAST_CORRELATION}, "
    "what a trusted metric must exceed. Controls are left out."
)


def draw(rows: pd.DataFrame, paths: Iterable[str | Path]) -> None:
    """Draw the mean rank correlation of every metric with PSNR in every truth set, with bootstrap intervals.

    The best metric over all sets comes first; a panel per group of methods.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``metric_truth.csv``, as text.
    paths : iterable of path-like
    """
    rows = metric_truth_table.known(rows)
    rows = rows.assign(spearman=rows["spearman"].astype(float))
    shown = [c for c in COMPARISONS if c.metric == ERROR and (rows["comparison"] == c.id).any()]
    if not shown:
        return style.message("No data set of this run has scenes with truth and enough methods.", paths)
    ids = _best_first(rows[rows["comparison"] == shown[0].id])
    labels = dict(zip(rows["dataset"], rows["label"], strict=True))
    names = [name for name in labels if name != ALL_SETS]
    marks = {name: _SETS[place % len(_SETS)] for place, name in enumerate(names)}
    marks |= {ALL_SETS: _ALL} if ALL_SETS in labels else {}
    with style.drawing():
        figure, axes = style.plots(len(shown), 1.3 + max(0.2, 0.045 * len(names)) * len(ids), sharey=True)
        for ax, comparison in zip(axes, shown, strict=True):
            _panel(ax, comparison.title, rows[rows["comparison"] == comparison.id], ids, marks)
        axes[0].set_ylim(len(ids) - 0.5, -0.5)
        axes[0].set_yticks(range(len(ids)), [style.formula(metrics.registry.get(m)) for m in ids])
        figure.supxlabel("Spearman correlation over methods, mean over scenes (95 % interval)", fontsize=7.5)
        handles = [
            plt.Line2D([], [], color=c, marker=m, linestyle="", markersize=4, label=style.plain(labels[name]))
            for name, (c, m) in marks.items()
        ]
        style.legend(figure, handles, "outside upper center")
        style.save(figure, paths, CAPTION)


def _best_first(rows: pd.DataFrame) -> list[str]:
    """Metrics by their mean correlation, that over the scenes of all sets where there is one."""
    together = rows["dataset"] == ALL_SETS
    means = [part.groupby("metric", sort=False)["spearman"].mean() for part in (rows[together], rows[~together])]
    return [str(name) for name in means[0].combine_first(means[1]).sort_values(ascending=False, kind="stable").index]


def _panel(ax: Axes, title: str, rows: pd.DataFrame, ids: Sequence[str], marks: Mapping[str, Mark]) -> None:
    # All sets together stand on the line of the metric, the single sets around it.
    own = [name for name in marks if name != ALL_SETS]
    shift = {ALL_SETS: 0.0} | {
        name: 0.7 / max(len(own), 1) * (place - (len(own) - 1) / 2) for place, name in enumerate(own)
    }
    for _, row in rows[rows["metric"].isin(ids)].iterrows():
        place = ids.index(row["metric"]) + shift[row["dataset"]]
        colour, marker = marks[row["dataset"]]
        if row["dataset"] == ALL_SETS:
            ax.plot(row["spearman"], place, marker, color=colour, markersize=9, markeredgewidth=1)
            continue
        if row["spearman_low"]:
            ax.plot([float(row["spearman_low"]), float(row["spearman_high"])], [place] * 2, color=colour, linewidth=0.8)
        ax.plot(row["spearman"], place, marker, color=colour, markersize=2.6, markeredgewidth=0)
    ax.axvline(0, color="black", linewidth=0.6)
    ax.axvline(LEAST_CORRELATION, color="black", linewidth=0.6, linestyle=(0, (4, 3)))
    ax.set_xlim(-1.03, 1.03)
    ax.set_xticks([-1, -0.5, 0, 0.5, 1])
    style.light_grid(ax, "x")
    for boundary in np.arange(0.5, len(ids) - 1):
        ax.axhline(boundary, color="#dddddd", linewidth=0.4)
    first, _, second = title.partition(", ")
    ax.set_title(f"{first}:\n{second}", fontsize=7.5)
