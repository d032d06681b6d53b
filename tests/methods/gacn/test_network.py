"""Layers against the tensors of the authors' program, and strips against the whole image."""

import numpy as np
import pytest
import torch
from scipy.ndimage import uniform_filter

from benchmarks._straightforward_gacn import maps as straightforward_maps
from imaging.levels import to_uint8
from methods._common.torch import planes
from methods.gacn import refinement
from methods.gacn.fusion import blend, gray
from methods.gacn.inference import Inference, strips
from methods.gacn.network import ACTIVITIES, GACN, Architecture
from methods.gacn.windows import window_sum


def distance(ours, theirs):
    return (ours - theirs).abs().max().item()


def test_window_sum_equals_a_box_filter():
    plane = np.random.default_rng(0).random((23, 31))
    for radius in (1, 3, 5):
        size = 2 * radius + 1
        expected = uniform_filter(plane, size, mode="constant") * size**2
        assert np.abs(window_sum(torch.from_numpy(plane)[None, None], radius)[0, 0].numpy() - expected).max() < 1e-10


def test_window_sum_has_the_right_gradient():
    planes = torch.rand(2, 1, 6, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda values: window_sum(values, 2), planes)


def test_features_and_maps_equal_the_authors(official, crop):
    # Another order of float sums inside the convolutions: relative 1e-6 of features and activity. The decision passes
    # a sigmoid of slope 1000, which turns 1e-6 into a few 1e-4 at single undecided pixels.
    with torch.inference_mode():
        for number in "12":
            features = official.extract(crop[f"gray{number}"])
            assert distance(features, crop[f"feat{number}"]) < 1e-5
            activity = official.activity(crop[f"feat{number}"])
            assert distance(activity, crop[f"sf{number}"]) < 1e-6 * crop[f"sf{number}"].max()
        decision = official.decide(crop["sf1"].clone(), crop["sf2"])
        assert distance(decision, crop["initial_dm"]) < 5e-4
        decision, refined = official(crop["gray1"], crop["gray2"])
        assert distance(decision, crop["initial_dm"]) < 5e-4
        assert distance(refined, crop["refined"]) < 2e-4


def test_refinement_equals_the_authors(crop):
    decision = crop["initial_dm"]
    blurred = refinement.gaussian_blur(decision, refinement.BLUR_RADIUS, refinement.BLUR_SIGMA)
    assert distance(blurred, crop["blur"]) < 1e-6
    assert distance(refinement.boundary_weight(crop["blur"]), crop["boundary"]) < 1e-6
    # The authors' running sums in float32 carry an error of about 1e-5.
    assert distance(refinement.guided_filter(crop["guide"], decision), crop["guided"]) < 3e-5
    assert distance(refinement.refine(decision, crop["gray1"], crop["gray2"]), crop["refined"]) < 1e-5


@pytest.mark.parametrize("rows", [5, 17])
def test_strips_change_no_pixel(official, pair, rows):
    first, second = (planes(gray(image), "cpu") for image in pair)
    maps = []
    for height in (len(pair[0]), rows):
        inference = Inference(official, height)
        decision = inference.decide(inference.activity(first), inference.activity(second))
        maps.append(inference.refine(decision, first, second)[0, 0].numpy())
    assert np.abs(maps[0] - maps[1]).max() < 1e-3
    assert np.array_equal(*(to_uint8(blend(refined, *pair)) for refined in maps))


def test_straightforward_computation_agrees(official, pair):
    first, second = (planes(gray(image), "cpu") for image in pair)
    inference = Inference(official)
    decision = inference.decide(inference.activity(first), inference.activity(second))
    refined = inference.refine(decision, first, second)
    assert distance(refined, straightforward_maps(official, first, second)[1]) < 1e-3


def test_strips_cover_every_row_once():
    for height, rows in ((10, 3), (7, 7), (5, 100)):
        owned = np.zeros(height, dtype=int)
        for own, read, inner in strips(height, rows, 2):
            owned[own] += 1
            assert np.array_equal(np.arange(height)[read][inner], np.arange(height)[own])
        assert (owned == 1).all()


ARCHITECTURES = [
    Architecture(channel_attention=False),
    Architecture(spatial_attention=False),
    Architecture(refinement=False),
    *(Architecture(activity=activity) for activity in ACTIVITIES),
]


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_every_architecture_runs_and_learns(architecture):
    torch.manual_seed(0)
    network = GACN(architecture)
    first, second = torch.rand(2, 2, 1, 20, 24).unbind()
    decision, refined = network(first, second)
    assert decision.shape == refined.shape == first.shape
    refined.sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
    assert torch.equal(decision, refined) != architecture.refinement


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
@pytest.mark.parametrize("shape", [(1, 3), (2, 9), (23, 14)])
def test_strips_of_every_architecture_give_the_plain_result(architecture, shape):
    torch.manual_seed(2)
    network = GACN(architecture).eval().to(memory_format=torch.channels_last)
    for block in (*network.features, *network.decision):
        torch.nn.init.normal_(block.norm.bias)
        torch.nn.init.normal_(block.norm.running_mean, 0.1, 0.1)
    first, second = torch.rand(2, 1, 1, *shape).unbind()
    with torch.inference_mode():
        plain = network(first, second)[0]
    inference = Inference(network, rows=3)
    strips = inference.decide(inference.activity(first), inference.activity(second))
    assert distance(plain, strips) < 1e-3


def test_unknown_activity_is_refused():
    with pytest.raises(ValueError, match="choose one of"):
        Architecture(activity="entropy")
