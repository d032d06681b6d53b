"""Decision maps of trained networks on pairs made from held-out training images, where the truth is known.

::

    python -m study held-out official released=methods/gacn/released/gacn.safetensors trial=FOLDER/gacn.safetensors

appends to ``results/tables/held_out.csv`` (a further measurement under the same name replaces the earlier one) and makes
``held_out.md`` of it: the log of what was tried, by which a recipe is chosen. No image of the benchmark takes part. The pairs are as
large as the images and in 256 levels, like files; a network is judged at the size of photographs, not at that of training crops.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import metrics
from files.atomic import write_text
from files.errors import InputError
from methods.gacn.recipe import RECIPES, Recipe
from study import records
from study.store import Results, read_frame, write_frame
from study.tables import writers
from study.tables.inline import escape
from study.tables.table import Column, Table

if TYPE_CHECKING:
    from methods.gacn.synthesis import Pair

#: How the pairs are made: discs in layers, Gaussians in layers, the published synthesis, discs with noise of each image by itself, and
#: neighbours in a stack, where each layer is a disc of the radius in one image and of a share of it in the other.
KINDS = ("disc", "gaussian", "published", "noisy", "neighbour")
METRICS = ("wrong_pixels", "boundary_error")
COLUMNS = ("name", "sha256", "changes", "epochs", *(f"{metric}_{kind}" for kind in KINDS for metric in METRICS))
#: Blur radii in pixels, in turn over the images.
RADII = (1.5, 2.5, 4.0, 6.0, 8.0)
#: Smaller radius of a layer in the two images of neighbours in a stack, as a share of the larger one, in turn over the images.
SHARES = (0.25, 0.5, 0.75)
#: Standard deviation of the noise, of 256 levels: that of a photograph in daylight.
NOISE = 1.5
#: What decides which images are held out.
SPLIT = (
    "collections",
    "coco_images",
    "coco_annotations",
    "smallest_share",
    "largest_share",
    "masks_per_image",
    "held_out",
    "seed",
)


def pairs(recipe: Recipe) -> Iterator[tuple[str, Pair]]:
    """Pairs of the images that a recipe holds out.

    Parameters
    ----------
    recipe : methods.gacn.recipe.Recipe

    Yields
    ------
    kind : str
        One of `KINDS`.
    pair : methods.gacn.synthesis.Pair
        Of one image at full size (1 x 1 x H x W, [0, 1]), in 256 levels.

    Raises
    ------
    files.errors.Unavailable
        The training images are not on this machine.
    """
    import torch

    from methods.gacn import synthesis, training

    _, held_out = training.load_samples(recipe)
    for number in range(len(held_out)):
        sample = held_out[number]
        image = torch.from_numpy(sample.image.astype(np.float32) / 255)[None, None]
        mask = torch.from_numpy(sample.masks[0].astype(np.float32))[None, None]
        if number % 2:
            mask = 1 - mask
        radius = RADII[number % len(RADII)]
        disc = synthesis.layered_pair(image, mask, radius, radius, synthesis.disc_kernel)
        yield "disc", synthesis.quantise(disc)
        gaussian = synthesis.layered_pair(image, mask, radius, radius, synthesis.gaussian_kernel)
        yield "gaussian", synthesis.quantise(gaussian)
        yield "published", synthesis.quantise(synthesis.gaussian_pair(image, mask, 1 + number % 7))
        generator = torch.Generator().manual_seed(number)
        yield "noisy", synthesis.quantise(synthesis.own_noise(disc, generator, NOISE / 255))
        less = radius * SHARES[number % len(SHARES)]
        yield "neighbour", synthesis.quantise(synthesis.neighbour_pair(image, mask, (less, radius), (radius, less)))


def measure(weights: str, cases: Iterable[tuple[str, Pair]]) -> dict[str, float]:
    """Means of the truth metrics over pairs, per kind.

    Parameters
    ----------
    weights : str
        As the option ``weights`` of the method ``gacn``.
    cases : iterable
        From `pairs`.

    Returns
    -------
    dict
        ``{metric}_{kind}`` -> share of wrong pixels (0..1) or boundary error (pixels).
    """
    from methods.gacn.inference import Inference
    from methods.gacn.weights import load

    inference = Inference(load(weights))
    values: dict[str, list[float]] = {}
    for kind, pair in cases:
        decision = inference.decide(inference.activity(pair.first), inference.activity(pair.second))
        refined = inference.refine(decision, pair.first, pair.second)
        images = [plane.numpy()[0, 0] for plane in (pair.first, pair.second)]
        # The second image is number 1 of the index maps.
        truth, chosen = ((plane.numpy()[0, 0] < 0.5).astype(np.uint8) for plane in (pair.truth, refined))
        sources, fused = metrics.Sources(images, truth_map=truth), metrics.Fused(images[0], chosen)
        for metric in METRICS:
            values.setdefault(f"{metric}_{kind}", []).append(metrics.evaluate(metric, sources, fused))
    return {name: float(np.mean(measured)) for name, measured in values.items()}


def _recipe_of(weights: str) -> Mapping[str, Any]:
    """Recipe in the header of a weight file of this program."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(weights, framework="np") as file:
            return json.loads(file.metadata()["recipe"])
    except (SafetensorError, TypeError, KeyError, ValueError) as error:
        raise InputError(
            f"{weights}: no weight file of this program's training ({error}); a gacn.safetensors with its recipe is needed"
        ) from None


