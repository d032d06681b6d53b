"""Timing: decoded arrays in, array out, on a machine that does nothing else."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import methods
import scenes
from files.errors import InputError, Unavailable
from files.machine import device_name, environment, peak_memory_mb, plain
from study.config import forecast
from study.entries import Entry
from study.job import limit_threads
from study.run import sources
from study.run.fuse_set import reason_not_to_run
from study.store import DatasetFacts, Timing

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Protocol:
    """How times are measured.

    Parameters
    ----------
    scenes : int
        Scenes of a data set that are timed.
    repeats : int
        Timed repeats per scene.
    threads : int
        Threads of the measured code.
    seconds : float
        A method whose forecast exceeds this is run once, on one scene, without warm-up; its row says so (``warm`` = no).
    """

    scenes: int = 2
    repeats: int = 3
    threads: int = 2
    seconds: float = 60.0


def time_set(
    entry: Entry, facts: DatasetFacts, protocol: Protocol, device: str = "cpu", budget: float | None = None
) -> list[Timing]:
    """Time one method on the first scenes of a data set.

    Sources are decoded before the clock starts. One warm-up run per method is not counted (it loads weights and
    compiles kernels); then every repeat is a row. CUDA is synchronised before each reading of the clock.

    Parameters
    ----------
    entry : Entry
    facts : DatasetFacts
    protocol : Protocol
    device : {"cpu", "cuda"}
    budget : float, optional
        Largest forecast in seconds of the method on the whole data set.

    Returns
    -------
    list of Timing
    """
    base = Timing(facts.dataset, entry.name, entry.label)
    reason = reason_not_to_run(entry, facts, budget)
    if reason:
        return [replace(base, status="unavailable", reason=plain(reason))]
    device = device if "device" in entry.declared.needs else "cpu"
    usable = facts.usable[: protocol.scenes]
    slow = forecast(entry.declared, [scene.shape for scene in usable]) * (protocol.repeats + 1) > protocol.seconds
    usable = usable[:1] if slow else usable
    limit_threads(protocol.threads)
    loaded = {scene.name: scene for scene in sources.load(facts).scenes}
    base = replace(
        base, device=device, device_name=device_name(device), threads=protocol.threads, environment=environment()
    )
    rows: list[Timing] = []
    for number, scene in enumerate(usable):
        case = replace(
            base,
            scene=scene.name,
            megapixels=round(scene.height * scene.width / 1e6, 4),
            images=scene.count,
            warm="no" if slow else "yes",
        )
        try:
            run = _prepare(entry, loaded[scene.name], device)
            if number == 0 and not slow:
                run()
            limit_threads(protocol.threads)
            for repeat in range(1, (1 if slow else protocol.repeats) + 1):
                seconds, memory = _measure(run, device)
                rows.append(replace(case, repeat=repeat, seconds=seconds, peak_memory_mb=memory))
        except (Unavailable, InputError) as error:
            rows.append(replace(case, status="skipped", reason=plain(error)))
        except Exception as error:
            # The fuse job of the same method reports the failure in full.
            log.exception("timing %s on %s", entry.name, scene.name)
            rows.append(replace(case, status="failed", reason=plain(f"{type(error).__name__}: {error}")))
    return rows


def _prepare(entry: Entry, scene: scenes.Scene, device: str) -> Callable[[], None]:
    images = [scene.sources[number] for number in range(len(scene.sources))]
    truth = scene.truth() if "truth" in entry.declared.needs else None

    def run() -> None:
        methods.fuse(entry.method, images, options=entry.options, device=device, truth=truth, scene=scene.name)

    return run


def _measure(run: Callable[[], None], device: str) -> tuple[float, float]:
    """Seconds of one run, and its peak memory in MiB."""
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
