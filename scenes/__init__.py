"""Which scenes there are: data sets of the catalogue, rendered ones, and folders of the user.

::

    import scenes
    scenes.ids()                                 # ["embedded", "embedded_stacks", ...]
    lytro = scenes.load("lytro")                 # Dataset; reads no image
    scene = lytro.scenes[0]                      # Scene
    scene.sources                                # lazy sequence of float32 images (imaging.files.ImageSequence)
    scene.truth()                                # imaging.truth.Truth or None
    scene.checksums()                            # sha256 of every source file
    scene.truth_checksum()                       # sha256 of what the truth holds
    scene.missing()                              # "" or why it cannot be read now
    scenes.load("mine", folder="~/photographs")  # any folder with one subfolder per scene
    scenes.load("v4", align="similarity")        # images of a scene aligned to its middle one
    scenes.choose(lytro, ["1-5", "lytro_1*"])    # some of its scenes
    scenes.availability("v4")                    # "" or why no scene of it can be read now

Nothing is read or fetched before a scene is asked for its sources, so a broken or missing file concerns its own
scene only.
"""

import fnmatch
import hashlib
import importlib
import json
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from files import catalogue, fetch
from files.errors import InputError, did_you_mean
from files.identity import of_modules
from imaging.files import ImageSequence, read_image, write_levels
from imaging.truth import Truth
from scenes import _rendered
from scenes._folder import natural
from scenes._store import made_once

_METADATA = Path(__file__).with_name("datasets.toml")


@dataclass(frozen=True)
class Scene:
    """Source images of one view, and what is known of it.

    Parameters
    ----------
    dataset : str
        Id of its data set.
    name : str
        Unique in its data set.
    count : int
        Number of source images.
    files : callable
        Gives the list of source files (pathlib.Path), in focus order where there is one; fetches or renders
        them when needed.
    read_truth : callable, optional
        Gives the `Truth`.
    sums : tuple of str, optional
        sha256 of every source where they are known beforehand.
    white_level : int, optional
        Value that means white in source files of more than 8 bits (`imaging.files.read_image`).
    aligned : bool
        The sources show each point at the same pixel, to about one pixel.
    truth_in_middle : bool
        The truth is in the frame of the middle image (number count // 2 from 0), so that it holds after alignment, too.
    read_points : callable, optional
        Gives where the same points of the scene lie in every source: see `points`.
    absent : callable
        Says why the files are not on this machine, in one line, or gives an empty string.

    Examples
    --------
    >>> import scenes
    >>> scene = scenes.load("lytro").scene("lytro_07")
    >>> scene.dataset, scene.count, scene.has_truth, scene.truth_checksum()
    ('lytro', 2, False, '')
    """

    dataset: str
    name: str
    count: int
    files: Callable[[], list[Path]] = field(repr=False)
    read_truth: Callable[[], Truth] | None = field(default=None, repr=False)
    sums: tuple[str, ...] = field(default=(), repr=False)
    white_level: int | None = None
    aligned: bool = True
    truth_in_middle: bool = False
    read_points: Callable[[], NDArray[np.float64]] | None = field(default=None, repr=False)
    absent: Callable[[], str] = field(default=str, repr=False)

    @cached_property
    def sources(self) -> ImageSequence:
        """The source images (`imaging.files.ImageSequence`), read when they are accessed.

        Raises
        ------
        files.errors.InputError
            A file is not an image; sizes differ; gray with colour. The message names the file.
        files.errors.Unavailable
            A file is neither here nor can it be fetched.
        """
        return ImageSequence(self.files(), self.white_level)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and number of channels (1 or 3) of the sources, from the files' headers."""
        return self.sources.shape

    @property
    def has_truth(self) -> bool:
        """Whether anything is known exactly of the scene."""
        return self.read_truth is not None

    def truth(self) -> Truth | None:
        """What is known exactly, or None.

        Raises
        ------
        files.errors.InputError, files.errors.Unavailable
            As `sources`; also when the truth does not fit the sources.
        """
        return None if self.read_truth is None else self.read_truth()

    def points(self) -> NDArray[np.float64] | None:
        """Where the same points of the scene lie in every source, or None where that is not known.

        Returns
        -------
        numpy.ndarray or None
            float64, n x N x 2: coordinates (x, y) in pixels of N points; the centre of the first pixel is (0, 0).

        Raises
        ------
        files.errors.InputError, files.errors.Unavailable
            As `sources`.
        """
        return None if self.read_points is None else self.read_points()

    def missing(self) -> str:
        """Why the scene cannot be read now (one line), or an empty string when it can; answered without network."""
        return self.absent()

    def checksums(self) -> list[str]:
        """sha256 of every source file, in order, and of the white level where one is declared.

        They follow the contents: files that are replaced under the same names have other ones.
        """
        sums = list(self.sums) or [fetch.sha256(path) for path in self.files()]
        if self.white_level is None:
            return sums
        return [hashlib.sha256(f"{each} white level {self.white_level}".encode()).hexdigest() for each in sums]

    def truth_checksum(self) -> str:
        """sha256 over the arrays of the truth; empty without truth. Raises as `truth`."""
        truth = self.truth()
        return "" if truth is None else truth.checksum()


