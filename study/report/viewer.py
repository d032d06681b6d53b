"""The images of the report's viewer: which there are, and how strongly they are compressed to fit a size budget.

Fused images and sources become lossy WebP at one quality for the whole report, decision and index maps lossless WebP. The
quality is the highest of `QUALITIES` at which all wanted scenes fit; when even the lowest is too large, scenes are left out
from the end of the list. Every image that is embedded is decoded again and compared with its original, so the
report can say what compression changed.
"""

import base64
import bisect
import io
import json
import logging
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from files.errors import InputError, Unavailable
from imaging.files import read_image
from imaging.levels import to_uint8
from study import records
from study.run.sources import load_described

log = logging.getLogger(__name__)

#: WebP qualities that are tried, best first. Below the last one compression would be taken for the work of a method.
QUALITIES = (95, 90, 85, 80, 75, 70, 65)

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
        Gives the decision or index map, stretched to 0..255: uint8, H x W.
    """

    key: str
    label: str
    kind: str
    read: object = field(repr=False)
    read_map: object = field(default=None, repr=False)


@dataclass(frozen=True)
class View:
    """One scene in the viewer: its pictures, and its scores as metric id -> entry name -> value."""

    dataset: str
    name: str
    height: int
    width: int
    pictures: tuple = field(repr=False)
    scores: dict = field(default_factory=dict, repr=False)


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
    left_out : list of View
        Scenes that did not fit.
    """

    blocks: list
    quality: int
    deviation: float
    worst: float
    left_out: list


def views(described, entries, fused, scores=(), folder=None):
    """The scenes of a data set with everything there is to look at.

    Parameters
    ----------
    described : dict
        From `study.run.sources.collect`.
    entries : iterable of study.config.Entry
    fused : path-like
        Folder with ``ENTRY.csv`` and ``ENTRY/SCENE.png`` (`study.run.fuse_set`).
    scores : iterable of dict
        Tidy scores of the data set.
    folder : path-like, optional
        Folder of a user's data set.

    Returns
    -------
    list of View
        Scenes with at least one fused image, in the order of the data set.
    """
    if described["status"] != "ok":
        return []
    try:
        loaded = {scene.name: scene for scene in load_described(described, folder).scenes}
    except (InputError, Unavailable) as error:
        log.warning("%s is not shown in the viewer: %s", described["dataset"], error)
        return []
    statuses = {e.name: {r["scene"]: r for r in records.read_csv(Path(fused) / f"{e.name}.csv")} for e in entries}
    values = {}
    for row in scores:
        if row["status"] == "ok":
            values.setdefault(row["scene"], {}).setdefault(row["metric"], {})[row["method"]] = float(row["value"])
    found = []
    for scene in described["scenes"]:
        name = scene["name"]
        if scene["status"] != "ok" or name not in loaded:
            continue
        fused_pictures = [
            _fused(entry, statuses[entry.name][name], Path(fused) / entry.name, scene["count"])
            for entry in entries
            if statuses[entry.name].get(name, {}).get("status") == "ok"
            # Images may have been deleted to save space; the tables do without them.
            and (Path(fused) / entry.name / f"{name}.png").is_file()
        ]
        if fused_pictures:
            pictures = (*_originals(loaded[name], scene), *fused_pictures)
            found.append(
                View(described["dataset"], name, scene["height"], scene["width"], pictures, values.get(name, {}))
            )
    return found


def _originals(scene, described):
    sources = scene.sources
    pictures = [
        Picture(f"source_{k + 1}", f"Source {k + 1}", "source", lambda k=k: to_uint8(sources[k]))
        for k in range(described["count"])
    ]
    if described.get("truth") and scene.truth() is not None and scene.truth().image is not None:
        pictures.append(Picture("truth", "All-in-focus truth", "truth", lambda: to_uint8(scene.truth().image)))
    return pictures


