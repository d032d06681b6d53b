"""From tidy scores to tables of means, ranked by each metric's direction.

``table.*`` has the methods of the paper's table and the six metrics (all metrics in a run without these); ``recent.*`` the recent methods, the
controls and a few older methods to compare with; ``extended.*``, and ``means.csv`` as its CSV, every method and metric.

Ranks and marks are decided on the printed digits, so what looks equal counts as equal. Controls are shown but not ranked; neither is a method
that lacks scenes the others have, whose mean would not be comparable.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

import methods
import metrics
from files.atomic import write_text
from study.entries import GROUPS, RECENT_SINCE, Entry
from study.store import About, Results, read_frame, write_frame
from study.tables import writers
from study.tables.inline import escape, message
from study.tables.table import Column, Mark, Page, Table, printed

GRAY_NOTE = "Metrics are computed on 8-bit gray images (0.2989 R + 0.5870 G + 0.1140 B, rounded half up)."
TRUTH_NOTE = "PSNR and SSIM: against the true image where a scene has one, and otherwise the mean of the values against each source."
_MARK_NOTE = "Best value bold, second underlined, by each metric's direction and on the printed digits"
_UNRANKED_NOTE = "; controls and rows with missing scenes are not ranked."

#: What a mark behind a method's name says of where its scores come from (`study.entries.Entry.origin`).
ORIGINS = {
    "this run": "scored here, and put into the tables of the reference run, which the other rows come from.",
    "submitted": "scores handed in with a record of sources, images and program (results/reference/submissions), not re-run here.",
}

#: Chosen or further metrics above which a table has one part per family: wider ones do not fit on a page.
_MOST_TOGETHER = 10

#: Families of metrics in words, in the order of the parts.
FAMILIES = {
    "information": "metrics of information",
    "feature": "metrics of features",
    "structure": "metrics of structure",
    "perception": "metrics of perception",
    "truth": "errors against the truth",
}

#: Gives the ranks of one metric (1 = best, NaN = not ranked), one per row of the frame of means.
Ranks = Callable[[pd.DataFrame, metrics.Metric], "pd.Series[float]"]


@dataclass(frozen=True)
class Means:
    """Means and ranks of the methods of one table.

    Parameters
    ----------
    about : About
    entries : tuple of Entry
        Methods with at least one value: the rows.
    missing : tuple of Entry
        Methods without any value.
    declared : tuple of metrics.Metric
        The metrics.
    frame : pandas.DataFrame
        One row per method: ``dataset``, ``method``, ``label``, ``kind``; per metric its mean ``ID``, the number of scenes it is the mean of
        ``ID_n`` and the rank ``ID_rank`` (NaN where there is none); ``mean_rank`` over those of the six metrics that there are.
    scores : pandas.DataFrame
        The tidy scores that these are the means of.
    group : str
        The group of `study.entries.GROUPS` that the table is about.
    """

    about: About
    entries: tuple[Entry, ...]
    missing: tuple[Entry, ...]
    declared: tuple[metrics.Metric, ...]
    frame: pd.DataFrame
    scores: pd.DataFrame
    group: str = "comparison"

    @property
    def ranked(self) -> pd.DataFrame:
        """The rows that have a mean rank."""
        return self.frame[self.frame["mean_rank"].notna()]

    def complete(self, metric: metrics.Metric) -> int:
        """The largest number of scenes that a mean of this metric is over."""
        return int(self.frame[f"{metric.id}_n"].max()) if len(self.frame) else 0

    @property
    def valued(self) -> tuple[metrics.Metric, ...]:
        """The metrics of the table that any row has a value of."""
        return tuple(metric for metric in self.declared if self.complete(metric))


def means(
    about: About, entries: Sequence[Entry], ids: Sequence[str], scores: pd.DataFrame, ranks: Ranks | None = None
) -> Means:
    """Means and ranks of one table.

    Parameters
    ----------
    about : About
    entries : sequence of Entry
        The methods that the table has, in its order.
    ids : sequence of str
        Metric ids.
    scores : pandas.DataFrame
        Tidy scores.
    ranks : callable, optional
        By default the ranks of the printed means (`mean_ranks`).

    Returns
    -------
    Means
    """
    declared = tuple(metrics.registry.get(metric) for metric in ids)
    good = scores[(scores["status"] == "ok") & scores["metric"].isin(ids)]
    present = set(scores["method"][scores["status"] == "ok"])
    rows = [entry for entry in entries if entry.name in present]
    names = [entry.name for entry in rows]
    frame = pd.DataFrame(
        {"dataset": about.dataset, "method": names, "label": [e.label for e in rows], "kind": [e.kind for e in rows]}
    )
    # The mean of NumPy over the values in their stored order: pandas would sum in another order, and last digits differ.
    grouped = good.groupby(["metric", "method"], sort=False)["value"]
    values = {key: float(np.mean(group.to_numpy())) for key, group in grouped}
    counts = grouped.size().to_dict()
    for metric in declared:
        frame[metric.id] = pd.Series([values.get((metric.id, name), np.nan) for name in names], dtype=float)
        frame[f"{metric.id}_n"] = pd.Series([counts.get((metric.id, name), 0) for name in names], dtype=int)
        frame[f"{metric.id}_rank"] = (ranks or mean_ranks)(frame, metric)
    six = [f"{metric}_rank" for metric in ids if metric in metrics.SIX]
    frame["mean_rank"] = [float(np.mean(row)) for row in frame[six].to_numpy()] if six else np.nan
    return Means(about, tuple(rows), tuple(e for e in entries if e.name not in present), declared, frame, scores)


def comparable(frame: pd.DataFrame, metric: metrics.Metric) -> pd.Series[bool]:
    """Rows whose mean of a metric can be ranked: methods with as many scenes as any has, no controls."""
    counts = frame[f"{metric.id}_n"]
    return (frame["kind"] != "control") & (counts > 0) & (counts == counts.max())


def _goodness(frame: pd.DataFrame, metric: metrics.Metric) -> pd.Series[float]:
    """Printed means of the rows that are ranked, turned so that larger is better; NaN for the others."""
    sign = 1.0 if metric.direction == "larger" else -1.0
    shown = frame[metric.id].map(lambda value: sign * float(printed(value, metric.digits) or "nan")).astype(float)
    return shown.where(comparable(frame, metric))


def mean_ranks(frame: pd.DataFrame, metric: metrics.Metric) -> pd.Series[float]:
    """Ranks of the printed means of a metric; ties share the mean rank."""
    return _goodness(frame, metric).rank(method="average", ascending=False)


def marks(frame: pd.DataFrame, metric: metrics.Metric) -> list[Mark]:
    """Best and second best printed mean of a metric."""
    words: dict[float, Mark] = {1.0: "best", 2.0: "second"}
    return [words.get(place, "") for place in _goodness(frame, metric).rank(method="dense", ascending=False)]


def wide(found: Means) -> pd.DataFrame:
    """The frame as it is stored: means with all their digits, ranks short, empty where there is none."""
    frame = found.frame.copy()
    for metric in found.declared:
        frame[f"{metric.id}_rank"] = frame[f"{metric.id}_rank"].map(
            lambda rank: f"{rank:g}" if np.isfinite(rank) else ""
        )
    frame["mean_rank"] = frame["mean_rank"].map(lambda rank: printed(rank, 3))
    return frame


@dataclass(frozen=True)
class Place:
    """Where a method stands by mean rank.

    Parameters
    ----------
    place, of : int
        Among the ranked rows of a table without the variants of the method.
    ahead : pandas.DataFrame
        Rows of the methods before it, best first.
    """

    place: int
    of: int
    ahead: pd.DataFrame


def place(frame: pd.DataFrame, name: str, variants: Iterable[Entry]) -> Place | None:
    """Where a method stands by mean rank; None where it is not ranked.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``method`` and ``mean_rank`` (NaN for rows that are not ranked).
    name : str
    variants : iterable of Entry
        Rows that do not count: variants of the method (`study.store.About.variants`).
    """
    own = frame["mean_rank"][frame["method"] == name]
    if not len(own) or own.isna().all():
        return None
    counted_rows = frame["mean_rank"].notna() & ~frame["method"].isin([entry.name for entry in variants])
    ranked = frame[counted_rows].sort_values("mean_rank", kind="stable")
    ahead = ranked[ranked["mean_rank"] < own.iloc[0]]
    return Place(1 + len(ahead), len(ranked), ahead)


def has_places(about: About, entries: Iterable[Entry]) -> bool:
    """Whether places among some methods can be stated: the budget left out none of them, nor, of all data sets together, any of a data set."""
    meant = {entry.name for entry in entries}
    known = {entry.name for entry in about.entries}
    return not any(name in meant or name not in known for name in about.over_budget)


def left_out(about: About, entries: Iterable[Entry], frame: pd.DataFrame, group: str = "comparison") -> list[str]:
    """Labels of methods that a table of ranks says nothing about.

    Parameters
    ----------
    about : About
    entries : iterable of Entry
        Methods that the table is about.
    frame : pandas.DataFrame
        ``method`` and ``mean_rank``: the table.
    group : str
        The group of `study.entries.GROUPS` that the table is about, by default the paper's comparison.

    Returns
    -------
    list of str
        Those of `entries` that are not ranked, and those of the group that the run could have and does not; published images are left aside.
    """
    ranked = set(frame["method"][frame["mean_rank"].notna()])
    here = {entry.method for entry in about.entries}
    lost = [entry.label for entry in entries if not entry.is_control and entry.name not in ranked]
    absent = [
        m.label
        for m in methods.registry.all()
        if GROUPS[group](m) and m.kind not in ("control", "published") and m.id not in here
    ]
    return list(dict.fromkeys([*lost, *absent]))


# -- what is printed -----------------------------------------------------------------------------------------------


def main_means(about: About, scores: pd.DataFrame, ranks: Ranks | None = None) -> Means:
    """Means of the paper's table: its methods and the six metrics."""
    return means(about, about.main_entries, six(about), scores, ranks)


