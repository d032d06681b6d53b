"""Command line of the scenes: ``python -m scenes list | show | fetch | export | align-error | catalogue``.

Exit status: 0, 1 for a damaged file, 2 for bad input, 3 when something is unavailable. Every failure is one line on
standard error.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from tqdm import tqdm

import scenes
from files import catalogue, command, fetch
from files.errors import InputError, Unavailable, did_you_mean
from imaging.files import write_image, write_levels
from scenes import _align

_NAME_HELP = "data set, or some of its scenes: lytro/1-5, lytro/lytro_07, 'lytro/lytro_1*'"


def _parser() -> command.Parser:
    parser = command.Parser(prog="python -m scenes", description="Data sets and fetchable files.")
    commands = parser.add_subparsers(
        dest="command",
        required=True,
        metavar="list|show|fetch|export|align-error|catalogue",
    )

    listing = commands.add_parser("list", help="list the data sets")
    listing.add_argument("--json", action="store_true", help="print one JSON array")
    listing.set_defaults(run=_list)
    add_show(commands)
    add_fetch(commands)
    add_export(commands)

    judging = commands.add_parser(
        "align-error",
        help="how far apart images show the same points, before and after alignment, where that is known",
    )
    judging.add_argument("names", nargs="*", metavar="NAME", help="data set; by default every one with known points")
    judging.add_argument(
        "--model", default=_align.MODELS[0], choices=_align.MODELS, help="transformation (default: %(default)s)"
    )
    judging.add_argument("--json", action="store_true", help="print one JSON array")
    judging.set_defaults(run=_align_error)

    building = commands.add_parser("catalogue", help="rebuild catalogue.csv (for maintainers)")
    building.add_argument("--manifest", required=True, metavar="FOLDER", help="mirror folder with its manifests")
    building.set_defaults(run=_catalogue)
    return parser


def add_show(commands: command.Commands) -> None:
    """Add the command ``show``."""
    showing = commands.add_parser("show", help="list the scenes of a data set, in order")
    showing.add_argument("name", metavar="NAME", help=_NAME_HELP)
    showing.add_argument("--json", action="store_true", help="print one JSON object")
    showing.set_defaults(run=_show)


def add_fetch(commands: command.Commands) -> None:
    """Add the command ``fetch``."""
    getting = commands.add_parser("fetch", help="download files and verify their checksums")
    getting.add_argument(
        "names", nargs="+", metavar="NAME", help="data set, method with weights, set of training images, or all"
    )
    getting.add_argument("--json", action="store_true", help="print one JSON array")
    getting.set_defaults(run=_fetch)


def add_export(commands: command.Commands) -> None:
    """Add the command ``export``."""
    export = commands.add_parser("export", help="write a data set as PNG, for other programs")
    export.add_argument("name", metavar="NAME", help=_NAME_HELP)
    export.add_argument("-o", "--output", required=True, metavar="FOLDER", help="folder; one subfolder per scene")
    export.add_argument("--json", action="store_true", help="print one JSON object")
    export.set_defaults(run=_export)


def _print_json(document: Any) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))


def rows() -> list[dict[str, Any]]:
    """What the listing says of every data set (list of dict)."""
    return [_row(dataset_id) for dataset_id in scenes.ids()]


def _list(arguments: argparse.Namespace) -> None:
    if arguments.json:
        _print_json(rows())
    else:
        print_rows(rows())


def print_rows(rows: Sequence[dict[str, Any]]) -> None:
    """Print what `rows` gives, one line per data set."""
    width = max(len(row["id"]) for row in rows)
    for row in rows:
        count = (
            f"{row['scenes']} scenes"
            if row["here"] in (0, row["scenes"])
            else f"{row['here']} of {row['scenes']} scenes"
        )
        state = row["pixels"] if row["available"] else f"unavailable: {row['reason']}"
        print(f"{row['id']:<{width}}  {count:>16}  {state}")


def _row(dataset_id: str) -> dict[str, Any]:
    """What the listing says of one data set."""
    dataset, reason = scenes.load(dataset_id), scenes.availability(dataset_id)
    return {
        "id": dataset_id,
        "label": dataset.label,
        "scenes": len(dataset.scenes),
        "here": sum(not scene.missing() for scene in dataset.scenes),
        "sources": sorted({scene.count for scene in dataset.scenes}),
        "truth": all(scene.has_truth for scene in dataset.scenes),
        "available": not reason,
        "reason": reason,
        "pixels": dataset.pixels,
        "aligned": dataset.aligned,
        "citation": dataset.citation,
        "licence": dataset.licence,
        "note": dataset.note,
    }


def _named(text: str) -> tuple[scenes.Dataset, scenes.Dataset]:
    """The data set of the argument NAME, and the part of it that is meant."""
    name, wanted = scenes.parted(text)
    whole = scenes.load(name)
    return whole, scenes.choose(whole, [wanted]) if wanted else whole


def _show(arguments: argparse.Namespace) -> None:
    whole, chosen = _named(arguments.name)
    found = chosen.scenes
    facts: list[dict[str, Any]] = [
        {
            "number": 1 + whole.scenes.index(scene),
            "scene": scene.name,
            "images": scene.count,
            "truth": scene.has_truth,
            "aligned": scene.aligned,
            "reason": scene.missing(),
        }
        for scene in found
    ]
    row = _row(whole.id)
    if arguments.json:
        _print_json(row | {"scenes": facts})
        return
    print(f"{row['label']}: {row['pixels']}\nLicence: {row['licence']}\n{row['citation']}\n{row['note']}\n")
    width = max(len(scene.name) for scene in found)
    for fact in facts:
        words = ["truth" if fact["truth"] else "", "" if fact["aligned"] else "not aligned", fact["reason"]]
        print(
            f"{fact['number']:>4}  {fact['scene']:<{width}}  {fact['images']:>3} images  "
            + ", ".join(word for word in words if word)
        )


def _fetch(arguments: argparse.Namespace) -> int:
    known = (*scenes.rendered_ids(), *catalogue.collections())
    names = known if "all" in arguments.names else tuple(dict.fromkeys(arguments.names))
    for name in names:
        if name not in known:
            raise InputError(f"unknown data set, method or collection '{name}'; {did_you_mean(name, known)}")
    results: list[dict[str, Any]] = []
    damaged = False
    for name in names:
        paths: list[Path] = []
        reason = ""
        try:
            paths = _fetched(name, bar=not arguments.json)
        except Unavailable as error:
            reason = str(error)
        except fetch.ChecksumError as error:
            reason, damaged = str(error), True
        size = sum(path.stat().st_size for path in paths)
        results.append({"id": name, "files": len(paths), "bytes": size, "reason": reason})
    failed = [result for result in results if result["reason"]]
    if arguments.json:
        _print_json(results)
    else:
        for result in results:
            if not result["reason"]:
                print(f"{result['id']}: {result['files']} files, {result['bytes'] / 1e6:.1f} MB")
    for result in failed:
        print(f"error: {result['id']}: {command.one_line(result['reason'])}", file=sys.stderr)
    return 1 if damaged else 3 if failed else 0


def _fetched(name: str, bar: bool) -> list[Path]:
    """Local files of one collection, fetched or rendered."""
    if name in scenes.rendered_ids():
        return [path for scene in scenes.load(name).scenes for path in scene.files()]
    return fetch.fetch(catalogue.rows(name), progress=bar)


def _export(arguments: argparse.Namespace) -> None:
    _, dataset = _named(arguments.name)
    folder = Path(arguments.output)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; name a folder")
    count = 0
    for scene in tqdm(dataset.scenes, disable=True if arguments.json else None, leave=False):
        place = folder / scene.name
        for number, image in enumerate(scene.sources, start=1):
            write_image(place / f"source_{number}.png", image)
            count += 1
        truth = scene.truth()
        if truth is not None and truth.image is not None:
            write_image(place / "truth.png", truth.image)
        if truth is not None and truth.index_map is not None:
            write_levels(place / "truth_index.png", truth.index_map)
    if arguments.json:
        _print_json({"id": dataset.id, "scenes": len(dataset.scenes), "sources": count, "output": str(folder)})
    else:
        print(f"{dataset.id}: {len(dataset.scenes)} scenes, {count} sources in {folder}")


def _align_error(arguments: argparse.Namespace) -> None:
    found = [scene for name in arguments.names or scenes.ids() for scene in scenes.load(name).scenes]
    known = [scene for scene in found if scene.read_points is not None]
    if not known:
        raise InputError(f"no points are known of {', '.join(arguments.names)}; leave the names out for what is known")
    here = [scene for scene in known if not scene.missing()]
    rows = []
    for scene in tqdm(here, disable=True if arguments.json else None, leave=False):
        row: dict[str, Any] = {"dataset": scene.dataset, "scene": scene.name, "images": scene.count, "reason": ""}
        try:
            judged = _align.residual(scene, arguments.model)
            row |= {name: round(value, 3) for name, value in asdict(judged).items()}
        except InputError as error:
            row["reason"] = str(error)
        rows.append(row)
    if arguments.json:
        _print_json(rows)
        return
    columns = [field.name for field in fields(_align.Residual)]
    heads = "".join(f"{name:>8}" for name in columns)
    print(f"{'scene':<44} {'images':>6} {heads}  mean distance of the same points in pixels ({arguments.model})")
    for row in rows:
        values = row["reason"] or "".join(f"{row[name]:>8.2f}" for name in columns)
        print(f"{row['dataset'] + '/' + row['scene']:<44} {row['images']:>6} {values}")
    if len(here) < len(known):
        print(
            f"{len(known) - len(here)} of {len(known)} scenes are not on this machine; {fetch.COMMAND} NAME brings them"
        )


def _catalogue(arguments: argparse.Namespace) -> None:
    from scenes import _catalogue

    print(f"{_catalogue.build(arguments.manifest)} files in {catalogue.FILE.name}")


if __name__ == "__main__":
    sys.exit(command.run(_parser()))