def _row(name: str, weights: str, cases: Iterable[tuple[str, Pair]], recipe: Recipe) -> dict[str, str]:
    if weights == "official":
        about = {"changes": "the authors'", "epochs": "", "sha256": ""}
    else:
        own, base, split = _recipe_of(weights), RECIPES["published"].record(), recipe.record()
        others = [key for key in SPLIT if own.get(key) != split[key]]
        if others:
            raise InputError(
                f"{weights}: trained with different values of {', '.join(others)}, so the images held out here may be among "
                "its training images; parameters trained on the split of the released recipe are needed"
            )
        changes = [f"{key}={value}" for key, value in own.items() if value != base.get(key) and key != "epochs"]
        about = {"changes": " ".join(changes), "epochs": str(own["epochs"]), "sha256": records.sha256(weights)}
    return {"name": name, **about} | {key: f"{value:.6f}" for key, value in measure(weights, cases).items()}


def table(rows: pd.DataFrame) -> Table:
    """What was measured so far.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``held_out.csv``: `COLUMNS`, as text.
    """
    columns = [Column("name", "Parameters", align="left"), Column("epochs", "epochs", missing="–")]
    for kind in KINDS:
        for metric in map(metrics.registry.get, METRICS):
            key, head = f"{metric.id}_{kind}", f"{metric.label}, {kind}"
            columns.append(Column(key, head, "", metric.direction, metric.digits, missing="–"))
    described = rows[rows["changes"] != ""]
    notes = [
        "Means over the held-out images at full size, in 256 levels; no image of the benchmark. disc, gaussian: defocus composited in "
        "layers with that point spread; published: the authors' synthesis; noisy: disc, and each image with normal noise of its own "
        f"(standard deviation {NOISE} of 256 levels); neighbour: two slices of a stack, each layer a disc of a radius in one and of a quarter "
        "to three quarters of it in the other. –: not measured.",
        "Recipes, by the values that differ from the published one:",
        *(
            f"{escape(name)}: {escape(text)}"
            for name, text in zip(described["name"], described["changes"], strict=True)
        ),
    ]
    return Table(rows, columns, "Networks on pairs of held-out training images", notes=notes)


def _kept(path: str) -> pd.DataFrame:
    """What was measured so far; a kind that came later is empty."""
    return read_frame(path).reindex(columns=list(COLUMNS), fill_value="")


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("weights", nargs="+", metavar="NAME=FILE", help="parameters to measure, or official")
    parser.add_argument(
        "--results", default="results", metavar="FOLDER", help="results that get the table (default: %(default)s)"
    )


def command(given: argparse.Namespace) -> dict[str, Any]:
    """The verb.

    Raises
    ------
    files.errors.InputError
        A file that is missing, not of this program, or trained on images that are held out here.
    files.errors.Unavailable
        The training images are not on this machine.
    """
    recipe, results = RECIPES["released"], Results(given.results)
    named = [(name, path or "official") for name, _, path in (text.partition("=") for text in given.weights)]
    for name, path in named:
        if path != "official" and not Path(path).is_file():
            raise InputError(f"{name}: {path}: no such file; NAME=FILE.safetensors or official is needed")
    cases = list(pairs(recipe))
    paths = [results.table(f"held_out.{ending}") for ending in ("csv", "md")]
    rows: dict[str, dict[Any, Any]] = {row["name"]: row for row in _kept(paths[0]).to_dict("records")}
    for name, path in named:
        rows[name] = dict(_row(name, path, cases, recipe))
        # After each, since one takes minutes.
        frame = pd.DataFrame(rows.values(), columns=list(COLUMNS)).fillna("")
        write_frame(paths[0], frame)
        write_text(paths[1], writers.markdown(table(frame)))
    return {"message": f"measured {len(named)} sets of parameters on {len(cases)} pairs", "written": paths}
