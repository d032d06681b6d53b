"""What the errors of index maps share: where the truth decides, and how far a choice is from the sharpest source."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from files.errors import Undefined
from metrics import Fused, Sources


def decided(sources: Sources, values: NDArray[Any]) -> NDArray[Any]:
    """Values at the pixels where the truth says which source is sharpest.

    Parameters
    ----------
    sources : metrics.Sources
    values : numpy.ndarray
        H x W.

    Returns
    -------
    numpy.ndarray
        One dimension, not empty.

    Raises
    ------
    files.errors.Undefined
        The truth decides at no pixel.
    """
    if sources.truth_decided is None:
        return values.ravel()
    if not sources.truth_decided.any():
        raise Undefined("the truth decides at no pixel which source is sharpest")
    return np.asarray(values[sources.truth_decided])


def excess_defocus(sources: Sources, fused: Fused) -> NDArray[np.float64]:
    """Blur radius of the chosen source minus the smallest one of all sources, at the decided pixels.

    Parameters
    ----------
    sources : metrics.Sources
        With ``truth_defocus``.
    fused : metrics.Fused
        With an index map.

    Returns
    -------
    numpy.ndarray
        One dimension, pixels, at least 0.

    Raises
    ------
    files.errors.Undefined
        The truth decides at no pixel.
    """
    defocus, chosen = sources.truth_defocus, fused.index_map
    assert defocus is not None and chosen is not None  # `METRIC.needs`
    least = sources.cached("least defocus", lambda: defocus.min(axis=0))
    taken = np.take_along_axis(defocus, chosen[None].astype(np.intp), axis=0)[0]
    return decided(sources, (taken - least).astype(np.float64))


def depth_errors(sources: Sources, fused: Fused) -> NDArray[np.float64]:
    """Distance in slice steps between the chosen slice and the depth of the surface, at the decided pixels.

    Parameters
    ----------
    sources : metrics.Sources
        With ``truth_depth``: source k is slice k.
    fused : metrics.Fused
        With an index map.

    Returns
    -------
    numpy.ndarray
        One dimension, slice steps, at least 0.

    Raises
    ------
    files.errors.Undefined
        The truth decides at no pixel.
    """
    depth, chosen = sources.truth_depth, fused.index_map
    assert depth is not None and chosen is not None  # `METRIC.needs`
    return decided(sources, np.abs(chosen.astype(np.float64) - depth))
