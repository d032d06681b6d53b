"""What an image, a decision map, an index map and a truth are, checked at every public door.

`methods.fuse` checks its inputs and what a plug-in returns, `metrics.Sources` and `metrics.Fused` what they are given.
An array in another form (8-bit levels, values in -1..1, a map of another size) would give a plausible wrong result
rather than an error.

Every function takes the array and the words that name it in a message, and raises `files.errors.InputError` that says
what is wrong and what would be right.
"""

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from files.errors import InputError
from imaging.truth import Truth

_FORM = "float32, H x W or H x W x 3 (RGB), in [0, 1] is needed"


def check_image(values: ArrayLike, name: str, shape: tuple[int, ...] | None = None) -> NDArray[Any]:
    """Return the values if they are an image.

    Parameters
    ----------
    values : array_like
        Should be an image: floating point, H x W or H x W x 3, finite, [0, 1].
    name : str
        Names it in a message, such as ``"image 2"``.
    shape : tuple of int, optional
        Shape of the scene's sources, which it must have.

    Returns
    -------
    numpy.ndarray
        The values, not copied.

    Raises
    ------
    files.errors.InputError
        Another form, kind or range, or a value that is not finite.
    """
    image = np.asarray(values)
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] != 3) or not image.size:
        raise InputError(f"{name} has shape {image.shape}; {_FORM}")
    if shape is not None and image.shape != shape:
        raise InputError(f"{name} has shape {image.shape}, the sources have {shape}; all must be equal")
    if image.dtype.kind != "f":
        raise InputError(f"{name} is {image.dtype}; {_FORM} (imaging.files.read_image, imaging.levels.from_levels)")
    _check_range(image, name, _FORM)
    return image


def _check_range(values: NDArray[Any], name: str, needed: str) -> None:
    # NaN propagates through both, so that finite limits mean finite values.
    least, most = values.min(), values.max()
    if not (np.isfinite(least) and np.isfinite(most)):
        raise InputError(f"{name} has {np.sum(~np.isfinite(values))} values that are not finite; {needed}")
    if least < 0 or most > 1:
        raise InputError(f"{name} has values from {least:g} to {most:g}; {needed}")


class CheckedImages(Sequence[NDArray[Any]]):
    """A lazy sequence of images, each checked when it is read.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        n >= 2 images; the first is read and checked here.
    """

    def __init__(self, images: Sequence[NDArray[Any]]) -> None:
        self._images = images
        self.shape: tuple[int, ...] = check_image(images[0], "image 1").shape

    def __len__(self) -> int:
        return len(self._images)

    @overload
    def __getitem__(self, index: int) -> NDArray[Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[NDArray[Any]]: ...
    def __getitem__(self, index: int | slice) -> NDArray[Any] | list[NDArray[Any]]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        number = range(len(self))[index]
        return check_image(self._images[number], f"image {number + 1}", self.shape)

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[number] for number in range(len(self)))


def check_sources(images: Sequence[NDArray[Any]]) -> tuple[Sequence[NDArray[Any]], tuple[int, ...]]:
    """The sources of a scene and their shape.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        n >= 2 images of one shape. Those of a list are checked here, those of a lazy sequence when they are read.

    Returns
    -------
    images : sequence of numpy.ndarray
        The same images; a lazy sequence is wrapped in `CheckedImages`.
    shape : tuple of int
        Shape of every image.

    Raises
    ------
    files.errors.InputError
        Fewer than two, or an array that is not an image of the first one's shape.
    """
    if not isinstance(images, Sequence | np.ndarray):
        raise InputError(f"the sources are given as {type(images).__name__}; a list of two or more images is needed")
    if len(images) < 2:
        raise InputError(f"two or more source images of one scene are needed; {len(images)} given")
    if isinstance(images, list | tuple | np.ndarray):
        shape = check_image(images[0], "image 1").shape
        for number, image in enumerate(images[1:], start=2):
            check_image(image, f"image {number}", shape)
        return images, shape
    checked = CheckedImages(images)
    return checked, checked.shape