def _fused(entry, row, folder, count):
    image, chosen = folder / f"{row['scene']}.png", folder / f"{row['scene']}.map.png"

    def read_map():
        levels = to_uint8(read_image(chosen)).astype(float)
        # An index map holds 0..n-1, which would all look black.
        scale = 255 / max(1, count - 1) if row["map"] == "index" else 1
        return np.clip(np.rint(levels * scale), 0, 255).astype(np.uint8)

    return Picture(
        entry.name,
        entry.label,
        entry.declared.kind,
        lambda: to_uint8(read_image(image)),
        read_map if row["map"] and chosen.is_file() else None,
    )


def webp(levels, quality=None):
    """An image (uint8, H x W or H x W x 3) as WebP bytes; lossless without a quality (1..100)."""
    stream = io.BytesIO()
    settings = {"lossless": True} if quality is None else {"quality": quality, "method": 4}
    Image.fromarray(np.ascontiguousarray(levels)).save(stream, "WEBP", **settings)
    return stream.getvalue()


def text(data):
    """Bytes as base64 (str)."""
    return base64.b64encode(data).decode("ascii")


def _samples(chosen):
    """Per data set of the views: images, bytes of their maps, and the number of pictures they stand for."""
    by_dataset = {}
    for view in chosen:
        by_dataset.setdefault(view.dataset, []).extend(view.pictures)
    for pictures in by_dataset.values():
        picked = np.unique(np.linspace(0, len(pictures) - 1, min(SAMPLES, len(pictures))).round().astype(int))
        sample = [pictures[k] for k in picked]
        maps = sum(len(webp(p.read_map())) for p in sample if p.read_map is not None)
        yield [p.read() for p in sample], maps, len(pictures)


def _choose_quality(chosen, limit):
    """The highest quality at which the views are forecast to fit, or the lowest."""
    samples = list(_samples(chosen))

    def fits(place):
        total = 0.0
        for images, maps, count in samples:
            size = maps + sum(len(webp(image, QUALITIES[place])) for image in images)
            total += size / len(images) * count * 4 / 3 * MARGIN
        log.info("quality %d: forecast %.1f MB of %.1f MB", QUALITIES[place], total / 1e6, limit / 1e6)
        return total <= limit

    place = bisect.bisect_left(range(len(QUALITIES)), True, key=fits)
    return QUALITIES[min(place, len(QUALITIES) - 1)]


def embed(chosen, limit):
    """Compress scenes so that they fit.

    Parameters
    ----------
    chosen : list of View
        The most important first.
    limit : float
        Bytes that all JSON documents together may have.

    Returns
    -------
    Embedded
    """
    if not chosen:
        return Embedded([], 0, 0.0, 0.0, [])
    quality = _choose_quality(chosen, limit)
    result, used, deviations = Embedded([], quality, 0.0, 0.0, []), 0, []
    for number, view in enumerate(chosen):
        document, changed = _document(view, quality)
        if used + len(document) > limit:
            # What comes after the first scene that does not fit is left out too: no gaps in the order of the list.
            result.left_out = chosen[number:]
            break
        used += len(document)
        deviations += changed
        result.blocks.append((view, document))
    if deviations:
        result.deviation, result.worst = float(np.mean(deviations)), float(np.max(deviations))
    return result


def _document(view, quality):
    pictures, changed = [], []
    for picture in view.pictures:
        levels = picture.read()
        coded = webp(levels, quality)
        decoded = np.asarray(Image.open(io.BytesIO(coded)).convert("L" if levels.ndim == 2 else "RGB"))
        changed.append(float(np.abs(decoded.astype(float) - levels).mean()))
        row = {"key": picture.key, "label": picture.label, "kind": picture.kind, "image": text(coded)}
        if picture.read_map is not None:
            row["map"] = text(webp(picture.read_map()))
        pictures.append(row)
    scores = {metric: {k: float(f"{v:.6g}") for k, v in row.items()} for metric, row in view.scores.items()}
    whole = {"height": view.height, "width": view.width, "pictures": pictures, "scores": scores}
    return script_json(whole), changed


def script_json(value):
    """JSON that may stand inside a script element: nothing in it can end the element."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).replace("<", "\\u003c").replace("&", "\\u0026")
