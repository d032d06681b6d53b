"""Image files in and out.

The only place where files become images (float32, [0, 1]) and images become files (8 bit, one rounding rule). Images of
16 bits per channel keep their depth until something rounds them with `imaging.levels`.

Environment
-----------
FOCUSBENCH_IMAGE_GB
    Largest image, in gigabytes of its decoded form (4 bytes per value), that is read; half of the memory by default.
"""

import contextlib
import hashlib
import logging
import math
import mmap
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, UnidentifiedImageError

from files.atomic import atomic
from files.errors import InputError
from imaging.checks import check_white_level
from imaging.levels import from_levels, to_uint8

log = logging.getLogger(__name__)

#: A name of a file.
PathLike = str | os.PathLike[str]

#: Endings of the image files that folders are searched for.
ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")

_FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
_WORDS = {1: "gray", 3: "colour"}

# Pillow's limit is a number of pixels; here it is memory, see `_check_memory`.
Image.MAX_IMAGE_PIXELS = None

#: TIFF tags: kind of page (bit 0: reduced resolution), bits per sample, and meaning of the values (0: white is zero).
_SUBFILE, _BITS, _PHOTOMETRIC = 254, 258, 262
#: EXIF tag that says how the stored picture has to be turned.
_ORIENTATION = 274
#: By its value: step along the rows and the columns after the axes were exchanged (5 to 8) or not (1 to 4).
_FLIPS = {2: (1, -1), 3: (-1, -1), 4: (-1, 1), 5: (1, 1), 6: (1, -1), 7: (-1, -1), 8: (-1, 1)}


@dataclass(frozen=True)
class Header:
    """What a file says of its picture.

    Parameters
    ----------
    height, width : int
        Size in pixels, upright.
    channels : {1, 3}
        Gray or colour.
    bits : int
        Bits per channel.
    """

    height: int
    width: int
    channels: int
    bits: int


def read_image(path: PathLike, *, white_level: int | None = None, page: int | None = None) -> NDArray[np.float32]:
    """Read an image file.

    Parameters
    ----------
    path : path-like
        PNG, JPEG, TIFF or BMP. Sixteen bits per channel are read at full depth, a palette is expanded, an alpha channel
        is dropped with a warning, and the orientation that EXIF states is applied.
    white_level : int, optional
        Value that means white in a file of more than 8 bits, such as 4095 for 12-bit data; by default the largest value
        that the file's bits can hold. No effect on a file of 8 bits.
    page : int, optional
        Page (from 0) of a TIFF file; by default its only one. `pages` gives the numbers.

    Returns
    -------
    numpy.ndarray
        float32, H x W or H x W x 3 (RGB), [0, 1].

    Raises
    ------
    files.errors.InputError
        The file is missing, not an image, damaged, too large for the memory, of an unsupported kind, has more than one
        page, or values above `white_level`.
    """
    path = Path(path)
    with _opened(path, page) as picture:
        # Once the pixels are loaded, Pillow no longer says how they were stored.
        bits, gray = _bits(picture), _raw_mode(picture).startswith("LA")
        turn = _orientation(picture, path)
        picture.load()
        levels = _levels(picture, path, bits, gray)
    levels = _upright(levels, turn)
    if levels.dtype == np.uint8:
        return from_levels(levels)
    return _scaled(levels, 4095 if bits == 12 else 65535, white_level, path)


def read_levels(path: PathLike) -> NDArray[Any]:
    """Read integer levels, such as an index map, as `write_levels` writes them.

    Parameters
    ----------
    path : path-like
        Gray image of 1, 8 or 16 bits, or one with a palette, whose entries' numbers are the levels. JPEG is refused, it
        changes levels.

    Returns
    -------
    numpy.ndarray
        uint8 or uint16, H x W, the stored numbers.

    Raises
    ------
    files.errors.InputError
        As `read_image`; also a colour image, JPEG, or levels beyond 16 bits.
    """
    path = Path(path)
    with _opened(path) as picture:
        if picture.format == "JPEG":
            raise InputError(f"{path}: JPEG changes levels; save the map as PNG")
        turn = _orientation(picture, path)
        picture.load()
        if picture.mode not in ("1", "L", "P", "I") and not picture.mode.startswith("I;16"):
            raise InputError(f"{path}: image mode {picture.mode}; a gray image with integer levels is needed")
        levels = _sixteen(picture, path) if picture.mode.startswith("I") else np.asarray(picture).astype(np.uint8)
    return _upright(levels, turn)


