"""The end of a run: what ran, what did not and why, how it compares with the reference run, what everything would add."""

import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import yaml

import methods
from files.machine import ROOT, RUN, cpu_name, git_state, versions
from study import records
from study.config import Settings, forecast, resolve
from study.prose import render
from study.run import claims, lock, reference, scores_table
from study.store import FusedScene, Results, Score
from study.tables.inline import escape
from study.tables.table import Column, Table
from study.tables.writers import markdown

_TEMPLATE = Path(__file__).with_name("summary.md.j2")


@dataclass(frozen=True)
class Ended:
    """How the methods of a run ended on one data set.

    Parameters
    ----------
    dataset, label : str
    scenes, readable : int
    done, absent, broken : int
        Methods with a result, without any since something is missing, with a failure.
    failures : tuple of str
        One line each.
    missing : tuple of (str, str)
        Label of a method and reason.
    remarks : tuple of str
        Remarks on the sources (Markdown).
    unused : int
        Scenes with kept results that are not among those of the run.
    """

    dataset: str
    label: str
    scenes: int
    readable: int
    done: int
    absent: int
    broken: int
    failures: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...] = ()
    unused: int = 0


def ended(results: Results, settings: Settings, dataset: str) -> Ended:
    """How the methods of a run ended on a data set."""
    facts = results.read_sources(dataset)
    rows = {name: _rows(results, dataset, name) for name in settings.entries_on(dataset)}
    statuses = {name: {row.status for row in mine} for name, mine in rows.items()}
    failures, missing = [], []
    for name, mine in rows.items():
        label = settings.entries[name].label
        failures += [f"{dataset}, {label}, {r.scene or 'all scenes'}: {r.reason}" for r in mine if r.status == "failed"]
        missing += [(label, row.reason) for row in mine if row.status in ("unavailable", "skipped")]
    return Ended(
        dataset,
        facts.label,
        scenes=len(facts.scenes),
        readable=len(facts.usable),
        done=sum("ok" in found for found in statuses.values()),
        absent=sum(found <= {"unavailable", "skipped"} for found in statuses.values()),
        broken=sum("failed" in found for found in statuses.values()),
        failures=tuple(failures),
        missing=tuple(dict.fromkeys(missing)),
        remarks=tuple(scores_table.remarks(facts)),
        unused=len(results.fused_scenes(dataset) - {scene.name for scene in facts.scenes}),
    )


def _rows(results: Results, dataset: str, name: str) -> list[FusedScene | Score]:
    """How the scenes of a method ended, and the scores that failed although there is an image."""
    fused = results.read_fused(dataset, name)
    good = {row.scene for row in fused if row.status == "ok"}
    scores = [s for s in results.read_scores(dataset, name) if s.status == "failed" and s.scene in good]
    return [*fused, *scores]


def summarise(raw: Mapping[str, Any], results: Results) -> tuple[str, list[str]]:
    """The closing summary.

    Parameters
    ----------
    raw : mapping
        The run's configuration.
    results : Results

    Returns
    -------
    text : str
        Markdown.
    failed : list of str
        One line per failure; in strict mode also per unavailable data set or method.
    """
    settings = resolve(raw)
    found = [ended(results, settings, dataset) for dataset in settings.datasets]
    missing: dict[tuple[str, str], list[str]] = {}
    for one in found:
        for key in one.missing:
            missing.setdefault(key, []).append(one.dataset)
    failed = [line for one in found for line in one.failures]
    text = render(
        _TEMPLATE,
        table=markdown(_table(found)),
        comparisons=reference.comparisons(results, settings.datasets),
        labels={one.dataset: escape(one.label) for one in found},
        remarks=[(escape(one.label), remark) for one in found for remark in one.remarks],
        idle=settings.idle_variants,
        unused=[(escape(one.label), one.unused) for one in found if one.unused],
        missing=[(escape(label), escape(reason), where) for (label, reason), where in missing.items()],
        failed=list(map(escape, failed)),
        full=_full(settings, results),
    )
    if settings.strict:
        failed += [f"strict: {label} is unavailable: {reason}" for label, reason in missing]
    return text, failed


