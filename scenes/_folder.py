"""Data sets in folders of the user.

Either one subfolder per scene, its images sorted by name (``img2`` before ``img10``), or files ``NAME_1.png``,
``NAME_2.png`` ... directly in the folder. Two files may say what is known exactly of a scene, for metrics against truth:
``truth.png`` (all-in-focus image) and ``truth_index.png`` (gray levels 0, 1, ...: number of the sharpest source), in
the second form ``NAME_truth.png`` and ``NAME_truth_index.png``. Hidden files and files that are no images by their ending
are left alone.
"""

import re
from pathlib import Path

import numpy as np
from PIL import Image

from files.errors import InputError
from imaging.files import ENDINGS, image_size, read_image
from imaging.truth import Truth

_TRUTH, _INDEX = "truth", "truth_index"
_NUMBERED = re.compile(r"(?P<name>.+)_(?P<part>\d+|truth|truth_index)")


def load(dataset_id, folder):
    """Data set of a folder (`scenes.Dataset`); images are not read yet.

    Raises
    ------
    files.errors.InputError
        No such folder; no scene in it; a scene with fewer than two images; mixed forms. The message names the place.
    """
    from scenes import Dataset

    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise InputError(
            f"{folder}: no such folder; one with a subfolder per scene, or with name_1.png, name_2.png, is needed"
        )
    found = [
        _scene(dataset_id, name, *groups)
        for name, groups in sorted(_groups(folder).items(), key=lambda item: natural(item[0]))
    ]
    return Dataset(
        id=dataset_id,
        label=dataset_id,
        citation="",
        licence="",
        pixels=f"images of the folder {folder.name}",
        aligned=True,
        note="A folder of the user.",
        scenes=tuple(found),
    )


def natural(name):
    """Sort key under which ``img2`` comes before ``img10``."""
    return [
        (0, int(part), "") if part.isdigit() else (1, 0, part.lower()) for part in re.split(r"(\d+)", str(name)) if part
    ]


def _images(folder):
    return sorted(
        (
            path
            for path in folder.iterdir()
            if path.suffix.lower() in ENDINGS and not path.name.startswith(".") and path.is_file()
        ),
        key=lambda path: natural(path.name),
    )


def _groups(folder):
    """{scene: (source files, {"truth": file, "truth_index": file})}."""
    groups, subfolders = {}, [p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")]
    loose = _images(folder)
    if subfolders and loose:
        raise InputError(
            f"{folder} holds images ({loose[0].name}) and subfolders ({subfolders[0].name}); only one of the two is needed"
        )
    for subfolder in subfolders:
        images = _images(subfolder)
        truths = {path.stem: path for path in images if path.stem in (_TRUTH, _INDEX)}
        groups[subfolder.name] = ([path for path in images if path.stem not in truths], truths, subfolder)
    for path in loose:
        match = _NUMBERED.fullmatch(path.stem)
        if not match:
            raise InputError(
                f"{path}: the name must end with _1, _2 ... (name_1.png, name_2.png), or a subfolder per scene is needed"
            )
        sources, truths, _ = groups.setdefault(match["name"], ([], {}, folder / match["name"]))
        if match["part"] in (_TRUTH, _INDEX):
            truths[match["part"]] = path
        else:
            sources.append(path)
    if not groups:
        raise InputError(f"{folder} holds no scene; one subfolder per scene, or name_1.png, name_2.png, is needed")
    return groups


def _scene(dataset_id, name, sources, truths, place):
    from scenes import Scene

    if len(sources) < 2:
        what = f"one image ({sources[0].name})" if sources else "no image"
        raise InputError(f"{place}: {what}; a scene needs two or more source images")
    if len({path.stem for path in sources}) < len(sources):
        raise InputError(f"{place}: two images differ only in their ending; which one belongs to the scene is unclear")
    return Scene(
        dataset=dataset_id,
        name=name,
        count=len(sources),
        files=lambda: sources,
        read_truth=(lambda: _truth(sources, truths)) if truths else None,
    )


def _truth(sources, truths):
    """`Truth` from the files, checked against the sources."""
    height, width, channels = image_size(sources[0])
    image = index_map = None
    if _TRUTH in truths:
        image = read_image(truths[_TRUTH])
        if image.shape != ((height, width) if channels == 1 else (height, width, channels)):
            raise InputError(
                f"{truths[_TRUTH]}: the true image has shape {image.shape}, the sources are {width} x {height}, {channels} channels"
            )
    if _INDEX in truths:
        read_image(truths[_INDEX])
        with Image.open(truths[_INDEX]) as picture:
            index_map = np.array(picture)
        if index_map.shape != (height, width) or index_map.dtype.kind not in "bui":
            raise InputError(f"{truths[_INDEX]}: an integer gray image of {width} x {height} pixels is needed")
        if index_map.max() >= len(sources):
            raise InputError(
                f"{truths[_INDEX]}: holds level {index_map.max()}, but only 0 to {len(sources) - 1} number the sources"
            )
    return Truth(image=image, index_map=index_map)
