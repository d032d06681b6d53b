"""Training pairs against the authors' program and against what their names promise."""

import pytest
import torch

from methods.gacn import synthesis
from methods.gacn.synthesis import Pair


@pytest.fixture
def scene():
    generator = torch.Generator().manual_seed(5)
    image = torch.rand(2, 1, 48, 56, generator=generator)
    mask = torch.zeros_like(image)
    mask[..., 12:36, 10:30] = 1
    return image, mask


def test_published_synthesis(batch):
    pair = synthesis.gaussian_pair(batch["image"], batch["gt_mask"], int(batch["filter_size"]))
    # Separable filters round differently from the authors' two-dimensional float32 kernels (91 x 91 for the border).
    assert (pair.first - batch["input_2"]).abs().max() < 1e-6
    assert (pair.second - batch["input_1"]).abs().max() < 1e-6
    assert (synthesis.soft_border(batch["gt_mask"]) - batch["soft_mask"]).abs().max() < 3e-6
    assert torch.equal(pair.truth, batch["gt_mask"])


def test_layered_pair_is_sharp_where_the_truth_says(scene):
    image, mask = scene
    pair = synthesis.layered_pair(image, mask, 3.0, 4.0)
    assert torch.equal(pair.first * mask, image * mask)
    far = torch.zeros_like(mask)
    far[..., :6, :] = 1  # farther from the object than its blur reaches
    assert torch.allclose(pair.second * far, image * far, atol=1e-6)
    assert (pair.second - image)[mask > 0].abs().mean() > 0.1


def test_neighbours_are_both_defocused_and_the_truth_is_the_sharper_one(scene):
    image, mask = scene
    pair = synthesis.neighbour_pair(image, mask, (1.5, 3.0), (3.0, 1.5))
    for planes in (pair.first, pair.second):
        assert (planes - image).abs().mean() > 0.02
    # Away from the border the one with the smaller radius is nearer to the sharp image.
    for inside in (mask > 0, mask == 0):
        errors = [(planes - image).abs()[inside].mean() for planes in (pair.first, pair.second)]
        assert errors[0] != errors[1]
        assert (errors[0] < errors[1]) == bool(pair.truth[inside].any())


def test_neighbours_that_are_sharp_somewhere_are_a_layered_pair(scene):
    pairs = synthesis.neighbour_pair(*scene, (0.0, 3.0), (4.0, 0.0)), synthesis.layered_pair(*scene, 3.0, 4.0)
    for name in ("first", "second", "truth"):
        assert torch.equal(*(getattr(pair, name) for pair in pairs))


def test_layered_pair_of_a_constant_image_is_constant(scene):
    _, mask = scene
    pair = synthesis.layered_pair(torch.full_like(mask, 0.4), mask, 5.0, 2.0)
    assert torch.allclose(pair.first, torch.full_like(mask, 0.4), atol=1e-4)
    assert torch.allclose(pair.second, torch.full_like(mask, 0.4), atol=1e-4)


def test_defocus_is_a_convolution_with_a_disc(scene):
    image, _ = scene
    kernel = synthesis.disc_kernel(2.6).float()
    reach = kernel.shape[0] // 2
    padded = torch.nn.functional.pad(image, (reach,) * 4, mode="replicate")
    expected = torch.nn.functional.conv2d(padded, kernel[None, None])
    assert (synthesis.blur(image, kernel) - expected).abs().max() < 1e-5
    assert kernel.sum() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("radius", [1.5, 4.0, 8.0])
def test_gaussian_is_as_wide_as_the_disc(radius):
    widths = []
    for kernel in (synthesis.gaussian_kernel(radius), synthesis.disc_kernel(radius)):
        assert kernel.shape[0] == kernel.shape[1] and kernel.shape[0] % 2
        assert kernel.sum() == pytest.approx(1, abs=1e-9)
        places = torch.arange(kernel.shape[0]) - kernel.shape[0] // 2
        widths.append(float((kernel.sum(0) * places**2).sum().sqrt()))
    assert widths[0] == pytest.approx(radius / 2, rel=0.02)
    assert widths[0] == pytest.approx(widths[1], rel=0.12)  # a disc of whole pixels is a little wider


def test_trim_and_quantise(scene):
    image, mask = scene
    pair = synthesis.trim(Pair(image, image / 2 - 0.1, mask), 5)
    assert torch.equal(pair.truth, mask[..., 5:-5, 5:-5])
    assert synthesis.trim(pair, 0) is pair
    levels = synthesis.quantise(pair)
    assert torch.allclose(levels.second * 255, (levels.second * 255).round(), atol=1e-4)
    assert levels.second.min() == 0
    assert (levels.first - pair.first).abs().max() <= 0.5 / 255 + 1e-6


def test_shift_leaves_the_last_row_and_column_out():
    planes = torch.arange(1.0, 26).reshape(1, 1, 5, 5)
    moved = synthesis.shift(planes, 1, -2)
    assert torch.equal(moved[0, 0, 1:4, 0:2], planes[0, 0, 0:3, 2:4])
    assert moved[0, 0, 0].sum() == moved[0, 0, 4].sum() == moved[0, 0, :, 2:].sum() == 0


def test_noise_is_shared_and_darkens(scene):
    image, mask = scene
    pair = synthesis.noise(Pair(image, image / 2, mask), torch.Generator().manual_seed(1))
    assert torch.allclose(pair.first - 0.95 * image, pair.second - 0.95 * image / 2, atol=1e-6)


def test_swap_turns_the_truth(scene):
    image, mask = scene
    seen = {
        bool((synthesis.swap(Pair(image, image + 1, mask), torch.Generator().manual_seed(k)).truth == mask).all())
        for k in range(8)
    }
    assert seen == {True, False}
    for seed in range(8):
        pair = synthesis.swap(Pair(image, image + 1, mask), torch.Generator().manual_seed(seed))
        kept = torch.equal(pair.truth, mask)
        assert torch.equal(pair.first, image if kept else image + 1)


def test_framed_pair_is_the_published_pair_of_the_crop():
    generator = torch.Generator().manual_seed(4)
    image, mask = torch.rand(2, 1, 40, 44, generator=generator), torch.zeros(2, 1, 40, 44)
    mask[..., 10:30, 8:25] = 1
    framed = synthesis.trim(synthesis.framed_pair(image, mask, 5, 6), 6)
    inner = (..., slice(6, -6), slice(6, -6))
    expected = synthesis.gaussian_pair(image[inner], mask[inner], 5)
    plain = synthesis.trim(synthesis.gaussian_pair(image, mask, 5), 6)
    for name in ("first", "second", "truth"):
        assert torch.equal(getattr(framed, name), getattr(expected, name))
    # Its blurred parts are darker at the edge than those of an image that goes on beyond it.
    assert framed.first[..., 0, :].mean() < 0.9 * plain.first[..., 0, :].mean()
    assert torch.allclose(framed.first[..., 12:16, 14:18], plain.first[..., 12:16, 14:18])


def test_own_noise_differs_between_the_images(scene):
    pair = synthesis.gaussian_pair(*scene, 3)
    noisy = synthesis.own_noise(pair, torch.Generator().manual_seed(2), 0.01)
    first, second = noisy.first - pair.first, noisy.second - pair.second
    assert first.std().item() == pytest.approx(0.01, rel=0.05)
    assert first.std().item() == pytest.approx(second.std().item(), rel=0.1)
    assert abs(torch.corrcoef(torch.stack([first.flatten(), second.flatten()]))[0, 1]) < 0.1
    assert torch.equal(noisy.truth, pair.truth)