def _table(found: list[Ended]) -> Table:
    rows = [(one.label, f"{one.readable} of {one.scenes}", one.done, one.absent, one.broken) for one in found]
    columns = [
        Column("dataset", "data set", align="left"),
        *(Column(name, name) for name in ("scenes", "methods with results", "not available", "failed")),
    ]
    return Table(pd.DataFrame(rows, columns=[c.key for c in columns]), columns, title="focusbench: summary of this run")


def _full(settings: Settings, results: Results) -> dict[str, Any]:
    """What ``config/full.yaml`` has beyond this run, with a forecast."""
    full = resolve(yaml.safe_load((ROOT / "config" / "full.yaml").read_text(encoding="utf-8")))
    seconds, jobs, unknown, absent = 0.0, 0, [], set()
    rate = _scoring_rate(settings, results)
    unavailable = {name for name, entry in full.entries.items() if methods.availability(entry.method, entry.options)}
    for dataset in full.datasets:
        sizes = claims.sizes(results, dataset)
        if sizes is None:
            unknown.append(dataset)
            continue
        for name, entry in full.entries_on(dataset).items():
            ran = name in settings.entries and dataset in settings.datasets
            if ran and any(row.status == "ok" for row in results.read_fused(dataset, name)):
                continue
            if name in unavailable:
                absent.add(entry.label)
                continue
            jobs += 1
            seconds += forecast(entry.declared, sizes) + rate * sum(h * w for h, w, _ in sizes) / 1e6
    return {
        "command": RUN,
        "datasets": len(set(full.datasets) - set(settings.datasets)),
        "methods": len(set(full.entries) - set(settings.entries)),
        "jobs": jobs,
        "duration": _duration(seconds),
        "unknown": unknown,
        "absent": sorted(map(escape, absent)),
    }


def _scoring_rate(settings: Settings, results: Results) -> float:
    """Seconds of scoring per megapixel of a fused image, as measured in this run (0 when nothing was scored)."""
    seconds = megapixels = 0.0
    for dataset in settings.datasets:
        pixels = sum(height * width for height, width, _ in claims.sizes(results, dataset) or ())
        for name in settings.entries_on(dataset):
            measured = results.read_scoring_seconds(dataset, name)
            if measured is not None and any(row.status == "ok" for row in results.read_fused(dataset, name)):
                seconds += measured
                megapixels += pixels / 1e6
    return seconds / megapixels if megapixels else 0.0


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"about {seconds:.0f} s"
    if seconds < 5400:
        return f"about {seconds / 60:.0f} min"
    return f"about {seconds / 3600:.1f} h"


def manifest(raw: Mapping[str, Any], command: str, results: Results) -> dict[str, Any]:
    """What a run was.

    Parameters
    ----------
    raw : mapping
        The resolved configuration.
    command : str
    results : Results

    Returns
    -------
    dict
        Command, configuration, state of the program, versions, hardware, checksums of the sources; ``seconds`` since the
        last start (a resumed run counts from there).
    """
    started = lock.started(Path.cwd())
    return circumstances(command, results, resolve(raw).datasets) | {
        "configuration": raw,
        "seconds": None if started is None else round(time.time() - started),
    }


def circumstances(command: str, results: Results, datasets: Sequence[str]) -> dict[str, Any]:
    """Of what program, on what machine and from which sources results were made, as in `manifest`."""
    facts = [results.read_sources(dataset) for dataset in datasets]
    return {
        "command": command,
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "git": git_state(),
        "versions": versions(),
        "system": {
            "platform": platform.platform(),
            "processor": cpu_name(),
            "cores": os.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        },
        "sources": {f.dataset: {scene.name: list(scene.checksums) for scene in f.scenes} for f in facts},
    }


def failures(results: Results, since: float | None) -> list[str]:
    """What failed in a run by its record, one line each; nothing for a record that is older than the run."""
    path = Path(results.page("run.json"))
    if since is None or not path.is_file() or path.stat().st_mtime < since:
        return []
    return list(records.read_json(path).get("failed", []))


def command_line(arguments: list[str]) -> str:
    """A command as it can be read elsewhere: of the program and of absolute paths only the names."""
    program, *others = arguments
    # As `python -m` calls it.
    name = Path(program).parent.name if Path(program).name == "__main__.py" else Path(program).name
    return " ".join([name, *(Path(o).name if Path(o).is_absolute() else o for o in others)])
