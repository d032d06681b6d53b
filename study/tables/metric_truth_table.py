"""Do the metrics order methods as the truth does? Rank correlation with the error, on scenes whose truth is known.

The assessment metrics look at the sources only. Where the all-in-focus image and the map of the sharp source are known,
they can be held against two errors: RMSE, the root mean square difference to the all-in-focus image (gray levels; from
the PSNR against it), and the share of pixels taken from the wrong source.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

import metrics
from files.atomic import write_text
from study import about as sidecar
from study import records
from study.tables import latex as booktabs
from study.tables import statistics_table as statistics

#: A rank correlation over fewer methods says nothing.
LEAST_METHODS = 5
RESAMPLES = 9999

COLUMNS = ("dataset", "label", "comparison", "metric", "scenes", "methods")
COLUMNS += tuple(f"{kind}{part}" for kind in ("spearman", "kendall") for part in ("", "_low", "_high"))


@dataclass(frozen=True)
class Comparison:
    """An error and the methods that enter: all, or those with a decision map."""

    id: str
    title: str
    error: str
    maps_only: bool


COMPARISONS = (
    Comparison("rmse_all", "RMSE, all methods", "psnr", maps_only=False),
    Comparison("rmse_maps", "RMSE, methods with a decision map", "psnr", maps_only=True),
    Comparison("wrong_pixels", "Wrong pixels, methods with a decision map", "wrong_pixels", maps_only=True),
)

NOTES = (
    "Spearman's rank correlation over methods between the metric and minus the error, in every scene, then the mean over scenes; in brackets "
    f"the 95 % percentile interval of {RESAMPLES} bootstrap resamples of the scenes. 1: the metric orders the methods as the truth does; "
    "0: no relation; negative: it prefers the worse result. Kendall's tau: metric_truth.csv.",
    "RMSE: root mean square difference to the true all-in-focus image, 8-bit gray. Wrong pixels: share of pixels taken from another source than "
    "the sharp one.",
    "Controls do not enter. Methods that compute new pixel values enter under all methods, also learned ones that change the tone of the "
    "image, which costs them RMSE; methods with a decision map copy or blend source pixels and cannot change it.",
    "Metrics that are themselves measured against the truth here (PSNR, SSIM, wrong pixels, boundary error) are not listed.",
)


def compute(abouts, scores):
    """Rank correlations of all truth sets of a run.

    Parameters
    ----------
    abouts : list of dict
        ``about.json`` of every data set.
    scores : dict
        Data set -> its tidy scores.

    Returns
    -------
    list of dict
        `COLUMNS`: one row per data set with truth, comparison and metric; ``scenes`` and ``methods`` count what entered (methods:
        the most in a scene).
    """
    rows = []
    for about in abouts:
        mine = scores[about["dataset"]]
        true = {r["scene"] for r in mine if r["metric"] == "psnr" and r["reference"] == "truth"}
        entries = [e for e in sidecar.entries(about) if e.declared.kind != "control"]
        ids = [m for m in about["metrics"] if not _uses_truth(metrics.registry.get(m))]
        good = [r for r in mine if r["scene"] in true]
        rows += _dataset_rows(about, entries, ids, good)
    return rows


def _uses_truth(metric):
    return metric.family == "truth" or metric.prefers_truth


def _dataset_rows(about, entries, ids, rows):
    mapped = {r["method"] for r in rows if r["metric"] == "wrong_pixels" and r["status"] == "ok"}
    for comparison in COMPARISONS:
        names = [e.name for e in entries if e.name in mapped or not comparison.maps_only]
        error = _by_scene(rows, names, comparison.error)
        for metric_id in ids:
            found = _correlations(_by_scene(rows, names, metric_id), error)
            if found:
                base = {"dataset": about["dataset"], "label": about["label"], "comparison": comparison.id}
                yield base | {"metric": metric_id} | _summary(found)


def _by_scene(rows, names, metric_id):
    """Scene -> goodness of every method (larger better, NaN where there is none)."""
    scene_names, matrix = statistics.values(rows, names, metric_id)
    return dict(zip(scene_names, statistics.goodness(matrix, metrics.registry.get(metric_id)), strict=True))


def _correlations(metric, error):
    """(Spearman, Kendall, methods) of every scene where both are known for enough methods."""
    found = []
    for scene in sorted(metric.keys() & error.keys()):
        both = np.isfinite(metric[scene]) & np.isfinite(error[scene])
        first, second = metric[scene][both], error[scene][both]
        if both.sum() >= LEAST_METHODS and np.ptp(first) > 0 and np.ptp(second) > 0:
            rho, tau = stats.spearmanr(first, second).statistic, stats.kendalltau(first, second).statistic
            found.append((float(rho), float(tau), int(both.sum())))
    return found


def _summary(found):
    coefficients = np.array([f[:2] for f in found])
    row = {"scenes": len(found), "methods": max(f[2] for f in found)}
    low = high = np.full(2, np.nan)
    if len(found) >= statistics.LEAST_SCENES:
        interval = stats.bootstrap(
            (coefficients,),
            np.mean,
            axis=0,
            n_resamples=RESAMPLES,
            method="percentile",
            rng=np.random.default_rng(statistics.SEED),
        ).confidence_interval
        low, high = interval.low, interval.high
    for place, kind in enumerate(("spearman", "kendall")):
        row |= {kind: _text(coefficients[:, place].mean()), f"{kind}_low": _text(low[place])}
        row |= {f"{kind}_high": _text(high[place])}
    return row


def _text(value):
    return f"{value:.3f}" if np.isfinite(value) else ""


def markdown(rows):
    """The correlations as Markdown: one table per data set, metrics down, comparisons across."""
    lines = ["# Metrics against the truth", ""]
    if not rows:
        return "\n".join([*lines, "No data set of this run has scenes with truth and enough methods."]) + "\n"
    for dataset in dict.fromkeys(r["dataset"] for r in rows):
        lines += _dataset_lines([r for r in rows if r["dataset"] == dataset])
    lines += [f"- {note}" for note in NOTES]
    return "\n".join(lines) + "\n"


def latex(rows):
    """The correlations as LaTeX: one table per data set."""
    parts = []
    for dataset in dict.fromkeys(r["dataset"] for r in rows):
        heads, lines = _cells([r for r in rows if r["dataset"] == dataset])
        label = next(r["label"] for r in rows if r["dataset"] == dataset)
        caption = f"{booktabs.escape(label)}: rank correlation of the metrics with the error against the truth."
        body = [[f"${metric.latex}$", *map(booktabs.escape, texts)] for metric, texts in lines]
        heads = ["Metric", *(booktabs.stacked(*head.replace(" (", ", (").split(", ", 2)) for head in heads)]
        parts.append(booktabs.table(caption, f"{dataset}_metric_truth", heads, body, size="scriptsize"))
    return booktabs.document(*parts, booktabs.paragraph(NOTES))


def write(folder, abouts, scores):
    """Write ``metric_truth.csv``, ``.md`` and ``.tex``; parameters as `compute`."""
    rows = compute(abouts, scores)
    records.write_csv(folder / "metric_truth.csv", COLUMNS, rows)
    write_text(folder / "metric_truth.md", markdown(rows))
    write_text(folder / "metric_truth.tex", latex(rows))


def _cells(mine):
    """Heads of the comparisons of one data set, and (metric, cells) of every line."""
    cells = {(r["comparison"], r["metric"]): r for r in mine}
    shown = [c for c in COMPARISONS if any(key[0] == c.id for key in cells)]
    heads = []
    for comparison in shown:
        some = [r for r in mine if r["comparison"] == comparison.id]
        counts = f"{max(r['methods'] for r in some)} methods, {max(r['scenes'] for r in some)} scenes"
        heads.append(f"{comparison.title} ({counts})")
    lines = []
    for metric_id in dict.fromkeys(r["metric"] for r in mine):
        lines.append((metrics.registry.get(metric_id), [interval_text(cells.get((c.id, metric_id))) for c in shown]))
    return heads, lines


def _dataset_lines(mine):
    heads, rows = _cells(mine)
    lines = [f"## {mine[0]['label']}", "", "| Metric | " + " | ".join(heads) + " |"]
    lines.append("| --- |" + " ---: |" * len(heads))
    lines += ["| " + " | ".join([metric.label, *texts]) + " |" for metric, texts in rows]
    return [*lines, ""]


def interval_text(row):
    """Mean Spearman correlation and its interval, for tables (str)."""
    if row is None:
        return "n/a"
    if not row["spearman_low"]:
        return row["spearman"]
    return f"{row['spearman']} ({row['spearman_low']} to {row['spearman_high']})"
