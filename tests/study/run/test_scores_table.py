"""The scores of all methods in one table."""

import dataclasses

import pandas as pd

from study.entries import Entry
from study.run.scores_table import about, joined
from study.store import OVER_BUDGET, DatasetFacts, Results, SceneFacts, Score


def test_rows_are_by_method_in_table_order_then_by_scene(tmp_path):
    results = Results(str(tmp_path))
    entries = [Entry("gff", "gff", "GFF"), Entry("average", "average", "Average")]
    for entry in entries:
        scores = [
            Score("d", scene, entry.name, metric, 0.1 + 0.2) for scene in ("b", "a") for metric in ("q_mi", "q_g")
        ]
        results.write_scores("d", entry.name, scores)
    frame = joined(results, "d", entries)
    assert "attempt" not in frame.columns
    assert list(frame["method"]) == ["gff"] * 4 + ["average"] * 4
    assert list(frame["scene"][:4]) == ["a", "a", "b", "b"]
    assert list(frame["metric"][:2]) == ["q_mi", "q_g"]
    assert (frame["value"] == 0.1 + 0.2).all()


def test_tables_know_the_data_set_its_scenes_and_the_methods():
    facts = DatasetFacts("d", "D", note="n", pixels="p", scenes=(SceneFacts("a"), SceneFacts("b", "failed", "why")))
    entries = [Entry("gff", "gff", "GFF")]
    found = about(facts, entries, ["gff"], ["q_mi"])
    assert (found.label, found.pixels, found.note, found.readable, found.metrics) == ("D", "p", "n", 1, ("q_mi",))
    assert found.main_entries == tuple(entries)


def test_tables_know_what_is_highlighted_and_what_the_budget_leaves_out():
    entries = [Entry("gff", "gff", "GFF"), Entry("sr", "sr", "SR")]
    lost = Score("d", "", "sr", "q_mi", status="unavailable", reason=f"{OVER_BUDGET}: forecast 9 s")
    scores = pd.DataFrame([dataclasses.asdict(score) for score in (lost, Score("d", "a", "gff", "q_mi", 0.1))])
    found = about(DatasetFacts("d", "D"), entries, ["gff", "sr"], ["q_mi"], ["gff"], scores)
    assert found.over_budget == ("sr",) and [entry.name for entry in found.highlighted] == ["gff"]


def test_remarks_on_the_sources_stand_in_the_note_the_first_of_many():
    facts = DatasetFacts("d", "D", note="A folder.", remarks=tuple(f"left out: {k}_x_.gif" for k in range(9)))
    note = about(facts, [], [], []).note
    assert note.startswith("A folder. left out: 0_x\\_.gif. left out: 1")
    assert note.endswith("And 3 more such remarks.") and "6_x" not in note
