"""Alignment of the images of a scene, for stacks whose magnification changes with the focus.

Points of neighbouring images are matched (SIFT) and give a similarity or homography between them (RANSAC); these are
chained to the middle image, since far images of a stack are sharp in different places and share few points. All images
are resampled (bicubic) into the frame of the middle one, which stays as it is, and cropped to the largest upright
rectangle that every image covers. Aligned images are kept as PNG in the cache folder.

References
----------
D. G. Lowe, Distinctive image features from scale-invariant keypoints, International Journal of Computer Vision 60
(2004) 91-110; M. A. Fischler, R. C. Bolles, Random sample consensus, Communications of the ACM 24 (1981) 381-395.
Both as implemented in OpenCV.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from files import fetch
from files.atomic import write_text
from files.errors import InputError, did_you_mean
from files.identity import of_modules
from imaging.files import write_image
from imaging.levels import gray_real, to_uint8
from imaging.truth import Truth
from scenes._store import made_once

if TYPE_CHECKING:
    from scenes import Scene

MODELS = ("similarity", "homography")

#: Positions (N x 2) of an image's points and their descriptors, None without points.
Points = tuple[NDArray[np.float32], np.ndarray | None]

#: Points kept per image; distance in pixels up to which a match supports a transformation; fewest such matches.
POINTS, TOLERANCE, FEWEST = 4000, 1.5, 12
#: Smallest share of each side that all images must have in common.
LEAST_COMMON = 0.5

#: File beside the aligned images with their place in the middle one: first and last row (exclusive), columns.
_WINDOW = "window.json"


def check(model: str) -> str:
    """Return the model, or raise `InputError` with the known ones."""
    if model not in MODELS:
        raise InputError(f"unknown alignment '{model}'; {did_you_mean(model, MODELS)}")
    return model


def register(images: Sequence[np.ndarray], model: str) -> list[NDArray[np.float64]]:
    """Transformations into the frame of the middle image.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        Two or more, float32, H x W or H x W x 3, [0, 1]; read one at a time.
    model : {"similarity", "homography"}

    Returns
    -------
    list of numpy.ndarray
        Per image a 3 x 3 matrix that maps homogeneous pixel coordinates (x, y, 1) of the image to those of image n // 2.

    Raises
    ------
    files.errors.InputError
        Neighbouring images have too few points in common.
    """
    check(model)
    steps, last = [], None
    for number in range(len(images)):
        points = _points(images[number])
        if last is not None:
            steps.append(_transformation(last, points, model, number))
        last = points
    middle = len(images) // 2
    matrices = [np.eye(3) for _ in images]
    for number in range(middle - 1, -1, -1):
        matrices[number] = matrices[number + 1] @ steps[number]
    for number in range(middle + 1, len(images)):
        matrices[number] = matrices[number - 1] @ np.linalg.inv(steps[number - 1])
    return [matrix / matrix[2, 2] for matrix in matrices]


def _points(image: np.ndarray) -> Points:
    """Positions (N x 2) and descriptors of an image's points."""
    import cv2

    points, descriptors = cv2.SIFT_create(POINTS).detectAndCompute(to_uint8(gray_real(image)), None)  # type: ignore[attr-defined]
    return np.array([point.pt for point in points], dtype=np.float32), descriptors


def _transformation(first: Points, second: Points, model: str, number: int) -> NDArray[np.float64]:
    """Matrix that maps the points of image `number` (from 1) to those of the next one."""
    import cv2

    matrix: Any
    support, matrix = 0, None
    if first[1] is not None and second[1] is not None:
        matches = cv2.BFMatcher(cv2.NORM_L2, crossCheck=True).match(first[1], second[1])
        source = first[0][[m.queryIdx for m in matches]]
        target = second[0][[m.trainIdx for m in matches]]
        if len(matches) >= FEWEST:
            matrix, kept = _estimate(source, target, model)
            support = 0 if matrix is None else int(kept.sum())
    if support < FEWEST:
        raise InputError(
            f"images {number} and {number + 1} cannot be aligned: only {support} common points, {FEWEST} are needed"
        )
    return matrix


def _estimate(
    source: NDArray[np.float32], target: NDArray[np.float32], model: str
) -> tuple[np.ndarray | None, np.ndarray]:
    import cv2

    options: dict[str, Any] = {"ransacReprojThreshold": TOLERANCE, "maxIters": 5000, "confidence": 0.999}
    if model == "homography":
        return cv2.findHomography(source, target, cv2.RANSAC, **options)
    matrix, kept = cv2.estimateAffinePartial2D(source, target, method=cv2.RANSAC, **options)
    return None if matrix is None else np.vstack([matrix, (0, 0, 1)]), kept


def common_window(matrices: Sequence[np.ndarray], height: int, width: int) -> tuple[slice, slice]:
    """Rows and columns (slices) of the middle image that every image covers.

    Raises
    ------
    files.errors.InputError
        Less than half of a side is common to all images.
    """
    corners = np.array([(0, 0, 1), (width - 1, 0, 1), (0, height - 1, 1), (width - 1, height - 1, 1)], dtype=float).T
    mapped = np.array([matrix @ corners for matrix in matrices])
    x, y = mapped[:, 0] / mapped[:, 2], mapped[:, 1] / mapped[:, 2]
    # A corner at 1e-13 is a corner at 0.
    left, top = (int(np.ceil(v - 1e-6)) for v in (x[:, [0, 2]].max(), y[:, [0, 1]].max()))
    right, bottom = (int(np.floor(v + 1e-6)) for v in (x[:, [1, 3]].min(), y[:, [2, 3]].min()))
    if right + 1 - left < LEAST_COMMON * width or bottom + 1 - top < LEAST_COMMON * height:
        raise InputError("the images cannot be aligned: less than half of a side is common to all of them")
    return slice(top, bottom + 1), slice(left, right + 1)


