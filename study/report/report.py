"""The report: one HTML file with findings, tables, figures and a viewer, which opens without network or server.

Everything stands inside the file: style and script (``workflow/report/``), figures and images as data addresses. The
tables sort with a short script of our own; the libraries for this need more code than the whole page.
"""

import logging
import math
import os
import platform
from dataclasses import dataclass, replace
from pathlib import Path

import jinja2
import numpy as np
from markupsafe import Markup
from PIL import Image

import metrics
import scenes
from study import records
from study.report import markdown_html, viewer
from study.runtime import cpu_name, git_state, versions

log = logging.getLogger(__name__)

TEMPLATES = Path(__file__).with_name("templates")

#: Names of the kinds of pictures and methods, in the order of the viewer's lists.
KINDS = {
    "source": "Sources",
    "truth": "Truth",
    "proposed": "GACN",
    "control": "Controls",
    "transform": "Transform domain",
    "sparse": "Sparse representation",
    "spatial": "Spatial domain",
    "learned": "Learned",
}

#: Tables with parts of their own on the page, or too long for it.
_PLACED = {"scores.csv", "table.csv", "means.csv", "timing.csv"}

#: Rows above which a further table is named instead of shown.
LONGEST = 600

#: Metric id -> name for people.
_LABELS = {m: metrics.registry.get(m).label for m in metrics.registry.ids()}

#: What the columns of the timing table are called.
_TIMING = {
    "label": "Method",
    "median_s": "median s",
    "min_s": "min s",
    "max_s": "max s",
    "s_per_megapixel": "s per MP and pair",
    "peak_memory_mb": "peak MiB",
    "repeats": "runs",
    "device": "device",
    "threads": "threads",
    "warm": "warmed up",
}


@dataclass(frozen=True)
class Cell:
    """A cell of a table on the page: text, value to sort by ("" sorts last), place (1 best, 2 second best, 0 other)."""

    text: str
    value: str
    place: int = 0


@dataclass(frozen=True)
class Table:
    """A table on the page.

    Parameters
    ----------
    title : str
    columns : list of (str, str, bool, str)
        Text, explanation, whether it holds numbers, and which values are better ("larger", "smaller" or "").
    rows : list of list of Cell
    notes : list of markupsafe.Markup
    """

    title: str
    columns: list
    rows: list
    notes: list


@dataclass(frozen=True)
class Picture:
    """A figure of the page: name, caption, place of the file, data address and size in pixels."""

    name: str
    caption: str
    path: str
    address: str
    width: int
    height: int


def means_table(title, rows, notes=()):
    """The means of one data set: the six metrics and the mean rank first, then the other metrics.

    Parameters
    ----------
    title : str
    rows : list of dict
        ``means.csv``, or ``table.csv`` of the same form.
    notes : iterable of markupsafe.Markup

    Returns
    -------
    Table
        Metrics without any value are left out; n stands behind means over fewer scenes than the others'.
    """
    known = [c for c in rows[0] if c in metrics.registry.ids() and any(r[c] for r in rows)]
    six = [m for m in metrics.SIX if m in known]
    order = [metrics.registry.get(m) for m in [*six, *(m for m in known if m not in six)]]
    most = {m.id: max(int(r[f"{m.id}_n"] or 0) for r in rows) for m in order}
    columns = [("Method", "", False, ""), ("Kind", "", False, "")]
    shown = [[Cell(r["label"], r["label"]), Cell(r["kind"], r["kind"])] for r in rows]
    for place, metric in enumerate(order):
        if place == len(six):
            _add_mean_rank(columns, shown, rows)
        columns.append((metric.label, f"{metric.title}; {metric.direction} is better", True, metric.direction))
        places = _places([r[f"{metric.id}_rank"] for r in rows])
        for cells, row, best in zip(shown, rows, places, strict=True):
            cells.append(_mean(row, metric, most[metric.id], best))
    if len(order) == len(six):
        _add_mean_rank(columns, shown, rows)
    return Table(title, columns, shown, list(notes))


