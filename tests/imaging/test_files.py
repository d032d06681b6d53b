"""Image files in and out: what is accepted, what is refused, and in which words."""

import logging
import struct
import zlib
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageOps

from files.errors import InputError
from imaging.files import ImageSequence, image_size, read_image, read_levels, write_image, write_levels

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


DEEP = RNG.integers(0, 65536, (7, 9, 4), dtype=np.uint16)


def png(path, levels, colour_type, *chunks):
    """A 16-bit PNG written by hand, with further chunks before the pixels; Pillow writes no 16-bit colour."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", levels.shape[1], levels.shape[0], 16, colour_type, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in levels)
    parts = [chunk(b"IHDR", head), *(chunk(*each) for each in chunks), chunk(b"IDAT", zlib.compress(rows))]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b""))
    return path


def tiff(path, levels, *, photometric, bits=16, more=(), next_page=None):
    """An uncompressed TIFF of one strip, written by hand; `more` are further tags (number, type, value)."""
    pages = [levels] if next_page is None else [levels, *next_page]
    content = bytearray(b"II*\0\0\0\0\0")
    link = 4
    for page in pages:
        data = page.tobytes()
        samples = 1 if page.ndim == 2 else page.shape[2]
        place = len(content)
        content += data + b"\0" * (len(data) % 2)
        depths = len(content)
        content += struct.pack("<4H", *[bits] * 4)
        tags = {256: (3, 1, page.shape[1]), 257: (3, 1, page.shape[0]), 259: (3, 1, 1), 262: (3, 1, photometric)}
        tags |= {258: (3, samples, bits if samples == 1 else depths), 273: (4, 1, place), 277: (3, 1, samples)}
        tags |= {278: (3, 1, page.shape[0]), 279: (4, 1, len(data))}
        tags |= {number: (kind, 1, value) for number, kind, value in more}
        struct.pack_into("<I", content, link, len(content))
        content += struct.pack("<H", len(tags))
        for number, (kind, count, value) in sorted(tags.items()):
            content += struct.pack("<HHII", number, kind, count, value)
        link = len(content)
        content += b"\0\0\0\0"
    path.write_bytes(bytes(content))
    return path


def assert_deep(path, levels, full=65535):
    image = read_image(path)
    assert image.dtype == np.float32
    np.testing.assert_array_equal(image, (levels / full).astype(np.float32))
    height, width = levels.shape[:2]
    assert image_size(path) == (height, width, 1 if levels.ndim == 2 else 3)


@pytest.mark.parametrize(("channels", "colour_type"), [(3, 2), (4, 6)])
def test_sixteen_bit_colour_png_keeps_its_depth(tmp_path, channels, colour_type):
    assert_deep(png(tmp_path / "deep.png", DEEP[..., :channels], colour_type), DEEP[..., :3])


def test_sixteen_bit_gray_with_alpha_is_gray(tmp_path, caplog):
    assert_deep(png(tmp_path / "deep.png", DEEP[..., :2], 4), DEEP[..., 0])
    assert "alpha" in caplog.text


def test_sixteen_bit_png_with_a_transparent_colour(tmp_path):
    colour = struct.pack(">HHH", *DEEP[0, 0, :3])
    assert_deep(png(tmp_path / "deep.png", DEEP[..., :3], 2, (b"tRNS", colour)), DEEP[..., :3])


@pytest.mark.parametrize("channels", [3, 4])
def test_sixteen_bit_colour_tiff_keeps_its_depth(tmp_path, channels):
    levels = np.ascontiguousarray(DEEP[..., :channels])
    assert_deep(tiff(tmp_path / "deep.tif", levels, photometric=2, more=[(338, 3, 2)][: channels - 3]), levels[..., :3])


def test_sixteen_bit_colour_in_separate_planes_is_not_misread(tmp_path):
    planes = np.ascontiguousarray(np.moveaxis(DEEP[..., :3], -1, 0))
    content = tiff(tmp_path / "a.tif", planes.reshape(7, 9, 3), photometric=2, more=[(284, 3, 2)]).read_bytes()
    (tmp_path / "planes.tif").write_bytes(content)
    try:
        image = read_image(tmp_path / "planes.tif")
    except InputError as error:
        assert "planes.tif" in str(error)
    else:
        np.testing.assert_allclose(image, DEEP[..., :3] / 65535, atol=1e-7)


def test_sixteen_bit_gray_where_white_is_zero(tmp_path):
    levels = np.ascontiguousarray(DEEP[..., 0])
    assert_deep(tiff(tmp_path / "inverted.tif", levels, photometric=0), 65535 - levels.astype(int))


def test_twelve_bits_that_the_file_states(tmp_path, caplog):
    levels = RNG.integers(0, 4096, (4, 6), dtype=np.uint16)
    flat = levels.ravel().astype(int)
    packed = np.stack([flat[::2] >> 4, (flat[::2] & 15) << 4 | flat[1::2] >> 8, flat[1::2] & 255], 1).astype(np.uint8)
    path = tiff(tmp_path / "twelve.tif", levels, photometric=1, bits=12)
    content = path.read_bytes().replace(levels.tobytes(), packed.tobytes().ljust(levels.nbytes, b"\0"))
    path.write_bytes(content)
    assert_deep(path, levels, 4095)
    assert caplog.text == ""


@pytest.mark.parametrize("bits", [8, 10, 12, 14])
def test_unused_upper_bits_are_warned_of(tmp_path, caplog, bits):
    white = (1 << bits) - 1
    levels = RNG.integers(0, white + 1, (9, 12), dtype=np.uint16)
    levels[0, 0] = white
    path = save(tmp_path / "dark.png", levels)
    read_image(path)
    (record,) = caplog.records
    assert f"white_level = {white}" in record.message and "dark.png" in record.message
    caplog.clear()
    image = read_image(path, white_level=white)
    np.testing.assert_array_equal(image, (levels / white).astype(np.float32))
    assert caplog.text == ""


def test_unused_lower_bits_are_warned_of(tmp_path, caplog):
    levels = GRAY.astype(np.uint16) << 8
    levels[0, 0] = 255 << 8
    path = save(tmp_path / "shifted.png", levels)
    read_image(path)
    assert f"white_level = {255 << 8}" in caplog.text
    assert read_image(path, white_level=255 << 8).max() == 1


def test_full_depth_and_black_are_not_warned_of(tmp_path, caplog):
    read_image(save(tmp_path / "deep.png", DEEP[..., 0]))
    read_image(save(tmp_path / "black.png", np.zeros((4, 4), np.uint16)))
    assert caplog.text == ""


def test_values_above_the_white_level(tmp_path):
    path = save(tmp_path / "deep.png", np.array([[5000, 10]], np.uint16))
    with pytest.raises(InputError, match=r"deep\.png: holds the value 5000, above the declared white level 4095"):
        read_image(path, white_level=4095)


def test_white_level_has_no_meaning_for_eight_bits(tmp_path):
    paths = [save(tmp_path / f"{k}.png", GRAY + np.uint8(k)) for k in range(2)]
    assert np.array_equal(read_image(paths[0], white_level=4095), read_image(paths[0]))
    with pytest.raises(InputError, match=r"0\.png has 8 bits.*white level \(4095\)"):
        ImageSequence(paths, white_level=4095)


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("levels", [GRAY, COLOUR], ids=["gray", "colour"])
@pytest.mark.parametrize("ending", ["png", "tif"])
def test_orientation_is_applied(tmp_path, turn, levels, ending):
    exif = Image.Exif()
    exif[274] = turn
    path = save(tmp_path / f"turned.{ending}", levels, exif=exif)
    # What Pillow's own function makes of the same picture.
    picture = Image.fromarray(levels)
    picture.getexif()[274] = turn
    expected = np.asarray(ImageOps.exif_transpose(picture))
    assert np.array_equal(np.round(read_image(path) * 255), expected)
    assert image_size(path)[:2] == expected.shape[:2]


def test_orientation_of_jpeg(tmp_path):
    exif = Image.Exif()
    exif[274] = 6
    path, upright = tmp_path / "turned.jpg", tmp_path / "upright.jpg"
    save(path, COLOUR, exif=exif, quality=95)
    save(upright, COLOUR, quality=95)
    assert np.array_equal(read_image(path), np.rot90(read_image(upright), -1))
    assert image_size(path) == (12, 9, 3)


@pytest.mark.parametrize("turn", range(1, 9))
def test_orientation_of_sixteen_bit_colour(tmp_path, turn):
    exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0" + bytes([turn]) + b"\0\0\0\0\0\0"
    levels = np.ascontiguousarray(DEEP[..., :3])
    picture = Image.fromarray((levels >> 8).astype(np.uint8))
    picture.getexif()[274] = turn
    upper = np.asarray(ImageOps.exif_transpose(picture))
    for path in (
        png(tmp_path / "deep.png", levels, 2, (b"eXIf", exif)),
        tiff(tmp_path / "deep.tif", levels, photometric=2, more=[(274, 3, turn)]),
    ):
        values = np.round(read_image(path).astype(np.float64) * 65535).astype(int)
        assert np.array_equal(values >> 8, upper), path.name
        assert np.array_equal(np.sort(values, axis=None), np.sort(levels, axis=None)), path.name


def test_multi_page_tiff_is_a_stack(tmp_path, caplog):
    frames = [GRAY, GRAY[::-1], GRAY[:, ::-1]]
    Image.fromarray(frames[0]).save(
        tmp_path / "stack.tif", save_all=True, append_images=[*map(Image.fromarray, frames[1:])]
    )
    stack = ImageSequence([tmp_path / "stack.tif"])
    assert len(stack) == 3 and stack.shape == (9, 12, 1)
    assert all(np.array_equal(np.round(image * 255), frame) for image, frame in zip(stack, frames, strict=True))
    assert stack.name(2).endswith("stack.tif, page 3")
    for function in (read_image, image_size):
        with pytest.raises(InputError, match=r"stack\.tif: holds 3 pages, one image is needed"):
            function(tmp_path / "stack.tif")
    save(tmp_path / "one.tif", GRAY)
    with pytest.raises(InputError, match="holds 3 pages"):
        ImageSequence([tmp_path / "one.tif", tmp_path / "stack.tif"])
    with pytest.raises(InputError, match="has no page 3"):
        read_image(tmp_path / "stack.tif", page=3)


def test_multi_page_tiff_of_sixteen_bit_colour(tmp_path):
    frames = [np.ascontiguousarray(DEEP[..., k : k + 3]) for k in (0, 1)]
    stack = ImageSequence([tiff(tmp_path / "stack.tif", frames[0], photometric=2, next_page=frames[1:])])
    assert stack.bits == 16
    for image, frame in zip(stack, frames, strict=True):
        np.testing.assert_array_equal(image, (frame / 65535).astype(np.float32))


def test_thumbnails_are_no_pages(tmp_path, caplog):
    path = tmp_path / "thumbnail.tif"
    small = Image.fromarray(GRAY[::2, ::2])
    small.encoderinfo = {"tiffinfo": {254: 1}}
    Image.fromarray(GRAY).save(path, save_all=True, append_images=[small])
    assert np.array_equal(np.round(read_image(path) * 255), GRAY)
    assert "1 of 2 pages are thumbnails" in caplog.text
    small.save(tmp_path / "raw.tif", tiffinfo={254: 1})
    with pytest.raises(InputError, match=r"raw\.tif: holds a thumbnail only"):
        read_image(tmp_path / "raw.tif")


def test_further_pictures_in_a_png_are_named(tmp_path, caplog):
    path = tmp_path / "moving.png"
    Image.fromarray(GRAY).save(path, save_all=True, append_images=[Image.fromarray(GRAY[::-1])])
    assert np.array_equal(np.round(read_image(path) * 255), GRAY)
    assert "moving.png holds 2 pictures; only the first is read" in caplog.text


@pytest.mark.parametrize("ending", ["webp", "gif", "ppm", "jp2"])
def test_other_formats_are_refused(tmp_path, ending):
    """Also under a name that an image may have; what they hold (16 bits, several pictures) would be cut in silence."""
    Image.fromarray(COLOUR).save(tmp_path / f"image.{ending}")
    (tmp_path / f"image.{ending}").rename(tmp_path / "image.png")
    with pytest.raises(InputError, match=r"image\.png: not an image; PNG, JPEG, TIFF or BMP is needed"):
        read_image(tmp_path / "image.png")


def test_dangling_link(tmp_path):
    (tmp_path / "link.png").symlink_to(tmp_path / "gone.png")
    with pytest.raises(InputError, match=r"link\.png: the link leads nowhere"):
        read_image(tmp_path / "link.png")


def test_large_images_are_limited_by_memory(tmp_path, monkeypatch):
    path = tmp_path / "large.png"
    Image.new("1", (20000, 12000)).save(path)
    monkeypatch.setenv("FOCUSBENCH_IMAGE_GB", "0.5")
    for function in (image_size, read_image):
        with pytest.raises(
            InputError, match=r"large\.png: 20000 x 12000 pixels need 0\.96 GB.*FOCUSBENCH_IMAGE_GB=1 raises it"
        ):
            function(path)
    monkeypatch.setenv("FOCUSBENCH_IMAGE_GB", "1")
    assert image_size(path) == (12000, 20000, 1)
    monkeypatch.delenv("FOCUSBENCH_IMAGE_GB")
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(total=1e9))
    with pytest.raises(InputError, match="half of this machine's memory"):
        image_size(path)


@pytest.mark.parametrize("value", ["nan", "-1", "0", "much"])
def test_wrong_memory_limit(tmp_path, monkeypatch, value):
    monkeypatch.setenv("FOCUSBENCH_IMAGE_GB", value)
    with pytest.raises(InputError, match=f"FOCUSBENCH_IMAGE_GB={value}: a number of gigabytes"):
        read_image(save(tmp_path / "image.png", GRAY))


@pytest.mark.parametrize("most", [3, 255, 256, 300, 65535])
def test_levels_come_back(tmp_path, most):
    levels = RNG.integers(0, most + 1, (9, 12))
    levels[0, 0] = most
    write_levels(tmp_path / "map.png", levels)
    back = read_levels(tmp_path / "map.png")
    assert back.dtype == (np.uint8 if most < 256 else np.uint16)
    assert np.array_equal(back, levels)


@pytest.mark.parametrize("levels", [np.array([[-1]]), np.array([[65536]]), np.full((2, 2, 3), 256), np.array([[0.5]])])
def test_levels_that_do_not_fit(tmp_path, levels):
    with pytest.raises(InputError, match=r"map\.png: levels"):
        write_levels(tmp_path / "map.png", levels)


def test_levels_of_a_palette_are_its_numbers(tmp_path):
    picture = Image.fromarray(GRAY % 3).convert("P")
    picture.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    picture.save(tmp_path / "map.png")
    assert np.array_equal(read_levels(tmp_path / "map.png"), GRAY % 3)


@pytest.mark.parametrize(
    ("name", "levels", "words"), [("map.jpg", GRAY, "JPEG changes levels"), ("map.png", COLOUR, "gray")]
)
def test_files_that_hold_no_levels(tmp_path, name, levels, words):
    with pytest.raises(InputError, match=words):
        read_levels(save(tmp_path / name, levels))


def test_equal_pictures_are_named(tmp_path, caplog):
    """Whatever the files: a copy in another format, or the same file twice."""
    paths = [save(tmp_path / "a.png", COLOUR), save(tmp_path / "b.png", COLOUR[::-1]), save(tmp_path / "c.tif", COLOUR)]
    images = ImageSequence([*paths, paths[1]])
    for _ in range(2):
        list(images)
    assert len(images.equal) == len(caplog.records) == 2
    assert "a.png and" in caplog.records[0].message and "c.tif hold equal pictures" in caplog.records[0].message
    assert caplog.records[1].message.endswith("b.png is given more than once")
    other = COLOUR.copy()
    other[1, 1] ^= 1
    caplog.clear()
    list(ImageSequence([paths[0], save(tmp_path / "d.png", other)]))
    assert caplog.text == ""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_a_stack_that_is_cut_off_anywhere_is_an_input_error(tmp_path, compression):
    """Pillow meets the damage with a TypeError at some lengths."""
    first, *others = (Image.fromarray(RNG.integers(0, 256, (24, 30, 3)).astype(np.uint8)) for _ in range(3))
    whole = tmp_path / "whole.tif"
    first.save(whole, save_all=True, append_images=others, compression=compression)
    content = whole.read_bytes()
    for length in range(0, len(content), len(content) // 60):
        (tmp_path / "cut.tif").write_bytes(content[:length])
        with pytest.raises(InputError, match=r"cut\.tif"):
            list(ImageSequence([tmp_path / "cut.tif"]))
