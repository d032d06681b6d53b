"""Spatial-domain methods: published results, and what each must do by its own rules."""

import numpy as np
import pytest

import methods
from imaging.files import read_image
from imaging.jpeg import comparable, resave
from imaging.levels import from_levels, to_uint8
from methods import bfmf, bgsc, dct_corr, dct_eol, dwtde, focus_stack, ifm, mfm, misf, mwgf, qb, sf, svddct, tf
from methods._common import dct_blocks
from methods._common.matting import closed_form_alpha, matting_laplacian
from methods._common.morphology import (
    closing,
    dilate,
    disc,
    erode,
    fill_area,
    largest_component,
    opening,
    square,
    window_sum,
)
from methods._common.resize import resize_bicubic
from methods._common.tensor_saliency import gradients, tensor_saliency
from tests.methods._jpeg import psnr
from tests.methods._references import mfifb, published

#: PSNR (dB) that the specification states for a collection: least over its pairs, then of single pairs. 99 stands for
#: identical or above 99 dB. The hand-blurred pairs (aymaz) are not in the specification; where they are below its least,
#: the measured distance stands: of MFM two pixels, of DWTDE the random search (its blocks of 6 x 5 give identity).
IDENTICAL = 99
STATED = {
    ("gff", "published"): (88.6, {"c_01": IDENTICAL, "c_02": IDENTICAL, "c_03": IDENTICAL}),
    ("gff", "mfifb"): (IDENTICAL, {}),
    ("dsift", "published"): (90.1, {"c_01": IDENTICAL, "c_02": IDENTICAL, "c_03": IDENTICAL}),
    ("dsift", "mfifb"): (IDENTICAL, {}),
    ("ifm", "mfifb"): (49.0, {"lytro_01": 54.7, "lytro_05": 49.0}),
    ("mwgf", "published"): (61.9, {"c_01": 68.5, "c_03": 64.7}),
    ("mwgf", "mfifb"): (59.8, {"lytro_01": 63.9}),
    ("gfdf", "published"): (82.7, {"c_01": IDENTICAL, "c_03": IDENTICAL}),
    ("gfdf", "mfifb"): (IDENTICAL, {}),
    ("tf", "published"): (IDENTICAL, {}),
    ("tf", "mfifb"): (IDENTICAL, {}),
    ("qb", "published"): (IDENTICAL, {}),
    ("qb", "mfifb"): (70.4, {"lytro_01": 86.1, "lytro_05": 77.7}),
    ("bfmf", "mfifb"): (63.3, {"lytro_01": 63.7, "lytro_05": 68.6}),
    ("misf", "published"): (89.4, {"c_01": IDENTICAL, "c_03": IDENTICAL}),
    ("mfm", "mfifb"): (IDENTICAL, {"aymaz_09": 93.3, "aymaz_13": 93.3}),
    ("dct_corr", "mfifb"): (70.2, {"lytro_01": IDENTICAL, "lytro_05": IDENTICAL}),
    ("dct_eol", "mfifb"): (61.8, {"lytro_01": IDENTICAL, "lytro_05": IDENTICAL}),
    ("svddct", "mfifb"): (57.7, {"lytro_01": IDENTICAL, "lytro_05": 58.3}),
    ("dwtde", "mfifb"): (45.8, {"lytro_01": IDENTICAL, "lytro_05": IDENTICAL}),
    ("bgsc", "mfifb"): (IDENTICAL, {}),
}
#: Gray pairs: stated, or measured where the specification is silent and they are below the least of the colour pairs.
GRAY = {("gff", "g_03"): 78.3, ("dsift", "g_01"): 86.2, ("dsift", "g_02"): 84.4, ("mwgf", "g"): 59.8, ("qb", "g"): 66.5}


def _cases():
    for (method, collection), (floor, single) in STATED.items():
        for entry in methods.registry.module(method).REFERENCES:
            if entry.collection != collection:
                continue
            for path, sources in (published if collection == "published" else mfifb)(entry.name):
                scene = path.stem.removesuffix(f"_{entry.name}")
                stated = single.get(scene, floor)
                if scene.startswith("g_"):
                    stated = GRAY.get((method, scene), GRAY.get((method, "g"), floor))
                yield pytest.param(method, entry, path, sources, stated, id=f"{method}-{path.stem}")


