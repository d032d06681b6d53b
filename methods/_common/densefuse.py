"""DenseFuse and its relatives by the same author: encoder with a dense block, fusion of features, decoder.

References
----------
H. Li, X.-J. Wu, "DenseFuse: a fusion approach to infrared and visible images", IEEE Trans. Image Processing 28(5),
2019.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from methods._common.torch import conv

if TYPE_CHECKING:
    from torch import Tensor

#: Sums of the kernels' radii of encoder and decoder.
RADII = (4, 4)

CITATION = (
    "H. Li, X.-J. Wu, DenseFuse: a fusion approach to infrared and visible images, "
    "IEEE Trans. Image Processing 28(5) (2019) 2614-2623"
)
DOI = "10.1109/TIP.2018.2887342"


def encode(values: Tensor, parameters: Mapping[str, Tensor], newest_first: bool) -> Tensor:
    """Features (64 channels) of images (N x C x H x W, 0..255).

    Parameters
    ----------
    values : torch.Tensor
    parameters : dict of str to torch.Tensor
        ``encoder.0`` to ``encoder.3`` and ``decoder.0`` to ``decoder.3``, each ``.weight`` and ``.bias``.
    newest_first : bool
        Whether the dense block puts new channels before (TensorFlow version) or behind (PyTorch) its input.

    Returns
    -------
    torch.Tensor
        N x 64 x H x W.
    """
    import torch

    values = _layer(values, parameters, "encoder.0").relu()
    for number in (1, 2, 3):
        new = _layer(values, parameters, f"encoder.{number}").relu()
        values = torch.cat([new, values] if newest_first else [values, new], dim=1)
    return values


def decode(values: Tensor, parameters: Mapping[str, Tensor]) -> Tensor:
    """Image (N x C x H x W, 0..255, not limited) from features; the last layer is without activation."""
    for number in (0, 1, 2):
        values = _layer(values, parameters, f"decoder.{number}").relu()
    return _layer(values, parameters, "decoder.3")


def _layer(values: Tensor, parameters: Mapping[str, Tensor], name: str) -> Tensor:
    return conv(values, parameters[f"{name}.weight"], parameters[f"{name}.bias"], padding="reflect")


def renamed(variables: Mapping[str, np.ndarray], layers: Iterable[tuple[str, str, str]]) -> dict[str, np.ndarray]:
    """Arrays ``encoder.k.weight`` ... from variables whose layers have the given names.

    Parameters
    ----------
    variables : dict of str to numpy.ndarray
    layers : sequence of (str, str, str)
        New name, name of its kernel, name of its bias.
    """
    return {
        f"{new}.{part}": np.ascontiguousarray(variables[old])
        for new, *olds in layers
        for part, old in zip(("weight", "bias"), olds, strict=True)
    }
