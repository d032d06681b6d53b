"""Release trained parameters of GACN: files, and a model card made from the run's records and the result tables.

``python -m study.gacn.release RUN`` copies what the training left in the folder RUN to ``methods/gacn/released``, draws its
losses and writes the model card. Without RUN the card of the released files is written anew, which brings in the scores
of result tables that were made since.
"""

import argparse
import collections
import logging
import os
import sys
from dataclasses import asdict
from pathlib import Path

import metrics
import scenes
from files import catalogue
from files.atomic import write_text
from files.errors import InputError
from methods.gacn import weights
from methods.gacn.recipe import RECIPES, Recipe
from study import records
from study.gacn import train_network as training
from study.tables.means_table import printed

log = logging.getLogger(__name__)

RECORDS = ("recipe.json", "run.json", "log.csv")
CARD = "MODEL_CARD.md"

#: Data sets and rows of the result tables that the card shows.
DATASETS = ("lytro", "synth_wave", "embedded")
ROWS = {"gacn": "authors' parameters", "gacn_own": "these parameters"}


def release(run, folder=weights.RELEASED):
    """Copy the files of a finished run to the released place.

    Raises
    ------
    files.errors.InputError
        The folder is not that of a finished run.
    """
    run, folder = Path(run), Path(folder)
    lacking = [name for name in (weights.OWN.name, *RECORDS) if not (run / name).is_file()]
    if lacking:
        raise InputError(f"{run}: {', '.join(lacking)} missing; the folder of a training run is needed")
    recipe, rows = records.read_json(run / "recipe.json"), records.read_csv(run / "log.csv")
    if len(rows) < recipe["epochs"]:
        raise InputError(f"{run}: {len(rows)} of {recipe['epochs']} epochs are done; finish the training first")
    for name in RECORDS:
        write_text(folder / name, (run / name).read_text(encoding="utf-8"))
    weights.copy(run / weights.OWN.name, folder / weights.OWN.name)


def card(folder=weights.RELEASED, tables=Path("results/tables")):
    """Text of the model card (Markdown).

    Parameters
    ----------
    folder : path-like
        Released files.
    tables : path-like
        Folder of result tables; data sets that it lacks are said to be lacking.
    """
    folder = Path(folder)
    recipe, run = records.read_json(folder / "recipe.json"), records.read_json(folder / "run.json")
    rows = records.read_csv(folder / "log.csv")
    parts = [
        _head(folder / weights.OWN.name),
        _data(recipe, run["sessions"]),
        _recipe(recipe),
        _sessions(run["sessions"], rows),
        _curve(recipe, rows),
        _scores(Path(tables)),
        _limits(),
    ]
    return "\n".join("\n".join([*lines, ""]) for lines in parts)


def _head(path):
    state, architecture = weights.read(path)
    count = sum(values.numel() for name, values in state.items() if not _statistic(name))
    chosen = ", ".join(f"{name} {value}" for name, value in asdict(architecture).items())
    return [
        "# Model card: GACN, own parameters",
        "",
        "Made by `python -m study.gacn.release` from the records of the training and from result tables; do not edit.",
        "",
        f"- File: `{path.name}`, {path.stat().st_size} bytes, sha256 `{records.sha256(path)}`",
        f"- Network: `methods.gacn.network.GACN`, {count} trained parameters ({chosen})",
        '- Use: `methods.fuse("gacn", images, options={"weights": "own"})`',
        "- Task: fusion of two or more aligned photographs of one scene with different focus",
    ]


def _statistic(name):
    return name.endswith(("running_mean", "running_var", "num_batches_tracked"))


def _data(recipe, sessions):
    lines = ["## Training images", ""]
    if recipe["coco_images"]:
        lines += ["A COCO folder of the user's, with its instance annotations."]
    else:
        lines += [
            "| collection | images | source | licences as stated upstream (files) |",
            "| --- | ---: | --- | --- |",
        ]
        lines += [_collection(name) for name in recipe["collections"]]
    last = sessions[-1]
    lines += [
        "",
        f"- With an object of a fitting size: {last['training_images']} images trained on, "
        f"{last['validation_images']} held out for validation and for choosing the epoch.",
        "- No image of the benchmark was trained or selected on. " + _overlap(recipe),
        "- The images are not part of this repository and keep their licences; some allow no commercial use.",
    ]
    return lines


def _collection(name):
    rows = catalogue.rows(name)
    licences = collections.Counter(row.licence for row in rows)
    sources = sorted({f"{row.owner}/{row.repo}@{row.commit[:10]}" for row in rows})
    stated = "; ".join(f"{licence} ({count})" for licence, count in sorted(licences.items()))
    return f"| `{name}` | {sum(row.role == 'image' for row in rows)} | {', '.join(sources)} | {stated} |"


def _overlap(recipe):
    """How many files the training collections share with the benchmark's data sets, by checksum."""
    known = set(catalogue.collections())
    tested = {row.sha256 for name in scenes.ids() if name in known for row in catalogue.rows(name)}
    trained = {row.sha256 for name in recipe["collections"] for row in catalogue.rows(name)}
    return f"Of {len(trained)} training files, {len(trained & tested)} are files of a benchmark data set (by checksum)."


