"""The rendered stacks: form, truth, variants, and the pixels that results are comparable by."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, map_coordinates

import scenes
from imaging.levels import gray_levels
from scenes import _embedded_stacks, _rendered

#: Rendered by every test run; the others are held against these by the kinds they share, and by the whole run.
QUICK = ("lights", "tilted_wall", "bent_page", "tissue_relief", "figures", "coin_steps")


@pytest.fixture(scope="module")
def stacks(tmp_path_factory):
    """The data set, with a cache of its own."""
    patch = pytest.MonkeyPatch()
    patch.setenv("FOCUSBENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
    yield scenes.load("embedded_stacks")
    patch.undo()


@pytest.fixture(params=QUICK)
def scene(request, stacks):
    return stacks.scene(request.param)


def test_stacks_of_many_lengths(stacks):
    counts = [scene.count for scene in stacks.scenes]
    assert len(counts) >= 14 and min(counts) == 3 and max(counts) == 32
    assert [scene.name for scene in stacks.scenes[:6]] == list(QUICK)
    assert [scene.name for scene in stacks.scenes if not scene.aligned] == [
        "coin_steps_breathing",
        "circuit_board_breathing",
    ]


def test_form(scene):
    truth = scene.truth()
    assert len(scene.sources) == scene.count
    assert truth.image.shape == scene.sources[0].shape and max(scene.shape) <= 512
    assert truth.defocus.shape == (scene.count, *scene.shape[:2])
    assert np.array_equal(np.unique(truth.index_map), np.arange(scene.count)), "every slice is the sharpest somewhere"


def test_truth_is_consistent(scene):
    truth = scene.truth()
    # Ties between two slices may go either way, up to the rounding of the stored depth.
    chosen = np.take_along_axis(truth.defocus, truth.index_map[None].astype(int), axis=0)[0]
    assert np.allclose(chosen, truth.defocus.min(axis=0), atol=1e-4)
    assert np.abs(truth.depth - truth.index_map).max() < 0.55
    assert chosen[truth.decided].max() <= _embedded_stacks.SHARP + 1e-4
    assert truth.decided.mean() > 0.5


def test_the_sharp_source_is_nearest_to_the_truth(scene):
    """Where nothing nearer and blurred lies before it, the source in focus shows the scene as the all-in-focus image does."""
    truth = scene.truth()
    errors = np.stack([np.abs(gray_levels(image) - gray_levels(truth.image)) for image in scene.sources])
    errors = np.stack([gaussian_filter(each, 2) for each in errors])
    chosen = np.take_along_axis(errors, truth.index_map[None].astype(int), axis=0)[0]
    assert (chosen <= errors.min(axis=0) + 1)[truth.decided].mean() > 0.75
    assert np.median(chosen[truth.decided]) < 0.4 * np.median(errors.max(axis=0)[truth.decided])


#: Mean gray level of the first source and of the truth, measured; a change means that results are no longer comparable.
MEANS = {
    "lights": (69.832, 68.637),
    "tilted_wall": (112.217, 111.128),
    "bent_page": (175.430, 171.545),
    "tissue_relief": (159.898, 158.846),
    "figures": (108.445, 102.273),
    "coin_steps": (117.045, 114.346),
}


def test_pixels_are_the_published_ones(scene):
    first, truth = MEANS[scene.name]
    assert gray_levels(scene.sources[0]).mean() == pytest.approx(first, abs=0.01)
    assert gray_levels(scene.truth().image).mean() == pytest.approx(truth, abs=0.01)


def test_noise_flicker_and_bits_leave_the_truth(stacks):
    plain, deep = stacks.scene("coin_steps"), stacks.scene("coin_steps_16_bit")
    truth = plain.truth()
    for name in ("coin_steps_noise", "coin_steps_flicker"):
        other = stacks.scene(name)
        assert other.truth_checksum() == plain.truth_checksum()
        assert other.checksums()[0] != plain.checksums()[0]
    noise = 255 * (stacks.scene("coin_steps_noise").sources[3] - plain.sources[3])
    assert noise.std() == pytest.approx(_embedded_stacks.NOISE, abs=0.05) and abs(noise.mean()) < 0.05
    gains = [
        float(np.median(b**_rendered._defocus.GAMMA / a**_rendered._defocus.GAMMA))
        for a, b in zip(plain.sources, stacks.scene("coin_steps_flicker").sources, strict=True)
    ]
    assert 0.97 - 0.005 < min(gains) < 0.99 and 1.01 < max(gains) < 1.03 + 0.005
    assert deep.sources.bits == 16
    assert np.abs(deep.sources[2] - plain.sources[2]).max() <= 0.51 / 255
    assert np.array_equal(deep.truth().index_map, truth.index_map)


def test_shuffled_frames_are_those_of_the_scene(stacks):
    plain, shuffled = stacks.scene("coin_steps"), stacks.scene("coin_steps_shuffled")
    assert set(shuffled.checksums()) == set(plain.checksums()) and shuffled.count == plain.count + 2
    truth = shuffled.truth()
    assert truth.depth is None, "frames in no order are no steps of depth"
    place = [plain.checksums().index(sum_) for sum_ in shuffled.checksums()]
    assert np.array_equal(truth.defocus, plain.truth().defocus[place])
    # Half-way between two slices either may be named.
    named = np.asarray(place)[truth.index_map]
    assert (named == plain.truth().index_map).mean() > 0.85


def test_breathing_is_known(stacks):
    """A source, looked up where its points lie, shows what the same slice of the plain scene shows at the middle's points."""
    plain, breathing = stacks.scene("coin_steps"), stacks.scene("coin_steps_breathing")
    points = breathing.points()
    assert points.shape == (7, _rendered.GRID**2, 2)
    drift = np.abs(points[6] - points[0]).max()
    assert drift == pytest.approx(0.03 * 383 / 2 * (1 - 1 / _rendered.GRID), rel=0.01)
    assert np.array_equal(breathing.truth().image, plain.truth().image)
    assert np.array_equal(breathing.truth().index_map, plain.truth().index_map)
    assert breathing.truth_in_middle and plain.points() is None

    def shown(image, places):
        return map_coordinates(gaussian_filter(image, 1.0), places.T[::-1], order=3)

    for number in (0, 3, 6):
        source, still = breathing.sources[number], plain.sources[number]
        assert np.abs(shown(source, points[number]) - shown(still, points[3])).mean() < 1 / 255
    assert np.abs(shown(breathing.sources[6], points[3]) - shown(plain.sources[6], points[3])).mean() > 3 / 255


def test_out_of_reach_is_undecided(monkeypatch, tmp_path):
    """What is never sharp is undecided, on a scene that is small enough for a test."""
    light = np.random.default_rng(3).random((40, 60, 1))
    surface = _embedded_stacks._solid(light, _embedded_stacks._plane(light.shape, 0.0, 6.0, 0.0))
    made = _embedded_stacks._stack([surface], 3, 2.0, first=2)
    depth = surface.disparity
    assert not made.decided[(depth < 1.4) | (depth > 4.6)].any() and made.decided[(depth > 1.6) & (depth < 4.4)].all()


def test_a_magnified_picture_lies_where_its_points_do():
    y, x = np.mgrid[0:41, 0:61].astype(float)
    blob = np.exp(-((x - 44) ** 2 + (y - 12) ** 2) / 8)[..., None]
    larger = _embedded_stacks._scaled(blob, 1.1)[..., 0]
    row, column = np.unravel_index(larger.argmax(), larger.shape)
    assert abs(column - (30 + 1.1 * 14)) <= 0.5 and abs(row - (20 - 1.1 * 8)) <= 0.5
