"""Stack methods of OpenFocus and the control of copied pixels: outputs of the program, and what each must do by its rules."""

import weakref
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import ndimage

import methods
from files.errors import InputError, Unavailable
from imaging.files import read_image
from imaging.levels import from_levels, to_uint8
from methods import best_source, gfg_fgf, openfocus_b, openfocus_c
from methods._common import focal_stack

LYTRO_PNG = "Keep-Passion/GACN/4994c883f0896f4029cd517739d8e16f4572b938/data/multi_focus"
TRIPLES = "uzeful/IFCNN/8fe59c2b1553e52acc793986208ca479d134a8da/Code/datasets/CMFDataset/Triple Series"
#: By method: largest share of values that are off at all, and by more than one level. The program cuts float32 sums to
#: whole levels, and other versions of OpenCV sum in another order.
OFFICIAL = {
    "gfg_fgf": (0.003, 0),
    "openfocus_a": (0.02, 0),
    "openfocus_b": (1e-4, 1e-4),
    "openfocus_c": (0.002, 0),
}
METHODS = tuple(OFFICIAL)
SCENES = ("lytro_01", "lytro_triple_01", "lytro_triple_02")


@pytest.fixture
def sources(mirror):
    """Function that reads the sources of a scene of the reference material."""

    def read(scene):
        number = scene[-2:]
        if "triple" in scene:
            return [read_image(mirror / TRIPLES / f"lytro-{number}-{letter}.jpg") for letter in "ABC"]
        return [read_image(mirror / LYTRO_PNG / f"color_lytro_{number}_{side}.png") for side in (1, 2)]

    return read


@pytest.fixture(scope="module")
def stack():
    """Five colour images of 8 bit, 45 x 70, each sharp in an upright strip."""
    rng = np.random.default_rng(11)
    sharp = np.clip(ndimage.gaussian_filter(rng.random((45, 70, 3)), (1, 1, 0)) * 2.5 - 0.75, 0, 1)
    blurred = ndimage.gaussian_filter(sharp, (3, 3, 0))
    strip = np.arange(70)[None, :, None] * 5 // 70
    return [from_levels(255 * np.where(strip == number, sharp, blurred)) for number in range(5)]


def fused(method, images, **options):
    return methods.fuse(method, images, options=options).image


def levels_off(first, second):
    return np.abs(to_uint8(first).astype(int) - to_uint8(second))


def flat(*levels, size=(20, 24)):
    """Constant colour images."""
    return [from_levels(np.full((*size, 3), level)) for level in levels]


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("method", METHODS)
def test_reproduces_official_output(sources, reference, method, scene):
    images = sources(scene)
    fusion = methods.fuse(method, images)
    off = levels_off(fusion.image, read_image(reference / "official" / method / f"{scene}.png"))
    share, farther = OFFICIAL[method]
    assert np.mean(off > 0) <= share
    assert np.mean(off > 1) <= farther
    if method == "gfg_fgf":
        indices = fusion.index_map if len(images) > 2 else fusion.initial_map == 0
        assert np.array_equal(indices, to_uint8(read_image(reference / f"official/gfg_fgf/{scene}_index.png")))


class CountedImages(Sequence):
    """Images made anew at every access, of which the number alive is watched."""

    def __init__(self, images):
        self._images = images
        self.alive = self.most = 0

    def __len__(self):
        return len(self._images)

    def __getitem__(self, index):
        image = self._images[index].copy()
        self.alive += 1
        self.most = max(self.most, self.alive)
        weakref.finalize(image, self._gone)
        return image

    def _gone(self):
        self.alive -= 1


@pytest.mark.parametrize("method", [*METHODS, "best_source"])
def test_takes_one_image_at_a_time(stack, method):
    """The image at hand and the one before it, which is let go when the next is there."""
    counted = CountedImages(stack)
    fusion = methods.fuse(method, counted, truth=methods.Truth(image=stack[0]))
    assert counted.most <= 2
    assert np.array_equal(fusion.image, methods.fuse(method, stack, truth=methods.Truth(image=stack[0])).image)


@pytest.mark.parametrize("method", METHODS)
def test_gray_is_fused_like_three_equal_channels(stack, method):
    gray = [image[..., 1] for image in stack]
    colour = fused(method, [np.repeat(image[..., None], 3, axis=2) for image in gray])
    off = levels_off(fused(method, gray)[..., None], colour)
    assert off.max() <= 1
    assert np.mean(off > 0) < 0.02


@pytest.mark.parametrize(
    ("method", "kept"), [("gfg_fgf", 0), ("openfocus_a", 1), ("openfocus_b", 0), ("openfocus_c", 1)]
)
def test_equal_images_come_back(stack, method, kept):
    """Within the level that the cut takes."""
    assert levels_off(fused(method, [stack[2]] * 4), stack[2]).max() <= kept


