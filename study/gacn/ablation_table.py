"""Ablation: the network without one of its design choices at a time, all trained with the same budget.

One run per variant; the soft decision map against a hard one needs none of its own. Fusion and scores go the way of
every other method.
"""

from dataclasses import asdict, dataclass, field

import numpy as np

import metrics
from methods.gacn.recipe import recipe_from
from study import records
from study.config import Entry
from study.gacn import train_network as training
from study.tables.means_table import escape, printed


@dataclass(frozen=True)
class Variant:
    """One row: its label, what it changes in the recipe, and in the fusion.

    Parameters
    ----------
    label : str
    recipe : dict
        Changed values of the recipe (`methods.gacn.recipe.Recipe`).
    options : dict
        Options of the method.
    """

    label: str
    recipe: dict = field(default_factory=dict)
    options: dict = field(default_factory=dict)


#: The first is what all others are compared with.
VARIANTS = {
    "complete": Variant("Complete"),
    "no_refinement": Variant("Without boundary-guided refinement", {"refinement": False}),
    "no_gradient": Variant("Without gradient loss", {"gradient_weight": 0.0}),
    "no_cse": Variant("Without cSE", {"channel_attention": False}),
    "no_sse": Variant("Without sSE", {"spatial_attention": False}),
    "mean": Variant("Activity: average", {"activity": "mean"}),
    "maximum": Variant("Activity: maximum", {"activity": "maximum"}),
    "hard": Variant("Hard decision map", options={"weighting": "hard"}),
}
COMPLETE = next(iter(VARIANTS))

#: What the tables and the figure show of the scores: the six, and what is measured against the truth.
AGAINST_TRUTH = ("psnr", "wrong_pixels", "boundary_error")
METRICS = (*metrics.SIX, *AGAINST_TRUTH)

COLUMNS = ("dataset", "variant", "label", "metric", "mean", "n", "difference", "standard_error", "reason")


def _recipe(config, variant):
    return recipe_from(config["recipe"], {**config["set"], **VARIANTS[variant].recipe})


def _run(config, variant):
    """Name of a variant's run; another budget is another run."""
    trained = variant if VARIANTS[variant].recipe else COMPLETE
    return f"ablation_{trained}_{records.key(asdict(_recipe(config, trained)))[:8]}"


def runs(config):
    """The runs to train: {name: recipe}.

    Parameters
    ----------
    config : dict
        The configuration's ``ablation``: ``recipe`` and ``set``.
    """
    return {_run(config, v): _recipe(config, v) for v in VARIANTS if v == COMPLETE or VARIANTS[v].recipe}


def entries(config):
    """The variants as method entries: {name: `study.config.Entry`}."""
    return {
        f"ablation_{name}": Entry(
            f"ablation_{name}",
            "gacn",
            variant.label,
            {"weights": training.parameters(_run(config, name)), **variant.options},
        )
        for name, variant in VARIANTS.items()
    }


def parts(described, variants, scores):
    """Descriptions of the data sets, each with its rows (`build`)."""
    return [(d, build(d, variants, [row for row in scores if row["dataset"] == d["dataset"]])) for d in described]


def build(described, variants, scores):
    """Means of every variant on one data set, and the mean difference per scene from the complete network.

    Parameters
    ----------
    described : dict
        From `study.run.sources.collect`.
    variants : list of study.config.Entry
        The complete network first.
    scores : list of dict
        Tidy scores (`study.records.SCORES`) of all variants.

    Returns
    -------
    list of dict
        `COLUMNS`; one row per variant and metric that has a value, one with the reason for a variant without any.
        ``standard_error`` is that of the difference.
    """
    values, reasons = {}, {}
    for row in scores:
        if row["metric"] not in METRICS or (row["metric"] in AGAINST_TRUTH and row["reference"] == "sources"):
            continue
        if row["status"] == "ok":
            values.setdefault((row["method"], row["metric"]), {})[row["scene"]] = float(row["value"])
        elif row["reason"]:
            reasons.setdefault(row["method"], row["reason"])
    measured = [m for m in METRICS if any(metric == m for _, metric in values)]
    rows = []
    for entry in variants:
        base = {"dataset": described["dataset"], "variant": entry.name, "label": entry.label}
        mine = [metric for metric in measured if (entry.name, metric) in values]
        if not mine:
            rows.append(base | {"n": 0, "reason": reasons.get(entry.name, "no result")})
        for metric in mine:
            own, complete = values[entry.name, metric], values.get((variants[0].name, metric), {})
            rows.append(base | {"metric": metric, "mean": repr(float(np.mean(list(own.values())))), "n": len(own)})
            if entry is not variants[0]:
                rows[-1] |= _difference(own, complete)
    return rows


def _difference(own, complete):
    """Mean and standard error of the differences over the scenes that both have."""
    pairs = np.array([own[scene] - complete[scene] for scene in own if scene in complete])
    if not pairs.size:
        return {}
    error = repr(float(pairs.std(ddof=1) / np.sqrt(pairs.size))) if pairs.size > 1 else ""
    return {"difference": repr(float(pairs.mean())), "standard_error": error}


