"""What one fused image scores under the conventions in use: gray rule, rounding, other definitions of the same metrics.

The workflow shows it for the first Lytro pair and GACN (the first other method of a run without GACN), so that a reader whose numbers differ from
a paper's can see which choice makes how much of a difference.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

import metrics
from files.atomic import write_text
from metrics._common import conventions
from study.entries import Entry
from study.figures import stored
from study.store import Results, read_frame, write_frame
from study.tables import writers
from study.tables.inline import escape
from study.tables.table import Column, Page, Table, printed

COLUMNS: Final = ("image", "method", "metric", "convention", "variant", "value", "reason")

#: Decimals beyond those of other tables: some conventions differ by less than a printed digit.
_MORE: Final = 2


def compute(scene: stored.Scene) -> pd.DataFrame:
    """Values of an image under every convention, and by every other definition.

    Parameters
    ----------
    scene : study.figures.stored.Scene
        A pair with the result of one method.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, all text; empty where the pair or the result does not exist. The first convention is the benchmark's.
    """
    if not scene.fused:
        return pd.DataFrame(columns=list(COLUMNS))
    shown = scene.fused[0]
    found = conventions.values(scene.pair, shown.image, conventions.default_metrics())
    rows = [
        (
            scene.title,
            shown.label,
            value.metric,
            value.convention,
            value.variant,
            "" if value.value is None else repr(value.value),
            value.reason,
        )
        for value in found
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def page(frame: pd.DataFrame) -> Page:
    """The tables: conventions of gray by the six metrics, then the other definitions.

    Parameters
    ----------
    frame : pandas.DataFrame
        From `compute` or `read`.
    """
    title = "Conventions"
    if frame.empty:
        return Page(title, (), "There is no fused image to show.")
    plain = frame[frame["variant"] == ""]
    used = [convention for convention in conventions.CONVENTIONS if convention.id in set(plain["convention"])]
    six = [metrics.registry.get(name) for name in metrics.SIX if name in set(plain["metric"])]
    value = dict(zip(zip(plain["metric"], plain["convention"], strict=True), plain["value"], strict=True))
    # One column says both: a wide table continues in a further one under its first column.
    wide = pd.DataFrame({"gray": [c.name if c.rounded else f"{c.name}, float" for c in used]})
    for metric in six:
        wide[metric.id] = [_shown(metric, value[metric.id, convention.id]) for convention in used]
    columns = [Column("gray", "Gray", align="left"), *(Column.of(metric) for metric in six)]
    columns = [Column(c.key, c.label, c.latex, c.direction, None, c.align) for c in columns]
    image, method = frame["image"].iloc[0], frame["method"].iloc[0]
    lead = f"{escape(image)}, fused by {escape(method)}. The first row is the benchmark's convention."
    formulas = dict.fromkeys(f"{convention.name}: {convention.formula}" for convention in used)
    notes = (f"Of 8-bit levels. {'; '.join(formulas)}.", "Float: gray is not rounded to 8 bits before metrics see it.")
    first = Table(wide, columns, "Gray", notes=notes, label="conventions", caption=f"{title}: gray.")
    return Page(title, (first, _definitions(frame)), lead)


def _definitions(frame: pd.DataFrame) -> Table:
    """Metrics that have other definitions: the benchmark's value, then the others."""
    benchmark = frame[frame["convention"] == conventions.BENCHMARK.id]
    several = set(benchmark["metric"][benchmark["variant"] != ""])
    rows: list[tuple[metrics.Metric, str, str]] = []
    for name in dict.fromkeys(benchmark["metric"][benchmark["metric"].isin(several)]):
        metric = metrics.registry.get(str(name))
        titles = metrics.variants(metric.id)
        for _, row in benchmark[benchmark["metric"] == name].iterrows():
            variant = str(row["variant"])
            words = titles[variant].title if variant else "the benchmark's"
            rows.append((metric, words, _shown(metric, str(row["value"]))))
    return Table(
        pd.DataFrame(rows, columns=["metric", "definition", "value"]),
        (
            Column("metric", "Metric", align="left"),
            Column("definition", "definition", align="left"),
            Column("value", "value"),
        ),
        "Definitions",
        lead="The same image and the benchmark's gray.",
        groups=[metric.id for metric, _, _ in rows],
        label="conventions_definitions",
        caption="Conventions: other definitions of the same metrics.",
    )


def _shown(metric: metrics.Metric, text: str) -> str:
    return printed(float(text), metric.digits + _MORE) if text else ""


def read(results: Results) -> pd.DataFrame:
    """The stored ``conventions.csv``, as `compute` gives it (empty where there is none)."""
    return read_frame(results.table("conventions.csv"), COLUMNS)


def write(results: Results, dataset: str, entry: Entry) -> None:
    """Write ``conventions.csv``, ``.md`` and ``.tex`` from the stored result of a method on the first pair of a data set."""
    facts = results.read_sources(dataset)
    pairs = [scene.name for scene in facts.usable if scene.count == 2]
    scene = stored.read(results, facts, pairs[0], [entry]) if pairs else stored.Scene(facts.label, reason=facts.reason)
    frame = compute(scene)
    write_frame(results.table("conventions.csv"), frame)
    write_text(results.table("conventions.md"), writers.markdown(page(frame)))
    write_text(results.table("conventions.tex"), writers.latex(page(frame)))
