"""What the tables say, in words (``results/FINDINGS.md``): every number is read from a table, every verdict chosen by it.

Questions: does GACN lead the comparison; what does decision calibration save on stacks; what do parameters trained by this
program change; what are the network's design choices worth; where do the metrics contradict each other and the truth.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import stats

import metrics
from study import about as sidecar
from study import records
from study.tables import metric_truth_table as metric_truth
from study.tables import pooled_table as pooling
from study.tables import statistics_table as statistics
from study.tables.means_table import printed

#: The data set of the paper's comparison; another one takes its place in a run without it.
MAIN = "lytro"

#: A metric whose interval of rank correlation with an error lies above this orders methods much as the truth does.
TRUSTED = 0.5

#: What the paper says that calibration saves of the time of a stack, in percent.
CLAIMED_SAVING = 30


@dataclass(frozen=True)
class Result:
    """The tables of one data set.

    Parameters
    ----------
    about : dict
        ``about.json``.
    main, every : dict
        Method -> row of ``table.csv`` and of ``means.csv``.
    tests : dict
        (method, metric) -> row of ``statistics.csv``.
    """

    about: dict
    main: dict
    every: dict
    tests: dict = field(repr=False)

    @property
    def label(self):
        """Name of the data set for people."""
        return self.about["label"]

    @property
    def scenes(self):
        """Number of readable scenes."""
        return sidecar.readable(self.about)

    @property
    def six(self):
        """Those of the six metrics that GACN has a value of."""
        row = self.main.get(statistics.REFERENCE, {})
        return [metrics.registry.get(m) for m in metrics.SIX if row.get(m)]

    @property
    def leads(self):
        """Whether GACN is here to be compared at all, with others."""
        return bool(self.six) and any(r["kind"] != "proposed" for r in ranked(self.main))


def read(folder):
    """The data sets of a run and the pool of them (list of Result, Result).

    Parameters
    ----------
    folder : pathlib.Path
        ``results/tables``.
    """
    names = records.read_json(folder / pooling.DATASET / "about.json")["datasets"]
    results = [_read_one(folder / name) for name in (*names, pooling.DATASET)]
    return results[:-1], results[-1]


def _read_one(folder):
    by_method = [{r["method"]: r for r in records.read_csv(folder / name)} for name in ("table.csv", "means.csv")]
    tests = {(r["method"], r["metric"]): r for r in records.read_csv(folder / "statistics.csv")}
    return Result(records.read_json(folder / "about.json"), *by_method, tests)


def text(folder):
    """The findings as Markdown; `folder` (pathlib.Path) is ``results/tables``."""
    results, pooled = read(folder)
    lines = ["# Findings", ""]
    lines += ["Written by `workflow/findings.py` from the tables of this run; no number or verdict is typed in.", ""]
    lines += ["## Does GACN lead?", "", *_lead(results, pooled)]
    lines += ["", "## What does decision calibration save?", "", *_calibration(folder)]
    lines += ["", "## What do parameters of our own training change?", "", *_own(results, pooled)]
    ablation = records.read_csv(folder / "ablation.csv")
    if ablation:
        lines += ["", "## What are the network's design choices worth?", "", *_ablation(ablation)]
    lines += ["", "## Where do the metrics contradict each other and the truth?", ""]
    lines += _contradictions(results, pooled)
    lines += ["", *_truth(results, records.read_csv(folder / "metric_truth.csv"))]
    return "\n".join(lines) + "\n"


def main_result(results):
    """The result the text is about: `MAIN`, or else the data set of most scenes that GACN has results on; or None."""
    usable = [r for r in results if r.leads]
    return max(usable, key=lambda r: (r.about["dataset"] == MAIN, r.scenes), default=None)


def ranked(rows):
    """Rows of a table that are ranked, best mean rank first."""
    return sorted((r for r in rows.values() if r["mean_rank"]), key=lambda r: float(r["mean_rank"]))


def listed(items):
    """ "a, b and c"."""
    items = list(items)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else "none"


def few(items, most=5):
    """The first of many items, and how many more there are."""
    items = list(items)
    return listed(items if len(items) <= most + 1 else [*items[:most], f"{len(items) - most} others"])


# ---------------------------------------------------------------- does GACN lead?


def best_other(result, metric):
    """Row of the best ranked method that is not GACN or a variant of it, by the mean of one metric; or None."""
    others = [r for r in result.main.values() if r["kind"] not in ("control", "proposed") and r[f"{metric.id}_rank"]]
    sign = 1 if metric.direction == "larger" else -1
    return max(others, key=lambda r: sign * float(r[metric.id]), default=None)


def led(result):
    """Metrics of the six on which GACN's mean is better than that of every other method, on the printed digits."""
    found = []
    for metric in result.six:
        other, own = best_other(result, metric), float(result.main[statistics.REFERENCE][metric.id])
        theirs = float(printed(float(other[metric.id]), metric.digits)) if other else None
        own = float(printed(own, metric.digits))
        if other and (own > theirs if metric.direction == "larger" else own < theirs):
            found.append(metric)
    return found


