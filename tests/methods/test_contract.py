"""What every fusion method must keep to. Runs over all plug-ins; a new one is covered by being there.

Each assertion's message tells the author of a method what to change.
"""

import functools
import math
import re
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import methods
from files.errors import InputError, Unavailable
from imaging.files import write_image
from imaging.levels import from_levels

IDS = methods.registry.ids()
#: Published methods have images of certain scenes only; common/test_published.py looks after them.
RUN = [name for name in IDS if methods.registry.get(name).kind != "published"]
SCENE = "contract_01"
#: Largest difference of a result from sources that are all equal: one grey level, and the rounding of float32.
ONE_LEVEL = 1.001 / 255
#: Share of the values at which two sources may be equal for a method that chooses between them.
MOST_TIES = 0.01


class LazyImages(Sequence):
    """Images made anew at every access, as those of a folder are read; the accesses are counted."""

    def __init__(self, images):
        self._images = images
        self.reads = [0] * len(images)

    def __len__(self):
        return len(self._images)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        image = self._images[index]
        self.reads[index] += 1
        return image.copy()


def scene_images(height, width, channels, count):
    """Sources of a synthetic scene, each sharp in its own upright strip (list of float32 in [0, 1], 8-bit levels)."""
    rng = np.random.default_rng(height * 1000 + width)
    shape = (height, width) if channels == 1 else (height, width, channels)
    sigma = (1.0, 1.0) if channels == 1 else (1.0, 1.0, 0.0)
    sharp = np.clip(gaussian_filter(rng.random(shape), sigma) * 2.5 - 0.75, 0, 1)
    blurred = gaussian_filter(sharp, tuple(2 * s for s in sigma))
    strip = np.arange(width) * count // width
    strip = strip[None, :] if channels == 1 else strip[None, :, None]
    return [from_levels(255 * np.where(strip == number, sharp, blurred)) for number in range(count)]


def focal_stack(order=range(4), height=48, width=56):
    """A colour stack of four slices, blurred the more the farther they are from focus, and its truth.

    Parameters
    ----------
    order : sequence of int
        The slices in the order in which they come.
    """
    strip = np.arange(width) * 4 // width
    sharp = scene_images(height, width, 3, 1)[0]
    planes = np.stack([sharp, *(gaussian_filter(sharp, (radius, radius, 0)) for radius in (1, 2, 3))])
    slices = [from_levels(255 * planes[np.abs(strip - k), :, np.arange(width)].swapaxes(0, 1)) for k in order]
    owner = np.argsort(order)[np.broadcast_to(strip, (height, width))]
    return slices, {"image": sharp, "index_map": owner.astype(np.uint8)}


def flat(*values):
    """Constant gray sources, 40 x 44."""
    return [np.full((40, 44), value, np.float32) for value in values]


@pytest.fixture(scope="module")
def fuse(tmp_path_factory):
    """Function that fuses with whatever a method needs at hand: the truth, the scene's name, a folder of results."""

    def run(method, images, options=None, truth=None, **more):
        declared = methods.registry.get(method)
        options = dict(options or {})
        first = images[0]
        if "folder" in declared.options:
            folder = tmp_path_factory.mktemp("fused")
            write_image(folder / f"{SCENE}.png", first)
            options["folder"] = str(folder)
        shape = np.shape(first)
        strip = np.arange(shape[1]) * len(images) // shape[1]
        known = {"index_map": np.broadcast_to(strip, shape[:2]).astype(np.uint8)} | (truth or {})
        return methods.fuse(method, images, options=options, truth=methods.Truth(**known), scene=SCENE, **more)

    return run


@pytest.fixture(params=RUN)
def method(request):
    """Id of every method that is run; those that need a missing file are skipped (test_unavailable looks after them)."""
    declared = methods.registry.get(request.param)
    reason = "" if "folder" in declared.options else methods.availability(request.param)
    if reason:
        pytest.skip(f"{request.param} is unavailable: {reason}")
    return request.param


@pytest.fixture(scope="module")
def colour(fuse):
    """Function that gives the sources of a colour pair and a method's result of it, made once."""
    images = scene_images(48, 52, 3, 2)

    @functools.cache
    def result(method):
        return fuse(method, [image.copy() for image in images])

    return lambda method: (images, result(method))


