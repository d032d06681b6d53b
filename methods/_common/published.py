"""Published methods: images that the authors of a method published, where the method itself is not re-run.

Such a method is a declaration alone, ``methods/NAME.toml``: label, title, citation, doi, year, licence and note, as of a plug-in, and ``[pixels]``,
which has the data sets whose pixels the authors fused. The images are files of the catalogue, one collection ``NAME_DATASET`` per data set.
`plugin` makes of the declaration what a module is for every other method. Every image is checked against the sources when it is read
(`imaging.fused_elsewhere`).
"""

import functools
import logging
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from files import catalogue, fetch
from files.errors import InputError, Unavailable
from imaging.fused_elsewhere import check_fused
from methods import Fusion, Method, Option

log = logging.getLogger(__name__)

#: What a declaration has, with its type.
_FIELDS = {
    "label": str,
    "title": str,
    "citation": str,
    "doi": str,
    "year": int,
    "licence": str,
    "note": str,
    "pixels": dict,
}

#: Seconds per megapixel: reading an image and checking it against its sources.
_COST = 0.6

#: What tables say first of each of them.
_NOTE = "Images by the authors, not re-run."


@functools.cache
def plugin(path: Path) -> ModuleType:
    """The plug-in of a declaration.

    Parameters
    ----------
    path : pathlib.Path
        ``methods/NAME.toml``; NAME is the id.

    Returns
    -------
    types.ModuleType
        With ``METHOD``, ``fuse``, ``unavailable`` and ``reads``, as a module of a method has them, and ``collections``: data set -> collection
        of the catalogue.

    Raises
    ------
    files.errors.InputError
        The file is no TOML, or has other entries than a declaration; says which.
    """
    declared = _declared(path)
    name = path.stem
    collections = {dataset: f"{name}_{dataset}" for dataset in declared["pixels"]}
    module = ModuleType(f"methods.{name}", _docstring(declared))
    contents: dict[str, Any] = {
        "METHOD": Method(
            id=name,
            label=f"{declared['label']} (published)",
            title=declared["title"],
            citation=declared["citation"],
            kind="published",
            cost=_COST,
            year=declared["year"],
            doi=declared["doi"],
            native_stack=True,
            order_free=True,
            needs=("scene",),
            note=f"{_NOTE} {declared['note']}".strip(),
            options={"dataset": Option("", f"Data set of the scene: {', '.join(collections)}. A run fills it in.")},
        ),
        "fuse": _bound(fuse, collections),
        "unavailable": functools.partial(unavailable, collections),
        "reads": functools.partial(reads, collections),
        "collections": collections,
    }
    vars(module).update(contents)
    return module


def _declared(path: Path) -> dict[str, Any]:
    try:
        declared = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"methods/{path.name}: is no TOML: {error}") from None
    wrong = sorted(declared.keys() ^ _FIELDS.keys())
    wrong += [name for name in declared.keys() & _FIELDS.keys() if not isinstance(declared[name], _FIELDS[name])]
    if wrong:
        raise InputError(
            f"methods/{path.name}: {', '.join(wrong)}: a published method has exactly "
            f"{', '.join(f'{field} ({kind.__name__})' for field, kind in _FIELDS.items())}"
        )
    return declared


def _docstring(declared: Mapping[str, Any]) -> str:
    """What a card says: where the images are from, and which pixels the authors fused."""
    pixels = [f"* ``{dataset}``: {words}" for dataset, words in declared["pixels"].items()]
    return "\n".join(
        [
            f"{declared['title']}.\n",
            f"{_NOTE} Licence of the images: {declared['licence']}. In the images of\n",
            *pixels,
        ]
    )


def _bound(function: Callable[..., Fusion], collections: Mapping[str, str]) -> Callable[..., Fusion]:
    """`fuse` of one method, with the parameters that its declaration names."""

    def bound(images: Sequence[NDArray[Any]], *, dataset: str, scene: str) -> Fusion:
        return function(images, collections, dataset=dataset, scene=scene)

    bound.__doc__ = function.__doc__
    return bound


def fuse(images: Sequence[NDArray[Any]], collections: Mapping[str, str], *, dataset: str, scene: str) -> Fusion:
    """The image that the authors published of a scene.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        The sources, which the image is checked against.
    collections : mapping of str to str
        Data set -> collection of the catalogue.
    dataset, scene : str
        The scene.

    Returns
    -------
    methods.Fusion

    Raises
    ------
    files.errors.InputError
        No data set is named, or the image is not of this scene, as `imaging.fused_elsewhere.check_fused` says.
    files.errors.Unavailable
        The authors published no image of the scene, or it is not on this machine and cannot be fetched.
    """
    if not dataset:
        raise InputError(f"the option dataset is not set; name one of {', '.join(collections)} (dataset=NAME)")
    _check(collections, dataset)
    row = next((row for row in catalogue.rows(collections[dataset]) if row.scene == scene), None)
    if row is None:
        raise Unavailable(f"its authors published no image of this scene of {dataset}")
    path = fetch.path(row)
    image, notes = check_fused(path, images, scene)
    for note in notes:
        log.info("%s: %s", path, note)
    return Fusion(image.astype(np.float32, copy=False))


def _check(collections: Mapping[str, str], dataset: str) -> None:
    if dataset not in collections:
        raise Unavailable(f"its authors published no images of {dataset}; they did of {', '.join(collections)}")


def unavailable(collections: Mapping[str, str], settings: Mapping[str, Any]) -> str:
    """Why no image of the data set in the settings (without one: of none at all) can be read now ("" when one can)."""
    dataset = settings["dataset"]
    if not dataset:
        reasons = [fetch.missing(catalogue.rows(name)) for name in collections.values()]
        return (
            "" if "" in reasons else fetch.missing(row for name in collections.values() for row in catalogue.rows(name))
        )
    try:
        _check(collections, dataset)
    except Unavailable as error:
        return str(error)
    return fetch.missing(catalogue.rows(collections[dataset]))


def reads(collections: Mapping[str, str], settings: Mapping[str, Any]) -> list[Path]:
    """Files that decide the results besides the sources: the images of the data set in the settings, as far as they are here."""
    name = collections.get(settings["dataset"])
    return [] if name is None else [fetch.path(row) for row in catalogue.rows(name) if not fetch.missing([row])]
