"""From tidy scores to tables: CSV, Markdown and LaTeX, ranked by each metric's direction.

Ranks and marks are decided on the printed digits, so what looks equal counts as equal. Controls are shown but
not ranked; neither is a method that lacks scenes the others have, whose mean would not be comparable.
"""

from dataclasses import dataclass

import numpy as np

import metrics
from files.atomic import write_text
from study import about as sidecar
from study import records
from study.tables import latex as booktabs
from study.tables.latex import escape

GRAY_NOTE = "Metrics are computed on 8-bit gray images (0.2989 R + 0.5870 G + 0.1140 B, rounded half up)."
TRUTH_NOTE = "PSNR and SSIM: against the true image where a scene has one and against the sources (mean) otherwise."
RANK_NOTE = (
    "Best value bold, second underlined, by each metric's direction and on the printed digits; "
    "mean rank over the six metrics; controls and rows with missing scenes are not ranked."
)


@dataclass(frozen=True)
class Cell:
    """Mean of one metric for one method: value (NaN when there is none), scenes it is the mean of, rank, place."""

    value: float
    n: int
    rank: float = float("nan")
    place: int = 0


@dataclass(frozen=True)
class Table:
    """Means of one data set.

    Parameters
    ----------
    dataset : str
    entries : list of study.config.Entry
        Rows that have at least one value.
    metrics : list of metrics.Metric
    cells : dict
        (entry name, metric id) -> Cell.
    mean_rank : dict
        Entry name -> mean rank over the six metrics (NaN for unranked rows).
    scenes : int
        Scenes of the data set that could be read.
    missing : list of (str, str)
        Label and reason of methods without any value.
    partial : list of (str, str)
        Label and description of scenes that are missing in a row.
    """

    dataset: str
    entries: list
    metrics: list
    cells: dict
    mean_rank: dict
    scenes: int
    missing: list
    partial: list


def printed(value, digits):
    """The value as it stands in the table (str); empty for a value that does not exist."""
    return "" if not np.isfinite(value) else f"{value:.{digits}f}"


def build(dataset, entries, metric_ids, rows, scene_count):
    """Means, ranks and notes of one data set.

    Parameters
    ----------
    dataset : str
    entries : iterable of study.config.Entry
    metric_ids : sequence of str
    rows : list of dict
        Tidy scores (`study.records.SCORES`) of all entries.
    scene_count : int
        Number of readable scenes.

    Returns
    -------
    Table
    """
    declared = [metrics.registry.get(m) for m in metric_ids]
    by_entry = {entry.name: [r for r in rows if r["method"] == entry.name] for entry in entries}
    present, missing, partial, cells = [], [], [], {}
    for entry in entries:
        mine = by_entry[entry.name]
        if not any(r["status"] == "ok" for r in mine):
            reasons = sorted({r["reason"] for r in mine if r["reason"]}) or ["no result"]
            missing.append((entry.label, "; ".join(reasons[:2])))
            continue
        present.append(entry)
        lost = sorted({(r["scene"], r["reason"]) for r in mine if r["status"] in ("failed", "skipped")})
        if lost:
            partial.append(
                (entry.label, f"{len(lost)} scene(s) missing: " + "; ".join(f"{s} ({r})" for s, r in lost[:3]))
            )
        for metric in declared:
            values = [float(r["value"]) for r in mine if r["metric"] == metric.id and r["status"] == "ok"]
            cells[entry.name, metric.id] = Cell(float(np.mean(values)) if values else float("nan"), len(values))
    for metric in declared:
        _rank(metric, present, cells)
    mean_rank = {entry.name: _mean_rank(entry.name, cells, metric_ids) for entry in present}
    return Table(dataset, present, declared, cells, mean_rank, scene_count, missing, partial)


def _rank(metric, entries, cells):
    """Set rank (ties share the mean rank) and place (1 best, 2 second best printed value) of one metric's cells."""
    complete = max((cells[e.name, metric.id].n for e in entries), default=0)
    names = [
        e.name for e in entries if e.declared.kind != "control" and complete and cells[e.name, metric.id].n == complete
    ]
    sign = 1.0 if metric.direction == "smaller" else -1.0
    keys = {name: sign * float(printed(cells[name, metric.id].value, metric.digits)) for name in names}
    distinct = sorted(set(keys.values()))
    for name in names:
        better = sum(k < keys[name] for k in keys.values())
        equal = sum(k == keys[name] for k in keys.values())
        cell = cells[name, metric.id]
        place = distinct.index(keys[name]) + 1
        cells[name, metric.id] = Cell(cell.value, cell.n, better + (equal + 1) / 2, place if place <= 2 else 0)


