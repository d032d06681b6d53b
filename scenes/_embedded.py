"""The data set ``embedded``: pairs and a focus stack with exact truth, rendered from photographs inside scikit-image.

Nothing is downloaded. The objects' outlines are in ``contours.toml``, the optics in `scenes._defocus`. In the index
map the sharpest source of a pixel is the one that has the surface in focus which the all-in-focus image shows there.
What is in focus equals the all-in-focus image to the last bit, except where something blurred lies before it.

Renderings are kept in the cache folder, under a hash of the code and the photographs they come from.
"""

from __future__ import annotations

import hashlib
import importlib.util
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from files import fetch
from files.errors import Unavailable
from files.identity import of_modules
from imaging.files import read_image, write_levels
from imaging.truth import Truth
from scenes import _defocus
from scenes._store import made_once

if TYPE_CHECKING:
    from scenes import Scene

_HERE = Path(__file__).parent

#: Photographs used, with the sha256 of the file; another version of scikit-image must not change a result silently.
PHOTOGRAPHS = {
    "astronaut.png": "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    "camera.png": "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a",
    "chelsea.png": "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
    "coffee.png": "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
    "coins.png": "f8d773fc9cfa6f4d8e5942dc34d0a0788fcaed2a4fefbbed0aef5398d7ef4cba",
    "grass.png": "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89",
    "gravel.png": "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12",
    "horse.png": "c7fb60789fe394c485f842291ea3b21e50d140f39d6dcb5fb9917cc178225455",
    "ihc.png": "f8dd1aa387ddd1f49d8ad13b50921b237df8e9b262606d258770687b0ef93cef",
    "motorcycle_disp.npz": "2e49c8cebff3fa20359a0cc6880c82e1c03bbb106da81a177218281bc2f113d7",
    "motorcycle_left.png": "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
    "page.png": "341a6f0a61557662b02734a9b6e56ec33a915b2c41886b97509dedf2a43b47a3",
}


@dataclass(frozen=True)
class Rendering:
    """A rendered scene: uint8 sources and all-in-focus image (H x W or H x W x 3), index map (uint8 H x W)."""

    sources: list[np.ndarray]
    sharp: np.ndarray
    index_map: np.ndarray


def _photograph_file(name: str) -> Path:
    """Path of a photograph inside the installed scikit-image, which is not imported for it; `Unavailable` without it."""
    for package in ("skimage", "_skimage2"):
        spec = importlib.util.find_spec(package)
        for root in (spec.submodule_search_locations or ()) if spec else ():
            path = Path(root) / "data" / name
            if path.is_file():
                if fetch.sha256(path) != PHOTOGRAPHS[name]:
                    raise Unavailable(
                        f"{path} differs from the photograph that scikit-image 0.24 to 0.26 has under this name"
                    )
                return path
    raise Unavailable(f"the installed scikit-image has no photograph {name}; install scikit-image >= 0.24 as a wheel")


def _light(name: str) -> NDArray[np.float64]:
    """A photograph in linear light, H x W x C."""
    with Image.open(_photograph_file(name)) as picture:
        levels = np.asarray(picture)
    return _defocus.to_light(levels.reshape(*levels.shape[:2], -1))


@lru_cache(maxsize=1)
def _contours() -> dict[str, Any]:
    with open(_HERE / "contours.toml", "rb") as stream:
        return tomllib.load(stream)


def outline(name: str, height: int, width: int, samples: int = 4) -> NDArray[np.float64]:
    """Opacity of an object (float64 H x W, [0, 1]) from its polygons in ``contours.toml``, anti-aliased."""
    starts, ends = [], []
    for flat in _contours()[name]:
        points = np.reshape(flat, (-1, 2)) / 10.0 + 0.5
        starts.append(points)
        ends.append(np.roll(points, -1, axis=0))
    (x0, y0), (x1, y1) = np.concatenate(starts).T, np.concatenate(ends).T
    columns = (np.arange(width * samples) + 0.5) / samples
    inside = np.empty((height * samples, width * samples), dtype=bool)
    for number in range(height * samples):
        y = (number + 0.5) / samples
        crossing = (y0 <= y) != (y1 <= y)
        x = np.sort(x0[crossing] + (y - y0[crossing]) / (y1 - y0)[crossing] * (x1 - x0)[crossing])
        inside[number] = np.searchsorted(x, columns) % 2
    return inside.reshape(height, samples, width, samples).mean((1, 3))


