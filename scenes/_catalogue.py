"""Build ``catalogue.csv`` from the manifests of a mirror (``python -m scenes catalogue --manifest FOLDER``).

Only needed when a data set or weights are added; users work with the committed table.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from files import catalogue
from files.atomic import write_text
from files.errors import InputError
from scenes._folder import natural

#: Data set name in the manifest -> collection here.
COLLECTIONS = {
    "lytro_png": "lytro",
    "lytro_jpg": "lytro_jpg",
    "lytro_triple": "lytro_triple",
    "gacn_extra": "gacn_extra",
    "yuliu_gray": "grayscale",
    "mffw_jpg": "mffw",
    "mffw3": "mffw3",
    "mfi_whu_truth": "mfi_whu",
    "nyu_d": "nyu_d",
    "synth_wave_gt": "synth_wave",
    "real_mff": "real_mff",
    "ma_mfif": "ma_mfif",
    "whu_mfm": "whu_mfm",
    "v4_stack": "v4",
    "openfocus_example": "openfocus_example",
    "focal_sweeps": "focal_sweeps",
    "hci_stacks": "hci_stacks",
    "shinestacker": "shinestacker",
    "focus_stack_tool": "focus_stack_example",
    "real_mff_scores": "real_mff_scores",
    "coco_val2017": "coco_val2017",
    "coco_train2017": "coco_train2017",
    "bsds500_train": "bsds500_train",
}

#: Further training images, which a mirror may lack: (pack, data set) in the manifest of remote files -> collection.
REMOTE = {("bsds_val", "bsds500_val"): "bsds500_val", ("am2k_demo", "am2k_demo"): "am2k_demo"}

#: Packs of the manifest of remote files whose data sets are `COLLECTIONS`: scenes that a mirror may lack.
REMOTE_PACKS = (
    *("truth", "nyu_d", "real_mff", "real_mff_scores", "ma_mfif", "whu_mfm"),
    *("focal_sweeps", "hci_stacks", "shinestacker", "stacks"),
)

#: Published images (packs ``published:METHOD`` of that manifest): data set in the manifest -> data set here, and the scene that a number means.
#: MFFW as TIFF is no data set here.
PUBLISHED: Mapping[str, tuple[str, Callable[[int], str]]] = {
    "lytro_png": ("lytro", "lytro_{:02}".format),
    "lytro_jpg": ("lytro_jpg", "lytro_{:02}".format),
    "mffw_jpg": ("mffw", "mffw_{:02}".format),
    "mfi_whu_truth": ("mfi_whu", lambda number: whu_scene(number)),
    "mfi_whu": ("mfi_whu", "mfi_whu_{:02}".format),
    "yuliu_gray": ("grayscale", "g_{:02}".format),
}

#: Roles that a collection takes, where it does not take all: computed maps and results of others are no data.
ROLES = {"focal_sweeps": ("source",), "focus_stack_example": ("source",)}

#: Upstream numbers of the first 30 scenes of MFI-WHU, mfi_whu_01 to mfi_whu_30; the others follow by their numbers.
WHU_FIRST = (
    *(1, 11, 116, 12, 120, 13, 17, 18, 19, 24, 33, 34, 36, 38, 4),
    *(41, 42, 44, 5, 6, 69, 7, 70, 75, 78, 79, 8, 83, 89, 9),
)
WHU_NUMBERS = (*WHU_FIRST, *(number for number in range(1, 121) if number not in WHU_FIRST))

#: Pairs of NYU-D that are no pairs: a source is the all-in-focus image, or nearly; or hardly anything is blurred.
NYU_DEGENERATE = frozenset({14, 16, 19, 22, 27, 32, 35, 43, 48, 50, 56, 62, 65, 69, 70, 72, 74, 75, 78, 85, 96, 97})

#: Frames of V4 that are swapped upstream; by magnification, V017 is first and V001 seventeenth.
V4_SWAPPED = {1: 17, 17: 1, 2: 47, 47: 2}


def build(folder: str | PathLike[str], file: Path = catalogue.FILE) -> int:
    """Write the catalogue from ``manifest.csv``, ``manifest_remote.csv`` and ``weights.csv`` in `folder`.

    Returns
    -------
    int
        Number of rows.
    """
    folder = Path(folder)
    records = [
        _image(record, COLLECTIONS[record["dataset"]])
        for record in _read(folder / "manifest.csv")
        if record["dataset"] in COLLECTIONS
    ]
    for record in _read(folder / "manifest_remote.csv"):
        collection = REMOTE.get((record["pack"], record["dataset"]))
        if record["pack"] in REMOTE_PACKS:
            collection = COLLECTIONS.get(record["dataset"])
        if collection:
            records.append(_image(record, collection))
    records = [record for record in records if _is_wanted(record)]
    order = [*COLLECTIONS.values(), *REMOTE.values()]
    records.sort(
        key=lambda r: (
            order.index(r["collection"]),
            natural(r["scene"]),
            r["role"] != "source",
            r["role"],
            r["index"],
            r["path"],
        )
    )
    records += _published(_read(folder / "manifest_remote.csv"))
    records += [_weights(record) for record in _read(folder / "weights.csv")]
    text = io.StringIO()
    writer = csv.DictWriter(text, catalogue.COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    write_text(file, text.getvalue())
    return len(records)


def _read(file: Path) -> list[dict[str, str]]:
    if not file.is_file():
        raise InputError(
            f"{file}: no such file; a mirror folder holds manifest.csv, manifest_remote.csv and weights.csv"
        )
    with open(file, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _image(record: Mapping[str, str], collection: str) -> dict[str, Any]:
    index, scene = int(record["index"]), record["scene"]
    if collection == "v4":
        index = V4_SWAPPED.get(index, index)
    if collection == "mfi_whu":
        scene = whu_scene(int(scene.removeprefix("mfi_whu_truth_")))
    if collection == "synth_wave":
        scene = re.sub(r"^image", "synth_wave_", scene)
    return {**record, "collection": collection, "scene": scene, "index": index}


def _published(records: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Rows of the images that authors published, one collection per method and data set, by method, data set and scene.

    One file may stand in the manifest under two numberings of MFI-WHU; it gives one row.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for record in records:
        what, _, method = record["pack"].partition(":")
        if what == "published" and record["dataset"] in PUBLISHED:
            dataset, scene_of = PUBLISHED[record["dataset"]]
            row = {**record, "collection": f"{method}_{dataset}", "scene": scene_of(int(record["scene"]))}
            if found.setdefault((row["collection"], row["path"]), row)["scene"] != row["scene"]:
                raise InputError(f"manifest_remote.csv: {record['path']} stands for two scenes of {dataset}")
    return sorted(found.values(), key=lambda row: (row["collection"], natural(row["scene"])))


def whu_scene(number: int) -> str:
    """Name of the scene of MFI-WHU that has this number upstream."""
    return f"mfi_whu_{WHU_NUMBERS.index(number) + 1:02}"


def _is_wanted(record: Mapping[str, Any]) -> bool:
    collection = record["collection"]
    if collection == "nyu_d" and int(record["scene"].removeprefix("nyu_d_")) in NYU_DEGENERATE:
        return False
    return record["role"] in ROLES.get(collection, (record["role"],))


def _weights(record: Mapping[str, str]) -> dict[str, Any]:
    role = "licence" if Path(record["path"]).stem.upper() in ("LICENSE", "LICENCE", "COPYING") else "weights"
    return {**record, "collection": record["method"], "scene": "", "role": role, "index": 0}
