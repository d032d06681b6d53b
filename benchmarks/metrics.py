"""Time of the metrics on one pair, as a ratio to a plain implementation measured in the same run.

::

    OMP_NUM_THREADS=1 python -m benchmarks.metrics [--size 520] [--repeats 5]

Columns: milliseconds for a scene seen for the first time ("cold"), for a further fused image of the same scene
("known": what belongs to the sources is kept), and how many times longer the plain implementation
(`benchmarks._straightforward_metrics`) takes than "cold". Processor time of one thread, least of the repeats; filters
that depend on the image size only are built before. What metrics share is counted at the first that needs it. Target on
520 x 520 pixels: all six together in at most 600 ms cold and 350 ms with the sources known, all metrics in at most 1.5 s
with the sources known. The images are synthetic: the time hardly depends on the content.
"""

import argparse
import json
import sys
import time

import numpy as np
from scipy.ndimage import gaussian_filter

import metrics
from benchmarks import _straightforward_metrics
from imaging.levels import from_levels, to_levels


def synthetic_pair(size):
    """A pair, sharp left and right, and a fused image (gray, [0, 1])."""
    noise = np.random.default_rng(1).standard_normal((size, size))
    sharp = sum(sigma * gaussian_filter(noise, sigma) for sigma in (0.7, 2, 6))
    sharp = (sharp - sharp.min()) / np.ptp(sharp) * 255
    soft = gaussian_filter(sharp, 2)
    left = np.arange(size) < size // 2
    return [from_levels(image) for image in (np.where(left, sharp, soft), np.where(left, soft, sharp), sharp)]


def _milliseconds(function, *arguments):
    start = time.process_time()
    function(*arguments)
    return 1000 * (time.process_time() - start)


def _plug_ins(pair, truth, fused, names):
    """Milliseconds of every metric, cold and with the sources known: two lists."""
    plain, judged = metrics.Sources(pair), metrics.Sources(pair, truth_image=truth)
    passes = []
    for _ in range(2):
        candidate = metrics.Fused(fused)
        passes.append(
            [
                _milliseconds(metrics.evaluate, name, judged if metrics.registry.get(name).needs else plain, candidate)
                for name in names
            ]
        )
    return passes


def _names(size):
    """Metrics that a pair with a true image of this size has values of, the six first."""
    others = [name for name in metrics.registry.ids() if name not in metrics.SIX]
    able = [name for name in others if set(metrics.registry.get(name).needs) <= {"truth_image"}]
    if size < 161:
        able.remove("ms_ssim")
    return [*metrics.SIX, *able]


def measure(size=520, repeats=5):
    """Times in milliseconds.

    Returns
    -------
    dict
        Metric id (and ``"six"`` and ``"all"`` for sums) -> dict with ``cold``, ``known``, and where there is a plain
        implementation ``plain`` and ``ratio`` (plain / cold).
    """
    first, second, truth = synthetic_pair(size)
    fused = from_levels(0.9 * to_levels(truth) + 10)
    names = _names(size)
    _plug_ins([first, second], truth, fused, names)
    times = np.array([_plug_ins([first, second], truth, fused, names) for _ in range(repeats)])
    cold, known = times.min(axis=0)
    table = {name: {"cold": cold[i], "known": known[i]} for i, name in enumerate(names)}
    a, b, t, f = (to_levels(image) for image in (first, second, truth, fused))
    plain = {}
    for name in names:
        function = getattr(_straightforward_metrics, name, None)
        if function is not None:
            plain[name] = _milliseconds(function, *((t, f) if metrics.registry.get(name).needs else (a, b, f)))
    for group, count in (("six", len(metrics.SIX)), ("all", len(names))):
        sums = times[:, :, :count].sum(axis=2).min(axis=0)
        table[group] = dict(zip(("cold", "known"), sums, strict=True))
    plain["six"] = sum(plain[name] for name in metrics.SIX)
    for name, value in plain.items():
        table[name] |= {"plain": value, "ratio": value / table[name]["cold"]}
    return table


def main(arguments=None):
    """Print the table (or one JSON object)."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.metrics", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", type=int, default=520, help="side length in pixels (default %(default)s)")
    parser.add_argument("--repeats", type=int, default=5, help="default %(default)s")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(arguments)
    table = measure(given.size, given.repeats)
    if given.json:
        print(json.dumps(table, indent=2))
        return 0
    print(f"{'metric':<15} {'cold ms':>9} {'known ms':>9} {'plain ms':>9} {'ratio':>7}")
    for name, row in table.items():
        plain = f"{row['plain']:9.1f} {row['ratio']:7.1f}" if "plain" in row else ""
        print(f"{name:<15} {row['cold']:9.1f} {row['known']:9.1f} {plain}".rstrip())
    return 0


if __name__ == "__main__":
    sys.exit(main())
