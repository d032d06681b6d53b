"""How near every wrapped method comes to images made by its authors or by others with their programs.

::

    python -m study.tables.fidelity_table --reference FOLDER -o results/tables [METHOD ...]

writes ``fidelity.csv`` (one row per image), ``fidelity.md`` and ``.tex`` (one row per method and reference). Rows of methods that are
not named are kept from an earlier run. A method declares its references as ``REFERENCES`` (`methods.Reference`).
"""

import argparse
import logging
import sys
from pathlib import Path

import numpy as np

import methods
import scenes
from files.atomic import write_text
from files.errors import InputError, Unavailable
from imaging.files import read_image
from imaging.jpeg import comparable, resave
from imaging.levels import from_levels, to_uint8
from study import records
from study.tables import latex as booktabs

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


def cases(reference, folder):
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
                yield scene, path, lambda files=files: [read_image(file) for file in files]
    elif reference.collection == "published":
        for part, dataset, prefix in (("color", "lytro_jpg", "c"), ("grayscale", "grayscale", "g")):
            loaded = {scene.name: scene for scene in scenes.load(dataset).scenes}
            for path in sorted(folder.glob(f"published/{part}/{prefix}_??_{reference.name}.png")):
                name = f"lytro_{path.name[2:4]}" if part == "color" else f"g_{path.name[2:4]}"
                yield name, path, lambda scene=loaded[name]: list(scene.sources)
    else:
        loaded = {scene.name: scene for scene in scenes.load("lytro").scenes}
        for path in sorted(folder.glob(f"official/{reference.name}/lytro_??.png")):
            yield path.stem, path, lambda scene=loaded[path.stem]: list(scene.sources)


def compare(method, reference, folder):
    """Rows of `COLUMNS` for one method and one of its references."""
    declared = methods.registry.get(method)
    for scene, path, read in cases(reference, folder):
        images = read()
        if reference.jpeg_sources:
            images = [from_levels(resave(to_uint8(image))) for image in images]
        fused = methods.fuse(method, images, options=dict(reference.options), scene=scene)
        ours, theirs = comparable(to_uint8(fused.image), path)
        if ours.ndim < theirs.ndim:
            ours = np.repeat(ours[..., None], 3, axis=2)
        yield {
            "method": method,
            "label": declared.label,
            "collection": reference.collection,
            "name": reference.name,
            "scene": scene,
            "why": reference.why,
            **_distance(ours, theirs),
        }


def _distance(ours, theirs):
    difference = np.abs(ours.astype(np.float64) - theirs)
    largest = difference.reshape(*difference.shape[:2], -1).max(axis=2)
    square = np.mean(difference**2)
    return {
        "psnr_db": "inf" if square == 0 else f"{10 * np.log10(255**2 / square):.2f}",
        "mean_abs": f"{difference.mean():.5f}",
        "share_over_2": f"{np.mean(largest > 2):.6f}",
        "share_equal": f"{np.mean(largest == 0):.6f}",
    }


def markdown(rows):
    """One line per method and reference: images, least and median PSNR, mean difference, share off by more than 2."""
    lines = ["# Fidelity: our wrappers against images made by others", ""]
    lines += ["| " + " | ".join(_HEADER) + " |", "| --- | --- | ---: | ---: | ---: | ---: | --- |"]
    lines += ["| " + " | ".join(cells) + " |" for cells in _cells(rows)]
    return "\n".join([*lines, "", *(f"- {note}" for note in _NOTES)]) + "\n"


def latex(rows):
    """The same as LaTeX; the reasons stand below the table."""
    cells = _cells(rows)
    body = [[booktabs.escape(cell) for cell in line[:-1]] for line in cells]
    caption = "Wrapped methods against images made by others."
    header = [booktabs.escape(head) for head in _HEADER[:-1]]
    table = booktabs.table(caption, "fidelity", header, body, columns="llrrrr", size="scriptsize")
    reasons = dict.fromkeys(f"{line[0]}: {line[-1].rstrip('.')}." for line in cells if line[-1])
    return booktabs.document(table, booktabs.paragraph([*_NOTES, "Why not identical:", *reasons]))


def write(folder, rows):
    """Write ``fidelity.md`` and ``fidelity.tex`` from rows of `COLUMNS`."""
    write_text(folder / "fidelity.md", markdown(rows))
    write_text(folder / "fidelity.tex", latex(rows))


_HEADER = ("Method", "reference", "images", "PSNR dB (least / median)", "mean abs.", "off by > 2 levels")
_HEADER += ("why not identical",)
_NOTES = (
    "PSNR over all channels; off by more than 2 levels: largest share of pixels over the images.",
    "published: survey images (JPEG pixels of Lytro, classical grayscale pairs); mfifb: images of the MFIFB benchmark, "
    "ours coded as JPEG in the same way where these are JPEG; official: outputs of the authors' programs.",
)


def _cells(rows):
    """Cells of one line per method and reference (list of list of str)."""
    lines = []
    groups = {}
    for row in rows:
        groups.setdefault((row["label"], row["collection"], row["name"], row["why"]), []).append(row)
    for (label, collection, name, why), mine in groups.items():
        values = [float(r["psnr_db"]) for r in mine]
        text = [("identical" if np.isinf(v) else f"{v:.1f}") for v in (min(values), float(np.median(values)))]
        same = "" if np.isinf(min(values)) else why
        mean = np.mean([float(r["mean_abs"]) for r in mine])
        off = max(float(r["share_over_2"]) for r in mine)
        where = f"{collection}/{name}"
        lines.append([label, where, str(len(mine)), " / ".join(text), f"{mean:.4f}", f"{100 * off:.3f} %", same])
    return lines


def main(arguments=None):
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m study.tables.fidelity_table", description=__doc__.splitlines()[0])
    parser.add_argument("methods", nargs="*", help="method ids (default: all that declare references)")
    parser.add_argument("--reference", required=True, type=Path, help="folder of the reference material")
    parser.add_argument("-o", "--output", default=Path("results/tables"), type=Path, help="folder of the tables")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        if not given.reference.is_dir():
            raise InputError(f"{given.reference}: no such folder; name the folder of the reference material")
        chosen = [methods.registry.check(m) for m in given.methods] or methods.registry.ids()
        kept = [r for r in records.read_csv(given.output / "fidelity.csv") if r["method"] not in chosen]
        rows = list(kept)
        for method in chosen:
            for reference in getattr(methods.registry.module(method), "REFERENCES", ()):
                try:
                    for row in compare(method, reference, given.reference):
                        log.info("%(label)s %(collection)s %(scene)s: %(psnr_db)s dB", row)
                        rows.append(row)
                except Unavailable as error:
                    log.warning("%s: %s", method, error)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    rows.sort(key=lambda r: (r["method"], r["collection"], r["name"], r["scene"]))
    records.write_csv(given.output / "fidelity.csv", COLUMNS, rows)
    write(given.output, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