def header(path: PathLike, page: int | None = None) -> Header:
    """Size, number of channels and depth of an image file, without decoding its pixels.

    Parameters
    ----------
    path, page
        As for `read_image`.

    Raises
    ------
    files.errors.InputError
        The file is missing, not an image, too large for the memory, or has more than one page.
    """
    path = Path(path)
    with _opened(path, page) as picture:
        width, height = picture.size
        channels, bits = _channels(picture, path), _bits(picture)
        if _orientation(picture, path) > 4:
            width, height = height, width
        return Header(height, width, channels, bits)


def image_size(path: PathLike) -> tuple[int, int, int]:
    """Height, width and number of channels (1 or 3), without decoding the pixels; see `header`."""
    found = header(path)
    return found.height, found.width, found.channels


def thumbnail(path: PathLike, side: int = 32) -> NDArray[np.float64]:
    """Small gray picture of an image file, on the scale of its levels, to tell which files show the same view.

    Parameters
    ----------
    path : path-like
        As for `read_image`; of a file with several pages the first is taken.
    side : int
        Rows and columns.

    Returns
    -------
    numpy.ndarray
        float64, side x side.
    """
    with _opened(Path(path), 0) as picture:
        picture.draft("L", (4 * side, 4 * side))
        small = picture.convert("RGB" if picture.mode == "P" else "L" if picture.mode == "1" else None)
        small = small.resize((side, side), Image.Resampling.BOX)
        return np.atleast_3d(np.asarray(small, dtype=np.float64)).mean(axis=2)


def pages(path: PathLike) -> list[int]:
    """Numbers (from 0) of the pages of an image file; ``[0]`` for one image.

    Only TIFF has pages. Those of reduced resolution (thumbnails) are left out with a warning.

    Raises
    ------
    files.errors.InputError
        The file is missing, not an image, or holds thumbnails only.
    """
    path = Path(path)
    with _opened(path, 0) as picture:
        count = getattr(picture, "n_frames", 1)
        if picture.format != "TIFF":
            if count > 1:
                log.warning("%s holds %d pictures; only the first is read", path, count)
            return [0]
        full = []
        for number in range(count):
            picture.seek(number)
            if not int(picture.tag_v2.get(_SUBFILE, 0)) & 1:  # type: ignore[attr-defined]
                full.append(number)
    if not full:
        raise InputError(f"{path}: holds a thumbnail only, as raw files of cameras do; develop it to PNG or TIFF")
    if len(full) < count:
        log.warning("%s: %d of %d pages are thumbnails and left out", path, count - len(full), count)
    return full


@contextlib.contextmanager
def _opened(path: Path, page: int | None = None) -> Iterator[Image.Image]:
    """The opened picture; whatever is wrong with the file becomes an `InputError` that names it."""
    if not path.is_file():
        gone = path.is_symlink() and not path.exists()
        raise InputError(f"{path}: {'the link leads nowhere' if gone else 'no such file'}; an image file is needed")
    try:
        if page is None:
            page = _only(path)
        # Given a name instead of a stream, Pillow 13 maps uncompressed TIFF into memory and garbles it where it is turned.
        with path.open("rb") as stream, Image.open(stream, formats=_FORMATS) as picture:
            if page:
                picture.seek(page)
            _check_memory(picture, path)
            yield picture
    except InputError:
        raise
    except UnidentifiedImageError:
        raise InputError(f"{path}: not an image; PNG, JPEG, TIFF or BMP is needed") from None
    except EOFError:
        raise InputError(f"{path}: has no page {page} (from 0)") from None
    except Exception as error:
        # Decoders meet damage with errors of any kind, TypeError and KeyError among them.
        raise InputError(f"{path}: cannot be decoded ({error}); an undamaged image file is needed") from None


def _only(path: Path) -> int:
    found = pages(path)
    if len(found) > 1:
        raise InputError(
            f"{path}: holds {len(found)} pages, one image is needed; a multi-page TIFF can only be a whole stack of sources"
        )
    return found[0]


def _check_memory(picture: Image.Image, path: Path) -> None:
    width, height = picture.size
    needed = 4 * width * height * max(1, min(3, len(picture.getbands()))) / 1e9
    limit, what = _largest()
    if needed > limit:
        raise InputError(
            f"{path}: {width} x {height} pixels need {needed:.3g} GB when decoded, the limit is {limit:.3g} GB ({what}); "
            f"FOCUSBENCH_IMAGE_GB={math.ceil(needed)} raises it"
        )