@dataclass(frozen=True)
class Dataset:
    """A named set of scenes.

    Parameters
    ----------
    id : str
    label : str
        Name for people.
    citation, licence : str
        Who made it; its licence as stated upstream.
    pixels : str
        What the files hold: number, size, coding.
    note : str
        What tables and captions must say.
    scenes : tuple of Scene
    left_out : tuple of str
        Files and subfolders that belong to no scene, with the reason; of a user's folder.

    Examples
    --------
    >>> import scenes
    >>> embedded = scenes.load("embedded")
    >>> embedded.label, len(embedded.scenes), embedded.scenes[0].name
    ('Embedded', 10, 'astronaut')
    >>> embedded.scene("astronut")
    Traceback (most recent call last):
        ...
    files.errors.InputError: data set embedded has no scene 'astronut'; did you mean astronaut?
    """

    id: str
    label: str
    citation: str
    licence: str
    pixels: str
    note: str
    scenes: tuple[Scene, ...] = field(repr=False)
    left_out: tuple[str, ...] = ()

    @property
    def aligned(self) -> bool:
        """Whether the sources of every scene show each point at the same pixel, to about one pixel."""
        return all(scene.aligned for scene in self.scenes)

    def scene(self, name: str) -> Scene:
        """The scene of that name, or `InputError` with the nearest known names."""
        known = {scene.name: scene for scene in self.scenes}
        if name not in known:
            raise InputError(f"data set {self.id} has no scene '{name}'; {did_you_mean(name, known)}")
        return known[name]


@lru_cache(maxsize=1)
def _metadata() -> dict[str, dict[str, Any]]:
    with open(_METADATA, "rb") as stream:
        return tomllib.load(stream)


def ids() -> list[str]:
    """Ids of all data sets that have a name of their own; a user's folder is named when it is loaded.

    Examples
    --------
    >>> import scenes
    >>> scenes.ids()[:2]
    ['embedded', 'embedded_stacks']
    """
    return list(_metadata())


def described(dataset_id: str) -> dict[str, Any]:
    """What ``datasets.toml`` says of a data set; errors as `check`."""
    return dict(_metadata()[check(dataset_id)])


@lru_cache(maxsize=64)
def identity(dataset_id: str) -> str:
    """Identity of the code that renders a data set or derives its truth; empty where all is in files. Errors as `check`."""
    facts = _metadata()[check(dataset_id)]
    if "recipes" in facts:
        return _rendered.identity(facts["recipes"])
    return of_modules(f"scenes._{facts['truth']['recipe']}") if "truth" in facts else ""


def check(dataset_id: str) -> str:
    """Return the id, or raise `InputError` with the nearest known ids.

    Examples
    --------
    >>> import scenes
    >>> scenes.check("grayscal")
    Traceback (most recent call last):
        ...
    files.errors.InputError: unknown data set 'grayscal'; did you mean grayscale?
    """
    if dataset_id not in _metadata():
        raise InputError(f"unknown data set '{dataset_id}'; {did_you_mean(dataset_id, _metadata())}")
    return dataset_id