def _mean_rank(name, cells, metric_ids):
    ranks = [cells[name, m].rank for m in metric_ids if m in metrics.SIX]
    return float(np.mean(ranks)) if ranks else float("nan")


def wide_rows(table):
    """Columns and rows of the wide CSV: per metric the mean, its n and its rank; the mean rank over the six."""
    columns = ["dataset", "method", "label", "kind"]
    for metric in table.metrics:
        columns += [metric.id, f"{metric.id}_n", f"{metric.id}_rank"]
    columns.append("mean_rank")
    rows = []
    for entry in table.entries:
        row = {"dataset": table.dataset, "method": entry.name, "label": entry.label, "kind": entry.declared.kind}
        for metric in table.metrics:
            cell = table.cells[entry.name, metric.id]
            row[metric.id] = "" if not np.isfinite(cell.value) else repr(cell.value)
            row[f"{metric.id}_n"] = cell.n
            row[f"{metric.id}_rank"] = "" if not np.isfinite(cell.rank) else f"{cell.rank:g}"
        row["mean_rank"] = printed(table.mean_rank[entry.name], 3)
        rows.append(row)
    return columns, rows


def notes(table, described, marks=True):
    """Sentences that stand under a table: n, pixels, gray rule, ranks, deviations, what is missing and why.

    Parameters
    ----------
    table : Table
    described : dict
        The data set (`study.about.describe`, or `study.run.sources.collect`).
    marks : bool
        Whether the table has ranks and marks that need words.
    """
    lines = [f"Means over n = {table.scenes} scenes unless a cell says otherwise."]
    if described.get("pixels"):
        lines.append(f"Pixels: {described['pixels']}.")
    if described.get("note"):
        lines.append(described["note"])
    lines.append(GRAY_NOTE)
    if any(m.prefers_truth for m in table.metrics):
        lines.append(TRUTH_NOTE)
    if marks:
        lines.append(described.get("rank_note", RANK_NOTE))
    lines += [_sentence(f"{e.label}: {e.declared.note}") for e in table.entries if e.declared.note]
    lines += [_sentence(f"{label}: {text}") for label, text in table.partial]
    lines += [f"Not available: {label} ({reason})." for label, reason in table.missing]
    failed = [s for s in described["scenes"] if s["status"] != "ok"]
    lines += [f"Scene {s['name']} could not be read: {s['reason']}." for s in failed]
    if described["status"] != "ok":
        lines.append(f"The data set is {described['status']}: {described['reason']}.")
    return lines


def _sentence(text):
    return text if text.endswith(".") else f"{text}."


_ARROW = {"larger": "↑", "smaller": "↓"}


def markdown(table, described, title=None, lead=None):
    """The table as Markdown: the six metrics with ranks first, the other metrics below, then the notes.

    Parameters
    ----------
    table : Table
    described : dict
    title : str, optional
        By default the data set's label.
    lead : str, optional
        A sentence above the table.
    """
    lines = [f"# {title or described['label']}", ""]
    if lead:
        lines += [lead, ""]
    for chosen, ranked in _blocks(table):
        lines += _markdown_block(table, chosen, ranked)
    lines += [f"- {line}" for line in notes(table, described)]
    return "\n".join(lines) + "\n"


def _blocks(table):
    """The metrics as they are printed: the six with their mean rank, then the others; only those with values."""
    valued = [m for m in table.metrics if any(table.cells[e.name, m.id].n for e in table.entries)]
    six = [m for m in valued if m.id in metrics.SIX]
    rest = [m for m in valued if m.id not in metrics.SIX]
    return [(block, ranked) for block, ranked in ((six, True), (rest, False)) if block]


def _markdown_block(table, chosen, ranked):
    head = ["Method", *(f"{m.label} {_ARROW[m.direction]}" for m in chosen)] + (["Mean rank"] if ranked else [])
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    for entry in table.entries:
        cells = [_marked(table, entry, metric, "**{}**", "<u>{}</u>") for metric in chosen]
        if ranked:
            cells.append(printed(table.mean_rank[entry.name], 2) or "–")
        lines.append("| " + " | ".join([entry.label, *cells]) + " |")
    return [*lines, ""]


