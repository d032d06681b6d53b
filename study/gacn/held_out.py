"""Decision maps of trained networks on pairs made from held-out training images, where the truth is known.

::

    python -m study.gacn.held_out official released=methods/gacn/released/gacn.safetensors trial=FOLDER/gacn.safetensors

appends to ``results/tables/held_out.csv`` (a further measurement of a name takes the place of the former) and makes
``held_out.md`` of it: the log of what was tried, by which a recipe is chosen. No image of the benchmark takes part. The pairs are as large as the
images and in 256 levels, like files; a network is judged at the size of photographs, not at that of training crops.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

import metrics
from files.atomic import write_text
from files.errors import InputError, Unavailable
from methods.gacn.recipe import RECIPES
from study import records
from study.tables.means_table import printed

NAME = "held_out"
#: How the pairs are made: discs in layers, Gaussians in layers, the published synthesis, and discs with noise of each image by itself.
KINDS = ("disc", "gaussian", "published", "noisy")
METRICS = ("wrong_pixels", "boundary_error")
COLUMNS = ["name", "sha256", "changes", "epochs", *(f"{m}_{k}" for k in KINDS for m in METRICS)]
#: Blur radii in pixels, in turn over the images.
RADII = (1.5, 2.5, 4.0, 6.0, 8.0)
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


def pairs(recipe):
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
        yield (
            "gaussian",
            synthesis.quantise(synthesis.layered_pair(image, mask, radius, radius, synthesis.gaussian_kernel)),
        )
        yield "published", synthesis.quantise(synthesis.gaussian_pair(image, mask, 1 + number % 7))
        generator = torch.Generator().manual_seed(number)
        yield "noisy", synthesis.quantise(synthesis.own_noise(disc, generator, NOISE / 255))


def measure(weights, cases):
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
        ``{metric}_{kind}`` -> float: share of wrong pixels (0..1), boundary error (pixels).
    """
    from methods.gacn.inference import Inference
    from methods.gacn.weights import load

    inference = Inference(load(weights))
    values = {}
    for kind, pair in cases:
        decision = inference.decide(inference.activity(pair.first), pair.second)
        refined = inference.refine(decision, pair.first, pair.second)
        images = [plane.numpy()[0, 0] for plane in (pair.first, pair.second)]
        # The second image is number 1 of the index maps.
        truth, chosen = ((plane.numpy()[0, 0] < 0.5).astype(np.uint8) for plane in (pair.truth, refined))
        sources, fused = metrics.Sources(images, truth_map=truth), metrics.Fused(images[0], chosen)
        for metric in METRICS:
            values.setdefault(f"{metric}_{kind}", []).append(metrics.evaluate(metric, sources, fused))
    return {name: float(np.mean(measured)) for name, measured in values.items()}


def _recipe_of(weights):
    """Recipe (dict) in the header of a weight file of this program."""
    from safetensors import safe_open

    with safe_open(weights, framework="np") as file:
        return json.loads(file.metadata()["recipe"])


def _row(name, weights, cases, recipe):
    if weights == "official":
        about = {"changes": "the authors'", "epochs": "", "sha256": ""}
    else:
        own, base, split = _recipe_of(weights), RECIPES["published"].record(), recipe.record()
        others = [key for key in SPLIT if own.get(key) != split[key]]
        if others:
            raise InputError(f"{weights}: trained with another {', '.join(others)}: its held-out images are others")
        changes = [f"{key}={value}" for key, value in own.items() if value != base.get(key) and key != "epochs"]
        about = {"changes": " ".join(changes), "epochs": own["epochs"], "sha256": records.sha256(weights)}
    return {"name": name, **about} | {key: f"{value:.6f}" for key, value in measure(weights, cases).items()}


def markdown(rows):
    """The table as Markdown."""
    heads = [f"{metrics.registry.get(m).label}, {kind}" for kind in KINDS for m in METRICS]
    lines = ["# Networks on pairs of held-out training images", ""]
    lines += ["| Parameters | epochs | " + " | ".join(f"{head} ↓" for head in heads) + " |"]
    lines += ["| --- | ---: |" + " ---: |" * len(heads)]
    for row in rows:
        cells = [
            printed(float(row.get(f"{m}_{k}") or "nan"), metrics.registry.get(m).digits) or "–"
            for k in KINDS
            for m in METRICS
        ]
        lines.append(f"| {row['name']} | {row['epochs'] or '–'} | " + " | ".join(cells) + " |")
    lines += ["", "Values of the recipe that differ from the published one:", ""]
    lines += [f"- {row['name']}: {row['changes']}" for row in rows if row["changes"]]
    lines += [
        "",
        "- Means over the held-out images at full size, 256 levels; no image of the benchmark. disc, gaussian: defocus "
        "composited in layers with that point spread; published: the authors' synthesis; noisy: disc, and each image with "
        f"normal noise of its own (standard deviation {NOISE} of 256 levels). –: not measured.",
    ]
    return "\n".join(lines) + "\n"


def main(arguments=None):
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m study.gacn.held_out", description=__doc__.splitlines()[0])
    parser.add_argument("weights", nargs="+", metavar="NAME=FILE", help="parameters to measure, or official")
    parser.add_argument("-o", "--output", type=Path, default=Path("results/tables"), help="folder of the tables")
    given = parser.parse_args(arguments)
    try:
        recipe = RECIPES["released"]
        named = [(name, path or "official") for name, _, path in (text.partition("=") for text in given.weights)]
        for name, path in named:
            if path != "official" and not Path(path).is_file():
                raise InputError(f"{name}: {path}: no such file; NAME=FILE.safetensors or official is needed")
        cases = list(pairs(recipe))
        rows = {row["name"]: row for row in records.read_csv(given.output / f"{NAME}.csv")}
        for name, path in named:
            rows[name] = _row(name, path, cases, recipe)
            records.write_csv(given.output / f"{NAME}.csv", COLUMNS, rows.values())
            write_text(given.output / f"{NAME}.md", markdown(list(rows.values())))
    except (InputError, Unavailable) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
