"""Training pairs: two images focused on object and background, from one sharp image and the object's mask.

All functions take tensors B x 1 x H x W in [0, 1] and draw what is random from an explicit generator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

from methods.gacn.refinement import gaussian_blur

if TYPE_CHECKING:
    pass

#: The published recipe: standard deviation of the blur (its radius truncates it), and of the object's soft border.
BLUR_SIGMA = 2.0
BORDER_SIGMA, BORDER_RADIUS = 8.0, 45


@dataclass(frozen=True)
class Pair:
    """A batch of training pairs.

    Parameters
    ----------
    first, second : torch.Tensor
        Gray images, B x 1 x H x W.
    truth : torch.Tensor
        1 where the first image is sharp, else 0.
    """

    first: torch.Tensor
    second: torch.Tensor
    truth: torch.Tensor


def soft_border(mask: torch.Tensor) -> torch.Tensor:
    """The mask with the soft border that a blurred object has."""
    return gaussian_blur(mask, BORDER_RADIUS, BORDER_SIGMA)


def gaussian_pair(image: torch.Tensor, mask: torch.Tensor, radius: int) -> Pair:
    """The published synthesis: a truncated Gaussian of fixed sigma, the object's border soft when it is blurred.

    Parameters
    ----------
    image, mask : torch.Tensor
        Sharp gray image; mask of the object, 0 or 1.
    radius : int
        Truncation radius of the blur.

    Returns
    -------
    Pair
        First: object sharp, background blurred. Second: object blurred, background sharp.
    """
    blurred = gaussian_blur(image, radius, BLUR_SIGMA)
    soft = soft_border(mask)
    return Pair(image * mask + (1 - mask) * blurred, image * (1 - soft) + soft * blurred, mask)


def framed_pair(image: torch.Tensor, mask: torch.Tensor, radius: int, margin: int) -> Pair:
    """`gaussian_pair` of what a margin leaves, in a frame of zeros that `trim` cuts away again.

    The blur then darkens the images towards the edge that stays, as it does in those of the published program.
    """
    pair = gaussian_pair(_inner(image, margin), _inner(mask, margin), radius)
    return Pair(*(F.pad(planes, (margin,) * 4) for planes in (pair.first, pair.second, pair.truth)))


def disc_kernel(radius: float) -> torch.Tensor:
    """Normalised disc of a real radius, with edge pixels weighted by their share of it (approximately)."""
    reach = int(radius + 1)
    offsets = torch.arange(-reach, reach + 1, dtype=torch.float64)
    distance = torch.sqrt(offsets[:, None] ** 2 + offsets[None, :] ** 2)
    kernel = (radius + 0.5 - distance).clamp(0, 1)
    return kernel / kernel.sum()


def gaussian_kernel(radius: float) -> torch.Tensor:
    """Normalised Gaussian with the spread of a disc: sigma is half the disc's radius, per axis."""
    sigma = radius / 2
    reach = int(4 * sigma + 1)
    line = torch.exp(-(torch.arange(-reach, reach + 1, dtype=torch.float64) ** 2) / (2 * sigma**2))
    kernel = line[:, None] * line
    return kernel / kernel.sum()