def verdicts(result, rows):
    """How often GACN is better, worse and not different against the methods of `rows` on the six (dict of lists)."""
    found = {"better": [], "worse": [], "not different": []}
    for name, row in rows.items():
        for metric in result.six if row["kind"] not in ("control", "proposed") else ():
            verdict = result.tests.get((name, metric.id), {}).get("reference_is")
            if verdict in found:
                found[verdict].append((row["label"], metric))
    return found


def _lead(results, pooled):
    result = main_result(results)
    if result is None:
        return ["GACN has no results beside other methods in this run."]
    lines = [_lead_sentence(result), "", *_lead_table(result), "", _verdict_sentence(result, result.main)]
    lines += _all_methods(result)
    others = [r for r in (*results, pooled) if r.leads and r is not result]
    if others:
        lines += ["", "The same on the other data sets, among the methods of the paper's comparison:", ""]
        lines += _compact_table([result, *others])
        lines += ["", _overall_sentence([result, *(r for r in others if r is not pooled)])]
    return lines


def _lead_sentence(result):
    own, order = result.main[statistics.REFERENCE], ranked(result.main)
    best, six = led(result), result.six
    where = f"On {result.label} (n = {result.scenes} scenes)"
    names = f" ({listed(m.label for m in best)})" if best else ""
    first = f"{where} GACN has the best mean on {len(best)} of {len(six)} metrics{names}"
    others = [r for r in order if r["kind"] != "proposed"]
    place = 1 + sum(float(r["mean_rank"]) < float(own["mean_rank"]) for r in others) if own["mean_rank"] else None
    if place is None:
        return f"{first}; it lacks scenes and is not ranked."
    first += f" and mean rank {_short(own['mean_rank'])}, place {place} of {len(others) + 1}"
    if place == 1 and len(best) == len(six):
        return f"**{first}. It leads the comparison, as its paper claims.**"
    if place == 1:
        return f"**{first}. It leads by mean rank, but not on every metric.**"
    ahead = [f"{r['label']} ({_short(r['mean_rank'])})" for r in others[: place - 1]]
    return f"**{first}, behind {few(ahead)}. That GACN leads the comparison does not hold on these data.**"


def _all_methods(result):
    """GACN among every method of the run, where these are more than the comparison's (list of str)."""
    order = [r for r in ranked(result.every) if r["kind"] != "proposed"]
    own = result.every[statistics.REFERENCE]["mean_rank"]
    if not own or len(order) <= sum(r["kind"] != "proposed" for r in ranked(result.main)):
        return []
    ahead = [f"{r['label']} ({_short(r['mean_rank'])})" for r in order if float(r["mean_rank"]) < float(own)]
    sentence = (
        f"Among all {len(order)} other methods of the run GACN has mean rank {_short(own)}, place {len(ahead) + 1}"
    )
    return ["", sentence + (f", behind {few(ahead)}. " if ahead else ". ") + _verdict_sentence(result, result.every)]


def _short(rank):
    return f"{float(rank):.2f}"


def _lead_table(result):
    own = result.main[statistics.REFERENCE]
    lines = [
        "| Metric | GACN | rank | best other method | its mean | median difference (95 % interval) | p (Holm) | GACN is |"
    ]
    lines.append("| --- | ---: | ---: | --- | ---: | ---: | ---: | --- |")
    for metric in result.six:
        other = best_other(result, metric)
        test = result.tests.get((other["method"], metric.id), {})
        effect = _effect(test)
        cells = [metric.label, printed(float(own[metric.id]), metric.digits), own[f"{metric.id}_rank"] or "–"]
        cells += [other["label"], printed(float(other[metric.id]), metric.digits), effect]
        lines.append(
            "| " + " | ".join([*cells, test.get("p_holm", ""), test.get("reference_is") or "not tested"]) + " |"
        )
    lines += ["", "Difference: GACN minus the other method over the scenes; positive means GACN is better."]
    return lines


