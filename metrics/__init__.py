"""Assessment metrics: one plug-in module each.

A metric is a module in this folder that declares ``METRIC = Metric(...)`` and a function
``score(sources, fused) -> float``. That is the whole registration; ``metrics/_common`` holds machinery that several
metrics share. Other definitions of the same metric that are in use stand in the module, too, as
``VARIANTS = {"name": Variant(...)}``: they explain other programs' numbers and are in no table.

::

    import metrics
    metrics.score([first, second], fused)                      # {"q_mi": 1.17, "q_g": 0.76, ...}

What belongs to the sources is computed once per scene: build `Sources` once and pass it for every fused image.
"""

import contextlib
import functools
import os
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from files.atomic import atomic
from files.errors import InputError, ResultError, Undefined
from files.plugins import Registry
from imaging import checks
from imaging.levels import gray_levels, to_levels
from imaging.truth import Truth

Value = TypeVar("Value")

registry: "Registry[Metric]" = Registry("metrics", "METRIC", computes=("score", "evaluate", "Sources", "Fused"))

#: Arrays above this many bytes are computed anew rather than stored (a stack of large images would fill the disk).
_LARGEST_STORED = 100 * 2**20

#: A holder keeps intermediate arrays up to this many bytes; further ones (large photographs) are computed anew.
_CACHE_BYTES = 2 * 2**30

#: The assessment metrics of the GACN paper's tables, in its order.
SIX = ("q_mi", "q_g", "q_m", "q_p", "q_y", "q_cb")


@dataclass(frozen=True)
class Metric:
    """Declaration of an assessment metric.

    Parameters
    ----------
    id : str
        The module's name.
    label : str
        Name for people in plain text ("Q_MI").
    latex : str
        Name in math mode ("Q_{\\mathrm{MI}}").
    title : str
        One line: what it measures.
    citation : str
        Authors, title, journal, year.
    family : {"information", "feature", "structure", "perception", "truth"}
    direction : {"larger", "smaller"}
        Which values are better.
    lower, upper : float
        Bounds of the value (may be infinite).
    digits : int
        Decimals printed in tables.
    needs : tuple of {"truth_image", "truth_map", "truth_defocus", "truth_depth", "index_map"}
        Without these the metric does not apply to a scene or a method.
    prefers_truth : bool
        Compares with the true image where a scene has one and with the sources otherwise; tables say which.
    """

    id: str
    label: str
    latex: str
    title: str
    citation: str
    family: str
    direction: str
    lower: float
    upper: float
    digits: int = 4
    needs: tuple[str, ...] = ()
    prefers_truth: bool = False


@dataclass(frozen=True)
class Variant:
    """Another definition of a metric that is in use. It serves to meet other programs' numbers; no table has it.

    Parameters
    ----------
    title : str
        One line: whose definition it is and what differs.
    score : callable
        As the plug-in's ``score``.
    """

    title: str
    score: "Callable[[Sources, Fused], float]"


