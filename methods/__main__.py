"""Command line of the fusion methods: ``python -m methods list`` and ``python -m methods fuse``.

Exit status: 0, 2 for bad input, 3 when something the method needs is missing. Either failure is one line on
standard error.
"""

import argparse
import json
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

import methods
from files import command
from files.errors import InputError
from imaging.files import ImageSequence, read_image, read_levels, write_image, write_levels

log = logging.getLogger("methods")


def _parser() -> command.Parser:
    parser = command.Parser(prog="python -m methods", description="Fusion methods.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="list|fuse")

    listing = commands.add_parser("list", help="list the methods")
    listing.add_argument("--json", action="store_true", help="print one JSON array")
    listing.set_defaults(run=_list)
    add_fuse(commands)
    return parser


def add_fuse(commands: command.Commands) -> None:
    """Add the command ``fuse``."""
    fuse = commands.add_parser("fuse", help="fuse images of one scene")
    fuse.add_argument("method", metavar="METHOD", help="id of the method, see list")
    fuse.add_argument(
        "images", metavar="IMAGE", nargs="+", help="two or more source images of one size, or one multi-page TIFF"
    )
    fuse.add_argument("-o", "--output", required=True, metavar="OUT", help="fused image to write (.png)")
    fuse.add_argument(
        "--decision-map",
        metavar="MAP",
        help="decision map to write (.png): white where the first of two sources is taken; "
        "with more sources, grey level = number of the source, from 0",
    )
    fuse.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where learned methods compute")
    fuse.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="option or preset of the method; may be repeated",
    )
    fuse.add_argument("--truth", metavar="IMAGE", help="all-in-focus image, for the oracle")
    fuse.add_argument(
        "--truth-map", metavar="MAP", help="true index map (grey level = number of the source, from 0), for the oracle"
    )
    fuse.add_argument(
        "--white-level",
        type=int,
        metavar="N",
        help="value that means white in sources of more than 8 bits, such as 4095 for 12-bit data",
    )
    fuse.add_argument("--scene", metavar="NAME", help="name of the scene, for precomputed")
    fuse.add_argument("--json", action="store_true", help="print one JSON object")
    fuse.set_defaults(run=_fuse)


def rows() -> list[dict[str, Any]]:
    """What the listing says of every method (list of dict, by id), of those that cannot be imported, too."""
    found = [_row(declared) for declared in methods.registry.all()]
    found += [_broken_row(method, reason) for method, reason in methods.registry.broken().items()]
    return sorted(found, key=lambda row: row["id"])


def _list(arguments: argparse.Namespace) -> None:
    if arguments.json:
        print(json.dumps(rows(), indent=2, ensure_ascii=False))
    else:
        print_rows(rows())


def print_rows(rows: Sequence[dict[str, Any]]) -> None:
    """Print what `rows` gives, one line per method."""
    width = max(len(row["id"]) for row in rows)
    for row in rows:
        state = row["title"] if row["available"] else f"unavailable: {row['reason']}"
        cost = "" if row["cost"] is None else f"{row['cost']:.2f} s/MP"
        print(f"{row['id']:<{width}}  {row['kind']:<9}  {cost:>13}  {state}")


def _row(declared: methods.Method) -> dict[str, Any]:
    """What the listing says of one method."""
    reason = methods.availability(declared.id)
    return {
        "id": declared.id,
        "label": declared.label,
        "title": declared.title,
        "kind": declared.kind,
        "available": not reason,
        "reason": reason,
        "native_stack": declared.native_stack,
        "decision_map": declared.decision_map,
        "comparison": declared.comparison,
        "cost": declared.cost,
        "needs": list(declared.needs),
        "options": {name: option.default for name, option in declared.options.items()},
        "presets": {name: dict(values) for name, values in declared.presets.items()},
        "citation": declared.citation,
        "doi": declared.doi,
        "note": declared.note,
    }


def _broken_row(method: str, reason: str) -> dict[str, Any]:
    """What the listing says of a plug-in that cannot be imported: nothing is known but why."""
    unknown = {key: None for key in ("native_stack", "decision_map", "comparison", "cost")}
    empty = {"needs": [], "options": {}, "presets": {}, "citation": "", "doi": "", "note": ""}
    known = {"id": method, "label": method, "title": "", "kind": "broken", "available": False, "reason": reason}
    return known | unknown | empty


