"""Eight-bit normalisation, histograms and entropies, shared by the information metrics and some others."""

import functools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from files.errors import Undefined
from metrics import Fused, Sources

LEVELS = 256


def _stretch(levels: np.ndarray, what: str) -> NDArray[np.uint8]:
    low, high = levels.min(), levels.max()
    if low == high:
        raise Undefined(f"{what} is constant; this metric stretches every image to the range 0..255")
    return np.floor((levels - low) / (high - low) * 255 + 0.5).astype(np.uint8)


def stretched_sources(sources: Sources) -> Iterator[NDArray[np.uint8]]:
    """Every source stretched linearly to 0..255 on its own ("normalised to 8 bit").

    Yields
    ------
    numpy.ndarray
        uint8, H x W.

    Raises
    ------
    files.errors.Undefined
        A source is constant. (The reference toolbox lets an all-black image pass here and then divides 0 by 0.)
    """
    for number, gray in enumerate(sources.gray):
        yield sources.cached(("stretched", number), functools.partial(_stretch, gray, f"source {number + 1}"))


def stretched_fused(fused: Fused) -> NDArray[np.uint8]:
    """The fused image stretched linearly to 0..255 (uint8, H x W); `Undefined` when it is constant."""
    return fused.cached("stretched", lambda: _stretch(fused.gray, "the fused image"))


def entropy(counts: np.ndarray) -> float:
    """Shannon entropy in bits of a histogram of any shape."""
    counts = counts[counts > 0]
    probabilities = counts / counts.sum()
    return -float(probabilities @ np.log2(probabilities))


def _histogram(levels: np.ndarray) -> np.ndarray:
    whole = levels.astype(np.uint8)
    if (whole != levels).any():
        raise Undefined("a histogram of grey levels needs gray that is rounded to 8 bits")
    return np.bincount(whole.ravel(), minlength=LEVELS)


def level_entropy(levels: np.ndarray) -> float:
    """Shannon entropy in bits of an image of integer levels 0..255; `Undefined` for other values."""
    return entropy(_histogram(levels))


def level_shares(levels: np.ndarray) -> NDArray[np.float64]:
    """Share of the pixels of every grey level (256) of an image of integer levels 0..255; `Undefined` for other values."""
    return _histogram(levels) / levels.size


def joint_entropy(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """Shannon entropy in bits of the pairs of levels of two uint8 images of one size."""
    pairs = first.astype(np.intp).ravel()
    pairs *= LEVELS
    pairs += second.ravel()
    return entropy(np.bincount(pairs, minlength=LEVELS**2))


def entropies(sources: Sources, fused: Fused) -> tuple[list[float], float, list[float]]:
    """Entropies of the sources, of the fused image, and of each source jointly with the fused image.

    Returns
    -------
    of_sources : list of float
    of_fused : float
    joint : list of float
        Bits, of the images stretched to 8 bit.
    """
    stretched = list(stretched_sources(sources))
    target = stretched_fused(fused)
    of_sources = [
        sources.cached(("entropy", number), functools.partial(level_entropy, source))
        for number, source in enumerate(stretched)
    ]
    of_fused = fused.cached("entropy", lambda: level_entropy(target))
    joint = [joint_entropy(source, target) for source in stretched]
    return of_sources, of_fused, joint