def six(about: About) -> list[str]:
    """Ids of the six metrics, as far as the run has them; all its metrics in a run without these."""
    return [metric for metric in about.metrics if metric in metrics.SIX] or list(about.metrics)


def recent_means(about: About, scores: pd.DataFrame, ranks: Ranks | None = None) -> Means:
    """Means of the recent methods, the controls and the anchors by the six metrics (all metrics in a run without these)."""
    chosen = [entry for entry in about.entries if entry.is_control or entry.is_recent or entry in about.anchors]
    return replace(means(about, chosen, six(about), scores, ranks), group="recent")


def extended_means(about: About, scores: pd.DataFrame, ranks: Ranks | None = None) -> Means:
    """Means of every method and metric."""
    return means(about, about.entries, about.metrics, scores, ranks)


def chosen_means(about: About, entries: Sequence[Entry], ids: Sequence[str], scores: pd.DataFrame) -> Means:
    """Means of chosen methods and metrics, in the order given; ranks are among these methods, the mean rank is over all of these metrics with values."""
    found = means(about, entries, ids, scores)
    ranks = found.frame[[f"{metric.id}_rank" for metric in found.valued]].to_numpy(dtype=float)
    note = f"{_MARK_NOTE}, among the chosen methods{_over_note(found.valued)}{_UNRANKED_NOTE}"
    frame = found.frame.assign(mean_rank=[float(np.mean(row)) if len(row) else np.nan for row in ranks])
    return replace(found, about=replace(about, rank_note=note), frame=frame)


