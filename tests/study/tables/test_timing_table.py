"""Times: medians, methods without a time, methods timed cold."""

import dataclasses

import pandas as pd
import pytest

from study.store import Results, Timing
from study.tables import timing_table, writers
from tests.study._latex import problems
from tests.study._scores import about

GOOD = Timing("toy", "lp", "LP", "s1", "cpu", "AMD x", 2, 0.5, 3, warm="yes", seconds=1.0, peak_memory_mb=10.0)


@pytest.fixture
def times(tmp_path):
    rows = [
        dataclasses.replace(GOOD, repeat=k + 1, seconds=s, peak_memory_mb=m)
        for k, (s, m) in enumerate([(1, 10), (5, 30), (2, 20)])
    ]
    rows.append(Timing("toy", "sr", "S_R", status="unavailable", reason="no dictionary"))
    rows.append(dataclasses.replace(GOOD, method="gff", label="GFF", warm="no", seconds=0.5))
    results = Results(str(tmp_path))
    results.write_timing(tmp_path / "t.csv", rows)
    return timing_table.summary(results.read_timing(tmp_path / "t.csv"))


def test_the_summary_takes_the_median_and_the_largest_memory(times):
    row = times.set_index("method").loc["lp"]
    assert (row["median_s"], row["min_s"], row["max_s"]) == ("2.0000", "1.0000", "5.0000")
    assert row["s_per_megapixel"] == "2.0000", "half a megapixel, two steps of pairs"
    assert (row["peak_memory_mb"], row["repeats"], row["scenes"], row["threads"]) == ("30", "3", "1", "2")
    assert list(times.columns) == list(timing_table.COLUMNS)


def test_the_table_is_sorted_and_names_what_is_missing(times):
    table = timing_table.table(about("toy", ["lp", "sr", "gff"], [], []), times)
    text = writers.markdown(table)
    assert text.index("| GFF | 0.5000 (cold) |") < text.index("| LP | 2.0000 |")
    assert "- Not timed: S_R (no dictionary)." in text
    assert "(cold): a slow method" in text
    assert "Measured on: AMD x." in text
    assert problems(writers.latex(table)) == []


def test_no_time_at_all_is_said(times):
    lost = times[times["method"] == "sr"]
    text = writers.markdown(timing_table.table(about("toy", ["sr"], [], []), lost))
    assert "|" not in text and "Not timed: S_R (no dictionary)." in text


def test_a_method_without_a_time_has_its_reason_only(times):
    row = times.set_index("method").loc["sr"]
    assert (row["status"], row["reason"], row["median_s"], row["threads"]) == ("unavailable", "no dictionary", "", "")


def test_texts_come_from_the_stored_table(tmp_path, times):
    results = Results(str(tmp_path))
    (tmp_path / "tables/toy").mkdir(parents=True)
    times.to_csv(results.table("timing.csv", "toy"), index=False)
    timing_table.write(results, about("toy", ["lp"], [], []))
    assert (tmp_path / "tables/toy/timing.md").is_file() and (tmp_path / "tables/toy/timing.tex").is_file()
    pd.testing.assert_frame_equal(timing_table.read(results, "toy"), times, check_dtype=False)


def _table(tmp_path, *loads):
    """The table of methods a, b, ... whose load is known or not."""
    rows = [
        dataclasses.replace(GOOD, method=name, label=name, repeat=1, load=load)
        for name, load in zip("abc", loads, strict=False)
    ]
    results = Results(str(tmp_path))
    results.write_timing(tmp_path / "t.csv", rows)
    times = timing_table.summary(results.read_timing(tmp_path / "t.csv"))
    return writers.markdown(timing_table.table(about("toy", list("abc"[: len(loads)]), [], []), times))


def test_times_under_load_are_marked(tmp_path):
    text = _table(tmp_path, 0.0, 0.21)
    assert "| a | 1.0000 |" in text and "| b | 1.0000 (load) |" in text
    assert "held up to 21 % of the cores" in text and "not recorded" not in text


def test_times_of_a_quiet_machine_have_no_note(tmp_path):
    assert "load" not in _table(tmp_path, 0.0, 0.04).replace("loading weights", "")


def test_older_times_stay_valid(tmp_path):
    assert "(load not recorded)." in _table(tmp_path, None, None)
    assert "(load not recorded): b." in _table(tmp_path, 0.0, None)
    # A file from before there was such a column.
    for path in (tmp_path / "t.csv", tmp_path / "timing.csv"):
        frame = pd.read_csv(tmp_path / "t.csv", dtype=str, keep_default_na=False).drop(columns="load", errors="ignore")
        frame.to_csv(path, index=False)
    assert Results(str(tmp_path)).read_timing(tmp_path / "timing.csv")["load"].isna().all()


def test_methods_without_a_time_for_one_reason_share_a_note(tmp_path, times):
    lost = times[times["method"] == "sr"]
    both = pd.concat([lost, lost.assign(method="x", label="X")])
    text = writers.markdown(timing_table.table(about("toy", ["sr", "x"], [], []), both))
    assert "- Not timed: S_R, X (no dictionary)." in text
