"""Train a network as a step of the workflow: fetch the images, train or continue, say how it ended."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

import pandas as pd

from files import catalogue, fetch
from files.errors import InputError, Unavailable
from files.machine import plain
from methods.gacn.recipe import Recipe
from study import records
from study.gacn.entries import Training, parameters
from study.store import Results, read_frame

log = logging.getLogger(__name__)

_PARTS = ("total", "dice", "gradient")
#: Columns of ``log.csv``; all are numbers.
COLUMNS = (
    "epoch",
    "learning_rate",
    *(f"{kind}_{part}" for kind in ("train", "validation") for part in _PARTS),
    "seconds",
)


class Outcome(TypedDict):
    """What the log says of a finished training; see `study.gacn.entries.Training`."""

    epochs: int
    best_epoch: int
    validation_total: float
    seconds: float


def epochs(path: str | Path) -> pd.DataFrame:
    """One row per finished epoch from the ``log.csv`` of a run (empty where there is none): `COLUMNS` as float."""
    return read_frame(path, COLUMNS, COLUMNS)


def outcome(log_of_run: pd.DataFrame) -> Outcome:
    """Epochs, the best with its validation loss, and seconds, from the rows of `epochs`."""
    best = log_of_run.iloc[int(log_of_run["validation_total"].argmin())]
    return {
        "epochs": len(log_of_run),
        "best_epoch": int(best["epoch"]),
        "validation_total": float(best["validation_total"]),
        "seconds": round(sum(log_of_run["seconds"].tolist()), 1),
    }


def fetch_images(recipe: Recipe) -> None:
    """Bring the images of a recipe's collections to this machine; what cannot be had is logged, the training says the rest."""
    for collection in () if recipe.coco_images else recipe.collections:
        try:
            fetch.fetch(catalogue.rows(collection))
        except Unavailable as error:
            log.warning("%s: %s", collection, error)


def train_network(run: str, recipe: Recipe, device: str, attempt: int = 1) -> Training:
    """Train, or continue to train, a run, after fetching its images.

    Parameters
    ----------
    run : str
        Name of the run.
    recipe : methods.gacn.recipe.Recipe
    device : {"cpu", "cuda"}
    attempt : int
        See `study.run.retry`.
    """
    from methods.gacn import training

    folder = Path(parameters(run)).parent
    ended = Training(run, recipe.record(), attempt=attempt)
    try:
        fetch_images(recipe)
        training.train(recipe, folder, device)
    except Unavailable as error:
        log.warning("%s: %s", run, error)
        return replace(ended, status="unavailable", reason=plain(error))
    except (InputError, fetch.ChecksumError, training.Diverged) as error:
        log.error("%s: %s", run, error)
        return replace(ended, status="failed", reason=plain(error))
    checksum = records.sha256(parameters(run))
    return replace(ended, sha256=checksum, **outcome(epochs(Results().training(run, "log.csv"))))
