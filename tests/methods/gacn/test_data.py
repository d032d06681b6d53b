"""Training images and masks: which objects are taken, what is left out, what is refused by name."""

import json
import logging

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask

from files.errors import InputError
from methods.gacn import data

BOX = [10, 10, 40, 10, 40, 30, 10, 30]


@pytest.fixture
def folder(tmp_path):
    """Makes a COCO folder of one image of 60 x 48 pixels with the given annotations; gives its samples."""

    def make(annotations, entry=None):
        Image.fromarray(np.zeros((48, 60, 3), np.uint8)).save(tmp_path / "one.png")
        images = [{"id": 7, "file_name": "one.png", "height": 48, "width": 60}] if entry is None else [entry]
        content = {"images": images, "annotations": annotations}
        (tmp_path / "a.json").write_text(json.dumps(content))
        return data.CocoSamples(tmp_path, tmp_path / "a.json", data.Selection())

    return make


def annotated(**values):
    return {"id": 1, "image_id": 7, "iscrowd": 0, "area": 600, "segmentation": [BOX]} | values


def lengths(box):
    """A mask as run lengths of pycocotools."""
    top, left, bottom, right = box
    plane = np.zeros((48, 60), np.uint8, order="F")
    plane[top:bottom, left:right] = 1
    return mask.encode(plane), plane


def test_coco_folder_gives_fitting_objects_only(coco):
    samples = data.CocoSamples(coco / "train2017", coco / "instances.json", data.Selection())
    assert len(samples) == 8
    assert [len(sample.masks) for sample in samples] == [1] * 8
    assert samples[0].image.shape == (48, 60)
    assert samples[0].masks[0].mean() == pytest.approx(600 / (48 * 60), rel=0.1)


def test_coco_folder_that_is_not_there(coco):
    with pytest.raises(InputError, match="no such file"):
        data.CocoSamples(coco / "elsewhere", coco / "instances.json", data.Selection())
    with pytest.raises(InputError, match="no such file"):
        data.CocoSamples(coco / "train2017", coco / "none.json", data.Selection())


@pytest.mark.parametrize("collection", ["coco_val2017", "bsds500_train"])
def test_catalogue_gives_masks(mirror, collection, monkeypatch):
    from files import catalogue

    rows = catalogue.rows(collection)
    few = sorted({row.scene for row in rows if row.role == "image"})[:12]
    monkeypatch.setattr(
        catalogue, "rows", lambda _: [row for row in rows if row.scene in few or row.path.endswith(".json")]
    )
    samples = data.from_catalogue(collection, data.Selection())
    assert samples
    for sample in samples:
        assert sample.image.dtype == np.uint8
        for chosen in sample.masks:
            assert chosen.shape == sample.image.shape
            assert 0.05 <= chosen.mean() <= 0.7


@pytest.mark.parametrize(
    ("segmentation", "reason"),
    [
        ([], "no outline of three points"),
        ([[]], "no outline of three points"),
        ([[1, 1, 30, 30]], "no outline of three points"),
        ([[1, 1, 30, 30, 5]], "no outline of three points"),
        ([[1, 1, float("nan"), 30, 5, 9]], "not finite"),
        ([[1, 1, "x", 30, 5, 9]], "not finite"),
        ([[3, 3, 3, 3, 3, 3]], "covers no pixel"),
        (None, "no outline"),
        ({"size": [10, 10], "counts": [40, 60]}, "another size"),
        ({"size": [48, 60], "counts": [40, 60]}, "damaged"),
        ({"size": [48, 60], "counts": "e7?Q1"}, "damaged"),
        ({"size": [48, 60], "counts": [-1, 2881]}, "damaged"),
    ],
)
def test_unusable_objects_are_left_out_and_counted(folder, caplog, segmentation, reason):
    bad = annotated(id=5, segmentation=segmentation)
    with caplog.at_level(logging.WARNING):
        samples = folder([annotated(), bad, bad])
    assert len(samples) == 1 and len(samples[0].masks) == 1
    assert samples.left_out.total() == 2
    (line,) = caplog.messages
    assert reason in line and "a.json: objects left out: 2" in line and "annotation 5 of image 7" in line


def test_a_part_without_area_does_not_cost_the_object(folder):
    samples = folder([annotated(segmentation=[[], BOX, [1, 1, 2, 2]])])
    assert samples[0].masks[0].sum() == 600
    assert not samples.left_out


def test_an_object_of_no_image_is_counted(folder):
    assert folder([annotated(), annotated(image_id=8)]).left_out.total() == 1


def test_missing_iscrowd_and_area_have_their_obvious_values(folder):
    bare = annotated()
    del bare["iscrowd"], bare["area"]
    tiny = bare | {"segmentation": [[0, 0, 3, 0, 3, 3, 0, 3]]}
    samples = folder([bare, tiny, annotated(iscrowd=1)])
    assert len(samples[0].masks) == 1 and samples[0].masks[0].sum() == 600
    assert not samples.left_out


def test_run_lengths_are_the_masks_they_were_made_of(folder):
    runs, plane = lengths((5, 7, 40, 50))
    text = {"size": [48, 60], "counts": runs["counts"].decode()}
    changes = np.flatnonzero(np.diff(np.concatenate([[0], plane.ravel(order="F"), [2]])))
    numbers = {"size": [48, 60], "counts": np.diff(np.concatenate([[0], changes])).tolist()}
    for segmentation in (text, numbers):
        (found,) = folder([annotated(segmentation=segmentation)])[0].masks
        assert np.array_equal(found, plane)


@pytest.mark.parametrize("content", ["", "[]", "{", "{}", '{"images": [], "annotations": {}}'])
def test_a_file_that_holds_no_annotations(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(InputError, match=r"a\.json: not COCO instance annotations"):
        data.CocoSamples(tmp_path, tmp_path / "a.json", data.Selection())


@pytest.mark.parametrize(
    "change", [{"height": None}, {"width": 0}, {"file_name": 3}, {"id": None}, {"id": [1]}, {"height": "48"}]
)
def test_an_incomplete_entry_of_an_image_is_named(folder, change):
    entry = {"id": 7, "file_name": "one.png", "height": 48, "width": 60} | change
    with pytest.raises(InputError, match=rf"a\.json: images\[0\]: {next(iter(change))}="):
        folder([annotated()], entry)


def test_an_object_without_image_id_is_named(folder):
    with pytest.raises(InputError, match=r"a\.json: annotations\[1\]: the 'image_id'"):
        folder([annotated(), {"id": 3}])


def test_an_image_that_is_missing_or_of_another_size_is_named(folder, tmp_path):
    entry = {"id": 7, "file_name": "other.png", "height": 48, "width": 60}
    with pytest.raises(InputError, match=r"other\.png: no such file \(1 of 1 images are missing\)"):
        folder([annotated()], entry)
    samples = folder([annotated()])
    Image.fromarray(np.zeros((60, 48, 3), np.uint8)).save(tmp_path / "one.png")
    with pytest.raises(InputError, match=r"one\.png: 48 x 60 pixels, but its annotations are for 60 x 48"):
        samples[0]


def test_no_fitting_object_at_all(folder):
    with pytest.raises(InputError, match=r"a\.json: no image has a usable object"):
        folder([annotated(area=3)])