def _over_note(ranked: Sequence[metrics.Metric]) -> str:
    """What a mean rank over chosen metrics is over."""
    if {metric.id for metric in ranked} == set(metrics.SIX):
        return _mean_rank_note(metrics.SIX)
    if len(ranked) > _MOST_TOGETHER:
        return f"; mean rank over the {len(ranked)} chosen metrics with values"
    return f"; mean rank over {', '.join(metric.label for metric in ranked)}" if ranked else ""


def _mean_rank_note(ids: Sequence[str]) -> str:
    words = ranked_by(ids)
    return f"; mean rank over {words}" if words else ""


def ranked_by(ids: Sequence[str]) -> str:
    """What a mean rank is over in words: the six metrics, or those of them that are among `ids`; empty without any."""
    chosen = [metric for metric in ids if metric in metrics.SIX]
    if len(chosen) == len(metrics.SIX):
        return "the six metrics"
    return ", ".join(metrics.registry.get(metric).label for metric in chosen)


def all_means(about: About, scores: pd.DataFrame, ranks: Ranks | None = None) -> tuple[Means, Means, Means]:
    """Means of the paper's table, of that of the recent methods, and of every method and metric, as `write` takes them."""
    made = (main_means, recent_means, extended_means)
    found, recent, extended = (each(about, scores, ranks) for each in made)
    return found, recent, extended