def _effect(test):
    value = test.get("reference_minus_method", "")
    if not value:
        return "–"
    interval = f" ({_signed(test['ci_low'])} to {_signed(test['ci_high'])})" if test["ci_low"] else ""
    return _signed(value) + interval


def _signed(value):
    return f"{float(value):+.2g}"


def _verdict_sentence(result, rows):
    found = verdicts(result, rows)
    total = sum(map(len, found.values()))
    if not total:
        return f"No verdict on {result.label}: it has too few scenes for a test against so many methods."
    counts = {key: len(value) for key, value in found.items()}
    sentence = (
        f"Of {total} comparisons (method and metric; Wilcoxon signed-rank test, Holm, {100 * statistics.ALPHA:.0f} %) GACN is significantly better "
        f"in {counts['better']}, significantly worse in {counts['worse']}, and not different in {counts['not different']}."
    )
    if found["worse"]:
        by_method = {}
        for label, metric in found["worse"]:
            by_method.setdefault(label, []).append(metric.label)
        worse = [f"{label} ({listed(names)})" for label, names in by_method.items()]
        sentence += f" It is worse than {'; '.join(worse)}."
    return sentence


def _compact_table(chosen):
    lines = [
        "| Data set | n | best mean on | mean rank | place | best other by mean rank | better / worse / not different |"
    ]
    lines.append("| --- | ---: | --- | ---: | ---: | --- | --- |")
    for result in chosen:
        own, order = result.main[statistics.REFERENCE], [r for r in ranked(result.main) if r["kind"] != "proposed"]
        place = 1 + sum(float(r["mean_rank"]) < float(own["mean_rank"]) for r in order) if own["mean_rank"] else None
        found = verdicts(result, result.main)
        tests = " / ".join(str(len(v)) for v in found.values()) if any(found.values()) else "too few scenes"
        best = f"{len(led(result))} of {len(result.six)}"
        leader = f"{order[0]['label']} ({_short(order[0]['mean_rank'])})" if order else "–"
        rank = _short(own["mean_rank"]) if place else "–"
        spot = f"{place} of {len(order) + 1}" if place else "–"
        lines.append(f"| {result.label} | {result.scenes} | {best} | {rank} | {spot} | {leader} | {tests} |")
    return lines


def _overall_sentence(chosen):
    first = [r.label for r in chosen if _is_first(r)]
    every = [r.label for r in chosen if len(led(r)) == len(r.six)]
    text = f"GACN has the best mean rank on {len(first)} of {len(chosen)} data sets"
    text += f" ({listed(first)})" if first else ""
    text += f", and the best mean on all six metrics on {len(every)}"
    return text + (f" ({listed(every)})." if every else ".")


def _is_first(result):
    own = result.main[statistics.REFERENCE]["mean_rank"]
    others = [float(r["mean_rank"]) for r in ranked(result.main) if r["kind"] != "proposed"]
    return bool(own) and all(float(own) <= other for other in others)


# ---------------------------------------------------------------- stacks


def _calibration(folder):
    rows = [r for r in records.read_csv(folder / "gacn_stacks.csv") if r.get("status", "ok") == "ok"]
    needed = {"dataset", "images", "serial_s", "calibrated_s"}
    rows = [r for r in rows if needed <= r.keys() and int(r["images"]) > 2]
    if not rows:
        return ["Not measured in this run (`snakemake --cores N stacks` measures it)."]
    savings = [100 * (1 - float(r["calibrated_s"]) / float(r["serial_s"])) for r in rows]
    lines = ["| Data set | images | one by one s | calibrated s | saved |", "| --- | ---: | ---: | ---: | ---: |"]
    for r, saved in zip(rows, savings, strict=True):
        lines.append(f"| {r['dataset']} | {r['images']} | {r['serial_s']} | {r['calibrated_s']} | {saved:.1f} % |")
    low, high = min(savings), max(savings)
    if low > 0:
        sentence = f"Calibrated fusion of a stack takes {low:.0f} to {high:.0f} % less time than one by one."
    elif high <= 0:
        sentence = f"Calibrated fusion of a stack saves no time here: it takes {-high:.0f} to {-low:.0f} % more than one by one."
    else:
        sentence = f"Calibrated fusion saves time in some cases and not in others: from {low:.0f} % to {high:.0f} %."
    above = sum(saved > CLAIMED_SAVING for saved in savings)
    verdict = (
        f"The paper's saving of over {CLAIMED_SAVING} % is reached in {above or 'none'} of these {len(savings)} cases."
    )
    return [f"**{sentence} {verdict}**", "", *lines, *_calibration_quality(folder)]


