"""The data set ``embedded_stacks``: focus stacks of 3 to 32 images with exact truth, rendered from photographs.

The photographs inside scikit-image lie on surfaces of known depth: planes, a bent page, reliefs, coins and chips at several
heights, bodies of spheres and cones, cut-out figures with thin parts and holes, lights in the dark. The optics are in
`scenes._defocus`. Depths are counted in slice steps: slice 0 is focused farthest, slice k at depth k.

Variants of one scene differ from it in one thing each: noise of the sensor, exposure, magnification, bits, order of the
frames, slices left out. Their truth is that of the undisturbed scene; where the magnification changes, it is in the frame
of the middle slice. Where no slice is sharp, or all are alike, the truth is undecided. The six smallest scenes come first.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import affine_transform

from imaging.levels import from_levels, round_levels
from scenes import _defocus
from scenes._defocus import Surface
from scenes._difference import differences
from scenes._rendered import Recipe, Rendering, encoded, filled, outline, outlines, photograph

Array = NDArray[np.float64]

#: Thickness of a layer, in pixels of blur radius.
STEP = 0.4
#: Largest blur radius, in pixels, at which a surface counts as sharp, and difference in gray levels by which the sources
#: must differ there, for the truth to decide.
SHARP, FLAT = 1.0, 1.0
#: Standard deviation of the noise of the sensor, in levels of 255.
NOISE = 2.0
#: Largest change of the exposure between frames, and of the magnification from the first slice to the last.
FLICKER, BREATHING = 0.03, 0.03
#: Slices of the coins, and blur radius in pixels of one step.
COIN_SLICES, COIN_BLUR = 7, 1.4
#: Pixels around a scene whose magnification changes, which a smaller magnification shows.
MARGIN = 8


def _stack(surfaces: Sequence[Surface], count: int, blur: float, first: int = 0) -> Rendering:
    """A stack of `count` slices, focused at the depths `first`, `first` + 1 ...; `blur` is as in `Rendering`."""
    return _photographed(surfaces, count, blur, first)[2]


def _photographed(
    surfaces: Sequence[Surface], count: int, blur: float, first: int = 0
) -> tuple[list[Array], Array, Rendering]:
    """Light of every slice, all-in-focus light, and the `_stack` of these."""
    frames = _defocus.surface_slices(surfaces, range(first, first + count), blur, STEP / blur)
    sharp, depth = _defocus.in_focus(surfaces)
    return frames, sharp, _rendering(encoded(frames), sharp, depth - first, blur, range(count))


def _rendering(
    sources: list[NDArray[Any]], sharp: Array, depth: Array, blur: float, slices: Sequence[int]
) -> Rendering:
    """Rendering with index map and decided pixels, which both follow from depth and sources."""
    (image,) = encoded([sharp])
    distance = np.abs(depth - np.asarray(slices, dtype=float)[:, None, None])
    differ = differences(from_levels(image), [from_levels(source) for source in sources]).max(axis=0)
    decided = (blur * distance.min(axis=0) <= SHARP) & (differ >= FLAT)
    return Rendering(sources, image, distance.argmin(axis=0).astype(np.uint8), depth, blur, slices, decided)


def _plane(shape: tuple[int, ...], top_left: float, top_right: float, bottom_left: float, margin: int = 0) -> Array:
    """Depth (H x W) of a plane through three corners of a picture, which has `margin` pixels more around it."""
    y, x = (
        (axis - margin) / (length - 1 - 2 * margin) for axis, length in zip(np.indices(shape[:2]), shape, strict=False)
    )
    return top_left + (top_right - top_left) * x + (bottom_left - top_left) * y


def _relief(shape: tuple[int, ...], exponent: float, seed: int) -> Array:
    """Random relief with a spectrum of 1 / frequency ** exponent (H x W, 0 to 1)."""
    rows, columns = fft.fftfreq(shape[0])[:, None], fft.rfftfreq(shape[1])[None]
    frequency = np.hypot(rows, columns)
    frequency[0, 0] = 1
    spectrum = fft.rfft2(np.random.default_rng(seed).standard_normal(shape[:2])) / frequency**exponent
    spectrum[0, 0] = 0
    height = fft.irfft2(spectrum, shape[:2])
    return (height - height.min()) / np.ptp(height)


def _solid(light: Array, depth: Array | float) -> Surface:
    """A surface that fills the picture."""
    shape = light.shape[:2]
    return Surface(light, np.ones(shape), np.broadcast_to(np.asarray(depth, dtype=float), shape))


def _cut(light: Array, opacity: Array, depth: Array | float) -> Surface:
    """A cut-out at a depth."""
    return Surface(light, opacity, np.broadcast_to(np.asarray(depth, dtype=float), opacity.shape))


def _coloured(light: Array, red: float, green: float, blue: float) -> Array:
    """A picture of one plane in a colour (H x W x 3)."""
    return light[..., :1] * np.array([red, green, blue])


def _shrunk(light: Array, factor: int) -> Array:
    """Mean of every `factor` x `factor` pixels (H x W x C)."""
    height, width = (length // factor for length in light.shape[:2])
    cropped = light[: height * factor, : width * factor]
    return cropped.reshape(height, factor, width, factor, -1).mean((1, 3))


def _placed(picture: Array, shape: tuple[int, ...], top: int, left: int) -> Array:
    """A picture on an empty canvas of `shape`, cut off where it does not fit (the values outside are those of its rim)."""
    rows = np.clip(np.arange(shape[0]) - top, 0, len(picture) - 1)
    columns = np.clip(np.arange(shape[1]) - left, 0, picture.shape[1] - 1)
    return picture[rows[:, None], columns]


def _opacity(picture: Array, shape: tuple[int, ...], top: int, left: int) -> Array:
    """As `_placed`, of opacities: 0 outside."""
    canvas = np.zeros(shape[:2])
    height, width = min(len(picture), shape[0] - top), min(picture.shape[1], shape[1] - left)
    rows, columns = max(top, 0), max(left, 0)
    canvas[rows : top + height, columns : left + width] = picture[rows - top : height, columns - left : width]
    return canvas


def _line(points: Sequence[tuple[float, float]], width: float, shape: tuple[int, ...]) -> Array:
    """Opacity of a line through points (x, y), `width` pixels wide, anti-aliased (H x W)."""
    y, x = np.indices(shape[:2]).astype(float)
    nearest = np.full(shape[:2], np.inf)
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        length = (x1 - x0) ** 2 + (y1 - y0) ** 2
        along = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length, 0, 1)
        nearest = np.minimum(nearest, np.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0)))
    return np.clip(width / 2 + 0.5 - nearest, 0, min(width, 1))


def _disc(x: float, y: float, radius: float, shape: tuple[int, ...]) -> Array:
    """Opacity of a disc, anti-aliased (H x W)."""
    rows, columns = np.indices(shape[:2])
    return np.clip(radius + 0.5 - np.hypot(columns - x, rows - y), 0, 1)


def tilted_wall() -> Rendering:
    """A wall of bricks seen at an angle, its left side nearer, gray."""
    light = photograph("brick.png")[100:356, 120:440]
    return _stack([_solid(light, _plane(light.shape, 3.2, 0.2, 2.8))], 4, 1.8)


def bent_page() -> Rendering:
    """A printed page that is bent along its middle, gray."""
    light = photograph("page.png")
    x = np.linspace(-1, 1, light.shape[1])
    return _stack([_solid(light, np.broadcast_to(4.0 - 4.0 * x**2 + 0.4 * x, light.shape[:2]))], 5, 1.7)


def tissue_relief() -> Rendering:
    """Stained tissue on a slide that is nowhere flat, as under a microscope."""
    light = photograph("ihc.png")[128:384, 40:296]
    return _stack([_solid(light, 7 * _relief(light.shape, 1.9, 11))], 8, 1.2)


def lights() -> Rendering:
    """A launch pad at night: lamps spread to discs over the lattice in front when that is in focus."""
    light = photograph("rocket.jpg")[130:418, 250:586]
    # A lamp is brighter than white; what the photograph shows as white is cut off.
    light = light * (1 + 14 * np.clip((light.min(axis=2, keepdims=True) - 0.8) / 0.2, 0, 1))
    shape = light.shape
    steel = _coloured(photograph("moon.png")[:288, 100:436], 0.5, 0.47, 0.42)
    mast = np.maximum.reduce(
        [
            *(_line([(x, -5), (x, 300)], 5, shape) for x in (60, 118)),
            *(_line([(60, y), (118, y + 58)], 2, shape) for y in range(-60, 300, 58)),
            *(_line([(118, y), (60, y + 58)], 2, shape) for y in range(-60, 300, 58)),
            *(_line([(60, y), (118, y)], 2, shape) for y in range(-2, 300, 58)),
        ]
    )
    places = [
        (20.0, 197.0),
        (66.0, 208.0),
        (90.0, 212.0),
        (146.0, 218.0),
        (200.0, 222.0),
        (258.0, 220.0),
        (310.0, 217.0),
    ]
    wire = _line([(-5, 190), *places, (340, 216)], 1.6, shape)
    bulbs = np.maximum.reduce([_disc(x, y + 4, 2, shape) for x, y in places])
    glow = np.broadcast_to([9.0, 6.5, 3.0], shape)
    near = [_cut(steel, wire, 1.0), _cut(glow, bulbs, 1.0), _cut(steel, mast, 2.0)]
    return _stack([_solid(light, 0.0), *near], 3, 4.5)


def _coins(margin: int = 0) -> list[Surface]:
    """Coins at seven heights over gravel that falls to one side, gray."""
    light = photograph("coins.png")
    height, width = light.shape[:2]

    def wide(array: Array) -> Array:
        return np.pad(array, [(margin, margin)] * 2 + [(0, 0)] * (array.ndim - 2), mode="symmetric")

    ground = 0.5 * photograph("gravel.png")[40 - margin : 40 + height + margin, 20 - margin : 20 + width + margin]
    surfaces = [_solid(ground, _plane(ground.shape, 0.0, 1.2, 0.6, margin))]
    for number, polygon in enumerate(outlines("coins")):
        opacity = filled([polygon], height, width)
        # Every coin lies level, a few steps above the gravel.
        surfaces.append(_cut(wide(light), wide(opacity), 1.5 + (number * 7 % 10) / 2))
    return surfaces


def _coin_steps() -> tuple[list[Array], Array, Rendering]:
    """Light of the slices and of the all-in-focus image of `coin_steps`, and the rendering of these."""
    return _photographed(_coins(), COIN_SLICES, COIN_BLUR)


def coin_steps() -> Rendering:
    """Coins at several heights over gravel, gray."""
    return _coin_steps()[2]


def coin_steps_noise() -> Rendering:
    """As `coin_steps`, with noise of the sensor."""
    return _noisy(coin_steps(), NOISE, 21)


def coin_steps_flicker() -> Rendering:
    """As `coin_steps`, with an exposure that changes from frame to frame."""
    frames, _, made = _coin_steps()
    gains = np.random.default_rng(22).uniform(1 - FLICKER, 1 + FLICKER, len(frames))
    return replace(made, sources=encoded(gain * frame for gain, frame in zip(gains, frames, strict=True)))


def coin_steps_breathing() -> Rendering:
    """As `coin_steps`, with a magnification that grows through the stack."""
    return _breathing(_coins(MARGIN), COIN_SLICES, COIN_BLUR)


def coin_steps_16_bit() -> Rendering:
    """As `coin_steps`, with sources and all-in-focus image of 16 bits."""
    frames, sharp, made = _coin_steps()
    *sources, image = (np.squeeze(_defocus.to_levels(each, 65535)) for each in (*frames, sharp))
    return replace(made, sources=sources, sharp=image)


def coin_steps_shuffled() -> Rendering:
    """As `coin_steps`, with frames in no order, two of them twice."""
    slices = (4, 1, 6, 1, 0, 5, 3, 2, 5)
    _, sharp, made = _coin_steps()
    return _rendering([made.sources[number] for number in slices], sharp, made.depth, COIN_BLUR, slices)


def _noisy(made: Rendering, deviation: float, seed: int) -> Rendering:
    """The rendering with noise of the sensor in its sources, of so many levels; the truth stays."""
    random = np.random.default_rng(seed)
    return replace(
        made, sources=[round_levels(each + random.normal(0, deviation, each.shape)) for each in made.sources]
    )


def magnification(count: int) -> list[float]:
    """Magnification of every slice of a breathing stack, relative to the middle one."""
    return [1 + BREATHING * (number - count // 2) / (count - 1) for number in range(count)]


def _breathing(surfaces: Sequence[Surface], count: int, blur: float) -> Rendering:
    """A stack whose magnification changes, of surfaces that reach `MARGIN` pixels beyond the picture."""
    frames, sharp, made = _photographed(surfaces, count, blur)
    inside = (slice(MARGIN, -MARGIN),) * 2
    still = _rendering(
        encoded(frame[inside] for frame in frames), sharp[inside], made.depth[inside], blur, range(count)
    )
    scaled = (_scaled(frame, scale)[inside] for frame, scale in zip(frames, magnification(count), strict=True))
    return replace(still, sources=encoded(scaled))


def _scaled(light: Array, scale: float) -> Array:
    """Light magnified about the middle of the picture (cubic splines)."""
    middle = (np.array(light.shape[:2]) - 1) / 2
    planes = [
        affine_transform(plane, (1 / scale, 1 / scale), middle - middle / scale, order=3, mode="mirror")
        for plane in np.moveaxis(light, 2, 0)
    ]
    return np.clip(np.stack(planes, axis=2), 0, None)


def _figures() -> list[Surface]:
    """Cut-out figures at four depths over a lawn that comes nearer (0 to 4) from top to bottom."""
    shape = (320, 448, 3)
    lawn = _placed(_coloured(photograph("grass.png"), 0.8, 0.95, 0.45), shape, 0, 0)
    depth = _plane(shape, 0.0, 0.0, 4.0)

    def stood(light: Array, opacity: Array, foot: int, left: int) -> Surface:
        """A figure that stands where its lowest row touches the lawn."""
        top = foot - len(opacity)
        return _cut(_placed(light, shape, top, left), _opacity(opacity, shape, top, left), float(depth[foot - 1, 0]))

    man = _shrunk(np.repeat(photograph("camera.png"), 3, axis=2), 3)
    horse = _shrunk((1 - photograph("horse.png") ** (1 / _defocus.GAMMA)), 2)[..., 0]
    coat = _placed(_shrunk(photograph("ihc.png"), 2), (*horse.shape, 3), 0, 0)
    cup, portrait = _shrunk(photograph("coffee.png"), 3), _shrunk(photograph("astronaut.png"), 2)
    standing, lying, sitting = (
        _shrunk(outline(name, height, width)[..., None], factor)[..., 0]
        for name, height, width, factor in (
            ("camera", 512, 512, 3),
            ("coffee", 400, 600, 3),
            ("astronaut", 512, 512, 2),
        )
    )
    return [
        _solid(lawn, depth),
        stood(man, standing, 190, 0),
        stood(coat, np.clip(1.05 * horse, 0, 1), 240, 122),
        stood(cup, lying, 316, 20),
        stood(portrait, sitting, 320, 192),
    ]


def figures() -> Rendering:
    """Cut-out figures with thin legs at four depths over a lawn."""
    return _stack(_figures(), 5, 1.8)


def thin_structures() -> Rendering:
    """A fence, blades and hairs in front of gravel, gray: thin parts and holes at several depths."""
    shape = (352, 400)
    ground = photograph("gravel.png")[60:412, 60:460]
    random = np.random.default_rng(31)

    def blades(count: int, width: float, rise: float) -> Array:
        """Curved lines that rise from below."""
        found = np.zeros(shape)
        for x, lean, top in random.uniform((0, -60, 0.3), (400, 60, 1), (count, 3)):
            t = np.linspace(0, 1, 9)
            points = np.stack([x + lean * t**2, 356 - rise * top * t], axis=1)
            found = np.maximum(found, _line([(float(a), float(b)) for a, b in points], width, shape))
        return found

    fence = np.maximum.reduce(
        [
            *(_line([(x, -20), (x + 372, 372)], 3, shape) for x in range(-400, 420, 56)),
            *(_line([(x + 372, -20), (x, 372)], 3, shape) for x in range(-400, 420, 56)),
        ]
    )
    grass, moon, brick = (photograph(name)[:352, :400] for name in ("grass.png", "moon.png", "brick.png"))
    return _stack(
        [
            _solid(ground, _plane(shape, 0.0, 0.4, 1.5)),
            _cut(0.08 + 0.5 * grass, blades(26, 5, 330), 2.5),
            _cut(0.25 * moon, blades(40, 1.2, 350), 3.5),
            _cut(0.5 + 0.7 * brick, fence, 4.5),
            _cut(0.8 * brick, blades(7, 9, 300), 5.0),
        ],
        6,
        1.6,
    )


def macro_body() -> Rendering:
    """The body of an insect from spheres and cones, with legs and bristles, over a rough ground."""
    shape = (384, 512, 3)
    y, x = np.indices(shape[:2]).astype(float)
    height = np.full(shape[:2], -np.inf)
    opacity = np.zeros(shape[:2])
    # Middle (x, y), half axes across and upwards, and height of the middle of every ellipsoid.
    for cx, cy, across, along, up, base in (
        (150, 190, 105, 70, 5.5, 8.0),
        (278, 190, 62, 56, 5.0, 8.5),
        (362, 190, 44, 46, 4.0, 8.5),
        (388, 164, 17, 17, 2.5, 11.0),
        (388, 216, 17, 17, 2.5, 11.0),
    ):
        inside = ((x - cx) / across) ** 2 + ((y - cy) / along) ** 2
        height = np.maximum(height, np.where(inside < 1, base + up * np.sqrt(np.clip(1 - inside, 0, 1)), -np.inf))
        opacity = np.maximum(opacity, np.clip((1 - np.sqrt(inside)) * min(across, along) + 0.5, 0, 1))
    body = np.isfinite(height)
    # Cones: spikes of the back that rise to the lens.
    for cx, cy, radius, up in ((112, 190, 14, 4.0), (158, 168, 12, 3.5), (158, 214, 12, 3.5), (282, 190, 13, 4.0)):
        height = np.maximum(height, height[cy, cx] - 0.5 + up * (1 - np.hypot(x - cx, y - cy) / radius))
    height = np.where(body, height, 8.0)
    slope_y, slope_x = np.gradient(6.0 * height)
    shade = (1 + 0.35 * slope_x + 0.35 * slope_y) / np.sqrt(1 + slope_x**2 + slope_y**2)
    skin = _placed(photograph("ihc.png"), shape, 0, 0) * np.clip(0.25 + 0.75 * shade, 0.12, 1.3)[..., None]
    leg = _coloured(_placed(photograph("moon.png"), shape, 0, 0), 0.28, 0.18, 0.1)
    rough = _coloured(_placed(photograph("gravel.png"), shape, 0, 0), 0.55, 0.5, 0.38)
    surfaces = [_solid(rough, 3.0 * _relief(shape, 1.8, 41))]
    for side in (-1, 1):
        for hip, knee, foot in ((250, 222, 196), (284, 296, 304), (316, 372, 430)):
            points = [(hip, 190 + 40 * side), (knee, 190 + 118 * side), (foot, 190 + 184 * side)]
            depth = np.clip(9.0 - 6.0 * (np.abs(y - 190) - 40) / 144, 3.0, 9.0)
            surfaces.append(_cut(leg, _line([(float(a), float(b)) for a, b in points], 7, shape), depth))
    surfaces.append(_cut(skin, opacity, height))
    for side in (-1, 1):
        feeler = [(392.0, 190 + 8.0 * side), (436.0, 190 + 26.0 * side), (500.0, 190 + 84.0 * side)]
        surfaces.append(_cut(leg, _line(feeler, 2.5, shape), np.clip(12 + (x - 392) / 36, 12, 15)))
    random = np.random.default_rng(42)
    hairs = np.zeros(shape[:2])
    for angle, start, length in random.uniform((0, 0.55, 30), (2 * np.pi, 0.8, 60), (60, 3)):
        c, s = float(np.cos(angle)), float(np.sin(angle))
        root = (150 + 105 * start * c, 190 + 70 * start * s)
        hairs = np.maximum(hairs, _line([root, (root[0] + length * c, root[1] + length * s)], 1.0, shape))
    surfaces.append(_cut(0.5 * leg, hairs, 14.0))
    return _stack(surfaces, 16, 0.8)


def _board(margin: int = 0) -> list[Surface]:
    """A printed circuit board: conductors and pads on a tilted ground, and parts of different heights."""
    shape = (320 + 2 * margin, 432 + 2 * margin, 3)

    def at(x: float, y: float) -> tuple[float, float]:
        return x + margin, y + margin

    def box(x: float, y: float, width: float, height: float) -> Array:
        corners = np.array([at(x, y), at(x + width, y), at(x + width, y + height), at(x, y + height)])
        return filled([corners], *shape[:2])

    tilt = _plane(shape, 0.0, 1.0, 0.6, margin)
    part = tuple(slice(MARGIN - margin, MARGIN - margin + length) for length in shape[:2])
    moon, brick, gravel = (photograph(name)[part] for name in ("moon.png", "brick.png", "gravel.png"))
    weave = 0.6 * moon + 0.08 * gravel
    board = _coloured(weave, 0.12, 0.62, 0.3)
    copper, solder = _coloured(weave, 0.35, 1.0, 0.5), _coloured(moon + 0.3 * gravel, 1.9, 1.9, 1.8)
    random = np.random.default_rng(51)
    tracks = np.zeros(shape[:2])
    pads, holes = np.zeros(shape[:2]), np.zeros(shape[:2])
    for x, y, run in random.uniform((0, 0, 40), (432, 320, 170), (34, 3)):
        turn, sign = 24 * float(random.choice((-1, 1))), float(random.choice((-1, 1)))
        ends = [at(x, y), at(x + sign * run / 2, y), at(x + sign * (run / 2 + 24), y + turn)]
        ends.append(at(x + sign * (run / 2 + 24), y + 2.5 * turn))
        tracks = np.maximum(tracks, _line(ends, 2.6, shape))
        for px, py in (ends[0], ends[-1]):
            pads, holes = np.maximum(pads, _disc(px, py, 4.5, shape)), np.maximum(holes, _disc(px, py, 1.8, shape))
    ground = board + tracks[..., None] * (copper - board)
    ground = ground + pads[..., None] * (solder - ground)
    surfaces = [_solid(ground * (1 - 0.95 * holes[..., None]), tilt)]
    label = 1 - photograph("page.png")
    dark = _coloured(gravel + 0.5 * moon, 0.06, 0.06, 0.065)
    # Chips: place, size, height, and the row of the page whose print they bear.
    for x, y, width, height, up, row in (
        (40, 40, 110, 70, 2.0, 6),
        (230, 30, 70, 90, 3.0, 42),
        (90, 200, 84, 84, 4.0, 74),
        (330, 210, 80, 50, 2.0, 106),
    ):
        pins = [box(x - 9, y + k, width + 18, 4) for k in range(6, height - 6, 11)]
        surfaces.append(_cut(solder, np.maximum.reduce(pins), tilt + up / 2))
        top, left = int(at(x, y)[1]), int(at(x, y)[0])
        ink = np.zeros(shape)
        ink[top + 8 : top + height - 8, left + 8 : left + width - 8] = label[
            row : row + height - 16, 8 : 8 + width - 16
        ]
        surfaces.append(_cut(dark + 0.9 * np.clip(4 * ink - 3, 0, 1), box(x, y, width, height), tilt + up))
    # Capacitors, whose tops are nearest to the lens, and a crystal.
    tin = _coloured(moon + 0.25 * brick, 1.5, 1.55, 1.65)
    for x, y, radius, up in ((196, 150, 24, 8.0), (262, 190, 19, 6.5), (370, 90, 27, 9.0), (40, 170, 16, 5.0)):
        rim = _disc(*at(x, y), radius, shape)
        cross = np.maximum(
            _line([at(x - radius + 5, y), at(x + radius - 5, y)], 2, shape),
            _line([at(x, y - radius + 5), at(x, y + radius - 5)], 2, shape),
        )
        stripe = np.clip((np.indices(shape[:2])[1] - margin - x) / radius * 4 - 1.5, 0, 1)
        colour = tin * (1 - 0.6 * cross[..., None]) * (1 - 0.7 * stripe[..., None] * np.array([1, 1, 0.6]))
        surfaces.append(_cut(colour, rim, np.broadcast_to(up, shape[:2])))
    surfaces.append(_cut(tin, box(180, 258, 96, 32), tilt + 3.5))
    return surfaces


def circuit_board() -> Rendering:
    """Parts of many heights on a printed circuit board."""
    return _stack(_board(), 10, 1.3)


def circuit_board_breathing() -> Rendering:
    """As `circuit_board`, with a magnification that grows through the stack."""
    return _breathing(_board(MARGIN), 10, 1.3)


def out_of_reach() -> Rendering:
    """As `circuit_board`, without the farthest and the three nearest slices: what lies there is sharp in no source."""
    return _stack(_board(), 6, 1.3, first=1)


def retina_relief() -> Rendering:
    """Vessels of a retina on a relief, in the many thin slices of a microscope, with a little noise of the sensor."""
    light = _shrunk(photograph("retina.jpg")[200:968, 100:868], 2)
    # With so many slices one is sharp everywhere: without noise, pixels chosen from them could equal the truth.
    return _noisy(_stack([_solid(light, 31 * _relief(light.shape, 2.1, 61))], 32, 0.45), NOISE / 2, 62)


#: Recipe of every scene, the six smallest first: the default run takes these.
RECIPES = {
    "lights": Recipe(lights, 3),
    "tilted_wall": Recipe(tilted_wall, 4),
    "bent_page": Recipe(bent_page, 5),
    "tissue_relief": Recipe(tissue_relief, 8),
    "figures": Recipe(figures, 5),
    "coin_steps": Recipe(coin_steps, COIN_SLICES),
    "coin_steps_noise": Recipe(coin_steps_noise, COIN_SLICES),
    "coin_steps_flicker": Recipe(coin_steps_flicker, COIN_SLICES),
    "coin_steps_breathing": Recipe(coin_steps_breathing, COIN_SLICES, partial(magnification, COIN_SLICES)),
    "coin_steps_16_bit": Recipe(coin_steps_16_bit, COIN_SLICES),
    "coin_steps_shuffled": Recipe(coin_steps_shuffled, 9),
    "thin_structures": Recipe(thin_structures, 6),
    "circuit_board": Recipe(circuit_board, 10),
    "circuit_board_breathing": Recipe(circuit_board_breathing, 10, partial(magnification, 10)),
    "out_of_reach": Recipe(out_of_reach, 6),
    "macro_body": Recipe(macro_body, 16),
    "retina_relief": Recipe(retina_relief, 32),
}

#: Scenes that show another one under a disturbance: scene -> the other.
VARIANTS = {
    "coin_steps_noise": "coin_steps",
    "coin_steps_flicker": "coin_steps",
    "coin_steps_breathing": "coin_steps",
    "coin_steps_16_bit": "coin_steps",
    "coin_steps_shuffled": "coin_steps",
    "circuit_board_breathing": "circuit_board",
}
