"""JPEG coding as other programs did it, for comparing with published images that are JPEG."""

import io
import os
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin


def recode(levels: NDArray[np.uint8], published: str | os.PathLike[str]) -> NDArray[np.uint8]:
    """Levels after JPEG coding with another file's quantisation tables and chroma subsampling.

    Parameters
    ----------
    levels : numpy.ndarray
        uint8, H x W or H x W x 3.
    published : path-like
        The JPEG file whose coding is taken over.

    Returns
    -------
    numpy.ndarray
        uint8, the decoded levels.
    """
    with JpegImagePlugin.JpegImageFile(published) as picture:
        tables = picture.quantization
        subsampling = JpegImagePlugin.get_sampling(picture) if picture.mode == "RGB" else -1
    options = {} if subsampling < 0 else {"subsampling": subsampling}
    return _through(levels, qtables=tables, **options)


def resave(levels: NDArray[np.uint8], quality: int = 75) -> NDArray[np.uint8]:
    """Levels after JPEG coding, 4:2:0 (uint8); quality 75 as the MFIFB benchmark saved some methods' sources."""
    return _through(levels, quality=quality, subsampling="4:2:0")


def _through(levels: NDArray[np.uint8], **options: Any) -> NDArray[np.uint8]:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(levels)).save(buffer, "JPEG", **options)
    return np.asarray(Image.open(io.BytesIO(buffer.getvalue())))


def comparable(
    levels: NDArray[np.uint8], published: str | os.PathLike[str]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Ours and the published levels (both uint8), ours coded like the published file when that is a JPEG."""
    with Image.open(published) as picture:
        theirs = np.asarray(picture)
        lossy = picture.format == "JPEG"
    return (recode(levels, published) if lossy else levels), theirs


def coding(path: str | os.PathLike[str]) -> str:
    """How a file is JPEG coded, in words ("JPEG (quality 75, 4:2:0)"); empty where it is no JPEG file.

    The quality is that of the IJG's tables, and left out where the file has tables of its own.
    """
    with Image.open(path) as picture:
        if not isinstance(picture, JpegImagePlugin.JpegImageFile):
            return ""
        luma = tuple(picture.quantization[0])
        sampling = JpegImagePlugin.get_sampling(picture) if picture.mode == "RGB" else -1
    quality = _qualities().get(luma)
    words = [f"quality {quality}"] if quality else []
    words += [("4:4:4", "4:2:2", "4:2:0")[sampling]] if sampling >= 0 else []
    return f"JPEG ({', '.join(words)})" if words else "JPEG"


@cache
def _qualities() -> dict[tuple[int, ...], int]:
    """Luminance table -> the quality that gives it."""
    found = {}
    for quality in range(1, 101):
        buffer = io.BytesIO()
        Image.new("L", (1, 1)).save(buffer, "JPEG", quality=quality)
        with JpegImagePlugin.JpegImageFile(io.BytesIO(buffer.getvalue())) as picture:
            found[tuple(picture.quantization[0])] = quality
    return found
