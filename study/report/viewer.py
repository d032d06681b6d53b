"""The images of the report's viewer: which there are, and how strongly they are compressed to fit a size budget.

The first scene of every data set is kept exactly, as far as a share of the budget allows: only there differences between results are
shown, since a difference of compressed images shows the compression. Most methods copy most pixels, so a fused image is stored as the number of
the nearest source at every pixel and what is left. All other images become lossy WebP at one quality for the whole report, decision and index
maps lossless WebP. The quality is the highest of `QUALITIES` at which all wanted scenes fit; when even the lowest is too large, scenes are
left out from the end of the list. Every lossy image is decoded again and compared with its original, so the report can say what
compression changed.
"""

import base64
import bisect
import io
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

import scenes
from files.errors import InputError, Unavailable
from imaging.files import read_image
from imaging.levels import to_uint8
from study.entries import Entry
from study.figures.stored import map_of
from study.run import sources
from study.store import DatasetFacts, FusedScene, Results, SceneFacts

log = logging.getLogger(__name__)

Levels = NDArray[np.uint8]

#: WebP qualities that are tried, best first. Below the last one compression would be taken for the work of a method.
QUALITIES = (95, 90, 85, 80, 75, 70, 65)

#: Share of the budget that exact scenes may take.
EXACT = 0.6

#: Images per data set from which the size at each quality is estimated; the estimate is raised by the margin.
SAMPLES, MARGIN = 24, 1.03


@dataclass(frozen=True)
class Picture:
    """One image that the viewer can show.

    Parameters
    ----------
    key : str
        ``source_1``, ``truth``, or the name of a method's entry.
    label : str
    kind : str
        ``source``, ``truth`` or the kind of the method.
    read : callable
        Gives the image: uint8, H x W or H x W x 3.
    read_map : callable, optional
        Gives the decision or index map, the first source white, the last one black: uint8, H x W.
    """

    key: str
    label: str
    kind: str
    read: Callable[[], Levels] = field(repr=False)
    read_map: Callable[[], Levels] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class View:
    """One scene in the viewer: its pictures, and its scores as metric id -> entry name -> value."""

    dataset: str
    name: str
    height: int
    width: int
    pictures: tuple[Picture, ...] = field(repr=False)
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict, repr=False)


@dataclass
class Embedded:
    """What the report carries.

    Parameters
    ----------
    blocks : list of (View, str)
        Scenes and their JSON documents.
    quality : int
        WebP quality of the images (0 when there is none).
    deviation : float
        Mean absolute difference of the compressed images from their originals, in levels of 0..255.
    worst : float
        The largest such mean of any one image.
    left_out : sequence of View
        Scenes that did not fit.
    exact : int
        How many of the scenes are without loss.
    """

    blocks: list[tuple[View, str]] = field(default_factory=list)
    quality: int = 0
    deviation: float = 0.0
    worst: float = 0.0
    left_out: Sequence[View] = ()
    exact: int = 0


def views(results: Results, facts: DatasetFacts, entries: Sequence[Entry], scores: pd.DataFrame) -> list[View]:
    """The scenes of a data set with everything there is to look at.

    Parameters
    ----------
    results : study.store.Results
    facts : study.store.DatasetFacts
    entries : sequence of study.entries.Entry
    scores : pandas.DataFrame
        Tidy scores of the data set.

    Returns
    -------
    list of View
        Scenes with at least one fused image, in the order of the data set.
    """
    if facts.status != "ok":
        return []
    try:
        loaded = {scene.name: scene for scene in sources.load(facts).scenes}
    except (InputError, Unavailable) as error:
        log.warning("%s is not shown in the viewer: %s", facts.dataset, error)
        return []
    rows = [(e, {row.scene: row for row in results.read_fused(facts.dataset, e.name)}) for e in entries]
    values: dict[str, dict[str, dict[str, float]]] = {}
    good = scores[scores["status"] == "ok"]
    for scene, metric, method, value in zip(*(good[c] for c in ("scene", "metric", "method", "value")), strict=True):
        values.setdefault(scene, {}).setdefault(metric, {})[method] = float(value)
    found = []
    for known in facts.usable:
        name = known.name
        if name not in loaded:
            continue
        mine = [(entry, by_scene[name]) for entry, by_scene in rows if name in by_scene]
        fused = [
            _fused(results, entry, row, known.count)
            for entry, row in mine
            # Images may have been deleted to save space; the tables do without them.
            if row.status == "ok" and results.image(facts.dataset, entry.name, name).is_file()
        ]
        if fused:
            pictures = (*originals(loaded[name], known), *fused)
            found.append(View(facts.dataset, name, known.height, known.width, pictures, values.get(name, {})))
    return found