def main_page(found: Means, extended: Means) -> Page:
    """The paper's table, for ``table.md`` and ``table.tex``."""
    about = found.about
    chosen = all(entry.in_paper for entry in about.main_entries)
    here = {entry.method for entry in about.entries}
    whole = all(m.id in here for m in methods.registry.all() if m.comparison)
    what = (
        "The methods of the paper's comparison"
        if whole
        else "Methods of the paper's comparison (not all of them: see the notes)"
    )
    what += "" if chosen else ", and those that the configuration names"
    rows, columns = len(extended.entries), len(extended.declared)
    lead = f"{what}; all {rows} methods and {columns} metrics of the run: [extended.md](extended.md)."
    lead += f" Methods of {RECENT_SINCE} and later: [recent.md](recent.md)."
    return _page(found, about.label, about.dataset, lead)


def recent_page(recent: Means) -> Page:
    """The recent methods, for ``recent.md`` and ``recent.tex``."""
    anchors = [entry.label for entry in recent.entries if entry in recent.about.anchors and not entry.is_recent]
    lead = f"Methods published in {RECENT_SINCE} or later"
    lead += f", and to compare with: {', '.join(map(escape, anchors))}." if anchors else "."
    title = f"{recent.about.label}, methods since {RECENT_SINCE}"
    if not any(entry.is_recent for entry in recent.entries):
        return Page(title, (), f"The run has no method published in {RECENT_SINCE} or later.")
    return _page(recent, title, f"{recent.about.dataset}_recent", lead)


def extended_page(extended: Means) -> Page:
    """Every method and metric, for ``extended.md`` and ``extended.tex``."""
    return _page(extended, f"{extended.about.label}, every method and metric", f"{extended.about.dataset}_extended")


def chosen_page(found: Means) -> Page:
    """Some methods and metrics of a run, in the order of their choice (`chosen_means`)."""
    about = found.about
    lead = f"{len(found.entries)} of the {len(about.entries)} methods and {len(found.declared)} of the {len(about.metrics)} metrics of the run."
    title, label = f"{about.label}, chosen methods", f"{about.dataset}_chosen"
    if len(found.valued) > _MOST_TOGETHER:
        return _page(found, title, label, lead)
    return Page(
        title, [replace(body(found, found.valued), caption=_caption(found, title), label=label)], lead, notes(found)
    )


def _caption(found: Means, what: str) -> str:
    return f"{what}: means over n = {counted(found.about.readable)}. Best bold, second underlined."


def _page(found: Means, title: str, label: str, lead: str = "") -> Page:
    """The six metrics with their ranks, then the others, by families where they are many; only metrics that have values."""
    six = [metric for metric in found.valued if metric.id in metrics.SIX]
    further = [metric for metric in found.valued if metric.id not in metrics.SIX]
    blocks = [("", "", six), ("further metrics", "more", further)]
    if len(further) > _MOST_TOGETHER:
        families = [(family, [m for m in further if m.family == family]) for family in FAMILIES]
        blocks = [("", "", six), *((FAMILIES[family], family, mine) for family, mine in families)]
    tables: list[Table] = []
    for words, name, chosen in blocks:
        if chosen:
            table = body(found, chosen, with_ranks=not name)
            further_words = f", {words}" if words else ""
            caption = _caption(found, f"{title}{further_words}")
            heading = words[0].upper() + words[1:] if name in FAMILIES else ""
            tables.append(
                replace(table, title=heading, caption=caption, label=f"{label}_{name}" if name and tables else label)
            )
    return Page(title, tables, lead, notes(found))


