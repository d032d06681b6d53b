"""Ablation: the network without one of its design choices at a time, all trained with the same budget.

`study.gacn.entries.VARIANTS` lists them. Every variant is trained (``train_network``), fused and scored as any other method; this
table compares the scores, scene by scene, with those of the complete network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

import metrics
from files.atomic import write_text
from study.entries import Entry
from study.gacn import entries
from study.gacn.entries import Training
from study.gacn.labels import label
from study.run.scores_table import joined
from study.store import Results, read_frame, write_frame
from study.tables import writers
from study.tables.inline import escape, message
from study.tables.table import Column, Mark, Page, Table, printed

#: Metrics whose values say something only where the truth is known.
AGAINST_TRUTH = ("psnr", "wrong_pixels", "boundary_error")
#: Metrics of the table.
METRICS = (*metrics.SIX, *AGAINST_TRUTH)

COLUMNS = ("dataset", "variant", "label", "metric", "mean", "n", "difference", "standard_error", "reason")
_NUMBERS = ("mean", "n", "difference", "standard_error")


def compare(dataset: str, variants: Sequence[Entry], scores: pd.DataFrame) -> pd.DataFrame:
    """Means of every variant on one data set, and the mean difference per scene from the complete network.

    Parameters
    ----------
    dataset : str
    variants : sequence of Entry
        The complete network first.
    scores : pandas.DataFrame
        Tidy scores of all variants on the data set.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`; one row per variant and metric that has a value, one with the reason for a variant without any.
        ``standard_error`` is that of the difference. Numbers are float, NaN where there is none.
    """
    known = scores[scores["metric"].isin(METRICS)]
    known = known[~known["metric"].isin(AGAINST_TRUTH) | (known["reference"] != "sources")]
    good = known[known["status"] == "ok"]
    lost = known[(known["status"] != "ok") & (known["reason"] != "")]
    reasons = lost.groupby("method")["reason"].first()
    values = good.pivot(index="scene", columns=["method", "metric"], values="value").reindex(good["scene"].unique())
    rows: list[dict[str, Any]] = []
    for entry in variants:
        base = {"dataset": dataset, "variant": entry.name, "label": entry.label, "metric": "", "reason": ""}
        measured = [metric for metric in METRICS if (entry.name, metric) in values]
        if not measured:
            rows.append(base | {"n": 0, "reason": reasons.get(entry.name, "no result")})
        for metric in measured:
            own, complete = values[entry.name, metric].dropna(), values.get((variants[0].name, metric))
            # The mean of NumPy over the values in their stored order: pandas would sum in another order.
            rows.append(base | {"metric": metric, "mean": float(np.mean(own.to_numpy())), "n": len(own)})
            if entry is not variants[0] and complete is not None:
                rows[-1] |= _difference((own - complete).reindex(own.index).dropna().to_numpy())
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(_NUMBERS, float))


def _difference(pairs: np.ndarray) -> dict[str, float]:
    """Mean and standard error of the differences over the scenes that both have."""
    if not pairs.size:
        return {}
    error = float(pairs.std(ddof=1) / np.sqrt(pairs.size)) if pairs.size > 1 else float("nan")
    return {"difference": float(pairs.mean()), "standard_error": error}


def page(frame: pd.DataFrame, trainings: Sequence[Training] = ()) -> Page:
    """The tables of all data sets.

    Parameters
    ----------
    frame : pandas.DataFrame
        From `compare`, of all data sets.
    trainings : sequence of Training
        Records of the training runs, for the notes on the budget.
    """
    tables = [_table(dataset, rows) for dataset, rows in frame.groupby("dataset", sort=False)]
    return Page("Ablation", tables, notes=_notes(trainings))


def _table(dataset: Any, rows: pd.DataFrame) -> Table:
    measured = rows[rows["metric"] != ""]
    columns = [metrics.registry.get(metric) for metric in measured["metric"].unique()]
    labels = list(measured["label"].unique())
    means = measured.pivot(index="label", columns="metric", values="mean").reindex(labels)
    counts = measured.pivot(index="label", columns="metric", values="n").reindex(labels)
    whole = int(measured["n"].max()) if len(measured) else 0
    notes = [f"Means over n = {whole} scenes{'; other numbers are stated' if (counts < whole).any(axis=None) else ''}."]
    return Table(
        means.reset_index(),
        [Column("label", "Variant", align="left"), *map(Column.of, columns)],
        label(dataset),
        notes=[*(notes if len(measured) else []), *_missing(rows)],
        marks={metric.id: _marks(metric, means[metric.id], counts[metric.id]) for metric in columns},
        suffixes={
            metric.id: [f" (n={n:.0f})" if n < whole else "" for n in counts[metric.id].fillna(whole)]
            for metric in columns
        },
        label=f"ablation_{dataset}",
        caption=f"Ablation on {label(dataset)}: the network without one of its design choices at a time.",
    )


def _marks(metric: metrics.Metric, means: pd.Series[float], counts: pd.Series[float]) -> list[Mark]:
    """The best of the printed means; one that lacks scenes the others have cannot be the best."""
    texts = [printed(mean, metric.digits) if n == counts.max() else "" for mean, n in zip(means, counts, strict=True)]
    best = (max if metric.direction == "larger" else min)(filter(None, texts), key=float)
    return ["best" if text == best else "" for text in texts]


def _missing(rows: pd.DataFrame) -> list[str]:
    """Why there is no result: once where it is the same for all variants."""
    lost = rows[rows["metric"] == ""]
    if len(lost) == len(rows) and lost["reason"].nunique() == 1:
        return [f"Not available: any variant ({message(lost['reason'].iloc[0])})."]
    pairs = zip(lost["label"], lost["reason"], strict=True)
    return [f"Not available: {escape(name)} ({message(reason)})." for name, reason in pairs]


def _notes(trainings: Sequence[Training]) -> list[str]:
    """The budget, how long it took, how to read the tables."""
    notes = []
    good = [training for training in trainings if training.status == "ok"]
    if good:
        recipe = good[0].recipe
        notes.append(
            f"All variants were trained with the same budget: epochs {recipe['epochs']}, passes over the images per epoch "
            f"{recipe['passes']}, batch {recipe['batch']}, crop {recipe['crop']} x {recipe['crop']} pixels, blur {recipe['blur']}, seed "
            f"{recipe['seed']}. The parameters of the lowest validation loss are kept. The values compare the variants with each "
            "other; another budget changes them."
        )
        minutes = [training.seconds / 60 for training in good]
        notes.append(f"One training took {min(minutes):.1f} to {max(minutes):.1f} min. One seed per variant.")
    notes.append(
        "The best value is bold, decided on the printed digits. The hard decision map uses the parameters of the complete network, so its "
        "wrong pixels and boundary error are the same by definition. PSNR is against the true image."
    )
    return notes


def read(results: Results) -> pd.DataFrame:
    """The stored ``ablation.csv`` (empty where there is none)."""
    return read_frame(results.table("ablation.csv"), COLUMNS, _NUMBERS)


def stored(results: Results, ablation: Mapping[str, Any]) -> Page:
    """The page from what is stored.

    Parameters
    ----------
    results : Results
    ablation : mapping
        The configuration's ``ablation``, which names the training runs.
    """
    found = [entries.stored(run) for run in entries.ablation_runs(ablation)]
    return page(read(results), [training for training in found if training is not None])


def write(results: Results, datasets: Sequence[str], ablation: Mapping[str, Any]) -> None:
    """Write ``ablation.csv``, ``.md`` and ``.tex`` from the scores of all variants.

    Parameters
    ----------
    results : Results
    datasets : sequence of str
    ablation : mapping
        The configuration's ``ablation``.
    """
    variants = list(entries.ablation_entries(ablation).values())
    frame = pd.concat([compare(name, variants, joined(results, name, variants)) for name in datasets])
    write_frame(results.table("ablation.csv"), frame.astype({"n": int}))
    found = stored(results, ablation)
    write_text(results.table("ablation.md"), writers.markdown(found))
    write_text(results.table("ablation.tex"), writers.latex(found))
