"""MFF-SSIM with a Laplacian focus map: the fused image is what Adam makes of the sources' mean.

Steps: energy of the Laplacian in a window, which source has most of it (the map, not cleaned); then gradient steps on
the fused image itself, towards the greatest structural similarity to the source chosen at the centre of each window.
There is no network and nothing is learned. Deep in a region the fused image becomes its source; at the border of two
regions it becomes what agrees best with both.

A window that grows with the image without limit, as in one of the two programs of the authors, is the preset
``ms_lap``; the other one limits it to 25 pixels. Single-channel images are fused like three equal channels; the
authors' program fails on them.

References
----------
S. Xu, L. Ji, Z. Wang, P. Li, K. Sun, C. Zhang, J. Zhang, "Towards reducing severe defocus spread effects for multi-focus
image fusion via an optimization based strategy", IEEE Transactions on Computational Imaging 6, 2020.
"""

from collections.abc import Sequence

import numpy as np

from imaging.levels import from_levels, to_uint8
from methods import Fusion, Method, Option, Reference

METHOD = Method(
    id="mff_ssim",
    label="MFF-SSIM",
    title="Optimised structural similarity to the sharpest source",
    citation=(
        "S. Xu, L. Ji, Z. Wang, P. Li, K. Sun, C. Zhang, J. Zhang, Towards reducing severe defocus spread effects for "
        "multi-focus image fusion via an optimization based strategy, IEEE Trans. Computational Imaging 6 (2020) "
        "1561-1570"
    ),
    doi="10.1109/TCI.2020.3039564",
    year=2020,
    kind="spatial",
    cost=50.0,
    native_stack=True,
    order_free=True,
    decision_map=True,
    options={
        "steps": Option(1000, "Number of gradient steps.", minimum=0, maximum=100_000),
        "start": Option(
            "mean", "What the steps start from: the mean of the sources, or the chosen sources.", ("mean", "hard")
        ),
        "window_cap": Option(25, "Largest side of the window in pixels; 0 for none.", minimum=0, maximum=1023),
    },
    presets={
        "demo": {"steps": 300},
        "hard_start": {"start": "hard", "steps": 200},
        "ms_lap": {"window_cap": 0},
    },
    minimum_size=2,
    note="1000 steps, as the authors' published images; their example scripts do 300 (preset demo)",
)

REFERENCES = (
    Reference(
        "official",
        "mff_ssim",
        why=(
            "these were computed by an independent implementation of the paper, since the authors' program takes hours; the "
            "order of float sums decides on the rounding of about one value in 1000"
        ),
    ),
    Reference("authors", "mff_ssim", why="over 1000 steps the order of float sums turns single levels"),
)

_RATE = 0.001
#: Side of the window as a share of the number of pixels, and at least.
_WINDOW_SHARE, _LEAST_WINDOW = 0.00005, 3
_SIGMA = 1.5
#: Farther from the centre the Gaussian window is smaller than the resolution of float32.
_REACH = 8
#: Channels the loss is divided by; also for gray images, which so come out as three equal channels do.
_CHANNELS = 3


def fuse(images: Sequence[np.ndarray], *, steps: int = 1000, start: str = "mean", window_cap: int = 25) -> Fusion:
    """Fuse n images at once.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        n >= 2, H x W or H x W x 3, [0, 1]; may be lazy.
    steps : int
        Steps of Adam.
    start : {"mean", "hard"}
        What is improved: the mean of the images, or each pixel from its sharpest image.
    window_cap : int
        Largest side of the window; 0 for none.

    Returns
    -------
    Fusion
        With the map of the sharpest image.
    """
    levels = np.stack([to_uint8(image) for image in images])
    if levels.ndim == 3:
        levels = levels[..., None]
    window = window_side(levels.shape[1:3], window_cap)
    chosen = sharpest(levels, window)
    planes = [
        optimised(np.ascontiguousarray(levels[..., channel]), chosen, window, steps, start)[0]
        for channel in range(levels.shape[3])
    ]
    fused = np.stack(planes, axis=2) if len(planes) > 1 else planes[0]
    # The authors round half to even.
    image = from_levels(np.rint(np.float32(255) * fused))
    if len(levels) == 2:
        return Fusion(image, decision_map=(chosen == 0).astype(np.float32))
    return Fusion(image, index_map=chosen)