def _largest() -> tuple[float, str]:
    """Gigabytes that one decoded image may take, and where the number comes from."""
    given = os.environ.get("FOCUSBENCH_IMAGE_GB")
    if not given:
        import psutil

        return psutil.virtual_memory().total / 2e9, "half of this machine's memory"
    try:
        limit = float(given)
    except ValueError:
        limit = math.nan
    if not limit > 0:
        raise InputError(f"FOCUSBENCH_IMAGE_GB={given}: a number of gigabytes above 0 is needed, such as 8")
    return limit, "FOCUSBENCH_IMAGE_GB"


def _raw_mode(picture: Image.Image) -> str:
    """How the file stores a pixel, in Pillow's words ("RGB;16B"); empty where it does not say."""
    tile = getattr(picture, "tile", None)
    arguments = tile[0][3] if tile else ""
    return str(arguments[0] if isinstance(arguments, tuple) and arguments else arguments)


def _bits(picture: Image.Image) -> int:
    """Bits per channel as stored; to be asked before the picture is loaded."""
    if picture.format == "TIFF":
        return max(picture.tag_v2.get(_BITS, (1,)))  # type: ignore[attr-defined]
    return 16 if picture.mode.startswith("I") or (picture.format == "PNG" and ";16" in _raw_mode(picture)) else 8


def _channels(picture: Image.Image, path: Path) -> int:
    mode = picture.mode
    if mode == "P":
        # Whether a palette holds colours is known only from the pixels' expansion.
        return 1 if _levels(picture, path).ndim == 2 else 3
    gray = mode in ("L", "LA", "1", "I", "F") or mode.startswith("I;16") or _raw_mode(picture).startswith("LA")
    return 1 if gray else 3


def _orientation(picture: Image.Image, path: Path) -> int:
    """How the picture that Pillow gives has to be turned, 1 to 8 as in EXIF (1: not at all)."""
    if picture.format == "TIFF":
        return 1  # Pillow turns these itself.
    if picture.format == "PNG":
        # Pillow would decode the whole picture to answer; hardly any PNG has the chunk.
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            if content.find(b"eXIf") < 0 and content.find(b"tiff:Orientation") < 0:
                return 1
    try:
        turn = picture.getexif().get(_ORIENTATION, 1)
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, struct.error) as error:
        log.warning("%s: the EXIF data are damaged (%s); the picture is taken as stored", path, error)
        return 1
    return turn if turn in _FLIPS else 1


def _upright(levels: NDArray[Any], turn: int) -> NDArray[Any]:
    if turn == 1:
        return levels
    if turn > 4:
        levels = np.swapaxes(levels, 0, 1)
    rows, columns = _FLIPS[turn]
    return np.ascontiguousarray(levels[::rows, ::columns])


def _levels(picture: Image.Image, path: Path, bits: int = 8, gray: bool = False) -> NDArray[Any]:
    """Levels of a loaded picture as stored, uint8 or uint16 (H x W or H x W x 3), without alpha.

    Pillow gives gray with alpha of 16 bits as RGBA; `gray` says that it is.
    """
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
    if bits == 16 and mode in ("RGB", "RGBA"):
        return _deep_colour(picture, path, gray)
    if bits > 8 and not mode.startswith("I") and mode != "F":
        raise InputError(f"{path}: {bits}-bit {mode} is not supported; 8- or 16-bit gray or RGB is needed")
    if mode in ("LA", "RGBA", "PA"):
        mode = "L" if mode == "LA" else "RGB"
        # Image.convert keeps the colour of transparent pixels as stored, which is what is wanted here.
        picture = picture.convert(mode)
    if mode == "1":
        picture, mode = picture.convert("L"), "L"
    if mode in ("L", "RGB"):
        return np.asarray(picture)
    if mode.startswith("I;16") or mode == "I":
        return _sixteen(picture, path)
    if mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        return np.asarray(picture.convert("RGB"))
    raise InputError(f"{path}: image mode {mode} is not supported; 8- or 16-bit gray or RGB is needed")


