"""Does an image file that was fused elsewhere belong to a scene? Images published by authors, and those of a user's own program.

A file under the right name may still show another scene, or have been resized, shifted or stored in gray on its way: the metrics would give a
plausible wrong number. `check_fused` refuses what cannot be scored and notes what changes the score.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import fft
from scipy.ndimage import gaussian_filter

from files.errors import InputError
from imaging import jpeg
from imaging.files import PathLike, read_image
from imaging.levels import gray_real

#: `likeness` of a fused image and its own sources is above this, that of images of two scenes below: at most 0.14 among the pairs of
#: Lytro, MFFW and the gray pairs, where two sources of one scene have at least 0.40.
ALIKE = 0.5

#: Longer side of the pictures that `likeness` compares, and the standard deviation of the Gaussian whose result is taken off them.
_SIDE, _SIGMA = 64, 4.0

#: Images with a shorter side than this are too small to tell scenes apart.
_SMALLEST = 32

#: A shift is looked for in the middle of an image, up to this side, and up to so many pixels in each direction.
_WINDOW, _FARTHEST = 512, 32

#: A shift counts where it brings the image nearer to its sources than this share of the distance without it.
_NEARER = 0.9

#: Tiles on which a shift is measured to a fraction of a pixel: their side, the share of them with the most structure that is used, and how far
#: a shift is looked for.
_TILE, _SHARE, _REACH = 64, 4, 3

#: Spread (between quartiles) in pixels below which the shifts of the tiles count as one.
_UNIFORM = 1.0

#: `drift` of an image by at least so many pixels is a shift.
_DRIFTED = 0.5

#: Structure below this standard deviation, in grey levels, is none.
_FLAT = 0.5


class Checked(NamedTuple):
    """An image file that can be scored.

    Parameters
    ----------
    image : numpy.ndarray
        float32, the shape of the sources, [0, 1].
    notes : tuple of str
        What changes its scores all the same, each a sentence without the file's name; empty where there is nothing to say.
    """

    image: NDArray[np.float32]
    notes: tuple[str, ...]


def check_fused(path: PathLike, sources: Sequence[NDArray[Any]], scene: str = "") -> Checked:
    """Read an image that was fused elsewhere, and check that it belongs to the sources.

    Parameters
    ----------
    path : path-like
        PNG, JPEG, TIFF or BMP.
    sources : sequence of numpy.ndarray
        n >= 2 images of one shape, floating point, H x W or H x W x 3, [0, 1]. May be lazy.
    scene : str
        Name of the scene, for messages.

    Returns
    -------
    Checked
        The image in the shape of the sources, and notes: it is a JPEG file; it was stored in colour though the sources are gray.

    Raises
    ------
    files.errors.InputError
        The file cannot be read; its image has another size than the sources (with the factor, where it was resized), is gray where they are
        colour, shows another scene (`likeness` below `ALIKE`), or is shifted (by how many pixels), by half a pixel or more (`drift`).
    """
    path = Path(path)
    image = read_image(path)
    first = sources[0]
    shape = first.shape
    _check_size(path, image.shape, shape)
    coding = jpeg.coding(path)
    notes = [f"It is a {coding} file, and coding changes its scores."] if coding else []
    if len(shape) == 3:
        _check_colour(path, image, first)
    elif image.ndim == 3:
        if np.ptp(image, axis=2).max() > 0:
            notes.append("It is in colour where the sources are gray; its gray is scored.")
        image = (gray_real(image) if np.ptp(image, axis=2).max() > 0 else image[..., 0]).astype(np.float32)
    if min(shape[:2]) >= _SMALLEST:
        found = likeness(image, sources)
        if found < ALIKE:
            of = f"scene {scene}" if scene else "its scene"
            raise InputError(
                f"{path} does not show {of}: its structure has a correlation of {found:.2f} with the nearest source, at least {ALIKE:g} is "
                "needed; look whether the files are numbered as the scenes are"
            )
        _check_shift(path, image, sources)
    return Checked(image, tuple(notes))


def _check_shift(path: Path, image: NDArray[Any], sources: Sequence[NDArray[Any]]) -> None:
    """Refuse an image that is shifted against its sources, by whole pixels or by a part of one."""
    down: float
    right: float
    down, right = shift(image, sources)
    if not (down or right):
        down, right = (round(value, 1) for value in drift(image, sources))
        if max(abs(down), abs(right)) < _DRIFTED:
            return
    raise InputError(
        f"{path} is shifted against the sources by {abs(right):g} pixels to the {'right' if right >= 0 else 'left'} and {abs(down):g} "
        f"{'down' if down >= 0 else 'up'}; scores would measure the shift; an image without it is needed"
    )


def _check_size(path: Path, found: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    """Refuse an image of another size, or a gray one where the sources are colour."""
    if found[:2] == wanted[:2] and len(found) >= len(wanted):
        return
    factors = found[0] / wanted[0], found[1] / wanted[1]
    why = ""
    if found[:2] == wanted[1::-1] and found[0] != found[1]:
        why = " (it was turned)"
    elif found[:2] != wanted[:2] and abs(found[1] - factors[0] * wanted[1]) < 1:
        why = f" (it was resized by {factors[0]:.3g})"
    elif found[:2] != wanted[:2]:
        why = " (it was cropped, padded or resized)"
    raise InputError(f"{path} is {describe(found)}, the sources are {describe(wanted)}{why}; they must be equal")


def describe(shape: tuple[int, ...]) -> str:
    """The shape of an image in words, such as ``520 x 520 colour`` (width first)."""
    return f"{shape[1]} x {shape[0]} {'gray' if len(shape) == 2 else 'colour'}"


def _check_colour(path: Path, image: NDArray[Any], first: NDArray[Any]) -> None:
    """Refuse three equal channels where those of the first source differ."""
    if np.ptp(image, axis=2).max() == 0 and np.ptp(first, axis=2).max() > 0:
        raise InputError(f"{path} is gray (its three channels are equal), the sources are colour; they must be equal")


def likeness(image: NDArray[Any], sources: Sequence[NDArray[Any]]) -> float:
    """How far an image shows what the sources show: 1 for a copy, about 0 for another scene.

    The largest correlation, over the sources, of small gray pictures without their coarse brightness. Defocus hardly changes them, a shift of
    a few pixels neither.

    Parameters
    ----------
    image : numpy.ndarray
        H x W or H x W x 3, [0, 1].
    sources : sequence of numpy.ndarray
        Images of that size.

    Returns
    -------
    float
        In [-1, 1]; 1 where the sources have no structure at all.
    """
    own = _structure(image)
    found = [_correlation(own, _structure(source)) for source in _each(sources)]
    return max((value for value in found if value is not None), default=1.0)


def _each(sources: Sequence[NDArray[Any]]) -> Iterator[NDArray[Any]]:
    """The sources one at a time, whether they are lazy or not."""
    return (sources[number] for number in range(len(sources)))


def _structure(image: NDArray[Any]) -> NDArray[np.float64]:
    """The small gray picture, in grey levels, without what is coarser than `_SIGMA` of its pixels."""
    gray = gray_real(255.0 * image).astype(np.float32)
    height, width = (max(1, round(side * _SIDE / max(gray.shape))) for side in gray.shape)
    small = np.asarray(Image.fromarray(gray).resize((width, height), Image.Resampling.BOX), dtype=np.float64)
    return small - gaussian_filter(small, _SIGMA)


def _correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float | None:
    """Pearson's correlation; None where the second has no structure, 0 where only the first has none."""
    if second.std() < _FLAT:
        return None
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1]) if first.std() > 0 else 0.0