def assert_image(fusion, like, method):
    """The fused image has the form of images: the sources' shape, float32, finite, in [0, 1]."""
    assert isinstance(fusion, methods.Fusion), f"{method}: fuse() must return methods.Fusion, not {type(fusion)}"
    image = fusion.image
    assert isinstance(image, np.ndarray), f"{method}: Fusion.image must be a NumPy array, not {type(image)}"
    assert image.shape == like.shape, (
        f"{method}: the fused image has shape {image.shape}, the sources have {like.shape}"
    )
    assert image.dtype == np.float32, (
        f"{method}: the fused image is {image.dtype}; return float32 (imaging.levels.from_levels)"
    )
    assert np.isfinite(image).all(), (
        f"{method}: the fused image has {np.sum(~np.isfinite(image))} values not finite; look for 0/0"
    )
    assert image.min() >= 0 and image.max() <= 1, (
        f"{method}: the fused image spans {image.min()}..{image.max()}; clip it to [0, 1]"
    )


def assert_map(values, size, method, name):
    """A decision map has the form of decision maps: H x W, float32, in [0, 1]."""
    assert values.shape == size, f"{method}: {name} has shape {values.shape}, the image is {size}"
    assert values.dtype == np.float32, f"{method}: {name} is {values.dtype}; return float32"
    assert np.isfinite(values).all(), f"{method}: {name} has values that are not finite"
    assert values.min() >= 0 and values.max() <= 1, f"{method}: {name} must be a weight of the first source in [0, 1]"


@pytest.mark.parametrize("plugin", IDS)
def test_metadata(plugin):
    declared = methods.registry.get(plugin)
    problems = methods.signature_errors(plugin)
    assert not problems, f"{plugin}: {'; '.join(problems)}"
    for name in ("label", "title", "citation"):
        assert getattr(declared, name).strip(), f"{plugin}: METHOD.{name} is empty"
    assert "\n" not in declared.title, f"{plugin}: METHOD.title must be one line"
    assert declared.cost > 0, f"{plugin}: METHOD.cost must be the measured seconds per megapixel, not {declared.cost}"
    assert not declared.doi or declared.doi.startswith("10."), f"{plugin}: METHOD.doi is the bare number (10.1000/xyz)"
    unknown = set(declared.needs) - {"device", "truth", "scene"}
    assert not unknown, f"{plugin}: METHOD.needs holds {sorted(unknown)}; only device, truth and scene can be had"
    assert all("/" in name for name in declared.files), f"{plugin}: METHOD.files are 'collection/file name'"
    module = methods.registry.module(plugin)
    assert (module.__doc__ or "").strip(), f"{plugin}: the module needs a docstring"
    assert (module.fuse.__doc__ or "").strip(), f"{plugin}: fuse() needs a docstring"


@pytest.mark.parametrize("plugin", IDS)
def test_options(plugin):
    declared = methods.registry.get(plugin)
    for name, option in declared.options.items():
        assert option.help.strip(), f"{plugin}: option {name} needs a help text"
        if type(option.default) in (int, float) and not option.choices:
            bounds = (option.minimum, option.maximum)
            assert None not in bounds and all(map(math.isfinite, bounds)), (
                f"{plugin}: the number {name} needs a minimum and a maximum"
            )
        assert option.parse(name, option.default) == option.default, (
            f"{plugin}: the default of {name} breaks its own bounds"
        )
        assert option.parse(name, str(option.default)) == option.default, f"{plugin}: {name} cannot be given as text"
    for preset in declared.presets:
        declared.settings({"preset": preset})
    with pytest.raises(InputError, match="has no option 'no_such_option'"):
        declared.settings({"no_such_option": 1})


@pytest.mark.parametrize("plugin", IDS)
def test_references(plugin):
    for entry in getattr(methods.registry.module(plugin), "REFERENCES", ()):
        assert isinstance(entry, methods.Reference), f"{plugin}: REFERENCES holds methods.Reference objects"
        assert entry.collection in ("published", "mfifb", "official", "authors"), (
            f"{plugin}: no collection '{entry.collection}'"
        )
        methods.registry.get(plugin).settings(entry.options)


