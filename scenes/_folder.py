"""Data sets in folders of the user.

A scene is one of

* a subfolder with two or more images, sorted by name (``img2`` before ``img10``),
* a subfolder with one multi-page TIFF, whose pages are the images,
* files ``NAME_1.png``, ``NAME_2.png`` ... directly in the folder, or one multi-page TIFF ``NAME.tif`` there.

Two files may say what is known exactly of a scene, for metrics against truth: ``truth.png`` (all-in-focus image) and
``truth_index.png`` (gray levels 0, 1, ...: number of the sharpest source); directly in the folder ``NAME_truth.png`` and
``NAME_truth_index.png``.

A file ``dataset.toml`` in the folder may state

* ``white_level = 4095``: the value that means white in files of more than 8 bits, such as 12-bit data in 16-bit files.

A scene that cannot be read fails by itself. What belongs to no scene is left out and named in a warning; hidden files
are ignored.
"""

import itertools
import logging
import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError, did_you_mean
from imaging import checks
from imaging.files import ENDINGS, ImageSequence, pages, read_image, read_levels, thumbnail
from imaging.truth import Truth

if TYPE_CHECKING:
    from scenes import Dataset, Scene

log = logging.getLogger(__name__)

_DECLARED = "dataset.toml"
_TRUTH, _INDEX = "truth", "truth_index"
_NUMBERED = re.compile(r"(?P<name>.+)_(?P<part>\d+|truth|truth_index)", re.IGNORECASE)
_FORMS = "one subfolder per scene, or name_1.png, name_2.png, is needed"

#: Pictures of one view are alike (correlation of their thumbnails) at least so much, those of two views at most so much.
#: Neighbouring sources of the catalogue's scenes have 0.65 to 1.00 (median 0.99), first sources of two scenes up to 0.59.
_SAME_VIEW, _OTHER_VIEW = 0.8, 0.6


@dataclass
class _Group:
    """Files of one scene: its sources, its truth by kind, and why it cannot be used."""

    place: Path
    sources: list[Path] = field(default_factory=list)
    truths: dict[str, Path] = field(default_factory=dict)
    reason: str = ""

    def add(self, path: Path, part: str) -> None:
        """Take a file, `part` being "truth", "truth_index" or anything else for a source."""
        if part not in (_TRUTH, _INDEX):
            self.sources.append(path)
        elif part in self.truths:
            self.reason = f"{self.truths[part].name} and {path.name} both claim to be the truth"
        else:
            self.truths[part] = path


def load(dataset_id: str, folder: str | os.PathLike[str]) -> "Dataset":
    """Data set of a folder; images are not read yet.

    Raises
    ------
    files.errors.InputError
        No such folder; no scene in it; images beside subfolders; one subfolder per kind of source; a wrong
        ``dataset.toml``. The message names the place.
    """
    from scenes import Dataset

    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise InputError(
            f"{folder}: no such folder; one with a subfolder per scene, or with name_1.png, name_2.png, is needed"
        )
    white_level = _white_level(folder)
    groups, left_out = _groups(folder)
    for line in left_out:
        log.warning("%s: left out: %s", folder, line)
    note = "A folder of the user." if white_level is None else f"A folder of the user, white level {white_level}."
    return Dataset(
        id=dataset_id,
        label=dataset_id,
        citation="",
        licence="",
        pixels=f"images of the folder {folder.name}",
        note=note,
        scenes=tuple(_scene(dataset_id, name, groups[name], white_level) for name in sorted(groups, key=natural)),
        left_out=tuple(left_out),
    )


