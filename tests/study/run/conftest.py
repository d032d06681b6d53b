"""Small data sets that the tests of this room run on."""

import multiprocessing

import cv2
import pytest

from imaging.files import write_image
from study.run import apart
from study.run.sources import collect


@pytest.fixture
def folder(tmp_path, pair):
    """A user's folder of two scenes, its name with spaces."""
    root = tmp_path / "set of mine"
    for name in ("a", "b"):
        for number, image in enumerate(pair, start=1):
            write_image(root / name / f"{number}.png", image)
    return root


@pytest.fixture
def facts(folder):
    """That folder as a data set."""
    return collect("mine", str(folder))


@pytest.fixture
def forked(monkeypatch):
    """Processes that have what a test installs."""
    # OpenCV's threads do not survive a fork: a forked process that sets their number would wait for them for ever.
    cv2.setNumThreads(1)
    context = multiprocessing.get_context("fork")
    monkeypatch.setattr(apart.multiprocessing, "get_context", lambda method: context)