def check_decision_map(values: ArrayLike, name: str, size: tuple[int, ...]) -> NDArray[Any]:
    """Return the decision map of a pair: floating point, H x W, weight of the first source in [0, 1].

    Parameters
    ----------
    values : array_like
    name : str
        Names it in a message.
    size : tuple of int
        Height and width of the sources.

    Raises
    ------
    files.errors.InputError
        Another size, kind or range, or a value that is not finite. Integers are refused: they are an index map.
    """
    weights = np.asarray(values)
    needed = f"a decision map is float32, {size[0]} x {size[1]}, the weight of the first source in [0, 1]"
    if weights.shape != tuple(size):
        raise InputError(f"{name} has shape {weights.shape}; {needed}")
    if weights.dtype.kind != "f":
        raise InputError(f"{name} is {weights.dtype}; {needed} (source numbers are an index map)")
    _check_range(weights, name, needed)
    return weights


def check_index_map(values: ArrayLike, name: str, size: tuple[int, ...], count: int | None = None) -> NDArray[Any]:
    """Return the index map: integers, H x W, number of a source from 0.

    Parameters
    ----------
    values : array_like
    name : str
        Names it in a message.
    size : tuple of int
        Height and width of the sources.
    count : int, optional
        Number of sources; without it only the form is checked.

    Raises
    ------
    files.errors.InputError
        Another size or kind, or a number without a source. Real numbers are refused: they are a decision map.
    """
    indices = np.asarray(values)
    numbers = "from 0" if count is None else f"in 0..{count - 1}"
    needed = f"an index map is integer, {size[0]} x {size[1]}, the number of a source {numbers}"
    if indices.shape != tuple(size):
        raise InputError(f"{name} has shape {indices.shape}; {needed}")
    if indices.dtype.kind not in "iu":
        raise InputError(f"{name} is {indices.dtype}; {needed} (weights in [0, 1] are a decision map)")
    if indices.min() < 0 or (count is not None and indices.max() >= count):
        raise InputError(f"{name} has numbers from {indices.min()} to {indices.max()}; {needed}")
    return indices


def check_truth(truth: Truth, shape: tuple[int, ...], count: int) -> Truth:
    """Return the truth of a scene, checked against its sources.

    Parameters
    ----------
    truth : imaging.truth.Truth
    shape : tuple of int
        Shape of every source.
    count : int
        Number of sources.

    Raises
    ------
    files.errors.InputError
        A part of the truth does not fit the sources.
    """
    size = shape[:2]
    if truth.image is not None:
        check_image(truth.image, "the true image", shape)
    if truth.index_map is not None:
        check_index_map(truth.index_map, "the true index map", size, count)
    if truth.defocus is not None:
        _check_field(
            truth.defocus, "the true defocus", (count, *size), "a blur radius in pixels per source, at least 0", 0.0
        )
    if truth.depth is not None:
        _check_field(truth.depth, "the true depth", size, "the slice in focus, from 0, fractions allowed")
    if truth.decided is not None and (truth.decided.dtype != bool or truth.decided.shape != size):
        raise InputError(
            f"the map of decided pixels is {truth.decided.dtype} of shape {truth.decided.shape}; bool, {size[0]} x {size[1]}, is needed"
        )
    return truth


def _check_field(
    values: NDArray[Any], name: str, shape: tuple[int, ...], meaning: str, minimum: float = -np.inf
) -> None:
    needed = f"floating point, {' x '.join(map(str, shape))}, {meaning}, is needed"
    if values.shape != shape or values.dtype.kind != "f":
        raise InputError(f"{name} is {values.dtype} of shape {values.shape}; {needed}")
    if not np.isfinite(values).all() or values.min() < minimum:
        raise InputError(f"{name} has values from {values.min()} to {values.max()}; {needed}")


def check_white_level(value: Any, name: str) -> int:
    """Return the value that means white in files of more than 8 bits: an integer from 255 to 65535.

    Parameters
    ----------
    value : object
    name : str
        Names it in a message.

    Raises
    ------
    files.errors.InputError
        Another type or out of range.
    """
    if type(value) is not int or not 255 <= value <= 65535:
        raise InputError(f"{name} = {value!r}; an integer from 255 to 65535 is needed, such as 4095")
    return value
