"""IFM: image matting for fusion."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imaging.levels import from_levels, gray_levels, round_levels, to_levels
from methods import Fusion, Method, Reference
from methods._common.matting import closed_form_alpha
from methods._common.morphology import closing, disc, opening, window_sum

_WHY = "The lookup tables of the published peeling operator are undocumented; the best of about 600 variants is used."

METHOD = Method(
    id="ifm",
    label="IFM",
    title="Focused regions from top-hats, refined by closed-form matting",
    citation=(
        "S. Li, X. Kang, J. Hu, B. Yang, Image matting for fusion of multi-focus images in dynamic scenes, "
        "Information Fusion 14(2), 2013"
    ),
    doi="10.1016/j.inffus.2011.07.001",
    year=2013,
    kind="spatial",
    cost=1.2,
    comparison=True,
    native_stack=True,
    decision_map=True,
    note=_WHY,
)

REFERENCES = (Reference("mfifb", "IFM", why=_WHY),)

#: Eight deletions, one after the other, of pixels whose 3 x 3 neighbourhood fits: 1 set, 0 unset, . any.
_PEELING = (
    "1.0 110 1.0",
    ".1. 011 00.",
    "0.1 011 0.1",
    ".00 110 .1.",
    "000 .1. 111",
    ".1. 110 .00",
    "111 .1. 000",
    "00. 011 .1.",
)
_PASSES = 5
#: A focus measure this much above all others decides whatever the filters say.
_CERTAIN = 127


def focus_measure(gray: np.ndarray) -> NDArray[np.uint8]:
    """Larger of the white and black top-hat with the disc of radius 2 (uint8 in, uint8 out)."""
    return np.maximum(gray - opening(gray, disc(2)), closing(gray, disc(2)) - gray)


def _median(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """8 x 8 median of a mask where half of the window is enough, zero outside."""
    return window_sum(mask, 8, 8) > 31.5


def _peel(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """One pass of the peeling operator (bool, H x W)."""
    for pattern in _PEELING:
        padded = np.pad(mask, 1)
        fits = np.ones(mask.shape, dtype=bool)
        for place, wanted in enumerate(pattern.replace(" ", "")):
            row, column = divmod(place, 3)
            view = padded[row : row + mask.shape[0], column : column + mask.shape[1]]
            if wanted != ".":
                fits &= view if wanted == "1" else ~view
        mask = mask & ~fits
    return mask


def _sure_region(wins: NDArray[np.bool_], margin: np.ndarray) -> NDArray[np.bool_]:
    """Certain part of the region where a source has the largest focus measure (R)."""
    region = _median(wins)
    for _ in range(_PASSES):
        region = _peel(region)
    return _median(region) | (wins & (margin > _CERTAIN))


def _sure_regions(images: Sequence[np.ndarray]) -> list[NDArray[np.bool_]]:
    """Certain regions of all n sources (list of bool, H x W), each source read once."""
    best = focus_measure(gray_levels(images[0]).astype(np.uint8))
    second = np.zeros_like(best)
    winner = np.zeros(best.shape, dtype=np.uint16)
    for number in range(1, len(images)):
        measure = focus_measure(gray_levels(images[number]).astype(np.uint8))
        better = measure > best
        second = np.where(better, best, np.maximum(second, measure))
        winner[better] = number
        best = np.where(better, measure, best)
    margin = best - second
    return [_sure_region((winner == number) & (margin > 0), margin) for number in range(len(images))]


def fuse(images: Sequence[np.ndarray]) -> Fusion:
    """Trimap of every source but the last from the sure regions, alpha by matting, weighted sum.

    Where nothing is known (flat or equal sources) alpha is 0 and the last source is returned, as in the
    authors' program.
    """
    regions = _sure_regions(images)
    claims = np.sum(regions, axis=0, dtype=np.int64)
    last = len(images) - 1
    total = np.zeros(np.shape(images[0]))
    spread = (...,) if total.ndim == 2 else (..., None)
    alpha_total = np.zeros(claims.shape)
    strongest = np.full(claims.shape, -np.inf)
    index_map = np.zeros(claims.shape, dtype=np.uint8 if len(images) <= 256 else np.uint16)
    for number in range(last):
        source = to_levels(images[number]) / 255
        own = regions[number]
        alpha = closed_form_alpha(source, (own & (claims == 1)) | (~own & (claims > 0)), own)
        total += alpha[spread] * source
        alpha_total += alpha
        index_map[alpha > strongest] = number
        strongest = np.maximum(strongest, alpha)
    rest = 1 - round_levels(255 * alpha_total) / 255
    total += rest[spread] * (to_levels(images[last]) / 255)
    fused = from_levels(255 * total)
    if last > 1:
        index_map[rest > strongest] = last
        return Fusion(fused, index_map=index_map)
    return Fusion(fused, decision_map=np.clip(alpha_total, 0, 1).astype(np.float32))
