"""Command line of the assessment metrics: ``python -m metrics list | score | conventions | calibrate``.

Exit status: 0, or 2 for bad input and for a metric that has no value; a failure is one line on standard error.
"""

import argparse
import json
import logging
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

import metrics
from files import command
from files.errors import InputError, Undefined
from imaging.checks import check_index_map
from imaging.files import ImageSequence, image_size, read_image, read_levels
from imaging.levels import to_levels
from metrics._common import conventions

log = logging.getLogger("metrics")


def _parser() -> command.Parser:
    parser = command.Parser(prog="python -m metrics", description="Assessment metrics of image fusion.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="list|score|conventions|calibrate")

    listing = commands.add_parser("list", help="list the metrics")
    listing.add_argument("--json", action="store_true", help="print one JSON array")
    listing.set_defaults(run=_list)
    add_score(commands)
    add_conventions(commands)

    calibrate = commands.add_parser("calibrate", help="compare with official values of published results")
    calibrate.add_argument(
        "--reference", required=True, metavar="FOLDER", help="folder with metrics_public.csv and published/"
    )
    calibrate.add_argument("-o", "--output", required=True, metavar="CSV", help="table to write")
    calibrate.set_defaults(run=_calibrate)
    return parser


def add_score(commands: command.Commands) -> None:
    """Add the command ``score``."""
    score = commands.add_parser("score", help="score a fused image")
    _add_images(score)
    score.add_argument(
        "--metrics",
        default="six",
        metavar="ID,ID...",
        help="ids of the metrics (see list), six or all; the default is %(default)s",
    )
    score.add_argument("--truth", metavar="IMAGE", help="all-in-focus image")
    score.add_argument(
        "--truth-map", metavar="MAP", help="true index map: grey level = number of the sharpest source, from 0"
    )
    score.add_argument(
        "--decision-map",
        metavar="MAP",
        help="the method's decision map: white where the first of two sources was taken; with more sources, "
        "grey level = number of the source, from 0",
    )
    score.add_argument("--json", action="store_true", help="print one JSON object {metric id: number}")
    score.set_defaults(run=_score)


def add_conventions(commands: command.Commands) -> None:
    """Add the command ``conventions``."""
    compared = commands.add_parser(
        "conventions",
        help="what one fused image scores under the conventions in use (gray rule, rounding, definition)",
    )
    _add_images(compared)
    compared.add_argument(
        "--metrics",
        metavar="ID,ID...",
        help="ids of the metrics (see list), six or all; the default is the six and those with other definitions in use",
    )
    compared.add_argument("--json", action="store_true", help="print one JSON object")
    compared.set_defaults(run=_conventions)


def _add_images(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "images", metavar="IMAGE", nargs="+", help="two or more source images of one size, or one multi-page TIFF"
    )
    parser.add_argument("--fused", required=True, metavar="IMAGE", help="the fused image")
    parser.add_argument(
        "--white-level",
        type=int,
        metavar="N",
        help="value that means white in images of more than 8 bits, such as 4095 for 12-bit data",
    )


def rows() -> list[dict[str, Any]]:
    """What the listing says of every metric (list of dict, by id), of those that cannot be imported, too."""
    found = [_row(declared) for declared in metrics.registry.all()]
    found += [_broken_row(metric, reason) for metric, reason in metrics.registry.broken().items()]
    return sorted(found, key=lambda row: row["id"])


def _list(arguments: argparse.Namespace) -> None:
    if arguments.json:
        print(json.dumps(rows(), indent=2, ensure_ascii=False))
    else:
        print_rows(rows())


def print_rows(rows: Sequence[dict[str, Any]]) -> None:
    """Print what `rows` gives, one line per metric."""
    width = max(len(row["id"]) for row in rows)
    for row in rows:
        needs = f" (needs {', '.join(row['needs'])})" if row["needs"] else ""
        state = f"{row['title']}{needs}" if row["available"] else f"unavailable: {row['reason']}"
        print(f"{row['id']:<{width}}  {row['family']:<11}  {row['direction'] or '':<7}  {state}")


def _row(declared: metrics.Metric) -> dict[str, Any]:
    """What the listing says of one metric; an infinite bound is null, which JSON can write."""
    return {
        "id": declared.id,
        "label": declared.label,
        "title": declared.title,
        "family": declared.family,
        "available": True,
        "reason": "",
        "direction": declared.direction,
        "lower": None if declared.lower == -float("inf") else float(declared.lower),
        "upper": None if declared.upper == float("inf") else float(declared.upper),
        "needs": list(declared.needs),
        "prefers_truth": declared.prefers_truth,
        "variants": {name: variant.title for name, variant in metrics.variants(declared.id).items()},
        "citation": declared.citation,
    }


def _broken_row(metric: str, reason: str) -> dict[str, Any]:
    """What the listing says of a plug-in that cannot be imported: nothing is known but why."""
    unknown = {key: None for key in ("direction", "lower", "upper", "prefers_truth")}
    known = {"id": metric, "label": metric, "title": "", "family": "broken", "available": False, "reason": reason}
    return known | unknown | {"needs": [], "variants": {}, "citation": ""}


def _score(arguments: argparse.Namespace) -> None:
    wanted = _wanted(arguments.metrics)
    white = arguments.white_level
    images = ImageSequence(arguments.images, white)
    _check_like_sources(images, (arguments.fused, arguments.truth))
    if images.bits > 8:
        log.warning("the sources have %d bits per channel; metrics compare images rounded to 8 bits", images.bits)
    truth_image = None if arguments.truth is None else read_image(arguments.truth, white_level=white)
    sources = metrics.Sources(list(images), truth_image, _index_map(arguments.truth_map, "--truth-map", images))
    fused = metrics.Fused(read_image(arguments.fused, white_level=white), _decisions(arguments.decision_map, images))
    bar = tqdm(wanted, disable=True if arguments.json else None, leave=False)
    values = _values(bar, sources, fused, keep_going=arguments.metrics == "all")
    if arguments.json:
        print(json.dumps(values, indent=2))
        return
    for name, value in values.items():
        declared = metrics.registry.get(name)
        print(f"{name:<15} {value:.12g}  ({declared.direction} is better)")


def _conventions(arguments: argparse.Namespace) -> None:
    wanted = conventions.default_metrics() if arguments.metrics is None else _wanted(arguments.metrics)
    images = ImageSequence(arguments.images, arguments.white_level)
    _check_like_sources(images, (arguments.fused,))
    fused = read_image(arguments.fused, white_level=arguments.white_level)
    found = conventions.values(list(images), fused, wanted)
    if arguments.json:
        print(json.dumps(_conventions_document(found), indent=2, ensure_ascii=False))
        return
    plain = [value for value in found if not value.variant]
    used = [c for c in conventions.CONVENTIONS if c.id in {value.convention for value in plain}]
    text = {(value.metric, value.convention): _short(value.value) for value in plain}
    width = max(len(name) for name in wanted)
    print(" ".join([" " * width, *(f"{c.id:>13}" for c in used)]))
    for name in wanted:
        print(" ".join([f"{name:<{width}}", *(f"{text[name, c.id]:>13}" for c in used)]))
    print(f"\nThe benchmark's convention is {conventions.BENCHMARK.id}. Metrics compare gray levels 0..255:")
    for convention in used:
        print(f"  {convention.id:<13} {convention.label}")
    if len(used) == 1:
        print("  The images are gray: every rule leaves them as they are.")
    for name, reason in {(value.metric, value.reason): None for value in plain if value.reason}:
        print(f"  n/a of {name}: {reason}")
    variants = [value for value in found if value.variant]
    if variants:
        print(
            f"\nOther definitions in use, under {conventions.BENCHMARK.id}; the first of each metric is the benchmark's:"
        )
    for value in variants:
        if value == next(v for v in variants if v.metric == value.metric):
            print(f"  {value.metric:<{width}} {'':<9} {text[value.metric, conventions.BENCHMARK.id]:>13}")
        title = metrics.variants(value.metric)[value.variant].title
        print(f"  {value.metric:<{width}} {value.variant:<9} {_short(value.value):>13}  {title}")


def _short(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.7g}"


def _conventions_document(found: Sequence[conventions.Value]) -> dict[str, Any]:
    """The values as one JSON document; a value that does not exist is null, with its reason."""
    used = {value.convention for value in found}
    rows = [
        {
            "metric": value.metric,
            "convention": value.convention,
            "variant": value.variant,
            "benchmark": value.convention == conventions.BENCHMARK.id and not value.variant,
            "value": value.value,
            "reason": value.reason,
        }
        for value in found
    ]
    return {
        "benchmark": conventions.BENCHMARK.id,
        "conventions": {c.id: c.label for c in conventions.CONVENTIONS if c.id in used},
        "variants": {
            name: {key: variant.title for key, variant in metrics.variants(name).items()}
            for name in dict.fromkeys(value.metric for value in found if value.variant)
        },
        "values": rows,
    }


def _wanted(text: str) -> list[str]:
    """Metric ids of the argument ``--metrics``."""
    if text == "all":
        for reason in metrics.registry.broken().values():
            log.warning("left out: %s", reason)
        return [declared.id for declared in metrics.registry.all()]
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise InputError("--metrics: name at least one metric, six or all")
    wanted = [metric for name in names for metric in (metrics.SIX if name == "six" else (name,))]
    return [metrics.registry.get(name).id for name in dict.fromkeys(wanted)]


def _check_like_sources(sequence: ImageSequence, others: Sequence[str | None]) -> None:
    """`InputError` unless the fused and the true image, where given, fit the sources (from the files' headers)."""
    height, width, channels = sequence.shape
    words = {1: "gray", 3: "colour"}
    for path in filter(None, others):
        other = image_size(path)
        if other[:2] != (height, width):
            raise InputError(f"{path} is {other[1]} x {other[0]} pixels, the sources are {width} x {height}")
        if other[2] != channels:
            raise InputError(f"{path} is {words[other[2]]}, the sources are {words[channels]}")


def _index_map(path: str | None, flag: str, images: ImageSequence) -> NDArray[Any] | None:
    """Index map from an image file, checked against the sources; None without a path."""
    if path is None:
        return None
    return check_index_map(read_levels(path), f"{flag} {path}", images.shape[:2], len(images))


def _decisions(path: str | None, images: ImageSequence) -> NDArray[Any] | None:
    """Index map from a decision map as ``python -m methods fuse --decision-map`` writes it."""
    if path is None or len(images) > 2:
        return _index_map(path, "--decision-map", images)
    levels = to_levels(read_image(path))
    if levels.ndim != 2:
        raise InputError(f"--decision-map {path}: is a colour image; a gray one is needed")
    if levels.max() == 1:
        raise InputError(
            f"--decision-map {path}: has the gray levels 0 and 1 only, which is an index map; "
            "white (255) where the first source was taken is needed"
        )
    return (levels < 127.5).astype(np.uint8)


def _values(
    wanted: Iterable[str], sources: metrics.Sources, fused: metrics.Fused, keep_going: bool
) -> dict[str, float]:
    """Values of the metrics; with `keep_going` what does not apply or has no value is left out with a note."""
    values = {}
    for name in wanted:
        try:
            values[name] = metrics.evaluate(name, sources, fused)
        except Undefined as reason:
            if not keep_going:
                raise
            log.warning("%s is left out: %s", name, str(reason).removeprefix(f"{name}: "))
    return values


def _calibrate(arguments: argparse.Namespace) -> None:
    from metrics._common import calibration

    worst = calibration.write_table(Path(arguments.reference), Path(arguments.output))
    for name, difference in worst.items():
        print(f"{name:<8} largest relative difference {difference:.1e}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status (see `files.command`)."""
    return command.run(_parser(), arguments)


if __name__ == "__main__":
    sys.exit(main())
