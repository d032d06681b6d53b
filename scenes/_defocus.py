"""Defocus as a lens makes it, for scenes with exact truth.

Out of focus, a point becomes a disc, the image of the aperture (the circle of confusion). What lies in front hides
what lies behind from a part of the aperture: a blurred foreground spreads over the sharp background and lets it shine
through, while a sharp foreground keeps its edge and the blurred background ends there. Both follow from blurring
premultiplied layers and laying them over each other from back to front. Light adds linearly, so all is done on
linear intensities, not on grey levels.

Layers hide parts of each other that no photograph shows; `fill` invents them from their surroundings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import distance_transform_edt, grey_dilation

#: Exponent between grey levels and light.
GAMMA = 2.2

#: Sub-pixels per pixel and axis in an anti-aliased disc.
_SUPERSAMPLING = 16


def to_light(levels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Linear light in [0, 1] (float64) of 8-bit grey levels, same shape."""
    return ((np.arange(256) / 255.0) ** GAMMA)[levels]


def to_levels(light: NDArray[np.float64], white: int = 255) -> NDArray[Any]:
    """Grey levels (uint8, or uint16 for a `white` of 65535) of linear light, rounded half up; the inverse of `to_light`.

    Rounding to six decimals first keeps the last bits of a Fourier transform out of the result.
    """
    levels = np.floor(np.round(white * np.clip(light, 0, 1) ** (1 / GAMMA), 6) + 0.5)
    return levels.astype(np.uint8 if white == 255 else np.uint16)


def disc(radius: float) -> NDArray[np.float64]:
    """Anti-aliased disc of `radius` pixels with sum 1 (float64, odd square); one pixel up to a radius of 1/2."""
    reach = int(np.ceil(max(radius - 0.5, 0)))
    count = (2 * reach + 1) * _SUPERSAMPLING
    centres = (np.arange(count) + 0.5) / _SUPERSAMPLING - (reach + 0.5)
    inside = centres[:, None] ** 2 + centres[None, :] ** 2 <= max(radius, 0.25) ** 2
    kernel = inside.reshape(2 * reach + 1, _SUPERSAMPLING, 2 * reach + 1, _SUPERSAMPLING).sum((1, 3))
    return kernel / kernel.sum()


class Planes:
    """Planes that are blurred with several discs; their spectrum is computed once.

    Parameters
    ----------
    planes : numpy.ndarray
        H x W x C; continued by reflection outside.
    reach : float
        Largest radius in pixels that will be asked for.
    """

    def __init__(self, planes: np.ndarray, reach: float) -> None:
        self.planes = planes
        self.margin = int(np.ceil(reach)) + 1
        padded = np.pad(planes, ((self.margin,) * 2, (self.margin,) * 2, (0, 0)), mode="symmetric")
        self.shape = tuple(fft.next_fast_len(length, real=True) for length in padded.shape[:2])
        self.spectrum = fft.rfft2(padded, self.shape, axes=(0, 1))

    def blurred(self, radius: float) -> np.ndarray:
        """The planes blurred with a disc of `radius` pixels (H x W x C); at most 1/2 leaves them as they are."""
        if radius <= 0.5:
            return self.planes
        height, width = self.planes.shape[:2]
        kernel = disc(radius)
        start = self.margin + len(kernel) // 2
        spectrum = self.spectrum * fft.rfft2(kernel, self.shape)[..., None]
        return fft.irfft2(spectrum, self.shape, axes=(0, 1))[start : start + height, start : start + width]


def fill(image: np.ndarray, known: NDArray[np.bool_]) -> np.ndarray:
    """Image whose unknown pixels mirror the known ones at the nearest border between the two.

    Parameters
    ----------
    image : numpy.ndarray
        H x W x C.
    known : numpy.ndarray
        bool H x W, True somewhere.
    """
    rows, columns = np.indices(known.shape)
    near_rows, near_columns = distance_transform_edt(~known, return_distances=False, return_indices=True)
    mirrored_rows = np.clip(2 * near_rows - rows, 0, known.shape[0] - 1)
    mirrored_columns = np.clip(2 * near_columns - columns, 0, known.shape[1] - 1)
    usable = known[mirrored_rows, mirrored_columns]
    return image[np.where(usable, mirrored_rows, near_rows), np.where(usable, mirrored_columns, near_columns)]


