"""The synthesised data set: form, truth, determinism, and the renderings kept in the cache."""

import numpy as np
import pytest
from scipy.ndimage import binary_erosion, gaussian_filter

import scenes
from files import fetch
from files.errors import Unavailable
from imaging.levels import gray_levels
from scenes import _embedded, _rendered


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    """The data set, rendered once into a folder of its own."""
    patch = pytest.MonkeyPatch()
    patch.setenv("FOCUSBENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
    dataset = scenes.load("embedded")
    for scene in dataset.scenes:
        scene.files()
    yield dataset
    patch.undo()


@pytest.fixture(params=sorted(_embedded.RECIPES))
def scene(request, embedded):
    return embedded.scene(request.param)


def test_enough_scenes_and_a_stack(embedded):
    counts = [scene.count for scene in embedded.scenes]
    assert len(counts) >= 8 and max(counts) >= 8
    shapes = {scene.shape[2] for scene in embedded.scenes}
    assert shapes == {1, 3}, "gray and colour"


def test_form(scene):
    truth = scene.truth()
    images = list(scene.sources)
    assert len(images) == scene.count
    assert {image.shape for image in images} == {truth.image.shape}
    assert truth.index_map.shape == truth.image.shape[:2]
    assert set(np.unique(truth.index_map)) == set(range(scene.count)), "every source is the sharpest somewhere"
    assert 200 * 180 < truth.index_map.size < 512 * 512


def test_index_map_names_the_sharpest_source(scene):
    """Well inside its own region, a source is at least as near to the truth as any other."""
    truth = gray_levels(scene.truth().image)
    errors = np.stack([gaussian_filter((gray_levels(image) - truth) ** 2, 2) for image in scene.sources])
    own = scene.truth().index_map
    # Beside an edge of depth the blur of what is nearer lies over both.
    inner = np.zeros(own.shape, bool)
    for number in range(scene.count):
        inner |= binary_erosion(own == number, iterations=9, border_value=1)
    chosen = np.take_along_axis(errors, own[None], axis=0)[0]
    best = errors.min(axis=0)
    assert (chosen <= best + 1)[inner].mean() > 0.97


def test_choosing_by_truth_beats_the_average(scene):
    """Where depth is gradual or blur lies over an edge, no choice gives the all-in-focus image; it halves the error."""
    truth = scene.truth()
    images = np.stack(list(scene.sources))
    index = truth.index_map[None, ..., None] if truth.image.ndim == 3 else truth.index_map[None]
    chosen = np.take_along_axis(images, index, axis=0)[0]

    def error(image):
        return np.mean((image - truth.image) ** 2)

    assert error(chosen) < 0.5 * error(images.mean(axis=0))
    assert error(chosen) < 0.5 * min(error(image) for image in images)


@pytest.mark.parametrize("name", ["astronaut", "coffee", "camera", "cat", "horse", "coins"])
def test_sharp_object_equals_the_truth(embedded, name):
    """The source focused on the object shows it exactly as the all-in-focus image does, up to its edge."""
    scene = embedded.scene(name)
    truth = scene.truth()
    number = int(name in ("coffee", "cat", "coins"))
    inside = binary_erosion(truth.index_map == number, iterations=2, border_value=1)
    same = scene.sources[number][inside] == truth.image[inside]
    # Slits narrower than a pixel let the background through.
    assert same.mean() > 0.999


#: Mean gray level of the first source and of the truth, measured; a change means that results are no longer comparable.
MEANS = {
    "astronaut": (132.522, 131.673),
    "camera": (113.443, 113.046),
    "cat": (119.283, 118.195),
    "coffee": (102.110, 99.373),
    "coins": (133.106, 132.065),
    "horse": (115.555, 112.203),
    "motorcycle_pair": (112.550, 109.545),
    "motorcycle_stack": (113.405, 109.647),
    "page": (173.061, 171.545),
    "tissue": (161.617, 161.111),
}


def test_pixels_are_the_published_ones(scene):
    first, truth = MEANS[scene.name]
    assert gray_levels(scene.sources[0]).mean() == pytest.approx(first, abs=0.01)
    assert gray_levels(scene.truth().image).mean() == pytest.approx(truth, abs=0.01)


def test_rendering_again_gives_the_same_pixels(embedded):
    again = _embedded.coins()
    scene = embedded.scene("coins")
    for rendered, kept in zip(again.sources, scene.sources, strict=True):
        assert np.array_equal(rendered, np.round(kept * 255))


def test_renderings_are_kept(embedded, monkeypatch):
    monkeypatch.setitem(_embedded.RECIPES, "page", _rendered.Recipe(pytest.fail, 2))
    assert scenes.load("embedded").scene("page").shape == embedded.scene("page").shape


def test_edited_code_renders_anew(monkeypatch, tmp_path):
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path))
    blank = np.zeros((4, 4), np.uint8)
    made = _rendered.Rendering([blank] * 2, blank, blank, np.zeros((4, 4)), 1.0, (0, 1))
    calls = []
    monkeypatch.setitem(_embedded.RECIPES, "page", _rendered.Recipe(lambda: calls.append(1) or made, 2))
    for code in ("a", "a", "b"):
        monkeypatch.setattr(_rendered, "identity", lambda recipes, code=code: code)
        _rendered.rendered("embedded", "page")
    assert len(calls) == 2


def test_failed_rendering_leaves_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path))
    blank = np.zeros((4, 4), np.uint8)
    bad = _rendered.Rendering([np.zeros((4, 4, 9), np.uint8)], blank, blank, np.zeros((4, 4)), 1.0, (0,))
    monkeypatch.setitem(_embedded.RECIPES, "page", _rendered.Recipe(lambda: bad, 2))
    with pytest.raises(TypeError):
        _rendered.rendered("embedded", "page")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_changed_photograph_is_noticed(monkeypatch):
    monkeypatch.setitem(_rendered.PHOTOGRAPHS, "page.png", "0" * 64)
    with pytest.raises(Unavailable, match=r"page\.png"):
        _embedded.page()
    assert "page.png" in scenes.availability("embedded")


def test_cache_that_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path / "file"))
    with pytest.raises(Unavailable, match="FOCUSBENCH_CACHE"):
        _rendered.rendered("embedded", "page")


def test_defocus_follows_the_index_map(scene):
    """The source that the index map names has the smallest blur radius; where depth is known, in steps, it is nearest."""
    truth = scene.truth()
    assert truth.defocus.shape == (scene.count, *scene.shape[:2]) and truth.defocus.dtype == np.float32
    chosen = np.take_along_axis(truth.defocus, truth.index_map[None].astype(int), axis=0)[0]
    assert np.allclose(chosen, truth.defocus.min(axis=0), atol=1e-4)
    assert np.quantile(np.abs(truth.depth - truth.index_map), 0.9) <= 0.51


def test_checksums_are_those_of_the_files(embedded):
    scene = embedded.scene("page")
    assert scene.checksums() == [fetch.sha256(path) for path in scene.files()]


def test_outline_is_anti_aliased_and_inside_is_inside():
    alpha = _rendered.outline("coffee", 400, 600)
    assert alpha[228, 279] == 1 and alpha[5, 5] == 0
    assert ((alpha > 0) & (alpha < 1)).sum() > 500