def _sixteen(picture: Image.Image, path: Path) -> NDArray[np.uint16]:
    """Levels of a gray picture of more than 8 bits."""
    levels = np.asarray(picture)
    if levels.min() < 0 or levels.max() > 65535:
        raise InputError(f"{path}: 32-bit integer image with values outside 0..65535; 8 or 16 bits are needed")
    if picture.format == "TIFF" and picture.tag_v2.get(_PHOTOMETRIC) == 0:  # type: ignore[attr-defined]
        # White is zero; Pillow turns this round for 8 bits only.
        levels = (4095 if _bits(picture) == 12 else 65535) - levels.astype(np.int64)
    return levels.astype(np.uint16)


def _deep_colour(picture: Image.Image, path: Path, gray: bool) -> NDArray[np.uint16]:
    """Levels (H x W x 3, or H x W of gray with alpha) of a picture of 16 bits per channel.

    Pillow keeps the upper 8 bits, so OpenCV decodes the file once more. OpenCV misreads some codings (planes stored
    apart); the upper 8 bits of both must agree.
    """
    import cv2

    content = np.fromfile(path, np.uint8)
    stored: Any = None
    with contextlib.suppress(cv2.error):
        if picture.format == "TIFF":
            number = picture.tell()
            _, decoded = cv2.imdecodemulti(content, cv2.IMREAD_UNCHANGED, range=(number, number + 1))
            stored = decoded[0] if decoded else None
        else:
            stored = cv2.imdecode(content, cv2.IMREAD_UNCHANGED)
    upper = np.asarray(picture)[..., :3]
    if stored is not None and stored.dtype == np.uint16 and stored.ndim == 3:
        levels = np.ascontiguousarray(stored[..., 2::-1])  # OpenCV has BGR, with alpha last.
        if levels.shape == upper.shape and np.array_equal(levels >> 8, upper):
            return np.ascontiguousarray(levels[..., 0]) if gray else levels
    raise InputError(
        f"{path}: this coding of 16-bit colour is not supported; save it as PNG, or as TIFF with interleaved channels"
    )


def _scaled(levels: NDArray[Any], full: int, white_level: int | None, path: Path) -> NDArray[np.float32]:
    """Image in [0, 1] of levels of more than 8 bits."""
    if white_level is None:
        _warn_of_unused_bits(levels, full, path)
        white_level = full
    elif levels.max() > white_level:
        raise InputError(f"{path}: holds the value {levels.max()}, above the declared white level {white_level}")
    return (levels / float(white_level)).astype(np.float32)


def _warn_of_unused_bits(levels: NDArray[Any], full: int, path: Path) -> None:
    """Warn of data of fewer bits than the file's: unscaled, they give a dark image of few grey levels."""
    most = int(levels.max())
    bits = next((b for b in (8, 10, 12, 14) if most < 1 << b), 0)
    white, what = (1 << bits) - 1, f"the largest value is {most} of {full}, as of {bits}-bit data"
    if not bits:
        used = int(np.bitwise_or.reduce(levels, axis=None))
        low = (used & -used).bit_length() - 1
        white, what = full >> low << low, f"the lowest {low} bits are 0 everywhere, as of {16 - low}-bit data"
        if not 4 <= low <= 8:
            return
    if most and white < full:
        log.warning(
            "%s: %s; if so, declare the white level: white_level = %d in dataset.toml of the data set's folder, or "
            "--white-level %d",
            path,
            what,
            white,
            white,
        )


def write_image(path: PathLike, image: ArrayLike) -> None:
    """Write an image as 8-bit PNG, atomically.

    Parameters
    ----------
    path : path-like
        Ends with ``.png``.
    image : array_like
        float, H x W or H x W x 3, [0, 1]; rounded by `imaging.levels.to_uint8`.

    Raises
    ------
    files.errors.InputError
        The name does not end with ``.png``.
    """
    write_levels(path, to_uint8(image))


def write_levels(path: PathLike, levels: ArrayLike) -> None:
    """Write integer levels, such as an index map, as PNG, unchanged and atomically.

    Parameters
    ----------
    path : path-like
        Ends with ``.png``.
    levels : array_like
        Integers: H x W in 0..65535, written with 16 bits where one is above 255, or H x W x 3 in 0..255.

    Raises
    ------
    files.errors.InputError
        The name does not end with ``.png``, or the levels are not integers or do not fit.
    """
    path = Path(path)
    levels = np.asarray(levels)
    if levels.dtype.kind not in "bui":
        raise InputError(f"{path}: levels of type {levels.dtype}; integers are needed")
    most = 65535 if levels.ndim == 2 else 255
    if levels.size and (levels.min() < 0 or levels.max() > most):
        raise InputError(f"{path}: levels {levels.min()}..{levels.max()} do not fit into 0..{most}")
    if path.suffix.lower() != ".png":
        raise InputError(f"{path}: results are written as PNG; choose a name that ends with .png")
    kind = np.uint16 if levels.size and levels.max() > 255 else np.uint8
    with atomic(path) as temporary:
        Image.fromarray(np.ascontiguousarray(levels, dtype=kind)).save(temporary, format="PNG")


