"""Do methods differ? Tests over the scenes of a data set, per metric, each method against GACN and all together.

* Paired Wilcoxon signed-rank test of every method against GACN, corrected by Holm over the methods of a metric. The methods of
  the paper's table are one family, the further methods of an extended run another, so that adding methods to a run
  does not weaken the paper's comparison. Where even n equal signs would not survive the correction, there is no verdict.
* Effect: median over the scenes of the difference to GACN, with a bootstrap 95 % confidence interval.
* Friedman test over all methods, mean ranks within scenes, and Nemenyi's critical difference of mean ranks.

Controls take no part. With fewer than six scenes no test is made: the two-sided signed-rank test cannot fall below
p = 0.05 there.

References
----------
J. Demsar, Statistical comparisons of classifiers over multiple data sets, JMLR 7 (2006) 1-30.
S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979) 65-70.
"""

import numpy as np
from scipy import stats

import metrics
from files.atomic import write_text
from study import about as sidecar
from study import records
from study.tables import latex as booktabs

REFERENCE = "gacn"
ALPHA = 0.05
LEAST_SCENES = 6
RESAMPLES = 2000
SEED = 20220

COMPARISON = (
    "dataset",
    "metric",
    "method",
    "label",
    "kind",
    "n",
    "mean_rank",
    "reference_minus_method",
    "ci_low",
    "ci_high",
    "p",
    "p_holm",
    "reference_is",
)
FRIEDMAN = ("dataset", "metric", "n", "methods", "chi2", "p", "critical_difference")


def values(rows, names, metric_id):
    """Scores of one metric as a matrix.

    Parameters
    ----------
    rows : list of dict
        Tidy scores.
    names : sequence of str
        Methods: the columns.
    metric_id : str

    Returns
    -------
    scene_names : list of str
        The rows: scenes with at least one value.
    matrix : numpy.ndarray
        float64, scenes x methods; NaN where there is no value.
    """
    column = {name: place for place, name in enumerate(names)}
    good = [r for r in rows if r["metric"] == metric_id and r["status"] == "ok" and r["method"] in column]
    scene_names = sorted({r["scene"] for r in good})
    line = {scene: place for place, scene in enumerate(scene_names)}
    matrix = np.full((len(scene_names), len(names)), np.nan)
    for row in good:
        matrix[line[row["scene"]], column[row["method"]]] = float(row["value"])
    return scene_names, matrix


def goodness(matrix, metric):
    """The scores turned so that larger is better."""
    return matrix if metric.direction == "larger" else -matrix


def complete(matrix):
    """Methods with as many scenes as any method has (bool per column) and scenes where all of these have a value."""
    counts = np.isfinite(matrix).sum(axis=0)
    methods = (counts == counts.max(initial=0)) & (counts > 0)
    return methods, np.isfinite(matrix[:, methods]).all(axis=1)


def scene_ranks(good):
    """Ranks within every scene (1 = best, ties share the mean rank) of a scenes x methods matrix, larger better."""
    return stats.rankdata(-good, axis=1)


def holm(p):
    """Adjusted p values of Holm's step-down procedure, in the order given."""
    p = np.asarray(p, dtype=float)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def signed_rank(differences):
    """Two-sided p value of the Wilcoxon signed-rank test; 1 when no scene differs."""
    if not np.any(differences):
        return 1.0
    return float(stats.wilcoxon(differences).pvalue)


def median_interval(differences):
    """Bootstrap 95 % percentile intervals of medians over scenes.

    Parameters
    ----------
    differences : numpy.ndarray
        Scenes x methods.

    Returns
    -------
    low, high : numpy.ndarray
        One value per method; the same resampled scenes for all.
    """
    found = stats.bootstrap(
        (differences,),
        np.median,
        axis=0,
        n_resamples=RESAMPLES,
        batch=200,
        method="percentile",
        rng=np.random.default_rng(SEED),
    )
    return found.confidence_interval.low, found.confidence_interval.high


def critical_difference(methods, scenes, alpha=ALPHA):
    """Nemenyi's critical difference of mean ranks of `methods` over `scenes`."""
    quantile = stats.studentized_range.ppf(1 - alpha, methods, np.inf) / np.sqrt(2)
    return float(quantile * np.sqrt(methods * (methods + 1) / (6 * scenes)))


