"""An image fused elsewhere must belong to its scene; the message says what is wrong with it."""

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter, zoom

from files.errors import InputError
from imaging.files import read_image, write_image
from imaging.fused_elsewhere import ALIKE, check_fused, drift, likeness, shift
from imaging.levels import to_uint8
from scenes import load


@pytest.fixture(scope="module")
def pair():
    """Two sources of a scene in colour, and a fused image that takes one half of each."""
    sources = load("embedded").scene("astronaut").sources
    images = [sources[0], sources[1]]
    middle = images[0].shape[1] // 2
    return images, np.concatenate([images[0][:, :middle], images[1][:, middle:]], axis=1)


@pytest.fixture(scope="module")
def gray():
    sources = load("embedded").scene("camera").sources
    return [sources[0], sources[1]]


def test_a_selection_of_pixels_passes_unchanged(pair, tmp_path):
    sources, fused = pair
    write_image(tmp_path / "fused.png", fused)
    image, notes = check_fused(tmp_path / "fused.png", sources, "astronaut")
    assert np.array_equal(to_uint8(image), to_uint8(fused))
    assert notes == ()


def test_another_scene_is_refused_by_name(pair, tmp_path):
    sources, _ = pair
    other = load("embedded").scene("cat").sources[0]
    height, width = sources[0].shape[:2]
    tiled = np.tile(other, (4, 4, 1))[:height, :width]
    assert likeness(tiled, sources) < ALIKE / 2
    write_image(tmp_path / "3.png", tiled)
    with pytest.raises(InputError, match=r"3\.png does not show scene astronaut: .*numbered"):
        check_fused(tmp_path / "3.png", sources, "astronaut")


@pytest.mark.parametrize(("down", "right", "words"), [(2, -3, "3 pixels to the left and 2 down"), (-1, 0, "1 up")])
def test_a_shift_is_found_and_told(pair, tmp_path, down, right, words):
    sources, fused = pair
    moved = np.roll(fused, (down, right), axis=(0, 1))
    assert shift(moved, sources) == (down, right)
    write_image(tmp_path / "fused.png", moved)
    with pytest.raises(InputError, match=f"fused.png is shifted .*{words}"):
        check_fused(tmp_path / "fused.png", sources)


@pytest.mark.parametrize("blur", [1, 2, 3])
def test_a_shift_of_a_blurred_image_is_found(pair, tmp_path, blur):
    sources, fused = pair
    moved = np.roll(gaussian_filter(fused, (blur, blur, 0)), 1, axis=0)
    down, right = drift(moved, sources)
    assert 0.7 < down < 1.1 and abs(right) < 0.3
    write_image(tmp_path / "fused.png", moved)
    with pytest.raises(InputError, match=r"fused\.png is shifted .* and (1|0\.\d) down"):
        check_fused(tmp_path / "fused.png", sources)


def test_what_is_no_shift_is_not_taken_for_one(pair):
    sources, fused = pair
    height, width = fused.shape[:2]
    larger = zoom(fused, (1.02, 1.02, 1), order=1)
    top, left = (larger.shape[0] - height) // 2, (larger.shape[1] - width) // 2
    assert drift(larger[top : top + height, left : left + width], sources) == (0.0, 0.0)
    assert np.abs(drift(gaussian_filter(fused, (3, 3, 0)), sources)).max() < 0.3
    assert np.abs(drift(np.mean(sources, axis=0), sources)).max() < 0.1
    flat = np.full_like(fused, 0.5)
    assert drift(flat, [flat, flat]) == (0.0, 0.0)


@pytest.mark.parametrize("method", ["pmgi", "mffgan", "gifnet", "u2fusion", "ifcnn_mean", "densefuse_add", "gacn"])
def test_images_of_the_reference_programs_are_not_shifted(reference, method):
    scene = load("lytro").scene("lytro_01")
    if scene.missing():
        pytest.skip(scene.missing())
    image = read_image(reference / "official" / method / "lytro_01.png")
    assert np.abs(drift(image, scene.sources)).max() < 0.25


def test_sources_that_are_shifted_against_each_other_are_no_shift_of_the_image(pair):
    sources, _ = pair
    moved = [sources[0], np.roll(sources[1], 4, axis=1)]
    middle = sources[0].shape[1] // 2
    fused = np.concatenate([moved[0][:, :middle], moved[1][:, middle:]], axis=1)
    assert shift(fused, moved) == (0, 0) and np.abs(drift(fused, moved)).max() < 0.1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda image: image[::2, ::2], r"resized by 0\.5"),
        (lambda image: image[:-8], "cropped, padded or resized"),
        (lambda image: image[..., 0], "gray, the sources are .* colour; they must be equal"),
        (lambda image: np.repeat(image[..., :1], 3, axis=2), "three channels are equal"),
    ],
)
def test_another_size_or_a_gray_image_is_refused(pair, tmp_path, change, words):
    sources, fused = pair
    write_image(tmp_path / "fused.png", change(fused))
    with pytest.raises(InputError, match=words):
        check_fused(tmp_path / "fused.png", sources)


def test_a_turned_image_is_told(pair, tmp_path):
    sources, fused = pair
    write_image(tmp_path / "fused.png", np.rot90(fused[:-8]))
    with pytest.raises(InputError, match="it was turned"):
        check_fused(tmp_path / "fused.png", [source[:-8] for source in sources])


def test_a_jpeg_file_is_noted_with_its_coding(pair, tmp_path):
    sources, fused = pair
    Image.fromarray(to_uint8(fused)).save(tmp_path / "fused.jpg", quality=75, subsampling="4:2:0")
    image, notes = check_fused(tmp_path / "fused.jpg", sources)
    assert image.shape == fused.shape
    assert len(notes) == 1 and "JPEG (quality 75, 4:2:0)" in notes[0]


def test_gray_stored_in_colour_is_read_as_gray(gray, tmp_path):
    write_image(tmp_path / "equal.png", np.repeat(gray[0][..., None], 3, axis=2))
    image, notes = check_fused(tmp_path / "equal.png", gray)
    assert np.array_equal(to_uint8(image), to_uint8(gray[0])) and notes == ()
    tinted = np.stack([gray[0], gray[0], 0.9 * gray[0]], axis=2)
    write_image(tmp_path / "tinted.png", tinted)
    image, notes = check_fused(tmp_path / "tinted.png", gray)
    assert image.ndim == 2 and image.max() <= 1 and "its gray is scored" in notes[0]