def _add_mean_rank(columns, shown, rows):
    columns.append(("Mean rank", "Mean of the ranks in the six metrics; smaller is better", True, "smaller"))
    places = _places([r["mean_rank"] for r in rows])
    for cells, row, best in zip(shown, rows, places, strict=True):
        value = row["mean_rank"]
        cells.append(Cell(f"{float(value):.2f}" if value else "–", value, best))


def _places(ranks):
    """1 for the least rank, 2 for the next, 0 for the rest and for unranked rows."""
    distinct = sorted({float(rank) for rank in ranks if rank})
    return [distinct.index(float(rank)) + 1 if rank and float(rank) in distinct[:2] else 0 for rank in ranks]


def _mean(row, metric, most, place):
    if not row[metric.id]:
        return Cell("n/a", "")
    count = int(row[f"{metric.id}_n"])
    text = f"{float(row[metric.id]):.{metric.digits}f}" + (f" (n={count})" if count < most else "")
    return Cell(text, row[metric.id], place)


def timing_table(rows):
    """The timing of one data set as a `Table`, fastest first; methods without a time stand in the notes."""
    good = sorted((r for r in rows if r["status"] == "ok"), key=lambda r: float(r["median_s"]))
    lines = [f"Measured on {device}." for device in sorted({r["device_name"] for r in good})]
    lines += [f"Not timed: {r['label']} ({r['reason']})." for r in rows if r["status"] != "ok"]
    return replace(plain_table("Timing", good, _TIMING), notes=[Markup.escape(line) for line in lines])


def plain_table(title, rows, columns=None):
    """Any CSV as a `Table`.

    Parameters
    ----------
    title : str
    rows : list of dict
    columns : dict, optional
        Column -> name for people; by default every column that has a value and says what no other says.
    """
    if columns is None:
        shown = [c for c in (rows[0] if rows else {}) if any(r[c] for r in rows)]
        known = {"method": "label" in shown, "dataset": len({r.get("dataset") for r in rows}) == 1}
        columns = {c: c.replace("_", " ") for c in shown if not known.get(c)}
    heads, cells = [], [[] for _ in rows]
    for column, name in columns.items():
        numeric = all(_number(r[column]) is not None for r in rows if r[column])
        heads.append((name, "", numeric, ""))
        for line, row in zip(cells, rows, strict=True):
            text = _LABELS.get(row[column], row[column]) if column == "metric" else row[column]
            line.append(Cell(_short(text) if numeric else text, text))
    return Table(title, heads, cells, [])


def _number(text):
    try:
        return float(text)
    except ValueError:
        return None


def _short(text):
    """A number as short as six digits allow; counts and short decimals as they stand."""
    value = _number(text)
    return text if value is None or not math.isfinite(value) or len(text) <= 8 else f"{value:.6g}"


def _by_importance(datasets):
    """Lytro pairs, which every paper of the field shows, Lytro triples, then the rest in its order."""
    return sorted(datasets, key=lambda d: (d != "lytro", d != "lytro_triple"))


def groups(results, datasets):
    """The folders of tables and figures that belong to a run.

    Parameters
    ----------
    results : pathlib.Path
    datasets : sequence of str
        Data sets of the run.

    Returns
    -------
    list of str
        The data sets, then further folders that are no data set (data sets pooled, say), then "" for what concerns
        the benchmark as a whole. Folders of data sets that this run has not are left from other runs.
    """
    folders = {path.name for kind in ("tables", "figures") for path in (results / kind).glob("*") if path.is_dir()}
    return [*_by_importance(datasets), *sorted(folders - set(datasets) - set(scenes.ids())), ""]


