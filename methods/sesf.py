"""SESF-Fuse: spatial frequency of the features of an auto-encoder with squeeze and excitation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d

from imaging.filters import box_mean, guided_filter, remove_small_components
from imaging.levels import from_levels, to_levels
from methods import Fusion, Method, Reference
from methods._common.morphology import closing, fill_area, opening
from methods._common.torch import TILE, conv, inference, planes, state_dict, tiles, weights

if TYPE_CHECKING:
    from torch import Tensor

METHOD = Method(
    id="sesf",
    label="SESF-Fuse",
    title="Spatial frequency of deep features, unsupervised auto-encoder",
    citation=(
        "B. Ma, Y. Zhu, X. Yin, X. Ban, H. Huang, M. Mukeshimana, SESF-Fuse: an unsupervised deep model for "
        "multi-focus image fusion, Neural Computing and Applications 33 (2021) 5793-5804"
    ),
    doi="10.1007/s00521-020-05358-9",
    year=2021,
    kind="learned",
    cost=2.3,
    comparison=True,
    decision_map=True,
    needs=("device",),
    files=("sesf/lp+lssim_se_sf_net_times30.pkl",),
)

REFERENCES = (
    Reference(
        "official",
        "sesf",
        why="the result is truncated to 8 bit, so the order of float sums decides levels such as 123.9999999",
    ),
    Reference("mfifb", "SESF", why="the benchmark does not state which of the authors' models and versions it used"),
)

#: Mean and standard deviation of the training images (gray, [0, 1]).
_MEAN, _DEVIATION = 0.4500517361627943, 0.26465333914691797
#: Weights of R, G and B in the gray image of the network (``rgb2gray`` of scikit-image).
_GRAY = (0.2125, 0.7154, 0.0721)
#: State-dict prefixes of the encoder's blocks: convolution and batch normalisation, squeeze and excitation.
_BLOCKS = (("features", "se_f"), ("conv_encode_1", "se_1"), ("conv_encode_2", "se_2"), ("conv_encode_3", "se_3"))
_WINDOW = 11
_DISK_RADIUS = 5
_SMALL = 0.01
_GUIDED_RADIUS, _GUIDED_EPSILON = 4, 0.1


def fuse(images: Sequence[np.ndarray], device: str) -> Fusion:
    """Fuse a pair.

    The decision map is the guided-filtered one, limited to [0, 1] (the unlimited one, which overshoots for
    colour, makes the image); the initial map is the comparison of spatial frequencies before post-processing.
    """
    first, second = (to_levels(image) for image in images)
    initial = _window_sum(_frequency(first, device) - _frequency(second, device)) > 0
    mask = consistent(initial)
    weight = _refined(mask, first, second)
    spread = weight if first.ndim == 2 else weight[..., None]
    fused = first * spread + second * (1 - spread)
    return Fusion(
        # The authors' program truncates to 8 bit instead of rounding.
        image=from_levels(np.floor(np.clip(fused, 0, 255))),
        decision_map=np.clip(weight, 0, 1).astype(np.float32),
        initial_map=initial.astype(np.float32),
    )


def _frequency(levels: np.ndarray, device: str) -> NDArray[np.float64]:
    """Squared differences to the left and upper neighbour, summed over the 64 features (float64, H x W)."""
    import torch

    gray = levels / 255 if levels.ndim == 2 else levels / 255 @ np.array(_GRAY)
    gray = (gray.astype(np.float32) - np.float32(_MEAN)) / np.float32(_DEVIATION)
    parameters = weights(METHOD.files, state_dict, device)
    energy = np.empty(gray.shape)
    with inference(device):
        scales = _channel_scales(gray, parameters, device)
        for tile in tiles(gray.shape, len(_BLOCKS) + 1, TILE[device]):
            features, last = _encode(planes(gray[tile.outer], device), parameters, scales[:-1])
            features = torch.cat([features, last * scales[-1]], dim=1) if features is not None else last * scales[-1]
            padded = torch.nn.functional.pad(features, (1, 0, 1, 0))
            left, upper = padded[..., 1:, :-1] - features, padded[..., :-1, 1:] - features
            total = (left.square() + upper.square()).sum(dim=1)[0]
            energy[tile.inner] = total[tile.within].cpu().numpy()
    return energy


def _channel_scales(gray: np.ndarray, parameters: Mapping[str, Tensor], device: str) -> list[Tensor]:
    """Squeeze and excitation of every block: scales of its 16 channels, from means over the whole image.

    Each block needs the scales of those before it. Blocks are recomputed for each, tile by tile, which costs
    less than keeping 64 feature maps of a large image.
    """
    import torch

    scales: list[Tensor] = []
    for _, excitation in _BLOCKS:
        total: Any = 0
        for tile in tiles(gray.shape, len(scales) + 1, TILE[device]):
            _, block = _encode(planes(gray[tile.outer], device), parameters, scales)
            total = total + block[(..., *tile.within)].sum(dim=(2, 3), dtype=torch.float64)
        squeezed = (total / gray.size).float()
        hidden = torch.relu(squeezed @ parameters[f"{excitation}.fc.0.weight"].T)
        scales.append(torch.sigmoid(hidden @ parameters[f"{excitation}.fc.2.weight"].T)[..., None, None])
    return scales


def _encode(plane: Tensor, parameters: Mapping[str, Tensor], scales: Sequence[Tensor]) -> tuple[Tensor | None, Tensor]:
    """Blocks of the encoder: the scaled ones (as one tensor, None if there are none) and the next, not yet scaled."""
    import torch

    features = None
    for (prefix, _), scale in zip(_BLOCKS, scales, strict=False):
        block = _block(plane if features is None else features, parameters, prefix) * scale
        features = block if features is None else torch.cat([features, block], dim=1)
    return features, _block(plane if features is None else features, parameters, _BLOCKS[len(scales)][0])


def _block(values: Tensor, parameters: Mapping[str, Tensor], prefix: str) -> Tensor:
    """Convolution, ReLU, batch normalisation, in this order."""
    from torch.nn import functional as F

    values = conv(values, parameters[f"{prefix}.0.weight"], parameters[f"{prefix}.0.bias"]).relu()
    names = ("running_mean", "running_var", "weight", "bias")
    mean, variance, gain, bias = (parameters[f"{prefix}.2.{name}"] for name in names)
    return F.batch_norm(values, mean, variance, gain, bias, eps=1e-5)


def _window_sum(values: np.ndarray) -> np.ndarray:
    """Sum over 11 x 11 windows, zero outside. Not by running sums: where sources are equal it must be exactly 0."""
    for axis in (0, 1):
        values = correlate1d(values, np.ones(_WINDOW), axis=axis, mode="constant")
    return values


def consistent(initial: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Consistency verification of the initial decision map (bool, H x W): opening, closing, small regions turned."""
    offsets = np.arange(-_DISK_RADIUS, _DISK_RADIUS + 1) ** 2
    disk = offsets[:, None] + offsets <= _DISK_RADIUS**2
    area = _SMALL * initial.size
    mask = remove_small_components(opening(initial, disk), area, connectivity=4)
    return fill_area(closing(mask, disk), area, connectivity=4)


def _refined(mask: NDArray[np.bool_], first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Guided filter of the decision map, the hard fusion in grey levels as guide; may leave [0, 1].

    For colour the slopes of the three channels are computed separately and added, as in the authors' program.
    """
    mask = mask.astype(np.float64)
    spread = mask if first.ndim == 2 else mask[..., None]
    guide = first * spread + second * (1 - spread)
    if guide.ndim == 2:
        return guided_filter(guide, mask, _GUIDED_RADIUS, _GUIDED_EPSILON)
    mean_guide, mean_mask = box_mean(guide, _GUIDED_RADIUS), box_mean(mask, _GUIDED_RADIUS)
    covariance = box_mean(guide * spread, _GUIDED_RADIUS) - mean_guide * mean_mask[..., None]
    variance = box_mean(guide * guide, _GUIDED_RADIUS) - mean_guide**2
    slope = covariance / (variance + _GUIDED_EPSILON)
    offset = mean_mask - (slope * mean_guide).sum(axis=2)
    return (box_mean(slope, _GUIDED_RADIUS) * guide).sum(axis=2) + box_mean(offset, _GUIDED_RADIUS)
