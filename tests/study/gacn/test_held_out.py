"""Networks on held-out pairs: the truth is known, the log keeps what was measured, foreign splits are refused."""

import json
from dataclasses import asdict

import pytest
import torch

from files import command
from methods.gacn import recipe as recipes
from methods.gacn import weights
from methods.gacn.network import GACN
from study import records
from study.__main__ import parser
from study.gacn import held_out


@pytest.fixture
def recipe(coco, monkeypatch):
    source = {"coco_images": str(coco / "train2017"), "coco_annotations": str(coco / "instances.json")}
    recipe = recipes.recipe_from("layered", {**source, "held_out": 0.25, "epochs": 2})
    monkeypatch.setitem(held_out.RECIPES, "released", recipe)
    return recipe


@pytest.fixture
def trained(recipe, tmp_path):
    torch.manual_seed(1)
    path = tmp_path / "trial.safetensors"
    weights.write(path, GACN(recipe.architecture()).eval(), recipe=json.dumps(asdict(recipe)))
    return path


def called(*arguments):
    """Exit status of the verb."""
    return command.run(parser(), ["held-out", *map(str, arguments)])


def test_pairs_are_sharp_where_the_truth_says(recipe):
    found = list(held_out.pairs(recipe))
    assert [kind for kind, _ in found] == [*held_out.KINDS] * 2
    for _, pair in found:
        assert pair.first.shape == (1, 1, 48, 60)
        assert torch.allclose(pair.first * 255, (pair.first * 255).round(), atol=1e-4)
        assert set(pair.truth.unique().tolist()) == {0.0, 1.0}


def test_a_perfect_and_an_inverted_map_have_the_values_of_their_names(recipe, trained, monkeypatch):
    from methods.gacn.inference import Inference

    cases = list(held_out.pairs(recipe))
    truths = iter([pair.truth for _, pair in cases] + [1 - pair.truth for _, pair in cases])
    monkeypatch.setattr(Inference, "refine", lambda *_: next(truths))
    right, wrong = (held_out.measure(str(trained), cases) for _ in range(2))
    assert set(right.values()) == {0.0}
    assert {wrong[f"wrong_pixels_{kind}"] for kind in held_out.KINDS} == {1.0}


def test_the_log_keeps_names_and_replaces_their_values(trained, tmp_path):
    for name in ("first", "second", "first"):
        assert called(f"{name}={trained}", "--results", tmp_path) == 0
    rows = records.read_csv(tmp_path / "tables/held_out.csv")
    assert [row["name"] for row in rows] == ["first", "second"]
    assert rows[0]["sha256"] == records.sha256(trained)
    assert "blur=layered" in rows[0]["changes"] and rows[0]["epochs"] == "2"
    assert "| first | 2 |" in (tmp_path / "tables/held_out.md").read_text()


def test_images_that_were_trained_on_are_no_test(trained, tmp_path, capsys, recipe, monkeypatch):
    other = recipes.recipe_from("layered", {**asdict(recipe), "seed": 2})
    monkeypatch.setitem(held_out.RECIPES, "released", other)
    assert called(f"trial={trained}", "--results", tmp_path) == 2
    assert "trained with different values of seed" in capsys.readouterr().err


@pytest.mark.parametrize("metadata", [{}, {"recipe": "{"}])
def test_a_weight_file_without_its_recipe_is_refused(recipe, tmp_path, capsys, metadata):
    weights.write(tmp_path / "other.safetensors", GACN(), **metadata)
    assert called(f"trial={tmp_path / 'other.safetensors'}", "--results", tmp_path) == 2
    assert "other.safetensors: no weight file of this program's training" in capsys.readouterr().err


def test_a_file_that_is_not_there(recipe, tmp_path, capsys):
    assert called("trial=nowhere.safetensors", "--results", tmp_path) == 2
    assert "nowhere.safetensors: no such file" in capsys.readouterr().err
