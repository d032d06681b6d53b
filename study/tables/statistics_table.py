"""Do methods differ? Tests over the scenes of a data set, per metric, each method against the highlighted ones and all together.

* Paired Wilcoxon signed-rank test of every method against each reference: the highlighted methods (GACN, or those that the configuration names),
  or the best method by mean rank where none of these has a result. Corrected by Holm over the methods of a metric, for each reference. The methods
  of the paper's table are one family, the other methods of a run another, so that adding methods does not weaken the paper's comparison. Where
  even n equal signs would not survive the correction, there is no verdict.
* Effect: median over the scenes of the difference to the reference, with a bootstrap 95 % confidence interval.
* Friedman test over all methods, mean ranks within scenes, and Nemenyi's critical difference of mean ranks, which compares all pairs.

Controls take no part. With fewer than six scenes no test is made: the two-sided signed-rank test cannot fall below
p = 0.05 there.

References
----------
J. Demsar, Statistical comparisons of classifiers over multiple data sets, JMLR 7 (2006) 1-30.
S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979) 65-70.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

import metrics
from files.atomic import write_text
from study.entries import Entry
from study.store import About, Results, read_frame, write_frame
from study.tables import writers
from study.tables.inline import escape, message
from study.tables.means_table import counted, counted_column, main_means
from study.tables.table import Column, Page, Table

ALPHA = 0.05
LEAST_SCENES = 6
RESAMPLES = 2000
SEED = 20220

#: Columns of ``statistics.csv`` and of ``friedman.csv``.
COMPARISON: tuple[str, ...] = (
    "dataset",
    "metric",
    "reference",
    "method",
    "label",
    "kind",
    "n",
    "mean_rank",
    "reference_minus_method",
    "ci_low",
    "ci_high",
)
COMPARISON += ("p", "p_holm", "reference_is")
FRIEDMAN = ("dataset", "metric", "n", "methods", "chi2", "p", "critical_difference")

Matrix = NDArray[np.float64]
#: A row of a table before it enters a frame.
Row = dict[str, object]


def values(scores: pd.DataFrame, names: Sequence[str], metric_id: str) -> pd.DataFrame:
    """Scores of one metric by scene and method.

    Parameters
    ----------
    scores : pandas.DataFrame
        Tidy scores.
    names : sequence of str
        Methods: the columns.
    metric_id : str

    Returns
    -------
    pandas.DataFrame
        float64; index: scenes with at least one value, sorted; NaN where there is no value.
    """
    good = scores[(scores["metric"] == metric_id) & (scores["status"] == "ok") & scores["method"].isin(names)]
    return (
        good.pivot(index="scene", columns="method", values="value")
        .reindex(columns=list(names))
        .sort_index()
        .astype(float)
    )


def goodness(matrix: Matrix, metric: metrics.Metric) -> Matrix:
    """The scores turned so that larger is better."""
    return matrix if metric.direction == "larger" else -matrix


def complete(matrix: Matrix) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Methods with as many scenes as any method has (bool per column) and scenes where all of these have a value."""
    counts = np.isfinite(matrix).sum(axis=0)
    methods = (counts == counts.max(initial=0)) & (counts > 0)
    return methods, np.asarray(np.isfinite(matrix[:, methods]).all(axis=1))


def scene_ranks(good: Matrix) -> Matrix:
    """Ranks within every scene (1 = best, ties share the mean rank) of a scenes x methods matrix, larger better."""
    return np.asarray(stats.rankdata(-good, axis=1), dtype=np.float64)


