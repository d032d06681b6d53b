"""What metrics accept: images and maps in the form of this program, and nothing that only looks like them."""

import tracemalloc
from collections.abc import Sequence

import numpy as np
import pytest

import metrics
from files.errors import InputError, ResultError
from tests.metrics._images import stack

SOURCES, SHARP, OWNER = stack((40, 48))
GOOD = {"images": SOURCES, "fused": SHARP, "truth_image": SHARP, "truth_map": OWNER, "index_map": OWNER}


def spoiled(image):
    """Arrays that could be taken for this image, and the words of their refusal."""
    hole = image.copy()
    hole[3, 4] = np.nan
    endless = image.copy()
    endless[3, 4] = np.inf
    return {
        "levels": ((255 * image).astype(np.uint8), "is uint8"),
        "floating levels": (255 * image, "values from 0 to 255"),
        "symmetric": (2 * image - 1, "values from -1 to 1"),
        "NaN": (hole, "1 values that are not finite"),
        "infinity": (endless, "1 values that are not finite"),
        "booleans": (image > 0.5, "is bool"),
        "complex": (image.astype(complex), "is complex128"),
        "one more channel": (np.stack([image] * 4, axis=-1), "has shape"),
        "channel first": (np.stack([image] * 3), "has shape"),
        "a row": (image[0], "has shape"),
        "nothing": (image[:0], "has shape"),
    }


@pytest.mark.parametrize("kind", spoiled(SHARP))
@pytest.mark.parametrize("place", ["images", "fused", "truth_image"])
def test_what_is_no_image_is_refused(place, kind):
    values, words = spoiled(SHARP)[kind]
    given = GOOD | {place: [SOURCES[0], values] if place == "images" else values}
    name = {"images": "image 2", "fused": "the fused image", "truth_image": "the true image"}[place]
    # Of another size than the sources, an image's size is said first.
    with pytest.raises(InputError, match=f"{name} has (shape|size)" if "shape" in words else f"{name} .*{words}"):
        metrics.score(metrics=["q_mi"], **given)


@pytest.mark.parametrize("place", ["truth_map", "index_map"])
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda m: m.astype(np.float32), "is float32; an index map is integer"),
        (lambda m: 255 * m, "numbers from 0 to 255"),
        (lambda m: m + 1, "numbers from 1 to 2; .* in 0..1"),
        (lambda m: -m, "numbers from -1 to 0"),
        (lambda m: m == 1, "is bool"),
        (lambda m: m[:-1], "has shape"),
        (lambda m: np.stack([m] * 3, axis=-1), "has shape"),
    ],
)
def test_what_is_no_index_map_is_refused(place, spoil, words):
    with pytest.raises(InputError, match=f"the (true )?index map .*{words}"):
        metrics.score(metrics=["wrong_pixels"], **GOOD | {place: spoil(OWNER)})


def test_gray_and_colour_do_not_mix():
    colour = np.stack([SHARP] * 3, axis=-1)
    with pytest.raises(InputError, match="image 2 has shape"):
        metrics.score([SOURCES[0], colour], SHARP)
    with pytest.raises(InputError, match="the fused image has size"):
        metrics.score(SOURCES, colour)


class Lazy(Sequence):
    """Arrays that are no list, as those of a folder."""

    def __init__(self, arrays):
        self._arrays = arrays

    def __len__(self):
        return len(self._arrays)

    def __getitem__(self, index):
        return self._arrays[index]


def test_a_lazy_sequence_is_checked():
    assert metrics.score(Lazy(SOURCES), SHARP, ["q_mi"]) == metrics.score(SOURCES, SHARP, ["q_mi"])
    with pytest.raises(InputError, match="image 2 is uint8"):
        metrics.score(Lazy([SOURCES[0], np.zeros((40, 48), np.uint8)]), SHARP)
    with pytest.raises(InputError, match="given as generator"):
        metrics.score((image for image in SOURCES), SHARP)


@pytest.mark.parametrize("result", [None, "much", [1.0, 2.0], 1j])
def test_a_metric_that_gives_no_number_is_named(monkeypatch, result):
    monkeypatch.setattr(metrics.registry.module("q_mi"), "score", lambda sources, fused: result)
    with pytest.raises(ResultError, match=f"metric q_mi returned {type(result).__name__}; one number is needed"):
        metrics.score(SOURCES, SHARP, ["q_mi"])


def test_a_long_stack_needs_one_byte_per_pixel_and_image():
    image = SOURCES[0]

    class Files(Sequence):
        def __init__(self, count):
            self._count = count

        def __len__(self):
            return self._count

        def __getitem__(self, number):
            return image.copy()

    held = []
    for count in (4, 24):
        tracemalloc.start()
        sources = metrics.Sources(Files(count))
        held.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        assert len(sources.gray) == count and sources.gray[0].dtype == np.float64
    assert held[1] - held[0] < 1.3 * 20 * image.shape[0] * image.shape[1]
