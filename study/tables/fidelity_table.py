"""How near every wrapped method comes to images made by its authors, or by others with their programs.

::

    python -m study fidelity --reference FOLDER [METHOD ...]

writes ``fidelity.csv`` (one row per image), ``fidelity.md`` and ``fidelity.tex`` (one row per method and reference). Rows of methods that are not
named are kept from an earlier run. A method declares its references as ``REFERENCES`` (`methods.Reference`).
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import methods
import scenes
from files.atomic import write_text
from files.errors import InputError, Unavailable
from imaging.files import read_image
from imaging.jpeg import comparable, resave
from imaging.levels import from_levels, to_uint8
from study.refresh import REFERENCE
from study.store import Results, read_frame, write_frame
from study.tables import writers
from study.tables.inline import escape
from study.tables.table import Column, Table, printed

log = logging.getLogger(__name__)

COLUMNS = (
    "method",
    "label",
    "collection",
    "name",
    "scene",
    "psnr_db",
    "mean_abs",
    "share_over_2",
    "share_equal",
    "why",
)

NOTES = (
    "PSNR over all channels; off by more than 2 levels: largest share of pixels over the images.",
    "published: survey images (JPEG pixels of Lytro, classical grayscale pairs); mfifb: images of the MFIFB benchmark, ours coded as JPEG in the "
    "same way where these are JPEG; official: outputs of the authors' programs; authors: images that the authors published.",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument(
        "methods", nargs="*", metavar="METHOD", help="method ids (default: all that declare references)"
    )
    parser.add_argument(
        "--reference", required=True, type=Path, metavar="FOLDER", help="folder of the reference material"
    )
    parser.add_argument(
        "--results", default=REFERENCE, metavar="FOLDER", help="results that get the table (default: %(default)s)"
    )


def command(given: argparse.Namespace) -> dict[str, Any]:
    """The verb.

    Raises
    ------
    files.errors.InputError
        An unknown method, or no folder of reference material.
    """
    if not given.reference.is_dir():
        raise InputError(f"{given.reference}: no such folder; name the folder of the reference material")
    chosen = [methods.registry.check(name) for name in given.methods] or methods.registry.ids()
    results = Results(given.results)
    kept = read(results)
    rows, missing = [], {}
    for method in chosen:
        for reference in getattr(methods.registry.module(method), "REFERENCES", ()):
            try:
                for row in compare(method, reference, given.reference):
                    log.info("%(label)s %(collection)s %(scene)s: %(psnr_db)s dB", row)
                    rows.append(row)
            except Unavailable as error:
                missing[method] = str(error)
    frame = pd.concat([kept[~kept["method"].isin(chosen)], pd.DataFrame(rows, columns=list(COLUMNS))])
    write_frame(
        results.table("fidelity.csv"), frame.sort_values(["method", "collection", "name", "scene"], kind="stable")
    )
    count = len({row["method"] for row in rows})
    message = f"compared {len(rows)} images of {count} methods"
    message += "".join(f"; not {method}: {reason}" for method, reason in missing.items())
    return {"message": message, "missing": missing, "written": [results.table("fidelity.csv"), *write(results)]}


def cases(reference: methods.Reference, folder: Path) -> Iterator[tuple[str, Path, Callable[[], list[np.ndarray]]]]:
    """Reference images of one declaration with their sources.

    Parameters
    ----------
    reference : methods.Reference
    folder : pathlib.Path
        Folder of the reference material.

    Yields
    ------
    (str, pathlib.Path, callable)
        Scene, reference image, and a function that reads the sources (list of float32 images).
    """
    if reference.collection == "mfifb":
        for path in sorted(folder.glob(f"mfifb/*/*_{reference.name}.*")):
            scene = path.parent.name
            if path.stem == f"{scene}_{reference.name}":
                files = [path.with_name(f"{scene}_{side}{path.suffix}") for side in "AB"]
                yield scene, path, lambda files=files: [read_image(file) for file in files]  # type: ignore[misc]
    elif reference.collection == "published":
        for part, dataset, prefix in (("color", "lytro_jpg", "c"), ("grayscale", "grayscale", "g")):
            loaded = {scene.name: scene for scene in scenes.load(dataset).scenes}
            for path in sorted(folder.glob(f"published/{part}/{prefix}_??_{reference.name}.png")):
                name = f"lytro_{path.name[2:4]}" if part == "color" else f"g_{path.name[2:4]}"
                yield name, path, lambda scene=loaded[name]: list(scene.sources)  # type: ignore[misc]
    else:
        prefix, pixels = ("published_", "lytro_jpg") if reference.collection == "authors" else ("", "lytro")
        for dataset in (pixels, "lytro_triple", "mffw3"):
            for known in scenes.load(dataset).scenes:
                path = folder / "official" / reference.name / f"{prefix}{known.name}{reference.ending}.png"
                if path.is_file():
                    yield known.name, path, lambda known=known: list(known.sources)  # type: ignore[misc]


def compare(method: str, reference: methods.Reference, folder: Path) -> Iterator[dict[str, str]]:
    """Rows of `COLUMNS` for one method and one of its references."""
    declared = methods.registry.get(method)
    for scene, path, read_sources in cases(reference, folder):
        images = read_sources()
        if reference.jpeg_sources:
            images = [from_levels(resave(to_uint8(image))) for image in images]
        fused = methods.fuse(method, images, options=dict(reference.options), scene=scene)
        ours, theirs = comparable(to_uint8(fused.image), path)
        # Some programs write gray images of colour sources, and the other way round.
        if ours.ndim != theirs.ndim:
            ours, theirs = (
                levels if levels.ndim == 3 else np.repeat(levels[..., None], 3, axis=2) for levels in (ours, theirs)
            )
        yield {
            "method": method,
            "label": declared.label,
            "collection": reference.collection,
            "name": f"{reference.name}{reference.ending}",
            "scene": scene,
            "why": reference.why,
            **_distance(ours, theirs),
        }


def _distance(ours: np.ndarray, theirs: np.ndarray) -> dict[str, str]:
    difference = np.abs(ours.astype(np.float64) - theirs)
    largest = difference.reshape(*difference.shape[:2], -1).max(axis=2)
    square = np.mean(difference**2)
    return {
        "psnr_db": "inf" if square == 0 else f"{10 * np.log10(255**2 / square):.2f}",
        "mean_abs": f"{difference.mean():.5f}",
        "share_over_2": f"{np.mean(largest > 2):.6f}",
        "share_equal": f"{np.mean(largest == 0):.6f}",
    }


# -- what is printed -----------------------------------------------------------------------------------------------

_COLUMNS = (
    Column("label", "Method", align="left"),
    Column("reference", "reference", align="left"),
    Column("images", "images"),
    Column("psnr", "PSNR dB\n(least / median)"),
    Column("mean_abs", "mean\nabs."),
    Column("off", "off by\n> 2 levels"),
)


def table(images: pd.DataFrame) -> Table:
    """One line per method and reference: images, least and median PSNR, mean difference, share off by more than 2 levels.

    Parameters
    ----------
    images : pandas.DataFrame
        `COLUMNS`, as `read` gives them.
    """
    rows = [_line(key, mine) for key, mine in images.groupby(["label", "collection", "name", "why"], sort=False)]
    frame = pd.DataFrame(rows, columns=[*(column.key for column in _COLUMNS), "why"])
    columns = [*_COLUMNS, Column("why", "why not identical", align="left", missing="")]
    return Table(frame, columns, "Fidelity: our wrappers against images made by others", notes=NOTES)


def short_table(images: pd.DataFrame) -> Table:
    """The same with the reasons in the notes, where lines are short (the LaTeX)."""
    whole = table(images)
    named = whole.frame[whole.frame["why"] != ""]
    reasons = dict.fromkeys(
        f"{escape(label)}: {why.rstrip('.')}." for label, why in zip(named["label"], named["why"], strict=True)
    )
    caption = "Wrapped methods against images made by others."
    return replace(
        whole, columns=_COLUMNS, notes=[*NOTES, "Why not identical:", *reasons], label="fidelity", caption=caption
    )


def _line(key: tuple[Any, ...], mine: pd.DataFrame) -> dict[str, str]:
    label, collection, name, why = key
    psnr = mine["psnr_db"].astype(float)
    least, median = (printed(value, 1) or "identical" for value in (psnr.min(), psnr.median()))
    return {
        "label": label,
        "reference": f"{collection}/{name}",
        "images": str(len(mine)),
        "psnr": f"{least} / {median}",
        "mean_abs": f"{mine['mean_abs'].astype(float).mean():.4f}",
        "off": f"{100 * mine['share_over_2'].astype(float).max():.3f} %",
        "why": "" if least == "identical" else why,
    }


def read(results: Results) -> pd.DataFrame:
    """The stored ``fidelity.csv``, all as text (empty where there is none)."""
    return read_frame(results.table("fidelity.csv"), COLUMNS)


def write(results: Results) -> list[str]:
    """Write ``fidelity.md`` and ``fidelity.tex`` from ``fidelity.csv``; returns their paths."""
    images = read(results)
    paths = [results.table("fidelity.md"), results.table("fidelity.tex")]
    write_text(paths[0], writers.markdown(table(images)))
    write_text(paths[1], writers.latex(short_table(images)))
    return paths
