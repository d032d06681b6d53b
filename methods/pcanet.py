"""PCANet: activity from the nuclear norm of responses to principal-component filters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d

from imaging.filters import remove_small_components
from imaging.levels import from_levels, gray_levels, to_levels
from methods import Fusion, Method, Reference
from methods._common.morphology import closing, fill_area, opening, square, window_sum
from methods._common.torch import inference, weights

if TYPE_CHECKING:
    from torch import Tensor

METHOD = Method(
    id="pcanet",
    label="PCANet",
    title="Nuclear norm of the responses to PCANet's first-stage filters",
    citation=(
        "X. Song, X.-J. Wu, Multi-focus image fusion with PCA filters of PCANet, IAPR workshop on multimodal pattern "
        "recognition of social signals in human-computer interaction (2018), Lecture Notes in Computer Science, 1-17"
    ),
    year=2018,
    kind="learned",
    cost=3.5,
    decision_map=True,
    needs=("device",),
    files=("pcanet/V_class1000_5000image.mat",),
)

REFERENCES = (
    Reference("official", "pcanet"),
    Reference(
        "mfifb",
        "PCANet",
        why="identical for gray scenes; the benchmark's colour rule is unknown, ours decides on the luminance",
    ),
)

#: Side of the patches, and of the neighbourhood whose responses make one matrix.
_PATCH, _NEIGHBOURHOOD = 7, 5
#: First filter that is used, of 8: those before it respond to slow changes.
_FIRST_FILTER = 2
_ROWS = {"cpu": 64, "cuda": 1024}
#: Smallest regions, as shares of the image: of each image's map, and of the joined one.
_SMALL_REGION, _SMALL_LEFTOVER = 0.1, 0.01


def fuse(images: Sequence[np.ndarray], device: str) -> Fusion:
    """Fuse a pair; colour is decided on the rounded gray levels. The initial map compares the activities only."""
    first, second = (_activity(gray_levels(image) / 255, device) for image in images)
    initial = first > second
    mask = decide(initial)
    chosen = mask if np.ndim(images[0]) == 2 else mask[..., None]
    return Fusion(
        image=from_levels(np.where(chosen, to_levels(images[0]), to_levels(images[1]))),
        decision_map=mask.astype(np.float32),
        initial_map=initial.astype(np.float32),
    )


def _activity(gray: np.ndarray, device: str) -> NDArray[np.float64]:
    """Nuclear norm of the 25 x 6 responses around every pixel, summed over 3 x 3 pixels (float64, H x W)."""
    filters = weights(METHOD.files, convert, device)["filters"]
    margin = _PATCH // 2 + _NEIGHBOURHOOD // 2
    norms = []
    with inference(device):
        for start in range(0, len(gray), _ROWS[device]):
            stop = min(start + _ROWS[device], len(gray))
            top, bottom = max(start - margin, 0), min(stop + margin, len(gray))
            norms.append(_nuclear_norm(gray[top:bottom], filters)[start - top :][: stop - start].cpu().numpy())
    activity = np.concatenate(norms)
    for axis in (0, 1):
        activity = correlate1d(activity, np.ones(3), axis=axis, mode="constant")
    return activity


def _nuclear_norm(gray: np.ndarray, filters: Tensor) -> Tensor:
    """Sum of the singular values of the neighbourhood's responses, from the eigenvalues of their Gram matrix."""
    import torch
    from torch.nn import functional as F

    patches = F.unfold(torch.from_numpy(gray).to(filters)[None, None], _PATCH, padding=_PATCH // 2)[0]
    # The mean is subtracted before the projection, so that flat patches respond with exactly 0.
    responses = (filters @ (patches - patches.mean(dim=0))).unflatten(1, gray.shape)
    products = responses[:, None] * responses[None]
    gram = F.pad(products, (_NEIGHBOURHOOD // 2,) * 4)
    gram = sum(gram[..., shift : shift + gray.shape[0], :] for shift in range(_NEIGHBOURHOOD))  # type: ignore[assignment]
    gram = sum(gram[..., shift : shift + gray.shape[1]] for shift in range(_NEIGHBOURHOOD))  # type: ignore[assignment]
    return torch.linalg.eigvalsh(gram.permute(2, 3, 0, 1)).clamp(min=0).sqrt().sum(dim=-1)


def decide(initial: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Decision map (bool, H x W; true: first image) from the comparison of activities."""
    # A pixel that neither or both maps claim goes to the second image.
    mask = _regions(initial) & ~_regions(~initial)
    area = np.ceil(_SMALL_LEFTOVER * initial.size)
    mask = remove_small_components(fill_area(mask, area), area)
    # Median of 3 x 3 with zeros outside.
    return window_sum(mask, 3, 3) >= 5


def _regions(chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Large regions of one image's map: small ones and small holes removed, closed and opened by 3 x 3."""
    area = np.ceil(_SMALL_REGION * chosen.size)
    mask = fill_area(remove_small_components(chosen, area), area)
    return opening(closing(mask, square(3)), square(3))


def convert(paths: Sequence[Path]) -> dict[str, np.ndarray]:
    """First-stage filters of the MATLAB file, float64, 6 x 49 (patches by rows; the file has them by columns)."""
    from scipy.io import loadmat

    filters = loadmat(paths[0])["V"].ravel()[0][:, _FIRST_FILTER:]
    filters = filters.reshape(_PATCH, _PATCH, -1).transpose(2, 1, 0)
    return {"filters": filters.reshape(len(filters), -1).astype(np.float64)}
