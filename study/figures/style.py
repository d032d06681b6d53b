"""Figures from saved tables: box plots per metric, quality against time. Deterministic bytes, one palette."""

import os

os.environ.setdefault("SOURCE_DATE_EPOCH", "0")

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

import metrics
from files.atomic import atomic

#: One colour and marker per family of methods (Okabe and Ito's palette, safe for colour-blind readers).
STYLE = {
    "control": ("#999999", "o"),
    "transform": ("#0072B2", "s"),
    "sparse": ("#009E73", "D"),
    "spatial": ("#E69F00", "^"),
    "learned": ("#CC79A7", "v"),
    "proposed": ("#D55E00", "*"),
}

#: Width of a printed text block, in inches.
WIDTH = 7.2

_RC = {
    "font.size": 7.5,
    "axes.titlesize": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "pdf.fonttype": 42,
    "svg.hashsalt": "focusbench",
    "figure.dpi": 100,
}


def save(figure, paths):
    """Write a figure to every path (PNG at 200 dpi, PDF), atomically and without dates, and close it."""
    for path in paths:
        metadata = {"Software": None} if str(path).endswith(".png") else {"CreationDate": None, "Producer": None}
        with atomic(path) as temporary:
            figure.savefig(temporary, dpi=200, metadata=metadata)
    plt.close(figure)


def message(text, paths):
    """A figure that only says why there is nothing to draw."""
    with plt.rc_context(_RC):
        figure = plt.figure(figsize=(WIDTH, 1.2), layout="constrained")
        figure.text(0.5, 0.5, text, ha="center", va="center", wrap=True)
        save(figure, paths)


def _six(available):
    chosen = [m for m in metrics.SIX if m in available]
    return [metrics.registry.get(m) for m in (chosen or sorted(available)[:6])]


def boxes(described, entries, rows, paths):
    """Box plot per metric over the scenes, one box per method, every scene a dot.

    Parameters
    ----------
    described : dict
        From `study.run.sources.collect`.
    entries : list of study.config.Entry
    rows : list of dict
        Tidy scores.
    paths : list of path-like
    """
    values = {}
    for row in rows:
        if row["status"] == "ok":
            values.setdefault((row["method"], row["metric"]), []).append(float(row["value"]))
    present = [e for e in entries if any(key[0] == e.name for key in values)]
    if not present:
        return message(f"{described['label']}: no scores ({described['reason'] or 'see the table'})", paths)
    chosen = _six({metric for _, metric in values})
    height = 0.5 + 2 * (0.45 + 0.145 * len(present))
    with plt.rc_context(_RC):
        figure, axes = plt.subplots(2, 3, figsize=(WIDTH, height), layout="constrained", sharey=True)
        for ax in axes.flat[len(chosen) :]:
            ax.set_axis_off()
        for ax, metric in zip(axes.flat, chosen, strict=False):
            _box_panel(ax, metric, present, values)
        scenes = sum(s["status"] == "ok" for s in described["scenes"])
        figure.suptitle(f"{described['label']}: n = {scenes} scenes (box: quartiles, dots: scenes)", fontsize=9)
        _legend(figure, present)
        save(figure, paths)
    return None


def _box_panel(ax, metric, entries, values):
    for place, entry in enumerate(reversed(entries)):
        colour, _ = STYLE[entry.declared.kind]
        mine = np.array(values.get((entry.name, metric.id), []))
        if not mine.size:
            continue
        ax.boxplot(
            mine,
            positions=[place],
            orientation="horizontal",
            widths=0.62,
            showfliers=False,
            patch_artist=True,
            boxprops={"facecolor": colour, "alpha": 0.35, "linewidth": 0.6},
            medianprops={"color": "black", "linewidth": 1.0},
            whiskerprops={"linewidth": 0.6},
            capprops={"linewidth": 0.6},
        )
        ax.plot(mine, np.full(mine.size, place), ".", color=colour, markersize=2.2, alpha=0.8, markeredgewidth=0)
    ax.set_yticks(range(len(entries)), [e.label for e in reversed(entries)])
    ax.set_ylim(-0.6, len(entries) - 0.4)
    ax.grid(axis="x", linewidth=0.3, color="#dddddd")
    better = "larger is better" if metric.direction == "larger" else "smaller is better"
    ax.set_title(f"${metric.latex}$  ({better})")


