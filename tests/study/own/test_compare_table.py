"""The one table for a paper: means, ranks and the verdict of the tests behind every value."""

import dataclasses

import numpy as np
import pytest

import methods
from files.machine import ROOT
from study.own import compare_table
from study.run.reference import REFERENCE
from study.tables import means_table, statistics_table, writers
from tests.study._latex import problems
from tests.study._scores import about, names, rows


def _page(count, further=(), missing=()):
    steps = np.arange(count) / 1000
    values = {
        "average": {"q_mi": steps, "q_g": steps},
        "lp": {"q_mi": 0.5 + steps, "q_g": 0.9 + steps},
        "gff": {"q_mi": 0.7 + 2 * steps, "q_g": 0.8 + 2 * steps},
        "gacn": {"q_mi": 0.7 + 2 * steps[::-1], "q_g": 0.7 + steps},
    }
    values |= {name: {"q_mi": steps, "q_g": steps} for name in further}
    facts = dataclasses.replace(about("toy", [*values, *missing], ["q_mi", "q_g"], names(count)), highlight=("gff",))
    tidy = rows("toy", values, names(count))
    own = [entry for entry in facts.entries if entry.name == "gff"]
    found = means_table.main_means(facts, tidy)
    return compare_table.page(found, statistics_table.compute(facts, tidy)[0], own)


def test_every_value_has_its_verdict():
    page = _page(12)
    text = writers.markdown(page)
    lines = {line.split(" | ")[0].strip("| "): line for line in text.splitlines() if line.startswith("| ")}
    assert lines["LP"].split(" | ")[1].endswith(" +") and lines["LP"].split(" | ")[2].endswith(" −")
    assert lines["GACN"].split(" | ")[1].endswith(" ·") and lines["GACN"].split(" | ")[2].endswith(" +")
    assert not set("+−·") & set(lines["GFF"] + lines["AVERAGE"]), "neither itself nor a control is tested"
    assert lines["Method"].rstrip(" |").endswith("Mean rank") and lines["GFF"].rstrip(" |").endswith("1.75")
    assert (
        "over the n = 12 scenes that both have, Holm's correction over the 2 methods" in text and "level 0.05" in text
    )


@pytest.mark.parametrize("count", [5, 12])
def test_it_is_latex(count):
    text = writers.latex(_page(count))
    assert not problems(text) and r"\label{tab:toy_compare_gff}" in text
    assert ("No test of GFF is made: fewer than 6 scenes" in text) == (count == 5)


def test_too_few_scenes_for_a_verdict_are_told_with_their_number():
    text = writers.markdown(_page(6))
    assert "No sign: no test or no verdict, which needs 7 scenes." in text and " +" not in text.split("- Behind")[0]
    assert "which needs" not in writers.markdown(_page(7))


def test_only_ones_own_and_the_best_methods_have_notes():
    page = _page(12, further=["ifm"], missing=["oracle", "best_source"])
    assert methods.registry.get("ifm").note and methods.registry.get("gacn").note
    text = " ".join(page.notes)
    assert "GACN: " in text, "its value is bold"
    assert "IFM: " not in text
    assert [note for note in page.notes if "Not available" in note] == ["Not available: ORACLE, BEST_SOURCE."]


def test_the_documentation_says_how_many_scenes_a_verdict_needs():
    ranked = sum(not entry.is_control for entry in REFERENCE.read_about("lytro").main_entries)
    needed = statistics_table.scenes_for_a_verdict(ranked)
    text = (ROOT / "docs" / "score-my-images.md").read_text(encoding="utf-8")
    assert f"needs at least {needed} scenes" in text and f"lytro/1-{needed} " in text
