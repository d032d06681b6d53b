"""Figures of the training: losses by epoch, and what every design choice of the network is worth."""

import matplotlib.pyplot as plt
import numpy as np

import metrics
from study.figures import style as figures

#: Training and held-out images (Okabe and Ito's palette).
COLOURS = {"train": "#0072B2", "validation": "#D55E00"}
PARTS = {"total": "total loss", "dice": "dice loss", "gradient": "gradient loss ($1 - Q_G$)"}


def losses(name, rows, paths, reason=""):
    """Total, dice and gradient loss of training and validation by epoch, and the learning rate.

    Parameters
    ----------
    name : str
        Name of the run.
    rows : list of dict
        Rows of its ``log.csv``.
    paths : list of path-like
    reason : str
        Why there is nothing to draw.
    """
    if not rows:
        return figures.message(f"Training {name}: nothing to draw ({reason or 'no epoch is finished'})", paths)
    epochs = [int(row["epoch"]) for row in rows]
    best = min(rows, key=lambda row: float(row["validation_total"]))
    with plt.rc_context(figures._RC):
        figure, axes = plt.subplots(2, 2, figsize=(figures.WIDTH, 4.2), layout="constrained", sharex=True)
        outside = False
        for ax, (part, label) in zip(axes.flat, PARTS.items(), strict=False):
            curves = {kind: np.array([float(row[f"{kind}_{part}"]) for row in rows]) for kind in COLOURS}
            top = _top(curves)
            for (kind, values), style in zip(curves.items(), ("-", "--"), strict=True):
                inside = np.where(values <= top, values, np.nan)
                ax.plot(epochs, inside, style, color=COLOURS[kind], linewidth=1.1, marker=".", markersize=3, label=kind)
                beyond = [epoch for epoch, value in zip(epochs, values, strict=True) if value > top]
                ax.plot(beyond, [top] * len(beyond), "^", color=COLOURS[kind], markersize=3)
                outside |= bool(beyond)
            ax.axvline(int(best["epoch"]), color="#999999", linewidth=0.6, linestyle=":")
            ax.set_title(label)
        axes[1, 1].plot(epochs, [float(row["learning_rate"]) for row in rows], color="#555555", linewidth=1.1)
        axes[1, 1].set_title("learning rate")
        axes[1, 1].ticklabel_format(axis="y", style="sci", scilimits=(0, 0), useMathText=True)
        for ax in axes.flat:
            ax.grid(linewidth=0.3, color="#dddddd")
            ax.xaxis.get_major_locator().set_params(integer=True)
        for ax in axes[1]:
            ax.set_xlabel("epoch")
        figure.suptitle(
            f"Training {name}: {len(rows)} epochs; lowest validation loss {float(best['validation_total']):.4f} in "
            f"epoch {best['epoch']} (dotted line)" + ("\ntriangles: larger than the axis shows" if outside else ""),
            fontsize=9,
        )
        handles, labels = axes[0, 0].get_legend_handles_labels()
        labels = ["training images", "held-out images"][: len(labels)]
        figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
        figures.save(figure, paths)
    return None


def _top(curves):
    """Upper end of the axis: twice the range of the training loss above its minimum, so that jumps of the validation do not flatten all else."""
    training = curves["train"]
    everything = np.concatenate(list(curves.values()))
    return min(everything.max(), max(2 * training.max() - training.min(), np.median(everything)))


def ablation(parts, paths):
    """Difference of every variant from the complete network, metric by metric, with its standard error over scenes.

    Parameters
    ----------
    parts : list of (dict, list of dict)
        Description of a data set and its rows (`study.gacn.ablation_table.build`). A set with truth shows the errors against it,
        one without the six metrics.
    paths : list of path-like
    """
    panels = []
    for described, rows in parts:
        differences = [row for row in rows if row.get("difference")]
        measured = dict.fromkeys(row["metric"] for row in differences)
        chosen = [m for m in measured if m not in metrics.SIX] or list(measured)
        panels += [(described, metrics.registry.get(m), [r for r in differences if r["metric"] == m]) for m in chosen]
    if not panels:
        return figures.message("Ablation: nothing to compare (see the table)", paths)
    labels = list(dict.fromkeys(row["label"] for _, _, rows in panels for row in rows))
    columns = 3
    count = -(-len(panels) // columns)
    with plt.rc_context(figures._RC):
        figure, axes = plt.subplots(
            *(count, columns),
            figsize=(figures.WIDTH, 0.5 + count * (0.5 + 0.15 * len(labels))),
            layout="constrained",
            sharey=True,
            squeeze=False,
        )
        for ax in axes.flat[len(panels) :]:
            ax.set_axis_off()
        for ax, panel in zip(axes.flat, panels, strict=False):
            _difference_panel(ax, *panel, labels)
        figure.suptitle(
            "Ablation: difference from the complete network (bar: mean over scenes, line: standard error)", fontsize=9
        )
        handles = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in (_BETTER, _WORSE)]
        figure.legend(
            handles,
            ["better than the complete network (arrow: direction of better values)", "worse"],
            loc="outside lower center",
            ncols=2,
            frameon=False,
        )
        figures.save(figure, paths)
    return None


_BETTER, _WORSE = "#56B4E9", "#D55E00"


def _difference_panel(ax, described, metric, rows, labels):
    sign = 1 if metric.direction == "larger" else -1
    for row in rows:
        place = len(labels) - 1 - labels.index(row["label"])
        value = float(row["difference"])
        error = float(row["standard_error"]) if row["standard_error"] else np.nan
        ax.barh(place, value, height=0.62, color=_BETTER if sign * value >= 0 else _WORSE, alpha=0.85)
        ax.errorbar(value, place, xerr=error, color="black", linewidth=0.7)
    ax.axvline(0, color="black", linewidth=0.6)
    ax.set_yticks(range(len(labels)), labels[::-1])
    ax.set_ylim(-0.6, len(labels) - 0.4)
    ax.grid(axis="x", linewidth=0.3, color="#dddddd")
    ax.locator_params(axis="x", nbins=3)
    ax.margins(x=0.08)
    arrow = r"\uparrow" if sign > 0 else r"\downarrow"
    name = metric.label.lower() + " " if metric.family == "truth" else f"${metric.latex}\\,$"
    ax.set_title(f"{described['label']}: {name}${arrow}$", fontsize=7)