def _recipe(recipe):
    published = RECIPES["published"].record()
    names = [name for name, known in RECIPES.items() if known.record() == recipe]
    command = f"snakemake --cores N train --config 'training={{recipe: {names[0]}}}'" if names else ""
    lines = ["## Recipe", ""]
    lines += [f"`{command}` (or `python -m methods.gacn train -o FOLDER --recipe {names[0]}`)", ""] if names else []
    lines += ["| value | here | published recipe |", "| --- | --- | --- |"]
    lines += [f"| {name} | {_text(value)} | {_text(published[name])} |" for name, value in recipe.items()]
    return [*lines, "", "What the values mean: `methods/gacn/recipe.py`."]


def _text(value):
    return ", ".join(value) if isinstance(value, list) else str(value) if value != "" else "–"


def _sessions(sessions, rows):
    lines = ["## Run", ""]
    for number, one in enumerate(sessions, start=1):
        state = one["commit"] + (" with changes" if one["modified"] else "")
        software = ", ".join(f"{name} {version}" for name, version in one["versions"].items())
        lines.append(
            f"- Start {number} (from epoch {one['first_epoch']}): commit `{state}`, {one['device']} "
            f"({one['device_name']}), threads: {one['threads']}, {software}"
        )
    seconds = training.outcome(rows)["seconds"]
    lines.append(f"- Duration of all epochs: {seconds / 3600:.2f} h ({seconds / len(rows):.0f} s per epoch)")
    return lines


def _curve(recipe, rows):
    kept = training.outcome(rows)
    shown = {"lowest validation loss (kept)": rows[kept["best_epoch"] - 1], "last": rows[-1]}
    columns = [f"{kind}_{part}" for kind in ("train", "validation") for part in ("total", "dice", "gradient")]
    lines = [
        "## Validation curve",
        "",
        f"All {len(rows)} epochs: `log.csv`; figure: `results/figures/training.png`.",
        "",
    ]
    lines += ["| epoch | " + " | ".join(c.replace("_", " ") for c in columns) + " |"]
    lines += ["| --- |" + " ---: |" * len(columns)]
    for name, row in shown.items():
        cells = [f"{float(row[c]):.4f}" for c in columns]
        lines.append(f"| {row['epoch']}: {name} | " + " | ".join(cells) + " |")
    first = Recipe(**recipe).first_finishing()
    if first < len(rows):
        before = [float(row["validation_total"]) for row in rows[:first]]
        lines += [
            "",
            f"Until epoch {first} every batch is normalised by its own statistics, and the validation loss, with the running "
            f"ones, is between {min(before):.4f} and {max(before):.4f}; from then on they are frozen and the same in both.",
        ]
    return lines


def _scores(tables):
    lines = ["## Scores", "", "Means over the scenes of a data set, beside the authors' parameters measured alike."]
    for dataset in DATASETS:
        rows = {row["method"]: row for row in records.read_csv(tables / dataset / "means.csv") if row["method"] in ROWS}
        if "gacn_own" not in rows:
            lines += ["", f"`{dataset}`: not measured yet."]
            continue
        columns = [metrics.registry.get(name) for name in rows["gacn_own"] if name in metrics.registry.ids()]
        columns = [metric for metric in columns if rows["gacn_own"][metric.id]]
        lines += ["", f"`{dataset}` (n = {rows['gacn_own'][f'{columns[0].id}_n']}):", ""]
        lines += ["| metric | better | " + " | ".join(ROWS[name] for name in rows) + " |"]
        lines += ["| --- | --- |" + " ---: |" * len(rows)]
        for metric in columns:
            values = [printed(float(row[metric.id] or "nan"), metric.digits) or "n/a" for row in rows.values()]
            lines.append(f"| {metric.label} | {metric.direction} | " + " | ".join(values) + " |")
    return lines


def _limits():
    return [
        "## Limits",
        "",
        "- One seed; the spread over seeds was not measured.",
        "- The defocus of the training pairs is synthetic, the images are photographs of everyday scenes.",
        "- The sources must be aligned; the network sees gray levels only.",
        "- Parameters: licence of this repository (MIT).",
    ]


def main(arguments=None):
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m study.gacn.release", description=__doc__.splitlines()[0])
    parser.add_argument("run", nargs="?", help="folder of a finished training run; without it only the card is written")
    parser.add_argument("--tables", default="results/tables", type=Path, help="folder of the result tables")
    parser.add_argument("--figures", default="results/figures", type=Path, help="folder of the figure of the losses")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    folder = weights.RELEASED
    try:
        if given.run:
            release(given.run, folder)
            _draw(folder, given.figures)
        elif not weights.OWN.is_file():
            raise InputError(f"{weights.OWN}: nothing is released yet; name the folder of a training run")
        write_text(folder / CARD, card(folder, given.tables))
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    log.info("%s", os.path.relpath(folder / CARD))
    return 0


def _draw(folder, figures):
    from study.gacn.training_figure import losses

    losses("released", records.read_csv(folder / "log.csv"), [figures / "training.png", figures / "training.pdf"])


if __name__ == "__main__":
    sys.exit(main())
