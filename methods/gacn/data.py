"""Training images and object masks: from the catalogue, or from a COCO folder of the user."""

import json
import logging
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from files import catalogue, fetch
from files.errors import InputError, Unavailable
from imaging.files import read_image
from imaging.levels import to_uint8

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sample:
    """A sharp image and the masks of its objects, any of which makes a training pair.

    Parameters
    ----------
    name : str
    image : numpy.ndarray
        Gray levels, uint8, H x W.
    masks : tuple of numpy.ndarray
        bool, H x W.
    """

    name: str
    image: NDArray[np.uint8]
    masks: tuple[NDArray[np.bool_], ...]


class Samples(Protocol):
    """Samples, some of which are read only when they are asked for."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Sample: ...


@dataclass(frozen=True)
class Selection:
    """Which masks are objects worth training on.

    Parameters
    ----------
    smallest, largest : float
        Allowed share of the image's area.
    per_image : int
        Masks kept of one image, the largest first.
    """

    smallest: float = 0.05
    largest: float = 0.7
    per_image: int = 4

    def __call__(self, masks: Iterable[NDArray[np.bool_]]) -> tuple[NDArray[np.bool_], ...]:
        """The masks to keep."""
        masks = list(masks)
        shares = [(float(mask.mean()), number) for number, mask in enumerate(masks)]
        fitting = sorted((-share, number) for share, number in shares if self.smallest <= share <= self.largest)
        return tuple(masks[number] for _, number in fitting[: self.per_image])


def from_catalogue(collection: str, selection: Selection, seed: int = 1) -> list[Sample]:
    """Samples of a collection of the catalogue, by name.

    Collections with panoptic segmentations give single objects ("things") and, in images of several, all of them
    together; those with human segmentations (BSDS500) give unions of segments; those with mattes (AM-2k) the matte.
    Files that are not on this machine are left out with a warning.

    Parameters
    ----------
    collection : str
    selection : Selection
    seed : int
        Chooses the unions.

    Raises
    ------
    files.errors.Unavailable
        None of its files is here.
    """
    rows = catalogue.rows(collection)
    shared = [row for row in rows if row.role != "image" and row.path.endswith(".json")]
    files: dict[str, dict[str, catalogue.Row]] = {}
    for row in rows:
        if row not in shared:
            files.setdefault(row.scene, {})[row.role] = row
    complete = {name: roles for name, roles in files.items() if "image" in roles and len(roles) > 1}
    present = {name: roles for name, roles in complete.items() if not fetch.missing([*roles.values(), *shared])}
    if not present:
        raise Unavailable(f"training images of {collection}: {fetch.missing(rows)}")
    if len(present) < len(complete):
        log.warning(
            "%d of %d images of %s are not on this machine (%s %s)",
            len(complete) - len(present),
            len(complete),
            collection,
            fetch.COMMAND,
            collection,
        )
    things = _things(fetch.path(shared[0])) if shared else None
    samples = []
    for number, (name, roles) in enumerate(sorted(present.items())):
        annotation = fetch.path(roles.get("segmentation") or roles["mask"])
        if things is not None:
            masks = _panoptic(annotation, things[annotation.name])
        elif annotation.suffix == ".mat":
            masks = _unions(annotation, np.random.default_rng([seed, number]))
        else:
            masks = [_gray(annotation) > 127]
        samples.append(Sample(name, _gray(fetch.path(roles["image"])), selection(masks)))
    return [sample for sample in samples if sample.masks]


class CocoSamples:
    """Lazy sequence of the samples of a folder of COCO images with instance annotations.

    The full data set does not fit in memory, so an image is read when its sample is asked for. Annotations and the names of the
    image files are checked at once. An object without ``iscrowd`` counts as a single object, one without ``area`` has
    that of its outline; objects whose outline is not usable are left out, with a warning that counts them.

    Parameters
    ----------
    images : path-like
        Folder with the image files (``train2017``).
    annotations : path-like
        ``instances_train2017.json``.
    selection : Selection

    Raises
    ------
    files.errors.InputError
        A file is missing, the annotations are not those of COCO, an image's entry lacks something, or no object fits. The
        message names file and entry.
    """

    def __init__(self, images: str | Path, annotations: str | Path, selection: Selection) -> None:
        self.folder, self.selection = Path(images), selection
        entries, objects = _coco(Path(annotations))
        self.images: list[_CocoImage] = []
        #: Reason -> how many objects of a suitable size were left out for it.
        self.left_out: Counter[str] = Counter()
        first: dict[str, str] = {}
        for entry in (entries[key] for key in sorted(entries, key=lambda key: (isinstance(key, str), key))):
            masks = []
            for annotation in objects.pop(entry["id"], []):
                try:
                    mask = self._mask(annotation, entry)
                except _Unusable as error:
                    self._leave_out(str(error), annotation, first)
                    continue
                if mask is not None:
                    masks.append(mask)
            if masks:
                self.images.append(_CocoImage(entry["file_name"], entry["height"], entry["width"], tuple(masks)))
        for annotation in (annotation for others in objects.values() for annotation in others):
            self._leave_out("its image is not in the file", annotation, first)
        for reason, count in self.left_out.items():
            log.warning("%s: objects left out: %d (%s), the first: %s", annotations, count, reason, first[reason])
        if not self.images:
            raise InputError(
                f"{annotations}: no image has a usable object of a suitable size ({selection.smallest:g} to "
                f"{selection.largest:g} of its area); use other annotations or other shares"
            )
        missing = [image.name for image in self.images if not (self.folder / image.name).is_file()]
        if missing:
            raise InputError(
                f"{self.folder / missing[0]}: no such file ({len(missing)} of {len(self.images)} images are missing); "
                f"name the folder of the images that {annotations} describes"
            )

    def _leave_out(self, reason: str, annotation: Mapping[str, Any], first: dict[str, str]) -> None:
        self.left_out[reason] += 1
        first.setdefault(reason, f"annotation {annotation.get('id', '?')} of image {annotation['image_id']}")

    def _mask(self, annotation: Mapping[str, Any], image: Mapping[str, Any]) -> Any | None:
        """Run lengths of the object's mask; None for a crowd or an object whose size does not fit."""
        from pycocotools import mask

        if annotation.get("iscrowd"):
            return None
        area = _number(annotation.get("area"))
        if area is not None and not self._fits(area, image):
            return None
        runs = _runs(annotation.get("segmentation"), image["height"], image["width"])
        pixels = float(mask.area(runs))
        if not pixels:
            raise _Unusable("its outline covers no pixel")
        return runs if area is not None or self._fits(pixels, image) else None

    def _fits(self, area: float, image: Mapping[str, Any]) -> bool:
        whole = image["height"] * image["width"]
        return self.selection.smallest * whole <= area <= self.selection.largest * whole

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Sample:
        from pycocotools import mask

        entry = self.images[index]
        path = self.folder / entry.name
        image = _gray(path)
        if image.shape != (entry.height, entry.width):
            raise InputError(
                f"{path}: {image.shape[1]} x {image.shape[0]} pixels, but its annotations are for {entry.width} x "
                f"{entry.height}; use the image that was annotated"
            )
        masks = [mask.decode(runs).astype(bool) for runs in entry.masks]
        # The stated area of a polygon and that of its pixels differ by a few pixels.
        return Sample(entry.name, image, self.selection(masks) or tuple(masks[:1]))


