"""CSR: convolutional sparse representation of the detail layer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import correlate1d

from methods import Fusion, Method, Option, Reference
from methods._common import convolutional
from methods._common.channels import fuse_channels
from methods._common.torch import check_device

if TYPE_CHECKING:
    from torch import Tensor

DICTIONARY = "csr/dict.mat"

METHOD = Method(
    id="csr",
    label="CSR",
    title="Convolutional sparse codes of the detail layer, larger windowed l1 norm",
    citation=(
        "Y. Liu, X. Chen, R. K. Ward, Z. J. Wang, Image fusion with convolutional sparse representation, "
        "IEEE Signal Processing Letters 23(12), 2016"
    ),
    doi="10.1109/LSP.2016.2618776",
    year=2016,
    kind="sparse",
    cost=200.0,
    files=(DICTIONARY,),
    needs=("device",),
    options={
        "sparsity": Option(0.01, "Weight lambda of the l1 norm of the codes.", minimum=1e-6, maximum=1.0),
        "radius": Option(9, "Radius r of the window of the activity level, in pixels.", minimum=0, maximum=100),
    },
    keeps_equal_sources=False,
)

REFERENCES = (
    Reference(
        "mfifb",
        "CSR",
        why="The pursuit stops at a relative residual of 1e-3; the last bits of the transforms shift single levels by one.",
    ),
)

#: Weight of the gradient's energy and border in pixels of the low-pass filter.
_SMOOTHNESS, _BORDER = 5.0, 16


def fuse(images: Sequence[np.ndarray], *, sparsity: float, radius: int, device: str) -> Fusion:
    """Fuse two images by convolutional sparse codes, each channel on its own.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        Two sources, float32, H x W or H x W x 3, [0, 1].
    sparsity : float
        Weight lambda of the l1 norm of the codes (images in [0, 1]).
    radius : int
        Radius of the window of the activity level.
    device : {"cpu", "cuda"}
        Where the codes are computed, in float32.
    """
    import torch

    check_device(device)
    filters = _filters()
    spectra = torch.from_numpy(convolutional.transfer_functions(filters, images[0].shape[:2]))
    spectra = spectra.to(device, torch.complex64)
    return fuse_channels(images, partial(_fuse_levels, spectra=spectra, sparsity=sparsity, radius=radius))


@lru_cache(maxsize=1)
def _filters() -> NDArray[np.float64]:
    """The dictionary: float64, 8 x 8 x 32, unit-norm filters."""
    from scipy.io import loadmat

    from files import fetch

    return loadmat(fetch.path(DICTIONARY))["D"].astype(np.float64)


def low_pass(image: np.ndarray) -> np.ndarray:
    """Tikhonov low-pass (float64, H x W): minimises ||l - image||^2 + 5 ||grad l||^2 beyond a mirrored border."""
    padded = np.pad(image, _BORDER, mode="symmetric")
    vertical, horizontal = (2 - 2 * np.cos(2 * np.pi * np.arange(n) / n) for n in padded.shape)
    penalty = 1 + _SMOOTHNESS * (vertical[:, None] + horizontal[None, : padded.shape[1] // 2 + 1])
    smooth = fft.irfft2(fft.rfft2(padded) / penalty, s=padded.shape)
    return smooth[_BORDER:-_BORDER, _BORDER:-_BORDER]


def _fuse_levels(first: np.ndarray, second: np.ndarray, *, spectra: Tensor, sparsity: float, radius: int) -> np.ndarray:
    """Fuse two channels in levels 0..255 (float64, H x W); the result is not rounded."""
    import torch

    lows, codes, activities = [], [], []
    for levels in (first, second):
        image = levels / 255
        low = low_pass(image)
        maps = convolutional.code((image - low).astype(np.float32), spectra, sparsity, spectra.device)
        lows.append(low)
        codes.append(maps)
        activities.append(_window_mean(maps.abs().sum(0, dtype=torch.float64).cpu().numpy(), radius))
    # A tie goes to the second source.
    choice = activities[0] > activities[1]
    maps = torch.where(torch.from_numpy(choice).to(spectra.device), codes[0], codes[1])
    high = torch.fft.irfft2((spectra * torch.fft.rfft2(maps)).sum(0), s=first.shape).cpu().numpy()
    return 255 * (np.where(choice, *lows) + high)


def _window_mean(values: np.ndarray, radius: int) -> np.ndarray:
    """Mean over a square window; outside the image there are zeros.

    Summed anew at every pixel: a running sum would leave noise where all values are zero, and decide ties by it.
    """
    taps = np.full(2 * radius + 1, 1 / (2 * radius + 1))
    rows = correlate1d(values, taps, axis=0, mode="constant")
    return correlate1d(rows, taps, axis=1, mode="constant")