def _calibration_quality(folder):
    """What it costs: means of the six metrics over the stacks of every data set."""
    rows = [r for r in records.read_csv(folder / "stack_quality.csv") if r.get("serial") and r.get("calibrated")]
    lines = []
    for dataset in dict.fromkeys(r["dataset"] for r in rows):
        better, worse = [], []
        for metric in map(metrics.registry.get, metrics.SIX):
            mine = [r for r in rows if (r["dataset"], r["metric"]) == (dataset, metric.id)]
            if mine:
                change = np.mean([float(r["calibrated"]) - float(r["serial"]) for r in mine])
                good = change > 0 if metric.direction == "larger" else change < 0
                (better if good else worse).append(metric.label)
        if better or worse:
            lines.append(
                f"- Quality on {dataset}: the calibrated result has the better mean on {listed(better)}, the worse on {listed(worse)}."
            )
        lines += _calibration_truth([r for r in rows if (r["dataset"], r.get("reference")) == (dataset, "truth")])
    return ["", *lines] if lines else []


def _calibration_truth(rows):
    """What it costs where the truth is known: one line per metric."""
    lines = []
    for metric_id in dict.fromkeys(r["metric"] for r in rows):
        metric = metrics.registry.get(metric_id)
        mine = [r for r in rows if r["metric"] == metric_id]
        serial, calibrated = (np.mean([float(r[strategy]) for r in mine]) for strategy in ("serial", "calibrated"))
        worse = (calibrated < serial) == (metric.direction == "larger")
        verdict = "equal" if calibrated == serial else "worse" if worse else "better"
        values = f"{calibrated:.4g} calibrated, {serial:.4g} one by one"
        lines.append(f"- Against the truth of {rows[0]['dataset']}, {metric.label}: {values} ({verdict}).")
    return lines


# ---------------------------------------------------------------- own training


def _own(results, pooled):
    """GACN with other parameters than the authors', against GACN, on every data set."""
    lines = []
    entries = {e.name: e for r in results for e in sidecar.entries(r.about)}
    for name, entry in entries.items():
        if entry.method != statistics.REFERENCE or entry.options.get("weights", "official") == "official":
            continue
        block = [_own_line(r, name) for r in (*results, pooled) if r.six and r.every.get(name)]
        if block:
            head = "| Data set | n | " + " | ".join(metrics.registry.get(m).label for m in metrics.SIX) + " |"
            lines += [
                _own_sentence(results, name, entry.label),
                "",
                head,
                "| --- | ---: |" + " --- |" * len(metrics.SIX),
            ]
            lines += [
                *block,
                "",
                "Median over the scenes of the own parameters' value minus the authors'; positive is better.",
                "",
                *_own_truth(results, name),
            ]
    return lines or ["No result of GACN with parameters of our own in this run (entry `gacn_own`)."]


_OPPOSITE = {"better": "worse", "worse": "better"}
_OPPOSITE |= {"not different": "not different", "too few scenes": "too few scenes", "": "not tested"}


def _own_line(result, name):
    cells = []
    for metric_id in metrics.SIX:
        test = result.tests.get((name, metric_id), {})
        effect = test.get("reference_minus_method", "")
        verdict = _OPPOSITE[test.get("reference_is", "")]
        cells.append(f"{-float(effect):+.2g}, {verdict}" if effect else "–")
    return f"| {result.label} | {result.scenes} | " + " | ".join(cells) + " |"


def _own_truth(results, name):
    """Means of the truth metrics with either parameters, one line per data set that has a truth."""
    lines = []
    for result in results:
        theirs, own = result.every[statistics.REFERENCE], result.every.get(name, {})
        parts = []
        for metric in map(metrics.registry.get, result.about["metrics"]):
            if metric.family != "truth" or not (theirs.get(metric.id) and own.get(metric.id)):
                continue
            before, after = float(theirs[metric.id]), float(own[metric.id])
            verdict = (
                "equal"
                if before == after
                else "better"
                if (after > before) == (metric.direction == "larger")
                else "worse"
            )
            values = [printed(value, metric.digits) for value in (after, before)]
            parts.append(f"{metric.label.lower()} {values[0]} instead of {values[1]} ({verdict})")
        if parts:
            lines.append(f"- Against the truth of {result.label}, means: {listed(parts)}.")
    return lines


