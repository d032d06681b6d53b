"""Speed and memory of GACN: a pair against the straightforward computation.

    python -m benchmarks.gacn

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
    from methods._torch import array, planes

    network = network.to(memory_format=torch.contiguous_format)
    torch.backends.cudnn.allow_tf32 = False

    def run():
        first, second = (planes(fusion.gray(image), device) for image in images)
        fusion.blend(array(maps(network, first, second)[1]), *images)

    seconds = fastest(run, repeats)
    return seconds, peak(device)


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gacn", description=__doc__.splitlines()[0])
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


if __name__ == "__main__":
    main()