def natural(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key under which ``img2`` comes before ``img10``; names that differ only in case or zeros keep an order."""
    parts = [
        (0, int(part), "") if part.isdecimal() else (1, 0, part.lower()) for part in re.split(r"(\d+)", name) if part
    ]
    return parts, name


def _white_level(folder: Path) -> int | None:
    """What ``dataset.toml`` declares, or None without it."""
    file = folder / _DECLARED
    if not file.exists():
        return None
    try:
        declared = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise InputError(f"{file}: cannot be read ({error}); lines such as white_level = 4095 are needed") from None
    for key in declared:
        if key != "white_level":
            raise InputError(f"{file}: unknown key '{key}'; {did_you_mean(key, ['white_level'])}")
    return checks.check_white_level(declared["white_level"], f"{file}: white_level") if declared else None


def _listed(folder: Path) -> tuple[list[Path], list[Path], list[str]]:
    """Image files of a folder in order, its subfolders, and words on everything else that is not hidden.

    A link that leads nowhere stands for an image that was there: it is listed, and its scene fails.

    Raises
    ------
    files.errors.InputError
        The folder may not be read.
    """
    try:
        return _sorted_out(sorted(folder.iterdir(), key=lambda path: natural(path.name)))
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror}") from None


def _sorted_out(paths: list[Path]) -> tuple[list[Path], list[Path], list[str]]:
    images, folders, others = [], [], []
    for path in paths:
        if path.name.startswith("."):
            continue
        is_image = path.suffix.lower() in ENDINGS
        if path.is_dir():
            folders.append(path)
        elif is_image and (path.is_file() or not path.exists()):
            images.append(path)
        elif is_image or not path.exists():
            others.append(f"{path.name} ({'no regular file' if path.exists() else 'a link that leads nowhere'})")
        else:
            others.append(f"{path.name} (not PNG, JPEG, TIFF or BMP)")
    return images, folders, others


def _groups(folder: Path) -> tuple[dict[str, _Group], list[str]]:
    """Files of every scene by its name, and what is left out."""
    loose, subfolders, others = _listed(folder)
    left_out = [line for line in others if not line.startswith(f"{_DECLARED} ")]
    groups: dict[str, _Group] = {}
    for subfolder in subfolders:
        try:
            images, inner, others = _listed(subfolder)
        except InputError as error:
            left_out.append(f"{subfolder.name} ({error})")
            continue
        if not images:
            left_out.append(f"{subfolder.name} (a subfolder without images)")
            continue
        group = groups[subfolder.name] = _Group(subfolder)
        for path in images:
            group.add(path, path.stem.lower())
        left_out += [f"{subfolder.name}/{line}" for line in (*(f"{each.name} (a folder)" for each in inner), *others)]
    if groups and loose:
        raise InputError(
            f"{folder} holds images ({loose[0].name}) and subfolders with images ({min(groups)}); "
            "only one of the two forms can be read"
        )
    _refuse_kinds(folder, groups)
    if not groups:
        groups = _loose(loose, left_out)
    for name in [name for name, group in groups.items() if not group.sources]:
        left_out.append(f"{name} (truth without sources)")
        del groups[name]
    if not groups:
        found = f" ({'; '.join(left_out)})" if left_out else ""
        raise InputError(f"{folder} holds no scene{found}; {_FORMS}")
    return groups, left_out


def _loose(images: list[Path], left_out: list[str]) -> dict[str, _Group]:
    """Scenes of files that lie directly in the folder; what fits no form is added to `left_out`."""
    groups: dict[str, _Group] = {}
    for path in images:
        match = _NUMBERED.fullmatch(path.stem)
        if match:
            group = groups.setdefault(match["name"], _Group(path.with_name(match["name"])))
            group.add(path, match["part"].lower())
        elif _is_stack(path):
            groups.setdefault(path.stem, _Group(path)).add(path, "")
        else:
            left_out.append(f"{path.name} (the name must end with _1, _2 ..., as in name_1.png, name_2.png)")
    return groups


def _is_stack(path: Path) -> bool:
    """Whether a file alone is a scene; one that cannot be read could be."""
    return path.suffix.lower() in (".tif", ".tiff") and _page_count(path) != 1


def _page_count(path: Path) -> int:
    """Number of pages; 0 when the file cannot be read, which is said when its sources are asked for."""
    try:
        return len(pages(path))
    except InputError:
        return 0


def _refuse_kinds(folder: Path, groups: dict[str, _Group]) -> None:
    """Refuse one subfolder per kind of source (``near/01.png``, ``far/01.png``): the views would be mixed.

    Such subfolders hold images of equal names, up to the subfolder's own name, and equal names show equal views. Scenes
    with images of equal names (``one/1.png``, ``two/1.png``) are told from them by what the images show.
    """
    if len(groups) < 2:
        return
    named = [{_view(path, name): path for path in group.sources} for name, group in groups.items()]
    common = sorted(set.intersection(*map(set, named)), key=natural)
    if not common:
        return
    single = all(len(group.sources) == 1 and not _is_stack(group.sources[0]) for group in groups.values())
    if not single and not _views_lie_across(named, common[:4]):
        return
    first, second = list(groups)[:2]
    view, other = (named[number][common[0]].name for number in (0, 1))
    stem = named[0][common[0]].stem
    raise InputError(
        f"{folder}: the subfolders {first} and {second} hold one image each of the same views ({first}/{view}, "
        f"{second}/{other}); put all images of a view into one subfolder ({stem}/{first}.png, {stem}/{second}.png), or "
        f"name them {stem}_1.png, {stem}_2.png in one folder"
    )


def _view(path: Path, kind: str) -> str:
    """The file's name without the name of the subfolder, as in ``lytro-01-A.jpg`` of ``A``."""
    words = re.split(r"[\W_]+", path.stem.lower())
    return "_".join(word for word in words if word != kind.lower()) or path.stem.lower()


def _views_lie_across(named: list[dict[str, Path]], views: list[str]) -> bool:
    """Whether files of equal names in the first two subfolders show one view, and those of one subfolder do not."""
    if len(views) < 2:
        return False
    try:
        shown = [[thumbnail(files[view]).ravel() for view in views] for files in named[:2]]
    except InputError:
        return False
    across = [_likeness(first, second) for first, second in zip(*shown, strict=True)]
    within = [_likeness(first, second) for each in shown for first, second in itertools.combinations(each, 2)]
    return bool(np.median(across) >= _SAME_VIEW and np.median(within) <= _OTHER_VIEW)


def _likeness(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Correlation; 0 where one is constant."""
    first, second = first - first.mean(), second - second.mean()
    norm = float(np.sqrt((first @ first) * (second @ second)))
    return float(first @ second) / norm if norm else 0.0


def _scene(dataset_id: str, name: str, group: _Group, white_level: int | None) -> "Scene":
    from scenes import Scene

    sources = group.sources
    count, reason = len(sources), group.reason
    if count == 1 and _is_stack(sources[0]):
        count = _page_count(sources[0])
    elif count == 1:
        reason = f"one image ({sources[0].name}); a scene needs two or more source images"
    elif len({path.stem for path in sources}) < len(sources):
        reason = "two images differ only in their ending; which one belongs to the scene is unclear"
    files: Callable[[], list[Path]] = partial(_fail, f"{group.place}: {reason}") if reason else lambda: sources
    return Scene(
        dataset=dataset_id,
        name=name,
        count=count,
        files=files,
        read_truth=partial(_truth, sources, count, group.truths, white_level) if group.truths else None,
        white_level=white_level,
    )


def _fail(reason: str) -> NoReturn:
    raise InputError(reason)


def _truth(sources: list[Path], count: int, truths: dict[str, Path], white_level: int | None) -> Truth:
    """`Truth` from the files, checked against the sources."""
    *size, channels = ImageSequence(sources, white_level).shape
    image = index_map = None
    if _TRUTH in truths:
        path = truths[_TRUTH]
        image = read_image(path, white_level=white_level)
        checks.check_image(image, str(path), (*size,) if channels == 1 else (*size, channels))
    if _INDEX in truths:
        path = truths[_INDEX]
        index_map = checks.check_index_map(read_levels(path), str(path), (*size,), count)
    return Truth(image=image, index_map=index_map)