def load(dataset_id: str, folder: str | os.PathLike[str] | None = None, align: str | None = None) -> Dataset:
    """A data set with its scenes; no image is read.

    Parameters
    ----------
    dataset_id : str
        One of `ids`, or, with `folder`, any other name.
    folder : path-like, optional
        A folder of the user: one subfolder per scene, or files ``name_1.png``, ``name_2.png`` (see `scenes._folder`).
    align : {"similarity", "homography"}, optional
        Align the images of every scene by this model and crop them to what they have in common (see `scenes._align`).

    Raises
    ------
    files.errors.InputError
        Unknown id or model ("did you mean"); the folder does not hold scenes, or its name is taken.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> import scenes
    >>> from imaging.files import write_image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for number in (1, 2):
    ...         write_image(f"{folder}/leaf_{number}.png", np.full((4, 6), number / 3, np.float32))
    ...     mine = scenes.load("mine", folder=folder)
    ...     mine.scenes[0].name, mine.scenes[0].shape, len(mine.scenes[0].sources)
    ('leaf', (4, 6, 1), 2)
    """
    dataset = _load(dataset_id, folder)
    if not align:
        return dataset
    from scenes import _align

    note = f"Aligned by this program ({align}, chained to the middle image) and cropped to the common area."
    return replace(
        dataset,
        note=" ".join(part for part in (dataset.note, note) if part),
        scenes=tuple(_align.aligned(scene, align) for scene in dataset.scenes),
    )


def _load(dataset_id: str, folder: str | os.PathLike[str] | None) -> Dataset:
    if folder is not None:
        from scenes import _folder

        if dataset_id in _metadata():
            raise InputError(
                f"'{dataset_id}' is a data set of this program; choose another name for the folder {folder}"
            )
        return _folder.load(dataset_id, folder)
    facts = described(dataset_id)
    recipes, truth, aligned, levels = (facts.pop(key, None) for key in ("recipes", "truth", "aligned", "levels"))
    if recipes:
        found = _rendered.scenes(dataset_id, recipes)
    else:
        found = list(_catalogue_scenes(dataset_id, truth, aligned, levels))
    return Dataset(id=dataset_id, scenes=tuple(found), **facts)


def rendered_ids() -> list[str]:
    """Ids of the data sets that are rendered by this program and need no file."""
    return [dataset_id for dataset_id, facts in _metadata().items() if "recipes" in facts]


def variants(dataset_id: str) -> dict[str, str]:
    """Scenes of a data set that show another one of it under a disturbance (noise, flicker, ...): scene -> the other."""
    recipes = _metadata().get(dataset_id, {}).get("recipes")
    return dict(getattr(importlib.import_module(f"scenes._{recipes}"), "VARIANTS", {})) if recipes else {}


def parted(text: str) -> tuple[str, str]:
    """Data set and wanted scenes of ``lytro/1-5`` (the scenes as `choose` takes them; empty for the whole data set).

    Raises
    ------
    files.errors.InputError
        Nothing stands behind the slash.
    """
    name, slash, wanted = text.partition("/")
    if slash and not wanted:
        raise InputError(f"'{text}': name scenes behind the slash, such as {name}/1-5, or leave it out")
    return name, wanted


def choose(dataset: Dataset, wanted: Sequence[str]) -> Dataset:
    """The data set with some of its scenes, in its order.

    Parameters
    ----------
    dataset : Dataset
    wanted : sequence of str
        Each a scene's number in the data set (from 1, ``3``), a range of numbers (``1-5``), a name, or a pattern of names (``lytro_1*``).

    Raises
    ------
    files.errors.InputError
        One of them names no scene.

    Examples
    --------
    >>> import scenes
    >>> [scene.name for scene in choose(scenes.load("lytro"), ["1-2", "lytro_2*"]).scenes]
    ['lytro_01', 'lytro_02', 'lytro_20']
    """
    names = [scene.name for scene in dataset.scenes]
    taken: set[str] = set()
    for word in wanted:
        numbers = re.fullmatch(r"(\d+)(?:-(\d+))?", word)
        if word in names:
            found = [word]
        elif numbers:
            first, last = int(numbers[1]), int(numbers[2] or numbers[1])
            found = names[first - 1 : last] if 1 <= first <= last <= len(names) else []
        else:
            found = fnmatch.filter(names, word)
        if not found:
            raise InputError(
                f"data set {dataset.id} has no scenes '{word}'; it has {len(names)} (1-{len(names)}): {did_you_mean(word, names)}"
            )
        taken.update(found)
    return replace(dataset, scenes=tuple(scene for scene in dataset.scenes if scene.name in taken))


