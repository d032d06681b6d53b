"""Training in the workflow: entries, records, what is made again when parameters change, a kill in the middle."""

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
from study.config import Entry, resolve
from study.gacn import train_network as training
from study.gacn import training_figure as training_figures
from study.run.fuse_set import fuse_set, reason_not_to_run
from study.run.sources import collect

ROOT = Path(__file__).resolve().parents[2]
TINY = {"size": 40, "crop": 32, "batch": 6, "epochs": 3, "held_out": 0.25, "learning_rate": 1e-3}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tiny(coco):
    """Configuration of a training of seconds on the small COCO folder."""
    source = {"coco_images": str(coco / "train2017"), "coco_annotations": str(coco / "instances.json")}
    return {"name": "tiny", "recipe": "published", "set": {**TINY, **source}}


def test_train_puts_the_result_beside_the_official_parameters():
    settings = resolve({"methods": ["gacn", "lp"], "train": True, "training": {"recipe": "layered"}})
    assert list(settings.entries) == ["lp", "gacn", "gacn_trained"]
    assert settings.entries["gacn_trained"].options == {"weights": "results/training/layered/gacn.safetensors"}
    assert "gacn_trained" not in resolve({"methods": ["gacn"]}).entries


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"training": {"recipe": "own"}}, ["training", "unknown recipe 'own'", "released"]),
        ({"training": {"set": {"epoch": 3}}}, ["training", "no 'epoch'"]),
        ({"ablation": {"set": {"blur": "motion"}}}, ["ablation", "motion", "layered"]),
        ({"ablation": {"datasets": ["lytr"]}}, ["unknown data set 'lytr'"]),
        ({"training": {"name": "ablation_x"}}, ["training.name"]),
        ({"variants": {"gacn_trained": {"method": "gacn"}}}, ["taken"]),
    ],
)
def test_a_mistake_gives_one_clear_line(raw, words):
    with pytest.raises(InputError) as caught:
        resolve(raw)
    assert "\n" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Unavailable("no images"), "unavailable"),
        (gacn_training.Diverged("the loss is nan"), "failed"),
        (InputError("another recipe"), "failed"),
    ],
)
def test_a_run_that_leaves_nothing_is_told_in_the_tables_and_tried_again(here, monkeypatch, error, status):
    def fail(*_):
        raise error

    monkeypatch.setattr(gacn_training, "train", fail)
    monkeypatch.setattr(training, "fetch_images", lambda recipe: None)
    records.write_json(training.record("mine"), training.run("mine", RECIPES["layered"], "cpu"))
    entry = Entry("x", "gacn", "X", {"weights": training.parameters("mine")})
    reason = reason_not_to_run(entry, {"dataset": "d", "status": "ok", "scenes": []})
    assert reason == f"training mine is {status}: {error}"
    training.forget_failures(["mine", "other"])
    assert not Path(training.record("mine")).exists()
    assert training.reason(entry) == ""


def test_images_are_fetched_and_a_missing_collection_is_no_error_yet(monkeypatch):
    asked = []

    def fetched(rows):
        asked.append(rows[0].collection)
        if len(asked) == 1:
            raise Unavailable("no network")

    monkeypatch.setattr(training.fetch, "fetch", fetched)
    training.fetch_images(RECIPES["layered"])
    assert asked == list(RECIPES["layered"].collections)
    training.fetch_images(recipe_from("layered", {"coco_images": "a", "coco_annotations": "b"}))
    assert len(asked) == 3


def test_a_finished_run_is_recorded_and_kept(here, tiny):
    tiny["set"]["epochs"] = 1
    name, recipe = training.configured(tiny)
    ended = training.run(name, recipe, "cpu")
    assert (ended["status"], ended["epochs"]) == ("ok", 1)
    assert ended["sha256"] == records.sha256(training.parameters("tiny"))
    assert ended["validation_total"] == min(float(row["validation_total"]) for row in training.epochs("tiny"))
    records.write_json(training.record(name), ended)
    training.forget_failures([name])
    assert Path(training.record(name)).exists()
    training_figures.losses(name, training.epochs(name), [here / "a.png", here / "a.pdf"])
    training_figures.losses(name, training.epochs(name), [here / "b.png", here / "b.pdf"])
    for kind in ("png", "pdf"):
        assert (here / f"a.{kind}").read_bytes() == (here / f"b.{kind}").read_bytes()


def test_changed_parameters_fuse_again(here, pair):
    for number, image in enumerate(pair, start=1):
        write_image(here / "set" / "a" / f"{number}.png", image)
    described = collect("mine", here / "set")
    entry = Entry("x", "gacn", "X", {"weights": str(here / "x.safetensors")})
    weights.write(here / "x.safetensors", GACN().eval())
    first = fuse_set(entry, described, "fused", folder=here / "set")
    assert first[0]["status"] == "ok", first[0]["reason"]
    assert fuse_set(entry, described, "fused", folder=here / "set") == first
    weights.load.cache_clear()
    weights.write(here / "x.safetensors", GACN().eval())
    assert fuse_set(entry, described, "fused", folder=here / "set")[0]["key"] != first[0]["key"]


def test_own_parameters_that_are_not_released_say_how_to_train(monkeypatch, tmp_path):
    monkeypatch.setattr(weights, "OWN", tmp_path / "gacn.safetensors")
    assert "snakemake --cores N train" in weights.unavailable("own")
    assert str(tmp_path) not in weights.unavailable("own")


@pytest.mark.slow
def test_a_killed_training_continues(here, tiny):
    """Snakemake is killed after an epoch; the next start has the same parameters as a run that nobody disturbed."""
    shutil.copytree(ROOT / "profiles", here / "profiles")
    (here / "c.json").write_text(json.dumps({"training": tiny, "device": "cpu"}), encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "-s", str(ROOT / "Snakefile")]
    command += [training.record("tiny"), "--configfile", "c.json"]
    folder = here / "results/training/tiny"
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (folder / "checkpoint.pt").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not Path(training.record("tiny")).exists(), "the training was over before it was killed"
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "continuing after epoch" in (here / "logs/training/tiny.log").read_text(encoding="utf-8")
    gacn_training.train(recipe_from(tiny["recipe"], tiny["set"]), here / "whole", progress=False)
    assert (folder / "gacn.safetensors").read_bytes() == (here / "whole" / "gacn.safetensors").read_bytes()
