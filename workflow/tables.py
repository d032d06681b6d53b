"""From tidy scores to tables: CSV, Markdown and LaTeX, ranked by each metric's direction.

Ranks and marks are decided on the printed digits, so what looks equal counts as equal. Controls are shown but
not ranked; neither is a method that lacks scenes the others have, whose mean would not be comparable.
"""

from dataclasses import dataclass

import numpy as np

import metrics
from workflow.records import SCORES

GRAY_NOTE = (
    "Metrics are computed on 8-bit gray images (0.2989 R + 0.5870 G + 0.1140 B, rounded half up), "
    "PSNR and SSIM against the true image where a scene has one and against the sources (mean) otherwise."
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
    entries : list of workflow.config.Entry
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
    entries : iterable of workflow.config.Entry
    metric_ids : sequence of str
    rows : list of dict
        Tidy scores (`workflow.records.SCORES`) of all entries.
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


def notes(table, described, digits=True):
    """Sentences that stand under a table: n, gray rule, pixels, what is missing and why."""
    lines = [f"Means over n = {table.scenes} scenes unless a cell says otherwise."]
    if described.get("note"):
        lines.append(described["note"])
    if digits:
        lines.append(GRAY_NOTE)
        lines.append(
            "Best value bold, second underlined, by each metric's direction and on the printed digits; "
            "mean rank over the six metrics; controls and rows with missing scenes are not ranked."
        )
    lines += [f"{e.label}: {e.declared.note}" for e in table.entries if e.declared.note]
    lines += [f"{label}: {text}" for label, text in table.partial]
    lines += [f"Not available: {label} ({reason})." for label, reason in table.missing]
    failed = [s for s in described["scenes"] if s["status"] != "ok"]
    lines += [f"Scene {s['name']} could not be read: {s['reason']}." for s in failed]
    if described["status"] != "ok":
        lines.append(f"The data set is {described['status']}: {described['reason']}.")
    return lines


_ARROW = {"larger": "↑", "smaller": "↓"}


def markdown(table, described):
    """The table as Markdown: the six metrics with ranks first, the other metrics below, then the notes."""
    six = [m for m in table.metrics if m.id in metrics.SIX]
    rest = [m for m in table.metrics if m.id not in metrics.SIX]
    lines = [f"# {described['label']}", ""]
    if table.entries and six:
        lines += _markdown_block(table, six, ranked=True)
    if table.entries and rest:
        lines += _markdown_block(table, rest, ranked=False)
    lines += [f"- {line}" for line in notes(table, described)]
    return "\n".join(lines) + "\n"


def _markdown_block(table, chosen, ranked):
    chosen = [m for m in chosen if any(table.cells[e.name, m.id].n for e in table.entries)]
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


_TEX = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
)


def escape(text):
    """Text that LaTeX prints as it stands."""
    return text.translate(_TEX)


def latex(table, described):
    """The six metrics as a booktabs table environment (needs ``\\usepackage{booktabs}``)."""
    six = [m for m in table.metrics if m.id in metrics.SIX] or table.metrics
    arrows = {"larger": r"\uparrow", "smaller": r"\downarrow"}
    head = " & ".join(["Method", *(f"${m.latex}\\,{arrows[m.direction]}$" for m in six), "Mean rank"])
    lines = [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}[t]",
        r"\centering",
        r"\caption{"
        + escape(described["label"])
        + f": means over $n={table.scenes}$ scenes. "
        + r"Best bold, second underlined.}",
        r"\label{tab:" + table.dataset + "}",
        r"\begin{tabular}{l" + "r" * (len(six) + 1) + "}",
        r"\toprule",
        head + r" \\",
        r"\midrule",
    ]
    kind = None
    for entry in table.entries:
        if kind is not None and entry.declared.kind != kind:
            lines.append(r"\addlinespace")
        kind = entry.declared.kind
        cells = [_marked(table, entry, metric, r"\textbf{{{}}}", r"\underline{{{}}}") for metric in six]
        rank = printed(table.mean_rank[entry.name], 2) or "--"
        lines.append(" & ".join([escape(entry.label), *cells, rank]) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [r"\par\smallskip\footnotesize\raggedright"]
    lines += [escape(line).replace("–", "--") + r"\\" for line in notes(table, described)[:-1]]
    lines += [escape(notes(table, described)[-1]), r"\end{table}"]
    return "\n".join(lines) + "\n"


def tidy(rows, entries):
    """Score rows sorted by method (table order), scene and metric, with all columns."""
    order = {entry.name: place for place, entry in enumerate(entries)}
    rows = sorted(rows, key=lambda r: (order[r["method"]], r["scene"]))
    return [{column: row.get(column, "") for column in SCORES} for row in rows]


def timing_summary(rows):
    """Median and spread of the timing of every method.

    Parameters
    ----------
    rows : list of dict
        `workflow.records.TIMING` of one data set.

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


def timing_markdown(summary, described):
    """The timing table as Markdown, fastest first."""
    good = sorted((r for r in summary if r["status"] == "ok"), key=lambda r: float(r["median_s"]))
    lines = [f"# Timing on {described['label']}", ""]
    if good:
        lines += ["| Method | median s | min – max s | s per MP and pair | peak MiB | runs | device | threads |"]
        lines += ["| --- | ---: | ---: | ---: | ---: | ---: | --- | ---: |"]
    for r in good:
        mark = "" if r["warm"] == "yes" else " (cold)"
        lines.append(
            f"| {r['label']} | {r['median_s']}{mark} | {r['min_s']} – {r['max_s']} | {r['s_per_megapixel']} | "
            f"{r['peak_memory_mb']} | {r['repeats']} | {r['device']} | {r['threads']} |"
        )
    lines.append("")
    devices = sorted({r["device_name"] for r in good})
    lines.append(
        "- Decoded arrays in, array out; files, imports and weights are not counted; the machine does nothing else."
    )
    if devices:
        lines.append(f"- Measured on: {', '.join(devices)}.")
    if any(r["warm"] == "no" for r in good):
        lines.append("- (cold): a slow method, run once on one scene without warm-up.")
    lines += [f"- Not timed: {r['label']} ({r['reason']})." for r in summary if r["status"] != "ok"]
    return "\n".join(lines) + "\n"
