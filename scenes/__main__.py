"""Command line of the scenes: ``python -m scenes list | fetch | export | catalogue``.

Exit status: 0, 1 for a damaged file, 2 for bad input, 3 when something is unavailable. Every failure is one line on
standard error.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import scenes
from files import catalogue, command, fetch
from files.errors import InputError, Unavailable, did_you_mean
from imaging.files import write_image, write_levels


def _parser() -> command.Parser:
    parser = command.Parser(prog="python -m scenes", description="Data sets and fetchable files.", allow_abbrev=False)
    commands = parser.add_subparsers(
        dest="command", required=True, parser_class=command.Parser, metavar="list|fetch|export|catalogue"
    )

    listing = commands.add_parser("list", help="list the data sets", allow_abbrev=False)
    listing.add_argument("--json", action="store_true", help="print one JSON array")
    listing.set_defaults(run=_list)

    getting = commands.add_parser("fetch", help="download files and verify their checksums", allow_abbrev=False)
    getting.add_argument(
        "names", nargs="+", metavar="NAME", help="data set, method with weights, set of training images, or all"
    )
    getting.add_argument("--json", action="store_true", help="print one JSON array")
    getting.set_defaults(run=_fetch)

    export = commands.add_parser("export", help="write a data set as PNG, for other programs", allow_abbrev=False)
    export.add_argument("name", metavar="NAME", help="data set")
    export.add_argument("-o", "--output", required=True, metavar="FOLDER", help="folder; one subfolder per scene")
    export.add_argument("--json", action="store_true", help="print one JSON object")
    export.set_defaults(run=_export)

    building = commands.add_parser("catalogue", help="rebuild catalogue.csv (for maintainers)", allow_abbrev=False)
    building.add_argument("--manifest", required=True, metavar="FOLDER", help="mirror folder with its manifests")
    building.set_defaults(run=_catalogue)
    return parser


def _print_json(document: Any) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))


def _list(arguments: argparse.Namespace) -> None:
    rows = [_row(dataset_id) for dataset_id in scenes.ids()]
    if arguments.json:
        _print_json(rows)
        return
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
    dataset = scenes.load(arguments.name)
    folder = Path(arguments.output)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; name a folder")
    count = 0
    for scene in dataset.scenes:
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


def _catalogue(arguments: argparse.Namespace) -> None:
    from scenes import _catalogue

    print(f"{_catalogue.build(arguments.manifest)} files in {catalogue.FILE.name}")


if __name__ == "__main__":
    sys.exit(command.run(_parser()))
