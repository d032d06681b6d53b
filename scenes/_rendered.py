"""Data sets that this program renders from photographs inside scikit-image: recipes, and where renderings are kept.

Nothing is downloaded. A data set is a module ``scenes/_NAME.py`` with `Recipe` s in ``RECIPES``, which ``datasets.toml``
names. Renderings are kept in the cache folder, under a hash of the code and the photographs they come from.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from files import fetch
from files.errors import Unavailable
from files.identity import of_modules
from imaging.files import read_image, read_levels, write_levels
from imaging.truth import Truth
from scenes import _defocus
from scenes._store import made_once

if TYPE_CHECKING:
    from scenes import Scene

_HERE = Path(__file__).parent

#: Photographs used, with the sha256 of the file; another version of scikit-image must not change a result silently.
PHOTOGRAPHS = {
    "astronaut.png": "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    "brick.png": "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf",
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
    "moon.png": "78739619d11f7eb9c165bb5d2efd4772cee557812ec847532dbb1d92ef71f577",
    "page.png": "341a6f0a61557662b02734a9b6e56ec33a915b2c41886b97509dedf2a43b47a3",
    "retina.jpg": "38a07f36f27f095e818aea7b96d34202c05176d30253c66733f2e00379e9e0e6",
    "rocket.jpg": "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
    "text.png": "bd84aa3a6e3c9887850d45d606c96b2e59433fbef50338570b63c319e668e6d1",
}

#: Points of the grid, along each side, at which the magnification of a scene is known (`scenes.Scene.points`).
GRID = 9


@dataclass(frozen=True)
class Rendering:
    """A rendered scene.

    Parameters
    ----------
    sources : list of numpy.ndarray
        uint8 (uint16 for gray of 16 bits), H x W or H x W x 3.
    sharp : numpy.ndarray
        All-in-focus image, like a source.
    index_map : numpy.ndarray
        uint8, H x W: number (from 0) of the source in which the surface seen in the all-in-focus image is sharpest.
    depth : numpy.ndarray
        H x W: where that surface is in focus, in slice steps; slice k is focused at k.
    blur : float
        Blur radius, in pixels, of a surface that is one slice step out of focus.
    slices : sequence of int
        Which slice each source is; 0, 1, 2 ... unless frames are shuffled or repeated.
    decided : numpy.ndarray, optional
        bool, H x W: as in `imaging.truth.Truth`.
    """

    sources: list[NDArray[Any]]
    sharp: NDArray[Any]
    index_map: NDArray[np.uint8]
    depth: NDArray[np.float64]
    blur: float
    slices: Sequence[int]
    decided: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Recipe:
    """How a scene is rendered.

    Parameters
    ----------
    render : callable
        Gives the `Rendering`.
    count : int
        Number of sources.
    magnification : callable, optional
        Gives the magnification of every source relative to the middle one (breathing), about the middle of the image.
    """

    render: Callable[[], Rendering]
    count: int
    magnification: Callable[[], Sequence[float]] | None = None


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


def photograph(name: str) -> NDArray[np.float64]:
    """A photograph in linear light, H x W x C (C is 1 or 3), [0, 1].

    Raises
    ------
    files.errors.Unavailable
        The installed scikit-image does not have it, or has another one.
    """
    with Image.open(_photograph_file(name)) as picture:
        levels = np.asarray(picture)
    return _defocus.to_light(levels.reshape(*levels.shape[:2], -1))


def disparities(name: str) -> NDArray[np.float64]:
    """A map of disparities (H x W, NaN where unknown) that belongs to a photograph; raises as `photograph`."""
    with np.load(_photograph_file(name)) as archive:
        return np.asarray(archive["arr_0"], dtype=np.float64)


@lru_cache(maxsize=1)
def _contours() -> dict[str, Any]:
    with open(_HERE / "contours.toml", "rb") as stream:
        return tomllib.load(stream)


def outline(name: str, height: int, width: int, samples: int = 4) -> NDArray[np.float64]:
    """Opacity of an object (float64 H x W, [0, 1]) from its polygons in ``contours.toml``, anti-aliased."""
    return filled(outlines(name), height, width, samples)


def outlines(name: str) -> list[NDArray[np.float64]]:
    """Polygons (N x 2, for `filled`) of an object in ``contours.toml``."""
    return [np.reshape(flat, (-1, 2)) / 10.0 + 0.5 for flat in _contours()[name]]


def filled(polygons: Iterable[NDArray[np.float64]], height: int, width: int, samples: int = 4) -> NDArray[np.float64]:
    """Opacity (float64 H x W, [0, 1]) of polygons, anti-aliased; where two lie over each other there is a hole.

    Parameters
    ----------
    polygons : iterable of numpy.ndarray
        N x 2: corners (x, y) in pixels; the first pixel reaches from 0 to 1.
    height, width : int
    samples : int
        Sub-pixels per pixel and axis.
    """
    starts, ends = [], []
    for points in polygons:
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


def encoded(light: Iterable[NDArray[np.float64]]) -> list[NDArray[np.uint8]]:
    """Eight-bit images of linear light; one plane becomes gray (H x W)."""
    return [np.squeeze(_defocus.to_levels(each)) for each in light]


def scenes(dataset_id: str, recipes: str) -> list[Scene]:
    """The scenes of the module ``scenes._<recipes>`` (list of `scenes.Scene`), in its order.

    Each is rendered when its files are first needed.
    """
    return [_scene(dataset_id, recipes, name, recipe) for name, recipe in _recipes(recipes).items()]


def _recipes(module: str) -> dict[str, Recipe]:
    found: dict[str, Recipe] = importlib.import_module(f"scenes._{module}").RECIPES
    return found


def _scene(dataset_id: str, recipes: str, name: str, recipe: Recipe) -> Scene:
    from scenes import Scene

    return Scene(
        dataset=dataset_id,
        name=name,
        count=recipe.count,
        files=lambda: [rendered(recipes, name) / f"source_{k}.png" for k in range(1, recipe.count + 1)],
        read_truth=lambda: _truth(rendered(recipes, name)),
        read_points=None if recipe.magnification is None else partial(_points, recipes, name, recipe),
        aligned=recipe.magnification is None,
        truth_in_middle=True,
        absent=missing,
    )


def missing() -> str:
    """Why scenes cannot be rendered (str), or an empty string when they can."""
    try:
        for name in PHOTOGRAPHS:
            _photograph_file(name)
    except Unavailable as error:
        return str(error)
    return ""


def _truth(folder: Path) -> Truth:
    with np.load(folder / "truth.npz") as archive:
        depth, blur, slices = archive["depth"], float(archive["blur"]), archive["slices"]
        decided = archive.get("decided", None)
    return Truth(
        image=read_image(folder / "truth.png"),
        index_map=read_levels(folder / "truth_index.png"),
        defocus=np.stack([np.abs(depth - np.float32(number)) * np.float32(blur) for number in slices]),
        # Slices out of order are no steps of depth.
        depth=depth if np.array_equal(slices, np.arange(len(slices))) else None,
        decided=decided,
    )


def _points(recipes: str, name: str, recipe: Recipe) -> NDArray[np.float64]:
    """`scenes.Scene.points` of a scene that breathes: a grid in the middle image, and where it lies in the others."""
    if recipe.magnification is None:
        raise ValueError(f"{name} does not breathe")
    with Image.open(rendered(recipes, name) / "truth.png") as picture:
        corner = np.array(picture.size, dtype=np.float64) - 1
    steps = (np.indices((GRID, GRID)).reshape(2, -1).T + 0.5) / GRID * corner
    return np.stack([corner / 2 + scale * (steps - corner / 2) for scale in recipe.magnification()])


@lru_cache(maxsize=8)
def identity(recipes: str) -> str:
    """Hash of everything that the renderings of ``scenes._<recipes>`` depend on (16 hexadecimal digits)."""
    digest = hashlib.sha256(repr(sorted(PHOTOGRAPHS.items())).encode())
    digest.update(of_modules(f"scenes._{recipes}").encode())
    digest.update((_HERE / "contours.toml").read_bytes())
    return digest.hexdigest()[:16]


def rendered(recipes: str, name: str) -> Path:
    """Folder of a scene's ``source_1.png`` ..., ``truth.png``, ``truth_index.png`` and ``truth.npz``; rendered when missing.

    Parameters
    ----------
    recipes : str
        Names the module ``scenes._<recipes>``.
    name : str
        A scene of it.

    Raises
    ------
    files.errors.Unavailable
        A photograph is missing, or the cache folder cannot be written.
    """

    def write(folder: Path) -> None:
        rendering = _recipes(recipes)[name].render()
        for number, source in enumerate(rendering.sources, start=1):
            write_levels(folder / f"source_{number}.png", source)
        write_levels(folder / "truth.png", rendering.sharp)
        write_levels(folder / "truth_index.png", rendering.index_map)
        further: dict[str, Any] = {} if rendering.decided is None else {"decided": rendering.decided}
        np.savez_compressed(
            folder / "truth.npz",
            depth=rendering.depth.astype(np.float32),
            blur=np.float64(rendering.blur),
            slices=np.asarray(rendering.slices, dtype=np.int64),
            **further,
        )

    return made_once(fetch.cache_folder() / recipes / identity(recipes) / name, write)