def tables_of(results, group):
    """The tables of a data set, or of the whole benchmark for "": those shown at once, and those to unfold.

    Returns
    -------
    first, further : list of Table
    """
    folder = results / "tables" / group
    first, further = [], []
    paper, means = records.read_csv(folder / "table.csv"), records.read_csv(folder / "means.csv")
    if group and paper:
        first.append(means_table("Means of the paper's methods", paper, _notes(folder / "table.md")))
        further.append(means_table("Means of every method and metric", means, _notes(folder / "extended.md")))
    elif group and means:
        first.append(means_table("Means", means, _notes(folder / "table.md")))
    if group and (timing := records.read_csv(folder / "timing.csv")):
        first.append(timing_table(timing))
    for path in sorted(folder.glob("*.csv")):
        if group and path.name in _PLACED:
            continue
        rows = records.read_csv(path)
        title = path.stem.replace("_", " ").capitalize()
        if len(rows) > LONGEST:
            note = Markup.escape(f"{len(rows)} rows: see {path.relative_to(results.parent).as_posix()}.")
            further.append(Table(title, [], [], [note]))
        elif rows:
            further.append(_with_notes(plain_table(title, rows), path))
    return first, further


def _with_notes(table, path):
    return replace(table, notes=_notes(path.with_suffix(".md")))


def _notes(path):
    """The bullet lines of a table's Markdown."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Markup(markdown_html.inline(line[2:])) for line in lines if line.startswith("- ")]


def _caption(stem, title):
    """The caption that the rule of a figure has in ``workflow/report``, as HTML; "" where it has none."""
    path = TEMPLATES / f"{stem}.rst"
    if not path.is_file():
        return ""
    wildcards = dict.fromkeys(("dataset", "stack"), title)
    environment = jinja2.Environment(undefined=jinja2.ChainableUndefined, autoescape=False)
    words = environment.from_string(path.read_text(encoding="utf-8")).render(snakemake={"wildcards": wildcards})
    return Markup(markdown_html.inline(" ".join(words.replace("``", "`").split())))


def figures_of(results, group, title):
    """The figures (`Picture`) of a data set with its title, or of the whole benchmark for ""."""
    found = []
    for path in sorted((results / "figures" / group).glob("*.png")):
        with Image.open(path) as picture:
            levels = np.asarray(picture.convert("RGB"))
        # Plots are smaller and unharmed without loss, photographs with a little of it.
        coded = min(viewer.webp(levels), viewer.webp(levels, 90), key=len)
        name = path.stem.replace("_", " ").capitalize()
        place = path.relative_to(results.parent).as_posix()
        address = f"data:image/webp;base64,{viewer.text(coded)}"
        found.append(Picture(name, _caption(path.stem, title), place, address, levels.shape[1], levels.shape[0]))
    return found


def chosen_datasets(settings):
    """Data sets of the viewer, the most important first: the configured ones, by default all of the run."""
    wanted = settings.report["datasets"]
    return _by_importance(settings.datasets) if wanted is None else [d for d in wanted if d in settings.datasets]


def collect_views(results, settings, described):
    """The scenes that the viewer should show, the most important first (list of `study.report.viewer.View`)."""
    wanted = []
    for dataset in chosen_datasets(settings):
        scores = records.read_csv(results / "tables" / dataset / "scores.csv")
        found = viewer.views(
            described[dataset],
            settings.entries.values(),
            results / "fused" / dataset,
            scores,
            settings.folders.get(dataset),
        )
        wanted += found[: settings.report["scenes"]]
    return wanted


def _defaults(results, dataset):
    """The two results that are compared first: the proposed method and the best other one by mean rank, if known."""
    means = [r for r in records.read_csv(results / "tables" / dataset / "means.csv") if r["kind"] != "control"]
    ranked = sorted(means, key=lambda r: float(r["mean_rank"]) if r["mean_rank"] else math.inf)
    proposed = next((r["method"] for r in ranked if r["kind"] == "proposed"), None)
    others = [r["method"] for r in ranked if r["method"] != proposed]
    return [proposed, *others][:2] if proposed else others[:2]


def _index(results, embedded, described):
    """What the viewer's script must know before a scene is opened."""
    by_dataset = {}
    for number, (view, _) in enumerate(embedded.blocks):
        by_dataset.setdefault(view.dataset, []).append({"name": view.name, "block": f"scene-{number}"})
    known = {metric for view, _ in embedded.blocks for metric in view.scores}
    order = [metrics.registry.get(m) for m in metrics.registry.ids() if m in known]
    order.sort(key=lambda m: metrics.SIX.index(m.id) if m.id in metrics.SIX else len(metrics.SIX))
    return {
        "kinds": KINDS,
        "metrics": [{"id": m.id, "label": m.label, "direction": m.direction, "digits": m.digits} for m in order],
        "datasets": [
            {"id": d, "label": described[d]["label"], "scenes": s, "compare": _defaults(results, d)}
            for d, s in by_dataset.items()
        ],
    }


