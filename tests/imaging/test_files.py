"""Image files in and out: what is accepted, what is refused, and in which words."""

import logging

import numpy as np
import pytest
from PIL import Image

from files.errors import InputError
from imaging.files import ImageSequence, image_size, read_image, write_image, write_levels

RNG = np.random.default_rng(3)
GRAY = RNG.integers(0, 256, (9, 12), dtype=np.uint8)
COLOUR = RNG.integers(0, 256, (9, 12, 3), dtype=np.uint8)


def save(path, array, mode=None, **options):
    picture = Image.fromarray(array)
    (picture.convert(mode) if mode else picture).save(path, **options)
    return path


@pytest.mark.parametrize("levels", [GRAY, COLOUR], ids=["gray", "colour"])
@pytest.mark.parametrize("ending", ["png", "tif", "bmp"])
def test_eight_bits_come_back_exactly(tmp_path, levels, ending):
    image = read_image(save(tmp_path / f"image.{ending}", levels))
    assert image.dtype == np.float32
    assert np.array_equal(np.round(image * 255).astype(np.uint8), levels)


def test_write_then_read_is_the_identity(tmp_path):
    place = tmp_path / "folder with spaces" / "my image.png"
    image = read_image(save(tmp_path / "source.png", COLOUR))
    write_image(place, image)
    assert np.array_equal(read_image(place), image)


def test_written_levels_round_half_up(tmp_path):
    write_image(tmp_path / "half.png", np.array([[0.5 / 255, 1.5 / 255, 254.5 / 255, 1.2, -0.1]]))
    assert np.asarray(Image.open(tmp_path / "half.png")).tolist() == [[1, 2, 255, 255, 0]]


def test_results_are_png_only(tmp_path):
    with pytest.raises(InputError, match=r"result\.jpg.*\.png"):
        write_levels(tmp_path / "result.jpg", GRAY)


def test_failed_write_leaves_nothing(tmp_path):
    with pytest.raises(TypeError):
        write_levels(tmp_path / "result.png", np.zeros((3, 3, 7), np.uint8))
    assert list(tmp_path.iterdir()) == []


def test_sixteen_bit_gray_is_scaled(tmp_path):
    levels = RNG.integers(0, 65536, (5, 6), dtype=np.uint16)
    levels[0, :2] = 0, 65535
    image = read_image(save(tmp_path / "deep.png", levels))
    assert image.dtype == np.float32
    np.testing.assert_allclose(image, levels / 65535, atol=1e-7)


def test_integers_beyond_sixteen_bits_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"deep\.tif: 32-bit"):
        read_image(save(tmp_path / "deep.tif", np.array([[0, 70000]], dtype=np.int32)))


@pytest.mark.parametrize(("levels", "shape"), [(GRAY // 64 * 64, (9, 12)), (COLOUR // 128 * 128, (9, 12, 3))])
def test_palette_is_expanded(tmp_path, levels, shape):
    picture = Image.fromarray(levels)
    picture = picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=256)
    picture.save(tmp_path / "palette.png")
    image = read_image(tmp_path / "palette.png")
    assert image.shape == shape
    assert np.array_equal(np.round(image * 255), levels)
    assert image_size(tmp_path / "palette.png") == (9, 12, 1 if len(shape) == 2 else 3)


@pytest.mark.parametrize("levels", [GRAY, COLOUR], ids=["gray", "colour"])
def test_alpha_is_dropped_with_a_warning(tmp_path, levels, caplog):
    alpha = RNG.integers(0, 256, (9, 12, 1), dtype=np.uint8)
    path = save(tmp_path / "alpha.png", np.dstack([levels, alpha]))
    with caplog.at_level(logging.WARNING):
        image = read_image(path)
    assert np.array_equal(np.round(image * 255), levels)
    assert "alpha.png" in caplog.text and "alpha" in caplog.records[0].message


def test_one_pixel_and_bilevel(tmp_path):
    assert read_image(save(tmp_path / "one.png", GRAY[:1, :1])).shape == (1, 1)
    bits = read_image(save(tmp_path / "bits.png", GRAY > 100))
    assert set(np.unique(bits)) == {0.0, 1.0}


def test_not_an_image(tmp_path):
    path = tmp_path / "notes.png"
    path.write_text("not an image")
    for function in (read_image, image_size):
        with pytest.raises(InputError, match=r"notes\.png: not an image"):
            function(path)


@pytest.mark.parametrize("keep", [0, 20, 80])
def test_truncated_file(tmp_path, keep):
    path = save(tmp_path / "image.png", RNG.integers(0, 256, (40, 40), dtype=np.uint8))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"image\.png"):
        read_image(path)


@pytest.mark.parametrize("function", [read_image, image_size])
def test_missing_file(tmp_path, function):
    with pytest.raises(InputError, match=r"nowhere\.png: no such file"):
        function(tmp_path / "nowhere.png")
    with pytest.raises(InputError, match="no such file"):
        function(tmp_path)


def test_sequence_reads_when_asked(tmp_path):
    paths = [save(tmp_path / f"{k}.png", COLOUR + np.uint8(k)) for k in range(3)]
    images = ImageSequence(paths)
    assert len(images) == 3 and images.shape == (9, 12, 3)
    assert np.array_equal(images[2], read_image(paths[2]))
    assert len(images[1:]) == 2
    paths[1].write_bytes(b"broken")
    assert images[0].shape == (9, 12, 3)
    with pytest.raises(InputError, match=r"1\.png"):
        images[1]


def test_sequence_refuses_what_does_not_fit(tmp_path):
    gray, colour = save(tmp_path / "gray.png", GRAY), save(tmp_path / "colour.png", COLOUR)
    small = save(tmp_path / "small.png", GRAY[:, :-1])
    with pytest.raises(InputError, match="two or more"):
        ImageSequence([gray])
    with pytest.raises(InputError, match=r"small\.png is 11 x 9.*gray\.png is 12 x 9"):
        ImageSequence([gray, small])
    with pytest.raises(InputError, match=r"colour\.png is colour.*gray\.png is gray"):
        ImageSequence([gray, colour])
