"""Q_TE: its plain implementation, histograms worked by hand, and its form for more than two sources."""

import numpy as np
import pytest

import metrics
from benchmarks import _straightforward_metrics
from files.errors import Undefined
from imaging.files import read_image
from imaging.levels import from_levels, gray_levels
from metrics._common import calibration
from tests.metrics._images import stack, texture


def _crop(shape):
    sources, sharp, _ = stack(shape, seed=sum(shape))
    return [*sources, from_levels(np.floor(230 * sharp + 12))]


@pytest.mark.parametrize(("variant", "mode"), [("", "nava"), ("cvejic", "cvejic")])
@pytest.mark.parametrize("shape", [(48, 60), (35, 27)])
def test_plain_implementation(variant, mode, shape):
    images = _crop(shape)
    ours = metrics.evaluate("q_te", metrics.Sources(images[:2]), metrics.Fused(images[2]), variant)
    plain = _straightforward_metrics.q_te(*map(gray_levels, images), mode=mode)
    assert ours == pytest.approx(plain, rel=1e-11)


def test_two_levels_worked_by_hand():
    # A quarter of the pixels is black, and the images are equal: p = (1/4, 3/4) on the diagonal, so that each cell of it
    # adds p^q / (p^2)^(q - 1) = p^(2 - q).
    image = from_levels(np.where(np.arange(40) < 10, 0.0, 255.0) * np.ones((5, 1)))
    sources, fused = metrics.Sources([image, image]), metrics.Fused(image)
    q = 0.43137
    tsallis = (1 - 0.25 ** (2 - q) - 0.75 ** (2 - q)) / (1 - q)
    entropy = -0.25 * np.log2(0.25) - 0.75 * np.log2(0.75)
    expected = 2 * tsallis / (2 * entropy**q + tsallis)
    assert metrics.evaluate("q_te", sources, fused) == pytest.approx(expected, rel=1e-13)
    q = 1.85
    tsallis = (1 - 0.25 ** (2 - q) - 0.75 ** (2 - q)) / (1 - q)
    assert metrics.evaluate("q_te", sources, fused, "cvejic") == pytest.approx(2 * tsallis, rel=1e-13)


def test_marginals_are_crossed():
    # Levels of X: 0 in 3 of 4 pixels; of F: 0 in 1 of 4. With its own marginals each cell would see another product.
    first = np.array([[0.0, 0, 0, 255]])
    fused = np.array([[0.0, 255, 255, 255]])
    found = metrics.score([from_levels(first)] * 2, from_levels(fused), ["q_te"])["q_te"]
    q = 0.43137
    # Cells (0, 0), (0, 255) and (255, 255) hold 1/4, 1/2, 1/4; the products are P_F(i) P_X(j).
    cells = [(0.25, 0.25 * 0.75), (0.5, 0.25 * 0.25), (0.25, 0.75 * 0.25)]
    with_fused = (1 - sum(p**q / product ** (q - 1) for p, product in cells)) / (1 - q)
    between = (1 - 0.75 ** (2 - q) - 0.25 ** (2 - q)) / (1 - q)
    entropy = -0.25 * np.log2(0.25) - 0.75 * np.log2(0.75)
    assert found == pytest.approx(2 * with_fused / (2 * entropy**q + between), rel=1e-13)


def test_three_sources():
    # Levels 0 and 255 occur in every image, so that stretching changes nothing.
    rng = np.random.default_rng(4)
    a, b, c, f = (rng.permutation(np.resize([0, 60, 60, 120, 255 - k, 255], 400)).reshape(20, 20) for k in range(4))
    q = 0.43137

    def tsallis(x, y):
        joint = np.histogram2d(x.ravel(), y.ravel(), bins=[np.arange(257)] * 2)[0] / x.size
        crossed = np.outer(joint.sum(axis=0), joint.sum(axis=1))
        return (1 - np.sum(joint[crossed > 0] ** q * crossed[crossed > 0] ** (1 - q))) / (1 - q)

    with_fused = 2 / 3 * (tsallis(a, f) + tsallis(b, f) + tsallis(c, f))
    entropies = 2 / 3 * sum(_straightforward_metrics.en(None, None, x) ** q for x in (a, b, c))
    between = (tsallis(a, b) + tsallis(a, c) + tsallis(b, c)) / 3
    found = metrics.score([from_levels(x) for x in (a, b, c)], from_levels(f), ["q_te"])["q_te"]
    assert found == pytest.approx(with_fused / (entropies + between), rel=1e-12)
    variant = metrics.evaluate("q_te", metrics.Sources([from_levels(a)] * 3), metrics.Fused(from_levels(f)), "cvejic")
    pair = metrics.evaluate("q_te", metrics.Sources([from_levels(a)] * 2), metrics.Fused(from_levels(f)), "cvejic")
    assert variant == pytest.approx(pair, rel=1e-14)


def test_missing_levels_gain():
    """What the crossed marginals do: coarser levels score higher, though they tell less of the sources."""
    sources, sharp, _ = stack((64, 80))
    levels = gray_levels(sharp)
    coarse = [from_levels(np.floor(levels / step) * step) for step in (1, 16, 64)]
    values = [metrics.score(sources, image, ["q_te", "q_mi"]) for image in coarse]
    assert values[0]["q_te"] < values[1]["q_te"] < values[2]["q_te"]
    assert values[0]["q_mi"] > values[1]["q_mi"] > values[2]["q_mi"]


def test_printed_value_of_the_variant(mirror, reference):
    """The sum for the result of CNN on Lytro 01 is about 85, as the specification says of values of this size."""
    sources = metrics.Sources(calibration._pair("color", "1"))
    fused = metrics.Fused(read_image(calibration._published(reference, "color", "1", "cnn")))
    assert metrics.evaluate("q_te", sources, fused, "cvejic") == pytest.approx(85, abs=0.5)


def test_sources_are_computed_once(tmp_path):
    first, second, fused = _crop((20, 24))
    value = metrics.evaluate("q_te", metrics.Sources([first, second], store=tmp_path), metrics.Fused(fused))
    (stored,) = tmp_path.iterdir()
    np.save(stored, np.load(stored) / 2)
    again = metrics.evaluate("q_te", metrics.Sources([first, second], store=tmp_path), metrics.Fused(fused))
    assert again == pytest.approx(2 * value, rel=1e-14)


def test_one_level_has_no_value():
    image, flat = from_levels(texture((20, 24))), from_levels(np.full((20, 24), 90.0))
    for variant in ("", *metrics.variants("q_te")):
        with pytest.raises(Undefined, match="source 1 is constant"):
            metrics.evaluate("q_te", metrics.Sources([flat, image]), metrics.Fused(image), variant)