CASES = list(_cases()) or [pytest.param(*[None] * 5, marks=pytest.mark.skip(reason="no reference material"))]


@pytest.mark.parametrize("method, entry, path, sources, stated", CASES)
def test_agreement_with_published(method, entry, path, sources, stated):
    """Identical where the specification says so, else never more than 1 dB below the stated distance."""
    images = [read_image(source) for source in sources]
    if entry.jpeg_sources:
        images = [from_levels(resave(to_uint8(image))) for image in images]
    ours, theirs = comparable(to_uint8(methods.fuse(method, images, options=entry.options).image), path)
    distance = psnr(ours, theirs)
    least = IDENTICAL if stated == IDENTICAL else stated - 1
    assert distance >= least, f"{path.name}: {distance:.2f} dB, {stated} dB stated"


# Morphology


def test_disc_footprints():
    widths = {
        1: [1, 3, 1],
        2: [1, 3, 5, 3, 1],
        3: [5] * 5,
        4: [3, 5, 7, 7, 7, 5, 3],
        5: [5, 7, 9, 9, 9, 9, 9, 7, 5],
        7: [9, 11, *[13] * 9, 11, 9],
        9: [9, 11, 13, 15, *[17] * 9, 15, 13, 11, 9],
        11: [9, 11, 13, 15, 17, 19, *[21] * 9, 19, 17, 15, 13, 11, 9],
        20: [*range(19, 39, 2), *[39] * 19, *range(37, 17, -2)],
    }
    for radius, rows in widths.items():
        footprint = disc(radius)
        assert footprint.sum(axis=1).tolist() == rows, f"disc of radius {radius}"
        np.testing.assert_array_equal(footprint, footprint.T)


def test_even_footprints_are_off_centre():
    point = np.zeros((11, 11), dtype=bool)
    point[5, 5] = True
    assert np.flatnonzero(dilate(point, square(6)).any(axis=0)).tolist() == list(range(3, 9))
    assert np.flatnonzero((~erode(~point, square(6))).any(axis=0)).tolist() == list(range(2, 8))
    assert np.flatnonzero(window_sum(point, 8, 8).any(axis=0)).tolist() == list(range(1, 9))


def test_outside_never_wins():
    image = np.random.default_rng(0).integers(0, 256, (9, 12)).astype(np.uint8)
    padded = np.pad(image, 4, constant_values=0), np.pad(image, 4, constant_values=255)
    np.testing.assert_array_equal(dilate(image, disc(2)), dilate(padded[0], disc(2))[4:-4, 4:-4])
    np.testing.assert_array_equal(erode(image, disc(2)), erode(padded[1], disc(2))[4:-4, 4:-4])


def test_opening_and_closing_are_idempotent():
    image = np.random.default_rng(1).integers(0, 256, (30, 25)).astype(np.uint8)
    for operate, sign in ((opening, 1), (closing, -1)):
        once = operate(image, disc(3))
        np.testing.assert_array_equal(operate(once, disc(3)), once)
        assert (sign * (image.astype(int) - once) >= 0).all()


def test_small_holes_are_filled_and_large_ones_stay():
    mask = np.ones((20, 20), dtype=bool)
    mask[2:4, 2:4] = mask[8:12, 8:12] = False
    filled = fill_area(mask, 5)
    assert filled[2:4, 2:4].all() and not filled[8:12, 8:12].any()
    assert fill_area(mask, 4).sum() == mask.sum()


def test_largest_component_of_equals_is_the_first():
    mask = np.zeros((6, 9), dtype=bool)
    mask[1:3, 1:3] = mask[3:5, 6:8] = True
    np.testing.assert_array_equal(np.argwhere(largest_component(mask)), [[1, 1], [1, 2], [2, 1], [2, 2]])
    assert not largest_component(np.zeros((4, 4), dtype=bool)).any()


# Saliency, matting, resampling


def test_tensor_saliency_of_a_ramp():
    """Of a ramp the tensor has one eigenvalue, the squared slope; its root r gives Q = r sqrt(1 + 1/2)."""
    ramp = 3.0 * np.arange(60.0)[None, :] * np.ones((60, 1))
    saliency = tensor_saliency(*gradients(ramp), 2.0)
    np.testing.assert_allclose(saliency[20:40, 20:40], 3 * np.sqrt(1.5), rtol=1e-12)


