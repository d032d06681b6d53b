"""Times of stacks: the saving, its limit, what the notes claim."""

from pathlib import Path

import pandas as pd
import pytest

from study.gacn import entries, stack_time_table
from study.store import Timing, read_frame, write_frame
from study.tables import writers


def test_saving_and_its_limit(breakdown):
    assert stack_time_table.feature_share(breakdown) == pytest.approx(0.6)
    # Four images: 4 instead of 6 extractions, so a third of the share.
    assert stack_time_table.limit(0.6, 4) == pytest.approx(0.2)
    assert stack_time_table.limit(0.6, 2) == 0


def test_medians_savings_and_what_is_lost(timed, breakdown):
    lost = [
        Timing("d", name, name, scene="s", images=9, status="skipped", reason="too few")
        for name in entries.STRATEGY_ENTRIES
    ]
    timing = timed(("d", 2, [1, 1, 1], [1, 1, 1]), ("d", 4, [9, 4, 4], [3, 3, 8]), lost=lost)
    rows = stack_time_table.summary(timing, breakdown).set_index("images")
    assert list(rows.index) == ["9", "2", "4"]
    columns = ["calibrated_reduction_percent", "limit_percent", f"{entries.BASELINE}_max_s"]
    assert rows.loc["4", columns].tolist() == ["25.0", "20.0", "9.000"]
    assert rows.loc["9", ["status", "reason", "serial_s"]].tolist() == ["skipped", "too few", ""]
    text = writers.markdown(stack_time_table.page(rows.reset_index(), breakdown))
    count = len(entries.STRATEGIES)
    times, memory = " 3.000 | 25.0 |" * (count - 1), " 503 |" * count
    assert f"| d | 4 | 4.000 |{times} 20.0 |{memory} 3 |" in text
    assert f"| features (6{', 4' * (count - 1)} images) |{' 2.00 | 40 |' * count}" in text
    assert f"| all |{' 5.00 | 100 |' * count}" in text
    assert "tends to 30 % for long stacks" in text
    assert "could reach 17 %" in text  # 10 / (2 * 10 + 40)
    assert "Not timed: d, n = 9 (too few)" in text
    assert "Measured on: a processor, 2 threads, python=3" in text


def test_a_kept_table_that_does_not_know_a_strategy_leaves_it_out(timed, breakdown, results):
    rows = stack_time_table.summary(timed(("d", 4, [4], [3])), breakdown)
    old = rows.drop(columns=[column for column in rows if column.startswith("calibrated_")])
    write_frame(results.table("gacn_stacks.csv"), old)
    kept = stack_time_table.read(results)
    assert list(kept) == list(stack_time_table.COLUMNS)
    assert "calibrated" not in stack_time_table.timed(kept) and entries.BASELINE in stack_time_table.timed(kept)
    assert "calibrated s" not in writers.markdown(stack_time_table.page(kept, breakdown[:0]))


def test_memory_is_told_from_the_shortest_to_the_longest_stack(timed, breakdown):
    rows = stack_time_table.summary(timed(("d", 10, [1], [1]), ("d", 3, [1], [1]), ("d", 2, [1], [1])), breakdown)
    text = writers.markdown(stack_time_table.page(rows, breakdown))
    assert "from n = 3 to 10: one by one 501 to 501 MiB" in text


def test_an_unavailable_data_set_has_a_row_without_number(timed, breakdown):
    lost = [Timing("d", name, name, status="unavailable", reason="no network") for name in entries.STRATEGY_ENTRIES]
    rows = stack_time_table.summary(timed(lost=lost), breakdown[:0])
    assert rows["images"].tolist() == [""]
    assert "Not timed: d (no network)." in writers.markdown(stack_time_table.page(rows, breakdown[:0]))


def test_the_files_are_those_of_the_data_sets(results, timed, breakdown):
    timed(
        ("d", 2, [1.25], [1]),
        ("d", 4, [2], [1.5]),
        lost=[Timing("d", "x", "x", images=9, status="skipped", reason="few")],
    )
    write_frame(results.stack_breakdown("d"), breakdown)
    stack_time_table.write(results, ["d"])
    lines = Path(results.table("gacn_stacks.csv")).read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(stack_time_table.COLUMNS)
    # Whole numbers stay whole beside cases without any.
    assert any(line.startswith("d,s,2,1,1.250,") and ",500,500," not in line and ",1,cpu," in line for line in lines)
    pd.testing.assert_frame_equal(read_frame(results.table("gacn_stacks_breakdown.csv")), breakdown)
    assert "GACN on stacks" in Path(results.table("gacn_stacks.md")).read_text(encoding="utf-8")
