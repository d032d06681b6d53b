"""Quality against time."""

import pandas as pd

from study.figures import quality_time
from study.figures.scatter import Point


def _point(seconds, value):
    return Point(seconds, value, f"{seconds}", "spatial")


def test_the_front_has_what_no_other_beats():
    points = [_point(1, 0.5), _point(2, 0.4), _point(3, 0.6), _point(3, 0.7), _point(4, 0.7)]
    assert quality_time.front(points, "larger") == [points[0], points[3]]
    assert quality_time.front(points, "smaller") == [points[0], points[1]]


def _tables():
    means = pd.DataFrame(
        [
            ("lp", "_L$P", "transform", "0.5", ""),
            ("gacn", "GACN", "proposed", "0.7", ""),
            ("first", "F", "control", "1", ""),
        ],
        columns=["method", "label", "kind", "q_mi", "q_g"],
    )
    timing = pd.DataFrame(
        [
            ("lp", "ok", "0.01", "EPYC", "2"),
            ("gacn", "ok", "0.5", "EPYC", "2"),
            ("first", "ok", "0.001", "EPYC", "2"),
            ("gff", "failed", "", "", ""),
        ],
        columns=["method", "status", "median_s", "device_name", "threads"],
    )
    return means, timing


def test_equal_data_gives_equal_bytes(about, twice):
    twice(quality_time.draw, about, *_tables())


def test_only_metrics_with_values_have_a_panel(about, words, tmp_path):
    quality_time.draw(about, *_tables(), [tmp_path / "q.png"])
    assert sum("is better" in word for word in words) == 1


def test_nothing_timed_is_said(about, words, tmp_path):
    means, timing = _tables()
    for times in (timing[timing["status"] == "failed"], timing[:0], pd.DataFrame()):
        quality_time.draw(about, means, times, [tmp_path / "q.png"])
        assert words[0].endswith("nothing is both timed and scored")