def holm(p: ArrayLike) -> Matrix:
    """Adjusted p values of Holm's step-down procedure, in the order given."""
    p = np.asarray(p, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def signed_rank(differences: Matrix) -> float:
    """Two-sided p value of the Wilcoxon signed-rank test; 1 when no scene differs."""
    if not np.any(differences):
        return 1.0
    return float(stats.wilcoxon(differences).pvalue)


def median_intervals(differences: Matrix) -> tuple[Matrix, Matrix]:
    """Bootstrap 95 % percentile intervals of medians over scenes.

    Parameters
    ----------
    differences : numpy.ndarray
        Scenes x methods, without NaN.

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
        batch=50,
        method="percentile",
        rng=np.random.default_rng(SEED),
    )
    return found.confidence_interval.low, found.confidence_interval.high


def critical_difference(methods: int, scenes: int, alpha: float = ALPHA) -> float:
    """Nemenyi's critical difference of mean ranks of `methods` over `scenes`."""
    quantile = stats.studentized_range.ppf(1 - alpha, methods, np.inf) / np.sqrt(2)
    return float(quantile * np.sqrt(methods * (methods + 1) / (6 * scenes)))


def compute(about: About, scores: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All tests of one data set.

    Parameters
    ----------
    about : About
    scores : pandas.DataFrame
        Tidy scores.

    Returns
    -------
    comparisons : pandas.DataFrame
        `COMPARISON`: one row per metric, reference (`references`; empty without any) and method; numbers are text with the digits that are
        stored, but ``n`` is int. ``reference_minus_method`` is the median over the scenes of the reference's value minus the method's, positive
        where the reference is better whatever the metric's direction; ``reference_is`` says better, worse, not different (alpha = 0.05 after Holm) or too few scenes, and is empty
        where no test is made.
    friedman : pandas.DataFrame
        `FRIEDMAN`: one row per metric; ``n`` and ``methods`` are int.
    """
    entries = [entry for entry in about.entries if not entry.is_control]
    against = [entry.name for entry in references(about, scores)] or [""]
    comparisons: list[Row] = []
    friedman: list[Row] = []
    for metric_id in about.metrics:
        matrix = values(scores, [entry.name for entry in entries], metric_id).to_numpy()
        if not np.isfinite(matrix).any():
            continue
        good = goodness(matrix, metrics.registry.get(metric_id))
        base: Row = {"dataset": about.dataset, "metric": metric_id}
        ranks, row = _friedman(good)
        friedman.append(base | row)
        for reference in against:
            rows, tested = _comparisons(base | {"reference": reference}, entries, good, ranks)
            for family in (True, False):
                test([(row, differences) for row, differences in tested if (row["method"] in about.main) == family])
            comparisons += rows
    return _frame(comparisons, COMPARISON), _frame(friedman, FRIEDMAN)


def references(about: About, scores: pd.DataFrame) -> list[Entry]:
    """The methods that all others are tested against.

    Parameters
    ----------
    about : About
    scores : pandas.DataFrame
        Tidy scores.

    Returns
    -------
    list of Entry
        The highlighted methods that have results; without any, the one with the best mean rank in the paper's table; empty where none is ranked.
    """
    valued = set(scores["method"][scores["status"] == "ok"])
    if highlighted := [entry for entry in about.highlighted if entry.name in valued]:
        return highlighted
    ranked = main_means(about, scores).ranked.sort_values("mean_rank", kind="stable")
    return [entry for entry in about.entries if entry.name in list(ranked["method"][:1])]


def _frame(rows: list[Row], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame([[row.get(column, "") for column in columns] for row in rows], columns=list(columns))


def _friedman(good: Matrix) -> tuple[Matrix, Row]:
    """Mean rank per method (NaN for incomplete ones) and the Friedman row of one metric."""
    methods, scenes = complete(good)
    block = good[scenes][:, methods]
    n, k = block.shape
    ranks = np.full(good.shape[1], np.nan)
    if n:
        ranks[methods] = scene_ranks(block).mean(axis=0)
    row: Row = {"n": n, "methods": k}
    if n >= LEAST_SCENES and k >= 3:
        # Where all methods tie in all scenes the statistic is 0 / 0.
        chi2, p = stats.friedmanchisquare(*block.T) if np.ptp(block, axis=1).any() else (0.0, 1.0)
        row |= {"chi2": f"{chi2:.2f}", "p": _p(p)}
        row["critical_difference"] = f"{critical_difference(k, n):.3f}"
    return ranks, row


def _comparisons(
    base: Row, entries: Sequence[Entry], good: Matrix, ranks: Matrix
) -> tuple[list[Row], list[tuple[Row, Matrix]]]:
    """Rows of one metric and reference (in `base`) without tests, and (row, differences to the reference) of those to test."""
    reference = base["reference"]
    names = [entry.name for entry in entries]
    counts = np.isfinite(good).sum(axis=0)
    rows = [
        base
        | {"method": entry.name, "label": entry.label, "kind": entry.kind, "n": int(count)}
        | {"mean_rank": "" if np.isnan(rank) else f"{rank:.3f}"}
        for entry, count, rank in zip(entries, counts, ranks, strict=True)
    ]
    if reference not in names:
        return [row for row in rows if row["n"]], []
    others = [place for place, name in enumerate(names) if name != reference]
    differences = good[:, [names.index(str(reference))]] - good
    tested: dict[int, Matrix] = {}
    for scenes, columns in _same_scenes(differences, others):
        block = differences[scenes][:, columns]
        for column, median in zip(columns, np.median(block, axis=0), strict=True):
            rows[column] |= {"n": len(block), "reference_minus_method": number(median)}
        if len(block) >= LEAST_SCENES:
            for column, low, high in zip(columns, *median_intervals(block), strict=True):
                rows[column] |= {"ci_low": number(low), "ci_high": number(high)}
                tested[column] = differences[scenes, column]
    return [row for row in rows if row["n"]], [(rows[column], tested[column]) for column in sorted(tested)]


def _same_scenes(matrix: Matrix, columns: Sequence[int]) -> Iterator[tuple[NDArray[np.bool_], list[int]]]:
    """Columns that have values on the same scenes, with these scenes (bool per row); none without any."""
    groups: dict[bytes, list[int]] = {}
    finite = np.isfinite(matrix)
    for column in columns:
        groups.setdefault(finite[:, column].tobytes(), []).append(column)
    for members in groups.values():
        if finite[:, members[0]].any():
            yield finite[:, members[0]], members


def test(tested: Sequence[tuple[Row, Matrix]], verdict: str = "reference_is") -> None:
    """Test the differences of one family against 0, with Holm's correction over the family.

    Parameters
    ----------
    tested : sequence of (dict, numpy.ndarray)
        Rows, which get ``p``, ``p_holm`` and the verdict, with their differences over the scenes (1-D, without NaN).
    verdict : str
        Name of the verdict's column: "better" where differences are significantly positive, "worse", "not different", or "too few scenes".
    """
    raw = [signed_rank(differences) for _, differences in tested]
    for (row, differences), p, adjusted in zip(tested, raw, holm(raw), strict=True):
        direction = "better" if _signed_rank_sum(differences) > 0 else "worse"
        found = direction if adjusted < ALPHA else "not different"
        if differences.size < scenes_for_a_verdict(len(tested)):
            found = "too few scenes"
        row |= {"p": _p(p), "p_holm": _p(adjusted), verdict: found}


def scenes_for_a_verdict(tests: int) -> int:
    """Number of scenes from which on equal signs in all of them survive Holm's correction over so many tests."""
    return 1 + math.floor(1 + math.log2(tests / ALPHA))


def _signed_rank_sum(differences: Matrix) -> float:
    """Sum of the ranks of absolute differences with the sign of each: which side the signed-rank test is on."""
    return float(np.sum(np.sign(differences) * stats.rankdata(np.abs(differences))))


def _p(value: float) -> str:
    return f"{value:.3g}"


def number(value: float) -> str:
    """A difference with the digits that are stored."""
    return f"{value:.5g}"


# -- what is printed -----------------------------------------------------------------------------------------------

#: What stands for a verdict.
SIGN = {"better": "+", "worse": "−", "not different": "·", "too few scenes": "", "": ""}


def page(about: About, comparisons: pd.DataFrame, friedman: pd.DataFrame) -> Page:
    """The tests of a data set: overview, Friedman tests, and one table per metric of the six; the frames as of `compute` or `read`."""
    title = f"{about.label}: statistics"
    if comparisons.empty:
        return Page(title, (), f"No scores: {message(about.reason) or 'see the table'}.")
    n = int(friedman["n"].max())
    against = _against(comparisons)
    tables = []
    lead = ""
    if n < LEAST_SCENES:
        lead = f"No test is made: {counted(n)}, and fewer than {LEAST_SCENES} cannot give p < {ALPHA}."
    elif not (comparisons["p"] != "").any():
        lead = "No method is tested against another: none has a mean rank."
    else:
        lead = _chosen(about, against)
        tables += _overviews(comparisons, friedman, against)
    if n >= LEAST_SCENES:
        tables.append(_friedman_table(friedman))
        if not any(entry.name in against for entry in about.highlighted):
            tables.append(_pairs_table(comparisons, friedman))
    for metric in _six(comparisons):
        for name, label in against.items() or [("", "")]:
            mine = comparisons[(comparisons["metric"] == metric.id) & (comparisons["reference"] == name)]
            tables.append(_metric_table(metric.label if len(against) < 2 else f"{metric.label}: {label}", mine, label))
    return Page(title, tables, lead, [note for note in (*notes(n, list(against.values())), about.note) if note])


def overview(about: About, comparisons: pd.DataFrame, friedman: pd.DataFrame) -> Page:
    """Each reference against each method on the six metrics (the LaTeX)."""
    n = int(friedman["n"].max()) if len(friedman) else 0
    against = _against(comparisons)
    tables: list[Table] = []
    for (name, label), table in zip(against.items(), _overviews(comparisons, friedman, against), strict=True):
        caption = f"{about.label}: {label} against each method, n = {counted(n)}."
        which = f"_{name}" if tables else ""
        tables.append(replace(table, title="", lead="", caption=caption, label=f"{about.dataset}_statistics{which}"))
    leads = [_words(label) for label in against.values()]
    return Page(f"{about.label}: statistics", tables, "", [*leads, *notes(n, list(against.values()))])


def _against(comparisons: pd.DataFrame) -> dict[str, str]:
    """Name and label of every reference."""
    own = comparisons[(comparisons["method"] == comparisons["reference"])].drop_duplicates("reference")
    return dict(zip(own["reference"], own["label"], strict=True))


def _words(label: str) -> str:
    return f"{escape(label)} against each method: + significantly better, − significantly worse, · not different, blank: no verdict."


def _chosen(about: About, against: Mapping[str, str]) -> str:
    """Why these are the references, where they are not the highlighted methods."""
    highlighted = {entry.name: entry.label for entry in about.highlighted}
    if set(against) <= set(highlighted):
        return ""
    lost = f"{', '.join(map(escape, highlighted.values()))}: no result here. " if highlighted else ""
    return (
        f"{lost}Each method is compared with the one of the best mean rank, {', '.join(map(escape, against.values()))}."
    )


def _six(comparisons: pd.DataFrame) -> list[metrics.Metric]:
    here = set(comparisons["metric"])
    return [metrics.registry.get(metric) for metric in metrics.SIX if metric in here]


def _overviews(comparisons: pd.DataFrame, friedman: pd.DataFrame, against: Mapping[str, str]) -> list[Table]:
    """The overview of every reference."""
    return [
        replace(
            _overview(comparisons[comparisons["reference"] == name], friedman),
            title=f"{label} against each method" if len(against) > 1 else "",
            lead=_words(label),
        )
        for name, label in against.items()
    ]


def _overview(comparisons: pd.DataFrame, friedman: pd.DataFrame) -> Table:
    """One sign per method and metric of one reference, with its number of scenes where that differs."""
    others = comparisons[comparisons["method"] != comparisons["reference"]]
    frame = others[["method", "label"]].drop_duplicates("method").reset_index(drop=True)
    counts = friedman.set_index("metric")["n"].to_dict()
    columns = [Column("label", "Method", align="left")]
    suffixes = {}
    for metric in _six(comparisons):
        mine = others[others["metric"] == metric.id].set_index("method")
        frame[metric.id] = frame["method"].map(mine["reference_is"].map(SIGN)).fillna("")
        n = frame["method"].map(mine["n"]).fillna(0)
        shown = zip(frame[metric.id], n, strict=True)
        suffixes[metric.id] = [f" (n={own:.0f})" if sign and own != counts[metric.id] else "" for sign, own in shown]
        column = Column(metric.id, metric.label, f"${metric.latex}$", align="center", missing="")
        columns.append(counted_column(column, counts[metric.id], max(counts.values())))
    return Table(frame, columns, suffixes=suffixes)


def _friedman_table(friedman: pd.DataFrame) -> Table:
    frame = friedman.assign(shown=friedman["metric"].map(metrics.registry.get))
    columns = [Column("shown", "Metric", align="left")]
    heads = {"n": "n", "methods": "methods", "chi2": "χ²", "p": "p", "critical_difference": "CD"}
    return Table(
        frame, [*columns, *(Column(key, head, missing="–") for key, head in heads.items())], title="Friedman test"
    )


def _pairs_table(comparisons: pd.DataFrame, friedman: pd.DataFrame) -> Table:
    """Of every method, how many others it is better and worse than by Nemenyi's test, metric by metric."""
    differences = (
        friedman[friedman["critical_difference"] != ""].set_index("metric")["critical_difference"].astype(float)
    )
    ranked = comparisons[comparisons["mean_rank"] != ""].drop_duplicates(["metric", "method"])
    frame = ranked[["method", "label"]].drop_duplicates("method").reset_index(drop=True)
    columns = [Column("label", "Method", align="left")]
    for metric in _six(comparisons):
        if metric.id in differences.index:
            mine = ranked[ranked["metric"] == metric.id].set_index("method")["mean_rank"].astype(float)
            ahead = mine.to_numpy()[None, :] - mine.to_numpy()[:, None]
            limit = differences[metric.id]
            cells = zip(mine.index, (ahead > limit).sum(axis=1), (ahead < -limit).sum(axis=1), strict=True)
            frame[metric.id] = frame["method"].map({name: f"{better} / {worse}" for name, better, worse in cells})
            columns.append(Column(metric.id, metric.label, f"${metric.latex}$", align="center", missing=""))
    lead = "How many methods a method is significantly better / worse than: their mean ranks differ by more than CD."
    return Table(frame.fillna(""), columns, title="All pairs", lead=lead)


def _metric_table(title: str, mine: pd.DataFrame, reference: str) -> Table:
    order = pd.to_numeric(mine["mean_rank"], errors="coerce").fillna(np.inf).sort_values(kind="stable").index
    frame = mine.loc[order]
    frame = frame.assign(effect=[effect(row) for row in frame.to_dict("records")])
    columns = [
        Column("label", "Method", align="left"),
        Column("mean_rank", "mean rank", missing="–"),
        Column("n", "n"),
        Column("effect", "difference (95 % interval)", missing=""),
        Column("p", "p", missing=""),
        Column("p_holm", "Holm", missing=""),
    ]
    columns += [Column("reference_is", f"{reference} is", align="left", missing="")] if reference else []
    return Table(frame, columns, title=title)


def effect(row: Mapping[Hashable, str]) -> str:
    """Median difference and its interval as text; empty where there is none."""
    text = row["reference_minus_method"]
    return f"{text} ({row['ci_low']} to {row['ci_high']})" if row["ci_low"] else text


def notes(n: int, against: Sequence[str]) -> list[str]:
    """What stands under the statistics of `n` scenes; `against` are the labels of the references."""
    name = escape(against[0]) if len(against) == 1 else "the method in the title"
    tested = [
        f"Scenes are the unit: n = {n}. Controls take no part. Further metrics: statistics.csv, friedman.csv.",
        f"Difference: median over the scenes of {name} minus method, turned so that positive means {name} is better; in brackets its 95 % percentile "
        f"interval, of {RESAMPLES} bootstrap resamples of the scenes.",
        "Mean rank: rank within each scene among the methods that have all scenes (1 = best), averaged.",
    ]
    if n >= LEAST_SCENES:
        tested += [
            f"p: two-sided Wilcoxon signed-rank test, paired by scene, uncorrected; Holm: the same p value corrected; verdicts are by Holm, level {ALPHA}. "
            "Too few scenes: even equal signs in all scenes would not survive the correction.",
            "Which correction is in which table: Holm over the methods of a metric, separately for those of the paper's table and for the others"
            f"{', and for each highlighted method' if len(against) > 1 else ''}, in all tables against a method; Nemenyi over all pairs of methods, as "
            "critical difference CD of mean ranks, in that of the Friedman test and in the figures of critical differences; none for the intervals, so "
            "that one can exclude 0 where the verdict is not different.",
        ]
    return tested


def read(results: Results, dataset: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The stored tests of a data set, as `compute` gives them (empty frames where there are none)."""
    comparisons = read_frame(results.table("statistics.csv", dataset), COMPARISON)
    friedman = read_frame(results.table("friedman.csv", dataset), FRIEDMAN)
    return comparisons.astype({"n": int}), friedman.astype({"n": int, "methods": int})


def write(results: Results, about: About, scores: pd.DataFrame) -> None:
    """Write ``statistics.csv``, ``friedman.csv``, ``statistics.md`` and ``statistics.tex``; parameters as `compute`."""
    comparisons, friedman = compute(about, scores)
    write_frame(results.table("statistics.csv", about.dataset), comparisons)
    write_frame(results.table("friedman.csv", about.dataset), friedman)
    write_text(results.table("statistics.md", about.dataset), writers.markdown(page(about, comparisons, friedman)))
    write_text(results.table("statistics.tex", about.dataset), writers.latex(overview(about, comparisons, friedman)))