@pytest.mark.parametrize(
    ("method", "taken"), [("gfg_fgf", 0), ("openfocus_a", 2), ("openfocus_b", 0), ("openfocus_c", 2)]
)
def test_of_flat_images_the_first_or_the_last_is_taken(method, taken):
    images = flat(40, 90, 200)
    assert np.array_equal(fused(method, images), images[taken])


@pytest.mark.parametrize("method", ["gfg_fgf", "openfocus_a", "openfocus_c"])
def test_rounding_changes_a_level_at_most_and_upwards(stack, method):
    cut, rounded = (to_uint8(fused(method, stack, rounded=choice)).astype(int) for choice in (False, True))
    assert set(np.unique(rounded - cut)) == {0, 1}


@pytest.mark.parametrize("method", METHODS)
def test_deep_images_keep_their_depth(stack, method):
    """Sources between the levels of 8 bit are not cut to them, and change the result as little."""
    rng = np.random.default_rng(2)
    deep = [np.clip(image + rng.uniform(0, 0.2 / 255, image.shape), 0, 1).astype(np.float32) for image in stack]
    image = fused(method, deep)
    assert focal_stack.is_deep(image)
    assert np.abs(image - fused(method, stack)).mean() < 1 / 255


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 3), (3, 3), (5, 7), (33, 17)], ids=str)
def test_small_images(method, size):
    rng = np.random.default_rng(size[0])
    images = [from_levels(rng.integers(0, 256, (*size, 3))) for _ in range(3)]
    assert fused(method, images).shape == images[0].shape


@pytest.mark.parametrize("method", ["gfg_fgf", "openfocus_a"])
def test_hardly_depends_on_the_order(stack, method):
    """The last image (openfocus_a), ties and the guide channel (gfg_fgf), and the rounding of sums."""
    off = levels_off(fused(method, stack), fused(method, stack[::-1]))
    assert off.max() <= 1
    assert np.mean(off > 0) < 0.03


def test_weighted_mean_by_its_formula(stack):
    """openfocus_a in float64, with other filters."""
    levels = [255 * image.astype(np.float64) for image in stack]
    total, weights = levels[-1].copy(), np.ones((45, 70))
    taps = np.exp(-(np.arange(-8, 9) ** 2) / 8)
    taps /= taps.sum()
    for values in levels:
        luma = values @ (0.299, 0.587, 0.114)
        mean, square = (ndimage.uniform_filter(part, 11, mode="mirror") for part in (luma, luma**2))
        weight = np.maximum(square - mean**2, 0)
        for axis in (0, 1):
            weight = ndimage.correlate1d(weight, taps, axis, mode="mirror")
        total += weight[..., None] * values
        weights += weight
    expected = np.clip(total / weights[..., None], 0, 255)
    assert np.abs(255 * fused("openfocus_a", stack) - np.floor(expected)).max() < 1.001
    assert np.mean(np.abs(255 * fused("openfocus_a", stack) - np.floor(expected)) > 0.01) < 0.02


def test_depth_map_names_the_copied_image(stack):
    fusion = methods.fuse("openfocus_b", stack)
    assert np.array_equal(fusion.image, np.choose(fusion.index_map[..., None], stack))


def test_depth_map_of_a_pair(stack):
    fusion = methods.fuse("openfocus_b", stack[:2])
    assert np.array_equal(fusion.image, np.where(fusion.decision_map[..., None] > 0, stack[0], stack[1]))


def test_depth_map_inserts_the_numbers_between():
    """Between regions of images 0 and 4 lies a band of 1 and 3; without smoothing there is none."""
    indices = np.repeat(np.array([[0, 4]], np.uint8), 12, axis=1).repeat(9, axis=0)
    assert np.array_equal(np.unique(openfocus_b.smoothed(indices, 5, 1.2)), [0, 1, 3, 4])
    assert np.array_equal(openfocus_b.smoothed(indices, 5, 0.0), indices)
    lone = np.zeros((7, 7), np.uint8)
    lone[3, 3] = 4
    assert not openfocus_b.smoothed(lone, 5, 0.0).any()


def test_depth_map_of_many_images():
    """More than 256 images, each with a lone bright pixel, need another type of map."""
    images = flat(*[100] * 300, size=(9, 9))
    images[290][4, 4] = 1
    fusion = methods.fuse("openfocus_b", images)
    assert fusion.index_map.dtype == np.uint16
    assert fusion.index_map[4, 4] == 290


@pytest.mark.parametrize(
    ("size", "levels"), [((1, 1), 2), ((8, 9), 2), ((16, 400), 3), ((250, 300), 6), ((520, 520), 7), ((4000, 6000), 7)]
)
def test_levels_of_the_pyramid(size, levels):
    assert openfocus_c.levels_for(size) == levels