def _grid(rows):
    """Columns (metrics) and rows (label, cells) of one data set; a cell is its text and whether it is the best.

    A mean that lacks scenes the others have says its n and cannot be the best.
    """
    scored = {(r["variant"], r["metric"]): r for r in rows if r.get("metric")}
    columns = [metrics.registry.get(metric) for metric in dict.fromkeys(metric for _, metric in scored)]
    variants = dict.fromkeys((r["variant"], r["label"]) for r in scored.values())
    lines = {label: [] for _, label in variants}
    for metric in columns:
        whole = max(r["n"] for r in scored.values() if r["metric"] == metric.id)
        texts = {key[0]: printed(float(r["mean"]), metric.digits) for key, r in scored.items() if key[1] == metric.id}
        complete = [text for name, text in texts.items() if scored[name, metric.id]["n"] == whole]
        best = (max if metric.direction == "larger" else min)(complete, key=float)
        for name, label in variants:
            text = texts.get(name, "n/a")
            partial = name in texts and scored[name, metric.id]["n"] < whole
            suffix = f" (n={scored[name, metric.id]['n']})" if partial else ""
            lines[label].append((text + suffix, text == best and not partial))
    return columns, lines


def notes(ended):
    """Sentences on the budget, from the records of the runs (`study.gacn.train_network.run`)."""
    lines = []
    good = [r for r in ended if r["status"] == "ok"]
    if good:
        recipe = good[0]["recipe"]
        lines.append(
            f"All variants were trained with the same budget: epochs {recipe['epochs']}, passes over the images per epoch "
            f"{recipe['passes']}, batch {recipe['batch']}, crop {recipe['crop']} x {recipe['crop']} pixels, blur "
            f"{recipe['blur']}, seed {recipe['seed']}; the parameters of the lowest validation loss are kept. Values "
            "compare the variants with each other; another budget changes them."
        )
        seconds = [r["seconds"] for r in good]
        lines.append(f"One training took {min(seconds) / 60:.1f} to {max(seconds) / 60:.1f} min; one seed each.")
    lines.append(
        "Best value bold, on the printed digits. The hard map uses the parameters of the complete network and by "
        "definition has the same wrong pixels and boundaries. PSNR against the true image."
    )
    return lines


def _missing(rows):
    return [f"Not available: {r['label']} ({r['reason']})." for r in rows if r.get("reason")]


_ARROW = {"larger": ("↑", r"\uparrow"), "smaller": ("↓", r"\downarrow")}


def markdown(parts, ended):
    """The tables of all data sets as Markdown.

    Parameters
    ----------
    parts : list of (dict, list of dict)
        Description of a data set and its rows (`build`).
    ended : list of dict
        Records of the runs.
    """
    lines = ["# Ablation", ""]
    for described, rows in parts:
        lines += [f"## {described['label']}", ""]
        columns, grid = _grid(rows)
        if columns:
            head = ["Variant", *(f"{m.label} {_ARROW[m.direction][0]}" for m in columns)]
            lines += ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * len(columns)]
            for label, cells in grid.items():
                marked = [f"**{text}**" if best else text for text, best in cells]
                lines.append("| " + " | ".join([label, *marked]) + " |")
            lines.append("")
        scenes = sum(s["status"] == "ok" for s in described["scenes"])
        lines += [f"- Means over n = {scenes} scenes.", *(f"- {line}" for line in _missing(rows))]
        if described["status"] != "ok":
            lines.append(f"- The data set is {described['status']}: {described['reason']}.")
        lines.append("")
    return "\n".join(lines + [f"- {line}" for line in notes(ended)]) + "\n"


def latex(parts, ended):
    """One table environment with a booktabs tabular per data set (needs ``\\usepackage{booktabs}``)."""
    lines = [r"% needs \usepackage{booktabs}", r"\begin{table}[t]", r"\centering\small", r"\setlength{\tabcolsep}{3pt}"]
    lines += [r"\caption{Ablation: the network without one of its design choices at a time. Best bold.}"]
    lines += [r"\label{tab:ablation}"]
    for described, rows in parts:
        columns, grid = _grid(rows)
        if not columns:
            continue
        scenes = sum(s["status"] == "ok" for s in described["scenes"])
        lines += [r"\begin{tabular}{l" + "r" * len(columns) + "}", r"\toprule"]
        head = [escape(f"{described['label']} (n = {scenes})")]
        head += [f"${m.latex}\\,{_ARROW[m.direction][1]}$" for m in columns]
        lines += [" & ".join(head) + r" \\", r"\midrule"]
        for label, cells in grid.items():
            marked = [rf"\textbf{{{text}}}" if best else text for text, best in cells]
            lines.append(" & ".join([escape(label), *marked]) + r" \\")
        lines += [r"\bottomrule", r"\end{tabular}\par\medskip"]
    every = [line for _, rows in parts for line in _missing(rows)] + notes(ended)
    lines += [r"\raggedright\footnotesize " + " ".join(map(escape, every)), r"\end{table}"]
    return "\n".join(lines) + "\n"
