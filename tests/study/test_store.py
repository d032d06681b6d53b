"""Stored results survive a round trip, and no two of them share a file."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from files.atomic import write_text
from files.errors import InputError
from imaging.files import write_image, write_levels
from study import records
from study.entries import Entry
from study.store import (
    SCORE_COLUMNS,
    About,
    DatasetFacts,
    FusedScene,
    Results,
    SceneFacts,
    Score,
    Timing,
    unusable_names,
)

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
    scores = [
        Score("d", "a", "m", "q", 0.1 + 0.2, reference="sources"),
        Score("d", "a", "m", "psnr", None, "undefined", "truth", HOSTILE),
        Score("d", "a", "m", "wrong", None, "not_applicable", reason="no map: none"),
        Score("d", "b", "m", "q", -2.5e300, reference="sources"),
        Score("d", "b", "m", "psnr", 1e-17, reference="truth"),
        Score("d", "b", "m", "wrong", None, "failed"),
        # Scenes without truth, and a method that was scored before a metric came.
        Score("d", "c", "m", "q", float("inf"), reference="sources"),
        Score("d", "c", "m", "psnr", 1.0, reference="sources"),
        Score("d", "a", "n", "psnr", None, "undefined"),
    ]
    frame = pd.DataFrame(map(dataclasses.asdict, scores))[list(SCORE_COLUMNS)].astype({"value": float})
    results.write_tidy("d", frame)
    first = (tmp_path / "results/tables/d/scores.csv").read_bytes()
    assert len(first.splitlines()) == 1 + 4
    read = results.read_tidy("d")
    pd.testing.assert_frame_equal(read, frame, check_exact=True)
    results.write_tidy("d", read)
    assert (tmp_path / "results/tables/d/scores.csv").read_bytes() == first


@pytest.mark.parametrize("cell", ["0,31", "NOT OK", "1e"])
def test_a_cell_that_is_no_score_is_named(results, cell):
    path = results.table("scores.csv", "d")
    write_text(path, f'scene,method,q_g@sources\na,m,0.5\nb,m,"{cell}"\n')
    with pytest.raises(InputError, match=rf"{path}: q_g@sources of m on b: '{cell}' is neither a number nor"):
        results.read_tidy("d")


def test_scores_of_an_earlier_version_are_read(results):
    path = results.table("scores.csv", "d")
    write_text(path, f"{','.join(SCORE_COLUMNS)}\nd,a,m,q_g,0.5,ok,sources,\nd,b,m,q_g,,failed,,broke\n")
    frame = results.read_tidy("d")
    assert frame["value"].tolist()[:1] == [0.5] and frame["reason"].tolist() == ["", "broke"]


def test_no_score_is_lost_to_another(results):
    twice = pd.DataFrame([dataclasses.asdict(Score("d", "a", "m", "q", 0.5))] * 2)
    with pytest.raises(ValueError, match="q of m on a: more than one score"):
        results.write_tidy("d", twice)


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
