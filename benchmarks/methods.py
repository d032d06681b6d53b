"""Time of every method on one pair, as a ratio to the Laplacian pyramid measured in the same run.

::

    python -m benchmarks.methods [METHOD ...] [--size 520] [--threads 2] [--repeats 3] [--slowest SECONDS]

Columns: wall-clock and processor seconds of one fusion of a colour pair (the fastest of the repeats after one that is not
counted), the ratio of the wall-clock time to that of `lp`, and the seconds per megapixel that the method declares (for
forecasts) beside those measured here. Methods that declare more than ``--slowest`` seconds for the pair are run once,
without a warm-up; methods whose files are missing are named with the reason. The machine should be idle.
"""

import argparse
import sys
import time

import numpy as np

import methods
from benchmarks.metrics import synthetic_pair
from files.errors import Unavailable
from study.job import limit_threads

REFERENCE = "lp"


def measure(name, images, repeats):
    """Wall-clock and processor seconds of the fastest of `repeats` fusions (0: one run without warm-up)."""
    if repeats:
        methods.fuse(name, images)
    durations = []
    for _ in range(max(repeats, 1)):
        wall, processor = time.perf_counter(), time.process_time()
        methods.fuse(name, images)
        durations.append((time.perf_counter() - wall, time.process_time() - processor))
    return min(durations)


def colour_pair(size):
    """The synthetic pair of the metrics' benchmark in three different channels (float32, size x size x 3, [0, 1])."""
    return [np.stack([image, image[::-1], image.T], axis=2) for image in synthetic_pair(size)[:2]]


def rows(names, size, threads, repeats, slowest):
    """One dict per method that can run; the reason instead for one that cannot."""
    images = colour_pair(size)
    megapixels = size * size / 1e6
    limit_threads(threads)
    base = measure(REFERENCE, images, repeats)[0]
    for name in names:
        declared = methods.registry.get(name)
        quick = declared.cost * megapixels <= slowest
        try:
            wall, processor = measure(name, images, repeats if quick else 0)
        except Unavailable as error:
            yield {"method": name, "reason": str(error)}
            continue
        yield {
            "method": name,
            "wall": wall,
            "processor": processor,
            "ratio": wall / base,
            "declared": declared.cost,
            "measured": wall / megapixels,
        }


def main(arguments=None):
    """Print the table, a row as soon as it is measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.methods", description=__doc__.splitlines()[0])
    parser.add_argument("methods", nargs="*", metavar="METHOD", help="default: all but the controls")
    parser.add_argument("--size", type=int, default=520, help="side of the images")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--slowest", type=float, default=20, help="seconds above which a method runs once, unwarmed")
    given = parser.parse_args(arguments)
    every = [n for n in methods.registry.ids() if methods.registry.get(n).kind not in ("control", "published")]
    print(f"one {given.size} x {given.size} colour pair, {given.threads} threads")
    print(f"{'method':16}{'wall s':>9}{'CPU s':>9}{'x ' + REFERENCE:>9}{'s/MP':>9}{'declared':>9}")
    for row in rows(given.methods or every, given.size, given.threads, given.repeats, given.slowest):
        if "reason" in row:
            print(f"{row['method']:16}  not available: {row['reason']}", flush=True)
            continue
        print(
            f"{row['method']:16}{row['wall']:9.3f}{row['processor']:9.3f}{row['ratio']:9.1f}"
            f"{row['measured']:9.2f}{row['declared']:9.2f}",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