class _Unusable(Exception):
    """Why an object cannot be trained on."""


class _CocoImage(NamedTuple):
    """An image with objects of a suitable size, each as run lengths of pycocotools."""

    name: str
    height: int
    width: int
    masks: tuple[Any, ...]


def _coco(path: Path) -> tuple[dict[Any, dict[str, Any]], dict[Any, list[dict[str, Any]]]]:
    """Images by id, and annotations by the id of their image, of a file of instance annotations."""
    if not path.is_file():
        raise InputError(f"{path}: no such file; COCO instance annotations (JSON) are needed")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: not COCO instance annotations ({error}); an undamaged JSON file is needed") from None
    entries, annotated = (
        content.get(part) if isinstance(content, dict) else None for part in ("images", "annotations")
    )
    if not isinstance(entries, list) or not isinstance(annotated, list):
        raise InputError(f"{path}: not COCO instance annotations: the lists 'images' and 'annotations' are needed")
    images: dict[Any, dict[str, Any]] = {}
    for place, entry in enumerate(entries):
        _check_image(entry, f"{path}: images[{place}]")
        if entry["id"] in images:
            raise InputError(
                f"{path}: images[{place}]: a second image with id {entry['id']}; every image needs its own"
            )
        images[entry["id"]] = entry
    objects: dict[Any, list[dict[str, Any]]] = {}
    for place, annotation in enumerate(annotated):
        if not isinstance(annotation, dict) or not isinstance(annotation.get("image_id"), int | str):
            raise InputError(f"{path}: annotations[{place}]: the 'image_id' of an object is needed")
        objects.setdefault(annotation["image_id"], []).append(annotation)
    return images, objects