def body(found: Means, chosen: Sequence[metrics.Metric], with_ranks: bool = True) -> Table:
    """Means of chosen metrics with their marks, without title, caption and notes; with the mean rank as last column."""
    frame = found.frame
    columns = [Column("label", "Method", align="left")]
    suffixes = {"label": [f" ({entry.origin})" if entry.origin else "" for entry in found.entries]}
    for metric in chosen:
        complete = found.complete(metric)
        columns.append(counted_column(Column.of(metric), complete, found.about.readable))
        differs = (frame[f"{metric.id}_n"] != complete) & frame[metric.id].notna()
        suffixes[metric.id] = [
            f" (n={n})" if other else "" for n, other in zip(frame[f"{metric.id}_n"], differs, strict=True)
        ]
    if with_ranks:
        columns.append(Column("mean_rank", "Mean rank", digits=2, missing="–"))
    marked = {metric.id: marks(frame, metric) for metric in chosen}
    used = {entry.name: entry.method for entry in found.entries}
    cited = [
        "" if kind in ("control", "external") else used[name]
        for name, kind in zip(frame["method"], frame["kind"], strict=True)
    ]
    groups = frame["kind"].tolist()
    return Table(frame, columns, marks=marked, suffixes=suffixes, keys={"label": cited}, groups=groups)


def counted_column(column: Column, n: int, scenes: int) -> Column:
    """A metric's column; its head says n where that is not the number of scenes that the table speaks of."""
    if n == scenes:
        return column
    return replace(column, label=f"{column.label} (n={n})", latex=f"{column.latex} ($n={n}$)")


def notes(found: Means, of: Collection[str] | None = None) -> list[str]:
    """Sentences that stand under the table: n, pixels, gray rule, ranks, deviations, what is missing and why.

    Parameters
    ----------
    found : Means
    of : collection of str, optional
        Names of the methods whose own notes are wanted, for a table that has to fit on a page; what is not available is then named without reasons.
        By default those of all.
    """
    about = found.about
    lines = [f"Means over n = {counted(about.readable)} unless a column or a cell says otherwise."]
    if about.pixels:
        lines.append(f"Pixels: {message(about.pixels)}.")
    if about.note:
        lines.append(about.note)
    lines.append(GRAY_NOTE)
    if any(metric.prefers_truth for metric in found.declared):
        lines.append(TRUTH_NOTE)
    ids = [metric.id for metric in found.declared]
    lines.append(about.rank_note or f"{_MARK_NOTE}{_mean_rank_note(ids)}{_UNRANKED_NOTE}")
    lines += _places(found)
    lines += [
        _sentence(f"{escape(entry.label)}: {entry.declared.note}")
        for entry in found.entries
        if entry.declared.note and (of is None or entry.name in of)
    ]
    lines += [line for entry in found.entries for line in _lost(found, entry)]
    lines += _without_value(found)
    if of is None:
        lines += [f"Not available: {escape(entry.label)} ({_reasons(found, entry)})." for entry in found.missing]
    elif found.missing:
        lines.append(f"Not available: {', '.join(escape(entry.label) for entry in found.missing)}.")
    failed = [scene for scene in about.scenes if scene.status == "failed"]
    lines += [f"Scene {escape(scene.name)} could not be read: {_sentence(message(scene.reason))}" for scene in failed]
    if about.status != "ok":
        lines.append(f"The data set is {about.status}: {_sentence(message(about.reason))}")
    lines += [f"({origin}): {ORIGINS[origin]}" for origin in dict.fromkeys(e.origin for e in found.entries) if origin]
    if about.dated:
        lines.append(f"Version {version(about, found.scores)}: day of the last change and checksum of the scores.")
    return lines


def version(about: About, scores: pd.DataFrame) -> str:
    """Name of the state of a table's scores: the day of their last change, and the first digits of their checksum."""
    text = scores.to_csv(index=False, lineterminator="\n")
    return f"{about.dated}.{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _places(found: Means) -> list[str]:
    """Among whom the ranks are, where the highlighted methods stand, and who is not ranked."""
    ranked = found.ranked
    if ranked.empty:
        return []
    here = (*found.entries, *found.missing)
    line = f"Ranks are among the {len(ranked)} ranked rows of this table."
    if has_places(found.about, here):
        for entry in found.about.highlighted:
            variants = [v for v in found.about.variants(entry.name) if v.name in set(ranked["method"])]
            own = place(found.frame, entry.name, variants)
            if own is not None:
                line += f" {escape(entry.label)} has place {own.place} of {own.of} by mean rank"
                line += f", without its variants ({', '.join(escape(v.label) for v in variants)})." if variants else "."
    else:
        line += " Places are not stated, since the budget left methods out."
    absent = left_out(found.about, here, found.frame, found.group)
    if absent:
        line += f" The ranks say nothing about methods that are not ranked here: {', '.join(map(escape, absent))}."
    return [line]


