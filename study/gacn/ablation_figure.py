"""What every design choice of the network is worth: difference of each variant from the complete network, metric by metric."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

import metrics
from study.figures import style
from study.figures.style import PALETTE, plt
from study.gacn.labels import label

_BETTER, _WORSE = PALETTE["sky"], PALETTE["red"]


def draw(frame: pd.DataFrame, paths: Iterable[str | Path]) -> None:
    """Draw the differences with their standard errors over scenes.

    A data set with truth shows the errors against it, one without the six metrics.

    Parameters
    ----------
    frame : pandas.DataFrame
        From `study.gacn.ablation_table.compare`, of all data sets.
    paths : iterable of path-like
    """
    compared = frame[frame["difference"].notna()]
    panels = [panel for _, rows in compared.groupby("dataset", sort=False) for panel in _panels(rows)]
    if not panels:
        return style.message("Ablation: nothing to compare (see the table)", paths)
    labels = list(compared["label"].unique())
    with style.drawing():
        height = 0.5 + -(-len(panels) // 3) * (0.5 + 0.15 * len(labels))
        figure, axes = style.plots(len(panels), height, sharey=True)
        for ax, (metric, rows) in zip(axes, panels, strict=True):
            _draw_panel(ax, metric, rows, labels)
        words = {
            _BETTER: "better than the complete network (arrow: direction of better values)",
            _WORSE: "worse",
        }
        style.legend(figure, [plt.Rectangle((0, 0), 1, 1, color=colour, label=text) for colour, text in words.items()])
        same = ", ".join(
            sorted({f"{row['label']} ({metrics.registry.get(row['metric']).label})" for row in _equal(compared)})
        )
        caption = (
            "GACN without one of its design choices at a time: difference from the complete network, mean over the scenes (bar) and standard "
            "error (line). The arrow beside a metric shows the direction of better values."
            + (f" No bar, since the decision map is the same: {same}." if same else "")
        )
        style.save(figure, paths, caption)


def _equal(compared: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows in which a variant equals the complete network in every scene, as one that changes only how maps are applied does."""
    return [
        {"label": str(row["label"]), "metric": str(row["metric"])}
        for row in compared.to_dict("records")
        if row["difference"] == 0 and row["standard_error"] == 0 and row["label"] != compared["label"].iloc[0]
    ]


def _panels(rows: pd.DataFrame) -> list[tuple[metrics.Metric, pd.DataFrame]]:
    """Metrics of one data set, each with its rows."""
    measured = list(rows["metric"].unique())
    chosen = [metric for metric in measured if metric not in metrics.SIX] or measured
    return [(metrics.registry.get(metric), rows[rows["metric"] == metric]) for metric in chosen]


def _draw_panel(ax: Axes, metric: metrics.Metric, rows: pd.DataFrame, labels: Sequence[str]) -> None:
    sign = 1 if metric.direction == "larger" else -1
    places = np.array([len(labels) - 1 - labels.index(text) for text in rows["label"]])
    values = rows["difference"].to_numpy()
    colours = [_BETTER if sign * value >= 0 else _WORSE for value in values]
    ax.barh(places, values, height=0.62, color=colours, alpha=0.85)
    ax.errorbar(values, places, xerr=rows["standard_error"], fmt="none", ecolor="black", elinewidth=0.7)
    ax.axvline(0, color="black", linewidth=0.6)
    ax.set_yticks(range(len(labels)), list(map(style.plain, labels[::-1])))
    ax.set_ylim(-0.6, len(labels) - 0.4)
    style.light_grid(ax, "x")
    ax.locator_params(axis="x", nbins=3)
    ax.margins(x=0.08)
    arrow = r"\uparrow" if sign > 0 else r"\downarrow"
    name = metric.label.lower() + " " if metric.family == "truth" else f"${metric.latex}\\,$"
    dataset = style.plain(label(rows["dataset"].iloc[0]))
    ax.set_title(f"{dataset}: {name}${arrow}$", fontsize=7)
