"""CNN-Fuse's pipeline with the light network that its first author published later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.signal import convolve2d

from imaging.filters import guided_filter, remove_small_components
from imaging.levels import from_levels, gray_real, to_levels
from methods import Fusion, Method, Reference
from methods._common.morphology import fill_area
from methods._common.torch import conv, inference, planes, weights

if TYPE_CHECKING:
    from torch import Tensor

METHOD = Method(
    id="cnn_light",
    label="CNN (light)",
    title="Patch classification by a convolutional network, light model",
    citation=(
        "Y. Liu, X. Chen, H. Peng, Z. Wang, Multi-focus image fusion with a deep convolutional neural network, "
        "Information Fusion 36 (2017) 191-207; network of Y. Liu, X. Chen, J. Cheng, H. Peng, Z. Wang, Infrared and "
        "visible image fusion with convolutional neural networks, Int. J. Wavelets, Multiresolution and Information "
        "Processing 16(3) (2018) 1850018"
    ),
    doi="10.1016/j.inffus.2016.12.001",
    year=2017,
    kind="learned",
    cost=4.0,
    comparison=True,
    decision_map=True,
    needs=("device",),
    files=("cnn_light/cnnmodel.mat",),
    note="the 2017 method with the lighter network of 2018, because the 2017 weights are not available",
)

_ANOTHER_NETWORK = "the images were made with the 2017 network, whose weights are not available"

REFERENCES = (
    Reference("official", "cnn_light"),
    Reference("published", "cnn", why=_ANOTHER_NETWORK),
    Reference("mfifb", "CNN", why=_ANOTHER_NETWORK),
)

#: Side of a classified patch in pixels; the step between patches is 2.
_PATCH = 16
_SMALL = 0.01
_GUIDED_RADIUS, _GUIDED_EPSILON = 8, 0.1
#: Side of a patch after pooling.
_POOLED = _PATCH // 2
#: Rows of the score map that are computed at once.
_ROWS = {"cpu": 64, "cuda": 512}
#: Radii of the convolutions in pixels: two before pooling, one after it that counts twice.
_HALO = 4


def fuse(images: Sequence[np.ndarray], device: str) -> Fusion:
    """Fuse a pair.

    The decision map is the guided-filtered one, limited to [0, 1]; the initial map is the focus map (mean score
    of the patches over a pixel) cut at 1/2, before small regions are removed.
    """
    first, second = (to_levels(image) / 255 for image in images)
    initial = _focus_map(gray_real(first), gray_real(second), device) > 0.5
    mask = consistent(initial)
    weight = _refined(mask, first, second)
    spread = weight if first.ndim == 2 else weight[..., None]
    return Fusion(
        image=from_levels(255 * (first * spread + second * (1 - spread))),
        decision_map=np.clip(weight, 0, 1).astype(np.float32),
        initial_map=initial.astype(np.float32),
    )


def _focus_map(first: np.ndarray, second: np.ndarray, device: str) -> NDArray[np.float64]:
    """Mean over the patches that hold a pixel of their score (H x W, [0, 1]; 1 where the first image is in focus)."""
    shape = first.shape
    scores = _scores(_at_least_a_patch(first), _at_least_a_patch(second), device)
    # A patch covers 8 x 8 cells of 2 x 2 pixels.
    covered = np.ones((_POOLED, _POOLED))
    mean = convolve2d(scores, covered) / convolve2d(np.ones(scores.shape), covered)
    return mean.repeat(2, axis=0).repeat(2, axis=1)[: shape[0], : shape[1]]


def _at_least_a_patch(gray: np.ndarray) -> np.ndarray:
    """Image mirrored at its lower and right border until it holds one patch (small images only)."""
    missing = [max(_PATCH - 1 - length, 0) for length in gray.shape]
    return np.pad(gray, [(0, length) for length in missing], mode="symmetric")


def _scores(first: np.ndarray, second: np.ndarray, device: str) -> NDArray[np.float64]:
    """Score of every patch, (ceil(H/2) - 7) x (ceil(W/2) - 7), float64.

    The bands of rows overlap by what a score depends on, so they give what the whole image gives.
    """
    import torch

    parameters = weights(METHOD.files, convert, device)
    height = -(-first.shape[0] // 2) - _POOLED + 1
    bands = []
    with inference(device):
        for start in range(0, height, _ROWS[device]):
            stop = min(start + _ROWS[device], height)
            top = max(2 * start - _HALO, 0)
            bottom = min(2 * (stop + _POOLED - 1) + _HALO, first.shape[0])
            features = [_branch(planes(gray[top:bottom], device), parameters) for gray in (first, second)]
            outputs = torch.nn.functional.conv2d(torch.cat(features, dim=1), parameters["output.weight"])
            score = outputs.softmax(dim=1)[0, 1]
            bands.append(score[start - top // 2 :][: stop - start].cpu().numpy())
    return np.concatenate(bands).astype(np.float64)


def _branch(values: Tensor, parameters: Mapping[str, Tensor]) -> Tensor:
    """Features of one image: two convolutions, pooling (odd sizes rounded up), one convolution."""
    from torch.nn import functional as F

    for name in ("1", "2"):
        values = conv(values, parameters[f"{name}.weight"], parameters[f"{name}.bias"]).relu()
    values = F.max_pool2d(values, 2, ceil_mode=True)
    return conv(values, parameters["3.weight"], parameters["3.bias"]).relu()


def convert(paths: Sequence[Path]) -> dict[str, np.ndarray]:
    """Arrays of the MATLAB file: kernels out x in x k x k and biases. The last layer's bias is not used."""
    from scipy.io import loadmat

    stored = loadmat(paths[0])
    converted = {"output.weight": _kernels(stored["weights_output"])}
    for name in ("1", "2", "3"):
        converted[f"{name}.weight"] = _kernels(stored[f"weights_b1_{name}"])
        converted[f"{name}.bias"] = stored[f"biases_b1_{name}"].ravel().astype(np.float32)
    return converted


def _kernels(stored: np.ndarray) -> NDArray[np.float32]:
    """Kernels out x in x k x k from (in x) k^2 x out, whose middle axis runs down the columns of the kernel."""
    stored = stored if stored.ndim == 3 else stored[None]
    side = int(np.sqrt(stored.shape[1]))
    return stored.reshape(stored.shape[0], side, side, -1).transpose(3, 0, 2, 1).astype(np.float32)


def consistent(initial: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Small region removal (8-connected, below 1 % of the image) from the map and from its complement."""
    area = np.ceil(_SMALL * initial.size)
    return fill_area(remove_small_components(initial, area), area)


def _refined(mask: NDArray[np.bool_], first: np.ndarray, second: np.ndarray) -> NDArray[np.float64]:
    """Guided filter of the decision map, the gray of the hard fusion as guide; may leave [0, 1]."""
    guide = np.where(mask, gray_real(first), gray_real(second))
    return guided_filter(guide, mask, _GUIDED_RADIUS, _GUIDED_EPSILON)
