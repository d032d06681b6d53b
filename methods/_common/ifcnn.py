"""IFCNN: one network for its three element-wise fusion rules.

References
----------
Y. Zhang, Y. Liu, P. Sun, H. Yan, X. Zhao, L. Zhang, "IFCNN: a general image fusion framework based on convolutional
neural network", Information Fusion 54, 2020.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from imaging.levels import from_levels, to_levels
from methods import Fusion, Method, Reference
from methods._common.torch import Autoencoder, conv, fuse_features, state_dict, weights

if TYPE_CHECKING:
    from torch import Tensor

#: Mean and standard deviation of the network's colour input (those of ImageNet).
_MEAN = np.array((0.485, 0.456, 0.406), dtype=np.float32)
_DEVIATION = np.array((0.229, 0.224, 0.225), dtype=np.float32)
#: Weights of R, G and B when the result of gray images, three channels, is made gray again.
_GRAY = (0.299, 0.587, 0.114)
_RADII = (4, 1)


def method(rule: str, comparison: bool = False) -> Method:
    """Declaration of the variant with an element-wise fusion rule ("max", "mean" or "sum")."""
    return Method(
        id=f"ifcnn_{rule}",
        label=f"IFCNN-{rule.upper()}",
        title=f"General convolutional fusion network, element-wise {rule}",
        citation=(
            "Y. Zhang, Y. Liu, P. Sun, H. Yan, X. Zhao, L. Zhang, IFCNN: a general image fusion framework based on "
            "convolutional neural network, Information Fusion 54 (2020) 99-118"
        ),
        doi="10.1016/j.inffus.2019.07.011",
        year=2020,
        kind="learned",
        cost=1.8,
        comparison=comparison,
        native_stack=True,
        order_free=True,
        needs=("device",),
        keeps_equal_sources=False,
        files=(f"ifcnn/IFCNN-{rule.upper()}.pth",),
    )


def official(rule: str) -> Reference:
    """`Reference` of the official outputs."""
    why = "the result is truncated to 8 bit, so float differences of 1e-6 shift single grey levels by one"
    return Reference("official", f"ifcnn_{rule}", why=why)


def fuse(images: Sequence[np.ndarray], files: tuple[str, ...], join: str, device: str) -> Fusion:
    """Fuse n images by joining their features element by element.

    Gray images are repeated to three channels and not normalised, as the authors do.

    Parameters
    ----------
    images : sequence of numpy.ndarray
    files : tuple of str
        Catalogue key of the weights.
    join : {"max", "mean", "sum"}
    device : {"cpu", "cuda"}

    Returns
    -------
    Fusion
    """
    import torch

    parameters = weights(files, convert, device)
    colour = np.ndim(images[0]) == 3
    mean, deviation = (_MEAN, _DEVIATION) if colour else (np.float32(0), np.float32(1))
    divisor = len(images) if join == "mean" else 1

    def prepare(image: np.ndarray) -> np.ndarray:
        levels = to_levels(image).astype(np.float32) / np.float32(255)
        levels = levels if colour else np.repeat(levels[..., None], 3, axis=2)
        return (levels - mean) / deviation

    def encode(values: Tensor) -> Tensor:
        return _layer(conv(values, parameters["conv1.weight"], padding="replicate"), parameters, "conv2")

    def decode(values: Tensor) -> Tensor:
        return conv(_layer(values / divisor, parameters, "conv3"), parameters["conv4.weight"], parameters["conv4.bias"])

    network = Autoencoder(encode, torch.maximum if join == "max" else torch.add, decode, _RADII)
    fused = fuse_features(network, images, prepare, device) * deviation + mean
    # The authors' program truncates to 8 bit instead of rounding.
    levels = np.floor(np.clip(fused, 0, 1) * np.float32(255))
    return Fusion(from_levels(levels if colour else levels @ np.array(_GRAY)))


def _layer(values: Tensor, parameters: Mapping[str, Tensor], name: str) -> Tensor:
    """Convolution with its batch normalisation (folded in) and ReLU."""
    return conv(values, parameters[f"{name}.weight"], parameters[f"{name}.bias"], padding="replicate").relu()


def convert(paths: Sequence[Path]) -> dict[str, np.ndarray]:
    """Arrays of the state dict, batch normalisation folded into the convolutions before it."""
    state = state_dict(paths)
    converted = {name: state[name] for name in ("conv1.weight", "conv4.weight", "conv4.bias")}
    for name in ("conv2", "conv3"):
        values = {
            key: state[f"{name}.bn.{key}"].astype(np.float64)
            for key in ("weight", "bias", "running_mean", "running_var")
        }
        gain = values["weight"] / np.sqrt(values["running_var"] + 1e-5)
        converted[f"{name}.weight"] = (state[f"{name}.conv.weight"] * gain[:, None, None, None]).astype(np.float32)
        converted[f"{name}.bias"] = (values["bias"] - values["running_mean"] * gain).astype(np.float32)
    return converted