@pytest.mark.parametrize("shape", [(1, 1), (7, 10, 3), (45, 70)])
def test_pyramid_is_exact(shape):
    level = np.random.default_rng(4).random(shape, dtype=np.float32)
    band, smaller = openfocus_c.split(level)
    assert smaller.shape[:2] == tuple((side + 1) // 2 for side in shape[:2])
    np.testing.assert_allclose(openfocus_c.enlarged(smaller, shape) + band, level, atol=1e-6)


def test_enlarging_by_its_formula():
    """Cubic convolution with a = -0.75 along one row, then the Gaussian of 0.6 pixels."""
    row = np.random.default_rng(5).random(12)
    weights = np.array([-0.10546875, 0.87890625, 0.26171875, -0.03515625])
    # Sample 2 i - 1 lies a quarter, sample 2 i three quarters of the way between the coarse ones i - 1 and i.
    padded = np.pad(row, 2, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 4)
    expected = np.stack([around @ weights, around @ weights[::-1]], axis=1).ravel()[1:-1]
    taps = np.exp(-(np.arange(-3, 4) ** 2) / (2 * 0.6**2))
    expected = ndimage.correlate1d(expected, taps / taps.sum(), mode="mirror")
    made = openfocus_c.enlarged(np.repeat(row[None].astype(np.float32), 4, axis=0), (8, 24))
    np.testing.assert_allclose(made, np.repeat(expected[None], 8, axis=0), atol=1e-6)


def test_base_of_the_pyramid(stack):
    """The last image's base makes the order of images count; the mean of all does not."""
    brighter = [np.clip(image * factor, 0, 1) for image, factor in zip(stack, (0.6, 0.7, 0.8, 0.9, 1), strict=True)]
    assert levels_off(fused("openfocus_c", brighter), fused("openfocus_c", brighter[::-1])).max() > 20
    mean = {"preset": "mean_base"}
    off = levels_off(fused("openfocus_c", brighter, **mean), fused("openfocus_c", brighter[::-1], **mean))
    assert off.max() <= 1
    images = flat(40, 90, 200)
    assert np.array_equal(fused("openfocus_c", images, rounded=True, **mean), from_levels(np.full((20, 24, 3), 110)))


def test_guide_channel():
    """The brightest one, blue before green before red among equals."""
    image = np.zeros((4, 5, 3), np.float32)
    assert gfg_fgf.guide_channel(image) == 2
    image[..., :2] = 0.5
    assert gfg_fgf.guide_channel(image) == 1
    image[..., 0] = 0.6
    assert gfg_fgf.guide_channel(image) == 0
    assert gfg_fgf.guide_channel(image[..., 0]) == 0


def test_guide_is_that_of_the_first_image(stack):
    """For all images, so that another first image gives another result."""
    red = stack[0] * np.array([1, 0.2, 0.2], np.float32)
    blue = stack[1] * np.array([0.2, 0.2, 1], np.float32)
    first, second = methods.fuse("gfg_fgf", [red, blue]), methods.fuse("gfg_fgf", [blue, red])
    assert np.abs(first.decision_map - (1 - second.decision_map)).max() > 0.1


def test_gradient_takes_the_place_of_the_distance():
    """Beside a step; farther away, and in a flat image, there is no gradient that counts."""
    step = np.zeros((9, 12), np.float32)
    step[:, 6:] = 1
    made = gfg_fgf.activity(step, 3)
    # Left of the step, P is 1/4: three neighbours at 1/4 and one at 3/4, halved.
    np.testing.assert_allclose(made[:, 5], 0.75, atol=1e-6)
    np.testing.assert_allclose(made[:, 3], 1 / 7, atol=1e-6)
    np.testing.assert_allclose(gfg_fgf.activity(np.full((6, 6), 0.3, np.float32), 3), 0, atol=1e-6)


def test_guided_filter_by_its_formula():
    """At full resolution, in float64 with another box."""
    rng = np.random.default_rng(6)
    guide, values = rng.random((2, 30, 41), dtype=np.float32)

    def box(array):
        return ndimage.uniform_filter(array.astype(np.float64), 11, mode="mirror")

    slope = (box(guide * values) - box(guide) * box(values)) / (box(guide**2) - box(guide) ** 2 + 0.3)
    offset = box(values) - slope * box(guide)
    expected = box(slope) * guide + box(offset)
    np.testing.assert_allclose(gfg_fgf.fast_guided(guide, values, 1), expected, atol=1e-5)


def test_guided_filter_on_a_coarse_grid():
    """Close to a constant where the values are constant; too small an image is filtered at full resolution."""
    guide = np.random.default_rng(7).random((30, 41), dtype=np.float32)
    np.testing.assert_allclose(gfg_fgf.fast_guided(guide, np.full_like(guide, 0.7), 4), 0.7, atol=1e-6)
    small = guide[:3]
    assert np.array_equal(gfg_fgf.fast_guided(small, small, 4), gfg_fgf.fast_guided(small, small, 1))


def test_full_resolution_is_close_to_the_coarse_grid(stack):
    images = [ndimage.zoom(image, (3, 3, 1), order=1) for image in stack]
    coarse, full = fused("gfg_fgf", images), fused("gfg_fgf", images, preset="full_resolution")
    assert 0 < np.abs(coarse - full).mean() < 3 / 255


def test_index_map_of_winners(stack):
    """Most of every strip comes from the image that is sharp there."""
    indices = methods.fuse("gfg_fgf", stack).index_map
    assert np.mean(indices == np.arange(70) * 5 // 70) > 0.8


def test_pair_of_gfg_fgf(stack):
    fusion = methods.fuse("gfg_fgf", stack[:2])
    assert set(np.unique(fusion.initial_map)) == {0, 1}
    made = fusion.decision_map[..., None] * stack[0] + (1 - fusion.decision_map[..., None]) * stack[1]
    inside = (fusion.decision_map > 0) & (fusion.decision_map < 1)
    assert np.abs(made - fusion.image)[inside].max() < 1.01 / 255


def test_pixel_without_weight_is_copied(stack, monkeypatch):
    monkeypatch.setattr(gfg_fgf, "_TIE", np.float32(np.inf))
    fusion = methods.fuse("gfg_fgf", stack)
    assert np.array_equal(fusion.image, np.choose(fusion.index_map[..., None], stack))
    pair = methods.fuse("gfg_fgf", stack[:2])
    assert np.array_equal(pair.decision_map, pair.initial_map)


def test_best_source_is_the_nearest_one(stack):
    rng = np.random.default_rng(8)
    choice = rng.integers(0, 5, (45, 70))
    target = np.clip(np.choose(choice[..., None], stack) + rng.normal(0, 0.1, (45, 70, 3)), 0, 1).astype(np.float32)
    fusion = methods.fuse("best_source", stack, truth=methods.Truth(image=target))
    errors = np.array([((image.astype(np.float64) - target) ** 2).sum(axis=2) for image in stack])
    assert np.array_equal(fusion.index_map, errors.argmin(axis=0))
    assert np.array_equal(fusion.image, np.choose(fusion.index_map[..., None], stack))


def test_best_source_prefers_the_image_to_the_index_map(stack):
    truth = methods.Truth(image=stack[3], index_map=np.zeros((45, 70), np.uint8))
    assert np.array_equal(methods.fuse("best_source", stack, truth=truth).image, stack[3])
    only = methods.Truth(index_map=np.full((45, 70), 2, np.uint8))
    assert np.array_equal(methods.fuse("best_source", stack, truth=only).image, stack[2])
    with pytest.raises(Unavailable, match="true image or a true index map"):
        methods.fuse("best_source", stack, truth=methods.Truth())


def test_best_source_over_windows():
    """The larger the window, the larger the error of the selection, up to the best whole image."""
    rng = np.random.default_rng(9)
    blocks = rng.choice(5, (5, 7), p=(0.1, 0.6, 0.1, 0.1, 0.1)).repeat(9, axis=0).repeat(10, axis=1)
    images = [from_levels(rng.integers(0, 256, (45, 70, 3))) for _ in range(5)]
    target = np.clip(np.choose(blocks[..., None], images) + rng.normal(0, 0.3, (45, 70, 3)), 0, 1).astype(np.float32)
    truth = methods.Truth(image=target)
    made = [
        methods.fuse("best_source", images, options={"preset": preset} if preset else {}, truth=truth).image
        for preset in (None, "window", "whole")
    ]
    errors = [float(np.mean((image.astype(np.float64) - target) ** 2)) for image in made]
    assert errors[0] < errors[1] < errors[2]
    assert np.array_equal(made[2], images[1])


def test_best_source_takes_the_first_of_equals(stack):
    for window in (0, 1, 5):
        fusion = methods.fuse(
            "best_source", [stack[0]] * 3, options={"window": window}, truth=methods.Truth(image=stack[1])
        )
        assert not fusion.index_map.any()


def test_error_is_averaged_over_a_square():
    image = np.zeros((9, 9), np.float32)
    image[4, 4] = 1
    averaged = best_source.error(image, np.zeros_like(image), 5)
    expected = np.zeros((9, 9))
    expected[2:7, 2:7] = 1 / 25
    np.testing.assert_allclose(averaged, expected, atol=1e-12)


def test_options_out_of_range(stack):
    for method, option, value in (
        ("openfocus_a", "radius", 11),
        ("openfocus_c", "base", "first"),
        ("gfg_fgf", "subsample", 2),
    ):
        with pytest.raises(InputError, match=option):
            methods.fuse(method, stack, options={option: value})
