"""Training as part of the workflow: which runs there are, where they are kept, how one ended."""

import json
import logging
from dataclasses import asdict
from pathlib import Path

import methods
from files import catalogue, fetch
from files.errors import InputError, Unavailable
from methods.gacn.recipe import recipe_from
from study import records
from study.runtime import plain

log = logging.getLogger(__name__)

#: A run NAME has the folder NAME, which Snakemake does not know (so a checkpoint survives a killed job), and the record
#: NAME.json, which it does.
FOLDER = Path("results/training")

#: Name of the entry that stands for the parameters that the configuration trains.
TRAINED = "gacn_trained"


def configured(config):
    """Name and recipe of the run that the configuration describes (str, `methods.gacn.recipe.Recipe`).

    Parameters
    ----------
    config : dict
        The configuration's ``training``: ``recipe``, ``set``, and ``name`` (None: the recipe's).
    """
    return config["name"] or config["recipe"], recipe_from(config["recipe"], config["set"])


def record(name):
    """Path of the record of a run: status, reason, recipe, how it went (`run`)."""
    return (FOLDER / f"{name}.json").as_posix()


def parameters(name):
    """Path of the trained parameters of a run."""
    return (FOLDER / name / "gacn.safetensors").as_posix()


def record_of(entry):
    """The record of the run whose parameters an entry uses, or None."""
    path = Path(entry.options.get("weights", ""))
    return path.parent.with_suffix(".json").as_posix() if path.parent.parent == FOLDER else None


def epochs(name):
    """Rows of the log of a run (list of dict), one per finished epoch."""
    return records.read_csv(FOLDER / name / "log.csv")


def reason(entry):
    """Why the run whose parameters an entry uses left none ("" when it did, or the entry uses none)."""
    path = record_of(entry)
    if path is None or not Path(path).is_file():
        return ""
    ended = records.read_json(path)
    return "" if ended["status"] == "ok" else f"training {Path(path).stem} is {ended['status']}: {ended['reason']}"


def checksums(entry):
    """Checksums of the files that the entry's options name and that decide its results ("" without any)."""
    module = methods.registry.module(entry.method)
    files = module.reads(entry.declared.settings(entry.options)) if hasattr(module, "reads") else ()
    return "".join(records.sha256(path) for path in files)


def fetch_images(recipe):
    """Bring the images of a recipe's collections to this machine; what cannot be had is logged, training says the rest."""
    for collection in () if recipe.coco_images else recipe.collections:
        try:
            fetch.fetch(catalogue.rows(collection))
        except Unavailable as error:
            log.warning("%s: %s", collection, error)


def run(name, recipe, device):
    """Train, or continue to train, a run, after fetching its images.

    Parameters
    ----------
    name : str
    recipe : methods.gacn.recipe.Recipe
    device : {"cpu", "cuda"}

    Returns
    -------
    dict
        ``status`` (ok, unavailable, failed), ``reason``, ``recipe``; when it is ok, also ``sha256`` of the parameters,
        ``epochs``, ``best_epoch``, ``validation_total`` of that epoch, and ``seconds`` of all epochs.
    """
    from methods.gacn import training

    ended = {"name": name, "status": "ok", "reason": "", "recipe": asdict(recipe)}
    try:
        fetch_images(recipe)
        path = training.train(recipe, FOLDER / name, device)
    except Unavailable as error:
        log.warning("%s: %s", name, error)
        return ended | {"status": "unavailable", "reason": plain(error)}
    except (InputError, fetch.ChecksumError, training.Diverged) as error:
        log.error("%s: %s", name, error)
        return ended | {"status": "failed", "reason": plain(error)}
    return ended | {"sha256": records.sha256(path)} | outcome(epochs(name))


def outcome(rows):
    """Epochs, best epoch with its validation loss, and seconds, from the rows of ``log.csv`` (dict)."""
    best = min(rows, key=lambda row: float(row["validation_total"]))
    return {
        "epochs": len(rows),
        "best_epoch": int(best["epoch"]),
        "validation_total": float(best["validation_total"]),
        "seconds": round(sum(float(row["seconds"]) for row in rows), 1),
    }


def forget_failures(names):
    """Delete the records of runs that left no parameters, so that they are tried again."""
    for name in names:
        path = Path(record(name))
        if path.is_file() and json.loads(path.read_text(encoding="utf-8"))["status"] != "ok":
            path.unlink()
