"""A small kept run: two rendered scenes, two metrics, made-up scores of three methods."""

import pytest

import scenes
from study import records
from study.run.sources import collect
from tests.study._scores import about, rows, stored

SCENES = ("astronaut", "camera")


@pytest.fixture(scope="session")
def facts():
    """What is known of the two scenes."""
    return collect("embedded", wanted=SCENES)


@pytest.fixture
def run(tmp_path, facts):
    """The kept run, with a record of its sources."""
    values = {"average": {"q_mi": [0.1, 0.1], "q_cb": [0.1, 0.1]}, "lp": {"q_mi": [0.2, 0.3], "q_cb": [0.9, 0.9]}}
    values["gacn"] = {"q_mi": [9.0, 9.0], "q_cb": [0.8, 0.8]}
    described = about("embedded", list(values), ["q_mi", "q_cb"], SCENES, pixels=facts.pixels)
    kept = stored(tmp_path / "kept", described, rows("embedded", values, SCENES))
    sums = {scene.name: list(scene.checksums) for scene in facts.scenes}
    records.write_json(kept.page("run.json"), {"sources": {"embedded": sums}})
    return kept


@pytest.fixture
def sources():
    """The source images of the first scene."""
    return scenes.load("embedded").scene(SCENES[0]).sources
