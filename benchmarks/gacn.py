"""Speed and memory of GACN: a pair against the straightforward computation, and stacks by both strategies.

    python -m benchmarks.gacn                                    pairs
    python -m benchmarks.gacn -o results/tables/gacn_stacks.csv  and stacks, as a table

Every measurement has a process of its own, so that its peak memory is its own; what is compared is repeated in turn and
the fastest repeat counts. The machine should be idle.
"""

import argparse
import csv
import multiprocessing
import sys
import time

import numpy as np

import scenes
from imaging.files import atomic

STRATEGIES = ("serial", "calibrated")
COUNTS = (2, 4, 8)
COLUMNS = ("dataset", "images", "height", "width", "strategy", "seconds", "seconds_per_image", "peak_mib", "device")


def measure(function, *arguments):
    """Result of ``function(*arguments)`` in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def peak(device):
    """Peak memory in MiB: of the process, or of the arrays on the graphics card."""
    if device == "cuda":
        import torch

        return torch.cuda.max_memory_allocated() / 2**20
    import resource

    scale = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


def fastest(function, repeats):
    """Shortest duration (seconds) after one untimed call."""
    function()
    durations = []
    for _ in range(repeats):
        started = time.perf_counter()
        function()
        durations.append(time.perf_counter() - started)
    return min(durations)


def time_pair(way, threads, device, repeats):
    """Seconds and peak memory of one Lytro pair, "ours" or "straightforward"."""
    import torch

    from methods.gacn import fuse, fusion, weights

    torch.set_num_threads(threads)
    images = list(scenes.load("lytro").scenes[0].sources)
    network = weights.load("official", device)
    if way == "ours":
        seconds = fastest(lambda: fuse(images, "official", "calibrated", device), repeats)
        return seconds, peak(device)
    from benchmarks._straightforward_gacn import maps
    from methods._torch import array, planes

    network = network.to(memory_format=torch.contiguous_format)
    torch.backends.cudnn.allow_tf32 = False

    def run():
        first, second = (planes(fusion.gray(image), device) for image in images)
        fusion.blend(array(maps(network, first, second)[1]), *images)

    seconds = fastest(run, repeats)
    return seconds, peak(device)


def time_stack(dataset, scene, count, strategy, threads, device, repeats):
    """Seconds and peak memory of fusing the first `count` images of a scene, read from their files."""
    import torch

    import methods
    from imaging.files import ImageSequence

    torch.set_num_threads(threads)
    sequence = ImageSequence(scenes.load(dataset).scenes[scene].sources.paths[:count])
    seconds = fastest(lambda: methods.fuse("gacn", sequence, options={"strategy": strategy}, device=device), repeats)
    return seconds, peak(device)


def stacks(counts, threads, device, repeats):
    """Rows of the table: every series of lytro_triple (mean), and the first images of v4."""
    triple = scenes.load("lytro_triple").scenes
    cases = [("lytro_triple", range(len(triple)), 3), *(("v4", (0,), count) for count in counts)]
    for dataset, numbers, count in cases:
        height, width = np.shape(scenes.load(dataset).scenes[0].sources[0])[:2]
        for strategy in STRATEGIES:
            results = [measure(time_stack, dataset, k, count, strategy, threads, device, repeats) for k in numbers]
            seconds = sum(result[0] for result in results) / len(results)
            yield {
                "dataset": dataset,
                "images": count,
                "height": height,
                "width": width,
                "strategy": strategy,
                "seconds": round(seconds, 3),
                "seconds_per_image": round(seconds / count, 3),
                "peak_mib": round(max(result[1] for result in results)),
                "device": device,
            }


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gacn", description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", help="measure stacks too and write them as CSV")
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS, help="images of v4 to fuse")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    given = parser.parse_args()
    pair = {
        way: measure(time_pair, way, given.threads, given.device, given.repeats) for way in ("straightforward", "ours")
    }
    print(f"one pair of 520 x 520, {given.threads} threads, {given.device}")
    for way, (seconds, memory) in pair.items():
        print(f"  {way:16} {seconds:7.3f} s  {memory:6.0f} MiB")
    print(f"  ratio            {pair['straightforward'][0] / pair['ours'][0]:7.1f}")
    if not given.output:
        return
    rows = list(stacks(given.counts, given.threads, given.device, given.repeats))
    with atomic(given.output) as temporary, open(temporary, "w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        print("  " + "  ".join(f"{row[name]!s:>{max(len(name), 8)}}" for name in COLUMNS))


if __name__ == "__main__":
    main()
