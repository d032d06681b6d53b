"""Made-up scores and descriptions for the tests of tables, figures and findings."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from study.entries import Entry
from study.store import SCORE_COLUMNS, About, Results, SceneFacts, Score


def about(dataset: str, methods: Sequence[Any], metrics: Sequence[str], scenes: Sequence[str], **more: Any) -> About:
    """An ``about.json``; `methods`: names, or (name, plug-in, options)."""
    entries = []
    for method in methods:
        name, plugin, options = method if isinstance(method, tuple) else (method, method, {})
        entries.append(Entry(name, plugin, name.upper(), options))
    facts = About(
        dataset=dataset,
        label=dataset.title(),
        pixels="2 pairs, PNG",
        scenes=tuple(SceneFacts(name) for name in scenes),
        metrics=tuple(metrics),
        entries=tuple(entries),
        main=tuple(entry.name for entry in entries),
    )
    return dataclasses.replace(facts, **more)


def rows(
    dataset: str,
    values: Mapping[str, Mapping[str, Sequence[float | None]]],
    scenes: Sequence[str],
    reference: str = "sources",
    more: Sequence[Score] = (),
) -> pd.DataFrame:
    """Tidy scores; `values`: {method: {metric: one number per scene, None where it failed}}; `more` as they are."""
    found = []
    for method, by_metric in values.items():
        for metric, numbers in by_metric.items():
            for scene, number in zip(scenes, numbers, strict=True):
                end = {"status": "failed", "reason": "broke"} if number is None else {"value": float(number)}
                found.append(Score(dataset, scene, method, metric, reference=reference, **end))
    frame = pd.DataFrame([dataclasses.asdict(score) for score in (*found, *more)], columns=list(SCORE_COLUMNS))
    return frame.astype({"value": float})


def stored(folder: Path, facts: About, scores: pd.DataFrame) -> Results:
    """Results that hold the description and the scores of one data set."""
    results = Results(str(folder))
    results.write_about(facts)
    results.write_tidy(facts.dataset, scores)
    return results


def names(count: int) -> list[str]:
    """Names of scenes."""
    return [f"s{k:02d}" for k in range(count)]
