"""Fused images made elsewhere, such as by a MATLAB program: one file per scene in a folder.

The option ``folder`` names the folder, ``pattern`` the file of a scene, without its ending. In the pattern

* ``{scene}`` stands for the scene's name ("lytro_07"),
* ``{number}`` for the last number in the scene's name, with or without leading zeros ("07", "7", "007"),
* ``*`` for any characters.

So ``pattern=c_{number}_dwt`` finds ``c_07_dwt.tif`` for the scene ``lytro_07``, and ``{scene}_*`` finds
``lytro_07_mine.png``. Exactly one image file must match.
"""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from files.errors import InputError
from imaging.files import ENDINGS
from imaging.fused_elsewhere import check_fused
from methods import Fusion, Method, Option

log = logging.getLogger(__name__)

METHOD = Method(
    id="precomputed",
    label="Precomputed",
    title="Fused images made elsewhere, read from a folder",
    citation="The program that made the images; cite it.",
    kind="external",
    cost=0.1,
    native_stack=True,
    order_free=True,
    needs=("scene",),
    note="Images made elsewhere, not re-run here.",
    options={
        "folder": Option("", "Folder with one fused image per scene."),
        "pattern": Option("{scene}", "File name without ending; {scene}, {number} and * are filled in."),
    },
)


def unavailable(settings: Mapping[str, Any]) -> str:
    """Why nothing can be read ("" when it can): no folder has been named."""
    return "" if settings["folder"] else _NO_FOLDER


def reads(settings: Mapping[str, Any]) -> list[Path]:
    """Files that decide the results besides the sources: the images of the folder."""
    folder = Path(settings["folder"])
    if not folder.is_dir():
        return []
    # A link that leads nowhere is no image yet; supplied later, it counts as a new one.
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in ENDINGS and p.is_file())


#: What a pattern may have in braces.
_PLACEHOLDERS = ("{scene}", "{number}")

_NO_FOLDER = "the option folder is not set; name the folder of the fused images (folder=PATH)"


def fuse(images: Sequence[np.ndarray], *, folder: str, pattern: str, scene: str) -> Fusion:
    """Read the fused image of a scene.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        The sources; the image is checked against them (`imaging.fused_elsewhere`).
    folder, pattern : str
        See the module's docstring.
    scene : str
        Name of the scene.

    Raises
    ------
    files.errors.InputError
        No folder or scene is named, no file or more than one matches, or the fused image is not of this scene, as
        `imaging.fused_elsewhere.check_fused` says.
    """
    if not folder:
        raise InputError(f"method precomputed: {_NO_FOLDER}")
    if not scene:
        raise InputError("method precomputed needs the name of the scene to find its file")
    path = find(Path(folder), pattern, scene)
    image, notes = check_fused(path, images, scene)
    for note in notes:
        log.info("%s: %s", path, note)
    return Fusion(image)


def find(folder: Path, pattern: str, scene: str) -> Path:
    """The one image file of `scene` in `folder` (pathlib.Path), or `InputError` saying what was looked for."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; name the folder of the fused images")
    every = sorted(folder.iterdir())
    found = named([path for path in every if path.suffix.lower() in ENDINGS], pattern, scene)
    if not found:
        other = [path.name for path in named(every, pattern, scene)]
        hint = f" ({other[0]} is not PNG, JPEG, TIFF or BMP)" if other else ""
        looked_for = pattern.replace("{scene}", scene)
        raise InputError(f"{folder} has no image for scene {scene}: no file matches the pattern '{looked_for}'{hint}")
    if len(found) > 1:
        names = ", ".join(p.name for p in found[:3]) + (", ..." if len(found) > 3 else "")
        raise InputError(
            f"{folder} has {len(found)} images for scene {scene} ({names}); make the pattern '{pattern}' exact"
        )
    return found[0]


def named(paths: Iterable[Path], pattern: str, scene: str) -> list[Path]:
    """Those of the files whose names `pattern` means for `scene`.

    Raises
    ------
    files.errors.InputError
        The pattern has a placeholder that there is not, or asks for a number that the scene does not have.
    """
    matches = _matcher(pattern, scene).fullmatch
    return [path for path in paths if matches(path.stem)]


def _matcher(pattern: str, scene: str) -> re.Pattern[str]:
    """Regular expression of the file stems that `pattern` means for `scene`."""
    for placeholder in re.findall(r"\{[^{}]*\}", pattern):
        if placeholder not in _PLACEHOLDERS:
            raise InputError(
                f"the pattern '{pattern}' has an unknown placeholder {placeholder}; {{scene}}, {{number}} and * are filled in"
            )
    numbers = re.findall(r"\d+", scene)
    if "{number}" in pattern and not numbers:
        raise InputError(
            f"the pattern '{pattern}' asks for a number, but scene {scene} has none in its name; use {{scene}}"
        )
    # The whole number: with an asterisk before it, "11" is no "1".
    number = rf"(?<!\d)0*{int(numbers[-1])}(?!\d)" if numbers else ""
    meaning = {"{scene}": re.escape(scene), "{number}": number, "*": ".*"}
    parts = re.split(r"(\{scene\}|\{number\}|\*)", pattern)
    return re.compile("".join(meaning.get(part, re.escape(part)) for part in parts))
