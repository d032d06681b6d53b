"""Memory of the methods for stacks and of the metrics, against the number of images.

::

    python -m benchmarks.stack_memory [NAME ...] [--counts 4 16] [--size 1600 1200] [--results FOLDER]

A name is a method with options (``gacn:strategy=serial``), ``metric/NAME`` for one metric on the sources and their mean, or
``metrics`` for all six in turn, which is what scoring a scene holds. Every measurement has a process of its own, which
fuses or scores small images first: what that leaves is not counted. The images are files that are read when they are asked
for. Peak: the largest resident memory above that of the idle process. Growth: bytes per pixel and image, from the smallest
count to the largest; below one byte (an index map, a decoded file) counts as none. ``FOLDER/tables/stack_memory.csv`` and
``.md`` keep the measurements; one of the same name and count replaces the earlier one.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

import methods
import metrics
from files.atomic import write_text
from files.errors import InputError
from files.machine import peak_memory_mb
from imaging.files import ImageSequence, write_levels
from study.store import Results, read_frame, write_frame
from study.tables import writers
from study.tables.table import Column, Table

COLUMNS = ("name", "width", "height", "images", "peak_mib", "seconds", "reason")
#: What is measured unless names are given: native methods for stacks, the six, and the errors of index maps.
NAMES: tuple[str, ...] = (
    "average",
    "focus_stack",
    "gfg_fgf",
    *(f"openfocus_{letter}" for letter in "abc"),
    *(f"gacn:strategy={strategy}" for strategy in ("carried", "serial", "calibrated")),
    "stackmff_v3",
    "stackmff_v4",
    "metrics",
    *(f"metric/{name}" for name in (*metrics.SIX, "wrong_pixels", "boundary_error", "excess_defocus", "depth_error")),
)
#: Growth, in bytes per pixel and image, below which a method counts as one that does not grow.
FLAT = 1.0


def write_stack(folder: Path, count: int, size: tuple[int, int]) -> None:
    """Write a synthetic colour stack of `count` images (width, height), each sharp in its own upright strip."""
    width, height = size
    random = np.random.default_rng(0)
    sharp = random.integers(0, 256, (height, width, 3)).astype(np.uint8)
    flat = np.full_like(sharp, 128)
    strip = np.arange(width) * count // width
    for number in range(count):
        image = np.where((strip == number)[None, :, None], sharp, (sharp // 8 + flat - 16).astype(np.uint8))
        write_levels(folder / f"{number:03}.png", image)


def _run(name: str, images: Sequence[np.ndarray]) -> None:
    kind, _, metric = name.partition("/")
    if kind not in ("metric", "metrics"):
        method, *options = name.split(":")
        methods.fuse(method, images, options=dict(text.split("=", 1) for text in options))
        return
    mean = methods.fuse("average", images).image
    shape = mean.shape[:2]
    strip = np.broadcast_to(np.arange(shape[1]) * len(images) // shape[1], shape)
    chosen = metrics.registry.get(metric).needs if metric else ()
    depth = strip.astype(np.float32)
    known = {"truth_map": strip, "truth_depth": depth} if "index_map" in chosen else {}
    if "truth_defocus" in chosen:
        known["truth_defocus"] = np.abs(depth - np.arange(len(images), dtype=np.float32)[:, None, None])
    sources = metrics.Sources(images, **known)
    fused = metrics.Fused(mean, strip if known else None)
    for each in [metric] if metric else metrics.SIX:
        metrics.evaluate(each, sources, fused)


def _measured(name: str, folder: Path, count: int) -> dict[str, float]:
    """Peak above the idle process (MiB) and seconds, in this process."""
    with tempfile.TemporaryDirectory() as small:
        write_stack(Path(small), 3, (128, 128))
        _run(name, ImageSequence(sorted(Path(small).iterdir())))
    idle, start = peak_memory_mb(), time.perf_counter()
    _run(name, ImageSequence(sorted(folder.iterdir())[:count]))
    return {"peak_mib": peak_memory_mb() - idle, "seconds": time.perf_counter() - start}


def measure(names: Sequence[str], counts: Sequence[int], size: tuple[int, int]) -> Iterator[dict[str, str]]:
    """A row of `COLUMNS` per count and name, as text; with the last line of the process's errors where there is no value."""
    base = {"width": str(size[0]), "height": str(size[1])}
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            write_stack(Path(folder), count, size)
            for name in names:
                command = [sys.executable, "-m", "benchmarks.stack_memory", "--one", folder, name]
                done = subprocess.run([*command, "--counts", str(count)], capture_output=True, text=True, check=False)
                row = base | {"name": name, "images": str(count), "peak_mib": "", "seconds": "", "reason": ""}
                if done.returncode:
                    row["reason"] = (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
                else:
                    found = json.loads(done.stdout)
                    row |= {"peak_mib": f"{found['peak_mib']:.0f}", "seconds": f"{found['seconds']:.1f}"}
                yield row


def growth(rows: pd.DataFrame) -> float:
    """Bytes per pixel and image from the smallest to the largest count of one name (NaN for fewer than two)."""
    good = rows[rows["peak_mib"] != ""]
    counts, peaks = (good[column].astype(float).to_numpy() for column in ("images", "peak_mib"))
    if len(counts) < 2:
        return float("nan")
    low, high = counts.argmin(), counts.argmax()
    pixels = float(good["width"].iloc[0]) * float(good["height"].iloc[0])
    return float((peaks[high] - peaks[low]) * 2**20 / pixels / (counts[high] - counts[low]))


def table(rows: pd.DataFrame) -> Table:
    """One row per name: peak for every count, and growth."""
    counts = sorted(set(rows["images"]), key=int)
    lines = []
    for name, mine in rows.groupby("name", sort=False):
        peaks = dict(zip(mine["images"], mine["peak_mib"], strict=True))
        lines.append({"name": name, "growth": growth(mine)} | {count: peaks.get(count, "") for count in counts})
    columns = [Column("name", "Method or metric", align="left")]
    columns += [Column(count, f"n = {count}\nMiB", missing="–") for count in counts]
    columns.append(Column("growth", "growth\nbytes per pixel and image", digits=1, missing="–"))
    sizes = sorted({f"{w} x {h}" for w, h in zip(rows["width"], rows["height"], strict=True)})
    notes = [
        f"Largest resident memory above the idle process, colour images of {', '.join(sizes)} pixels, read from files one at a "
        f"time; each in a process of its own. A growth below {FLAT:g} is none."
    ]
    return Table(pd.DataFrame(lines), columns, "Memory against the number of images", notes=notes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print rows as soon as they are there, and keep them."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.stack_memory", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="default: all native methods, the six and errors of maps"
    )
    parser.add_argument("--counts", nargs="+", type=int, default=[4, 16], help="numbers of images (default: 4 16)")
    parser.add_argument("--size", nargs=2, type=int, default=[1600, 1200], metavar=("WIDTH", "HEIGHT"))
    parser.add_argument("--results", default="results", metavar="FOLDER", help="where the table is kept")
    parser.add_argument("--one", metavar="FOLDER", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.one:
        try:
            print(json.dumps(_measured(given.names[0], Path(given.one), given.counts[0])))
        except InputError as error:
            print(error, file=sys.stderr)
            return 1
        return 0
    paths = [Results(given.results).table(f"stack_memory.{ending}") for ending in ("csv", "md")]
    kept = read_frame(paths[0], COLUMNS).to_dict("records")
    rows = {(row["name"], row["images"], row["width"], row["height"]): row for row in kept}
    for row in measure(given.names or NAMES, given.counts, (given.size[0], given.size[1])):
        print(
            f"{row['name']:28}{row['images']:>4}{row['peak_mib']:>8} MiB{row['seconds']:>8} s  {row['reason']}",
            flush=True,
        )
        rows[row["name"], row["images"], row["width"], row["height"]] = row
        frame = pd.DataFrame(rows.values(), columns=list(COLUMNS))
        write_frame(paths[0], frame)
        write_text(paths[1], writers.markdown(table(frame)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