def pair(
    front: np.ndarray, alpha: np.ndarray, back: np.ndarray, radius: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two photographs of an object in front of a background, each focused on one of them.

    Parameters
    ----------
    front, back : numpy.ndarray
        Linear light, H x W x C; `back` must be known behind the object too.
    alpha : numpy.ndarray
        H x W in [0, 1]: opacity of the object.
    radius : float
        Radius in pixels of the circle of confusion of what is out of focus.

    Returns
    -------
    near, far, sharp : numpy.ndarray
        Linear light, H x W x C: focus on the object, focus on the background, everything in focus.
    """
    opacity = alpha[..., None]
    near = opacity * front + (1 - opacity) * Planes(back, radius).blurred(radius)
    spread = Planes(np.concatenate([opacity * front, opacity], axis=2), radius).blurred(radius)
    far = spread[..., :-1] + (1 - spread[..., -1:]) * back
    return near, far, opacity * front + (1 - opacity) * back


def focus_slices(
    image: np.ndarray, disparity: np.ndarray, focus: Sequence[float] | np.ndarray, aperture: float, step: float
) -> list[np.ndarray]:
    """Photographs of one view focused at several distances.

    The circle of confusion of a thin lens is proportional to the difference of inverse distances, hence of
    disparities. The view is cut into layers of equal disparity. Behind nearer layers each goes on for as far as
    the largest blur can look behind an edge.

    Parameters
    ----------
    image : numpy.ndarray
        Linear light, H x W x C, sharp everywhere.
    disparity : numpy.ndarray
        H x W, finite; larger is nearer.
    focus : sequence of float
        Disparity in focus in each slice.
    aperture : float
        Radius in pixels of the circle of confusion per unit of disparity out of focus.
    step : float
        Thickness of a layer, in units of disparity.

    Returns
    -------
    list of numpy.ndarray
        Linear light, H x W x C, one image for each value of `focus`.
    """
    layer = np.floor((disparity - disparity.min()) / step).astype(int)
    reach = aperture * max(np.ptp([value, disparity.min(), disparity.max()]) for value in focus)
    # The edge pixels of a background are mixed with what stands in front of it; seen blurred, they would outline it.
    mixed = grey_dilation(layer, size=(5, 5)) - layer > max(1, round(1 / (aperture * step)))
    totals = [np.zeros((*image.shape[:2], image.shape[2] + 1)) for _ in focus]
    for number in np.unique(layer):
        own = layer == number
        seen = own & ~mixed if (own & ~mixed).any() else own
        opaque = own | ((layer > number) & (distance_transform_edt(~seen) <= reach + 2))
        colour = np.where(own[..., None], image, fill(image, seen))
        middle = disparity[own].mean()
        radii = [aperture * abs(middle - value) for value in focus]
        _lay(totals, colour, opaque.astype(float), radii)
    return [total[..., :-1] / np.maximum(total[..., -1:], 1e-6) for total in totals]


def _lay(
    totals: Sequence[NDArray[np.float64]], colour: np.ndarray, opacity: NDArray[np.float64], radii: Sequence[float]
) -> None:
    """Lay a layer over every photograph, blurred with the radius that it has there.

    Parameters
    ----------
    totals : sequence of numpy.ndarray
        Premultiplied light and opacity of what lies behind, H x W x (C + 1); changed in place.
    colour : numpy.ndarray
        Light of the layer, H x W x C.
    opacity : numpy.ndarray
        H x W in [0, 1].
    radii : sequence of float
        Pixels, for each photograph.
    """
    reach = max(radii)
    window = _window(opacity > 0, int(reach) + 2)
    planes = Planes(np.dstack([colour * opacity[..., None], opacity])[window], reach)
    for total, radius in zip(totals, radii, strict=True):
        spread = planes.blurred(radius)
        total[window] *= 1 - spread[..., -1:]
        total[window] += spread


def _window(mask: np.ndarray, margin: int) -> tuple[slice, ...]:
    """Slices of the rows and columns where `mask` is set, and `margin` pixels around them."""
    spans = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return tuple(slice(max(span[0] - margin, 0), span[-1] + margin + 1) for span in spans)


@dataclass(frozen=True)
class Surface:
    """A surface whose light is known also where others hide it.

    Parameters
    ----------
    light : numpy.ndarray
        Linear light, H x W x C; above 1 for what is brighter than white.
    opacity : numpy.ndarray
        H x W in [0, 1].
    disparity : numpy.ndarray
        H x W; larger is nearer. Changes gradually; a jump belongs between two surfaces.
    """

    light: NDArray[np.float64]
    opacity: NDArray[np.float64]
    disparity: NDArray[np.float64]


def in_focus(surfaces: Sequence[Surface]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What is seen with everything in focus.

    Parameters
    ----------
    surfaces : sequence of Surface
        From back to front; the first is opaque everywhere.

    Returns
    -------
    sharp : numpy.ndarray
        Linear light, H x W x C.
    disparity : numpy.ndarray
        H x W: of the frontmost surface that is at least half opaque.
    """
    sharp, disparity = surfaces[0].light, surfaces[0].disparity
    for surface in surfaces[1:]:
        opacity = surface.opacity[..., None]
        sharp = opacity * surface.light + (1 - opacity) * sharp
        disparity = np.where(surface.opacity >= 0.5, surface.disparity, disparity)
    return sharp, disparity


def surface_slices(
    surfaces: Sequence[Surface], focus: Sequence[float] | NDArray[np.float64], aperture: float, step: float
) -> list[NDArray[np.float64]]:
    """Photographs of surfaces focused at several distances.

    As `focus_slices`, but nothing has to be invented: each surface is cut into layers of equal disparity, and all layers
    are laid over each other from back to front.

    Parameters
    ----------
    surfaces : sequence of Surface
        From back to front wherever two lie over each other.
    focus, aperture, step
        As for `focus_slices`.

    Returns
    -------
    list of numpy.ndarray
        Linear light, H x W x C, one image for each value of `focus`.
    """
    least = min(surface.disparity[surface.opacity > 0].min() for surface in surfaces)
    cut = [np.floor((surface.disparity - least) / step).astype(int) for surface in surfaces]
    totals = [np.zeros((*surfaces[0].light.shape[:2], surfaces[0].light.shape[2] + 1)) for _ in focus]
    numbers = sorted(
        (number, place)
        for place, (surface, layer) in enumerate(zip(surfaces, cut, strict=True))
        for number in np.unique(layer[surface.opacity > 0]).tolist()
    )
    for number, place in numbers:
        surface, layer = surfaces[place], cut[place]
        own = (layer == number) & (surface.opacity > 0)
        middle = surface.disparity[own].mean()
        radii = [aperture * abs(middle - value) for value in focus]
        # Behind nearer layers of its own surface a layer goes on, or what is behind would shine through where they meet.
        reach = max(radii) + 2
        near = (distance_transform_edt(~own) <= reach) & (layer > number)
        _lay(totals, surface.light, surface.opacity * (own | near), radii)
    return [total[..., :-1] / np.maximum(total[..., -1:], 1e-6) for total in totals]


def sharpest(disparity: np.ndarray, focus: Sequence[float] | np.ndarray) -> NDArray[np.uint8]:
    """Number (from 0, uint8 H x W) of the slice whose focus is nearest to each pixel's disparity."""
    return np.abs(disparity[..., None] - np.asarray(focus)).argmin(axis=2).astype(np.uint8)