@pytest.mark.parametrize("plugin", IDS)
def test_the_year_stands_in_the_citation(plugin):
    declared = methods.registry.get(plugin)
    if declared.kind in ("control", "external"):
        assert declared.year is None, f"{plugin}: a control has no year"
        return
    first = declared.citation.split(";")[0]
    # A year behind a comma, in brackets or after "of"; not a page, a part of an address or of a DOI.
    years = re.findall(r"(?:, |\(|\([A-Z]+ |program of )((?:19|20)\d\d)(?=[,)]|$)", first)
    assert set(years) == {str(declared.year)}, f"{plugin}: year={declared.year}, but the citation begins: {first}"


def test_labels_differ():
    labels = [declared.label for declared in methods.registry.all()]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    assert not twice, f"labels {twice} are used by more than one method; tables could not tell them apart"


@pytest.mark.parametrize("plugin", IDS)
def test_unavailable(plugin, monkeypatch, tmp_path):
    """Without its files a method says why, in one line, and raises Unavailable instead of anything else."""
    declared = methods.registry.get(plugin)
    if not declared.files:
        pytest.skip(f"{plugin} needs no files")
    monkeypatch.setenv("FOCUSBENCH_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")
    reason = methods.availability(plugin)
    assert reason, f"{plugin}: its files are missing, yet availability() gives no reason"
    assert "\n" not in reason, f"{plugin}: the reason must be one line: {reason!r}"


def test_colour_pair(method, colour):
    images, fusion = colour(method)
    assert_image(fusion, images[0], method)


def test_repeatable_and_inputs_unchanged(method, fuse, colour):
    images, fusion = colour(method)
    given = [image.copy() for image in images]
    again = fuse(method, given)
    for number, (image, original) in enumerate(zip(given, images, strict=True), start=1):
        assert np.array_equal(image, original), f"{method}: fuse() changed source {number}; work on a copy"
    assert not any(np.shares_memory(again.image, image) for image in given), (
        f"{method}: the fused image is a source's own memory; return a copy"
    )
    off = np.abs(again.image - fusion.image).max()
    assert off == 0, f"{method}: two runs on the same images differ by {255 * off:.3g} grey levels; seed what is random"


def test_decision_map(method, colour):
    images, fusion = colour(method)
    declared = methods.registry.get(method)
    size = images[0].shape[:2]
    assert fusion.index_map is None, f"{method}: of a pair, return decision_map and no index_map"
    if not declared.decision_map:
        assert fusion.decision_map is None, f"{method}: returns a decision map; declare METHOD.decision_map=True"
        return
    assert fusion.decision_map is not None, f"{method}: declares decision_map=True and returns none for a pair"
    assert_map(fusion.decision_map, size, method, "decision_map")
    if fusion.initial_map is not None:
        assert_map(fusion.initial_map, size, method, "initial_map")


def test_gray_and_odd_size(method, fuse):
    images = scene_images(37, 45, 1, 2)
    assert_image(fuse(method, images), images[0], method)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 16), (13, 9)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_small(method, fuse, size):
    """Small images are fused, or refused because of the declared smallest size."""
    images = scene_images(*size, 3, 2)
    least = methods.registry.get(method).minimum_size
    if min(size) < least:
        with pytest.raises(InputError, match=f"at least {least} pixels"):
            fuse(method, images)
    else:
        assert_image(fuse(method, images), images[0], method)


def test_smallest_size(method, fuse):
    least = methods.registry.get(method).minimum_size
    images = scene_images(least, least, 1, 2)
    assert_image(fuse(method, images), images[0], method)


def test_equal_sources(method, fuse):
    image = scene_images(40, 44, 1, 2)[0]
    fusion = fuse(method, [image, image.copy()])
    assert_image(fusion, image, method)
    off = np.abs(fusion.image.astype(np.float64) - image).max()
    if methods.registry.get(method).keeps_equal_sources:
        assert off <= ONE_LEVEL, (
            f"{method}: of two equal sources it makes something else (up to {255 * off:.2f} grey levels off); "
            "if that is the method's nature, declare METHOD.keeps_equal_sources=False"
        )


def test_constant_sources(method, fuse):
    images = flat(0.0, 0.6)
    assert_image(fuse(method, images), images[0], method)
    black = flat(0.0, 0.0)
    assert_image(fuse(method, black), black[0], method)