class ImageSequence(Sequence[NDArray[np.float32]]):
    """Images of one scene, read when they are asked for and not kept.

    Parameters
    ----------
    paths : sequence of path-like
        Two or more image files of one size, all gray or all colour; or one TIFF file whose pages are the images.
    white_level : int, optional
        Value that means white in these files, which then must have more than 8 bits; see `read_image`.

    Attributes
    ----------
    paths : list of pathlib.Path
        The file of every image.
    shape : tuple of int
        Height, width and number of channels (1 or 3).
    bits : int
        Largest number of bits per channel.
    equal : list of str
        Sources found to be equal among those read so far, one sentence a pair.

    Raises
    ------
    files.errors.InputError
        Fewer than two, unequal sizes, gray with colour, several pages in one of several files, a white level for 8-bit
        files; found from the headers, before any pixel is decoded.
    """

    def __init__(self, paths: Sequence[PathLike], white_level: int | None = None) -> None:
        self.paths = [Path(p) for p in paths]
        self._white_level = None if white_level is None else check_white_level(white_level, "the white level")
        self._pages: list[int | None] = [None] * len(self.paths)
        if len(self.paths) == 1 and self.paths[0].suffix.lower() in (".tif", ".tiff"):
            self._pages = [*pages(self.paths[0])]
            self.paths *= len(self._pages)
        if len(self.paths) < 2:
            raise InputError(f"a scene needs two or more source images; {len(self.paths)} given")
        self.equal: list[str] = []
        self._seen: dict[bytes, int] = {}
        self._compared: set[int] = set()
        headers = [header(path, page) for path, page in zip(self.paths, self._pages, strict=True)]
        first = headers[0]
        self.shape = (first.height, first.width, first.channels)
        self.bits = max(each.bits for each in headers)
        for number, other in enumerate(headers):
            if (other.height, other.width) != self.shape[:2]:
                raise InputError(
                    f"{self.name(number)} is {other.width} x {other.height} pixels, "
                    f"{self.name(0)} is {first.width} x {first.height}; all sources of a scene must have one size"
                )
            if other.channels != first.channels:
                raise InputError(
                    f"{self.name(number)} is {_WORDS[other.channels]}, {self.name(0)} is {_WORDS[first.channels]}; "
                    "all sources of a scene must be gray or all colour"
                )
            if white_level is not None and other.bits <= 8:
                raise InputError(
                    f"{self.name(number)} has {other.bits} bits per channel; a white level ({white_level}) can only be "
                    "declared for files of more than 8 bits"
                )

    def name(self, index: int) -> str:
        """The file of an image, and its page (from 1) in a file of several."""
        page = self._pages[index]
        return str(self.paths[index]) if page is None else f"{self.paths[index]}, page {page + 1}"

    def __len__(self) -> int:
        return len(self.paths)

    @overload
    def __getitem__(self, index: int) -> NDArray[np.float32]: ...
    @overload
    def __getitem__(self, index: slice) -> list[NDArray[np.float32]]: ...
    def __getitem__(self, index: int | slice) -> NDArray[np.float32] | list[NDArray[np.float32]]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        number = range(len(self))[index]
        image = self._read(number)
        if number not in self._compared:
            self._compared.add(number)
            self._compare(number, image)
        return image

    def _read(self, number: int) -> NDArray[np.float32]:
        return read_image(self.paths[number], white_level=self._white_level, page=self._pages[number])

    def _compare(self, number: int, image: NDArray[np.float32]) -> None:
        """Warn when an image equals one that was read before."""
        # A sample first, so that reading costs no more than it did.
        sample = hashlib.blake2b(image[::8, ::8].tobytes(), digest_size=16).digest()
        other = self._seen.setdefault(sample, number)
        if other != number and np.array_equal(image, self._read(other)):
            first, second = self.name(other), self.name(number)
            same = (
                f"{first} is given more than once" if first == second else f"{first} and {second} hold equal pictures"
            )
            self.equal.append(same)
            log.warning("%s", same)
