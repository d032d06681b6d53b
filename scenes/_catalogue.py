"""Build ``catalogue.csv`` from the manifests of a mirror (``python -m scenes catalogue --manifest FOLDER``).

Only needed when a data set or weights are added; users work with the committed table.
"""

import csv
import io
import re
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from files import catalogue
from files.atomic import write_text
from files.errors import InputError

#: Data set name in the manifest -> collection here.
COLLECTIONS = {
    "lytro_png": "lytro",
    "lytro_jpg": "lytro_jpg",
    "lytro_triple": "lytro_triple",
    "gacn_extra": "gacn_extra",
    "yuliu_gray": "grayscale",
    "mffw_jpg": "mffw",
    "mffw3": "mffw3",
    "mfi_whu": "mfi_whu",
    "synth_wave_gt": "synth_wave",
    "v4_stack": "v4",
    "coco_val2017": "coco_val2017",
    "coco_train2017": "coco_train2017",
    "bsds500_train": "bsds500_train",
}

#: Further training images, which a mirror may lack: (pack, data set) in the manifest of remote files -> collection.
REMOTE = {("bsds_val", "bsds500_val"): "bsds500_val", ("am2k_demo", "am2k_demo"): "am2k_demo"}

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
        if collection:
            records.append(_image(record, collection))
    order = [*COLLECTIONS.values(), *REMOTE.values()]
    records.sort(
        key=lambda r: (
            order.index(r["collection"]),
            r["scene"],
            r["role"] != "source",
            r["role"],
            r["index"],
            r["path"],
        )
    )
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
    if collection == "synth_wave":
        scene = re.sub(r"^image", "synth_wave_", scene)
    return {**record, "collection": collection, "scene": scene, "index": index}


def _weights(record: Mapping[str, str]) -> dict[str, Any]:
    role = "licence" if Path(record["path"]).stem.upper() in ("LICENSE", "LICENCE", "COPYING") else "weights"
    return {**record, "collection": record["method"], "scene": "", "role": role, "index": 0}
