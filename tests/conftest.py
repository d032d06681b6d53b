"""Fixtures every room's tests share."""

import os
from pathlib import Path

# Before NumPy is loaded. On small images threads mostly wait for each other, badly so when something else runs beside them.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items):
    """Whole runs take longest, then the study's tables and trainings: they begin first, so that no core waits for them at the end."""
    rooms = ("workflow", "study")
    items.sort(key=lambda item: next((k for k, room in enumerate(rooms) if room in item.path.parts), len(rooms)))


def _folder(variable, name):
    """The folder that `variable` names, else ``../shared/<name>`` beside the checkout, else None."""
    given = os.environ.get(variable)
    path = Path(given) if given else ROOT.parent / "shared" / name
    return path if path.is_dir() else None


MIRROR = _folder("FOCUSBENCH_MIRROR", "mirror")
REFERENCE = _folder("FOCUSBENCH_REFERENCE", "reference")

# The program itself looks only at the variable.
if MIRROR is not None:
    os.environ["FOCUSBENCH_MIRROR"] = str(MIRROR)


@pytest.fixture(scope="session")
def mirror():
    """Folder of original files, owner/repo/commit/path."""
    if MIRROR is None:
        pytest.skip("no mirror of the original files: set FOCUSBENCH_MIRROR")
    return MIRROR


@pytest.fixture(scope="session")
def reference():
    """Folder of gold values and reference images."""
    if REFERENCE is None:
        pytest.skip("no reference material: set FOCUSBENCH_REFERENCE")
    return REFERENCE


@pytest.fixture
def pair():
    """A small synthetic colour pair, 64 x 80, each half sharp in one image (float32, [0, 1])."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(7)
    sharp = np.clip(gaussian_filter(rng.random((64, 80, 3)), (1, 1, 0)) * 2.5 - 0.75, 0, 1)
    blurred = gaussian_filter(sharp, (2, 2, 0))
    left = np.arange(80)[None, :, None] < 40
    return [np.where(left, sharp, blurred).astype(np.float32), np.where(left, blurred, sharp).astype(np.float32)]


@pytest.fixture(scope="session")
def coco(tmp_path_factory):
    """Folder of 8 images with instance annotations as COCO 2017 has them: polygons, one crowd, one tiny object."""
    import json

    from PIL import Image

    folder = tmp_path_factory.mktemp("coco")
    (folder / "train2017").mkdir()
    rng = np.random.default_rng(2)
    images, annotations = [], []

    def annotate(image_id, corners, crowd=0):
        (left, top), (right, bottom) = corners
        area = (right - left) * (bottom - top)
        polygon = [[left, top, right, top, right, bottom, left, bottom]]
        segmentation = {"size": [48, 60], "counts": [0, 48 * 60]} if crowd else polygon
        annotations.append(
            {
                "id": len(annotations) + 1,
                "image_id": image_id,
                "category_id": 1,
                "iscrowd": crowd,
                "area": area,
                "bbox": [left, top, right - left, bottom - top],
                "segmentation": segmentation,
            }
        )

    for number in range(1, 9):
        pixels = rng.integers(0, 256, (12, 15, 3), dtype=np.uint8).repeat(4, axis=0).repeat(4, axis=1)
        Image.fromarray(pixels).save(folder / "train2017" / f"{number:012d}.png")
        images.append({"id": number, "file_name": f"{number:012d}.png", "height": 48, "width": 60})
        annotate(number, ((10, 10), (40, 30)))
        annotate(number, ((0, 0), (3, 3)))
        annotate(number, ((0, 0), (60, 48)), crowd=1)
    content = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "box"}]}
    (folder / "instances.json").write_text(json.dumps(content))
    return folder
