"""Entries that GACN adds: budgets of the ablation, names of trainings, what a record says."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from files.errors import InputError
from study.config import resolve
from study.entries import Entry
from study.gacn import entries
from study.gacn.entries import Training

BUDGET = {"recipe": "layered", "set": {"epochs": 2, "crop": 32}}


def test_importing_the_configuration_does_not_import_torch():
    code = "import study.config, study.gacn.entries, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_strategies_are_those_of_the_method():
    from methods.gacn import METHOD, fusion

    assert set(entries.STRATEGIES) == set(METHOD.options["strategy"].choices) == set(fusion.STRATEGIES)
    assert {entries.BASELINE, entries.DEFAULT} <= set(entries.STRATEGIES)


def test_all_variants_are_trained_with_the_same_budget():
    runs = entries.ablation_runs(BUDGET)
    assert len(runs) == 7
    changed = {"refinement", "gradient_weight", "channel_attention", "spatial_attention", "activity"}
    complete, *others = (vars(recipe) for recipe in runs.values())
    for recipe in others:
        differing = {name for name in recipe if recipe[name] != complete[name]}
        assert len(differing) == 1 and differing <= changed
    assert {(recipe["epochs"], recipe["crop"]) for recipe in (complete, *others)} == {(2, 32)}


def test_another_budget_is_another_run():
    assert not set(entries.ablation_runs(BUDGET)) & set(entries.ablation_runs({**BUDGET, "set": {"epochs": 3}}))


def test_the_hard_map_uses_the_complete_network():
    made = entries.ablation_entries(BUDGET)
    hard, complete = made["ablation_hard"].options, made["ablation_complete"].options
    assert hard == {**complete, "weighting": "hard"}


def test_variants_are_not_in_the_tables_of_the_benchmark():
    assert not set(resolve({}).entries) & set(entries.ablation_entries(BUDGET))


def test_train_puts_the_result_beside_the_official_parameters():
    settings = resolve({"methods": ["gacn", "lp"], "train": True, "training": {"recipe": "layered"}})
    assert list(settings.entries) == ["lp", "gacn", entries.TRAINED]
    assert settings.entries[entries.TRAINED].options == {"weights": "results/training/layered/gacn.safetensors"}
    assert entries.TRAINED not in resolve({"methods": ["gacn"]}).entries


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"training": {"recipe": "own"}}, ["training", "unknown recipe 'own'", "released"]),
        ({"training": {"set": {"epoch": 3}}}, ["training", "no value 'epoch'"]),
        ({"training": {"set": {"epochs": 0}}}, ["training", "epochs=0", "at least 1"]),
        ({"training": {"set": {"noise": float("nan")}}}, ["training", "noise", "nan"]),
        ({"ablation": {"set": {"blur": "motion"}}}, ["ablation", "motion", "layered"]),
        ({"ablation": {"datasets": ["lytr"]}}, ["unknown data set 'lytr'"]),
        ({"training": {"name": "ablation_x"}}, ["training.name"]),
        ({"variants": {"gacn_trained": {"method": "gacn"}}}, ["taken"]),
        ({"align": {"v4": "afine"}}, ["align.v4", "similarity"]),
        ({"align": {"v5": "similarity"}}, ["unknown data set 'v5'", "v4"]),
        ({"stacks": {"timing": {"v4": [1]}}}, ["stacks.timing.v4", "minimum of 2"]),
        ({"stacks": {"qualty": ["v4"]}}, ["'qualty'", "did you mean"]),
        ({"stacks": {"figures": ["embeded"]}}, ["unknown data set 'embeded'"]),
    ],
)
def test_a_mistake_gives_one_clear_line(raw, words):
    with pytest.raises(InputError) as caught:
        resolve(raw)
    assert "\n" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("weights", "run"),
    [
        ("results/training/mine/gacn.safetensors", "mine"),
        ("results/training/mine/other.safetensors", ""),
        ("elsewhere/mine/gacn.safetensors", ""),
        ("official", ""),
        (None, ""),
    ],
)
def test_the_run_that_an_entry_waits_for(weights, run):
    entry = Entry("x", "gacn", "X", {} if weights is None else {"weights": weights})
    assert entries.run_of(entry) == run
    assert entries.record_of(entry) == (f"results/training/{run}.json" if run else None)


def test_a_record_is_read_as_it_was_written(here):
    assert entries.stored("mine") is None
    ended = Training("mine", {"epochs": 3}, status="failed", reason="the loss is nan", attempt=4)
    ended.write()
    assert entries.stored("mine") == ended
    entry = Entry("x", "gacn", "X", {"weights": entries.parameters("mine")})
    assert entries.reason(entry) == "training mine is failed: the loss is nan"
    Training("mine", {}).write()
    assert entries.reason(entry) == ""


@pytest.mark.parametrize("content", ["", "[]", json.dumps({"name": "mine"}), json.dumps({"other": 1})])
def test_a_damaged_record_counts_as_none(here, content):
    path = Path("results/training/mine.json")
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    assert entries.stored("mine") is None