def originals(scene: scenes.Scene, facts: SceneFacts) -> list[Picture]:
    """The sources of a scene, and its true image where there is one; none where their files are gone."""
    try:
        scene.checksums()
    except (InputError, Unavailable, OSError) as error:
        log.warning("%s: the viewer does without the sources: %s", scene.name, error)
        return []
    images = scene.sources
    pictures = [
        Picture(f"source_{k + 1}", f"Source {k + 1}", "source", lambda k=k: to_uint8(images[k]))  # type: ignore[misc]
        for k in range(facts.count)
    ]
    truth = scene.truth() if facts.truth else None
    if truth is not None and truth.image is not None:
        image = truth.image
        pictures.append(Picture("truth", "All-in-focus truth", "truth", lambda: to_uint8(image)))
    return pictures


def _fused(results: Results, entry: Entry, row: FusedScene, count: int) -> Picture:
    place = (row.dataset, row.method, row.scene)

    def read_map() -> Levels:
        chosen = map_of(results, row, count)
        assert chosen is not None
        return to_uint8(chosen)

    has_map = row.map != "" and results.map(*place).is_file()
    return Picture(
        entry.name,
        entry.label,
        entry.kind,
        lambda: to_uint8(read_image(results.image(*place))),
        read_map if has_map else None,
    )


def webp(levels: Levels, quality: int | None = None) -> bytes:
    """An image (uint8, H x W or H x W x 3) as WebP bytes; lossless without a quality (1..100)."""
    stream = io.BytesIO()
    settings: dict[str, Any] = {"lossless": True} if quality is None else {"quality": quality, "method": 4}
    Image.fromarray(np.ascontiguousarray(levels)).save(stream, "WEBP", **settings)
    return stream.getvalue()


def text(data: bytes) -> str:
    """Bytes as base64."""
    return base64.b64encode(data).decode("ascii")


def _samples(chosen: Sequence[View]) -> Iterator[tuple[list[Levels], int, int]]:
    """Per data set of the views: images, bytes of their maps, and the number of pictures they stand for."""
    by_dataset: dict[str, list[Picture]] = {}
    for view in chosen:
        by_dataset.setdefault(view.dataset, []).extend(view.pictures)
    for pictures in by_dataset.values():
        picked = np.unique(np.linspace(0, len(pictures) - 1, min(SAMPLES, len(pictures))).round().astype(int))
        sample = [pictures[k] for k in picked]
        maps = sum(len(webp(p.read_map())) for p in sample if p.read_map is not None)
        yield [p.read() for p in sample], maps, len(pictures)


def _choose_quality(chosen: Sequence[View], limit: float) -> int:
    """The highest quality at which the views are forecast to fit, or the lowest."""
    samples = list(_samples(chosen))

    def fits(place: int) -> bool:
        total = 0.0
        for images, maps, count in samples:
            size = maps + sum(len(webp(image, QUALITIES[place])) for image in images)
            total += size / len(images) * count * 4 / 3 * MARGIN
        log.info("quality %d: forecast %.1f MB of %.1f MB", QUALITIES[place], total / 1e6, limit / 1e6)
        return total <= limit

    place = bisect.bisect_left(range(len(QUALITIES)), True, key=fits)
    return QUALITIES[min(place, len(QUALITIES) - 1)]