def _legend(figure, entries):
    kinds = list(dict.fromkeys(e.declared.kind for e in entries))
    handles = [
        plt.Line2D([], [], color=STYLE[k][0], marker=STYLE[k][1], linestyle="", markersize=5, label=k) for k in kinds
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(kinds), frameon=False)


def quality_time(described, means, timing, paths):
    """Mean of each metric against the median time of one fusion (logarithmic); the Pareto front is drawn.

    Parameters
    ----------
    described : dict
    means, timing : list of dict
        The wide table and the timing table of the data set.
    paths : list of path-like
    """
    seconds = {r["method"]: float(r["median_s"]) for r in timing if r["status"] == "ok"}
    points = [r for r in means if r["method"] in seconds and r["kind"] != "control"]
    if not points:
        return message(f"{described['label']}: nothing timed and scored", paths)
    chosen = _six({c for c in points[0] if c in metrics.registry.ids() and points[0][c]})
    with plt.rc_context(_RC):
        figure, axes = plt.subplots(2, 3, figsize=(WIDTH, 5.2), layout="constrained", sharex=True)
        for ax in axes.flat[len(chosen) :]:
            ax.set_axis_off()
        for ax, metric in zip(axes.flat, chosen, strict=False):
            _quality_panel(ax, metric, points, seconds)
        for ax in axes[-1]:
            ax.set_xlabel("median seconds per fusion")
        figure.suptitle(f"{described['label']}: quality against time (line and black edges: Pareto front)", fontsize=9)
        kinds = list(dict.fromkeys(r["kind"] for r in points))
        handles = [plt.Line2D([], [], color=STYLE[k][0], marker=STYLE[k][1], linestyle="", label=k) for k in kinds]
        figure.legend(handles=handles, loc="outside lower center", ncols=len(kinds), frameon=False)
        save(figure, paths)
    return None


def _spread(seconds):
    """Ratio of the largest to the least time."""
    return max(seconds.values()) / max(min(seconds.values()), 1e-9)


def _quality_panel(ax, metric, points, seconds):
    shown = [(seconds[r["method"]], float(r[metric.id]), r) for r in points if r[metric.id]]
    sign = 1 if metric.direction == "larger" else -1
    front, best = [], -np.inf
    for time, value, row in sorted(shown, key=lambda p: (p[0], -sign * p[1])):
        if sign * value > best:
            best = sign * value
            front.append((time, value, row["label"]))
    ax.step([t for t, _, _ in front], [v for _, v, _ in front], where="post", color="#999999", linewidth=0.8, zorder=1)
    on_front = {label for _, _, label in front}
    for time, value, row in shown:
        colour, marker = STYLE[row["kind"]]
        edge = {"markeredgecolor": "black", "markeredgewidth": 0.8} if row["label"] in on_front else {}
        size = 6 if marker == "*" else 3.8
        ax.plot(time, value, marker=marker, color=colour, markersize=size, linestyle="", zorder=2, **edge)
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0,) if _spread(seconds) > 30 else (1.0, 2.0, 5.0)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.margins(x=0.12, y=0.1)
    ax.grid(linewidth=0.3, color="#dddddd")
    ax.set_title(f"${metric.latex}$")
    _name_points(ax, [(t, v, r["label"]) for t, v, r in shown if r["label"] in on_front or r["kind"] == "proposed"])


def _name_points(ax, points):
    """Names beside points (x logarithmic), moved apart where they would lie over each other, then with a line."""
    (left, right), (low, high) = np.log10(ax.get_xlim()), ax.get_ylim()
    # Height of a line of text as a share of the panel.
    least = 0.055
    for side, align, step in ((0, "left", 5), (1, "right", -5)):
        mine = [p for p in points if ((np.log10(p[0]) - left) / (right - left) > 0.6) == bool(side)]
        above = np.inf
        for time, value, label in sorted(mine, key=lambda p: -p[1]):
            own = (value - low) / (high - low)
            above = place = min(own, above - least)
            line = {"arrowstyle": "-", "linewidth": 0.4, "color": "#999999", "shrinkA": 0, "shrinkB": 2}
            ax.annotate(
                label,
                (time, value),
                xytext=(step, (place - own) * ax.get_window_extent().height * 72 / ax.figure.dpi),
                textcoords="offset points",
                fontsize=5.8,
                ha=align,
                va="center",
                path_effects=[withStroke(linewidth=1.0, foreground="white", alpha=0.8)],
                arrowprops=line if own - place > least / 2 else None,
            )
