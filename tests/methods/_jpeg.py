"""Comparison with published images that are JPEG: ours is coded in the same way first."""

import io

import numpy as np
from PIL import Image, JpegImagePlugin


def recode(levels, published):
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
    with Image.open(published) as picture:
        tables = picture.quantization
        subsampling = JpegImagePlugin.get_sampling(picture) if picture.mode == "RGB" else -1
    buffer = io.BytesIO()
    options = {} if subsampling < 0 else {"subsampling": subsampling}
    Image.fromarray(np.ascontiguousarray(levels)).save(buffer, "JPEG", qtables=tables, **options)
    return np.asarray(Image.open(io.BytesIO(buffer.getvalue())))


def comparable(levels, published):
    """Ours and the published levels (both uint8), ours coded like the published file when that is a JPEG."""
    with Image.open(published) as picture:
        theirs = np.asarray(picture)
        lossy = picture.format == "JPEG"
    return (recode(levels, published) if lossy else levels), theirs


def psnr(ours, theirs):
    """Peak signal-to-noise ratio over all channels in dB; infinite when identical."""
    error = np.mean((ours.astype(np.float64) - theirs) ** 2)
    return np.inf if error == 0 else 10 * np.log10(255**2 / error)


def resave(levels):
    """Levels after JPEG coding of quality 75, 4:2:0, as the MFIFB benchmark saved some methods' sources (uint8)."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(levels)).save(buffer, "JPEG", quality=75, subsampling="4:2:0")
    return np.asarray(Image.open(io.BytesIO(buffer.getvalue())))
