"""GACN on stacks: time and peak memory against the number of images, one column of panels per data set."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from study.figures import style
from study.figures.style import PALETTE, WIDTH, plt
from study.gacn.entries import BASELINE, DEFAULT, STRATEGIES
from study.gacn.labels import label
from study.gacn.stack_time_table import timed

#: Colours and markers of the strategies, in their order.
_MARKS = list(zip(PALETTE.values(), "sDo^v*X", strict=True))


def draw(times: pd.DataFrame, paths: Iterable[str | Path]) -> None:
    """Draw time and memory of the strategies.

    Parameters
    ----------
    times : pandas.DataFrame
        ``gacn_stacks.csv``, as text (`study.gacn.stack_time_table.read`).
    paths : iterable of path-like
    """
    good = times[times["status"] == "ok"]
    if good.empty:
        return style.message("GACN on stacks: nothing was timed (see gacn_stacks.md)", paths)
    shown = timed(good)
    saving = f"{DEFAULT}_reduction_percent" if DEFAULT in shown and DEFAULT != BASELINE else ""
    numbers = [f"{strategy}_{what}" for strategy in shown for what in ("s", "peak_mb")]
    numbers += ["megapixels", *filter(None, [saving])]
    good = good.astype(dict.fromkeys(numbers, float)).astype({"images": int})
    datasets = list(good["dataset"].unique())
    with style.drawing():
        figure, axes = plt.subplots(
            2, len(datasets), figsize=(WIDTH, 4.6), layout="constrained", squeeze=False, sharex="col"
        )
        for column, dataset in enumerate(datasets):
            mine = good[good["dataset"] == dataset].sort_values("images")
            _time_panel(axes[0, column], mine, shown, saving)
            _memory_panel(axes[1, column], mine, shown)
            name = style.plain(label(dataset))
            axes[0, column].set_title(f"{name} ({mine['megapixels'].iloc[0]:.2f} megapixels)")
            axes[1, column].set_xlabel("number of images n")
        axes[0, 0].set_ylabel("seconds per stack")
        axes[1, 0].set_ylabel("peak memory, MiB")
        style.legend(figure, axes[0, 0].get_legend_handles_labels()[0])
        device, threads = good["device"].iloc[0], good["threads"].iloc[0]
        percent = (
            f" Percent, in its colour: time that {STRATEGIES[DEFAULT]} saves against {STRATEGIES[BASELINE]}."
            if saving
            else ""
        )
        caption = (
            f"Time and peak memory of GACN's strategies for stacks against the number of images ({device}, {threads} "
            f"{'thread' if threads == '1' else 'threads'}).{percent}"
        )
        style.save(figure, paths, caption)


def _curve(ax: Axes, rows: pd.DataFrame, shown: Sequence[str], what: str) -> None:
    for strategy, (colour, marker) in zip(STRATEGIES, _MARKS, strict=False):
        if strategy in shown:
            # Different in gray print, too.
            line = "-" if strategy == DEFAULT else "--"
            values, words = rows[f"{strategy}_{what}"], STRATEGIES[strategy]
            ax.plot(
                rows["images"], values, line, color=colour, marker=marker, markersize=3.5, linewidth=1.1, label=words
            )
    ax.set_xscale("log", base=2)
    ax.set_xticks(rows["images"], list(map(str, rows["images"])))
    ax.minorticks_off()
    ax.margins(x=0.12)
    style.light_grid(ax)


def _time_panel(ax: Axes, rows: pd.DataFrame, shown: Sequence[str], saving: str) -> None:
    _curve(ax, rows, shown, "s")
    if len(rows) > 3:
        ax.set_yscale("log")
    else:
        ax.set_ylim(bottom=0)
    ax.margins(y=0.15)
    if not saving:
        return
    colour, _ = dict(zip(STRATEGIES, _MARKS, strict=False))[DEFAULT]
    # With two images all strategies are the same computation.
    for row in rows[rows["images"] > 2].to_dict("records"):
        place = row["images"], min(row[f"{strategy}_s"] for strategy in shown)
        text = f"{row[saving]:.0f} %".replace("-", "−")
        ax.annotate(text, place, xytext=(4, -9), textcoords="offset points", fontsize=6.5, color=colour)


def _memory_panel(ax: Axes, rows: pd.DataFrame, shown: Sequence[str]) -> None:
    _curve(ax, rows, shown, "peak_mb")
    ax.set_ylim(bottom=0, top=1.25 * rows[[f"{strategy}_peak_mb" for strategy in shown]].to_numpy().max())
