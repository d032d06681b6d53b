"""Alignment: a stack of known magnification is recovered; what cannot be aligned says so."""

import cv2
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import scenes
from files.errors import InputError
from imaging.files import write_image
from scenes import _align

SHAPE = (300, 360)


def zoomed(count=5, step=0.012):
    """A stack of growing magnification, drifting and turning a little, sharp in another band each; its true matrices."""
    rng = np.random.default_rng(11)
    scene = sum(gaussian_filter(rng.random((*SHAPE, 3)), (s, s, 0)) * s * 2 for s in (1, 2, 5))
    scene = ((scene - scene.min()) / np.ptp(scene)).astype(np.float32)
    images, matrices = [], []
    bands = np.arange(SHAPE[0])[:, None, None] * count // SHAPE[0]
    for k in range(count):
        turn = cv2.getRotationMatrix2D((150, 140), 0.2 * k, 1 + step * k)
        matrix = np.vstack([turn, (0, 0, 1)])
        matrix[:2, 2] += (1.5 * k, -0.7 * k)
        frame = np.where(bands == k, scene, gaussian_filter(scene, (1.5, 1.5, 0)))
        images.append(np.clip(cv2.warpPerspective(frame, matrix, SHAPE[::-1], flags=cv2.INTER_CUBIC), 0, 1))
        matrices.append(matrix)
    middle = matrices[count // 2]
    return images, [middle @ np.linalg.inv(matrix) for matrix in matrices]


def displacement(found, true):
    """Largest distance in pixels between two transformations over the image."""
    y, x = np.mgrid[0 : SHAPE[0] : 20, 0 : SHAPE[1] : 20]
    grid = np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    first, second = found @ grid, true @ grid
    return np.hypot(*(first[:2] / first[2] - second[:2] / second[2])).max()


@pytest.mark.parametrize("model", _align.MODELS)
def test_a_zoomed_stack_is_recovered(model):
    images, true = zoomed()
    found = _align.register(images, model)
    assert np.array_equal(found[2], np.eye(3))
    assert displacement(np.eye(3), true[0]) > 3
    for matrix, expected in zip(found, true, strict=True):
        assert displacement(matrix, expected) < 0.5


def test_the_window_is_inside_every_image():
    _, true = zoomed()
    rows, columns = _align.common_window(true, *SHAPE)
    white = np.ones((*SHAPE, 3), dtype=np.float32)
    for matrix in true:
        covered = cv2.warpPerspective(white, matrix, SHAPE[::-1], flags=cv2.INTER_NEAREST)[rows, columns]
        assert covered.min() == 1
    assert (rows.stop - rows.start) * (columns.stop - columns.start) > 0.8 * SHAPE[0] * SHAPE[1]


def test_aligned_images_stay_aligned():
    images, _ = zoomed()
    assert _align.common_window([np.eye(3)] * 3, *SHAPE) == (slice(0, 300), slice(0, 360))
    again = _align.register([images[0]] * 3, "similarity")
    assert max(displacement(matrix, np.eye(3)) for matrix in again) < 0.01


def test_a_folder_is_aligned_on_loading(tmp_path, monkeypatch):
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path / "cache"))
    images, _ = zoomed(3)
    (tmp_path / "set" / "zoom").mkdir(parents=True)
    for number, image in enumerate(images):
        write_image(tmp_path / "set" / "zoom" / f"{number}.png", image)
    write_image(tmp_path / "set" / "zoom" / "truth.png", images[0])
    plain = scenes.load("mine", folder=tmp_path / "set").scenes[0]
    dataset = scenes.load("mine", folder=tmp_path / "set", align="similarity")
    scene = dataset.scenes[0]
    assert dataset.aligned and "similarity" in dataset.note
    # The truth belonged to the images as they were.
    assert plain.truth() is not None and scene.truth() is None
    assert scene.checksums() != plain.checksums()
    before, after = ([image[60:-60, 60:-60] for image in s.sources] for s in (plain, scene))
    assert scene.sources[0].shape < plain.sources[0].shape

    def difference(frames):
        return np.mean((frames[0] - frames[1]) ** 2)

    assert difference(after) < 0.5 * difference(before)


def test_truth_of_the_middle_frame_is_kept(tmp_path, monkeypatch):
    """Known in the frame of the middle image, it holds for the aligned images, cropped as they are."""
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path))
    plain = scenes.load("embedded_stacks").scene("coin_steps_breathing")
    scene = scenes.load("embedded_stacks", align="similarity").scene("coin_steps_breathing")
    truth = scene.truth()
    assert scene.aligned and scene.points() is None and not plain.aligned
    assert truth.image.shape == scene.shape[:2] == truth.index_map.shape and scene.shape[0] < plain.shape[0]
    assert truth.defocus.shape == (scene.count, *scene.shape[:2])

    def error(images, truth):
        chosen = np.take_along_axis(np.stack(list(images)), truth.index_map[None].astype(int), axis=0)[0]
        return np.mean((chosen - truth.image) ** 2)

    assert error(scene.sources, truth) < 0.6 * error(plain.sources, plain.truth())
    judged = _align.residual(plain, "similarity")
    assert judged.before > 1 and judged.after < 0.2 * judged.before


def test_residual_of_known_transformations():
    """Points that a matrix carries to the middle image have no residual; what is off by a pixel has one of a pixel."""
    points = np.random.default_rng(5).uniform(0, 100, (7, 2))
    shifts = np.array([(-3.0, 0), (0, 0), (0, 4.0)])
    matrices = [np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1]]) for x, y in shifts]
    assert _align._distance(points + shifts[:, None], matrices) == pytest.approx(0, abs=1e-12)
    assert _align._distance(points + shifts[:, None], [np.eye(3)] * 3) == pytest.approx(3.5)
    turned = points @ np.array([(0.8, 0.6), (-0.6, 0.8)]) * 1.3 + (4, -7)
    for model in _align.MODELS:
        assert _align._distance(np.stack([turned, points]), [_align._fit(turned, points, model), np.eye(3)]) < 1e-4
    with pytest.raises(InputError, match="lytro/lytro_01: no points are known"):
        _align.residual(scenes.load("lytro").scenes[0], "similarity")


def test_what_cannot_be_aligned_says_so():
    rng = np.random.default_rng(2)
    noise = [rng.random(SHAPE, dtype=np.float32) for _ in range(2)]
    with pytest.raises(InputError, match="images 1 and 2 cannot be aligned"):
        _align.register(noise, "similarity")
    with pytest.raises(InputError, match="images 1 and 2 cannot be aligned: only 0"):
        _align.register([np.zeros(SHAPE, dtype=np.float32)] * 2, "similarity")
    far = np.array([[1.0, 0, 250], [0, 1, 0], [0, 0, 1]])
    with pytest.raises(InputError, match="less than half"):
        _align.common_window([np.eye(3), far], *SHAPE)
    with pytest.raises(InputError, match="similarity"):
        scenes.load("v4", align="similar")