def test_gradients_vanish_on_the_rims():
    for part in gradients(np.random.default_rng(2).random((7, 9))):
        assert not part[[0, -1]].any() and not part[:, [0, -1]].any() and part[1:-1, 1:-1].any()


def test_matting_laplacian_has_constants_and_affine_colours_in_its_kernel():
    image = np.random.default_rng(3).random((6, 7, 3))
    laplacian = matting_laplacian(image, np.zeros((6, 7), dtype=bool))
    assert abs(laplacian - laplacian.T).max() < 1e-9
    np.testing.assert_allclose(laplacian @ np.ones(42), 0, atol=1e-9)
    affine = image @ [0.3, -1.2, 0.7] + 0.1
    assert abs(affine.ravel() @ (laplacian @ affine.ravel())) < 1e-3


def test_matting_follows_the_colour_edge():
    image = np.full((40, 40), 0.2)
    image[:, 23:] = 0.9
    known = np.ones((40, 40), dtype=bool)
    known[:, 15:30] = False
    value = np.arange(40)[None, :] >= 23
    alpha = closed_form_alpha(image, known, np.broadcast_to(value, known.shape))
    assert np.abs(alpha - value).max() < 0.05
    assert not closed_form_alpha(image, np.zeros_like(known), np.zeros_like(known)).any()


@pytest.mark.parametrize("shape", [(13, 10), (5, 4), (50, 37), (1, 1)])
def test_bicubic_resampling_keeps_constants(shape):
    np.testing.assert_allclose(resize_bicubic(np.full((19, 16), 7.0), shape), 7.0, rtol=1e-12)


def test_bicubic_resampling_of_a_line_is_linear_inside():
    line = np.arange(32.0)[None, :] * np.ones((8, 1))
    np.testing.assert_allclose(resize_bicubic(line, (8, 64))[0, 8:-8], (np.arange(64) - 0.5)[8:-8] / 2, atol=1e-9)
    np.testing.assert_allclose(resize_bicubic(line, (8, 8))[0, 3:-3], (np.arange(8) * 4 + 1.5)[3:-3], atol=1e-9)


# Each method's own rules


def test_sf_of_a_block_follows_its_definition():
    gray = np.random.default_rng(4).integers(0, 256, (16, 11)).astype(float)
    values = sf.block_spatial_frequency(gray, 7)
    assert values.shape == (3, 2)
    for row, column in np.ndindex(values.shape):
        block = gray[7 * row : 7 * row + 7, 7 * column : 7 * column + 7]
        energy = (np.diff(block, axis=0) ** 2).sum() + (np.diff(block, axis=1) ** 2).sum()
        assert values[row, column] == pytest.approx(np.sqrt(energy / block.size))


@pytest.mark.parametrize(
    "scene, deviation, correlation", [("01", 80.50, 0.96320), ("02", 100.44, 0.98614), ("05", 129.38, 0.97684)]
)
def test_sf_on_lytro(mirror, scene, deviation, correlation):
    """Standard deviation and mean correlation with the sources that the specification gives for this reading."""
    from skimage.color import rgb2gray

    folder = next(mirror.glob("Keep-Passion/GACN/*/data/multi_focus"))
    paths = sorted(
        path for path in folder.rglob("*.png") if f"lytro_{scene}_" in path.name or f"lytro-{scene}-" in path.name
    )
    images = [read_image(path) for path in paths]
    assert len(images) == 2
    fused, *sources = (rgb2gray(to_uint8(image)) for image in (methods.fuse("sf", images).image, *images))
    assert np.sqrt(np.sum((fused - fused.mean()) ** 2)) == pytest.approx(deviation, abs=5e-3)
    found = np.mean([np.corrcoef(fused.ravel(), source.ravel())[0, 1] for source in sources])
    assert found == pytest.approx(correlation, abs=5e-6)


def test_sf_averages_near_ties_and_truncates():
    first = np.full((14, 14), 100 / 255, dtype=np.float32)
    second = np.full((14, 14), 51 / 255, dtype=np.float32)
    fusion = methods.fuse("sf", [first, second])
    assert (to_uint8(fusion.image) == 75).all()
    assert (fusion.decision_map == 0.5).all()


