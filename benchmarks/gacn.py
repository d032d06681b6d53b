"""Speed and memory of GACN: a pair against the straightforward computation, and a large photograph.

    python -m benchmarks.gacn [--large 24]

Every measurement has a process of its own, so that its peak memory is its own; the fastest repeat counts. The machine
should be idle. Stacks are measured by the workflow (target `stacks`).
"""

import argparse
import multiprocessing
import sys
import time

import scenes


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
    from methods._common.torch import array, planes

    network = network.to(memory_format=torch.contiguous_format)
    torch.backends.cudnn.allow_tf32 = False

    def run():
        first, second = (planes(fusion.gray(image), device) for image in images)
        fusion.blend(array(maps(network, first, second)[1]), *images)

    seconds = fastest(run, repeats)
    return seconds, peak(device)


def time_large(megapixels, threads, device):
    """Seconds and peak memory of one fusion of a gray pair in the proportions 3 : 2, once and cold."""
    import numpy as np
    import torch

    from benchmarks.metrics import synthetic_pair
    from methods.gacn import fuse

    torch.set_num_threads(threads)
    height = round((megapixels * 1e6 * 2 / 3) ** 0.5)
    size = (height, round(1.5 * height))
    # One tile over and over: how the image was made shall not be what needs the memory.
    images = [np.resize(np.tile(tile, (1, -(-size[1] // 500))), size) for tile in synthetic_pair(500)[:2]]
    started = time.perf_counter()
    fuse(images, "official", "calibrated", device)
    return size, time.perf_counter() - started, peak(device)


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gacn", description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--large", type=float, metavar="MEGAPIXELS", help="also fuse one pair of this size")
    given = parser.parse_args()
    pair = {
        way: measure(time_pair, way, given.threads, given.device, given.repeats) for way in ("straightforward", "ours")
    }
    print(f"one pair of 520 x 520, {given.threads} threads, {given.device}")
    for way, (seconds, memory) in pair.items():
        print(f"  {way:16} {seconds:7.3f} s  {memory:6.0f} MiB")
    print(f"  ratio            {pair['straightforward'][0] / pair['ours'][0]:7.1f}")
    if given.large:
        (height, width), seconds, memory = measure(time_large, given.large, given.threads, given.device)
        print(f"one pair of {height} x {width}\n  ours             {seconds:7.1f} s  {memory:6.0f} MiB")


if __name__ == "__main__":
    main()