def build(results, settings, summary, provenance):
    """The report.

    Parameters
    ----------
    results : pathlib.Path
        Folder with ``sources``, ``fused``, ``tables``, ``figures`` and, where it exists, ``FINDINGS.md``.
    settings : study.config.Settings
    summary : str
        The run's summary (Markdown).
    provenance : dict
        What the results were made with: name -> text.

    Returns
    -------
    str
        The HTML document, of at most ``settings.report["megabytes"]`` unless tables and figures alone are larger.
    """
    results = Path(results)
    described = {d: records.read_json(results / "sources" / f"{d}.json") for d in settings.datasets}
    names = {d: described[d]["label"] for d in settings.datasets} | {"": "The benchmark as a whole"}
    sections = []
    for group in groups(results, settings.datasets):
        first, further = tables_of(results, group)
        title = names.get(group, "All data sets" if group == "pooled" else group.replace("_", " ").capitalize())
        sections.append({"id": group or "benchmark", "title": title, "first": first, "further": further})
        sections[-1]["has_tables"] = bool(first or further)
        sections[-1]["figures"] = figures_of(results, group, title)
    findings = results / "FINDINGS.md"
    parts = {
        "findings": Markup(markdown_html.render(findings.read_text(encoding="utf-8"))) if findings.is_file() else "",
        "summary": Markup(markdown_html.render(summary)),
        "sections": sections,
        "provenance": provenance,
        "datasets": list(described.values()),
        "methods": len(settings.entries),
        "megabytes": settings.report["megabytes"],
    }
    wanted = collect_views(results, settings, described)
    template = _environment().get_template("report.html.j2")

    def page(embedded):
        index = _index(results, embedded, described)
        return template.render(**parts, embedded=embedded, index=index, left=_left(embedded, described))

    # Everything but the images, with the viewer's list of all scenes, tells what is left for the images.
    bare = len(page(viewer.Embedded([(view, "") for view in wanted], 0, 0.0, 0.0, wanted)).encode())
    embedded = viewer.embed(wanted, settings.report["megabytes"] * 1e6 - bare)
    document = page(embedded)
    log.info("%d scenes at quality %d, %d left out", len(embedded.blocks), embedded.quality, len(embedded.left_out))
    return document


def provenance():
    """What results were made with: commit, processor, versions (dict of name -> text)."""
    state = git_state()
    commit = state["commit"] or "not a checkout"
    system = f"{cpu_name()}, {os.cpu_count()} cores, {platform.platform(terse=True)}"
    libraries = ", ".join(f"{name} {version}" for name, version in versions().items())
    return {
        "Program": commit + (" (with local changes)" if state["modified"] else ""),
        "Machine": system,
        "Versions": libraries,
    }


def _left(embedded, described):
    """How many scenes of which data set the viewer lacks (list of str)."""
    counts = {}
    for view in embedded.left_out:
        counts[view.dataset] = counts.get(view.dataset, 0) + 1
    return [
        f"{described[d]['label']}: {n} scenes" if n > 1 else f"{described[d]['label']}: 1 scene"
        for d, n in counts.items()
    ]


def _environment():
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["script_json"] = lambda value: Markup(viewer.script_json(value))
    environment.globals["asset"] = lambda name: Markup((TEMPLATES / name).read_text(encoding="utf-8"))
    return environment
