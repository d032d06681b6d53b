"""The workflow end to end, on small images, in a copy of the program: tables, failures, a kill in the middle."""

import csv
import json
import os
import shutil
import signal
import subprocess
import time

import pytest

from benchmarks import kills
from study.store import Results
from tests.workflow import _program as programs

BROKEN = '''
"""A method that fails on one scene."""

from methods import Fusion, Method

METHOD = Method(id="broken", label="Broken", title="t", citation="c", kind="spatial", cost=0.1, needs=("scene",))


def fuse(images, *, scene):
    """Raise on scene b."""
    if scene == "b":
        raise RuntimeError("this method cannot do that")
    return Fusion(images[0])
'''


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """A copy of the program."""
    return programs.copy(tmp_path_factory.mktemp("program"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A user's folder of three small scenes of every kind of file (see `kills.make_scenes`), its name with a space."""
    root = tmp_path_factory.mktemp("my scenes")
    kills.make_scenes(root)
    return root


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """A variant that reads fused images made elsewhere; that of scene b is missing."""
    root = tmp_path_factory.mktemp("external")
    kills.make_external(root)
    return {"methods": ["average", "lp", "gff", "theirs"], "variants": kills.variants(root)}


def _rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def undisturbed(program, folder, theirs, tmp_path_factory):
    work = tmp_path_factory.mktemp("undisturbed")
    config = programs.configure(
        work / "c.json",
        folder,
        timing={"scenes": 1, "datasets": ["mine"], "load": "mark"},
        figures={"sheets": True},
        **theirs,
    )
    done = programs.run(program, work, config)
    assert done.returncode == 0, done.stderr[-3000:]
    return work


def test_a_run_leaves_tables_figures_and_a_summary(undisturbed):
    results = undisturbed / "results"
    scores = Results(str(results)).read_tidy("mine")
    assert len(scores) == 4 * 3 * 3
    assert set(scores[scores["status"] != "ok"].groupby(["method", "scene"]).groups) == {("theirs", "b")}
    assert [r["method"] for r in _rows(results / "tables/mine/means.csv")] == ["average", "lp", "gff", "theirs"]
    assert "n = 3 scenes" in (results / "tables/mine/table.md").read_text(encoding="utf-8")
    for name in ("mine/table.tex", "mine/extended.md", "mine/timing.tex", "pooled/table.md", "metric_truth.md"):
        assert (results / "tables" / name).is_file(), name
    assert "No test is made: 3 scenes" in (results / "tables/mine/statistics.md").read_text(encoding="utf-8")
    findings = (results / "FINDINGS.md").read_text(encoding="utf-8")
    assert "## Which metrics can be trusted?" in findings and "GACN" not in findings, "it takes no part"
    assert not (results / "figures/pooled/critical_difference.pdf").exists(), "three scenes are too few for the test"
    assert (results / "figures/mine/scene_ranks.txt").read_text(encoding="utf-8").startswith("Ranks of 3 methods")
    for name in ("boxes.png", "boxes.pdf", "quality_time.png", "quality_time.pdf", "sheets/a.png", "sheets/c.pdf"):
        assert (results / "figures/mine" / name).stat().st_size > 1000, name
    timing = _rows(results / "timing/mine/lp.csv")
    assert len(timing) == 3
    assert all(float(r["seconds"]) > 0 for r in timing)
    assert "full configuration" in (results / "summary.md").read_text(encoding="utf-8")
    manifest = json.loads((results / "run.json").read_text(encoding="utf-8"))
    assert manifest["versions"]["torch"]
    # One file of three pages.
    assert {scene: len(sums) for scene, sums in manifest["sources"]["mine"].items()} == {"a": 2, "b": 2, "c": 1}


def test_a_killed_run_finishes_with_the_same_bytes(program, folder, theirs, undisturbed, tmp_path):
    config = programs.configure(tmp_path / "c.json", folder, **theirs)
    process = subprocess.Popen(
        programs.command(program, config),
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while not list((tmp_path / "results/fused").rglob("*.png")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "results/tables/mine/table.md").exists(), "the run was over before it was killed"
    done = programs.run(program, tmp_path, config)
    assert done.returncode == 0, done.stderr[-3000:]
    for name in ("scores.csv", "about.json", "means.csv", "table.md", "table.tex", "extended.md", "statistics.csv"):
        expected = (undisturbed / "results/tables/mine" / name).read_bytes()
        assert (tmp_path / "results/tables/mine" / name).read_bytes() == expected, name
    for name in ("boxes.png", "boxes.pdf"):
        expected = (undisturbed / "results/figures/mine" / name).read_bytes()
        assert (tmp_path / "results/figures/mine" / name).read_bytes() == expected, name


def test_failures_cost_only_themselves(program, folder, tmp_path_factory):
    """A damaged image and a method that raises: the rest is finished, the tables say so, the exit status is not 0."""
    copy = tmp_path_factory.mktemp("extended")
    shutil.copytree(program, copy, dirs_exist_ok=True)
    (copy / "methods" / "broken.py").write_text(BROKEN, encoding="utf-8")
    damaged = tmp_path_factory.mktemp("damaged")
    shutil.copytree(folder, damaged, dirs_exist_ok=True)
    picture = damaged / "c" / "c.tif"
    picture.write_bytes(picture.read_bytes()[:-9000])
    work = tmp_path_factory.mktemp("work")
    done = programs.run(
        copy, work, programs.configure(work / "c.json", damaged, methods=["lp", "broken"], metrics=["q_mi"])
    )
    assert done.returncode != 0
    text = (work / "results/tables/mine/table.md").read_text(encoding="utf-8")
    assert "this method cannot do that" in text
    assert "cannot be decoded" in text
    status = Results(str(work / "results")).read_tidy("mine").set_index(["method", "scene"])["status"]
    assert status["lp", "a"] == status["lp", "b"] == status["broken", "a"] == "ok"
    assert status["lp", "c"] == status["broken", "b"] == "failed"
    assert "this method cannot do that" in done.stdout + done.stderr
    assert "this method cannot do that" in (work / "results/summary.md").read_text(encoding="utf-8")
    assert json.loads((work / "results/run.json").read_text(encoding="utf-8"))["failed"]


def test_a_typo_in_the_configuration_gives_one_clear_line(program, folder, tmp_path):
    done = programs.run(program, tmp_path, programs.configure(tmp_path / "c.json", folder, methods=["gfff"]))
    assert done.returncode != 0
    assert "unknown method 'gfff'; did you mean gff" in done.stderr


def test_unavailable_methods_end_well_unless_strict(program, folder, tmp_path):
    nothing = tmp_path / "empty"
    nothing.mkdir()
    variant = {"variants": {"matlab": {"method": "precomputed", "options": {"folder": str(nothing)}}}}
    config = programs.configure(tmp_path / "c.json", folder, methods=["gff", "matlab"], metrics=["q_mi"], **variant)
    done = programs.run(program, tmp_path / "w", config)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "precomputed" in (tmp_path / "w/results/summary.md").read_text(encoding="utf-8").lower()
    config = programs.configure(
        tmp_path / "c.json", folder, methods=["gff", "matlab"], metrics=["q_mi"], strict=True, **variant
    )
    done = programs.run(program, tmp_path / "w", config)
    assert done.returncode != 0
    assert "strict" in done.stdout + done.stderr
