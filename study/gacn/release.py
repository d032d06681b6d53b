"""Release trained parameters of GACN: their files, and a model card made from the records of the run and from result tables.

::

    python -m study release results/training/NAME

copies what the training left in this folder to ``methods/gacn/released``, draws its losses and writes the model card. Without a
folder figure and card are made anew from the released files, with the scores of result tables made since.
"""

from __future__ import annotations

import argparse
import collections
import logging
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

import metrics
import scenes
from files import catalogue
from files.atomic import write_text
from files.errors import InputError
from files.machine import ROOT
from methods.gacn import weights
from methods.gacn.recipe import RECIPES, Recipe, recipe_from
from study import prose, records
from study.gacn import training_figure
from study.gacn.train_network import epochs, outcome
from study.refresh import REFERENCE
from study.store import Results, read_frame
from study.tables import writers
from study.tables.table import Column, Table

LOG = "log.csv"
RECORDS = ("recipe.json", "run.json", LOG)
CARD = "MODEL_CARD.md"
TEMPLATE = Path(__file__).with_name("model_card.md.j2")

#: Data sets and rows of the result tables that the card shows.
DATASETS = ("lytro", "synth_wave", "embedded")
ROWS = {"gacn": "authors' parameters", "gacn_own": "these parameters"}


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="RUN",
        help="folder of a finished run; without it only card and figure are made anew",
    )
    parser.add_argument(
        "--results", default=REFERENCE, metavar="FOLDER", help="results with the scores (default: %(default)s)"
    )


def command(given: argparse.Namespace) -> dict[str, Any]:
    """The verb.

    Raises
    ------
    files.errors.InputError
        The folder is not that of a finished run, or nothing is released yet.
    """
    folder, results = weights.RELEASED, Results(given.results)
    if given.folder:
        release(given.folder, folder)
    elif not weights.OWN.is_file():
        raise InputError(f"{weights.OWN}: nothing is released yet; name the folder of a training run")
    # Tells every glyph of a PDF file.
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    figures = [Path(results.figure(f"training.{ending}")) for ending in ("png", "pdf")]
    training_figure.draw("released", epochs(folder / LOG), figures)
    write_text(folder / CARD, card(folder, results))
    written = [folder / CARD, *figures]
    message = "wrote the model card of the released parameters"
    if given.folder:
        written += [folder / name for name in (weights.OWN.name, *RECORDS)]
        message = f"released {given.folder}"
    return {"message": message, "written": list(map(_place, written))}


def _place(path: Path) -> str:
    """A path as it can be read on another machine."""
    path = path.resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


def release(run: Path, folder: Path = weights.RELEASED) -> None:
    """Copy the files of a finished run to the released place.

    Parameters
    ----------
    run : pathlib.Path
        Folder of the run.
    folder : pathlib.Path

    Raises
    ------
    files.errors.InputError
        The folder is not that of a finished run.
    """
    lacking = [name for name in (weights.OWN.name, *RECORDS) if not (run / name).is_file()]
    if lacking:
        raise InputError(f"{run}: {', '.join(lacking)} missing; the folder of a training run is needed")
    wanted, done = records.read_json(run / "recipe.json")["epochs"], len(epochs(run / LOG))
    if done < wanted:
        raise InputError(f"{run}: {done} of {wanted} epochs are done; finish the training first")
    for name in RECORDS:
        write_text(folder / name, (run / name).read_text(encoding="utf-8"))
    weights.copy(run / weights.OWN.name, folder / weights.OWN.name)


def card(folder: Path, results: Results) -> str:
    """Text of the model card (Markdown).

    Parameters
    ----------
    folder : pathlib.Path
        Released files.
    results : Results
        Of a run with both parameters; the card says which data sets are missing.
    """
    path, log = folder / weights.OWN.name, epochs(folder / LOG)
    recipe = recipe_from("published", records.read_json(folder / "recipe.json"))
    state, architecture = weights.read(path)
    sessions = records.read_json(folder / "run.json")["sessions"]
    return prose.render(
        TEMPLATE,
        file=path.name,
        bytes=path.stat().st_size,
        sha256=records.sha256(path),
        parameters=sum(values.numel() for name, values in state.items() if not _is_statistic(name)),
        architecture=", ".join(f"{name} {value}" for name, value in asdict(architecture).items()),
        last=sessions[-1],
        sessions=sessions,
        outcome=outcome(log),
        curve=_grid(_curve(log)),
        before=_before_freezing(recipe, log),
        figure=_place(Path(results.figure("training.png"))),
        scores={dataset: _scores(results, dataset) for dataset in DATASETS},
        **_data(recipe),
        **_recipe(recipe),
    )