def _own_sentence(results, name, label):
    found = {"better": 0, "worse": 0, "not different": 0}
    for result in results:
        for metric in result.six:
            verdict = result.tests.get((name, metric.id), {}).get("reference_is")
            if _OPPOSITE.get(verdict) in found:
                found[_OPPOSITE[verdict]] += 1
    total = sum(found.values())
    if not total:
        return f"{label}: no data set has scenes enough for a test."
    return (
        f"{label}: of {total} comparisons with the authors' parameters (data set and metric of the six) it is significantly better in "
        f"{found['better']}, significantly worse in {found['worse']}, and not different in {found['not different']}."
    )


# ---------------------------------------------------------------- ablation

#: A mean difference of more standard errors than this is called one.
CLEAR = 2


def _ablation(rows):
    """Every variant against the complete network: on which metrics it is clearly better or worse."""
    lines = []
    total = dict.fromkeys(("better", "worse", "neither"), 0)
    for label in dict.fromkeys(row["label"] for row in rows if row["difference"]):
        found = {"better": [], "worse": [], "neither": []}
        for row in rows:
            if row["label"] == label and row["difference"]:
                found[_clearly(row)].append(f"{metrics.registry.get(row['metric']).label} ({row['dataset']})")
        for verdict, cases in found.items():
            total[verdict] += len(cases)
        lines.append(f"- {label}: better on {listed(found['better'])}; worse on {listed(found['worse'])}.")
    sentence = (
        f"**Of {sum(total.values())} comparisons of a changed network with the complete one (variant, data set, metric) it is better by "
        f"more than {CLEAR} standard errors in {total['better']}, worse in {total['worse']}.** Trained with the same small budget, one seed each, "
        "whose spread these errors do not contain (`tables/ablation.md`)."
    )
    return [sentence, "", *lines]


def _clearly(row):
    """Whether a variant is better, worse or neither than the complete network on one metric."""
    difference, error = float(row["difference"]), float(row["standard_error"] or "nan")
    if not abs(difference) > CLEAR * error:
        return "neither"
    return "better" if (difference > 0) == (metrics.registry.get(row["metric"]).direction == "larger") else "worse"


# ---------------------------------------------------------------- metrics


def agreement(result):
    """Spearman correlation of the mean ranks of all methods between metrics of the six: {(id, id): rho}."""
    ids = [m.id for m in result.six]
    names = sorted({name for name, metric in result.tests if metric in ids})
    complete = [n for n in names if all(result.tests.get((n, m), {}).get("mean_rank") for m in ids)]
    if len(complete) < metric_truth.LEAST_METHODS:
        return {}
    ranks = {m: [float(result.tests[n, m]["mean_rank"]) for n in complete] for m in ids}
    return {
        (a, b): float(stats.spearmanr(ranks[a], ranks[b]).statistic) for i, a in enumerate(ids) for b in ids[i + 1 :]
    }


def _contradictions(results, pooled):
    lines = []
    result = main_result(results)
    for chosen in [r for r in (result, pooled) if r is not None]:
        found = agreement(chosen)
        if not found:
            continue
        (a, b), least = min(found.items(), key=lambda item: item[1])
        (c, d), most = max(found.items(), key=lambda item: item[1])
        lines.append(
            f"- {chosen.label}: the orders of the methods agree most between {_label(c)} and {_label(d)} (Spearman {most:.2f}), least "
            f"between {_label(a)} and {_label(b)} ({least:.2f}). {_widest(chosen)}"
        )
    lines += [line for r in results if (line := _controls_line(r))]
    return lines or ["Too few methods to compare the metrics with each other."]


def _label(metric_id):
    return metrics.registry.get(metric_id).label


def _widest(result):
    """The method whose mean rank differs most between metrics."""
    ranks = {}
    for (name, metric_id), row in result.tests.items():
        if metric_id in metrics.SIX and row["mean_rank"]:
            ranks.setdefault(name, []).append((float(row["mean_rank"]), _label(metric_id), row["label"]))
    name = max(ranks, key=lambda n: max(ranks[n])[0] - min(ranks[n])[0])
    low, high = min(ranks[name]), max(ranks[name])
    return f"{low[2]} moves most: mean rank {low[0]:.1f} by {low[1]}, {high[0]:.1f} by {high[1]}."


