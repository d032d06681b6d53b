"""CCSR-Net: coupled convolutional sparse coding of two images, unfolded into a network.

An iterative thresholding of four steps gives 64 sparse coefficient maps for each image. A threshold function couples
them: it pulls the maps of the one image towards those of the other. The sums of their magnitudes, averaged over 19 x 19
pixels, go through one 3 x 3 convolution, whose sign is the decision map. Regions below 1 % of the image change sides,
and the result copies pixels of the sources.

The maps of the first image are computed before those of the second and with kernels of their own, so the order of the
images matters: swapping them changes a tenth to a quarter of the decisions on photographs.

References
----------
K. Zheng, J. Cheng, Y. Liu, "CCSR-Net: unfolding coupled convolutional sparse representation for multi-focus image
fusion", PRCV 2023, LNCS 14434, pp. 285-297. All constants are those of the authors' program.
"""

from collections.abc import Sequence

import numpy as np

from imaging.levels import to_levels
from methods import Fusion, Method, Reference
from methods._common import coupled_coding
from methods._common.coupled_coding import Codes, Window, analysis, synthesis
from methods._common.torch import conv, inference, planes, tiles, weights

METHOD = Method(
    id="ccsr",
    label="CCSR-Net",
    title="Coupled convolutional sparse representation, unfolded into a network",
    citation=coupled_coding.CITATION,
    doi=coupled_coding.DOI,
    year=2023,
    kind="learned",
    cost=2.5,
    decision_map=True,
    needs=("device",),
    files=("ccsr/CCSR.pth",),
    note=(
        "the order of the images matters: swapping them changes 10 to 30 % of the decisions on photographs; the first "
        "image given is the program's first"
    ),
)

REFERENCES = (Reference("official", "ccsr"), Reference("authors", "ccsr"))

#: Steps after the first.
_ITERATIONS = 3
_WINDOW = Window(dilation=1, padding="constant")
#: Side of the window over which activity is averaged.
_MEAN = 19
#: Sum of the radii of the kernels of the coding.
_HALO = 1 + 2 * _ITERATIONS


def fuse(images: Sequence[np.ndarray], *, device: str = "cpu") -> Fusion:
    """Fuse a pair.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        Two images, H x W or H x W x 3, [0, 1]; gray takes the place of all three channels.
    device : {"cpu", "cuda"}

    Returns
    -------
    Fusion
        The decision map is the one without small regions, the initial map the network's.
    """
    return coupled_coding.select(images, logit(images, device) > 0)


def logit(images: Sequence[np.ndarray], device: str = "cpu") -> np.ndarray:
    """What the network says of every pixel (float32, H x W): above 0 where the first image is in focus.

    Only the coding is done in tiles, which overlap by what it depends on: the result is that of the whole image.
    """
    parameters = weights(METHOD.files, coupled_coding.checkpoint, device)
    shape = images[0].shape[:2]
    with inference(device):
        activities = planes(np.empty((*shape, 2), np.float32), device)[0]
        for tile in tiles(shape, _HALO, coupled_coding.TILE[device]):
            pair = [_colour(image[tile.outer], device) for image in images]
            activities[(..., *tile.inner)] = _activities(pair, parameters, device)[(..., *tile.within)]
        activities = coupled_coding.mean(activities, _MEAN)
        return conv(activities[None], parameters["conv_1.weight"])[0, 0].cpu().numpy()


def _colour(image, device):
    """Three planes (3 x h x w) of an image, rounded to 8 bit."""
    values = planes(to_levels(image).astype(np.float32) / np.float32(255), device)[0]
    return values.expand(3, -1, -1)


def _activities(pair, parameters, device):
    """Sums of the magnitudes of the maps of both images (2 x h x w)."""
    import torch

    def kernels(name):
        return [parameters[f"net.{name.format(image)}.weight"] for image in "uv"]

    codes = Codes(pair[0].shape[1:], _WINDOW, device)
    inputs = kernels("layer_in_{}")
    synthesisers = [synthesis(kernel) for kernel in inputs]
    values = pair
    for step in range(_ITERATIONS + 1):
        threshold = parameters["net.lam_in" if step == 0 else f"net.lam_{step - 1}"][:, 0]
        if step == _ITERATIONS:
            codes.update(values, synthesisers, threshold)
            return codes.activities()
        analysers = [analysis(kernel) for kernel in kernels(f"down_conv_{{}}_{step}")]
        down = codes.update(values, synthesisers, threshold, analysers)
        # The next correction: the input's code less what the present code already explains.
        values = [torch.cat([part, image]) for part, image in zip(down, pair, strict=True)]
        ups = kernels(f"up_conv_{{}}_{step}")
        synthesisers = [synthesis(-up, kernel) for up, kernel in zip(ups, inputs, strict=True)]
