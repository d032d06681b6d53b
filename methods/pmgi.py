"""PMGI: proportional maintenance of gradient and intensity, its multi-focus model."""

import math

from files.errors import InputError
from methods import Method, Reference
from methods._common import two_stream, writer
from methods._common.torch import array, inference, planes, weights

METHOD = Method(
    id="pmgi",
    label="PMGI",
    title="Proportional maintenance of gradient and intensity, multi-focus model",
    citation=(
        "H. Zhang, H. Xu, Y. Xiao, X. Guo, J. Ma, Rethinking the image fusion: a fast unified image fusion network "
        "based on proportional maintenance of gradient and intensity, AAAI (2020) 12797-12804"
    ),
    doi="10.1609/aaai.v34i07.6975",
    kind="learned",
    cost=1.5,
    needs=("device",),
    keeps_equal_sources=False,
    files=("pmgi/CGAN_60/CGAN.model-1.index", "pmgi/CGAN_60/CGAN.model-1.data-00000-of-00001"),
    options={"stretch": writer.OPTION},
    presets={"upstream_writer": writer.PRESET},
    note=(
        "normalised by the statistics of the fused image itself, as the authors' program does, which distorts "
        f"intensities; {writer.NOTE}"
    ),
)

REFERENCES = (Reference("official", "pmgi", why="float differences of 1e-3 levels turn the rounding of single levels"),)

#: The statistics are those of the whole image, so it cannot be worked on in tiles: about 1.4 GB a megapixel.
_MOST_PIXELS = 8_000_000


def fuse(images, stretch, device):
    """Fuse a pair; the first image takes the place the authors call "ir".

    Raises
    ------
    files.errors.InputError
        The images have more than 8 megapixels.
    """
    pixels = math.prod(images[0].shape[:2])
    if pixels > _MOST_PIXELS:
        raise InputError(f"method pmgi needs all of an image at once: at most {_MOST_PIXELS} pixels; got {pixels}")
    parameters = weights(METHOD.files, two_stream.convert, device)

    def network(pair):
        import torch

        with inference(device):
            first, second = (planes(values, device) for values in pair)
            inputs = torch.cat([first, first, second], dim=1), torch.cat([second, second, first], dim=1)
            return array(two_stream.exchanging(*inputs, parameters, ("", "_vi"), _image_statistics))

    return two_stream.fuse(images, network, stretch)


def _image_statistics(values):
    """Batch normalisation by mean and variance of this image, scale 1, shift 0 (the stored ones are not used)."""
    import torch

    variance, mean = torch.var_mean(values, dim=(2, 3), correction=0, keepdim=True)
    return (values - mean) * (variance + 1e-5).rsqrt()