def _marked(table, entry, metric, best, second):
    cell = table.cells[entry.name, metric.id]
    text = printed(cell.value, metric.digits)
    if not text:
        return "n/a"
    text = {1: best, 2: second}.get(cell.place, "{}").format(text)
    complete = max(table.cells[e.name, metric.id].n for e in table.entries)
    return text if cell.n == complete else f"{text} (n={cell.n})"


#: Rows above which a LaTeX table is set smaller and its notes stand outside the float, which must fit on a page.
_LONG = 30


def latex(table, described, title=None, label=None):
    """The table as LaTeX: the six metrics and, where there are others, these in a second ``table`` environment.

    Parameters
    ----------
    table : Table
    described : dict
    title, label : str, optional
        By default the data set's label and its id.
    """
    caption = (
        f"{escape(title or described['label'])}: means over $n={table.scenes}$ scenes. Best bold, second underlined."
    )
    label = label or table.dataset
    blocks = _blocks(table)
    long = len(table.entries) > _LONG or len(blocks) > 1
    size = "scriptsize" if len(table.entries) > _LONG else "footnotesize"
    lines = notes(table, described)
    parts = [
        booktabs.table(
            caption if ranked else caption.replace(": means", ", further metrics: means"),
            label if ranked or len(blocks) == 1 else f"{label}_more",
            *_latex_block(table, chosen, ranked),
            notes=() if long else lines,
            size=size,
        )
        for chosen, ranked in blocks
    ]
    return booktabs.document(*parts, *([booktabs.paragraph(lines)] if long or not parts else []))


def _latex_block(table, chosen, ranked):
    """Header and rows of one block; a little space between the families of methods."""
    arrows = {"larger": r"\uparrow", "smaller": r"\downarrow"}
    header = ["Method", *(f"${m.latex}\\,{arrows[m.direction]}$" for m in chosen)] + (["Mean rank"] if ranked else [])
    rows, kind = [], None
    for entry in table.entries:
        if kind is not None and entry.declared.kind != kind:
            rows.append(None)
        kind = entry.declared.kind
        cells = [_marked(table, entry, metric, r"\textbf{{{}}}", r"\underline{{{}}}") for metric in chosen]
        if ranked:
            cells.append(printed(table.mean_rank[entry.name], 2) or "--")
        rows.append([escape(entry.label), *cells])
    return header, rows


def write(folder, about, rows):
    """Write the tables of one data set.

    ``table.*`` has the methods of the paper's table and the six metrics (all metrics in a run without these);
    ``extended.*``, and ``means.csv`` as its CSV, every method and metric.

    Parameters
    ----------
    folder : pathlib.Path
    about : dict
        From `study.about.describe`.
    rows : list of dict
        Tidy scores.
    """
    ids, scenes = about["metrics"], sidecar.readable(about)
    entries, chosen = sidecar.entries(about), sidecar.entries(about, main_only=True)
    six = [m for m in ids if m in metrics.SIX] or ids
    main = build(about["dataset"], chosen, six, rows, scenes)
    extended = build(about["dataset"], entries, ids, rows, scenes)
    records.write_csv(folder / "table.csv", *wide_rows(main))
    records.write_csv(folder / "means.csv", *wide_rows(extended))
    write_texts(folder, about, main, extended)


def write_texts(folder, about, main, extended):
    """Write ``table.md``, ``table.tex``, ``extended.md`` and ``extended.tex``."""
    title = f"{about['label']}, every method and metric"
    lead = (
        f"The methods of the paper's comparison; all {len(extended.entries)} methods and "
        f"{len(extended.metrics)} metrics of the run: [extended.md](extended.md)."
    )
    write_text(folder / "table.md", markdown(main, about, lead=lead))
    write_text(folder / "table.tex", latex(main, about))
    write_text(folder / "extended.md", markdown(extended, about, title))
    write_text(folder / "extended.tex", latex(extended, about, title, f"{about['dataset']}_extended"))


def tidy(rows, entries):
    """Score rows sorted by method (table order), scene and metric, with all columns."""
    order = {entry.name: place for place, entry in enumerate(entries)}
    rows = sorted(rows, key=lambda r: (order[r["method"]], r["scene"]))
    return [{column: row.get(column, "") for column in records.SCORES} for row in rows]


