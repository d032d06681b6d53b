"""PMGI: proportional maintenance of gradient and intensity, its multi-focus model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from files.errors import InputError
from methods import Fusion, Method, Reference
from methods._common import two_stream, writer
from methods._common.torch import array, inference, planes, weights

if TYPE_CHECKING:
    from torch import Tensor

METHOD = Method(
    id="pmgi",
    label="PMGI",
    title="Proportional maintenance of gradient and intensity, multi-focus model",
    citation=(
        "H. Zhang, H. Xu, Y. Xiao, X. Guo, J. Ma, Rethinking the image fusion: a fast unified image fusion network "
        "based on proportional maintenance of gradient and intensity, AAAI (2020) 12797-12804"
    ),
    doi="10.1609/aaai.v34i07.6975",
    year=2020,
    kind="learned",
    cost=1.5,
    needs=("device",),
    keeps_equal_sources=False,
    files=("pmgi/CGAN_60/CGAN.model-1.index", "pmgi/CGAN_60/CGAN.model-1.data-00000-of-00001"),
    options={"stretch": writer.OPTION},
    presets={"upstream_writer": writer.PRESET},
    note=(
        "normalised by the statistics of the image being fused, as in the authors' program, which distorts "
        f"intensities; {writer.NOTE}"
    ),
)

REFERENCES = (
    Reference("official", "pmgi", why="float differences of 1e-3 levels flip the rounding of single grey levels"),
)

#: The statistics are those of the whole image, so tiling is not possible: about 1.4 GB per megapixel.
_MOST_PIXELS = 8_000_000


def fuse(images: Sequence[np.ndarray], stretch: bool, device: str) -> Fusion:
    """Fuse a pair; the first image takes the place the authors call "ir".

    Raises
    ------
    files.errors.InputError
        The images have more than 8 megapixels.
    """
    pixels = math.prod(images[0].shape[:2])
    if pixels > _MOST_PIXELS:
        raise InputError(
            f"method pmgi cannot work in tiles; an image may have at most {_MOST_PIXELS} pixels; got {pixels}"
        )
    parameters = weights(METHOD.files, two_stream.convert, device)

    def network(pair: Sequence[np.ndarray]) -> np.ndarray:
        import torch

        with inference(device):
            first, second = (planes(values, device) for values in pair)
            inputs = torch.cat([first, first, second], dim=1), torch.cat([second, second, first], dim=1)
            return array(two_stream.exchanging(*inputs, parameters, ("", "_vi"), _image_statistics))

    return two_stream.fuse(images, network, stretch)


def _image_statistics(values: Tensor) -> Tensor:
    """Batch normalisation by mean and variance of this image, scale 1, shift 0 (the stored ones are not used)."""
    import torch

    variance, mean = torch.var_mean(values, dim=(2, 3), correction=0, keepdim=True)
    return (values - mean) * (variance + 1e-5).rsqrt()
