"""The end of a run: what ran, what was unavailable and why, what everything would add, and where to look."""

import os
import platform
import time
from pathlib import Path

import psutil

import methods
import scenes
from study import records
from study.config import forecast, resolve
from study.run.fuse_set import shapes
from study.runtime import cpu_name, git_state, versions


def _sources(dataset):
    path = Path("results/sources") / f"{dataset}.json"
    return records.read_json(path) if path.is_file() else None


def _statuses(dataset, name):
    return records.read_csv(Path("results/fused") / dataset / f"{name}.csv")


def summarise(raw, root):
    """The closing summary.

    Parameters
    ----------
    raw : dict
        The run's configuration.
    root : pathlib.Path
        Folder of the program, with ``config/full.yaml``.

    Returns
    -------
    text : str
        Markdown.
    failed : list of str
        One line per failure; in strict mode also per unavailable data set or method.
    """
    settings = resolve(raw)
    lines, failed, missing = ["# focusbench: summary of this run", ""], [], {}
    lines += [
        "| data set | scenes | methods with results | not available | failed |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for dataset in settings.datasets:
        described = _sources(dataset)
        good, absent, broken = 0, 0, 0
        for entry in settings.entries.values():
            rows = _statuses(dataset, entry.name) + _score_failures(dataset, entry.name)
            good += any(r["status"] == "ok" for r in rows)
            absent += all(r["status"] in ("unavailable", "skipped") for r in rows)
            broken += any(r["status"] == "failed" for r in rows)
            for row in rows:
                if row["status"] == "failed":
                    failed.append(f"{dataset}, {entry.label}, {row['scene'] or 'all scenes'}: {row['reason']}")
                elif row["status"] in ("unavailable", "skipped"):
                    missing.setdefault((entry.label, row["reason"]), set()).add(dataset)
        usable = sum(s["status"] == "ok" for s in described["scenes"])
        lines.append(
            f"| {described['label']} | {usable} of {len(described['scenes'])} | {good} | {absent} | {broken} |"
        )
    lines += ["", "## Not available", ""]
    lines += [f"- {label} on {', '.join(sorted(where))}: {reason}" for (label, reason), where in missing.items()] or [
        "- nothing"
    ]
    if failed:
        lines += ["", "## Failed (will run again next time)", "", *(f"- {line}" for line in failed)]
    lines += ["", "## What the full configuration would add", "", *_full(settings, root)]
    lines += ["", "## Where to look", ""]
    lines += ["- findings: `results/FINDINGS.md`"]
    lines += ["- tables: `results/tables/DATASET/` (table.md, extended.md, statistics.md, timing.md, scores.csv)"]
    lines += ["- figures: `results/figures/DATASET/` (boxes, quality_time, critical_difference, sheets/SCENE.png)"]
    lines += ["- fused images and decision maps: `results/fused/DATASET/METHOD/`", "- logs: `logs/`"]
    if settings.strict:
        failed += [f"strict: {label} is unavailable: {reason}" for label, reason in missing]
    return "\n".join(lines) + "\n", failed


def _score_failures(dataset, name):
    rows = records.read_csv(Path("results/scores") / dataset / f"{name}.csv")
    fused = {r["scene"] for r in _statuses(dataset, name) if r["status"] == "ok"}
    seen = {}
    for row in rows:
        if row["status"] == "failed" and row["scene"] in fused:
            seen.setdefault(row["scene"], row)
    return list(seen.values())


def _full(settings, root):
    """Forecast of what ``config/full.yaml`` has beyond this run."""
    import yaml

    full = resolve(yaml.safe_load((root / "config" / "full.yaml").read_text(encoding="utf-8")))
    seconds, unknown, jobs, absent = 0.0, [], 0, set()
    rate = _scoring_rate(settings.datasets)
    for dataset in full.datasets:
        sizes = _sizes(dataset)
        if sizes is None:
            unknown.append(dataset)
            continue
        for entry in full.entries.values():
            done = any(r["status"] == "ok" for r in _statuses(dataset, entry.name))
            if done and entry.name in settings.entries and dataset in settings.datasets:
                continue
            if methods.availability(entry.method, entry.options):
                absent.add(entry.label)
                continue
            jobs += 1
            seconds += forecast(entry.declared, sizes) + rate * sum(h * w for h, w, _ in sizes) / 1e6
    lines = [
        f"- `snakemake --cores N --configfile config/full.yaml` adds {len(full.datasets) - len(settings.datasets)} data sets"
    ]
    lines[0] += f" and {len(set(full.entries) - set(settings.entries))} methods: {jobs} more (data set, method) jobs."
    lines.append(
        f"- Forecast: {_duration(seconds)} of computing on one core (from each method's declared cost), without timing runs."
    )
    if unknown:
        lines.append(f"- Not in the forecast, since not fetched yet: {', '.join(unknown)}.")
    if absent:
        lines.append(f"- Not in the forecast, since unavailable here: {', '.join(sorted(absent))}.")
    return lines


def _scoring_rate(datasets):
    """Seconds of scoring per megapixel of a fused image, as measured in this run (0 when nothing was scored)."""
    seconds = megapixels = 0.0
    for dataset in datasets:
        sizes = shapes(_sources(dataset))
        for path in sorted((Path("results/durations/score") / dataset).glob("*.tsv")):
            if any(r["status"] == "ok" for r in _statuses(dataset, path.stem)):
                _, values = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[:2])
                seconds += float(values[0])
                megapixels += sum(height * width for height, width, _ in sizes) / 1e6
    return seconds / megapixels if megapixels else 0.0


def _sizes(dataset):
    described = _sources(dataset)
    if described is not None and described["status"] == "ok":
        return shapes(described)
    if scenes.availability(dataset):
        return None
    found = []
    for scene in scenes.load(dataset).scenes:
        height, width = scene.shape[:2]
        found.append((height, width, len(scene.sources)))
    return found


def _duration(seconds):
    if seconds < 90:
        return f"about {seconds:.0f} s"
    if seconds < 5400:
        return f"about {seconds / 60:.0f} min"
    return f"about {seconds / 3600:.1f} h"


def forget_failures(paths):
    """Delete the status files of jobs with failed scenes, so that the next run tries these again."""
    for path in paths:
        path = Path(path)
        scores = Path("results/scores") / path.parent.name / path.name
        rows = records.read_csv(path) + records.read_csv(scores)
        if any(r["status"] == "failed" for r in rows):
            path.unlink(missing_ok=True)


def manifest(raw, command, source_files):
    """What a run was.

    Parameters
    ----------
    raw : dict
        The resolved configuration.
    command : str
    source_files : sequence of path-like
        The descriptions of the data sets (``results/sources/*.json``).

    Returns
    -------
    dict
        Command, configuration, program state, versions, hardware, checksums of the sources; ``seconds`` since the
        last start (a resumed run counts from there).
    """
    sources = {}
    for path in source_files:
        described = records.read_json(path)
        sources[described["dataset"]] = {s["name"]: s["checksums"] for s in described["scenes"]}
    started = Path(".snakemake/focusbench.pid")
    seconds = round(time.time() - started.stat().st_mtime) if started.is_file() else None
    return {
        "command": command,
        "configuration": raw,
        "seconds": seconds,
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "git": git_state(),
        "versions": versions(),
        "system": {
            "platform": platform.platform(),
            "processor": cpu_name(),
            "cores": os.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        },
        "sources": sources,
    }
