"""Convolutional sparse coding: basis pursuit by ADMM in the Fourier domain.

References
----------
B. Wohlberg, "Efficient algorithms for convolutional sparse representations", IEEE Transactions on Image Processing
25(1), 2016. Penalty adaptation: B. Wohlberg, "ADMM penalty parameter selection by residual balancing", 2017.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch
    from torch import Tensor

#: Over-relaxation of the coefficient maps.
RELAXATION = 1.8
#: Both relative residuals must fall to this.
TOLERANCE = 1e-3
MAX_ITERATIONS = 500
#: The penalty changes when the residuals differ by more than this factor, by at most the second one.
RESIDUAL_RATIO, LARGEST_CHANGE = 1.2, 100.0
#: Coefficients that are transformed at once: few enough to stay in the processor's cache.
_BLOCK = 2**20


def transfer_functions(filters: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.complex128]:
    """Spectra of filters under circular convolution with images of a size.

    Parameters
    ----------
    filters : numpy.ndarray
        float64, h x w x M; the origin of a filter is its first sample.
    shape : tuple of int
        Height H and width W of the image; where the filters are larger, they wrap around.

    Returns
    -------
    numpy.ndarray
        complex128, M x H x (W // 2 + 1).
    """
    from scipy import fft

    kernels = np.zeros((filters.shape[2], *shape))
    for row, column in np.ndindex(filters.shape[:2]):
        kernels[:, row % shape[0], column % shape[1]] += filters[row, column]
    return fft.rfft2(kernels)


def code(image: np.ndarray, spectra: Tensor, sparsity: float, device: str | torch.device = "cpu") -> Tensor:
    """Coefficient maps X_m that minimise 1/2 ||sum_m d_m * X_m - image||^2 + sparsity sum_m |X_m|.

    Parameters
    ----------
    image : numpy.ndarray
        H x W, scale of [0, 1]; float32 takes less than half the time of float64 and moves the maps by far less than
        the tolerance.
    spectra : torch.Tensor
        Transfer functions of the filters d_m (see `transfer_functions`) in the image's precision, on the device.
    sparsity : float
        Weight lambda of the l1 norm, in the image's units.
    device : {"cpu", "cuda"}

    Returns
    -------
    torch.Tensor
        M x H x W in the image's precision, on the device.
    """
    import torch

    target = torch.fft.rfft2(torch.from_numpy(image).to(device))
    power = (spectra.real**2 + spectra.imag**2).sum(0)
    maps = torch.zeros((len(spectra), *image.shape), dtype=target.real.dtype, device=device)
    dual = torch.zeros_like(maps)
    penalty = 100 * sparsity + 0.5
    for iteration in range(1, MAX_ITERATIONS + 1):
        sums = _step(maps, dual, target, spectra, power, sparsity / penalty, penalty)
        primal, change = _residuals(sums)
        if max(primal, change) <= TOLERANCE:
            break
        if iteration > 1:
            factor = _penalty_change(primal, change, sparsity)
            penalty *= factor
            dual /= factor
    return maps


def _step(
    maps: Tensor, dual: Tensor, target: Tensor, spectra: Tensor, power: Tensor, threshold: float, penalty: float
) -> list[float]:
    """One iteration in place; returns the squared norms of X, Y, X - Y, the change of Y, and U.

    The quadratic problem has, per frequency, the solution x = v + conj(d) (s - d^T v) / (penalty + |d|^2) with
    v = y - u (Sherman-Morrison).
    """
    import torch

    shape = maps.shape[1:]
    size = max(1, _BLOCK // math.prod(shape))
    blocks = [slice(start, start + size) for start in range(0, len(maps), size)]
    misfit = target.clone()
    for block in blocks:
        misfit -= (spectra[block] * torch.fft.rfft2(maps[block] - dual[block])).sum(0)
    misfit /= penalty + power
    sums = torch.zeros(5, dtype=torch.float64, device=maps.device)
    for block in blocks:
        before, scaled = maps[block], dual[block]
        solution = torch.fft.irfft2(spectra[block].conj() * misfit, s=shape).add_(before).sub_(scaled)
        relaxed = torch.add(scaled, solution, alpha=RELAXATION).add_(before, alpha=1 - RELAXATION)
        # Soft thresholding leaves behind what the dual variable takes over.
        kept = relaxed.clamp(-threshold, threshold)
        relaxed -= kept
        sums += torch.stack(
            [_energy(x).double() for x in (solution, relaxed, solution - relaxed, before - relaxed, kept)]
        )
        maps[block], dual[block] = relaxed, kept
    return sums.tolist()


def _energy(values: Tensor) -> Tensor:
    flat = values.reshape(-1)
    return flat @ flat


def _residuals(sums: Sequence[float]) -> tuple[float, float]:
    """Relative primal and dual residuals of the squared norms of a step."""
    solution, maps, gap, change, dual = map(math.sqrt, sums)
    scale = max(solution, maps)
    return (gap / scale if scale else 0.0), (change / dual if dual else 0.0)


def _penalty_change(primal: float, change: float, sparsity: float) -> float:
    """Factor for the penalty that brings the residuals closer to their target ratio."""
    ratio = 1 + 18.3 ** (math.log10(sparsity) + 1)
    factor = math.sqrt(primal / (change * ratio)) if primal and change else LARGEST_CHANGE
    factor = min(max(factor, 1 / factor), LARGEST_CHANGE)
    if primal > RESIDUAL_RATIO * ratio * change:
        return factor
    if change > RESIDUAL_RATIO / ratio * primal:
        return 1 / factor
    return 1.0
