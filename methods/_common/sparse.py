"""Fusion of overlapping patches by their sparse codes: what SR, ASR and the transforms with SR share.

Every 8 x 8 patch of both sources is coded by orthogonal matching pursuit; the patch whose code has the larger l1 norm
is kept; overlapping patches are averaged.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from methods import Option

#: Number of the dictionary for every position, from the patches of both sources (P x 8 x 8 each).
Choice = Callable[[np.ndarray, np.ndarray], np.ndarray]

#: Side length of a patch in pixels.
SIDE = 8

#: Dictionary of SR and of the transforms with SR.
DICTIONARY = "sr/D_100000_256_8.mat"


def options(step: int) -> dict[str, Option]:
    """Options of a method that codes patches; `step` is the default distance of neighbouring patches."""
    words = "Distance of neighbouring patches in pixels; 1 is overlap 7, 2 overlap 6."
    return {
        "step": Option(step, words, minimum=1, maximum=SIDE),
        "error": Option(
            0.1,
            "Bound epsilon of a patch's residual: l2 norm of 64 values in grey levels.",
            minimum=0.0,
            maximum=2048.0,
        ),
    }


@dataclass(frozen=True)
class Dictionary:
    """Atoms in the columns of a float64 64 x K array (unit l2 norm) and their Gram matrix (K x K)."""

    atoms: np.ndarray
    gram: np.ndarray


@dataclass(frozen=True)
class _Codes:
    """Sparse codes of P patches (see `methods._common.omp.pursue`)."""

    support: np.ndarray
    coefficients: np.ndarray
    sizes: np.ndarray

    def norms(self) -> NDArray[np.float64]:
        """l1 norm of every code (P)."""
        return np.abs(self.coefficients).sum(axis=1)

    def __getitem__(self, rows: np.ndarray) -> "_Codes":
        return _Codes(self.support[rows], self.coefficients[rows], self.sizes[rows])


def _dictionary(atoms: np.ndarray) -> Dictionary:
    atoms = np.ascontiguousarray(atoms / np.linalg.norm(atoms, axis=0))
    return Dictionary(atoms, atoms.T @ atoms)


@lru_cache(maxsize=4)
def load_dictionaries(key: str, variable: str = "D", count: int = 1) -> tuple[Dictionary, ...]:
    """Dictionaries of a catalogue file, normalised.

    Parameters
    ----------
    key : str
        ``"collection/file name"`` of a MATLAB file.
    variable : str
        Name of the array in it, 64 x (count K).
    count : int
        Number of dictionaries that stand side by side in the array.

    Returns
    -------
    tuple of Dictionary

    Raises
    ------
    files.errors.Unavailable
        The file is not available.
    """
    from scipy.io import loadmat

    from files import fetch

    atoms = loadmat(fetch.path(key))[variable].astype(np.float64)
    return tuple(_dictionary(block) for block in np.split(atoms, count, axis=1))


def fuse_patches(
    first: np.ndarray,
    second: np.ndarray,
    *,
    dictionaries: Sequence[Dictionary],
    step: int,
    error: float,
    choose: Choice | None = None,
    average_means: bool = False,
) -> NDArray[np.float64]:
    """Fuse two arrays patch by patch, keeping the sparse code with the larger l1 norm.

    Parameters
    ----------
    first, second : numpy.ndarray
        float64, H x W, 0..255 scale (an image or the low band of a transform).
    dictionaries : sequence of Dictionary
    step : int
        Distance of neighbouring patches in pixels.
    error : float
        Bound of the l2 norm of a patch's residual.
    choose : callable, optional
        ``choose(patches_a, patches_b)`` gives the number of the dictionary of every position (P integers) for patches
        of shape P x 8 x 8; by default the only dictionary is used.
    average_means : bool
        The mean of a fused patch is that of both sources' means instead of the chosen one's.

    Returns
    -------
    numpy.ndarray
        float64, H x W. Pixels that no patch covers (the remainder at the bottom and right when ``step`` > 1; all
        of an array with a side below 8) are the mean of both.
    """
    height, width = first.shape
    average = (first + second) / 2
    if min(height, width) < SIDE:
        return average
    rows = range(0, height - SIDE + 1, step)
    fuse_row = partial(
        _fuse_row, first, second, dictionaries, step=step, bound=error**2, choose=choose, average_means=average_means
    )
    total = np.zeros((height, width))
    for top, patches in zip(rows, _parallel(fuse_row, rows), strict=True):
        span = (len(patches) - 1) * step + 1
        for y, x in np.ndindex(SIDE, SIDE):
            total[top + y, x : x + span : step] += patches[:, y, x]
    count = np.outer(_coverage(height, step), _coverage(width, step))
    return np.where(count > 0, total / np.maximum(count, 1), average)


def _coverage(length: int, step: int) -> NDArray[np.int64]:
    """Number of patches that hold each sample of one axis (int, `length`)."""
    count = np.zeros(length, dtype=np.int64)
    for start in range(0, length - SIDE + 1, step):
        count[start : start + SIDE] += 1
    return count


def _parallel(function: Callable[[int], np.ndarray], arguments: Iterable[int]) -> Iterator[np.ndarray]:
    """Results in order, computed on as many threads as the numerical libraries may use."""
    from threadpoolctl import threadpool_info

    threads = min((library["num_threads"] for library in threadpool_info()), default=1)
    if threads == 1:
        yield from map(function, arguments)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(function, arguments)


def _fuse_row(
    first: np.ndarray,
    second: np.ndarray,
    dictionaries: Sequence[Dictionary],
    top: int,
    *,
    step: int,
    bound: float,
    choose: Choice | None = None,
    average_means: bool = False,
) -> np.ndarray:
    """Fused patches (P x 8 x 8) of one row of positions."""
    a, b = (_patches(array, top, step) for array in (first, second))
    mean_a, mean_b = (patches.mean(axis=(1, 2), keepdims=True) for patches in (a, b))
    means = ((mean_a + mean_b) / 2,) * 2 if average_means else (mean_a, mean_b)
    chosen = np.zeros(len(a), dtype=np.int64) if choose is None else choose(a, b)
    fused = np.empty_like(a)
    for number in np.unique(chosen):
        rows = np.flatnonzero(chosen == number)
        dictionary = dictionaries[number]
        codes_a = _code(a[rows] - mean_a[rows], dictionary, bound)
        codes_b = _code(b[rows] - mean_b[rows], dictionary, bound)
        take_b = codes_a.norms() < codes_b.norms()
        for codes, mean, keep in ((codes_a, means[0], ~take_b), (codes_b, means[1], take_b)):
            fused[rows[keep]] = _synthesise(codes[keep], dictionary) + mean[rows[keep]]
    return fused


def _patches(array: np.ndarray, top: int, step: int) -> np.ndarray:
    """Patches whose top row is `top`, from left to right: float64 P x 8 x 8."""
    return np.lib.stride_tricks.sliding_window_view(array[top : top + SIDE], (SIDE, SIDE))[0, ::step]


def _code(patches: np.ndarray, dictionary: Dictionary, bound: float) -> _Codes:
    """Sparse codes of mean-free patches (P x 8 x 8)."""
    from methods._common.omp import pursue

    # The dictionaries hold patches column by column.
    signals = np.ascontiguousarray(patches.transpose(0, 2, 1)).reshape(len(patches), SIDE * SIDE)
    codes = _Codes(np.zeros(signals.shape, np.int16), np.zeros(signals.shape), np.zeros(len(signals), np.int16))
    pursue(signals, dictionary.atoms, dictionary.gram, bound, codes.support, codes.coefficients, codes.sizes)
    return codes


def _synthesise(codes: _Codes, dictionary: Dictionary) -> np.ndarray:
    """Patches (P x 8 x 8) of codes."""
    from methods._common.omp import synthesise

    signals = synthesise(dictionary.atoms, codes.support, codes.coefficients, codes.sizes)
    return signals.reshape(-1, SIDE, SIDE).transpose(0, 2, 1)
