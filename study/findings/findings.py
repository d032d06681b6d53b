"""What the tables say, in words (``FINDINGS.md``): every number is read from a table, every verdict chosen by it.

`facts` and the module of each question compute; the sentences stand in ``findings.md.j2``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from files.atomic import write_text
from study.entries import PROPOSED
from study.findings import contradictions, facts, lead, parameters, published, recent, stack_methods, stacks, trust
from study.prose import render
from study.store import Results
from study.tables import metric_trust_table, writers
from study.tables import statistics_table as statistics
from study.tables.table import Table

_TEMPLATE = Path(__file__).with_name("findings.md.j2")


def text(results: Results) -> str:
    """The findings of a run as Markdown."""
    found, pooled = facts.read(results)
    main = facts.main_result(found)
    leads, absent = lead.leads(found, pooled)
    agreements = [contradictions.agreement(each) for each in (main, pooled) if each is not None]
    return render(
        _TEMPLATE,
        listed=listed,
        few=few,
        span=span,
        grid=_grid,
        with_ranks=lead.with_ranks,
        lead_table=lead.lead_table,
        standings_table=lead.standings_table,
        leads=leads,
        absent=absent,
        has_gacn=any(entry.method == PROPOSED for result in found for entry in result.about.entries),
        recent=recent.recent(results, found, pooled),
        recent_table=recent.table,
        published=published.published(results, found),
        savings=stacks.savings(results),
        quality=stacks.stack_quality(results),
        stack_methods=stack_methods.stack_methods(results),
        own=parameters.own_parameters(found, pooled),
        ablation=parameters.ablation(results),
        agreements=[each for each in agreements if each is not None],
        controls=[each for result in found if (each := contradictions.controls(result)) is not None],
        truth_orders=trust.orders(results),
        trust=trust.trust(results),
        board=trust.board(results),
        thresholds=metric_trust_table,
        level=100 * statistics.ALPHA,
        claimed=stacks.CLAIMED_SAVING,
        clear=parameters.CLEAR,
    )


def _grid(table: Table) -> str:
    return writers.markdown(table).strip()


def listed(items: Iterable[str]) -> str:
    """ "a, b and c"."""
    items = list(items)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else "none"


def few(items: Iterable[str], most: int = 5) -> str:
    """The first of many items, and how many more there are."""
    items = list(items)
    return listed(items if len(items) <= most + 1 else [*items[:most], f"{len(items) - most} others"])


def span(low: float, high: float) -> str:
    """Whole numbers "10 to 26", or one number where both print alike."""
    return f"{low:.0f}" if f"{low:.0f}" == f"{high:.0f}" else f"{low:.0f} to {high:.0f}"


def write(results: Results) -> None:
    """Write ``FINDINGS.md``."""
    write_text(results.page("FINDINGS.md"), text(results))
