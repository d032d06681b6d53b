"""What a metric says of a degraded image: noise, JPEG coding, misalignment and sharpening of an ideal fused image.

On a few rendered scenes the fused image takes every pixel from the sharp source, by the truth. It is degraded in known ways and
scored before and after. All of this lowers the PSNR; a metric that rises is wrong.

::

    python -m study degradations [results/reference]

writes ``metric_degradations.csv``; in a run the target ``trust`` does.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

import metrics
import scenes
from files.errors import InputError, Undefined
from imaging.jpeg import resave
from imaging.levels import from_levels, round_levels, to_uint8
from methods.oracle import fuse
from study.refresh import REFERENCE
from study.store import Results, read_frame, write_frame
from study.tables.truth_sets import ERROR, judged

#: The data set, which needs no download, and the scenes: two in colour, one in gray, with much and with little texture.
DATASET = "embedded"
SCENES = ("camera", "cat", "coffee")

SEED = 20220

COLUMNS = ("scene", "degradation", "metric", "value")

#: What stands for the image as it is.
NONE = "none"

#: 8-bit levels, H x W or H x W x 3, before -> after.
Degrade = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]


@dataclass(frozen=True)
class Degradation:
    """A known damage of the fused image.

    Parameters
    ----------
    id : str
    family : {"noise", "jpeg", "shift", "sharpening"}
    label : str
        Kind and strength in words.
    apply : callable
    """

    id: str
    family: str
    label: str
    apply: Degrade


def _noise(deviation: float) -> Degrade:
    def apply(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        generator = np.random.default_rng(SEED)
        # The same in all channels, so that colour and gray images lose alike.
        noise = deviation * generator.standard_normal(levels.shape[:2])
        return round_levels(levels + noise.reshape(levels.shape[:2] + (1,) * (levels.ndim - 2)))

    return apply


def _shift(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([levels[:, :1], levels[:, :-1]], axis=1)


def _sharpen(amount: float) -> Degrade:
    def apply(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        real = levels.astype(np.float64)
        smooth = ndimage.gaussian_filter(real, 1.0, axes=(0, 1))
        return round_levels(real + amount * (real - smooth))

    return apply


DEGRADATIONS = (
    *(Degradation(f"noise_{s}", "noise", f"Gaussian noise, {s} gray levels", _noise(s)) for s in (2, 5)),
    *(Degradation(f"jpeg_{q}", "jpeg", f"JPEG, quality {q}", partial(resave, quality=q)) for q in (90, 60)),
    Degradation("shift_1", "shift", "moved by 1 pixel", _shift),
    *(
        Degradation(f"sharpening_{100 * a:.0f}", "sharpening", f"unsharp mask (1 pixel), {100 * a:.0f} %", _sharpen(a))
        for a in (0.5, 1.0)
    ),
)


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument(
        "results", nargs="?", default=REFERENCE, help="folder that gets the table (default: %(default)s)"
    )


def command(given: argparse.Namespace) -> dict[str, Any]:
    """The verb."""
    results = Results(given.results)
    write(results)
    return {"message": f"scored {len(DEGRADATIONS)} degradations of {len(SCENES)} scenes", "written": [_path(results)]}


def measured_metrics() -> list[str]:
    """Metrics that are measured: all that do not know the truth, and PSNR, by which an image is degraded."""
    return [ERROR, *(metric.id for metric in metrics.registry.all() if judged(metric))]


def compute(names: tuple[str, ...] = SCENES) -> pd.DataFrame:
    """Values of all metrics for the ideal fused image and for every degraded one.

    Parameters
    ----------
    names : tuple of str
        Scenes of `DATASET`.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`; ``degradation`` is `NONE` or the id of one, ``value`` float, NaN where a metric has none.
    """
    dataset = scenes.load(DATASET)
    return pd.DataFrame([row for name in names for row in _rows(dataset.scene(name))], columns=list(COLUMNS))


def _rows(scene: scenes.Scene) -> Iterator[tuple[str, str, str, float]]:
    truth = scene.truth()
    if truth is None or truth.index_map is None:
        raise InputError(f"{DATASET}: {scene.name} has no true index map; another scene is needed")
    sources = metrics.Sources(scene.sources, truth.image, truth.index_map)
    ideal = to_uint8(fuse(scene.sources, truth=truth).image)
    images = {NONE: ideal} | {each.id: each.apply(ideal) for each in DEGRADATIONS}
    for name, levels in images.items():
        fused = metrics.Fused(from_levels(levels))
        for metric in measured_metrics():
            try:
                yield scene.name, name, metric, metrics.evaluate(metric, sources, fused)
            except Undefined:
                yield scene.name, name, metric, np.nan


def _path(results: Results) -> str:
    return results.table("metric_degradations.csv")


def read(results: Results) -> pd.DataFrame:
    """The stored ``metric_degradations.csv``, as `compute` gives it (empty where there is none)."""
    return read_frame(_path(results), COLUMNS, ("value",))


def write(results: Results) -> None:
    """Write ``metric_degradations.csv``."""
    write_frame(_path(results), compute())