def embed(chosen: Sequence[View], limit: float) -> Embedded:
    """Compress scenes so that they fit.

    Parameters
    ----------
    chosen : sequence of View
        The most important first.
    limit : float
        Bytes that all JSON documents together may have.

    Returns
    -------
    Embedded
    """
    first = {view.dataset: view for view in reversed(chosen)}
    exact: dict[tuple[str, str], str] = {}
    used = 0
    for view in chosen:
        if first[view.dataset] is view:
            document, _ = _document(view, None)
            if used + len(document) <= EXACT * limit:
                used += len(document)
                exact[view.dataset, view.name] = document
    others = [view for view in chosen if (view.dataset, view.name) not in exact]
    quality = _choose_quality(others, limit - used) if others else 0
    result = Embedded(quality=quality, exact=len(exact))
    deviations: list[float] = []
    for number, view in enumerate(chosen):
        document = exact.get((view.dataset, view.name), "")
        if not document:
            document, changed = _document(view, quality)
            if used + len(document) > limit:
                # What comes after the first scene that does not fit is left out too: no gaps in the order of the list.
                rest = chosen[number:]
                result.left_out = [each for each in rest if (each.dataset, each.name) not in exact]
                kept = [each for each in rest if (each.dataset, each.name) in exact]
                result.blocks += [(each, exact[each.dataset, each.name]) for each in kept]
                break
            used += len(document)
            deviations += changed
        result.blocks.append((view, document))
    if deviations:
        result.deviation, result.worst = float(np.mean(deviations)), float(np.max(deviations))
    return result


def _document(view: View, quality: int | None) -> tuple[str, list[float]]:
    """The JSON document of a scene, and by how many levels compression changed each of its images; exact without a quality."""
    pictures: list[dict[str, str]] = []
    changed: list[float] = []
    originals: list[Levels] = []
    for picture in view.pictures:
        levels = picture.read()
        row = {"key": picture.key, "label": picture.label, "kind": picture.kind}
        if quality is None:
            row |= coded(levels, [] if picture.kind == "source" else originals)
            if picture.kind == "source":
                originals.append(levels)
        else:
            lossy = webp(levels, quality)
            decoded = np.asarray(Image.open(io.BytesIO(lossy)).convert("L" if levels.ndim == 2 else "RGB"))
            changed.append(float(np.abs(decoded.astype(float) - levels).mean()))
            row["image"] = text(lossy)
        if picture.read_map is not None:
            row["map"] = text(webp(picture.read_map()))
        pictures.append(row)
    scores = {metric: {k: float(f"{v:.6g}") for k, v in row.items()} for metric, row in view.scores.items()}
    whole = {
        "height": view.height,
        "width": view.width,
        "exact": quality is None,
        "sources": sum(picture.kind == "source" for picture in view.pictures),
        "pictures": pictures,
        "scores": scores,
    }
    return script_json(whole), changed


def coded(levels: Levels, originals: Sequence[Levels]) -> dict[str, str]:
    """An image without loss, in base64: as it is, or as what is left of it (modulo 256, around 128) of the nearest source.

    Parameters
    ----------
    levels : numpy.ndarray
        uint8, H x W or H x W x 3.
    originals : sequence of numpy.ndarray
        The sources, of the same form; empty to keep the image as it is.

    Returns
    -------
    dict
        ``image``, or ``residual`` and ``nearest`` (the number of the source at every pixel), whichever is smaller.
    """
    plain = webp(levels)
    if not originals:
        return {"image": text(plain)}
    distance = [np.abs(levels.astype(int) - each).reshape(*levels.shape[:2], -1).sum(axis=-1) for each in originals]
    nearest = np.argmin(distance, axis=0).astype(np.uint8)
    stacked = np.stack(originals)
    rows, columns = np.indices(nearest.shape)
    # Unsigned bytes wrap around, as the page's script does.
    residual = levels - stacked[nearest, rows, columns] + np.uint8(128)
    parts = webp(residual), webp(nearest)
    if sum(map(len, parts)) >= len(plain):
        return {"image": text(plain)}
    return {"residual": text(parts[0]), "nearest": text(parts[1])}


def script_json(value: Any) -> str:
    """JSON that may stand inside a script element: nothing in it can end the element."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).replace("<", "\\u003c").replace("&", "\\u0026")
