"""Per-scene curves of the metrics: one panel per metric, one line per method."""

import itertools

import numpy as np

import metrics
from study.figures import style as figures

#: How many methods are drawn in colour besides the proposed ones.
BEST = 4
#: Line style and marker of the highlighted methods, so that they are told apart in gray.
_LINES = (("#0072B2", "-", "s"), ("#009E73", "--", "D"), ("#E69F00", "-.", "^"), ("#CC79A7", ":", "v"))
#: Line style, width and marker size of the proposed method, and of its variants, which lie over it in black.
_PROPOSED = (("-", 1.5, 4.5), ("--", 0.7, 2.2), (":", 0.9, 2.2), ("-.", 0.7, 2.2))
#: Share of the gray lines' values that a panel may cut off at its worse end.
_CUT = 0.05


def leaders(entries, values, count=BEST):
    """The methods of best mean rank over the six metrics, without controls and the proposed ones.

    Parameters
    ----------
    entries : list of study.config.Entry
    values : dict
        (method, metric) -> dict of scene -> value.
    count : int

    Returns
    -------
    list of str
        Names, the best first.
    """
    names = [e.name for e in entries if e.declared.kind not in ("control", "proposed")]
    ranks = {name: [] for name in names}
    for metric in metrics.SIX:
        sign = -1 if metrics.registry.get(metric).direction == "larger" else 1
        means = {n: sign * np.mean(list(values[n, metric].values())) for n in names if (n, metric) in values}
        for place, name in enumerate(sorted(means, key=means.get)):
            ranks[name].append(place)
    ranked = [n for n in names if ranks[n]]
    return sorted(ranked, key=lambda n: np.mean(ranks[n]))[:count]


def draw(described, entries, rows, paths):
    """Curves of every metric over the scenes of a data set.

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
        if row["status"] == "ok" and np.isfinite(float(row["value"])):
            values.setdefault((row["method"], row["metric"]), {})[row["scene"]] = float(row["value"])
    scenes = sorted({scene for by_scene in values.values() for scene in by_scene})
    shown = [e for e in entries if e.declared.kind != "control" and any(e.name == m for m, _ in values)]
    present = {metric for method, metric in values if method in {e.name for e in shown}}
    chosen = [m for m in metrics.SIX if m in present] + sorted(present - set(metrics.SIX))
    if not chosen or len(scenes) < 2:
        return figures.message(f"{described['label']}: curves need scores of two scenes or more", paths)
    best = leaders(shown, values)
    columns = min(3, len(chosen))
    lines = -(-len(chosen) // columns)
    with figures.plt.rc_context(figures._RC):
        figure, axes = figures.plt.subplots(
            lines, columns, figsize=(figures.WIDTH, 1.55 * lines + 0.7), layout="constrained", squeeze=False
        )
        for ax in axes.flat[len(chosen) :]:
            ax.set_axis_off()
        for ax, metric in zip(axes.flat, chosen, strict=False):
            _panel(ax, metrics.registry.get(metric), shown, best, values, scenes)
        figure.suptitle(f"{described['label']}: every scene, {len(shown)} methods", fontsize=9)
        handles, labels = axes.flat[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
        figures.save(figure, paths)
    return None


def _panel(ax, metric, entries, best, values, scenes):
    others = []
    for entry in entries:
        line = [values.get((entry.name, metric.id), {}).get(scene, np.nan) for scene in scenes]
        if entry.declared.kind != "proposed" and entry.name not in best:
            others.append(line)
    places = np.arange(1, len(scenes) + 1)
    for number, line in enumerate(others):
        label = "other methods" if number == 0 else None
        ax.plot(places, line, color="#c8c8c8", linewidth=0.5, zorder=1, label=label)
    drawn = []
    by_name = {entry.name: entry for entry in entries}
    for name, (colour, style, marker) in zip(best, _LINES, strict=False):
        drawn.append(_line(ax, by_name[name], metric, values, scenes, colour, style, marker, 0.9, 2.2))
    colour, marker = figures.STYLE["proposed"]
    proposed = [entry for entry in entries if entry.declared.kind == "proposed"]
    for entry, (style, width, size) in zip(proposed, itertools.cycle(_PROPOSED), strict=False):
        drawn.append(_line(ax, entry, metric, values, scenes, colour, style, marker, width, size))
        colour = "black"
    _limits(ax, metric, others, drawn)
    names = _short(scenes)
    step = -(-len(scenes) // 10)
    ax.set_xticks(places[::step], names[::step], rotation=0 if max(map(len, names)) < 4 else 30)
    ax.grid(axis="y", linewidth=0.3, color="#dddddd")
    ax.set_title(f"${metric.latex}$" + ("" if metric.direction == "larger" else "  (smaller is better)"))


def _line(ax, entry, metric, values, scenes, colour, style, marker, width, size):
    line = [values.get((entry.name, metric.id), {}).get(scene, np.nan) for scene in scenes]
    ax.plot(
        range(1, len(scenes) + 1),
        line,
        style,
        color=colour,
        marker=marker,
        markersize=size,
        linewidth=width,
        markeredgewidth=0,
        zorder=3,
        label=entry.label,
    )
    return line


def _limits(ax, metric, others, drawn):
    """Cut off the worst few values of the gray lines, which would flatten all others; never a coloured line."""
    gray = np.array(others, float).ravel()
    gray = gray[np.isfinite(gray)]
    kept = np.array(drawn, float).ravel()
    kept = kept[np.isfinite(kept)]
    if not gray.size:
        return
    worse = np.quantile(gray, _CUT if metric.direction == "larger" else 1 - _CUT)
    gray = gray[gray >= worse] if metric.direction == "larger" else gray[gray <= worse]
    low, high = min([*gray, *kept]), max([*gray, *kept])
    margin = 0.05 * (high - low) or 0.05
    ax.set_ylim(low - margin, high + margin)


def _short(scenes):
    """Scene names without what they have in common at the start."""
    first, last = min(scenes), max(scenes)
    start = next((k for k, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    return [name[start:] or name for name in scenes]
