"""Loss against the authors' values and gradients."""

import copy

import pytest
import torch

from methods.gacn.loss import dice_loss, gradient_loss, total_loss


def check(batch, case, losses):
    for name, value in zip(("total", "dice", "qg"), losses, strict=True):
        assert value.item() == pytest.approx(float(batch[f"{case}_{name}"]), abs=1e-6), (case, name)


def sources(batch):
    return batch["input_2"], batch["input_1"], batch["gt_mask"]


def test_given_maps_and_their_gradients(batch):
    decision, refined = (batch[name].clone().requires_grad_() for name in ("presc_mask", "presc_mask_refined"))
    losses = total_loss(decision, refined, *sources(batch))
    check(batch, "presc", losses)
    losses[0].backward()
    for ours, name in ((decision, "presc_grad_mask"), (refined, "presc_grad_refined")):
        assert (ours.grad - batch[name]).norm() < 1e-4 * batch[name].norm(), name


def test_true_maps(batch):
    check(batch, "gtmaps", total_loss(batch["gt_mask"], batch["gt_mask"], *sources(batch)))


def test_evaluation_mode(batch, official):
    with torch.inference_mode():
        maps = official(*sources(batch)[:2])
        check(batch, "eval", total_loss(*maps, *sources(batch)))


def test_training_mode_and_its_gradients(batch, official):
    # Planar memory: near-constant channels are normalised by tiny variances, which the kernels for channels last know
    # less exactly. Double precision confirms these gradients; those of the authors' program in the feature path are
    # dominated by rounding, so only the decision path is compared with it.
    network = copy.deepcopy(official).train().requires_grad_(True).to(memory_format=torch.contiguous_format)
    exact = copy.deepcopy(network).double()
    losses = total_loss(*network(*sources(batch)[:2]), *sources(batch))
    check(batch, "train", losses)
    losses[0].backward()
    doubled = [planes.double() for planes in sources(batch)]
    total_loss(*exact(*doubled[:2]), *doubled)[0].backward()
    for (name, ours), other in zip(network.named_parameters(), exact.parameters(), strict=True):
        assert ours.grad.norm().item() == pytest.approx(other.grad.norm().item(), rel=0.03), name
    from methods.gacn.weights import _our_name

    ours = dict(network.named_parameters())
    for name, norm in zip(batch["train_grad_names"], batch["train_grad_norms"], strict=True):
        if _our_name(name).startswith(("decision", "spatial")):
            assert ours[_our_name(name)].grad.norm().item() == pytest.approx(norm, rel=0.03), name


def test_a_perfect_fusion_beats_an_average(batch):
    first, second, truth = sources(batch)
    sharp = first * truth + second * (1 - truth)
    assert gradient_loss(sharp, first, second) < gradient_loss((first + second) / 2, first, second)
    assert dice_loss(truth, truth) < dice_loss(1 - truth, truth)


def test_without_the_gradient_term(batch):
    total, dice, gradient = total_loss(batch["presc_mask"], batch["presc_mask_refined"], *sources(batch), 0.0)
    assert total == dice
    assert gradient == 0