def _check_image(entry: Any, place: str) -> None:
    for name in ("id", "file_name", "height", "width"):
        value = entry.get(name) if isinstance(entry, dict) else None
        if name in ("height", "width"):
            fits = isinstance(value, int) and value > 0
        else:
            fits = isinstance(value, str if name == "file_name" else (int, str))
        if not fits:
            raise InputError(f"{place}: {name}={value!r}: every image needs id, file_name, height and width in pixels")


def _runs(segmentation: Any, height: int, width: int) -> Any:
    """The mask of an object as run lengths of pycocotools, from its polygons or run lengths.

    Raises
    ------
    _Unusable
        There is none; polygons of fewer than three points are passed over.
    """
    from pycocotools import mask

    if isinstance(segmentation, list):
        polygons = [part for part in segmentation if isinstance(part, list) and len(part) >= 6 and len(part) % 2 == 0]
        if not polygons:
            raise _Unusable("no outline of three points or more")
        if any(_number(value) is None for part in polygons for value in part):
            raise _Unusable("its outline has coordinates that are not finite numbers")
        return mask.merge(mask.frPyObjects(polygons, height, width))
    if not isinstance(segmentation, dict) or not isinstance(segmentation.get("counts"), list | str):
        raise _Unusable("no outline")
    if segmentation.get("size") != [height, width]:
        raise _Unusable("its run lengths are for an image of another size")
    counts = segmentation["counts"]
    counts = counts if isinstance(counts, list) else _expanded(counts)
    if not all(type(count) is int and count >= 0 for count in counts) or sum(counts) != height * width:
        raise _Unusable("its run lengths are damaged")
    return mask.frPyObjects({"size": [height, width], "counts": counts}, height, width)


def _expanded(text: str) -> list[int]:
    """Run lengths from the text in which COCO compresses them; pycocotools reads past the end of a damaged one.

    A number has 5 bits per character, the lowest first; from the fourth on it is the difference from the one before the last.
    """
    counts: list[int] = []
    value = place = 0
    for character in text:
        bits = ord(character) - 48
        value |= (bits & 31) << 5 * place
        place += 1
        if not bits & 32:
            value -= (bits & 16) << 5 * place - 4
            counts.append(value + (counts[-2] if len(counts) > 2 else 0))
            value = place = 0
    return counts if not place else []


def _number(value: Any) -> float | None:
    """A finite number as it stands; None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return value
    return None


def _gray(path: str | Path) -> np.ndarray:
    """Gray levels of an image file (uint8), as OpenCV converts them."""
    import cv2

    levels = to_uint8(read_image(path))
    return levels if levels.ndim == 2 else cv2.cvtColor(levels, cv2.COLOR_RGB2GRAY)


def _things(annotations: str | Path) -> dict[str, list[int]]:
    """Segment numbers of countable objects by file name of the panoptic image."""
    content = json.loads(Path(annotations).read_text(encoding="utf-8"))
    countable = {category["id"] for category in content["categories"] if category["isthing"]}
    return {
        annotation["file_name"]: [
            segment["id"]
            for segment in annotation["segments_info"]
            if segment["category_id"] in countable and not segment["iscrowd"]
        ]
        for annotation in content["annotations"]
    }


def _panoptic(path: str | Path, numbers: Sequence[int]) -> list[NDArray[np.bool_]]:
    """Masks of the countable objects of a panoptic image, and of all of them together where there are several."""
    colours = to_uint8(read_image(path)).astype(np.int32)
    segments = colours[..., 0] + 256 * colours[..., 1] + 65536 * colours[..., 2]
    masks = [segments == number for number in numbers]
    return [*masks, np.isin(segments, numbers)] if len(masks) > 1 else masks


def _unions(path: str | Path, generator: np.random.Generator, count: int = 8) -> list[NDArray[np.bool_]]:
    """Random unions of the segments that one of the human observers drew."""
    from scipy.io import loadmat

    observers = loadmat(path)["groundTruth"][0]
    unions = []
    for _ in range(count):
        segments = observers[generator.integers(len(observers))]["Segmentation"][0, 0]
        numbers = np.unique(segments)
        chosen = numbers[generator.random(len(numbers)) < generator.uniform(0.1, 0.6)]
        unions.append(np.isin(segments, chosen))
    return unions
