"""The load of the machine: what others take counts, what the process itself does does not, cores that nobody wants come first."""

import time
from types import SimpleNamespace

import pytest

from study.run import load
from study.run.load import Load


class Machine:
    """A machine whose clock and counters a test turns on."""

    def __init__(self, monkeypatch, cores, allowed=None):
        self.clock, self.cores = 100.0, cores
        self.idle, self.own = [0.0] * cores, 0.0
        self.allowed = list(range(cores)) if allowed is None else allowed
        monkeypatch.setattr(load.time, "perf_counter", lambda: self.clock)
        monkeypatch.setattr(load.time, "sleep", lambda seconds: self.run(seconds, others=self.waiting))
        monkeypatch.setattr(load.psutil, "Process", lambda: self)
        monkeypatch.setattr(load.psutil, "cpu_times", lambda percpu: [SimpleNamespace(idle=i) for i in self.idle])
        self.waiting = [0.0] * cores

    def cpu_affinity(self):
        return self.allowed

    def cpu_times(self):
        return SimpleNamespace(user=self.own, system=0.0, children_user=0.0, children_system=0.0)

    def run(self, seconds, own=0.0, others=()):
        """Time goes on; `own` cores busy with this process (the first allowed ones), `others` with others, core by core."""
        self.clock += seconds
        self.own += own * seconds
        for core in range(self.cores):
            mine = min(1.0, max(0.0, own - self.allowed.index(core))) if core in self.allowed else 0.0
            taken = others[core] if core < len(others) else 0.0
            self.idle[core] += seconds * (1 - mine - taken)


@pytest.mark.parametrize(
    ("cores", "allowed", "others", "share"),
    [
        (2, None, [0.0, 0.0], 0.0),
        (2, None, [0.0, 0.6], 0.3),
        (16, None, [1.0] * 14, 0.0),
        (16, None, [1.0] * 15, 0.5),
        (4, [2, 3], [1.0, 1.0, 0.0, 0.0], 0.0),
        (4, [2, 3], [0.0, 0.0, 1.0, 1.0], 1.0),
        (1, None, [0.25], 0.25),
    ],
)
def test_the_share_of_the_wanted_cores(monkeypatch, cores, allowed, others, share):
    machine = Machine(monkeypatch, cores, allowed)
    measured = Load(threads=2)
    start = machine.clock
    machine.run(3.0, others=others)
    assert measured.share(start) == pytest.approx(share)


def test_own_work_is_no_load(monkeypatch):
    machine = Machine(monkeypatch, 2)
    measured = Load(threads=2)
    start = machine.clock
    machine.run(2.0, own=2.0)
    assert measured.share(start) == pytest.approx(0.0)
    start = machine.clock
    machine.run(2.0, own=1.0, others=[0.0, 1.0])
    assert measured.share(start) == pytest.approx(0.5)


def test_what_is_short_takes_in_the_time_before(monkeypatch):
    machine = Machine(monkeypatch, 2)
    machine.waiting = [1.0, 1.0]
    measured = Load(threads=2)
    assert measured.share(machine.clock) == pytest.approx(1.0)
    assert machine.clock == pytest.approx(100 + load.SHORTEST), "it waited"
    start = machine.clock
    machine.run(0.02, own=2.0)
    assert measured.share(start) == pytest.approx(0.5 / 0.52)
    start = machine.clock
    machine.run(5.0, own=2.0)
    assert measured.share(start) == pytest.approx(0.0), "what is long stands for itself"


def test_this_machine_is_measured():
    start = time.perf_counter()
    assert 0 <= Load(threads=1).share(start) <= 1
    assert time.perf_counter() - start >= load.SHORTEST
