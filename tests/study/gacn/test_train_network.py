"""Training in the workflow: records, what is tried again, what is made again when parameters change, a kill in the middle."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from files.errors import InputError, Unavailable
from imaging.files import write_image
from methods.gacn import training as gacn_training
from methods.gacn import weights
from methods.gacn.network import GACN
from methods.gacn.recipe import RECIPES, recipe_from
from study import records
from study.entries import Entry
from study.gacn import entries, train_network
from study.run import fuse_set
from study.run.sources import collect
from study.store import DatasetFacts, Results

ROOT = Path(__file__).resolve().parents[3]
TINY = {"size": 40, "crop": 32, "batch": 6, "epochs": 3, "held_out": 0.25, "learning_rate": 1e-3}


@pytest.fixture
def tiny(coco):
    """Configuration of a training of seconds on the small COCO folder."""
    source = {"coco_images": str(coco / "train2017"), "coco_annotations": str(coco / "instances.json")}
    return {"name": "tiny", "recipe": "published", "set": {**TINY, **source}}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Unavailable("no images"), "unavailable"),
        (gacn_training.Diverged("the loss is nan"), "failed"),
        (InputError("another recipe"), "failed"),
    ],
)
def test_a_run_without_parameters_says_why(here, monkeypatch, error, status):
    def fail(*_):
        raise error

    monkeypatch.setattr(gacn_training, "train", fail)
    monkeypatch.setattr(train_network, "fetch_images", lambda recipe: None)
    ended = train_network.train_network("mine", RECIPES["layered"], "cpu", attempt=3)
    assert (ended.status, ended.reason, ended.attempt) == (status, str(error), 3)
    ended.write()
    entry = Entry("x", "gacn", "X", {"weights": entries.parameters("mine")})
    assert fuse_set.reason_not_to_run(entry, DatasetFacts("d", "D")) == f"training mine is {status}: {error}"


def test_images_are_fetched_and_a_missing_collection_is_no_error_yet(monkeypatch):
    asked = []

    def fetched(rows):
        asked.append(rows[0].collection)
        if len(asked) == 1:
            raise Unavailable("no network")

    monkeypatch.setattr(train_network.fetch, "fetch", fetched)
    train_network.fetch_images(RECIPES["layered"])
    assert asked == list(RECIPES["layered"].collections)
    train_network.fetch_images(recipe_from("layered", {"coco_images": "a", "coco_annotations": "b"}))
    assert len(asked) == 3


def test_a_finished_run_is_recorded(here, tiny):
    tiny["set"]["epochs"] = 1
    run, recipe = entries.configured(tiny)
    ended = train_network.train_network(run, recipe, "cpu")
    assert (ended.status, ended.epochs, ended.best_epoch) == ("ok", 1, 1)
    assert ended.sha256 == records.sha256(entries.parameters("tiny"))
    log = train_network.epochs(Results().training("tiny", "log.csv"))
    assert list(log.columns) == list(train_network.COLUMNS)
    assert ended.validation_total == log["validation_total"].min()
    assert recipe_from("published", ended.recipe) == recipe


def test_changed_parameters_fuse_again(here, pair):
    for number, image in enumerate(pair, start=1):
        write_image(here / "set" / "a" / f"{number}.png", image)
    entry = Entry("x", "gacn", "X", {"weights": str(here / "x.safetensors")})
    task = fuse_set.Task(entry, collect("mine", str(here / "set")))
    weights.write(here / "x.safetensors", GACN().eval())
    first = fuse_set.fuse_set(task)
    assert first[0].status == "ok", first[0].reason
    assert fuse_set.fuse_set(task) == first
    weights.load.cache_clear()
    weights.write(here / "x.safetensors", GACN().eval())
    assert fuse_set.fuse_set(task)[0].key != first[0].key


def test_own_parameters_that_are_not_released_say_how_to_train(monkeypatch, tmp_path):
    monkeypatch.setattr(weights, "OWN", tmp_path / "gacn.safetensors")
    assert "snakemake --cores N train" in weights.unavailable("own")
    assert str(tmp_path) not in weights.unavailable("own")


def _command(tiny, here, *targets):
    shutil.copytree(ROOT / "profiles", here / "profiles", dirs_exist_ok=True)
    (here / "c.json").write_text(json.dumps({"training": tiny, "device": "cpu"}), encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", *targets, "--cores", "1", "-s", str(ROOT / "Snakefile")]
    return [*command, "--configfile", "c.json"]


@pytest.mark.slow
def test_a_failed_training_is_tried_again_and_a_finished_one_never(here, tiny, coco, tmp_path):
    tiny["set"]["epochs"] = 1
    annotations = tmp_path / "annotations.json"
    tiny["set"]["coco_annotations"] = str(annotations)
    record = Path(Results().training("tiny"))

    def run(*options):
        command = _command(tiny, here, record.as_posix()) + list(options)
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout + done.stderr

    for attempt in (1, 2):
        run()
        ended = entries.stored("tiny")
        assert (ended.status, ended.attempt) == ("failed", attempt)
    kept = record.read_bytes(), record.stat().st_mtime_ns
    assert "train_network" in run("--dry-run")
    assert (record.read_bytes(), record.stat().st_mtime_ns) == kept, "a dry run changed the record"
    shutil.copy(coco / "instances.json", annotations)
    run()
    ended = entries.stored("tiny")
    assert (ended.status, ended.attempt) == ("ok", 3)
    assert "Nothing to be done" in run()


@pytest.mark.slow
def test_a_killed_training_continues(here, tiny):
    """Snakemake is killed after an epoch; the next start has the same parameters as a run that nobody disturbed."""
    tiny["set"]["epochs"] = 8
    command = _command(tiny, here, Results().training("tiny"))
    folder = here / "results/training/tiny"
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 240
    while not (folder / "checkpoint.pt").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not Path(Results().training("tiny")).exists(), "the training was over before it was killed"
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "continuing after epoch" in (here / "logs/training/tiny.log").read_text(encoding="utf-8")
    gacn_training.train(recipe_from(tiny["recipe"], tiny["set"]), here / "whole", progress=False)
    assert (folder / "gacn.safetensors").read_bytes() == (here / "whole" / "gacn.safetensors").read_bytes()