def distance(image: NDArray[Any], sources: Sequence[NDArray[Any]]) -> float:
    """How far an image is from its sources: the mean distance in grey levels to the nearest source at every pixel, in the middle of the image.

    It tells apart sources of the same scene that were stored in different ways, which `likeness` does not.

    Parameters
    ----------
    image : numpy.ndarray
        H x W or H x W x 3, [0, 1].
    sources : sequence of numpy.ndarray
        Images of that size.
    """
    return _distance(_middle(image), sources, 0, 0)


def shift(image: NDArray[Any], sources: Sequence[NDArray[Any]]) -> tuple[int, int]:
    """Whole pixels by which an image is shifted against its sources.

    The peak of the phase correlation with all sources gives a candidate (C. D. Kuglin, D. C. Hines, The phase correlation image alignment
    method, 1975). It counts only if it brings every pixel nearer to the nearest source, so that sources which are shifted against each other
    do no harm.

    Parameters
    ----------
    image : numpy.ndarray
        H x W or H x W x 3, [0, 1].
    sources : sequence of numpy.ndarray
        Images of that size.

    Returns
    -------
    down, right : int
        (0, 0) where there is no shift.
    """
    own = _middle(image)
    spectrum = fft.rfft2(_windowed(own))
    total = np.zeros(own.shape)
    for source in _each(sources):
        cross = spectrum * np.conj(fft.rfft2(_windowed(_middle(source))))
        total += fft.irfft2(cross / np.maximum(np.abs(cross), 1e-9), s=own.shape)
    reach = [min(_FARTHEST, side // 4) for side in own.shape]
    near = np.ix_(*(np.arange(-far, far + 1) % side for far, side in zip(reach, own.shape, strict=True)))
    down, right = (
        int(place) - far
        for place, far in zip(np.unravel_index(total[near].argmax(), total[near].shape), reach, strict=True)
    )
    if (down or right) and _distance(own, sources, down, right) < _NEARER * _distance(own, sources, 0, 0):
        return down, right
    return 0, 0


def drift(image: NDArray[Any], sources: Sequence[NDArray[Any]]) -> tuple[float, float]:
    """Small shift of an image against its sources, to a fraction of a pixel, also where it is more blurred than they are.

    The cross-correlation of the gradients of an image and of a copy that is blurred symmetrically has its peak at the shift between them (in the
    manner of V. Argyriou, T. Vlachos, Estimation of sub-pixel motion using gradient cross-correlation, Electronics Letters 39 (2003) 980-982).
    It is taken on the tiles with the most structure, each against the source that is sharpest there, so that sources which are shifted against
    each other do no harm; the shift is the median over the tiles.

    Parameters
    ----------
    image : numpy.ndarray
        H x W or H x W x 3, [0, 1].
    sources : sequence of numpy.ndarray
        Images of that size.

    Returns
    -------
    down, right : float
        Pixels, within about 3. (0, 0) where there is no structure, or where the tiles are not shifted alike, as after a change of magnification.

    Notes
    -----
    Measured on 167 images by the reference programs and by authors (Lytro in both codings, and gray pairs): at most 0.23 pixels as they are. Of 34
    of them, at most 0.39 after a Gaussian blur of up to 5 pixels (standard deviation); shifted by one pixel as well, all are found (at least 0.5)
    up to a blur of 4 pixels, and 19 at 5. None is taken for shifted after a magnification of 1, 2 or 4 % about the middle.
    """
    own = _middle(image)
    side = min(_TILE, *own.shape)
    window = np.outer(np.hanning(side), np.hanning(side))
    down, right = fft.fftfreq(side)[:, None], fft.rfftfreq(side)[None]
    # Squared gain of differences between neighbours, times that of a Gaussian of one pixel against noise and coding.
    weight = (np.sin(np.pi * down) ** 2 + np.sin(np.pi * right) ** 2) * np.exp(
        -((2 * np.pi) ** 2) * (down**2 + right**2)
    )

    def spectra(gray: NDArray[np.float64]) -> list[NDArray[np.complex128]]:
        tiles = (gray[top : top + side, left : left + side] for top, left in corners)
        return [fft.rfft2((tile - tile.mean()) * window) for tile in tiles]

    def energies(found: Sequence[NDArray[np.complex128]]) -> NDArray[np.float64]:
        return np.array([np.sum(np.abs(spectrum) ** 2 * weight) for spectrum in found])

    rows, columns = (range(0, length - side + 1, side // 2) for length in own.shape)
    corners = [(top, left) for top in rows for left in columns]
    mine = spectra(own)
    most, sharpest = np.zeros(len(corners)), list(mine)
    for source in _each(sources):
        found = spectra(_middle(source))
        for place, energy in enumerate(energies(found)):
            if energy > most[place]:
                most[place], sharpest[place] = energy, found[place]
    used = [place for place in np.argsort(-most)[: max(1, len(corners) // _SHARE)] if most[place] > 0]
    near = np.ix_(*[np.arange(-_REACH - 1, _REACH + 2) % side] * 2)
    peaks = [_peak(fft.irfft2(mine[place] * np.conj(sharpest[place]) * weight, s=(side, side))[near]) for place in used]
    if not peaks:
        return 0.0, 0.0
    low, middle, high = np.quantile(peaks, [0.25, 0.5, 0.75], axis=0)
    return (float(middle[0]), float(middle[1])) if (high - low).max() < _UNIFORM else (0.0, 0.0)


def _peak(surface: NDArray[np.float64]) -> tuple[float, float]:
    """Where a correlation is largest, from its middle and without its rim, with a parabola through the neighbours."""
    middle = surface.shape[0] // 2
    inner = surface[1:-1, 1:-1]
    row, column = (int(place) + 1 for place in np.unravel_index(inner.argmax(), inner.shape))

    def vertex(before: float, here: float, after: float) -> float:
        bend = before - 2 * here + after
        return float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5)) if bend else 0.0

    return (
        row - middle + vertex(*surface[row - 1 : row + 2, column]),
        column - middle + vertex(*surface[row, column - 1 : column + 2]),
    )


def _middle(image: NDArray[Any]) -> NDArray[np.float64]:
    """Grey levels of the middle of an image, at most `_WINDOW` pixels a side."""
    top, left = (max(0, (side - _WINDOW) // 2) for side in image.shape[:2])
    return gray_real(255.0 * image[top : top + _WINDOW, left : left + _WINDOW])


def _windowed(gray: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without mean, and fading towards the border, whose jump would be a structure that never shifts."""
    height, width = gray.shape
    return (gray - gray.mean()) * np.outer(np.hanning(height), np.hanning(width))


def _distance(own: NDArray[np.float64], sources: Sequence[NDArray[Any]], down: int, right: int) -> float:
    """Mean distance in grey levels to the nearest source at every pixel, for an image that is shifted so far; over pixels inside any shift."""
    inner = tuple(slice(far, side - far) for side in own.shape for far in [min(_FARTHEST, side // 4)])
    least = np.full(own[inner].shape, np.inf)
    for source in _each(sources):
        moved = np.roll(_middle(source), (down, right), axis=(0, 1))
        np.minimum(least, np.abs(own[inner] - moved[inner]), out=least)
    return float(least.mean())