def timing_summary(rows):
    """Median and spread of the timing of every method.

    Parameters
    ----------
    rows : list of dict
        `study.records.TIMING` of one data set.

    Returns
    -------
    columns : list of str
    summary : list of dict
        Per method: scenes and repeats, median, least and largest seconds per fusion, median seconds per megapixel of a pair
        step (n - 1 steps per stack), peak memory in MiB, device, threads.
    """
    columns = ["dataset", "method", "label", "scenes", "repeats", "median_s", "min_s", "max_s", "s_per_megapixel"]
    columns += ["peak_memory_mb", "device", "device_name", "threads", "warm", "status", "reason"]
    summary = []
    for name in dict.fromkeys(r["method"] for r in rows):
        mine = [r for r in rows if r["method"] == name]
        good = [r for r in mine if r["status"] == "ok"]
        row = {c: mine[0].get(c, "") for c in ("dataset", "method", "label", "status", "reason")}
        if good:
            seconds = np.array([float(r["seconds"]) for r in good])
            work = np.array([float(r["megapixels"]) * (int(r["images"]) - 1) for r in good])
            row |= {
                "scenes": len({r["scene"] for r in good}),
                "repeats": len(good),
                "median_s": f"{np.median(seconds):.4f}",
                "min_s": f"{seconds.min():.4f}",
                "max_s": f"{seconds.max():.4f}",
                "s_per_megapixel": f"{np.median(seconds / work):.4f}",
                "peak_memory_mb": f"{max(float(r['peak_memory_mb']) for r in good):.0f}",
                "status": "ok",
                "reason": "",
            } | {c: good[0][c] for c in ("device", "device_name", "threads", "warm")}
        summary.append(row)
    return columns, summary


_TIMING_NOTES = (
    "Decoded arrays in, array out; files, imports and weights are not counted; the machine does nothing else.",
    "(cold): a slow method, run once on one scene without warm-up.",
)


def timing_notes(summary):
    """What stands under a timing table (list of str)."""
    good = [r for r in summary if r["status"] == "ok"]
    lines = [_TIMING_NOTES[0]]
    if good:
        lines.append(f"Measured on: {', '.join(sorted({r['device_name'] for r in good}))}.")
    if any(r["warm"] == "no" for r in good):
        lines.append(_TIMING_NOTES[1])
    return lines + [f"Not timed: {r['label']} ({r['reason']})." for r in summary if r["status"] != "ok"]


def timing_rows(summary):
    """Header and cells of the printed timing table, fastest first."""
    header = ["Method", "median s", "min – max s", "s per MP and pair", "peak MiB", "runs", "device", "threads"]
    good = sorted((r for r in summary if r["status"] == "ok"), key=lambda r: float(r["median_s"]))
    rows = [
        [
            r["label"],
            r["median_s"] + ("" if r["warm"] == "yes" else " (cold)"),
            f"{r['min_s']} – {r['max_s']}",
            r["s_per_megapixel"],
            r["peak_memory_mb"],
            str(r["repeats"]),
            r["device"],
            str(r["threads"]),
        ]
        for r in good
    ]
    return header, rows


def timing_latex(summary, described):
    """The timing table as LaTeX, fastest first."""
    header, rows = timing_rows(summary)
    long = len(rows) > _LONG
    lines = timing_notes(summary)
    table = booktabs.table(
        f"{escape(described['label'])}: time of one fusion.",
        f"{described['dataset']}_timing",
        [booktabs.stacked("s per", "MP and pair") if " per " in head else escape(head) for head in header],
        [[escape(cell) for cell in row] for row in rows],
        notes=() if long else lines,
        columns="lrrrrrlr",
        size="scriptsize",
    )
    return booktabs.document(table, *([booktabs.paragraph(lines)] if long else []))


def write_timing(folder, described, summary):
    """Write ``timing.md`` and ``timing.tex`` from the rows of ``timing.csv``."""
    write_text(folder / "timing.md", timing_markdown(summary, described))
    write_text(folder / "timing.tex", timing_latex(summary, described))


def timing_markdown(summary, described):
    """The timing table as Markdown, fastest first."""
    header, rows = timing_rows(summary)
    lines = [f"# Timing on {described['label']}", ""]
    if rows:
        lines += ["| " + " | ".join(header) + " |", "| --- | ---: | ---: | ---: | ---: | ---: | --- | ---: |"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    lines += ["", *(f"- {note}" for note in timing_notes(summary))]
    return "\n".join(lines) + "\n"