def availability(dataset_id: str, folder: str | os.PathLike[str] | None = None) -> str:
    """Why no scene of a data set can be read now, or an empty string when one can; answered without network.

    Raises
    ------
    files.errors.InputError
        As `load`.
    """
    dataset = load(dataset_id, folder)
    reasons = [scene.missing() for scene in dataset.scenes]
    if not all(reasons):
        return ""
    return fetch.missing(catalogue.rows(dataset_id)) if dataset_id in catalogue.collections() else reasons[0]


#: Roles of the rows that belong to a scene.
_ROLES = ("source", "ground_truth", "points")


def _catalogue_scenes(
    dataset_id: str, truth: Mapping[str, Any] | None, aligned: bool, levels: str | None
) -> Iterator[Scene]:
    """Scenes of a data set of the catalogue, by name.

    A row of the role ``ground_truth`` gives the all-in-focus image of its scene, one of the role ``points`` positions of
    the same points in both images; `truth`, `aligned` and `levels` are declared in ``datasets.toml``.
    """
    grouped: dict[str, list[catalogue.Row]] = {}
    for row in catalogue.rows(dataset_id):
        if row.role in _ROLES:
            grouped.setdefault(row.scene, []).append(row)
    for name, rows in sorted(grouped.items(), key=lambda item: natural(item[0])):
        sources = sorted((row for row in rows if row.role == "source"), key=lambda row: row.index)
        truths, points = ([row for row in rows if row.role == role] for role in ("ground_truth", "points"))
        files = partial(_upper_bytes if levels == "upper_byte" else _fetched, sources)
        yield Scene(
            dataset=dataset_id,
            name=name,
            count=len(sources),
            files=files,
            read_truth=partial(_truth, truths[0], files, truth) if truths else None,
            sums=tuple(row.sha256 for row in sources),
            aligned=aligned,
            truth_in_middle=bool(truths),
            read_points=partial(_points, points[0]) if points else None,
            absent=partial(fetch.missing, rows),
        )


def _fetched(rows: list[catalogue.Row]) -> list[Path]:
    return [fetch.path(row) for row in rows]


def _upper_bytes(rows: list[catalogue.Row]) -> list[Path]:
    """Files of 16 bits as PNG of their upper 8 bits, kept in the cache."""
    digest = hashlib.sha256("".join(row.sha256 for row in rows).encode()).hexdigest()

    def write(folder: Path) -> None:
        for number, path in enumerate(_fetched(rows), start=1):
            levels = np.round(read_image(path) * np.float64(65535)).astype(np.uint16)
            write_levels(folder / f"source_{number}.png", levels >> 8)

    folder = made_once(fetch.cache_folder() / "upper_bytes" / digest[:16] / rows[0].scene, write)
    return [folder / f"source_{number}.png" for number in range(1, len(rows) + 1)]


def _truth(row: catalogue.Row, files: Callable[[], list[Path]], declared: Mapping[str, Any] | None) -> Truth:
    """Truth of the all-in-focus image of a row, and of what the module ``scenes._<recipe>`` makes of it."""
    image = read_image(fetch.path(row))
    if declared is None:
        return Truth(image=image)
    recipe, options = declared["recipe"], {key: value for key, value in declared.items() if key != "recipe"}
    truth: Truth = importlib.import_module(f"scenes._{recipe}").truth(image, ImageSequence(files()), **options)
    return truth


def _points(row: catalogue.Row) -> NDArray[np.float64]:
    """Points of a pair: a JSON file with the corresponding points of ``Template`` (source 1) and ``Sample`` (source 2)."""
    declared = json.loads(fetch.path(row).read_text(encoding="utf-8"))
    return np.array([declared[image]["Points"] for image in ("Template", "Sample")], dtype=np.float64)