def warp(image: np.ndarray, matrix: NDArray[np.float64], window: tuple[slice, slice]) -> NDArray[np.float32]:
    """The image in the frame of the middle one, inside the window (float32, [0, 1])."""
    import cv2

    if not np.array_equal(matrix, np.eye(3)):
        size = image.shape[1], image.shape[0]
        image = cv2.warpPerspective(image, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.clip(image[window], 0, 1)


@dataclass(frozen=True)
class Residual:
    """How far apart the images of a scene show the same points.

    Parameters
    ----------
    before, after : float
        Mean distance in pixels, in the frame of the middle image, between the points of the other images and those of the
        middle one: with the images as they are, and aligned.
    fitted : float
        The same for the transformations that fit the points best (least squares), which knows them: points that were set by
        hand, or parallax, leave as much.
    """

    before: float
    after: float
    fitted: float


def residual(scene: Scene, model: str) -> Residual:
    """Judge the alignment of a scene by points whose place in every image is known.

    Parameters
    ----------
    scene : scenes.Scene
        With `scenes.Scene.points`.
    model : {"similarity", "homography"}

    Raises
    ------
    files.errors.InputError
        The scene has no known points, or its images cannot be aligned.
    files.errors.Unavailable
        A file is neither here nor can it be fetched.
    """
    points = scene.points()
    if points is None:
        raise InputError(f"{scene.dataset}/{scene.name}: no points are known by which an alignment could be judged")
    matrices = register(scene.sources, model)
    fitted = [_fit(each, points[len(points) // 2], model) for each in points]
    return Residual(*(_distance(points, each) for each in ([np.eye(3)] * len(points), matrices, fitted)))


def _fit(source: NDArray[np.float64], target: NDArray[np.float64], model: str) -> NDArray[np.float64]:
    """Matrix that maps points (N x 2) to others with the least sum of squares."""
    import cv2

    if model == "homography":
        return np.asarray(cv2.findHomography(source, target, 0)[0])
    (x, y), one, zero = source.T, np.ones(len(source)), np.zeros(len(source))
    equations = np.concatenate([np.stack([x, -y, one, zero], axis=1), np.stack([y, x, zero, one], axis=1)])
    c, s, right, down = np.linalg.lstsq(equations, target.T.ravel(), rcond=None)[0]
    return np.array([(c, -s, right), (s, c, down), (0, 0, 1)])


def _distance(points: NDArray[np.float64], matrices: Sequence[NDArray[np.float64]]) -> float:
    """Mean distance, over the images but the middle one, of mapped points (n x N x 2) to those of the middle image."""
    middle = len(points) // 2
    mapped = [
        np.column_stack([each, np.ones(len(each))]) @ matrix.T for each, matrix in zip(points, matrices, strict=True)
    ]
    distances = [np.hypot(*(each[:, :2] / each[:, 2:] - points[middle]).T) for each in mapped]
    return float(np.mean([each for number, each in enumerate(distances) if number != middle]))


def aligned(scene: Scene, model: str) -> Scene:
    """The scene (`scenes.Scene`) with aligned images; it is computed when its files are first needed.

    What is known exactly in the frame of the middle image still holds and is cropped with the images; other truth, which
    is in a frame of its own, does not.
    """
    check(model)

    def folder() -> Path:
        return made_once(_folder(scene, model), lambda scratch: _write(scene, model, scratch))

    return replace(
        scene,
        files=lambda: [folder() / f"source_{number}.png" for number in range(1, scene.count + 1)],
        read_truth=partial(_cropped, scene.read_truth, folder) if scene.read_truth and scene.truth_in_middle else None,
        read_points=None,
        sums=(),
        white_level=None,
        aligned=True,
    )


def _cropped(read: Callable[[], Truth], folder: Callable[[], Path]) -> Truth:
    """The truth of a scene as it was, cropped like the images in the folder."""
    truth = read()
    top, bottom, left, right = json.loads((folder() / _WINDOW).read_text(encoding="utf-8"))
    arrays: dict[str, Any] = {field.name: getattr(truth, field.name) for field in fields(truth)}
    for name, array in arrays.items():
        if array is not None:
            # The defocus has one plane per source in front.
            arrays[name] = array[:, top:bottom, left:right] if name == "defocus" else array[top:bottom, left:right]
    return Truth(**arrays)


def _folder(scene: Scene, model: str) -> Path:
    digest = hashlib.sha256(of_modules(__name__).encode())
    digest.update(repr((model, scene.checksums())).encode())
    return fetch.cache_folder() / "aligned" / digest.hexdigest()[:16] / scene.name


def _write(scene: Scene, model: str, folder: Path) -> None:
    images = scene.sources
    matrices = register(images, model)
    rows, columns = common_window(matrices, *scene.shape[:2])
    write_text(folder / _WINDOW, json.dumps([rows.start, rows.stop, columns.start, columns.stop]))
    for number, matrix in enumerate(matrices, start=1):
        write_image(folder / f"source_{number}.png", warp(images[number - 1], matrix, (rows, columns)))
