"""Timing: decoded arrays in, array out; what other programs do on the machine meanwhile is measured, too."""

import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import methods
import scenes
from files.errors import InputError, Unavailable
from files.machine import device_name, environment, peak_memory_mb, plain
from study.config import forecast
from study.entries import Entry
from study.job import limit_threads
from study.run import sources
from study.run.apart import Apart, Ended
from study.run.fuse_set import limit_of, reason_not_to_run
from study.run.load import HEAVY, Load
from study.store import DatasetFacts, SceneFacts, Timing

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
    load : {"refuse", "mark"}
        What becomes of a time during which other programs held more than `study.run.load.HEAVY` of the cores: no time (the
        row has failed, and is tried again in the next run), or a time like every other, which the table marks.
    """

    scenes: int = 2
    repeats: int = 3
    threads: int = 2
    seconds: float = 60.0
    load: str = "refuse"


def time_set(
    entry: Entry,
    facts: DatasetFacts,
    protocol: Protocol,
    device: str = "cpu",
    budget: float | None = None,
    time_limit: float | None = None,
    attempt: int = 1,
) -> list[Timing]:
    """Time one method on the first scenes of a data set.

    Sources are decoded before the clock starts. One warm-up run per method is not counted (it loads weights and
    compiles kernels); then every repeat is a row. The load of the machine is measured before and during every repeat. CUDA is synchronised before each reading of the clock. All of it happens in a process of
    its own: a method that ends it, or never ends, gets a row with the reason.

    Parameters
    ----------
    entry : Entry
    facts : DatasetFacts
    protocol : Protocol
    device : {"cpu", "cuda"}
    budget : float, optional
        Largest forecast in seconds of the method on the whole data set.
    time_limit : float, optional
        Seconds that one run may take; see `study.run.fuse_set.limit_of`.
    attempt : int
        See `study.run.retry`.

    Returns
    -------
    list of Timing
    """
    base = Timing(facts.dataset, entry.name, entry.label, attempt=attempt)
    reason = reason_not_to_run(entry, facts, budget)
    if reason:
        return [replace(base, status="unavailable", reason=plain(reason))]
    usable = facts.usable[: protocol.scenes]
    slow = forecast(entry.declared, [scene.shape for scene in usable]) * (protocol.repeats + 1) > protocol.seconds
    base = replace(base, threads=protocol.threads, environment=environment(), warm="no" if slow else "yes")
    rows: list[Timing] = []
    with contextlib.closing(Apart(partial(_timer, entry, facts, protocol, device, base), fresh=True)) as apart:
        for scene in usable[:1] if slow else usable:
            runs = 1 if slow else protocol.repeats + 1
            try:
                rows += apart.ask(scene, runs * limit_of(entry, scene, time_limit))
            except Ended as reason:
                log.error("timing %s on %s: %s", entry.name, scene.name, reason)
                rows.append(replace(_case(base, scene), status="failed", reason=plain(reason)))
    return rows


def _case(base: Timing, scene: SceneFacts) -> Timing:
    megapixels = round(scene.height * scene.width / 1e6, 4)
    return replace(base, scene=scene.name, megapixels=megapixels, images=scene.count)


def _refused(case: Timing, share: float) -> Timing:
    reason = (
        f"not timed under load: other programs held more than {100 * HEAVY:.0f} % of the cores; stop them and run again, "
        "or set timing.load: mark"
    )
    return replace(case, status="failed", reason=reason, load=share)


def _timer(
    entry: Entry, facts: DatasetFacts, protocol: Protocol, device: str, base: Timing
) -> Callable[[SceneFacts], list[Timing]]:
    device = device if "device" in entry.declared.needs else "cpu"
    limit_threads(protocol.threads)
    loaded = {scene.name: scene for scene in sources.load(facts).scenes}
    base = replace(base, device=device, device_name=device_name(device))
    warm = base.warm == "yes"
    runs_before = 0

    def refused(share: float) -> bool:
        return protocol.load == "refuse" and share > HEAVY

    def timed(scene: SceneFacts) -> list[Timing]:
        nonlocal runs_before
        case, rows = _case(base, scene), []
        try:
            run = _prepare(entry, loaded[scene.name], device)
            load = Load(protocol.threads)
            before = load.share(time.perf_counter())
            if refused(before):
                return [_refused(case, before)]
            if warm and not runs_before:
                run()
            runs_before += 1
            limit_threads(protocol.threads)
            for repeat in range(1, (protocol.repeats if warm else 1) + 1):
                start = time.perf_counter()
                seconds, memory = _measure(run, device)
                share = load.share(start)
                row = replace(case, repeat=repeat, seconds=seconds, peak_memory_mb=memory, load=share)
                rows.append(_refused(replace(case, repeat=repeat), share) if refused(share) else row)
        except (Unavailable, InputError) as error:
            rows.append(replace(case, status="skipped", reason=plain(error)))
        except Exception as error:
            # The fuse job of the same method reports the failure in full.
            log.exception("timing %s on %s", entry.name, scene.name)
            rows.append(replace(case, status="failed", reason=plain(f"{type(error).__name__}: {error}")))
        return rows

    return timed


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
