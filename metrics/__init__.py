"""Assessment metrics: one plug-in module each.

A metric is a module in this folder that declares ``METRIC = Metric(...)`` and a function
``score(sources, fused) -> float``. That is the whole registration; modules with a leading underscore hold
machinery that several metrics share.

::

    import metrics
    metrics.score([first, second], fused)                      # {"q_mi": 1.17, "q_g": 0.76, ...}

What belongs to the sources is computed once per scene: build `Sources` once and pass it for every fused image.
"""

import contextlib
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from files.atomic import atomic
from files.errors import InputError, Undefined
from files.plugins import Registry
from imaging.levels import gray_levels, to_levels

registry = Registry("metrics", "METRIC", computes=("score", "evaluate", "Sources", "Fused"))

#: Arrays above this many bytes are computed anew rather than stored (a stack of large images would fill the disk).
_LARGEST_STORED = 100 * 2**20

#: A holder keeps intermediate arrays up to this many bytes; further ones (large photographs) are computed anew.
_CACHE_BYTES = 2 * 2**30

#: The assessment metrics of the GACN paper's tables, in its order.
SIX = ("q_mi", "q_g", "q_m", "q_p", "q_y", "q_cb")


@dataclass(frozen=True)
class Metric:
    """What an assessment metric says of itself.

    Parameters
    ----------
    id : str
        The module's name.
    label : str
        Name for people in plain text ("Q_MI").
    latex : str
        Name in math mode ("Q_{MI}").
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
    needs : tuple of {"truth_image", "truth_map", "index_map"}
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
    needs: tuple = ()
    prefers_truth: bool = False


class _Cached:
    """Holds values that several metrics or several calls share, as long as they fit into memory."""

    def __init__(self):
        self._values = {}
        self._held = 0

    def cached(self, key, compute):
        """The value stored under `key` (any hashable), computed by ``compute()`` on first use.

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


def _array_bytes(value):
    """Bytes of an array or of the arrays in nested tuples and lists."""
    if isinstance(value, list | tuple):
        return sum(map(_array_bytes, value))
    return getattr(value, "nbytes", 0)


class Sources(_Cached):
    """The sources of a scene (and its truth) as metrics see them.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        n >= 2 source images, float32, H x W or H x W x 3, [0, 1].
    truth_image : numpy.ndarray, optional
        All-in-focus image, same form.
    truth_map : numpy.ndarray, optional
        Integer H x W: number (from 0) of the sharpest source.
    store : path-like, optional
        Folder in which what `lasting` computes is kept, so that other processes scoring the same scene find it.
        The caller gives every scene (and every content of it) a folder of its own.

    Attributes
    ----------
    gray : list of numpy.ndarray
        The sources in gray, float64 integers 0..255, H x W (`imaging.levels.gray_levels`).
    truth_gray : numpy.ndarray or None
        The true image in gray, same form.
    """

    def __init__(self, images: Sequence[np.ndarray], truth_image=None, truth_map=None, store=None):
        super().__init__()
        self._store = None if store is None else Path(store)
        if len(images) < 2:
            raise InputError(f"a metric needs two or more sources; {len(images)} given")
        self.gray = [gray_levels(image) for image in images]
        shapes = {g.shape for g in self.gray}
        if len(shapes) > 1:
            raise InputError(f"the sources have different sizes: {sorted(shapes)}")
        self.shape = self.gray[0].shape
        self.truth_image = None if truth_image is None else to_levels(truth_image)
        self.truth_gray = None if truth_image is None else gray_levels(truth_image)
        self.truth_map = None if truth_map is None else np.asarray(truth_map)
        for name, array in (("true image", self.truth_gray), ("true index map", self.truth_map)):
            if array is not None and array.shape != self.shape:
                raise InputError(f"the {name} has size {array.shape}, the sources have {self.shape}")

    def __len__(self):
        return len(self.gray)

    def each(self, key, compute) -> Iterator:
        """``compute(gray)`` for every source in turn, each cached under `key` and the number of the source."""
        for number, gray in enumerate(self.gray):
            yield self.cached((key, number), functools.partial(compute, gray))

    def lasting(self, key: str, compute):
        """Like `cached`, for a costly array of the sources alone, and kept in the store where there is one.

        Parameters
        ----------
        key : str
            A file name; it must say what the array is and carry a version when its definition changes.
        compute : callable
            Returns one numpy.ndarray.
        """

        def load_or_compute():
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
        float32, H x W or H x W x 3, [0, 1].
    index_map : numpy.ndarray, optional
        Integer H x W: number (from 0) of the source the method chose.

    Attributes
    ----------
    gray : numpy.ndarray
        float64 integers 0..255, H x W.
    levels : numpy.ndarray
        float64 integers 0..255, H x W or H x W x 3.
    """

    def __init__(self, image, index_map=None):
        super().__init__()
        self.levels = to_levels(image)
        self.gray = gray_levels(image)
        self.index_map = None if index_map is None else np.asarray(index_map)

    def once(self, key, compute):
        """``compute(gray)`` of the fused image, cached under `key`."""
        return self.cached(key, functools.partial(compute, self.gray))


def applies(metric: Metric, sources: Sources, fused: Fused) -> str:
    """Why `metric` does not apply to this pair (str), or an empty string when it does."""
    have = {"truth_image": sources.truth_gray, "truth_map": sources.truth_map, "index_map": fused.index_map}
    words = {
        "truth_image": "the scene has no true image",
        "truth_map": "the scene has no true index map",
        "index_map": "the method gives no decision map",
    }
    return "; ".join(words[need] for need in metric.needs if have[need] is None)


def evaluate(metric_id: str, sources: Sources, fused: Fused) -> float:
    """Value of one metric.

    Raises
    ------
    files.errors.InputError
        Unknown metric, or sizes that differ.
    files.errors.Undefined
        The metric has no value for this input, with the reason.
    """
    module = registry.module(metric_id)
    if fused.gray.shape != sources.shape:
        raise InputError(f"the fused image has size {fused.gray.shape}, the sources have {sources.shape}")
    reason = applies(module.METRIC, sources, fused)
    if reason:
        raise Undefined(f"{metric_id}: {reason}")
    with np.errstate(all="ignore"):
        value = float(module.score(sources, fused))
    if not np.isfinite(value):
        raise Undefined(f"{metric_id} has no value for this input ({value})")
    return value


def score(images, fused, metrics=SIX, *, truth_image=None, truth_map=None, index_map=None) -> Mapping[str, float]:
    """Values of several metrics for one fused image.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        n >= 2 sources, float32, H x W or H x W x 3, [0, 1].
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
    """
    sources = Sources(images, truth_image, truth_map)
    candidate = Fused(fused, index_map)
    return {name: evaluate(name, sources, candidate) for name in metrics}
