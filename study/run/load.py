"""Whether other programs disturb a measurement: the CPU time that they take on the cores that it wants."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psutil

#: Share of the cores wanted that others may take: above the first a time is marked, above the second it is refused or marked.
LIGHT, HEAVY = 0.05, 0.25
#: Seconds over which the load is measured at least. The system counts time in hundredths of a second.
SHORTEST = 0.5


@dataclass(frozen=True)
class _Reading:
    """Seconds, each since a moment of its own: the clock, idle time of all cores together, CPU time of this process."""

    at: float
    idle: float
    own: float


class Load:
    """Measures which share of the cores that a measurement wants other programs hold.

    Parameters
    ----------
    threads : int
        Threads of the measured code, each of which wants a core.
    """

    def __init__(self, threads: int) -> None:
        self._process = psutil.Process()
        self._cores = _cores(self._process)
        self._wanted = min(threads, len(self._cores))
        self._readings = [self._read()]

    def share(self, since: float) -> float:
        """Share of the wanted cores that others held, on average, from `since` until now.

        Where that is less than `SHORTEST`, earlier readings are taken in; where there is none that is early enough, this waits.

        Parameters
        ----------
        since : float
            As `time.perf_counter` gives it.

        Returns
        -------
        float
            In [0, 1]. Cores that nobody wants count first: on 16 cores, 14 busy ones leave a measurement with two threads undisturbed.
        """
        first = min(since, time.perf_counter() - SHORTEST)
        earlier = [reading for reading in self._readings if reading.at <= first]
        start = earlier[-1] if earlier else self._readings[0]
        time.sleep(max(0.0, start.at + SHORTEST - time.perf_counter()))
        now = self._read()
        self._readings.append(now)
        free = (now.idle - start.idle + now.own - start.own) / (now.at - start.at)
        return min(1.0, max(0.0, 1 - free / self._wanted))

    def _read(self) -> _Reading:
        times = psutil.cpu_times(percpu=True)
        idle = sum(times[core].idle + getattr(times[core], "iowait", 0.0) for core in self._cores)
        own = self._process.cpu_times()
        return _Reading(time.perf_counter(), idle, own.user + own.system + own.children_user + own.children_system)


def _cores(process: psutil.Process) -> list[int]:
    """The cores that a process may use: a cluster gives a job some of a node's. Not every system limits them."""
    if hasattr(process, "cpu_affinity"):
        return process.cpu_affinity()
    return list(range(psutil.cpu_count() or 1))