def _controls_line(result):
    """Which of the six rate an unfused source above every fused image, or any method above the oracle."""
    unfused = [result.every[name] for name in ("first", "second") if name in result.every]
    fused = [r for r in result.every.values() if r["kind"] != "control"]
    if not fused:
        return ""
    fooled = [m.label for m in map(metrics.registry.get, metrics.SIX) if _best(unfused, m) > _best(fused, m)]
    parts = []
    if fooled:
        parts.append(
            f"{listed(fooled)} rate{'s' if len(fooled) == 1 else ''} one of the unfused sources above every fused image"
        )
    oracle = [result.every[name] for name in ("oracle",) if name in result.every]
    if oracle:
        above = {}
        for metric in map(metrics.registry.get, metrics.SIX):
            count = sum(_best([r], metric) > _best(oracle, metric) for r in fused)
            if count:
                above.setdefault(count, []).append(metric.label)
        counts = [f"{listed(names)} ({count})" for count, names in sorted(above.items(), reverse=True)]
        if counts:
            parts.append(
                f"methods rated above the oracle, which takes every pixel from the sharp source: {', '.join(counts)} of {len(fused)}"
            )
        else:
            parts.append(
                "no metric of the six rates a method above the oracle, which takes every pixel from the sharp source"
            )
    return f"- {result.label}: {'; '.join(parts)}." if parts else ""


def _best(rows, metric):
    sign = 1 if metric.direction == "larger" else -1
    return max((sign * float(r[metric.id]) for r in rows if r.get(metric.id)), default=-np.inf)


def _truth(results, rows):
    if not rows:
        return ["No data set of this run has a truth to hold the metrics against."]
    lines = [
        "Rank correlation with the error against the truth (Spearman over methods, mean over scenes, 95 % interval):",
        "",
    ]
    labels = {r.about["dataset"]: r.label for r in results}
    for comparison in metric_truth.COMPARISONS:
        for dataset in dict.fromkeys(r["dataset"] for r in rows):
            mine = [r for r in rows if (r["dataset"], r["comparison"]) == (dataset, comparison.id)]
            mine = [r for r in mine if r["metric"] in metrics.SIX]
            if mine:
                order = sorted(mine, key=lambda r: -float(r["spearman"]))
                cells = ", ".join(f"{_label(r['metric'])} {r['spearman']}" for r in order)
                lines.append(
                    f"- {labels[dataset]}, {comparison.title} ({order[0]['methods']} methods, {order[0]['scenes']} scenes): {cells}."
                )
    return [*lines, "", *_trust(rows)]


def trust(rows, metric_id):
    """In how many comparisons with the truth a metric's interval lies above `TRUSTED`, and where it reaches down to 0.

    Returns
    -------
    above, unrelated, total : int
    """
    mine = [r for r in rows if r["metric"] == metric_id and r["spearman_low"]]
    above = sum(float(r["spearman_low"]) > TRUSTED for r in mine)
    unrelated = sum(float(r["spearman_low"]) <= 0 for r in mine)
    return above, unrelated, len(mine)


def _trust(rows):
    found = {m: trust(rows, m) for m in metrics.SIX if trust(rows, m)[2]}
    if not found:
        return ["Too few scenes with truth for intervals."]
    total = max(count for _, _, count in found.values())
    sure = [_label(m) for m, (above, _, count) in found.items() if above == count]
    doubtful = [f"{_label(m)} ({unrelated} of {count})" for m, (_, unrelated, count) in found.items() if unrelated]
    middle = [
        f"{_label(m)} ({above} of {count})" for m, (above, bad, count) in found.items() if above < count and not bad
    ]
    lines = [f"Which of the six can be trusted, over {total} comparisons (data set, error, set of methods):", ""]
    lines.append(
        f"- Interval above {TRUSTED} in every comparison, so that they order methods much as the truth does: {listed(sure)}."
    )
    lines.append(f"- Always above 0, but above {TRUSTED} only in some: {listed(middle)}.")
    lines.append(f"- No relation to the truth shown (the interval reaches 0) in some comparisons: {listed(doubtful)}.")
    return lines
