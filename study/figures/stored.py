"""What the figures of one scene are drawn from: its first and last source, and what every method left of it."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from imaging.files import read_image
from study.entries import Entry
from study.figures.panels import Image
from study.run import sources
from study.store import DatasetFacts, FusedScene, Results

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fused:
    """What a method left of one scene.

    Parameters
    ----------
    label : str
    image : numpy.ndarray
        float32, H x W or H x W x 3, [0, 1].
    chosen, initial : numpy.ndarray or None
        Decision or index map, and the decision map before post-processing: float32, H x W, [0, 1]. The first source is white, the
        last one black.
    """

    label: str
    image: Image
    chosen: Image | None = None
    initial: Image | None = None


@dataclass(frozen=True)
class Scene:
    """One scene with its results.

    Parameters
    ----------
    title : str
        Data set and scene.
    first, last : numpy.ndarray or None
        First and last source: float32, H x W or H x W x 3, [0, 1]; None where the scene cannot be read.
    fused : list of Fused
    missing : list of str
        "label (reason)" of the methods without a result.
    reason : str
        Why the scene cannot be read; empty where it can.
    """

    title: str
    first: Image | None = None
    last: Image | None = None
    fused: list[Fused] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    reason: str = ""

    @property
    def pair(self) -> tuple[Image, Image]:
        """First and last source of a scene that can be read."""
        assert self.first is not None and self.last is not None, self.reason
        return self.first, self.last

    @property
    def without(self) -> str:
        """A sentence that names the methods without a result."""
        return f"Not available: {'; '.join(self.missing)}." if self.missing else ""

    def nothing(self, what: str) -> str:
        """The sentence that stands for the figure where `what` it shows does not exist."""
        return f"{self.title}: {self.reason}" if self.reason else f"{self.title}: no {what} to show. {self.without}"


def read(results: Results, facts: DatasetFacts, name: str, entries: Iterable[Entry]) -> Scene:
    """Read a scene and the stored results of methods on it.

    Parameters
    ----------
    results : study.store.Results
    facts : study.store.DatasetFacts
    name : str
        Of the scene.
    entries : iterable of study.entries.Entry
    """
    title = f"{facts.label}, {name}"
    state = facts if facts.status != "ok" else facts.scene(name)
    if state.status != "ok":
        return Scene(title, reason=f"{state.status} ({state.reason})")
    images = sources.load(facts).scene(name).sources
    fused, missing = [], []
    for entry in entries:
        row = row_of(results.read_fused(facts.dataset, entry.name), name)
        if row is not None and row.status == "ok":
            fused.append(_fused(results, row, entry.label, len(images)))
        else:
            missing.append(f"{entry.label} ({row.reason if row else 'no result'})")
            log.warning("%s: not drawn: %s", title, missing[-1])
    return Scene(title, images[0], images[len(images) - 1], fused, missing)


def row_of(rows: Sequence[FusedScene], scene: str) -> FusedScene | None:
    """How a method ended on a scene, or on the data set as a whole; None when it did not run."""
    return next((row for row in rows if row.scene in (scene, "")), None)


def map_of(results: Results, row: FusedScene, count: int) -> Image | None:
    """The stored map of a scene of `count` images in gray, the first source white, the last one black; None where there is none."""
    if row.map == "decision":
        return read_image(results.map(row.dataset, row.method, row.scene))
    numbers = results.read_map(row)
    return None if numbers is None else 1 - numbers.astype(np.float32) / max(1, count - 1)


def _fused(results: Results, row: FusedScene, label: str, count: int) -> Fused:
    place = (row.dataset, row.method, row.scene)
    first = results.initial_map(*place)
    initial = read_image(first) if row.map == "decision" and first.is_file() else None
    return Fused(label, read_image(results.image(*place)), map_of(results, row, count), initial)
