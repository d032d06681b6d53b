"""MSVD: fusion by a multi-resolution singular value decomposition."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from methods import Fusion, Method, Option, Reference
from methods._common.channels import fuse_channels

METHOD = Method(
    id="msvd",
    label="MSVD",
    title="Blocks of four pixels rotated to their principal axes, larger detail components kept",
    citation=(
        "V. P. S. Naidu, Image fusion technique using multi-resolution singular value decomposition, Defence Science "
        "Journal 61(5), 2011"
    ),
    doi="10.14429/dsj.61.705",
    year=2011,
    kind="transform",
    cost=0.2,
    options={
        "stretch": Option(False, "Stretch a gray result linearly to the full range, as the authors' program does."),
    },
    presets={"mfifb": {"stretch": True}},
)

REFERENCES = (
    Reference(
        "mfifb",
        "MSVD",
        {"preset": "mfifb"},
        why="The published program averages the axes of both images without aligning their signs, which damages its "
        "images; here they are aligned.",
    ),
)


#: Share of the total power below which a component is rounding noise.
_EMPTY = 1e-13


def _blocks(channel: np.ndarray) -> np.ndarray:
    """Blocks of 2 x 2 pixels as columns, pixels in column order: 4 x (H/2 * W/2) of an even H x W channel."""
    return np.stack([channel[r::2, c::2].ravel() for r, c in ((0, 0), (1, 0), (0, 1), (1, 1))])


def _from_blocks(columns: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    channel = np.empty(shape)
    for row, (r, c) in zip(columns, ((0, 0), (1, 0), (0, 1), (1, 1)), strict=True):
        channel[r::2, c::2] = row.reshape(shape[0] // 2, shape[1] // 2)
    return channel


def principal_axes(blocks: np.ndarray) -> tuple[np.ndarray, NDArray[np.bool_]]:
    """Left singular vectors of a 4 x K matrix.

    Parameters
    ----------
    blocks : numpy.ndarray
        4 x K, one block of four pixels per column.

    Returns
    -------
    axes : numpy.ndarray
        4 x 4, vectors as columns by falling singular value; their signs are arbitrary.
    empty : numpy.ndarray
        bool, 4: the singular value is zero and the vector therefore arbitrary.
    """
    powers, vectors = np.linalg.eigh(blocks @ blocks.T)
    return vectors[:, ::-1], (powers <= _EMPTY * powers.sum())[::-1]


def _matched_axes(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Axes of two images, the second's pointing the way of the first's; an empty component takes the other's axis."""
    axes_one, empty_one = principal_axes(one)
    axes_other, empty_other = principal_axes(other)
    axes_other = axes_other * np.where(np.sum(axes_one * axes_other, axis=0) < 0, -1, 1)
    return np.where(empty_one, axes_other, axes_one), np.where(empty_other & ~empty_one, axes_one, axes_other)


def _fuse_levels(first: np.ndarray, second: np.ndarray, stretch: bool) -> np.ndarray:
    shape = first.shape
    to_even = [(0, side % 2) for side in shape]
    first, second = (np.pad(levels, to_even, mode="symmetric") / 255 for levels in (first, second))
    one, other = _blocks(first), _blocks(second)
    axes_one, axes_other = _matched_axes(one, other)
    turned_one, turned_other = axes_one.T @ one, axes_other.T @ other
    turned = np.where(np.abs(turned_one) >= np.abs(turned_other), turned_one, turned_other)
    turned[0] = (turned_one[0] + turned_other[0]) / 2
    fused = _from_blocks((axes_one + axes_other) / 2 @ turned, first.shape)[: shape[0], : shape[1]]
    if stretch and np.ptp(fused) > 0:
        fused = (fused - fused.min()) / np.ptp(fused)
    return 255 * fused


def fuse(images: Sequence[np.ndarray], stretch: bool) -> Fusion:
    """Fuse a pair, each colour channel on its own (float32, shape of a source, [0, 1]).

    One level: each image has its own 4 x 4 rotation. First components are averaged; of the others the one with the
    larger magnitude is taken (ties go to the first image). The mean of the two rotations rotates them back.

    Deviations from the authors' program: singular vectors are defined only up to their sign. Theirs are averaged as
    the library returns them, which cancels some; here those of the second image are flipped to agree with the first's.
    Where a flat or black image has no component that defines an axis, the other image's axis serves both.
    A gray result is not stretched unless asked (option ``stretch``, preset ``mfifb``). An odd side is
    extended by a repeated row or column and cropped afterwards instead of being left enlarged.

    One weakness is kept: axes are paired by falling singular value, so where horizontal and vertical detail are
    equally strong the second and third axes of the two images may be exchanged, and their mean blurs both.
    """
    gray = np.ndim(images[0]) == 2
    return fuse_channels(images, partial(_fuse_levels, stretch=stretch and gray))