def _lost(found: Means, entry: Entry) -> list[str]:
    """Scenes, or values of single metrics, that a row lacks because something failed; unreadable scenes, which every row lacks, are told of once."""
    mine = found.scores[found.scores["method"] == entry.name]
    unreadable = [scene.name for scene in found.about.scenes if not scene.usable]
    lost = mine[mine["status"].isin(["failed", "skipped"]) & ~mine["scene"].isin(unreadable)]
    done = set(mine["scene"][mine["status"] == "ok"])
    scenes, values = [], []
    for key, rows in lost.groupby(["scene", "reason"]):
        scene, reason = map(str, key)
        if scene in done:
            labels = ", ".join(metrics.registry.get(metric).label for metric in rows["metric"])
            values.append(f"{labels} on {escape(scene)} ({message(reason)})")
        else:
            scenes.append(f"{escape(scene)} ({message(reason)})")
    lines = []
    if scenes:
        lines.append(_sentence(f"{escape(entry.label)}: {counted(len(scenes))} missing: {_first(scenes)}"))
    if values:
        lines.append(_sentence(f"{escape(entry.label)}: no value of {_first(values)}"))
    return lines


def _without_value(found: Means) -> list[str]:
    """Why no method has a value of a metric on some scenes."""
    lines = []
    for metric in found.declared:
        complete = found.complete(metric)
        if 0 < complete < found.about.readable:
            mine = found.scores[found.scores["metric"] == metric.id]
            valued = set(mine["scene"][mine["status"] == "ok"])
            lacking = mine[~mine["scene"].isin(valued) & mine["status"].isin(["undefined", "not_applicable"])]
            reasons = [
                f"{escape(str(scene))} ({message(str(rows['reason'].iloc[0]))})"
                for scene, rows in lacking.groupby("scene")
            ]
            if reasons:
                lines.append(
                    _sentence(
                        f"{metric.label} has no value for any method on {counted(len(reasons))}: {_first(reasons)}"
                    )
                )
    return lines


def counted(scenes: int) -> str:
    """A number of scenes in words."""
    return f"{scenes} scene" if scenes == 1 else f"{scenes} scenes"


def _first(items: Sequence[str]) -> str:
    return "; ".join(items[:3]) + (f"; and {len(items) - 3} more" if len(items) > 3 else "")


def _reasons(found: Means, entry: Entry) -> str:
    mine = found.scores["reason"][(found.scores["method"] == entry.name) & (found.scores["reason"] != "")]
    return "; ".join(message(reason) for reason in sorted(set(mine))[:2]) or "no result"


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def read(results: Results, dataset: str, name: str) -> pd.DataFrame:
    """A stored table of means as `Means.frame` (empty where there is none).

    Parameters
    ----------
    results : Results
    dataset : str
    name : {"table", "recent", "means"}
        The paper's table, that of the recent methods, or every method and metric.
    """
    texts = ["dataset", "method", "label", "kind"]
    frame = read_frame(results.table(f"{name}.csv", dataset), [*texts, "mean_rank"])
    numbers = [column for column in frame.columns if column not in texts]
    # float() keeps all digits; empty stands for no value.
    return frame.assign(
        **{column: frame[column].map(lambda text: float(text or "nan")).astype(float) for column in numbers}
    )


def write(results: Results, found: Means, recent: Means, extended: Means) -> None:
    """Write ``table.*``, ``recent.*``, ``extended.*`` and ``means.csv`` of one data set."""
    dataset = found.about.dataset
    for name, each in (("table", found), ("recent", recent), ("means", extended)):
        write_frame(results.table(f"{name}.csv", dataset), wide(each))
    pages = {"table": main_page(found, extended), "recent": recent_page(recent), "extended": extended_page(extended)}
    for name, page in pages.items():
        write_text(results.table(f"{name}.md", dataset), writers.markdown(page))
        write_text(results.table(f"{name}.tex", dataset), writers.latex(page))
