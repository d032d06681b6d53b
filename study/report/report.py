"""The report: one HTML file with findings, tables, figures and a viewer, which opens without network or server.

Everything stands inside the file: style and script (``templates/``), figures and images as data addresses. The tables sort with a short
script of our own; the libraries for this need more code than the whole page.
"""

import logging
import os
import platform
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape as escape_html
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup
from PIL import Image

import metrics
from files.machine import cpu_name, git_state, versions
from study.config import Settings
from study.figures.style import NOT_DRAWN
from study.report import pages, viewer
from study.report.pages import Shown
from study.store import POOLED, DatasetFacts, Results, read_frame
from study.tables import writers
from study.tables.inline import escape, parser, to_html
from study.tables.table import Table

log = logging.getLogger(__name__)

TEMPLATES = Path(__file__).with_name("templates")

_CAPTIONS = tomllib.loads(Path(__file__).with_name("captions.toml").read_text(encoding="utf-8"))

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
    "published": "Images by the authors",
    "external": "External images",
}


@dataclass(frozen=True)
class Figure:
    """A figure of the page.

    Parameters
    ----------
    name : str
    caption : markupsafe.Markup
    path : str
        Place of the file.
    address : str
        Data address of the image.
    width, height : int
        Pixels.
    """

    name: str
    caption: Markup
    path: str
    address: str = field(repr=False)
    width: int
    height: int


@dataclass(frozen=True)
class Section:
    """What the page has of one data set, of all together, or of the benchmark as a whole."""

    id: str
    title: str
    tables: Sequence[Shown]
    figures: Sequence[Figure]
    not_drawn: Sequence[str] = ()
    """Figures for which the run has too little, each with the reason."""


def by_importance(datasets: Iterable[str]) -> list[str]:
    """Lytro pairs, which every paper of the field shows, Lytro triples, then the rest in its order."""
    return sorted(datasets, key=lambda d: (d != "lytro", d != "lytro_triple"))


def sections(
    results: Results,
    settings: Settings,
    facts: Mapping[str, DatasetFacts],
    tables: Iterable[str],
    figures: Iterable[str],
) -> list[Section]:
    """Tables and figures by data set, then of all data sets together, then of the benchmark as a whole.

    Parameters
    ----------
    results : study.store.Results
    settings : study.config.Settings
    facts : mapping of str to study.store.DatasetFacts
        The data sets of the run.
    tables, figures : iterable of str
        Stored tables and figures of the run.
    """
    titles = {name: facts[name].label for name in by_importance(facts)}
    titles |= {POOLED: "All data sets", "": "The benchmark as a whole"}
    drawn = [path for path in figures if path.endswith(".png")]
    found = []
    for name, title in titles.items():
        shown = pages.of_dataset(results, name, list(facts)) if name else pages.of_benchmark(results, settings, tables)
        mine = [path for path in drawn if path == results.figure(Path(path).name, name)]
        reasons = {
            path: written.removeprefix(NOT_DRAWN) for path in mine if (written := _written(path)).startswith(NOT_DRAWN)
        }
        figures_of_it = [figure_of(path, title) for path in mine if path not in reasons]
        not_drawn = [f"{caption_of(Path(path).stem, title)[0]}: {reason}" for path, reason in reasons.items()]
        found.append(Section(name or "benchmark", title, list(shown), figures_of_it, not_drawn))
    return found


def caption_of(stem: str, label: str) -> tuple[str, Markup]:
    """Title of a figure and its caption as HTML; a figure that is not in ``captions.toml`` is called as its file.

    Parameters
    ----------
    stem : str
        Name of the file without its ending.
    label : str
        Name of the data set for people.
    """
    known = max((name for name in _CAPTIONS if stem.startswith(name)), key=len, default=None)
    if known is None:
        return stem.replace("_", " ").capitalize(), Markup("")
    found = _CAPTIONS[known]
    # What follows the name in the file's says what is shown, such as the scene.
    more = stem.removeprefix(known).strip("_")
    title = f"{found['title']}: {more}" if more else found["title"]
    return title, Markup(to_html(found["caption"].replace("{label}", escape(label))))


def figure_of(path: str, label: str) -> Figure:
    """A stored figure for the page, with the caption that was written beside it or else that of ``captions.toml``."""
    name, caption = caption_of(Path(path).stem, label)
    if written := _written(path):
        caption = Markup(escape_html(written))
    with Image.open(path) as picture:
        levels = np.asarray(picture.convert("RGB"))
    # Plots are smaller and unharmed without loss, photographs with a little of it.
    coded = min(viewer.webp(levels), viewer.webp(levels, 90), key=len)
    address = f"data:image/webp;base64,{viewer.text(coded)}"
    return Figure(name, caption, path, address, levels.shape[1], levels.shape[0])


def _written(path: str) -> str:
    """The caption that lies beside a stored figure; an empty text where there is none."""
    beside = Path(path).with_suffix(".txt")
    return beside.read_text(encoding="utf-8").strip() if beside.is_file() else ""


def chosen_datasets(settings: Settings) -> list[str]:
    """Data sets of the viewer, the most important first: the configured ones, by default all of the run."""
    wanted = settings.report["datasets"]
    return by_importance(settings.datasets) if wanted is None else [d for d in wanted if d in settings.datasets]


def collect_views(
    results: Results, settings: Settings, facts: Mapping[str, DatasetFacts], only: str = ""
) -> list[viewer.View]:
    """The scenes that the viewer should show, the most important first."""
    wanted = []
    for dataset in [only] if only else chosen_datasets(settings):
        found = viewer.views(
            results, facts[dataset], list(settings.entries_on(dataset).values()), results.read_tidy(dataset)
        )
        wanted += found[: settings.report["scenes"]]
    return wanted


