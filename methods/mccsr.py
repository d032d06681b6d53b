"""MCCSR-Net: coupled convolutional sparse coding of a base and a detail part, unfolded into a network.

The extension of CCSR-Net. It sees luma only. Each image is explained by a base part, coded with dilated 3 x 3 kernels,
and a detail part, coded with ordinary ones. Four stages take turns: coupled coding of the base, of what the base leaves
for the detail, and so on. The magnitudes of the base's coefficients are averaged over 19 x 19 pixels and those of the
detail over 7 x 7; a 3 x 3 convolution compares each between the images, and the sign of a weighted sum of both
comparisons is the decision map. Regions below 1 % of the image change sides, and the result copies pixels of the sources.

The maps of the first image are computed before those of the second and with kernels of their own, so the order of the
images matters: swapping them changes about 1 % of the decisions on photographs.

References
----------
K. Zheng, J. Cheng, Y. Liu, "CCSR-Net: unfolding coupled convolutional sparse representation for multi-focus image
fusion", PRCV 2023, LNCS 14434, pp. 285-297, and the authors' repository, which holds the extension. All constants are
those of the authors' program.
"""

from collections.abc import Sequence

import numpy as np

from imaging.levels import to_levels
from methods import Fusion, Method, Reference
from methods._common import coupled_coding
from methods._common.coupled_coding import Codes, Window, analysis, synthesis
from methods._common.torch import conv, inference, planes, tiles, weights

METHOD = Method(
    id="mccsr",
    label="MCCSR-Net",
    title="Coupled convolutional sparse representation of base and detail, unfolded into a network",
    citation=coupled_coding.CITATION + "; its extension MCCSR-Net, github.com/yuliu316316/CCSR-Net-Fusion",
    doi=coupled_coding.DOI,
    year=2023,
    kind="learned",
    cost=4.0,
    decision_map=True,
    needs=("device",),
    files=("mccsr/MCCSR.pth",),
    minimum_size=4,
    note=(
        "luma only; the order of the images matters: swapping them changes about 1 % of the decisions on photographs; "
        "the first image given is the program's first"
    ),
)

REFERENCES = (Reference("official", "mccsr"), Reference("authors", "mccsr"))

_STAGES = 4
_BASE, _DETAIL = Window(dilation=3, padding="reflect"), Window(dilation=1, padding="reflect")
#: Sides of the windows over which the activities of base and detail are averaged.
_BASE_MEAN, _DETAIL_MEAN = 19, 7
#: Weights of R, G and B in 8-bit luma, in 1/65536 (mode "L" of Pillow).
_LUMA = (19595, 38470, 7471)
#: Pixels beyond a tile that the coding in it depends on, the radii of all kernels on the longest way from an image to a
#: coefficient: synthesis and reconstruction of the base and synthesis of the detail; in later stages the reconstruction
#: of the detail before them.
_HALO = (3 + 3 + 1) + (_STAGES - 1) * (1 + 3 + 3 + 1)


def fuse(images: Sequence[np.ndarray], *, device: str = "cpu") -> Fusion:
    """Fuse a pair.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        Two images, H x W or H x W x 3, [0, 1].
    device : {"cpu", "cuda"}

    Returns
    -------
    Fusion
        The decision map is the one without small regions, the initial map the network's.
    """
    return coupled_coding.select(images, logit(images, device) > 0)


def luma(image: np.ndarray) -> np.ndarray:
    """8-bit luma (int64, H x W) of an image in [0, 1]; gray comes back as it is."""
    levels = to_levels(image).astype(np.int64)
    return levels if levels.ndim == 2 else (levels @ np.array(_LUMA) + (1 << 15)) >> 16


def logit(images: Sequence[np.ndarray], device: str = "cpu") -> np.ndarray:
    """What the network says of every pixel (float32, H x W): above 0 where the first image is in focus.

    Only the coding is done in tiles, which overlap by what it depends on: the result is that of the whole image.
    """
    parameters = weights(METHOD.files, coupled_coding.checkpoint, device)
    shape = images[0].shape[:2]
    with inference(device):
        activities = planes(np.empty((*shape, 4), np.float32), device)[0]
        for tile in tiles(shape, _HALO, coupled_coding.TILE[device]):
            pair = [planes(luma(image[tile.outer]).astype(np.float32) / np.float32(255), device)[0] for image in images]
            activities[(..., *tile.inner)] = _activities(pair, parameters, device)[(..., *tile.within)]
        base = coupled_coding.mean(activities[:2], _BASE_MEAN)
        detail = coupled_coding.mean(activities[2:], _DETAIL_MEAN)
        base_weight, detail_weight = parameters["conv_r3.weight"].flatten()
        result = base_weight * _compared(base, parameters, 1) + detail_weight * _compared(detail, parameters, 2)
        return result.cpu().numpy()


def _compared(activities, parameters, number):
    """Comparison of two mean activities (2 x H x W) by convolution (H x W)."""
    return conv(activities[None], parameters[f"conv_r{number}.basic_unit.weight"], padding="reflect")[0, 0]


class _Part:
    """Base or detail of both images and its coding.

    Parameters
    ----------
    unit : str
        Name of its coding units in the weights.
    reconstructions : pair of str
        Names of its reconstructions of the two images.
    window : Window
    """

    def __init__(self, parameters, unit, reconstructions, window, shape, device):
        self._parameters, self._unit, self._reconstructions = parameters, unit, reconstructions
        self.codes = Codes(shape, window, device)
        self._down = None

    def _kernels(self, *names):
        return [self._parameters[f"{name}.basic_unit.weight"] for name in names]

    def _layers(self, stage, role):
        """Kernels of a coding unit for the first and the second image, which the authors call u and s."""
        return self._kernels(*(f"{self._unit}.{stage}.layer_{role}_{letter}" for letter in "us"))

    def explain(self, stage, pair):
        """Update the coding for the part of the images it has to explain; the two reconstructions (1 x h x w)."""
        import torch

        synthesisers = self._layers(stage, "in")
        values = pair
        if self._down is not None:
            ups = self._layers(stage, "e")
            synthesisers = [torch.cat([-up, kernel], dim=1) for up, kernel in zip(ups, synthesisers, strict=True)]
            values = [torch.cat([part, image]) for part, image in zip(self._down, pair, strict=True)]
        analysers = [self._kernels(*(f"{name}.{stage}" for name in self._reconstructions))]
        if stage + 1 < _STAGES:
            analysers.append(self._layers(stage + 1, "d"))
        found = self.codes.update(
            values,
            [synthesis(kernel) for kernel in synthesisers],
            self._parameters[f"{self._unit}.{stage}.lam"].expand(64, 1),
            [analysis(*kernels) for kernels in zip(*analysers, strict=True)],
        )
        self._down = [values[1:] for values in found]
        return [values[:1] for values in found]


def _activities(pair, parameters, device):
    """Sums of the magnitudes of the maps of both images, base and then detail (4 x h x w)."""
    import torch

    shape = pair[0].shape[1:]
    base = _Part(parameters, "net_c", ("conv_u", "conv_s"), _BASE, shape, device)
    detail = _Part(parameters, "net_t", ("conv_v", "conv_t"), _DETAIL, shape, device)
    remaining = pair
    for stage in range(_STAGES):
        explained = base.explain(stage, remaining)
        explained = detail.explain(stage, [image - part for image, part in zip(pair, explained, strict=True)])
        remaining = [image - part for image, part in zip(pair, explained, strict=True)]
    return torch.cat([base.codes.activities(), detail.codes.activities()])