def _fuse(arguments: argparse.Namespace) -> None:
    declared = methods.registry.get(arguments.method)
    options = _options(arguments.option)
    declared.settings(options)
    _check_outputs(arguments, declared)
    _check_device(arguments.device, declared)
    sequence = ImageSequence(arguments.images, arguments.white_level)
    if sequence.bits > 8:
        log.warning(
            "the sources have %d bits per channel and are read at full depth; the fused image is rounded to 8 bits",
            sequence.bits,
        )
    truth = _truth(arguments)
    pair = len(sequence) == 2
    with tqdm(total=len(sequence), desc="images read", disable=(pair or arguments.json) or None, leave=False) as bar:
        # A stack stays on disk; of a pair, reading does not count as fusing.
        images = list(sequence) if pair else _Watched(sequence, bar)
        start = time.perf_counter()
        fusion = methods.fuse(
            arguments.method, images, options=options, device=arguments.device, truth=truth, scene=arguments.scene
        )
        seconds = time.perf_counter() - start

    write_image(arguments.output, fusion.image)
    if arguments.decision_map:
        if fusion.decision_map is not None:
            write_image(arguments.decision_map, fusion.decision_map)
        elif fusion.index_map is not None:
            write_levels(arguments.decision_map, fusion.index_map)
    if arguments.json:
        result = {
            "method": declared.id,
            "output": arguments.output,
            "decision_map": arguments.decision_map,
            "seconds": seconds,
        }
        print(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        print(f"{arguments.output}: {declared.label}, {len(sequence)} sources, {seconds:.2f} s")


class _Watched(Sequence[NDArray[np.float32]]):
    """Images of a stack that move a bar when they are read; some methods read every image more than once."""

    def __init__(self, images: ImageSequence, bar: tqdm) -> None:
        self._images = images
        self._bar = bar

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: Any) -> Any:
        found = self._images[index]
        self._bar.update()
        return found


def _options(given: Sequence[str]) -> dict[str, str]:
    """Mapping of the ``--option NAME=VALUE`` arguments."""
    options = {}
    for text in given:
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise InputError(f"--option {text}: NAME=VALUE is needed")
        options[name] = value
    return options


def _check_outputs(arguments: argparse.Namespace, declared: methods.Method) -> None:
    """Refuse what could not be written, before any work is done."""
    outputs = {"-o": arguments.output, "--decision-map": arguments.decision_map}
    sources = {Path(image).resolve() for image in arguments.images}
    for flag, name in outputs.items():
        if name is None:
            continue
        path = Path(name)
        if path.suffix.lower() != ".png":
            raise InputError(f"{flag} {name}: results are written as PNG; choose a name that ends with .png")
        if path.is_dir():
            raise InputError(f"{flag} {name}: is a folder; a file name is needed")
        if path.resolve() in sources:
            raise InputError(f"{flag} {name}: would overwrite a source image; choose another name")
    if arguments.decision_map is None:
        return
    if not declared.decision_map:
        raise InputError(f"method {declared.id} makes no decision map; leave out --decision-map")
    if Path(arguments.decision_map).resolve() == Path(arguments.output).resolve():
        raise InputError(
            f"--decision-map {arguments.decision_map}: is the fused image's name, too; choose another name"
        )


def _check_device(device: str, declared: methods.Method) -> None:
    if device == "cpu":
        return
    import torch

    if not torch.cuda.is_available():
        raise InputError("--device cuda: no CUDA device is available here; use --device cpu")
    if "device" not in declared.needs:
        log.warning("method %s runs on the CPU; --device cuda has no effect", declared.id)


def _truth(arguments: argparse.Namespace) -> methods.Truth | None:
    """Truth of the arguments, or None."""
    if arguments.truth is None and arguments.truth_map is None:
        return None
    image = None if arguments.truth is None else read_image(arguments.truth, white_level=arguments.white_level)
    return methods.Truth(image, None if arguments.truth_map is None else read_levels(arguments.truth_map))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status (see `files.command`)."""
    return command.run(_parser(), arguments)


if __name__ == "__main__":
    sys.exit(main())
