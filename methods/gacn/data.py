"""Training images and object masks: from the catalogue, or from a COCO folder of the user."""

import json
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

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
    image: np.ndarray
    masks: tuple


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

    def __call__(self, masks):
        """The masks to keep (tuple of bool arrays)."""
        fitting = [(mask.mean(), number) for number, mask in enumerate(masks)]
        fitting = sorted((-share, number) for share, number in fitting if self.smallest <= share <= self.largest)
        return tuple(masks[number] for _, number in fitting[: self.per_image])


def from_catalogue(collection, selection, seed=1):
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
    files = {}
    for row in rows:
        if row not in shared:
            files.setdefault(row.scene, {})[row.role] = row
    complete = {name: roles for name, roles in files.items() if "image" in roles and len(roles) > 1}
    present = {name: roles for name, roles in complete.items() if not fetch.missing([*roles.values(), *shared])}
    if not present:
        raise Unavailable(f"training images of {collection}: {fetch.missing(rows)}")
    if len(present) < len(complete):
        log.warning(
            "%d of %d images of %s are not on this machine (python -m scenes fetch %s)",
            len(complete) - len(present),
            len(complete),
            collection,
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


def from_coco(images, annotations, selection):
    """Samples of a folder of COCO images with instance annotations.

    Parameters
    ----------
    images : path-like
        Folder with the image files (``train2017``).
    annotations : path-like
        ``instances_train2017.json``.
    selection : Selection

    Returns
    -------
    Dataset
        Sequence of `Sample`, read when they are asked for: the full set does not fit in memory.
    """
    return CocoSamples(images, annotations, selection)


class CocoSamples:
    """Lazy sequence of the samples of a COCO folder; see `from_coco`."""

    def __init__(self, images, annotations, selection):
        import contextlib
        import io

        from pycocotools.coco import COCO

        self.folder, self.selection = Path(images), selection
        if not Path(annotations).is_file():
            raise InputError(f"{annotations}: no such file; the instance annotations of COCO (JSON) are needed")
        with contextlib.redirect_stdout(io.StringIO()):  # pycocotools reports its progress there
            try:
                self.coco = COCO(str(annotations))
            except (ValueError, AssertionError, KeyError) as error:
                raise InputError(f"{annotations}: not instance annotations of COCO ({error})") from None
        self.ids = [number for number in sorted(self.coco.imgs) if self._chosen(number)]
        if not self.ids:
            raise InputError(f"{annotations}: no image has an object of a fitting size")
        first = self.folder / self.coco.imgs[self.ids[0]]["file_name"]
        if not first.is_file():
            raise InputError(f"{first}: no such file; the folder of the images is needed")

    def _annotations(self, number):
        return self.coco.loadAnns(self.coco.getAnnIds(number, iscrowd=False))

    def _chosen(self, number):
        """Annotations of fitting size by their stated areas, before any mask is drawn."""
        info = self.coco.imgs[number]
        low, high = (
            share * info["height"] * info["width"] for share in (self.selection.smallest, self.selection.largest)
        )
        return [annotation for annotation in self._annotations(number) if low <= annotation["area"] <= high]

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, index):
        number = self.ids[index]
        info = self.coco.imgs[number]
        masks = [self.coco.annToMask(annotation).astype(bool) for annotation in self._chosen(number)]
        # The stated area of a polygon and that of its pixels differ by a few pixels.
        kept = self.selection(masks) or tuple(masks[:1])
        return Sample(info["file_name"], _gray(self.folder / info["file_name"]), kept)


def _gray(path):
    """Gray levels of an image file (uint8), as OpenCV converts them."""
    import cv2

    levels = to_uint8(read_image(path))
    return levels if levels.ndim == 2 else cv2.cvtColor(levels, cv2.COLOR_RGB2GRAY)


def _things(annotations):
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


def _panoptic(path, numbers):
    """Masks of the countable objects of a panoptic image, and of all of them together where there are several."""
    colours = to_uint8(read_image(path)).astype(np.int32)
    segments = colours[..., 0] + 256 * colours[..., 1] + 65536 * colours[..., 2]
    masks = [segments == number for number in numbers]
    return [*masks, np.isin(segments, numbers)] if len(masks) > 1 else masks


def _unions(path, generator, count=8):
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
