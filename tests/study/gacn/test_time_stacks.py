"""What is timed on stacks: repeats within a budget, clocks, processes of their own, what cannot be timed."""

import time

import pytest

from study.gacn import entries, time_stacks
from study.gacn.time_stacks import Protocol
from study.store import DatasetFacts


def test_long_cases_are_repeated_less_often():
    protocol = Protocol([2], repeats=3, seconds=100)
    assert [protocol.repeats_within(seconds) for seconds in (10, 40, 500)] == [3, 2, 1]


def test_clock_gives_time_to_the_innermost_stage():
    clock = time_stacks.Clock("cpu")
    with clock("outer"):
        time.sleep(0.02)
        with clock("inner"):
            time.sleep(0.05)
    # On a busy machine a pause may be longer, never shorter.
    assert clock.seconds["outer"] >= 0.02 and clock.seconds["inner"] >= 0.05
    assert clock.calls == {"outer": 1, "inner": 1}


def test_unavailable_data_leave_a_row_with_the_reason():
    facts = DatasetFacts("d", "Data", status="unavailable", reason="no network")
    timing, breakdown = time_stacks.time_stacks(entries.STRATEGY_ENTRIES, facts, Protocol([2, 4]))
    assert [(row.method, row.status) for row in timing] == [(name, "unavailable") for name in entries.STRATEGY_ENTRIES]
    assert all("no network" in row.reason for row in timing)
    assert breakdown.empty


def test_stage_times_count_the_feature_extractions(strategies, folder):
    paths = sorted((folder / "stack").glob("?.png"))
    for strategy in entries.STRATEGIES:
        name, extractions = entries.strategy_entry(strategy), 6 if strategy == "serial" else 4
        parts = {part["stage"]: part for part in time_stacks.stage_times(strategies[name], paths, "cpu")}
        assert list(parts) == list(time_stacks.STAGES)
        assert parts["features"]["calls"] == extractions
        assert parts["refinement"]["calls"] == 3
        assert parts["reading"]["calls"] == 4
        assert parts["features"]["macs_per_pixel"] == 9 * (1 + 16 + 32 + 48) * 16
        assert all(float(part["seconds"]) > 0 for part in parts.values())


@pytest.mark.slow
def test_the_strategies_are_timed_in_processes_of_their_own(strategies, facts):
    timing, breakdown = time_stacks.time_stacks(strategies, facts, Protocol([3, 9], repeats=2, threads=1))
    done = [row for row in timing if row.status == "ok"]
    assert [(row.method, row.repeat) for row in done] == [(n, k) for k in (1, 2) for n in strategies]
    assert all(row.seconds > 0 and row.peak_memory_mb > 100 and row.images == 3 for row in done)
    assert {row.reason for row in timing if row.status == "skipped"} == {"the stack has 4 images"}
    assert list(breakdown.columns) == list(time_stacks.BREAKDOWN)
    assert set(breakdown["images"]) == {3} and len(breakdown) == len(strategies) * len(time_stacks.STAGES)


def test_a_case_that_fails_costs_itself_only(strategies, facts, monkeypatch):
    class Broken:
        def __init__(self, *_, **__):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def submit(self, *_):
            raise MemoryError("too large")

    monkeypatch.setattr(time_stacks, "ProcessPoolExecutor", Broken)
    timing, breakdown = time_stacks.time_stacks(strategies, facts, Protocol([2, 3]))
    assert [(row.images, row.status) for row in timing] == [(2, "failed")] * len(strategies) + [(3, "failed")] * len(
        strategies
    )
    assert timing[0].reason == "MemoryError: too large"
    assert breakdown.empty