def _render(slices: Iterable[np.ndarray], sharp: np.ndarray, index_map: np.ndarray) -> Rendering:
    """Rendering from linear light; one plane becomes gray."""
    levels = [np.squeeze(_defocus.to_levels(light)) for light in (*slices, sharp)]
    return Rendering(levels[:-1], levels[-1], index_map.astype(np.uint8))


def _object_pair(
    front: np.ndarray, alpha: np.ndarray, back: np.ndarray, radius: float, far_first: bool = False
) -> Rendering:
    near, far, sharp = _defocus.pair(front, alpha, back, radius)
    background = alpha < 0.5
    return _render((far, near), sharp, ~background) if far_first else _render((near, far), sharp, background)


def _object_in_place(
    photograph: str, name: str, window: tuple[slice, slice], radius: float, far_first: bool = False
) -> Rendering:
    """Pair from one photograph: an object in it, and its own background, invented where the object hides it."""
    light = _light(photograph)
    alpha = outline(name, *light.shape[:2])
    # The object's rim is mixed with light of the object and tells nothing of the background.
    rim = _defocus.Planes(alpha[..., None], 2.5).blurred(2.5)[..., 0] > 1e-3
    back = np.where((alpha > 0)[..., None], _defocus.fill(light, ~rim), light)
    return _object_pair(light[window], alpha[window], back[window], radius, far_first)


def astronaut() -> Rendering:
    """Portrait in front of a flag and a model."""
    return _object_in_place("astronaut.png", "astronaut", np.s_[0:400, 8:408], 5.0)


def coffee() -> Rendering:
    """Cup and saucer in front of a table; background first."""
    return _object_in_place("coffee.png", "coffee", np.s_[:, 40:520], 6.0, far_first=True)


def camera() -> Rendering:
    """Man with a tripod (thin legs) in front of a lawn and buildings, gray."""
    return _object_in_place("camera.png", "camera", np.s_[50:512, 0:430], 4.0)


def cat() -> Rendering:
    """Cat in front of gravel; background first."""
    front = _light("chelsea.png")
    height, width = front.shape[:2]
    back = np.repeat(_light("gravel.png")[:height, :width], 3, axis=2)
    return _object_pair(front, outline("chelsea", height, width), back, 4.5, far_first=True)


def horse() -> Rendering:
    """Cut-out figure with thin legs in front of a garage."""
    # Inside the silhouette levels go up to 6 of 255, which is not transparency.
    figure = np.clip(1.05 * (1 - _light("horse.png")[..., 0] ** (1 / _defocus.GAMMA)), 0, 1)
    height, width = figure.shape
    front = _light("ihc.png")[:height, :width]
    return _object_pair(front, figure, _light("motorcycle_left.png")[30 : 30 + height, 300 : 300 + width], 3.5)


def coins() -> Rendering:
    """Many coins in front of a lawn, gray; background first."""
    front = _light("coins.png")
    height, width = front.shape[:2]
    back = _light("grass.png")[60 : 60 + height, 40 : 40 + width]
    return _object_pair(front, outline("coins", height, width), back, 3.0, far_first=True)


