"""Image files in and out.

The only place where files become images (float32, [0, 1]) and images become files (8 bit, one rounding rule).
"""

import contextlib
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from files.atomic import atomic
from files.errors import InputError
from imaging.levels import from_levels, to_uint8

log = logging.getLogger(__name__)

#: Endings of the image files that folders are searched for.
ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")


def read_image(path):
    """Read an image file.

    Parameters
    ----------
    path : path-like
        PNG, JPEG, TIFF or BMP. 16-bit gray is scaled to [0, 1], a palette is expanded, an alpha channel is
        dropped with a warning.

    Returns
    -------
    numpy.ndarray
        float32, H x W or H x W x 3 (RGB), [0, 1].

    Raises
    ------
    files.errors.InputError
        The file is missing, not an image, damaged, or of a kind that has no place here.
    """
    with _opened(path) as picture:
        picture.load()
        return _to_array(picture, Path(path))


@contextlib.contextmanager
def _opened(path):
    """The opened picture; whatever is wrong with the file becomes an `InputError` that names it."""
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; an image file is needed")
    try:
        with Image.open(path) as picture:
            yield picture
    except InputError:
        raise
    except UnidentifiedImageError:
        raise InputError(f"{path}: not an image; PNG, JPEG, TIFF or BMP is needed") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(f"{path}: cannot be decoded ({error}); an undamaged image file is needed") from None


def _to_array(picture, path):
    mode = picture.mode
    if mode == "P":
        mode = "RGBA" if "transparency" in picture.info else "RGB"
        picture = picture.convert(mode)
        if mode == "RGB":
            array = np.asarray(picture)
            if (array[..., 0] == array[..., 1]).all() and (array[..., 0] == array[..., 2]).all():
                picture, mode = picture.convert("L"), "L"
    if mode in ("LA", "RGBA", "PA"):
        log.warning("%s: the alpha channel is ignored", path)
        mode = "L" if mode == "LA" else "RGB"
        # Image.convert would keep the colour of transparent pixels as stored, which is what is wanted here.
        picture = picture.convert(mode)
    if mode == "1":
        picture, mode = picture.convert("L"), "L"
    if mode in ("L", "RGB"):
        return from_levels(np.asarray(picture))
    if mode.startswith("I;16") or mode == "I":
        array = np.asarray(picture).astype(np.float64)
        if array.min() < 0 or array.max() > 65535:
            raise InputError(f"{path}: 32-bit integer image with values outside 0..65535; 8 or 16 bits are needed")
        return (array / 65535.0).astype(np.float32)
    if mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        return from_levels(np.asarray(picture.convert("RGB")))
    raise InputError(f"{path}: image mode {mode} is not supported; 8- or 16-bit gray or 8-bit RGB is needed")


def image_size(path):
    """Height, width and number of channels (1 or 3) from the file's header, without decoding the pixels."""
    with _opened(path) as picture:
        width, height = picture.size
        gray = picture.mode in ("L", "LA", "1", "I", "F") or picture.mode.startswith("I;16")
        if picture.mode == "P":
            # Whether a palette holds colours is known only from the pixels' expansion.
            gray = _to_array(picture, Path(path)).ndim == 2
        return height, width, 1 if gray else 3


def write_image(path, image):
    """Write an image as 8-bit PNG, atomically.

    Parameters
    ----------
    path : path-like
        Ends with ``.png``.
    image : numpy.ndarray
        float, H x W or H x W x 3, [0, 1]; rounded by `imaging.levels.to_uint8`.
    """
    write_levels(path, to_uint8(image))


def write_levels(path, levels):
    """Write integer levels 0..255 (an index map, say) as 8-bit PNG, unchanged and atomically.

    Raises
    ------
    files.errors.InputError
        The name does not end with ``.png``, or a level does not fit into 8 bits.
    """
    path = Path(path)
    levels = np.asarray(levels)
    if levels.size and (levels.min() < 0 or levels.max() > 255):
        raise InputError(f"{path}: levels {levels.min()}..{levels.max()} do not fit into 8 bits (0..255)")
    if path.suffix.lower() != ".png":
        raise InputError(f"{path}: results are written as PNG; choose a name that ends with .png")
    with atomic(path) as temporary:
        Image.fromarray(np.ascontiguousarray(levels, dtype=np.uint8)).save(temporary, format="PNG")


class ImageSequence(Sequence):
    """Images of one scene, read when they are asked for and not kept.

    Parameters
    ----------
    paths : sequence of path-like
        Two or more image files of one size; all gray or all colour.

    Raises
    ------
    files.errors.InputError
        Fewer than two, unequal sizes, gray with colour (found from the headers, before any pixel is decoded).
    """

    def __init__(self, paths):
        self.paths = [Path(p) for p in paths]
        if len(self.paths) < 2:
            raise InputError(f"a scene needs two or more source images; {len(self.paths)} given")
        height, width, channels = self.shape = image_size(self.paths[0])
        for path in self.paths[1:]:
            other = image_size(path)
            if other[:2] != (height, width):
                raise InputError(
                    f"{path} is {other[1]} x {other[0]} pixels, {self.paths[0]} is {width} x {height}; all sources of a scene must have one size"
                )
            if other[2] != channels:
                words = {1: "gray", 3: "colour"}
                raise InputError(
                    f"{path} is {words[other[2]]}, {self.paths[0]} is {words[channels]}; all sources of a scene must be gray or all colour"
                )

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [read_image(path) for path in self.paths[index]]
        return read_image(self.paths[index])