def test_unequal_shapes(method, fuse):
    images = [scene_images(40, 44, 1, 2)[0], scene_images(40, 45, 1, 2)[1]]
    with pytest.raises(InputError, match="all must be equal"):
        fuse(method, images)


def test_three_sources_read_lazily(method, fuse):
    """Three sources work from a sequence that reads them when asked, and as well as from a list."""
    declared = methods.registry.get(method)
    images = scene_images(36, 42, 1, 3)
    lazy = LazyImages(images)
    fusion = fuse(method, lazy)
    assert_image(fusion, images[0], method)
    # fuse() of this package and the fixture each look at the first image's shape.
    assert max(lazy.reads) <= 6, (
        f"{method}: reads a source {max(lazy.reads)} times; read each once and keep what is needed"
    )
    assert fusion.decision_map is None, f"{method}: of more than two sources, return index_map and no decision_map"
    if declared.decision_map:
        indices = fusion.index_map
        assert indices is not None, f"{method}: declares decision_map=True and returns no index_map for three sources"
        assert indices.shape == (36, 42), f"{method}: index_map has shape {indices.shape}, the image is (36, 42)"
        assert indices.dtype.kind in "iu", f"{method}: index_map is {indices.dtype}; return integers"
        assert indices.min() >= 0 and indices.max() <= 2, f"{method}: index_map must hold 0, 1 or 2"
    else:
        assert fusion.index_map is None, f"{method}: returns an index map; declare METHOD.decision_map=True"
    if declared.native_stack:
        listed = fuse(method, [image.copy() for image in images])
        assert np.array_equal(listed.image, fusion.image), (
            f"{method}: a list and a lazy sequence give different results"
        )


@pytest.mark.parametrize("name", [name for name in RUN if methods.registry.get(name).order_free])
def test_order_of_the_sources_does_not_matter(name, fuse):
    """Methods that declare it give the same image for any order of a textured stack, up to ties."""
    if methods.availability(name) and "folder" not in methods.registry.get(name).options:
        pytest.skip(f"{name} is unavailable")
    images, truth = focal_stack()
    expected = fuse(name, images, truth=truth).image
    for order in ((3, 2, 1, 0), (2, 0, 3, 1)):
        turned, known = focal_stack(order)
        if "folder" in methods.registry.get(name).options:
            turned = [images[0], *turned[1:]]
        off = np.mean(np.abs(fuse(name, turned, truth=known).image - expected) > ONE_LEVEL)
        assert off <= MOST_TIES, (
            f"{name}: in the order {order}, {100 * off:.1f} % of the values differ by more than one grey level; break ties "
            "only by the order, or leave METHOD.order_free False"
        )


def test_the_test_of_order_finds_methods_that_depend_on_it(fuse):
    for name in ("first", "lp", "openfocus_b", "stackmff_v2", "gacn"):
        if not methods.availability(name):
            images, truth = focal_stack()
            turned, known = focal_stack((2, 0, 3, 1))
            first, second = fuse(name, images, truth=truth).image, fuse(name, turned, truth=known).image
            assert np.mean(np.abs(first - second) > ONE_LEVEL) > MOST_TIES, name


def test_presets(method, fuse):
    declared = methods.registry.get(method)
    images = scene_images(24, 28, 1, 2)
    for preset in declared.presets:
        if methods.availability(method, {"preset": preset}) and "folder" not in declared.options:
            continue
        assert_image(fuse(method, images, {"preset": preset}), images[0], f"{method} with preset {preset}")


def test_cuda(method, fuse, colour):
    """On a machine with CUDA, methods that can use it give the CPU's result within two grey levels at 99.9 %."""
    if "device" not in methods.registry.get(method).needs:
        pytest.skip(f"{method} runs on the CPU only")
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    images, expected = colour(method)
    fusion = fuse(method, images, device="cuda")
    assert_image(fusion, images[0], method)
    off = np.mean(np.abs(fusion.image - expected.image) > 2 / 255)
    assert off <= 1e-3, (
        f"{method}: {100 * off:.2f} % of the values differ by more than two grey levels between CPU and CUDA"
    )


def test_unavailable_when_truth_is_missing():
    images = scene_images(12, 12, 1, 2)
    for declared in methods.registry.all():
        if "truth" in declared.needs:
            with pytest.raises(Unavailable, match="truth"):
                methods.fuse(declared.id, images)
