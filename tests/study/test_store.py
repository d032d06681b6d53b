"""Stored results survive a round trip, and no two of them share a file."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from files.errors import InputError
from imaging.files import write_image, write_levels
from study import records
from study.entries import Entry
from study.store import About, DatasetFacts, FusedScene, Results, SceneFacts, Score, Timing, unusable_names

HOSTILE = 'a "quoted", text | with\ttabs & <marks>, ünïcode'


@pytest.fixture
def results(tmp_path):
    return Results((tmp_path / "results").as_posix())


def test_what_is_known_of_a_data_set(results):
    scenes = (
        SceneFacts("a", height=3, width=4, count=2, colour=True, checksums=("x", "y"), truth=True),
        SceneFacts("b", "failed", HOSTILE),
    )
    facts = DatasetFacts("d", HOSTILE, note="n", align="similarity", folder="f", attempt=3, scenes=scenes)
    assert results.sources_if_any("d") is None
    with pytest.raises(InputError, match="no such file"):
        results.read_sources("d")
    results.write_sources(facts)
    assert results.read_sources("d") == facts
    assert [scene.name for scene in facts.usable] == ["a"]


def test_fused_scenes(results):
    rows = [
        FusedScene("d", "m", "a", "ok", map="decision", key="k", attempt=2),
        FusedScene("d", "m", "b", "failed", HOSTILE),
    ]
    results.write_fused("d", "m", rows)
    assert results.read_fused("d", "m") == rows
    assert results.read_fused("d", "other") == []


def test_a_stored_image_counts_only_with_the_bytes_that_were_written(results):
    image, chosen = results.image("d", "m", "a"), results.map("d", "m", "a")
    write_image(image, np.zeros((3, 4), np.float32))
    write_levels(chosen, np.array([[0, 200], [127, 128]]))
    row = FusedScene("d", "m", "a", "ok", "", "decision", records.sha256(image), records.sha256(chosen), "key")
    assert results.read_made("d", "m", "a") is None
    results.write_made(row)
    assert results.read_made("d", "m", "a") == row
    assert results.read_map(row).tolist() == [[1, 0], [1, 0]]
    assert results.read_map(dataclasses.replace(row, map="index")).tolist() == [[0, 200], [127, 128]]
    assert results.read_map(dataclasses.replace(row, map="")) is None
    chosen.write_bytes(b"other")
    assert results.read_made("d", "m", "a") is None
    results.made("d", "m", "a").write_text("{ not json")
    assert results.read_made("d", "m", "a") is None


def test_scores_keep_every_digit(results):
    rows = [
        Score("d", "a", "m", "q", 0.1 + 0.2, reference="truth"),
        Score("d", "a", "m", "p", status="failed", reason=HOSTILE),
    ]
    results.write_scores("d", "m", rows)
    assert results.read_scores("d", "m") == rows
    results.write_scene_scores(rows, {"q": "1", "p": "2"})
    assert results.read_scene_scores("d", "m", "a") == {"q": ("1", rows[0]), "p": ("2", rows[1])}
    assert results.read_scene_scores("d", "m", "b") == {}
    results.scene_scores("d", "m", "a").write_text("[]")
    assert results.read_scene_scores("d", "m", "a") == {}


def test_tidy_scores_are_the_same_bytes_after_a_round_trip(results, tmp_path):
    values = [0.1 + 0.2, 1e-17, 1.0, float("nan"), -2.5e300]
    frame = pd.DataFrame(
        {name: "x" for name in ("dataset", "scene", "method", "metric", "status", "reference", "reason")},
        index=range(5),
    )
    frame["value"] = values
    frame.loc[3, "reason"] = HOSTILE
    results.write_tidy("d", frame)
    first = (tmp_path / "results/tables/d/scores.csv").read_bytes()
    read = results.read_tidy("d")
    assert np.array_equal(read["value"], values, equal_nan=True)
    results.write_tidy("d", read)
    assert (tmp_path / "results/tables/d/scores.csv").read_bytes() == first


def test_times(results):
    rows = [
        Timing("d", "m", "M", "a", "cpu", "chip", 2, 0.27, 2, 1, "yes", 0.123456, 511.6),
        Timing("d", "n", "N", status="skipped"),
    ]
    results.write_timing(results.timing("d", "m"), rows)
    frame = results.read_timing(results.timing("d", "m"))
    assert frame.loc[0, ["threads", "images", "seconds", "peak_memory_mb"]].tolist() == [2, 2, 0.12346, 512]
    assert np.isnan(frame.loc[1, "seconds"]) and frame.loc[1, "status"] == "skipped"


def test_what_tables_are_made_of(results):
    entries = (Entry("m", "average", "M", {"a": 1}), Entry("n", "average", HOSTILE))
    about = About(
        "d", "D", "p", "n", scenes=(SceneFacts("a", truth=True),), metrics=("q_mi",), entries=entries, main=("m",)
    )
    results.write_about(about)
    assert results.read_about("d") == about
    assert about.main_entries == entries[:1]


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".hidden",
        "a/b",
        "a\\b",
        "a:b",
        "a\nb",
        "a\u2028b",
        " a",
        "a.map",
        "a.MAP",
        "a.initial",
        'a"b',
        "a?b",
        "\udcff",
        "é" * 61,
        "{" * 41,
        "ab" * 30,
    ],
)
def test_names_that_cannot_be_files_everywhere_are_unusable(name):
    assert list(unusable_names(["good", name])) == [name]


def test_of_two_names_that_a_file_system_takes_for_one_the_second_is_unusable():
    found = unusable_names(["A", "a", "\u00e4", "a\u0308", "Photo 1 (größer).2", "b"])
    assert list(found) == ["a", "a\u0308"]
    assert "'A' and 'a'" in found["a"]


def test_highlighted_methods_and_what_recent_ones_are_compared_with(tmp_path):
    labels = {"qb": "qb", "sf": "sf", "gacn": "gacn", "gacn_own": "gacn", "stackmff_v4": "stackmff_v4"}
    about = About("d", "D", entries=tuple(Entry(name, method, name) for name, method in labels.items()))

    def names(entries):
        return [entry.name for entry in entries]

    assert names(about.highlighted) == ["gacn"] and about.emphasised == {"gacn", "gacn_own"}
    assert names(about.anchors) == ["qb", "gacn"] and names(about.newest) == ["stackmff_v4"]
    mine = dataclasses.replace(about, highlight=("stackmff_v4", "sf", "elsewhere"), over_budget=("qb",))
    assert names(mine.highlighted) == ["stackmff_v4", "sf"] and mine.emphasised == {"stackmff_v4", "sf"}
    assert names(mine.anchors) == ["qb", "sf", "stackmff_v4"] and names(mine.newest) == []
    results = Results(str(tmp_path))
    for each in (about, mine):
        results.write_about(each)
        assert results.read_about("d") == each