def blur(planes: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    """B x 1 x H x W planes under a square kernel of odd side; the image continues beyond the frame as at its edge."""
    kernel = kernel.to(planes)
    reach = kernel.shape[0] // 2
    padded = F.pad(planes, (reach,) * 4, mode="replicate")
    size = padded.shape[-2:]
    spectrum = torch.fft.rfft2(padded) * torch.fft.rfft2(torch.flip(kernel, (0, 1)), s=size)
    # Circular correlation wraps round only inside the padding, which is cut off.
    shifted = torch.fft.irfft2(spectrum, s=size)
    return shifted[..., 2 * reach :, 2 * reach :]


def layered_pair(
    image: torch.Tensor,
    mask: torch.Tensor,
    object_radius: float,
    background_radius: float,
    spread: Callable[[float], torch.Tensor] = disc_kernel,
) -> Pair:
    """Defocus with layers, as a lens gives it: an object in front of a background.

    Focused on the object, the background is blurred by a disc behind a sharp border. Focused on the background, the
    object and its coverage are blurred together, so that the border is a mixture as wide as the blur.

    Parameters
    ----------
    image, mask : torch.Tensor
        Sharp gray image; mask of the object, 0 or 1.
    object_radius, background_radius : float
        Radii of the discs in pixels: of the object in the second image, of the background in the first.
    spread : callable
        `disc_kernel`, or `gaussian_kernel` for a softer point spread of the same width.

    Returns
    -------
    Pair
        First: object sharp. Second: background sharp.
    """
    return neighbour_pair(image, mask, (0.0, object_radius), (background_radius, 0.0), spread)


def neighbour_pair(
    image: torch.Tensor,
    mask: torch.Tensor,
    object_radii: tuple[float, float],
    background_radii: tuple[float, float],
    spread: Callable[[float], torch.Tensor] = disc_kernel,
) -> Pair:
    """Two slices of a stack: object and background are defocused in both images, by different radii.

    Parameters
    ----------
    image, mask : torch.Tensor
        Sharp gray image; mask of the object, 0 or 1.
    object_radii, background_radii : tuple of float
        Radii in pixels in the first and in the second image. The object's is the smaller one in the first image, the
        background's in the second.
    spread : callable
        See `layered_pair`.

    Returns
    -------
    Pair
        The truth is the mask: where the first image is the less defocused one.
    """
    behind = _fill(image, mask)
    first, second = (
        _layers(image, behind, mask, near, far, spread)
        for near, far in zip(object_radii, background_radii, strict=True)
    )
    return Pair(first, second, mask)


def _layers(
    image: torch.Tensor,
    behind: torch.Tensor,
    mask: torch.Tensor,
    object_radius: float,
    background_radius: float,
    spread: Callable[[float], torch.Tensor],
) -> torch.Tensor:
    """One image: the object and its coverage under one blur, the background under another."""
    objects, coverage = image * mask, mask
    if object_radius:
        objects, coverage = (blur(planes, spread(object_radius)) for planes in (objects, coverage))
    if background_radius:
        behind = blur(behind, spread(background_radius))
    return objects + (1 - coverage) * behind


def _fill(image: torch.Tensor, mask: torch.Tensor, sigma: float = 6.0, radius: int = 18) -> torch.Tensor:
    """The background continued behind the object: normalised blur of the background, widened until all is covered."""
    known = 1 - mask
    filled = image * known
    while True:
        weight = gaussian_blur(known, radius, sigma)
        smooth = gaussian_blur(filled, radius, sigma) / weight.clamp_min(1e-6)
        reached = (weight > 1e-3).to(image)
        filled = filled + (1 - known) * reached * smooth
        grown = torch.maximum(known, reached)
        if bool((grown == known).all()):
            return torch.where(grown > 0, filled, image)
        known = grown


def shift(planes: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """Shift by whole pixels, vacated pixels 0.

    As in the published program the copied area stops one short, so the last row and column of its destination are 0
    as well, even without a shift.
    """
    height, width = planes.shape[-2:]
    shifted = torch.zeros_like(planes)
    top, left = max(rows, 0), max(columns, 0)
    bottom, right = height + min(rows, 0) - 1, width + min(columns, 0) - 1
    shifted[..., top:bottom, left:right] = planes[..., top - rows : bottom - rows, left - columns : right - columns]
    return shifted


def offset(pair: Pair, generator: torch.Generator, largest: int = 2, probability: float = 0.5) -> Pair:
    """Misregistration: in some samples one of the two images is shifted by up to `largest` pixels; the truth is not."""
    first, second = pair.first.clone(), pair.second.clone()
    for sample in range(first.shape[0]):
        if _uniform(generator) >= probability:
            continue
        rows, columns = torch.randint(-largest, largest + 1, (2,), generator=generator).tolist()
        moved = first if _uniform(generator) < 0.5 else second
        moved[sample] = shift(moved[sample], rows, columns)
    return replace(pair, first=first, second=second)


def noise(pair: Pair, generator: torch.Generator, largest: float = 0.1, share: float = 0.05) -> Pair:
    """Noise that both images share: 0.95 image + 0.05 n, n normal with a deviation drawn below `largest`."""
    deviation = largest * _uniform(generator)
    grain = torch.randn(pair.first.shape, generator=generator).to(pair.first) * deviation
    return replace(
        pair, first=(1 - share) * pair.first + share * grain, second=(1 - share) * pair.second + share * grain
    )


def own_noise(pair: Pair, generator: torch.Generator, deviation: float) -> Pair:
    """Independent normal noise for each image, as in two exposures; `deviation` is in the units of the images."""
    grains = [torch.randn(pair.first.shape, generator=generator).to(pair.first) * deviation for _ in range(2)]
    return replace(pair, first=pair.first + grains[0], second=pair.second + grains[1])


def swap(pair: Pair, generator: torch.Generator) -> Pair:
    """Exchange the two images of all pairs with probability one half, and invert the truth with them."""
    return Pair(pair.second, pair.first, 1 - pair.truth) if _uniform(generator) < 0.5 else pair


def trim(pair: Pair, margin: int) -> Pair:
    """The pair without its outermost `margin` pixels."""
    if margin == 0:
        return pair
    return Pair(*(_inner(planes, margin) for planes in (pair.first, pair.second, pair.truth)))


def _inner(planes: torch.Tensor, margin: int) -> torch.Tensor:
    height, width = planes.shape[-2:]
    return planes[..., margin : height - margin, margin : width - margin]


def quantise(pair: Pair) -> Pair:
    """The images in 256 levels, as files hold them: where both look the same in a file, they are the same here."""
    first, second = (torch.round(planes.clamp(0, 1) * 255) / 255 for planes in (pair.first, pair.second))
    return replace(pair, first=first, second=second)


def _uniform(generator: torch.Generator) -> float:
    return torch.rand((), generator=generator).item()
