"""What aligning a stack changes: the fusion of the images as they are against that of the aligned images."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import methods
import scenes
from files.errors import InputError, Unavailable
from files.machine import plain
from imaging.files import read_image, write_image
from imaging.levels import from_levels, to_levels
from scenes import _align
from study import records
from study.entries import Entry
from study.figures.panels import picked
from study.run.fuse_set import reason_not_to_run
from study.store import DatasetFacts, Results, SceneFacts

log = logging.getLogger(__name__)

#: Images that are fused, evenly taken from the stack: enough to show the drift, few enough to be quick.
COUNT = 9

Image = NDArray[np.float32]


@dataclass(frozen=True)
class Alignment:
    """What aligning a stack changed.

    Parameters
    ----------
    dataset, label : str
    model : {"similarity", "homography"}
    status : {"ok", "unavailable", "skipped"}
    reason : str
        Why there is no comparison; empty otherwise.
    scene : str
    images : list of int
        Numbers (from 1) of the images that were fused.
    magnification : list of float
        Of these images, relative to the first one.
    """

    dataset: str
    label: str
    model: str
    status: str = "ok"
    reason: str = ""
    scene: str = ""
    images: list[int] = field(default_factory=list)
    magnification: list[float] = field(default_factory=list)

    def write(self, results: Results) -> None:
        """Store the facts; the images beside them are stored by `compare`."""
        records.write_json(results.stack_alignment(self.dataset), asdict(self))


def read(results: Results, dataset: str) -> Alignment:
    """The stored facts of a data set."""
    return Alignment(**records.read_json(results.stack_alignment(dataset)))


def fused_images(results: Results, dataset: str) -> tuple[Image, Image]:
    """The fused images without and with alignment, both in the frame of the middle image and cropped alike."""
    before, after = (read_image(_image(results, dataset, name)) for name in ("before", "after"))
    return before, after


def _image(results: Results, dataset: str, name: str) -> Path:
    return Path(results.stack_alignment(dataset, f"{name}.png"))


def compare(results: Results, entry: Entry, facts: DatasetFacts, model: str, device: str = "cpu") -> Alignment:
    """Fuse some images of the first stack of a data set as they are and aligned; store both fused images.

    Parameters
    ----------
    results : Results
    entry : Entry
        Of the method ``gacn``.
    facts : DatasetFacts
    model : {"similarity", "homography"}
    device : {"cpu", "cuda"}
    """
    alignment = Alignment(facts.dataset, facts.label, model)
    reason = reason_not_to_run(entry, facts) or ("" if facts.stacks else "no scene of more than two images")
    if reason:
        return replace(alignment, status="unavailable", reason=plain(reason))
    try:
        return _compare(results, entry, facts, facts.stacks[0], alignment, device)
    except (InputError, Unavailable) as error:
        return replace(alignment, status="skipped", reason=plain(error))


def _compare(
    results: Results, entry: Entry, facts: DatasetFacts, stack: SceneFacts, alignment: Alignment, device: str
) -> Alignment:
    # As they are, whatever the configuration says of the data set.
    scene = scenes.load(facts.dataset, folder=facts.folder or None).scene(stack.name)
    numbers = picked(scene.count, COUNT)
    images = [scene.sources[number] for number in numbers]
    matrices = _align.register(images, alignment.model)
    window = _align.common_window(matrices, *scene.shape[:2])
    log.info("aligned %d images, %s", len(numbers), window)

    def fuse(sources: Sequence[Image]) -> Image:
        return methods.fuse(entry.method, sources, options=entry.options, device=device).image

    write_image(_image(results, facts.dataset, "before"), fuse(images)[window])
    # Rounded to 8 bit, as aligned images are stored.
    aligned = [
        from_levels(to_levels(_align.warp(image, matrix, window)))
        for image, matrix in zip(images, matrices, strict=True)
    ]
    write_image(_image(results, facts.dataset, "after"), fuse(aligned))
    scales = [float(np.sqrt(np.linalg.det(matrix[:2, :2]))) for matrix in matrices]
    return replace(
        alignment,
        scene=scene.name,
        images=[number + 1 for number in numbers],
        magnification=[scales[0] / scale for scale in scales],
    )