def _is_statistic(name: str) -> bool:
    return name.endswith(("running_mean", "running_var", "num_batches_tracked"))


def _grid(table: Table) -> str:
    return writers.markdown(table).strip()


def _data(recipe: Recipe) -> dict[str, Any]:
    """The collections, and how many of their files the benchmark's data sets have too, by checksum."""
    if recipe.coco_images:
        return {"collections": "", "files": 0, "shared": 0}
    known = set(catalogue.collections())
    tested = {row.sha256 for name in scenes.ids() if name in known for row in catalogue.rows(name)}
    trained = {row.sha256 for name in recipe.collections for row in catalogue.rows(name)}
    columns = [Column("collection", "collection", align="left"), Column("images", "images")]
    columns += [Column("source", "source", align="left")]
    columns += [Column("licences", "licences as stated upstream (files)", align="left")]
    table = Table(pd.DataFrame([_collection(name) for name in recipe.collections]), columns)
    return {"collections": _grid(table), "files": len(trained), "shared": len(trained & tested)}


def _collection(name: str) -> dict[str, Any]:
    rows = catalogue.rows(name)
    licences = collections.Counter(row.licence for row in rows)
    return {
        "collection": name,
        "images": sum(row.role == "image" for row in rows),
        "source": ", ".join(sorted({f"{row.owner}/{row.repo}@{row.commit[:10]}" for row in rows})),
        "licences": "; ".join(f"{licence} ({count})" for licence, count in sorted(licences.items())),
    }


def _recipe(recipe: Recipe) -> dict[str, Any]:
    published = RECIPES["published"].record()
    names = [name for name, known in RECIPES.items() if known == recipe]
    rows = [(name, _text(value), _text(published[name])) for name, value in recipe.record().items()]
    columns = [Column(key, key, align="left", missing="–") for key in ("value", "here", "published recipe")]
    table = Table(pd.DataFrame(rows, columns=["value", "here", "published recipe"]), columns)
    return {"recipe": _grid(table), "recipe_name": names[0] if names else ""}


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _curve(log: pd.DataFrame) -> Table:
    kept = outcome(log)["best_epoch"]
    frame = log.iloc[[kept - 1, -1]]
    names = [f"{kept}: lowest validation loss (kept)", f"{len(log)}: last"]
    parts = [f"{kind}_{part}" for kind in ("train", "validation") for part in ("total", "dice", "gradient")]
    columns = [Column("name", "epoch", align="left"), *(Column(p, p.replace("_", " "), digits=4) for p in parts)]
    return Table(frame.assign(name=names), columns)


def _before_freezing(recipe: Recipe, log: pd.DataFrame) -> Mapping[str, float] | None:
    """Range of the validation loss before the statistics of batch normalisation are frozen; None where they never are."""
    first = recipe.first_finishing()
    if first >= len(log):
        return None
    losses = log["validation_total"][:first]
    return {"epochs": first, "least": losses.min(), "most": losses.max()}


def _scores(results: Results, dataset: str) -> Mapping[str, Any] | None:
    """Number of scenes and table of both parameters' means; None where they were not measured."""
    means = read_frame(results.table("means.csv", dataset))
    means = means[means["method"].isin(ROWS)].set_index("method") if len(means) else means
    if "gacn_own" not in means.index:
        return None
    known = [metrics.registry.get(name) for name in means.columns if name in metrics.registry.ids()]
    known = [metric for metric in known if means.loc["gacn_own", metric.id]]
    rows = [
        {"metric": metric.label, "better": metric.direction}
        | {name: Column.of(metric).text(means.loc[name, metric.id]) for name in means.index}
        for metric in known
    ]
    columns = [Column("metric", "metric", align="left"), Column("better", "better", align="left")]
    columns += [Column(name, ROWS[name]) for name in means.index]
    return {"n": means.loc["gacn_own", f"{known[0].id}_n"], "table": _grid(Table(pd.DataFrame(rows), columns))}
