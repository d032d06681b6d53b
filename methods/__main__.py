"""Command line of the fusion methods: ``python -m methods list`` and ``python -m methods fuse``.

Exit status: 0, 2 for bad input, 3 when something the method needs is missing. Either failure is one line on
standard error.
"""

import json
import logging
import sys
import time
from pathlib import Path

import methods
from files import command
from files.errors import InputError
from imaging.files import ImageSequence, read_image, write_image, write_levels
from imaging.levels import to_levels

log = logging.getLogger("methods")


def _parser():
    parser = command.Parser(prog="python -m methods", description="Fusion methods.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=command.Parser, metavar="list|fuse")

    listing = commands.add_parser("list", help="list the methods", allow_abbrev=False)
    listing.add_argument("--json", action="store_true", help="print one JSON array")
    listing.set_defaults(run=_list)

    fuse = commands.add_parser("fuse", help="fuse images of one scene", allow_abbrev=False)
    fuse.add_argument("method", metavar="METHOD", help="id of the method, see list")
    fuse.add_argument("images", metavar="IMAGE", nargs="+", help="two or more source images of one size")
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
    fuse.add_argument("--scene", metavar="NAME", help="name of the scene, for precomputed")
    fuse.add_argument("--json", action="store_true", help="print one JSON object")
    fuse.set_defaults(run=_fuse)
    return parser


def _list(arguments):
    rows = [_row(declared) for declared in methods.registry.all()]
    if arguments.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max(len(row["id"]) for row in rows)
    for row in rows:
        state = row["title"] if row["available"] else f"unavailable: {row['reason']}"
        print(f"{row['id']:<{width}}  {row['kind']:<9}  {row['cost']:>8.2f} s/MP  {state}")


def _row(declared):
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


def _fuse(arguments):
    declared = methods.registry.get(arguments.method)
    options = _options(arguments.option)
    declared.settings(options)
    _check_outputs(arguments, declared)
    _check_device(arguments.device, declared)
    sequence = ImageSequence(arguments.images)
    if len({path.resolve() for path in sequence.paths}) < len(sequence):
        log.warning("the same image file is given more than once")
    truth = _truth(arguments)
    # A stack stays on disk; of a pair, reading does not count as fusing.
    images = list(sequence) if len(sequence) == 2 else sequence

    start = time.perf_counter()
    fusion = methods.fuse(
        arguments.method, images, options=options, device=arguments.device, truth=truth, scene=arguments.scene
    )
    seconds = time.perf_counter() - start

    write_image(arguments.output, fusion.image)
    if arguments.decision_map:
        if fusion.decision_map is not None:
            write_image(arguments.decision_map, fusion.decision_map)
        else:
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


def _options(given):
    """Mapping of the ``--option NAME=VALUE`` arguments."""
    options = {}
    for text in given:
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise InputError(f"--option {text}: NAME=VALUE is needed")
        options[name] = value
    return options


def _check_outputs(arguments, declared):
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


def _check_device(device, declared):
    if device == "cpu":
        return
    import torch

    if not torch.cuda.is_available():
        raise InputError("--device cuda: no CUDA device is available here; use --device cpu")
    if "device" not in declared.needs:
        log.warning("method %s runs on the CPU; --device cuda has no effect", declared.id)


def _truth(arguments):
    """`methods.Truth` of the arguments, or None."""
    if arguments.truth is None and arguments.truth_map is None:
        return None
    image = index_map = None
    if arguments.truth is not None:
        image = read_image(arguments.truth)
    if arguments.truth_map is not None:
        index_map = to_levels(read_image(arguments.truth_map)).astype(int)
    return methods.Truth(image, index_map)


def main(arguments=None):
    """Run the command line and return its exit status (see `files.command`)."""
    return command.run(_parser(), arguments)


if __name__ == "__main__":
    sys.exit(main())