def compute(about, rows):
    """All tests of one data set.

    Parameters
    ----------
    about : dict
        From `study.about.describe`.
    rows : list of dict
        Tidy scores.

    Returns
    -------
    comparisons : list of dict
        `COMPARISON`: one row per metric and method. ``reference_minus_method`` is the median over the scenes of GACN's value minus the
        method's, positive where GACN is better whatever the metric's direction; ``reference_is`` says better, worse, not
        different (alpha = 0.05 after Holm) or too few scenes, and is empty where no test is made.
    friedman : list of dict
        `FRIEDMAN`: one row per metric.
    """
    entries = [e for e in sidecar.entries(about) if e.declared.kind != "control"]
    comparisons, friedman = [], []
    for metric_id in about["metrics"]:
        metric = metrics.registry.get(metric_id)
        _, matrix = values(rows, [e.name for e in entries], metric_id)
        if not np.isfinite(matrix).any():
            continue
        good = goodness(matrix, metric)
        ranks, row = _friedman(good)
        friedman.append({"dataset": about["dataset"], "metric": metric_id} | row)
        main = {m["name"] for m in about["methods"] if m["main"]}
        rows_of_metric, tested = _comparisons(about["dataset"], metric_id, entries, good, ranks)
        for family in (True, False):
            _tests([(row, differences) for row, differences in tested if (row["method"] in main) == family])
        comparisons += rows_of_metric
    return comparisons, friedman


def _friedman(good):
    """Mean rank per method (NaN for incomplete ones) and the Friedman row of one metric."""
    methods, scenes = complete(good)
    block = good[scenes][:, methods]
    n, k = block.shape
    ranks = np.full(good.shape[1], np.nan)
    if n:
        ranks[methods] = scene_ranks(block).mean(axis=0)
    row = {"n": n, "methods": k}
    if n >= LEAST_SCENES and k >= 3:
        # Where all methods tie in all scenes the statistic is 0 / 0.
        chi2, p = stats.friedmanchisquare(*block.T) if np.ptp(block, axis=1).any() else (0.0, 1.0)
        row |= {"chi2": f"{chi2:.2f}", "p": _p(p)}
        row["critical_difference"] = f"{critical_difference(k, n):.3f}"
    return ranks, row


def _comparisons(dataset, metric_id, entries, good, ranks):
    """Rows of one metric without tests, and (row, differences to GACN) of those to test."""
    names = [e.name for e in entries]
    base = {"dataset": dataset, "metric": metric_id}
    rows = [
        base
        | {"method": e.name, "label": e.label, "kind": e.declared.kind, "n": int(np.isfinite(good[:, i]).sum())}
        | {"mean_rank": "" if np.isnan(ranks[i]) else f"{ranks[i]:.3f}"}
        for i, e in enumerate(entries)
    ]
    if REFERENCE not in names:
        return [r for r in rows if r["n"]], []
    differences = good[:, [names.index(REFERENCE)]] - good
    tested = []
    for place, row in enumerate(rows):
        mine = differences[np.isfinite(differences[:, place]), place]
        if names[place] == REFERENCE or not mine.size:
            continue
        row |= {"n": mine.size, "reference_minus_method": _number(np.median(mine))}
        if mine.size >= LEAST_SCENES:
            low, high = median_interval(mine[:, None])
            row |= {"ci_low": _number(low[0]), "ci_high": _number(high[0])}
            tested.append((row, mine))
    return [r for r in rows if r["n"]], tested


def _tests(tested):
    """Add p values and verdicts to the rows of one family, given with their differences."""
    raw = [signed_rank(differences) for _, differences in tested]
    for (row, differences), p, adjusted in zip(tested, raw, holm(raw), strict=True):
        direction = "better" if _signed_rank_sum(differences) > 0 else "worse"
        verdict = direction if adjusted < ALPHA else "not different"
        if len(tested) * 2.0 ** (1 - differences.size) >= ALPHA:
            verdict = "too few scenes"
        row |= {"p": _p(p), "p_holm": _p(adjusted), "reference_is": verdict}


def _signed_rank_sum(differences):
    """Sum of the ranks of absolute differences with the sign of each: which side the signed-rank test is on."""
    return float(np.sum(np.sign(differences) * stats.rankdata(np.abs(differences))))


def _p(value):
    return f"{value:.3g}"


def _number(value):
    return f"{value:.5g}"


_SIGN = {"better": "+", "worse": "−", "not different": "·", "too few scenes": "", "": ""}
_TEX_SIGN = {"+": "+", "−": "-", "·": r"\cdot"}


def markdown(about, comparisons, friedman):
    """The tests as Markdown: overview, Friedman tests, and one table per metric of the six."""
    lines = [f"# {about['label']}: statistics", ""]
    if not comparisons:
        return "\n".join([*lines, f"No scores: {about['reason'] or 'see the table'}."]) + "\n"
    n = max(r["n"] for r in friedman)
    if n < LEAST_SCENES:
        lines += [f"No test is made: {n} scene(s), and fewer than {LEAST_SCENES} cannot give p < {ALPHA}.", ""]
    elif not any(r.get("p") for r in comparisons):
        lines += ["No test against GACN is made: it has no result here.", ""]
    else:
        lines += _overview(comparisons)
    if n >= LEAST_SCENES:
        lines += _friedman_lines(friedman)
    for metric_id in [m for m in about["metrics"] if m in metrics.SIX]:
        mine = [r for r in comparisons if r["metric"] == metric_id]
        if mine:
            lines += _metric_lines(metrics.registry.get(metric_id), mine)
    lines += [f"- {note}" for note in [*notes(n), about["note"]] if note]
    return "\n".join(lines) + "\n"