def _motorcycle() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Linear light and disparity of the Motorcycle; what only one eye sees belongs to the farther side."""
    with np.load(_photograph_file("motorcycle_disp.npz")) as archive:
        disparity = archive["arr_0"].astype(np.float64)
    filled = []
    for row in disparity:
        valid = np.flatnonzero(np.isfinite(row))
        place = np.searchsorted(valid, np.arange(len(row)))
        left = row[valid[np.maximum(place - 1, 0)]]
        right = row[valid[np.minimum(place, len(valid) - 1)]]
        filled.append(np.where(np.isfinite(row), row, np.minimum(left, right)))
    return _light("motorcycle_left.png"), np.array(filled)


def _halved(light: np.ndarray) -> np.ndarray:
    """Mean of every 2 x 2 pixels (H x W x C, even sides)."""
    height, width = light.shape[0] // 2, light.shape[1] // 2
    return light.reshape(height, 2, width, 2, -1).mean((1, 3))


def _depth_scene(
    light: np.ndarray, disparity: np.ndarray, focus: Sequence[float] | np.ndarray, aperture: float, step: float
) -> Rendering:
    slices = _defocus.focus_slices(light, disparity, focus, aperture, step)
    return _render(slices, light, _defocus.sharpest(disparity, focus))


def _motorcycle_scene(
    window: tuple[slice, slice], focus: Sequence[float] | np.ndarray, aperture: float, step: float
) -> Rendering:
    """Scene by measured depth, rendered at twice its size: layers have hard edges, a photograph has none."""
    light, disparity = (array[window] for array in _motorcycle())
    slices = _defocus.focus_slices(light, disparity, focus, aperture, step)
    # Depths must not be averaged across an edge: every second sample is kept.
    index_map = _defocus.sharpest(disparity[::2, ::2], focus)
    return _render([_halved(each) for each in slices], _halved(light), index_map)


def motorcycle_pair() -> Rendering:
    """Front of a motorcycle and the garage behind it, by measured depth."""
    return _motorcycle_scene(np.s_[0:500, 200:740], (46.0, 18.0), 0.28, 4.0)


def motorcycle_stack() -> Rendering:
    """Eight slices through the garage, far to near, by measured depth."""
    return _motorcycle_scene(np.s_[0:500, 0:740], np.linspace(11.0, 53.0, 8), 0.28, 4.0)


def tissue() -> Rendering:
    """Stained tissue on an uneven slide: focus changes gradually between two heights."""
    light = _light("ihc.png")[100:484, 60:444]
    y, x = np.indices(light.shape[:2]) / 384.0
    relief = 0.6 * np.cos(2.1 * np.pi * x + 0.6) * np.cos(1.7 * np.pi * y - 0.4) + 0.4 * np.sin(2.9 * x - 3.7 * y)
    return _depth_scene(light, np.tanh(4 * relief), (-0.9, 0.9), 2.2, 0.15)


def page() -> Rendering:
    """Printed page with a bend, its lower part nearer, gray; the upper part first."""
    light = _light("page.png")
    y, x = np.indices(light.shape[:2]) / 191.0
    return _depth_scene(light, np.tanh(7 * (y + 0.1 * x - 0.62)), (-0.95, 0.95), 1.5, 0.15)


#: Recipe and number of sources of every scene.
RECIPES = {
    "astronaut": (astronaut, 2),
    "camera": (camera, 2),
    "cat": (cat, 2),
    "coffee": (coffee, 2),
    "coins": (coins, 2),
    "horse": (horse, 2),
    "motorcycle_pair": (motorcycle_pair, 2),
    "motorcycle_stack": (motorcycle_stack, 8),
    "page": (page, 2),
    "tissue": (tissue, 2),
}


def scenes(dataset_id: str) -> list[Scene]:
    """The scenes of this data set (list of `scenes.Scene`); each is rendered when its files are first needed."""
    return [_scene(dataset_id, name, count) for name, (_, count) in RECIPES.items()]


def _scene(dataset_id: str, name: str, count: int) -> Scene:
    from scenes import Scene

    return Scene(
        dataset=dataset_id,
        name=name,
        count=count,
        files=lambda: [rendered(name) / f"source_{k}.png" for k in range(1, count + 1)],
        read_truth=lambda: _truth(rendered(name)),
    )


def missing() -> str:
    """Why the scenes cannot be rendered (str), or an empty string when they can."""
    try:
        for name in PHOTOGRAPHS:
            _photograph_file(name)
    except Unavailable as error:
        return str(error)
    return ""


def _truth(folder: Path) -> Truth:
    with Image.open(folder / "truth_index.png") as picture:
        index_map = np.array(picture)
    return Truth(image=read_image(folder / "truth.png"), index_map=index_map)


@lru_cache(maxsize=1)
def _code_hash() -> str:
    """Hash of everything a rendering depends on (first 16 hexadecimal digits of a sha256)."""
    digest = hashlib.sha256(repr(sorted(PHOTOGRAPHS.items())).encode())
    digest.update(of_modules(__name__).encode())
    digest.update((_HERE / "contours.toml").read_bytes())
    return digest.hexdigest()[:16]


def rendered(name: str) -> Path:
    """Folder of a scene's ``source_1.png`` ..., ``truth.png`` and ``truth_index.png``; rendered when missing.

    Raises
    ------
    files.errors.Unavailable
        A photograph is missing, or the cache folder cannot be written.
    """

    def write(folder: Path) -> None:
        rendering = RECIPES[name][0]()
        for number, source in enumerate(rendering.sources, start=1):
            write_levels(folder / f"source_{number}.png", source)
        write_levels(folder / "truth.png", rendering.sharp)
        write_levels(folder / "truth_index.png", rendering.index_map)

    return made_once(fetch.cache_folder() / "embedded" / _code_hash() / name, write)