def _compared(results: Results, dataset: str) -> list[str]:
    """The two results that are compared first: the highlighted method and the best other one by mean rank, if known."""
    means = read_frame(results.table("means.csv", dataset), ("method", "kind", "mean_rank"))
    means = means[means["kind"] != "control"].assign(rank=lambda m: pd.to_numeric(m["mean_rank"]))
    names = means.sort_values("rank", kind="stable")["method"].tolist()
    highlighted = [entry.name for entry in results.read_about(dataset).highlighted if entry.name in names]
    return list(dict.fromkeys([*highlighted[:1], *names]))[:2]


def _index(results: Results, embedded: viewer.Embedded, facts: Mapping[str, DatasetFacts]) -> dict[str, Any]:
    """What the viewer's script must know before a scene is opened."""
    by_dataset: dict[str, list[dict[str, str]]] = {}
    for number, (view, _) in enumerate(embedded.blocks):
        by_dataset.setdefault(view.dataset, []).append({"name": view.name, "block": f"scene-{number}"})
    known = {metric for view, _ in embedded.blocks for metric in view.scores}
    return {
        "kinds": KINDS,
        "exact": [
            f"{facts[view.dataset].label}: {view.name}"
            for view, text in embedded.blocks
            if '"exact":true' in text[:200]
        ],
        "metrics": [
            {"id": m.id, "label": m.label, "direction": m.direction, "digits": m.digits} for m in _ordered(known)
        ],
        "datasets": [
            {"id": d, "label": facts[d].label, "scenes": s, "compare": _compared(results, d)}
            for d, s in by_dataset.items()
        ],
    }


def _ordered(known: Iterable[str]) -> list[metrics.Metric]:
    """Metrics, the six first."""
    declared = [m for m in metrics.registry.all() if m.id in set(known)]
    return sorted(declared, key=lambda m: metrics.SIX.index(m.id) if m.id in metrics.SIX else len(metrics.SIX))


def build(
    results: Results,
    settings: Settings,
    summary: str,
    provenance: Mapping[str, str],
    tables: Sequence[str] = (),
    figures: Sequence[str] = (),
    only: str = "",
) -> str:
    """The report, or the page of one data set.

    Parameters
    ----------
    results : study.store.Results
    settings : study.config.Settings
    summary : str
        The run's summary (Markdown).
    provenance : mapping of str to str
        What the results were made with: name -> text.
    tables, figures : sequence of str
        Stored tables and figures of the run.
    only : str
        A data set: its tables, its figures, and all of its scenes in the viewer.

    Returns
    -------
    str
        The HTML document, of at most ``settings.report["megabytes"]`` unless tables and figures alone are larger.
    """
    facts = {dataset: results.read_sources(dataset) for dataset in settings.datasets}
    findings = Path(results.page("FINDINGS.md"))
    found = sections(results, settings, facts, tables, figures)
    parts = {
        "findings": _markdown(findings.read_text(encoding="utf-8")) if findings.is_file() and not only else "",
        "summary": _markdown(summary),
        "sections": [section for section in found if not only or section.id == only],
        "only": facts[only].label if only else "",
        "metrics": _ordered(settings.metrics),
        "provenance": provenance,
        "run": results.page("run.json"),
        "datasets": list(facts.values()),
        "methods": len(settings.entries),
        "megabytes": settings.report["megabytes"],
    }
    wanted = collect_views(results, settings, facts, only)
    template = _environment().get_template("report.html.j2")

    def page(embedded: viewer.Embedded) -> str:
        index = _index(results, embedded, facts)
        return template.render(**parts, embedded=embedded, index=index, left=_left(embedded, facts))

    # Everything but the images, with the viewer's list of all scenes, tells what is left for the images.
    bare = len(page(viewer.Embedded([(view, "") for view in wanted], left_out=wanted)).encode())
    embedded = viewer.embed(wanted, settings.report["megabytes"] * 1e6 - bare)
    document = page(embedded)
    log.info("%d scenes at quality %d, %d left out", len(embedded.blocks), embedded.quality, len(embedded.left_out))
    return document


def provenance() -> dict[str, str]:
    """What results were made with: commit, processor, versions."""
    state = git_state()
    commit = state["commit"] or "not a checkout"
    return {
        "Program": commit + (" (with local changes)" if state["modified"] else ""),
        "Machine": f"{cpu_name()}, {os.cpu_count()} cores, {platform.platform(terse=True)}",
        "Versions": ", ".join(f"{name} {version}" for name, version in versions().items()),
    }


def _left(embedded: viewer.Embedded, facts: Mapping[str, DatasetFacts]) -> list[str]:
    """How many scenes of which data set the viewer lacks."""
    counts = pd.Series([view.dataset for view in embedded.left_out], dtype=str).value_counts(sort=False)
    return [f"{facts[str(d)].label}: {n} scene{'s' if n > 1 else ''}" for d, n in counts.items()]


def _markdown(text: str) -> Markup:
    """A Markdown document as HTML; its headings go down one level, below the page's own."""
    tokens = parser().parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
    return Markup(parser().renderer.render(tokens, parser().options, {}))


def _table(table: Table) -> Markup:
    """The cells of a table; title, lead and notes stand around it in the template."""
    return Markup(
        writers.html(Table(table.frame, table.columns, marks=table.marks, suffixes=table.suffixes, groups=table.groups))
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["script_json"] = lambda value: Markup(viewer.script_json(value))
    environment.filters["inline"] = lambda text: Markup(to_html(text))
    environment.filters["table"] = _table
    environment.filters["latex"] = lambda table: writers.latex(table)
    environment.globals["asset"] = lambda name: Markup((TEMPLATES / name).read_text(encoding="utf-8"))
    return environment
