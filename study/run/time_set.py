"""Timing: decoded arrays in, array out, on a machine that does nothing else."""

import logging
import time

import methods
from files.errors import InputError, Unavailable
from study.config import forecast
from study.run.fuse_set import reason_not_to_run
from study.run.sources import load_described
from study.runtime import device_name, environment, limit_threads, peak_memory_mb, plain

log = logging.getLogger(__name__)


def time_set(
    entry, described, *, folder=None, device="cpu", scenes_timed=2, repeats=3, threads=2, seconds=60.0, budget=None
):
    """Time one method on the first scenes of a data set.

    Sources are decoded before the clock starts. One warm-up run per method is not counted (it loads weights and
    compiles kernels); then every repeat is a row. CUDA is synchronised before each reading of the clock. A method
    whose forecast exceeds `seconds` is run once, on one scene, without warm-up; its row says so (``warm`` = no).

    Parameters
    ----------
    entry : study.config.Entry
    described : dict
        From `study.run.sources.collect`.
    folder : path-like, optional
    device : {"cpu", "cuda"}
    scenes_timed, repeats, threads : int
    seconds, budget : float

    Returns
    -------
    list of dict
        `study.records.TIMING`; ``seconds`` is the time of one fusion, ``peak_memory_mb`` the process's largest
        resident memory (CPU) or the allocator's peak (CUDA) in MiB.
    """
    base = {"dataset": described["dataset"], "method": entry.name, "label": entry.label}
    reason = reason_not_to_run(entry, described, budget)
    if reason:
        return [base | {"status": "unavailable", "reason": plain(reason)}]
    device = device if "device" in entry.declared.needs else "cpu"
    usable = [s for s in described["scenes"] if s["status"] == "ok"][:scenes_timed]
    shapes = [(s["height"], s["width"], s["count"]) for s in usable]
    slow = forecast(entry.declared, shapes) * (repeats + 1) > seconds
    if slow:
        usable = usable[:1]
    limit_threads(threads)
    loaded = {s.name: s for s in load_described(described, folder).scenes}
    base |= {"device": device, "device_name": device_name(device), "threads": threads, "environment": environment()}
    rows = []
    for number, source in enumerate(usable):
        scene = loaded[source["name"]]
        facts = {
            "scene": scene.name,
            "megapixels": round(source["height"] * source["width"] / 1e6, 4),
            "images": source["count"],
            "warm": "no" if slow else "yes",
        }
        try:
            run = _prepare(entry, scene, device)
            if number == 0 and not slow:
                run()
            limit_threads(threads)
            for repeat in range(1, (1 if slow else repeats) + 1):
                elapsed, memory = _measure(run, device)
                rows.append(
                    base
                    | facts
                    | {"repeat": repeat, "seconds": f"{elapsed:.5f}", "peak_memory_mb": f"{memory:.0f}", "status": "ok"}
                )
        except (Unavailable, InputError) as error:
            rows.append(base | facts | {"status": "skipped", "reason": plain(error)})
        except Exception as error:
            # The fuse job of the same method reports the failure in full.
            log.exception("timing %s on %s", entry.name, scene.name)
            rows.append(base | facts | {"status": "failed", "reason": plain(f"{type(error).__name__}: {error}")})
    return rows


def _prepare(entry, scene, device):
    images = [scene.sources[number] for number in range(len(scene.sources))]
    truth = scene.truth() if "truth" in entry.declared.needs else None

    def run():
        methods.fuse(entry.method, images, options=entry.options, device=device, truth=truth, scene=scene.name)

    return run


def _measure(run, device):
    if device == "cuda":
        import torch

        torch.cuda.reset_peak_memory_stats()
        torch.cuda.synchronize()
    start = time.perf_counter()
    run()
    if device == "cuda":
        torch.cuda.synchronize()
        return time.perf_counter() - start, torch.cuda.max_memory_allocated() / 2**20
    return time.perf_counter() - start, peak_memory_mb()