def window_side(size: tuple[int, int], cap: int) -> int:
    """Side of the window in pixels for an image of `size` (height, width): odd, at most `cap` unless that is 0."""
    side = 2 * (int(max(_WINDOW_SHARE * size[0] * size[1], _LEAST_WINDOW)) // 2) + 1
    return min(side, cap - 1 + cap % 2) if cap else side


def sharpest(levels: np.ndarray, window: int) -> np.ndarray:
    """Number of the image with most energy of the Laplacian in a window, of the first one among equals.

    Parameters
    ----------
    levels : numpy.ndarray
        uint8, N x H x W x C.
    window : int
        Odd.

    Returns
    -------
    numpy.ndarray
        uint8 or uint16, H x W.
    """
    best = None
    chosen = np.zeros(levels.shape[1:3], np.uint8 if len(levels) <= 256 else np.uint16)
    for number, image in enumerate(levels):
        energy = _box_sum(sum(_laplacian(image[..., c]) ** 2 for c in range(image.shape[2])), window // 2)
        if best is None:
            best = energy
        else:
            more = energy > best
            chosen[more] = number
            np.maximum(best, energy, out=best)
    return chosen


def _laplacian(plane):
    """Sum of the eight neighbours less eight times the value (int64); mirrored without repeating the edge."""
    padded = np.pad(plane.astype(np.int64), 1, mode="reflect")
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    return rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:] - 9 * padded[1:-1, 1:-1]


def _box_sum(values, radius):
    """Sum over a square window, in integers and so exact; the edge is repeated outside."""
    for axis in (0, 1):
        margins = [(0, 0), (0, 0)]
        margins[axis] = (radius + 1, radius)
        total = np.pad(values, margins, mode="edge").cumsum(axis=axis)
        length = values.shape[axis]
        values = total.take(range(2 * radius + 1, 2 * radius + 1 + length), axis) - total.take(range(length), axis)
    return values


def optimised(
    levels: np.ndarray, chosen: np.ndarray, window: int, steps: int, start: str
) -> tuple[np.ndarray, np.ndarray]:
    """One plane of the fused image.

    Parameters
    ----------
    levels : numpy.ndarray
        uint8, N x H x W.
    chosen : numpy.ndarray
        Number of the source at each pixel, H x W.
    window : int
        Side of the Gaussian window.
    steps, start
        See `fuse`.

    Returns
    -------
    plane : numpy.ndarray
        float32, H x W, [0, 1].
    losses : numpy.ndarray
        float64: what the plane adds to the loss before each step.
    """
    from methods._common import ssim_ascent

    if start == "mean":
        fused = levels.mean(axis=0, dtype=np.float64)
    else:
        fused = np.take_along_axis(levels, chosen[None].astype(np.intp), axis=0)[0]
    fused = (fused / 255).astype(np.float32)
    taps = _taps(window)
    mean, variance = np.empty_like(fused), np.empty_like(fused)
    ssim_ascent.moments(levels, chosen, taps, mean, variance)
    own, around = ssim_ascent.extents(chosen, len(levels), len(taps) - 1)
    losses = np.zeros(steps)
    ssim_ascent.ascend(
        fused, levels, chosen, taps, mean, variance, own, around, steps, _RATE, 1 / (_CHANNELS * chosen.size), losses
    )
    return fused, losses


def _taps(window):
    """The Gaussian window along one axis, from its centre outwards (float32)."""
    weights = np.exp(-(np.arange(window // 2 + 1) ** 2) / (2 * _SIGMA**2))
    weights /= weights[0] + 2 * weights[1:].sum()
    return weights[: _REACH + 1].astype(np.float32)
