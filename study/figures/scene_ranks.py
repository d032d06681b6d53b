"""Rank of every method in every scene of a data set: where a method wins, and whether it wins everywhere."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from study.figures import style
from study.store import About

#: Height of one method's line, in inches, and the most that all of them take.
_LINE, _PAGE = 0.125, 8.3


def draw(about: About, tidy: pd.DataFrame, paths: Iterable[str | Path]) -> None:
    """Draw the ranks on one data set, the method of best mean rank on top; controls are left out.

    Parameters
    ----------
    about : study.store.About
    tidy : pandas.DataFrame
        Scores of the data set (`study.store.Results.read_tidy`).
    paths : iterable of path-like
    """
    good = tidy[(tidy["status"] == "ok") & np.isfinite(tidy["value"])]
    shown = [e for e in about.entries if not e.is_control and (good["method"] == e.name).any()]
    ranks = scene_ranks(good[good["method"].isin([entry.name for entry in shown])])
    if ranks.shape[1] < 2 or len(shown) < 2:
        return style.message(f"{about.label}: ranks need scores of two methods on two scenes or more", paths)
    ranks = ranks.loc[ranks.mean(axis=1).sort_values(kind="stable").index]
    by_name = {entry.name: entry for entry in shown}
    with style.drawing():
        height = min(_LINE * len(ranks), _PAGE)
        figure, ax = plt.subplots(figsize=(style.WIDTH, height + 0.75), layout="constrained")
        picture = ax.imshow(ranks.to_numpy(), cmap="cividis_r", aspect="auto", vmin=1, vmax=len(ranks))
        names = short(list(ranks.columns))
        step = -(-len(names) // 40)
        turned = max(map(len, names)) * len(names) / step > 90
        ax.set_xticks(
            range(0, len(names), step), map(style.plain, names[::step]), rotation=90 if turned else 0, fontsize=7
        )
        size = min(7.0, 72 * 0.92 * height / len(ranks))
        ax.set_yticks(range(len(ranks)), [style.plain(by_name[name].label) for name in ranks.index], fontsize=size)
        style.emphasise(ax.get_yticklabels(), ranks.index, about.emphasised)
        ax.set_xlabel("scene", fontsize=7)
        ax.tick_params(length=0)
        for spine in ax.spines.values():
            spine.set_visible(False)
        bar = figure.colorbar(picture, ax=ax, shrink=min(1.0, 2.0 / height), aspect=15, pad=0.01)
        bar.set_ticks([1, *range(10, len(ranks) + 1, 10)] if len(ranks) > 10 else list(range(1, len(ranks) + 1)))
        bar.set_label("rank (1 = best)", fontsize=7)
        bar.ax.invert_yaxis()
        bar.outline.set_visible(False)
        style.save(figure, paths, _caption(about, len(ranks), ranks.shape[1]))


def _caption(about: About, count: int, scenes: int) -> str:
    return (
        f"Ranks of {count} methods in each of the {scenes} scenes of {about.label}: mean over the six metrics. The best mean over "
        "the scenes stands on top; white: no result. Controls are left out."
    )


def scene_ranks(good: pd.DataFrame) -> pd.DataFrame:
    """Mean rank over the six metrics (those there are), methods x scenes; NaN where a method has no result.

    Parameters
    ----------
    good : pandas.DataFrame
        Scores, one row per scene, method and metric.
    """
    ranks = []
    for metric in style.six(good["metric"].unique()):
        values = good[good["metric"] == metric.id].pivot(index="method", columns="scene", values="value")
        ranks.append(values.rank(ascending=metric.direction == "smaller"))
    return pd.concat(ranks).groupby(level=0).mean() if ranks else pd.DataFrame()


def short(names: Sequence[str]) -> list[str]:
    """Scene names without what they have in common at the start."""
    first, last = min(names), max(names)
    start = next((k for k, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    return [name[start:] or name for name in names]