class _Cached:
    """Holds values that several metrics or several calls share, as long as they fit into memory."""

    def __init__(self) -> None:
        self._values: dict[Hashable, Any] = {}
        self._held = 0

    def cached(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """The value stored under `key`, computed by ``compute()`` on first use.

        Above a total of 2 GiB values are computed anew at every use: what is cached must follow from the
        holder and the key alone.
        """
        if key in self._values:
            return self._values[key]
        value = compute()
        self._held += _array_bytes(value)
        if self._held <= _CACHE_BYTES:
            self._values[key] = value
        else:
            self._held -= _array_bytes(value)
        return value


def _array_bytes(value: Any) -> int:
    """Bytes of an array or of the arrays in nested tuples and lists."""
    if isinstance(value, list | tuple):
        return sum(map(_array_bytes, value))
    return getattr(value, "nbytes", 0)


class _GrayLevels(Sequence[NDArray[np.float64]]):
    """Gray levels of the sources, kept in 8 bits, which long stacks need: float64 integers 0..255 (H x W) at every access."""

    def __init__(self, images: Sequence[NDArray[Any]]) -> None:
        self._levels = [gray_levels(image).astype(np.uint8) for image in images]

    def __len__(self) -> int:
        return len(self._levels)

    @overload
    def __getitem__(self, index: int) -> NDArray[np.float64]: ...
    @overload
    def __getitem__(self, index: slice) -> list[NDArray[np.float64]]: ...
    def __getitem__(self, index: int | slice) -> NDArray[np.float64] | list[NDArray[np.float64]]:
        if isinstance(index, slice):
            return [levels.astype(np.float64) for levels in self._levels[index]]
        return self._levels[index].astype(np.float64)


class Sources(_Cached):
    """The sources of a scene (and its truth) as metrics see them.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        n >= 2 source images, floating point, H x W or H x W x 3, [0, 1], one shape.
    truth_image : numpy.ndarray, optional
        All-in-focus image, same form.
    truth_map : numpy.ndarray, optional
        Integer H x W: number (from 0) of the sharpest source.
    truth_defocus, truth_depth, truth_decided : numpy.ndarray, optional
        See `imaging.truth.Truth`.
    store : path-like, optional
        Folder in which what `lasting` computes is kept, so that other processes scoring the same scene find it.
        The caller gives every scene (and every content of it) a folder of its own.

    Attributes
    ----------
    gray : sequence of numpy.ndarray
        The sources in gray, float64 integers 0..255, H x W (`imaging.levels.gray_levels`); each is made anew at every access.
    shape : tuple of int
        Height and width.
    image_shape : tuple of int
        Shape of every source image.
    truth_image : numpy.ndarray or None
        Levels of the true image, float64 integers 0..255, same form as the sources.
    truth_gray : numpy.ndarray or None
        The true image in gray, float64 integers 0..255, H x W.
    truth_map, truth_defocus, truth_depth, truth_decided : numpy.ndarray or None
        As given.

    Raises
    ------
    files.errors.InputError
        Fewer than two sources, or an array of another form: 8-bit levels, values outside [0, 1] or not finite, another
        shape, source numbers that do not exist.

    Examples
    --------
    >>> import numpy as np
    >>> sources = Sources([np.zeros((4, 6), np.float32), np.ones((4, 6), np.float32)])
    >>> len(sources), sources.shape
    (2, (4, 6))
    >>> Sources([np.zeros((4, 6), np.uint8)] * 2)
    Traceback (most recent call last):
        ...
    files.errors.InputError: image 1 is uint8; float32, H x W or H x W x 3 (RGB), in [0, 1] is needed \
(imaging.files.read_image, imaging.levels.from_levels)
    """

    def __init__(
        self,
        images: Sequence[NDArray[Any]],
        truth_image: NDArray[Any] | None = None,
        truth_map: NDArray[Any] | None = None,
        store: str | os.PathLike[str] | None = None,
        truth_defocus: NDArray[Any] | None = None,
        truth_depth: NDArray[Any] | None = None,
        truth_decided: NDArray[Any] | None = None,
    ) -> None:
        super().__init__()
        self._store = None if store is None else Path(store)
        images, self.image_shape = checks.check_sources(images)
        truth = Truth(truth_image, truth_map, truth_defocus, truth_depth, truth_decided)
        checks.check_truth(truth, self.image_shape, len(images))
        self.shape = self.image_shape[:2]
        self.gray: Sequence[NDArray[np.float64]] = _GrayLevels(images)
        self.truth_image = None if truth_image is None else to_levels(truth_image)
        self.truth_gray = None if truth_image is None else gray_levels(truth_image)
        self.truth_map = None if truth_map is None else np.asarray(truth_map)
        self.truth_defocus, self.truth_depth, self.truth_decided = truth_defocus, truth_depth, truth_decided

    def __len__(self) -> int:
        return len(self.gray)

    def each(self, key: Hashable, compute: Callable[[NDArray[np.float64]], Value]) -> Iterator[Value]:
        """``compute(gray)`` for every source in turn, each cached under `key` and the number of the source."""
        for number, gray in enumerate(self.gray):
            yield self.cached((key, number), functools.partial(compute, gray))

    def lasting(self, key: str, compute: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """Like `cached`, for a costly array of the sources alone, and kept in the store where there is one.

        Parameters
        ----------
        key : str
            A file name; it must say what the array is and carry a version when its definition changes.
        compute : callable
            Returns one numpy.ndarray.
        """

        def load_or_compute() -> NDArray[Any]:
            if self._store is None:
                return compute()
            path = self._store / f"{key}.npy"
            if path.is_file():
                with contextlib.suppress(ValueError, OSError, EOFError):
                    return np.load(path)
            array = compute()
            if array.nbytes <= _LARGEST_STORED:
                with contextlib.suppress(OSError), atomic(path) as temporary, temporary.open("wb") as file:
                    np.save(file, array)
            return array

        return self.cached(key, load_or_compute)


class Fused(_Cached):
    """A fused image as metrics see it.

    Parameters
    ----------
    image : numpy.ndarray
        Floating point, H x W or H x W x 3, [0, 1].
    index_map : numpy.ndarray, optional
        Integer H x W: number (from 0) of the source the method chose.

    Attributes
    ----------
    gray : numpy.ndarray
        float64 integers 0..255, H x W.
    levels : numpy.ndarray
        float64 integers 0..255, H x W or H x W x 3.
    index_map : numpy.ndarray or None
        As given.

    Raises
    ------
    files.errors.InputError
        An array of another form: 8-bit levels, values outside [0, 1] or not finite, a map that holds weights.
    """

    def __init__(self, image: NDArray[Any], index_map: NDArray[Any] | None = None) -> None:
        super().__init__()
        checks.check_image(image, "the fused image")
        self.levels = to_levels(image)
        self.gray = gray_levels(image)
        self.index_map = (
            None if index_map is None else checks.check_index_map(index_map, "the index map", self.gray.shape)
        )

    def once(self, key: Hashable, compute: Callable[[NDArray[np.float64]], Value]) -> Value:
        """``compute(gray)`` of the fused image, cached under `key`."""
        return self.cached(key, functools.partial(compute, self.gray))


def applies(metric: Metric, sources: Sources, fused: Fused) -> str:
    """Why `metric` does not apply to these sources and this fused image, or an empty string when it does.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.zeros((4, 6), np.float32)
    >>> applies(registry.get("wrong_pixels"), Sources([image, image]), Fused(image))
    'the scene has no true index map; the method gives no decision map'
    """
    have = {
        "truth_image": sources.truth_gray,
        "truth_map": sources.truth_map,
        "truth_defocus": sources.truth_defocus,
        "truth_depth": sources.truth_depth,
        "index_map": fused.index_map,
    }
    words = {
        "truth_image": "the scene has no true image",
        "truth_map": "the scene has no true index map",
        "truth_defocus": "the scene has no true defocus",
        "truth_depth": "the scene has no true depth",
        "index_map": "the method gives no decision map",
    }
    return "; ".join(words[need] for need in metric.needs if have[need] is None)


def variants(metric_id: str) -> dict[str, Variant]:
    """The other definitions that a metric's plug-in has, by name; errors as ``registry.module``."""
    return getattr(registry.module(metric_id), "VARIANTS", {})


def evaluate(metric_id: str, sources: Sources, fused: Fused, variant: str = "") -> float:
    """Value of one metric, by the benchmark's definition or by another one (`variants`).

    Raises
    ------
    files.errors.InputError
        Unknown metric or variant, a fused image of another shape than the sources, or an index map that names a source that does
        not exist.
    files.errors.Undefined
        The metric has no value for this input, with the reason.
    files.errors.ResultError
        The metric's function did not return a number.

    Examples
    --------
    >>> import numpy as np
    >>> import metrics
    >>> ramp = np.linspace(0, 1, 48, dtype=np.float32).reshape(6, 8)
    >>> evaluate("q_mi", Sources([ramp, ramp]), Fused(ramp))
    2.0
    """
    module = registry.module(metric_id)
    others = variants(metric_id)
    if variant and variant not in others:
        raise InputError(f"{metric_id} has no variant '{variant}'; known are: {', '.join(others) or 'none'}")
    if fused.levels.shape != sources.image_shape:
        raise InputError(f"the fused image has size {fused.levels.shape}, the sources have {sources.image_shape}")
    if fused.index_map is not None:
        checks.check_index_map(fused.index_map, "the index map", sources.shape, len(sources))
    reason = applies(module.METRIC, sources, fused)
    if reason:
        raise Undefined(f"{metric_id}: {reason}")
    with np.errstate(all="ignore"):
        result = (others[variant] if variant else module).score(sources, fused)
    try:
        value = float(result)
    except (TypeError, ValueError):
        raise ResultError(f"metric {metric_id} returned {type(result).__name__}; one number is needed") from None
    if not np.isfinite(value):
        raise Undefined(f"{metric_id} has no value for this input ({value})")
    # Of a zero without its sign: an empty sum that is negated gives -0.0.
    return value + 0.0


def score(
    images: Sequence[NDArray[Any]],
    fused: NDArray[Any],
    metrics: Sequence[str] = SIX,
    *,
    truth_image: NDArray[Any] | None = None,
    truth_map: NDArray[Any] | None = None,
    index_map: NDArray[Any] | None = None,
) -> dict[str, float]:
    """Values of several metrics for one fused image.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        n >= 2 sources, floating point, H x W or H x W x 3, [0, 1].
    fused : numpy.ndarray
        Fused image, same form.
    metrics : sequence of str
        Metric ids.
    truth_image, truth_map, index_map : numpy.ndarray, optional
        See `Sources` and `Fused`.

    Returns
    -------
    dict
        Metric id -> value, in the order asked for.

    Raises
    ------
    files.errors.InputError, files.errors.Undefined, files.errors.ResultError
        As `Sources`, `Fused` and `evaluate`.

    Examples
    --------
    >>> import numpy as np
    >>> import metrics
    >>> ramp = np.linspace(0, 1, 48, dtype=np.float32).reshape(6, 8)
    >>> metrics.score([ramp, ramp], ramp, ["q_mi"])
    {'q_mi': 2.0}
    >>> metrics.score([ramp, ramp], 2 * ramp - 1, ["q_mi"])
    Traceback (most recent call last):
        ...
    files.errors.InputError: the fused image has values from -1 to 1; float32, H x W or H x W x 3 (RGB), in [0, 1] is needed
    """
    sources = Sources(images, truth_image, truth_map)
    candidate = Fused(fused, index_map)
    return {name: evaluate(name, sources, candidate) for name in metrics}
