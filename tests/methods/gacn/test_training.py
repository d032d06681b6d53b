"""Training on a small COCO-shaped folder: resume, divergence, damaged files, records."""

import csv
import json
import shutil

import numpy as np
import pytest
import torch

from files.errors import InputError
from methods.gacn import data, synthesis, training, weights
from methods.gacn import recipe as recipes

TINY = {"size": 40, "crop": 32, "batch": 3, "epochs": 2, "held_out": 0.25, "learning_rate": 1e-3}


@pytest.fixture
def recipe(coco):
    source = {"coco_images": str(coco / "train2017"), "coco_annotations": str(coco / "instances.json")}
    return recipes.recipe_from("published", {**TINY, **source})


def parameters(folder):
    return torch.load(folder / "checkpoint.pt", weights_only=True)["network"]


def test_with_a_margin_nothing_is_shifted_in_from_outside(coco):
    """The published offset leaves rows and columns of zeros at the frame; a margin cuts them away."""
    source = {"coco_images": str(coco / "train2017"), "coco_annotations": str(coco / "instances.json")}
    changes = {**source, "size": 0, "crop": 20, "offset_probability": 1.0, "largest_offset": 2, "noise": 0.0}
    frames = {}
    for margin in (0, 4):
        recipe = recipes.recipe_from("layered", {**changes, "margin": margin, "gaussian_share": 0.5, "quantise": True})
        samples = data.CocoSamples(recipe.coco_images, recipe.coco_annotations, data.Selection())
        pair = training.training_batch(samples, list(range(6)), recipe, torch.Generator().manual_seed(3))
        assert pair.first.shape == pair.truth.shape == (6, 1, 20, 20)
        images = torch.cat([pair.first, pair.second])
        frames[margin] = sum(bool((image[0, -1] == 0).all() or (image[0, :, -1] == 0).all()) for image in images)
    assert frames[0] == 6
    assert frames[4] == 0


def test_neighbours_are_made_where_the_recipe_wants_them(coco, monkeypatch):
    made, neighbours = [], synthesis.neighbour_pair
    monkeypatch.setattr(synthesis, "neighbour_pair", lambda *given: made.append(given[2:4]) or neighbours(*given))
    source = {"coco_images": str(coco / "train2017"), "coco_annotations": str(coco / "instances.json")}
    for share in (0.0, 1.0):
        changes = {**source, "crop": 20, "margin": 2, "published_share": 0.0, "neighbour_share": share}
        recipe = recipes.recipe_from("stacks", changes)
        samples = data.CocoSamples(recipe.coco_images, recipe.coco_annotations, data.Selection())
        training.training_batch(samples, [0, 1], recipe, torch.Generator().manual_seed(3))
    (sharp_near, near), (far, sharp_far) = made[0]
    assert sharp_near == sharp_far == 0
    # The same radii, and in the other image a part of each instead of none.
    assert (made[1][0][1], made[1][1][0]) == (near, far)
    assert 0 < made[1][0][0] < near and 0 < made[1][1][1] < far


@pytest.mark.parametrize("changes", [*({"blur": blur} for blur in recipes.BLURS), {"finishing_share": 1.0}])
def test_resumed_run_equals_an_uninterrupted_one(recipe, tmp_path, monkeypatch, changes):
    recipe = recipes.recipe_from("published", {**vars(recipe), **changes})
    training.train(recipe, tmp_path / "whole", progress=False)

    validate, calls = training._Run.validate, []

    def interrupted(run, samples):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return validate(run, samples)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(training._Run, "validate", interrupted)
        training.train(recipe, tmp_path / "parts", progress=False)
    training.train(recipe, tmp_path / "parts", progress=False)
    whole, parts = parameters(tmp_path / "whole"), parameters(tmp_path / "parts")
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    with open(tmp_path / "parts" / "log.csv") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert all(np.isfinite(float(row["validation_total"])) for row in rows)


def test_frozen_statistics_are_means_over_a_pass_and_stay(recipe, tmp_path):
    recipe = recipes.recipe_from("published", {**vars(recipe), "finishing_share": 0.5})
    assert recipe.first_finishing() == 1
    samples, _ = training.load_samples(recipe)
    run = training._Run(recipe, tmp_path, "cpu", False)
    norm = run.network.features[0].norm
    means = []
    norm.register_forward_pre_hook(lambda module, planes: means.append((module.training, planes[0].mean((0, 2, 3)))))
    run.fit(samples, 0)
    assert all(trained for trained, _ in means)
    del means[:]
    run.fit(samples, 1)
    measured = [mean for trained, mean in means if trained]
    assert 0 < len(measured) < len(means)
    assert torch.allclose(norm.running_mean, torch.stack(measured).mean(0), atol=1e-6)
    assert norm.momentum == 0.1


def test_training_starts_from_released_parameters(recipe, tmp_path):
    started = training._Run(recipes.recipe_from("published", {**vars(recipe), "start": "own"}), tmp_path, "cpu", False)
    released = weights.load("own").state_dict()
    assert all(torch.equal(values, released[name]) for name, values in started.network.state_dict().items())
    smaller = recipes.recipe_from("published", {**vars(recipe), "start": "own", "spatial_attention": False})
    with pytest.raises(InputError, match="start=own: parameters of another architecture"):
        training._Run(smaller, tmp_path, "cpu", False)
    with pytest.raises(InputError, match="start='mine'"):
        recipes.recipe_from("published", {"start": "mine"})