def latex(about, comparisons, friedman):
    """The overview as LaTeX: GACN against each method on the six metrics."""
    shown, rows = _verdicts(comparisons)
    n = max((r["n"] for r in friedman), default=0)
    lines = [OVERVIEW, *notes(n)]
    long = len(rows) > 30
    table = booktabs.table(
        f"{booktabs.escape(about['label'])}: GACN against each method, $n={n}$ scenes.",
        f"{about['dataset']}_statistics",
        ["Method", *(f"${m.latex}$" for m in shown)],
        [[booktabs.escape(label), *(f"${_TEX_SIGN[s]}$" if s else "" for s in signs)] for label, signs in rows],
        notes=() if long else lines,
        columns="l" + "c" * len(shown),
        size="scriptsize" if long else "footnotesize",
    )
    return booktabs.document(table, *([booktabs.paragraph(lines)] if long else []))


def write(folder, about, rows):
    """Write ``statistics.csv``, ``friedman.csv``, ``statistics.md`` and ``statistics.tex``; parameters as `compute`."""
    comparisons, friedman = compute(about, rows)
    records.write_csv(folder / "statistics.csv", COMPARISON, comparisons)
    records.write_csv(folder / "friedman.csv", FRIEDMAN, friedman)
    write_text(folder / "statistics.md", markdown(about, comparisons, friedman))
    write_text(folder / "statistics.tex", latex(about, comparisons, friedman))


def notes(n):
    """What stands under the statistics of `n` scenes."""
    tested = [
        f"Scenes are the unit: n = {n}. Controls take no part. Further metrics: statistics.csv, friedman.csv.",
        "Difference: median over the scenes of GACN minus method, turned so that positive means GACN is better; in brackets the "
        f"95 % percentile interval of {RESAMPLES} bootstrap resamples of the scenes.",
        "Mean rank: rank within each scene among the methods that have all scenes (1 = best), averaged.",
    ]
    if n >= LEAST_SCENES:
        tested += [
            f"p: two-sided Wilcoxon signed-rank test, paired by scene; Holm: corrected over the methods of a metric, those "
            f"of the paper's table and the further ones apart; level {ALPHA}. Too few scenes: equal signs in all scenes would not survive it.",
            "CD: two methods whose mean ranks differ by less do not differ at that level by Nemenyi's test.",
        ]
    return tested


OVERVIEW = (
    "GACN against each method: + significantly better, − significantly worse, · not different, blank: no verdict."
)


def _verdicts(comparisons):
    """Metrics of the overview and, per method, its label and one sign per metric."""
    six = [m for m in metrics.SIX if any(r["metric"] == m for r in comparisons)]
    verdict = {(r["method"], r["metric"]): r.get("reference_is", "") for r in comparisons}
    labels = {r["method"]: r["label"] for r in comparisons if r["method"] != REFERENCE}
    rows = [(label, [_SIGN[verdict.get((name, m), "")] for m in six]) for name, label in labels.items()]
    return [metrics.registry.get(m) for m in six], rows


def _overview(comparisons):
    shown, rows = _verdicts(comparisons)
    lines = [OVERVIEW, ""]
    lines += ["| Method | " + " | ".join(m.label for m in shown) + " |", "| --- |" + " :---: |" * len(shown)]
    return [*lines, *("| " + " | ".join([label, *signs]) + " |" for label, signs in rows), ""]


def _friedman_lines(friedman):
    lines = ["## Friedman test", "", "| Metric | n | methods | χ² | p | CD |"]
    lines.append("| --- | ---: | ---: | ---: | ---: | ---: |")
    for row in friedman:
        cells = [str(row.get(c) or "–") for c in ("n", "methods", "chi2", "p", "critical_difference")]
        lines.append("| " + " | ".join([metrics.registry.get(row["metric"]).label, *cells]) + " |")
    return [*lines, ""]


def _metric_lines(metric, mine):
    lines = [f"## {metric.label}", "", "| Method | mean rank | n | difference (95 % interval) | p | Holm | GACN is |"]
    lines.append("| --- | ---: | ---: | ---: | ---: | ---: | --- |")
    for row in sorted(mine, key=lambda r: float(r["mean_rank"] or "inf")):
        effect = row.get("reference_minus_method", "")
        if row.get("ci_low"):
            effect += f" ({row['ci_low']} to {row['ci_high']})"
        cells = [row["mean_rank"] or "–", str(row["n"]), effect, row.get("p", ""), row.get("p_holm", "")]
        lines.append("| " + " | ".join([row["label"], *cells, row.get("reference_is", "")]) + " |")
    return [*lines, ""]
