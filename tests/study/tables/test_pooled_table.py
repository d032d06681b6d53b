"""All data sets together: every scene once, complete methods only, ranks within scenes."""

import numpy as np
import pytest

from study.store import Results
from study.tables import pooled_table as pooling
from tests.study._scores import about, rows

METHODS = ["average", "gacn", "lp", "gff"]


def _set(name, values, scenes, metrics=("q_g",), **more):
    return about(name, METHODS, metrics, scenes, **more), rows(name, values, scenes)


def _pool(*sets):
    return pooling.pool([a for a, _ in sets], {a.dataset: r for a, r in sets})


@pytest.fixture
def pooled():
    first = _set("one", {m: {"q_g": [v]} for m, v in zip(METHODS, (0.5, 0.9, 0.8, 0.7), strict=True)}, ["a"])
    values = {"average": [0.5] * 3, "gacn": [0.6] * 3, "lp": [0.8] * 3, "gff": [0.5, None, 0.5]}
    second = _set("two", {m: {"q_g": v} for m, v in values.items()}, ["a", "b", "c"])
    return _pool(first, second)


def _table(about, found):
    main, _, _ = pooling.tables(about, found)
    return main.frame.set_index("method")


def test_every_scene_counts_once(pooled):
    table = _table(*pooled)
    assert table["q_g"]["gacn"] == pytest.approx((0.9 + 3 * 0.6) / 4)
    assert table["q_g_n"]["gacn"] == pooled[0].readable == 4


def test_ranks_are_taken_within_scenes(pooled):
    table = _table(*pooled)
    # GACN is first in one scene and second in three.
    assert table["mean_rank"]["gacn"] == pytest.approx(7 / 4)
    assert table["mean_rank"]["lp"] == pytest.approx(5 / 4)
    assert np.isnan(table["mean_rank"]["average"])


def test_a_method_that_lacks_a_scene_is_left_out_and_named(pooled):
    about, found = pooled
    assert "gff" not in {entry.name for entry in about.entries} | set(found["method"])
    assert "Methods left out: GFF (lacks 1 of 4)" in about.note
    assert "One (1), Two (3)" in about.note


def test_a_data_set_that_most_methods_lack_is_left_out():
    whole = _set("one", {m: {"q_g": [0.5, 0.6]} for m in METHODS}, ["a", "b"])
    large = _set("large", {"gacn": {"q_g": [0.5]}}, ["z"])
    about, found = _pool(whole, large)
    assert set(found["scene"]) == {"one/a", "one/b"}
    assert "Large (only 1 of 3 methods have all its scenes)" in about.note


def test_a_data_set_that_was_run_with_few_methods_does_not_drop_the_others():
    whole = _set("one", {m: {"q_g": [0.5, 0.6]} for m in METHODS}, ["a", "b"])
    few = (
        about("few", ["average", "gacn"], ("q_g",), ["z"]),
        rows("few", {m: {"q_g": [0.5]} for m in METHODS[:2]}, ["z"]),
    )
    description, found = _pool(whole, few)
    assert {entry.name for entry in description.entries} == set(METHODS)
    assert set(found["scene"]) == {"one/a", "one/b"}
    assert "Few (only 1 of 3 methods have all its scenes)" in description.note


@pytest.mark.parametrize(("scenes", "taken"), [(1, False), (3, True)])
def test_the_pool_is_the_largest_complete_table(scenes, taken):
    """A scene that one of three methods lacks would cost more than it brings; three such scenes bring more."""
    whole = _set("one", {m: {"q_g": [0.5, 0.6, 0.7]} for m in METHODS}, ["a", "b", "c"])
    values = {m: {"q_g": [None if m == "gff" else 0.5] * scenes} for m in METHODS}
    description, found = _pool(whole, _set("two", values, ["x", "y", "z"][:scenes]))
    assert len(set(found["scene"])) == (6 if taken else 3)
    assert ("gff" in {entry.name for entry in description.entries}) != taken


def test_the_same_scenes_count_once():
    sets = [_set(name, {m: {"q_g": [0.5]} for m in METHODS}, ["a"]) for name in ("lytro_jpg", "lytro")]
    about, _ = _pool(*sets)
    assert [scene.name for scene in about.scenes] == ["lytro/a"]
    assert about.datasets == ("lytro_jpg", "lytro")


def test_metrics_with_mixed_references_are_not_pooled():
    about, found = _pool(_set("one", {m: {"q_g": [0.5], "psnr": [30]} for m in METHODS}, ["a"], ("q_g", "psnr")))
    assert about.metrics == ("q_g",)
    assert set(found["metric"]) == {"q_g"}


def test_nothing_to_pool_is_a_table_that_says_so(tmp_path):
    about, found = _pool((about_empty(), rows("lytro", {}, [])))
    pooling.write(Results(str(tmp_path)), about, found)
    assert "no data set has scenes" in (tmp_path / "tables/pooled/table.md").read_text(encoding="utf-8")


def about_empty():
    """A data set that could not be fetched."""
    return about("lytro", METHODS, ["q_g"], [], status="unavailable", reason="no network")


def test_a_method_that_one_data_set_has_not_at_all_is_left_out_and_named():
    first = _set("one", {m: {"q_g": [0.5]} for m in METHODS}, ["a"])
    fewer = [m for m in METHODS if m != "gff"]
    second = about("two", fewer, ["q_g"], ["a", "b"]), rows("two", {m: {"q_g": [0.5, 0.6]} for m in fewer}, ["a", "b"])
    pooled_about, found = _pool(first, second)
    assert "gff" not in {entry.name for entry in pooled_about.entries} | set(found["method"])
    assert "Methods left out: GFF (lacks 2 of 3)" in pooled_about.note