def test_trained_file_fuses(recipe, tmp_path, pair):
    import methods

    path = training.train(recipes.recipe_from("published", {**vars(recipe), "epochs": 1}), tmp_path, progress=False)
    network = weights.load(str(path))
    assert network.architecture == recipe.architecture()
    fusion = methods.fuse("gacn", pair, options={"weights": str(path)})
    assert fusion.image.shape == pair[0].shape


def test_divergence_stops_with_a_message(recipe, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "total_loss", lambda *_: (torch.tensor(float("nan"), requires_grad=True),) * 3)
    with pytest.raises(training.Diverged, match=r"nan in epoch 1, batch 1.*learning_rate"):
        training.train(recipe, tmp_path, progress=False)


def test_parameters_that_are_not_numbers_never_become_a_checkpoint(recipe, tmp_path, monkeypatch):
    fit = training._Run.fit

    def spoil(run, samples, epoch):
        losses = fit(run, samples, epoch)
        if epoch == 1:
            run.network.decision[-1].norm.bias.data.fill_(float("nan"))
        return losses

    monkeypatch.setattr(training._Run, "fit", spoil)
    with pytest.raises(training.Diverged, match="nan after epoch 2"):
        training.train(recipe, tmp_path, progress=False)
    assert all(torch.isfinite(values).all() for values in parameters(tmp_path).values())


def test_folder_of_another_recipe_is_refused(recipe, tmp_path):
    training._claim(tmp_path, recipe)
    other = recipes.recipe_from("published", {**vars(recipe), "seed": 2})
    with pytest.raises(InputError, match="different recipe"):
        training.train(other, tmp_path)


def test_validation_images_are_held_out(recipe):
    trained, held_out = training.load_samples(recipe)
    names = [{subset[k].name for k in range(len(subset))} for subset in (trained, held_out)]
    assert not names[0] & names[1]
    assert [len(part) for part in names] == [6, 2]


def test_every_start_is_recorded(recipe, tmp_path):
    recipe = recipes.recipe_from("published", {**vars(recipe), "epochs": 1})
    training.train(recipe, tmp_path, progress=False)
    training.train(recipe, tmp_path, progress=False)
    (only,) = json.loads((tmp_path / "run.json").read_text())["sessions"]
    assert (only["first_epoch"], only["device"]) == (1, "cpu")
    assert (only["training_images"], only["validation_images"]) == (6, 2)
    assert torch.__version__.startswith(only["versions"]["torch"])


@pytest.mark.parametrize("content", ["half", b"", b"no checkpoint", {"network": {}}, {"epoch": 3}])
def test_a_damaged_checkpoint_is_named(recipe, tmp_path, content):
    training.train(recipes.recipe_from("published", {**vars(recipe), "epochs": 1}), tmp_path, progress=False)
    path = tmp_path / "checkpoint.pt"
    if isinstance(content, dict):
        torch.save(content, path)
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] if content == "half" else content)
    with pytest.raises(InputError, match=r"checkpoint\.pt: cannot be read as a checkpoint .*delete it") as caught:
        training.train(recipes.recipe_from("published", {**vars(recipe), "epochs": 1}), tmp_path, progress=False)
    assert "\n" not in str(caught.value)


def test_parameters_lost_beside_a_checkpoint_are_missed(recipe, tmp_path):
    recipe = recipes.recipe_from("published", {**vars(recipe), "epochs": 1})
    training.train(recipe, tmp_path, progress=False).unlink()
    with pytest.raises(InputError, match=r"gacn\.safetensors: missing beside a checkpoint of 1 epochs"):
        training.train(recipe, tmp_path, progress=False)


def test_a_damaged_record_of_starts_is_named(recipe, tmp_path):
    (tmp_path / "run.json").write_text('{"sessions": [')
    with pytest.raises(InputError, match=r"run\.json: damaged"):
        training.train(recipe, tmp_path, progress=False)


def test_every_image_is_read_before_the_first_epoch(coco, recipe, tmp_path, monkeypatch):
    images = tmp_path / "images"
    shutil.copytree(coco / "train2017", images)
    path = images / "000000000005.png"
    path.write_bytes(path.read_bytes()[:200])
    monkeypatch.setattr(training._Run, "fit", lambda *_: pytest.fail("an epoch began"))
    recipe = recipes.recipe_from("published", {**vars(recipe), "coco_images": str(images)})
    with pytest.raises(InputError, match=r"000000000005\.png: cannot be decoded"):
        training.train(recipe, tmp_path / "run", progress=False)


def test_too_few_images_name_their_source(recipe):
    recipe = recipes.recipe_from("published", {**vars(recipe), "held_out": 0.99})
    with pytest.raises(InputError, match=r"instances\.json: 8 images .* held_out=0\.99 holds out 8"):
        training.load_samples(recipe)