def test_sf_majority_overrules_a_single_block(pair):
    rng = np.random.default_rng(5)
    sharp = rng.random((35, 35)).astype(np.float32)
    dull = np.full_like(sharp, 0.5)
    first, second = sharp.copy(), dull.copy()
    first[14:21, 14:21], second[14:21, 14:21] = dull[14:21, 14:21], sharp[14:21, 14:21]
    assert methods.fuse("sf", [first, second]).decision_map[17, 17] == 0
    assert methods.fuse("sf", [first, second], options={"majority": True}).decision_map.min() == 1


def test_sf_record_is_the_truncated_average(pair):
    fused = methods.fuse("sf", pair, options={"preset": "sesf_record"}).image
    first, second = (to_uint8(image).astype(int) for image in pair)
    np.testing.assert_array_equal(to_uint8(fused), (first + second) // 2)


def test_focus_stack_takes_the_largest_response_and_the_last_on_ties(pair):
    third = pair[0] * 0.5
    images = [*pair, third]
    fusion = methods.fuse("focus_stack", images)
    responses = np.stack([focus_stack.laplacian_of_gaussian(image) for image in images])
    chosen = fusion.index_map
    np.testing.assert_array_equal(np.take_along_axis(responses, chosen[None].astype(int), 0)[0], responses.max(axis=0))
    np.testing.assert_array_equal(to_uint8(fusion.image)[chosen == 2], to_uint8(third)[chosen == 2])
    assert (methods.fuse("focus_stack", [pair[0], pair[0]]).decision_map == 0).all()


def test_ifm_focus_measure_is_the_larger_top_hat():
    gray = np.full((15, 15), 100, dtype=np.uint8)
    gray[4, 4], gray[10, 10] = 130, 60
    measure = ifm.focus_measure(gray)
    assert measure[4, 4] == 30 and measure[10, 10] == 40 and measure.sum() == 70


def test_ifm_returns_the_last_of_flat_sources():
    flat = [np.full((80, 90), level, dtype=np.float32) for level in (0.2, 0.8)]
    np.testing.assert_allclose(methods.fuse("ifm", flat).image, 0.8, atol=1 / 255)


def test_mwgf_rim_trimming():
    region = np.zeros((40, 40), dtype=bool)
    region[:5, 10:30] = True
    region[20:, 15:25] = True
    trimmed = mwgf._trim_rim(region)
    assert not trimmed[:5].any() and trimmed[20:, 15:25].all()


def test_mwgf_recovers_an_image_from_its_own_gradient():
    levels = np.random.default_rng(6).integers(0, 256, (24, 31)).astype(float)
    weight = np.ones_like(levels)
    across, down = mwgf.merged_gradient(levels, levels, weight)
    inner = np.s_[1:-1, 1:-1]
    np.testing.assert_allclose(across[inner], np.diff(levels, axis=1, prepend=0)[inner], atol=1e-9)
    np.testing.assert_allclose(down[inner], np.diff(levels, axis=0, prepend=0)[inner], atol=1e-9)


def test_qb_square_holds_the_image_in_its_middle():
    values = np.random.default_rng(7).random((5, 11))
    levels = qb.block_sums(values)
    assert [level.shape for level in levels] == [(1, 1), (2, 2), (4, 4), (8, 8)]
    for level in levels:
        assert level.sum() == pytest.approx(values.sum())


def test_qb_weighted_focus_measure_follows_its_definition():
    from scipy.ndimage import correlate

    plane = np.random.default_rng(8).integers(0, 256, (23, 30)).astype(float)
    padded = np.pad(plane, 1, mode="symmetric")
    laplacian = np.abs(2 * plane - padded[:-2, 1:-1] - padded[2:, 1:-1]) + np.abs(
        2 * plane - padded[1:-1, :-2] - padded[1:-1, 2:]
    )
    laplacian[laplacian < 5] = 0
    axis = np.arange(-8, 9)
    kernel = 1 / (1 + np.hypot(axis[:, None], axis))
    np.testing.assert_allclose(
        qb.weighted_focus_measure(plane), correlate(laplacian, kernel, mode="reflect"), rtol=1e-12
    )


def test_tf_smoother_solves_its_systems():
    guide = np.random.default_rng(9).integers(0, 256, (6, 5)).astype(float)
    values = np.random.default_rng(10).random((6, 5))
    couplings = np.exp(-np.abs(np.diff(guide, axis=0)) / 5.1)
    solution = tf._solve_lines(values[..., None], couplings, 3.0)[..., 0]
    flow = 3.0 * couplings * np.diff(solution, axis=0)
    back = solution - np.diff(np.pad(flow, ((1, 1), (0, 0))), axis=0)
    np.testing.assert_allclose(back, values, atol=1e-12)


def test_tf_smoother_keeps_constants():
    guide = np.random.default_rng(11).integers(0, 256, (9, 12)).astype(float)
    np.testing.assert_allclose(tf.fast_global_smoother(guide, np.full((9, 12, 2), 0.7)), 0.7, rtol=1e-12)


def test_mfm_shares_sum_to_one_and_follow_confidence():
    gray = np.random.default_rng(12).random((8, 9))
    sure = [np.zeros((8, 9)) for _ in range(3)]
    sure[1][4, 4] = 1
    shares = mfm.trust(gray, sure)
    np.testing.assert_allclose(np.sum(shares, axis=0), 1, atol=1e-9)
    np.testing.assert_allclose(shares[1], 1, atol=1e-3)


def test_misf_grid_keeps_constants_and_edges():
    guide = np.where(np.arange(48)[None, :] < 24, 0.1, 0.9) * np.ones((40, 1))
    grid = misf.BilateralGrid(guide)
    np.testing.assert_allclose(grid.filter(np.full((40, 48), 0.6)), 0.6, rtol=1e-12)
    np.testing.assert_allclose(grid.filter(guide > 0.5), guide > 0.5, atol=1e-3)


def test_bfmf_regions_take_the_larger_sum():
    inside = np.ones((6, 9), dtype=bool)
    inside[:, 4] = False
    one, two = np.ones((6, 9)), np.ones((6, 9))
    one[0, 0], two[0, 8] = 5, 3
    labels = bfmf.regions(inside, [one, two])
    assert (labels[:, :4] == 1).all() and (labels[:, 5:] == 2).all() and (labels[:, 4] == 0).all()


def test_bfmf_blend_is_linear_in_the_band():
    labels = np.where(np.arange(31) < 15, 1, 2)[None, :] * np.ones((20, 1), dtype=int)
    labels[:, 15] = 0
    weight = bfmf.blend_weight(labels)
    assert (weight[:, :13] == 1).all() and (weight[:, 18:] == 0).all()
    np.testing.assert_allclose(weight[10, 13:18], np.arange(5, 0, -1) / 6)
    assert (bfmf.blend_weight(np.ones((9, 9), dtype=int)) == 1).all()
    assert (bfmf.blend_weight(np.zeros((9, 9), dtype=int)) == 0.5).all()


@pytest.mark.parametrize("measure", [dct_eol.energy_of_laplacian, dct_corr.blur_change, svddct.singular_product])
def test_block_measures_fall_under_blur(measure):
    from scipy.ndimage import gaussian_filter

    plane = gaussian_filter(np.random.default_rng(13).random((64, 64)), 0.7) * 600
    sharp, blurred = (measure(dct_blocks.cut_blocks(part)) for part in (plane, gaussian_filter(plane, 1.5)))
    assert sharp.shape == (8, 8) and (sharp > blurred).all()


def test_blocks_repeat_the_edge():
    plane = np.arange(11.0)[None, :] * np.ones((9, 1))
    blocks = dct_blocks.cut_blocks(plane)
    assert blocks.shape == (2, 2, 8, 8)
    assert (blocks[1, 1, :, 2:] == 10 - 128).all()


def test_dct_corr_leaves_undefined_blocks_to_their_neighbours():
    rng = np.random.default_rng(14)
    first, second = rng.integers(0, 256, (2, 24, 24)) / 255
    gray = np.full((8, 8), 128 / 255)
    dull = np.full((24, 24), 100 / 255)
    first[8:16, 8:16] = gray
    fused = methods.fuse("dct_corr", [first.astype(np.float32), dull.astype(np.float32)])
    assert (fused.decision_map == 1).all()
    fused = methods.fuse("dct_corr", [dull.astype(np.float32), second.astype(np.float32)])
    assert (fused.decision_map == 0).all()


def test_dwtde_keeps_equal_sources_of_whole_blocks():
    image = (np.random.default_rng(19).integers(0, 256, (48, 64)) / 255).astype(np.float32)
    np.testing.assert_array_equal(to_uint8(methods.fuse("dwtde", [image, image]).image), to_uint8(image))


def test_dwtde_single_blocks_follow_their_neighbours():
    rng = np.random.default_rng(15)
    sharp = rng.random((256, 256)).astype(np.float32)
    dull = np.full_like(sharp, 0.5)
    fused = methods.fuse("dwtde", [sharp, dull]).image
    assert np.abs(fused - sharp)[32:-32, 32:-32].mean() < 0.05


@pytest.mark.parametrize("height, width", [(3, 3), (4, 6), (5, 4)])
def test_dwtde_median_follows_its_definition(height, width):
    weights = np.random.default_rng(16).choice([0, 0.5, 1], (12, 14))
    top, left = (height + 1) // 2 - 1, (width + 1) // 2 - 1
    padded = np.pad(weights, ((top, height // 2), (left, width // 2)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width))
    np.testing.assert_array_equal(dwtde._middle(weights, height, width), np.median(windows, axis=(2, 3)))


def test_bgsc_sharpness_of_a_flat_image_is_zero():
    assert not bgsc.sharpness(np.full((9, 9), 40.0))[2:-2, 2:-2].any()


FAMILY = [name for name in methods.registry.ids() if name in {method for method, _ in STATED} | {"sf", "focus_stack"}]


#: Decides pixel by pixel from the phases of noise-like texture: here it is only better than chance.
NOISY = {"bgsc"}


@pytest.mark.parametrize("method", [name for name in FAMILY if name not in NOISY])
def test_nearer_to_the_sharp_image_than_the_average(method):
    """On a pair whose halves are sharp in turn, the plain average is clearly beaten."""
    from scipy.ndimage import gaussian_filter

    sharp = np.clip(gaussian_filter(np.random.default_rng(17).random((192, 208)), 1.0) * 2.5 - 0.75, 0, 1)
    blurred = gaussian_filter(sharp, 2)
    left = np.arange(208)[None, :] < 104
    images = [np.where(left, *order).astype(np.float32) for order in ((sharp, blurred), (blurred, sharp))]
    error = np.mean((methods.fuse(method, images).image - sharp) ** 2)
    assert error < 0.7 * np.mean(((sharp - blurred) / 2) ** 2)


@pytest.mark.parametrize("method", [name for name in FAMILY if methods.registry.get(name).native_stack])
def test_stack_of_three_takes_each_sharp_third(method):
    from scipy.ndimage import gaussian_filter

    sharp = np.clip(gaussian_filter(np.random.default_rng(18).random((192, 240)), 1.0) * 2.5 - 0.75, 0, 1)
    blurred = gaussian_filter(sharp, 2)
    third = np.arange(240)[None, :] // 80
    images = [np.where(third == number, sharp, blurred).astype(np.float32) for number in range(3)]
    fusion = methods.fuse(method, images)
    assert np.mean((fusion.image - sharp) ** 2) < 0.5 * np.mean((sharp - blurred) ** 2)
    if fusion.index_map is not None:
        assert np.mean(fusion.index_map == third) > (0.5 if method in NOISY else 0.7)


@pytest.mark.parametrize("method", ["dct_eol", "dct_corr", "svddct"])
@pytest.mark.parametrize("shape", [(5, 20), (16, 27), (19, 8, 3)])
def test_strict_blocks_leave_the_remainder_gray(method, shape):
    images = [(np.random.default_rng(seed).integers(0, 256, shape) / 255).astype(np.float32) for seed in (1, 2)]
    fused = to_uint8(methods.fuse(method, images, options={"strict_upstream": True}).image)
    height, width = (length // 8 * 8 for length in shape[:2])
    assert (fused[height:] == 128).all() and (fused[:, width:] == 128).all()
    if height and width:
        whole = methods.fuse(method, [image[:height, :width] for image in images]).image
        np.testing.assert_array_equal(fused[:height, :width], to_uint8(whole))
