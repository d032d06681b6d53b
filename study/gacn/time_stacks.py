"""GACN on stacks: time and memory of its strategies against the number of images."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import methods
from files.errors import InputError, Unavailable
from files.machine import device_name, environment, peak_memory_mb, plain
from imaging.files import ImageSequence
from study.config import forecast
from study.entries import Entry
from study.job import limit_threads
from study.run import sources
from study.run.fuse_set import reason_not_to_run
from study.store import DatasetFacts, Timing

log = logging.getLogger(__name__)

#: What the time of a fusion goes into, in the order of the work.
STAGES = {
    "reading": "reading and decoding",
    "features": "features",
    "activity": "spatial frequency of the features",
    "decision": "comparison and decision path",
    "refinement": "boundary-guided refinement",
    "update": "gray image; blending and what is carried, or decision volume",
}
#: Where the time goes: one row per strategy and stage. ``seconds`` and ``macs_per_pixel`` are stored as text with fixed digits.
BREAKDOWN = ("dataset", "scene", "method", "images", "stage", "seconds", "calls", "macs_per_pixel")


@dataclass(frozen=True)
class Protocol:
    """How stacks are timed.

    Parameters
    ----------
    counts : sequence of int
        Numbers of images; the first images of the stack are taken.
    repeats : int
        Timed runs per strategy and number of images.
    seconds : float
        See `repeats_within`.
    threads : int
        Threads of the measured code.
    """

    counts: Sequence[int]
    repeats: int = 3
    seconds: float = 100.0
    threads: int = 2

    def repeats_within(self, forecasted: float) -> int:
        """How often a case is run: `repeats` times, or as often as its forecast fits into `seconds`, but at least once."""
        return max(1, min(self.repeats, int(self.seconds // forecasted)))


def time_stacks(
    entries: Mapping[str, Entry], facts: DatasetFacts, protocol: Protocol, device: str = "cpu"
) -> tuple[list[Timing], pd.DataFrame]:
    """Time the strategies on the first images of the first stack of a data set.

    What a user waits for is measured: files in, array out, since the images of a long stack are read one at a time. Each
    case has a process of its own, whose peak memory is the case's. The strategies take turns, so that a slower minute
    of the machine meets all. A fusion of the first two images, not counted, loads weights and compiles kernels.

    Parameters
    ----------
    entries : mapping of str to Entry
        The strategies by name.
    facts : DatasetFacts
    protocol : Protocol
    device : {"cpu", "cuda"}

    Returns
    -------
    timing : list of Timing
        One per repeat.
    breakdown : pandas.DataFrame
        `BREAKDOWN`: where the time of one more run goes, at the smallest count that makes a stack.
    """
    reason = next(filter(None, (reason_not_to_run(entry, facts) for entry in entries.values())), "")
    if not reason and not facts.stacks:
        reason = "no scene of more than two images"
    breakdown = pd.DataFrame(columns=list(BREAKDOWN))
    if reason:
        lost = Timing(facts.dataset, "", "", status="unavailable", reason=plain(reason))
        return _for_each(entries, lost), breakdown
    stack = facts.stacks[0]
    paths = sources.load(facts).scene(stack.name).sources.paths
    base = Timing(
        facts.dataset,
        "",
        "",
        scene=stack.name,
        device=device,
        device_name=device_name(device),
        threads=protocol.threads,
        environment=environment(),
        megapixels=round(stack.height * stack.width / 1e6, 4),
    )
    timing: list[Timing] = []
    for count in sorted(protocol.counts):
        case = replace(base, images=count)
        if count > stack.count:
            text = f"the stack has {stack.count} images"
            timing += _for_each(entries, replace(case, status="skipped", reason=text))
            continue
        forecasted = forecast(next(iter(entries.values())).declared, [(stack.height, stack.width, count)])
        detailed = count > 2 and breakdown.empty
        rows, parts = _time_case(
            entries, paths[:count], case, protocol.repeats_within(forecasted), protocol.threads, detailed
        )
        timing += rows
        breakdown = pd.DataFrame(parts, columns=list(BREAKDOWN)) if parts else breakdown
    return timing, breakdown


def _for_each(entries: Mapping[str, Entry], case: Timing) -> list[Timing]:
    """The same row for every strategy."""
    return [replace(case, method=entry.name, label=entry.label) for entry in entries.values()]


def _time_case(
    entries: Mapping[str, Entry], paths: Sequence[Path], case: Timing, repeats: int, threads: int, detailed: bool
) -> tuple[list[Timing], list[dict[str, Any]]]:
    """Rows of one number of images; with `detailed`, also where the time goes."""
    spawn = multiprocessing.get_context("spawn")
    rows: list[Timing] = []
    breakdown: list[dict[str, Any]] = []
    with contextlib.ExitStack() as stack:
        workers = {
            name: stack.enter_context(
                ProcessPoolExecutor(1, mp_context=spawn, initializer=partial(limit_threads, threads))
            )
            for name in entries
        }
        try:
            for name, entry in entries.items():
                workers[name].submit(fuse_once, entry, paths[:2], case.device).result()
            for repeat in range(1, repeats + 1):
                for name, entry in entries.items():
                    elapsed, memory = workers[name].submit(fuse_once, entry, paths, case.device).result()
                    log.info("%s, %d images, repeat %d: %.2f s", name, len(paths), repeat, elapsed)
                    (row,) = _for_each({name: entry}, case)
                    rows.append(replace(row, repeat=repeat, seconds=elapsed, peak_memory_mb=memory, warm="yes"))
            for name, entry in entries.items() if detailed else ():
                parts = workers[name].submit(stage_times, entry, paths, case.device).result()
                known = {"dataset": case.dataset, "scene": case.scene, "images": len(paths), "method": name}
                breakdown += [known | part for part in parts]
        except (Unavailable, InputError) as error:
            rows += _for_each(entries, replace(case, status="skipped", reason=plain(error)))
        except Exception as error:
            # Also a process that was killed for its memory: the other cases must not suffer.
            log.exception("%d images of %s", len(paths), case.dataset)
            text = plain(f"{type(error).__name__}: {error}")
            rows += _for_each(entries, replace(case, status="failed", reason=text))
    return rows, breakdown


def fuse_once(entry: Entry, paths: Sequence[Path], device: str) -> tuple[float, float]:
    """Seconds of one fusion of image files, and the largest memory of this process (CPU) or the allocator (CUDA), in MiB."""
    images = ImageSequence(paths)
    clock = Clock(device)
    with clock("all"):
        methods.fuse(entry.method, images, options=entry.options, device=device)
    if device == "cuda":
        import torch

        return clock.seconds["all"], torch.cuda.max_memory_allocated() / 2**20
    return clock.seconds["all"], peak_memory_mb()


class Clock:
    """Adds up the time spent in named stages; time goes to the innermost one that is open.

    Parameters
    ----------
    device : {"cpu", "cuda"}
        CUDA is synchronised before each reading.
    """

    def __init__(self, device: str) -> None:
        self.device = device
        self.seconds: dict[str, float] = {}
        self.calls: Counter[str] = Counter()
        self._open: list[str] = []
        self._since = 0.0

    def _read(self) -> None:
        if self.device == "cuda":
            import torch

            torch.cuda.synchronize()
        now = time.perf_counter()
        if self._open:
            stage = self._open[-1]
            self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._since
        self._since = now

    @contextlib.contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Context manager: what happens inside belongs to `stage`."""
        self._read()
        self._open.append(stage)
        self.calls[stage] += 1
        try:
            yield
        finally:
            self._read()
            self._open.pop()

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its time counted as `stage`."""

        def run(*arguments: Any, **named: Any) -> Any:
            with self(stage):
                return function(*arguments, **named)

        return run


class _ClockedImages(Sequence[NDArray[np.float32]]):
    """A lazy sequence whose reading is counted."""

    def __init__(self, images: Sequence[NDArray[np.float32]], clock: Clock) -> None:
        self.images, self.clock = images, clock

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: Any) -> Any:
        with self.clock("reading"):
            return self.images[index]


def stage_times(entry: Entry, paths: Sequence[Path], device: str) -> list[dict[str, Any]]:
    """Where the time of a fusion goes.

    Parameters
    ----------
    entry : Entry
        Of the method ``gacn``.
    paths : sequence of path-like
        More than two images.
    device : {"cpu", "cuda"}

    Returns
    -------
    list of dict
        Per stage: ``seconds``, ``calls`` (of features: images whose features were computed), and multiply-adds per pixel
        and call of its convolutions.
    """
    from methods.gacn import fusion, weights
    from methods.gacn.inference import Inference

    settings = entry.declared.settings(entry.options)
    clock = Clock(device)
    network: Any = weights.load(settings["weights"], device)
    macs = {
        "features": sum(block.conv.weight.numel() for block in network.features),
        "decision": sum(p.numel() for name, p in network.named_parameters() if _is_decision_kernel(name, p)),
    }
    # Its functions are exchanged for timed ones.
    inference: Any = Inference(network)
    # The feature path has no public face of its own: `activity` runs it for the image that it is given.
    inference._features = clock.timed("features", inference._features)
    inference.activity = clock.timed("activity", inference.activity)
    inference.decide = clock.timed("decision", inference.decide)
    inference.refine = clock.timed("refinement", inference.refine)
    with clock("update"):
        fusion.STRATEGIES[settings["strategy"]](inference, _ClockedImages(ImageSequence(paths), clock))
    return [
        {
            "stage": stage,
            "seconds": f"{clock.seconds.get(stage, 0.0):.4f}",
            "calls": clock.calls[stage],
            "macs_per_pixel": macs.get(stage, ""),
        }
        for stage in STAGES
    ]


def _is_decision_kernel(name: str, parameter: Any) -> bool:
    return name.startswith(("decision", "spatial_attention")) and parameter.ndim == 4
