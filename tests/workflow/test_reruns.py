"""What a change costs: re-runs are shown on dry runs and on what is really computed."""

import csv
import json
import os
import re
import shutil

import numpy as np
import pytest

from imaging.files import write_image
from study.store import Results
from tests.workflow import _program as programs

METHODS = ["average", "lp", "gff"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A program, a folder of scenes and a finished run, to be copied by each test that changes them."""
    root = tmp_path_factory.mktemp("finished")
    programs.copy(root / "program")
    rng = np.random.default_rng(5)
    for name in ("a", "b"):
        for number in (1, 2):
            write_image(root / "scenes" / name / f"{number}.png", rng.random((24, 30, 3)).astype(np.float32))
    config = programs.configure(root / "c.json", root / "scenes")
    done = programs.run(root / "program", root / "work", config, "tables")
    assert done.returncode == 0, done.stderr[-3000:]
    return root


@pytest.fixture
def again(finished, tmp_path):
    """That run in a folder of its own, at the same places relative to each other."""
    root = tmp_path / "copy"
    shutil.copytree(finished, root)
    # Snakemake remembers parameters, the path of the folder among them: the scenes stay where they are.
    return root


def _edit(root, name, before, after):
    path = root / "program" / name
    text = path.read_text(encoding="utf-8")
    assert before in text, f"{name} has no {before!r}"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def _snapshot(root):
    # Snakemake's own log and cache of file times are no results.
    own = (".snakemake/log", ".snakemake/iocache")
    files = [p for p in (root / "work").rglob("*") if p.is_file() and not any(name in p.as_posix() for name in own)]
    return {p.relative_to(root): (p.stat().st_mtime_ns, p.stat().st_size) for p in files}


def _plan(root, **more):
    config = programs.configure(root / "work" / "again.json", _scenes(root), **more)
    return programs.planned(root / "program", root / "work", config, "tables")


def _scenes(root):
    return json.loads((root / "c.json").read_text(encoding="utf-8"))["folders"]["mine"]


def _computed(root):
    """Scenes and metrics that the scoring jobs of the last run computed, by method."""
    logs = (root / "work/logs/score/mine").glob("*.log")
    return {p.stem: re.findall(r"INFO (\w+: [\w, ]+)$", p.read_text(encoding="utf-8"), re.MULTILINE) for p in logs}


def test_a_dry_run_changes_nothing_on_disk_and_finds_nothing_to_do(again):
    (again / "work/again.json").touch()
    before = _snapshot(again)
    assert _plan(again) == {}
    after = _snapshot(again)
    assert {name: state for name, state in after.items() if name.name != "again.json"} == {
        name: state for name, state in before.items() if name.name != "again.json"
    }


def test_docstrings_comments_formatting_and_messages_re_run_nothing(again):
    _edit(again, "imaging/filters.py", '"""', '"""Corrected. ')
    _edit(again, "imaging/levels.py", '"""', '"""Corrected. ')
    _edit(again, "methods/gff.py", '"""', '"""Corrected. ')
    _edit(again, "methods/__init__.py", '"""', '"""Corrected. ')
    _edit(again, "metrics/__init__.py", '"""', '"""Corrected. ')
    _edit(again, "study/store.py", '"""', '"""Corrected. ')
    _edit(again, "study/tables/table.py", '"""', '"""Corrected. ')
    _edit(again, "files/fetch.py", "import", "\n\nimport")
    _edit(again, "workflow/scripts/means_table.py", "\n\n\n", "\n\n\n# A comment.\n\n\n")
    _edit(again, "files/errors.py", "class InputError(ValueError):", "class InputError(ValueError):\n    extra = 1\n")
    assert _plan(again) == {}


def test_arithmetic_of_a_filter_re_runs_the_methods_that_use_it(again):
    _edit(
        again,
        "imaging/filters.py",
        "def guided_filter(",
        "def guided_filter(  # noqa\n    *guided,\n    **given,\n):\n    return _guided_filter(*guided, **given)\n\n\ndef _guided_filter(",
    )
    plan = _plan(again)
    assert plan["fuse_set"] == plan["score_set"] == 1
    assert "sources" not in plan


def test_a_fused_image_that_is_gone_is_made_again(again):
    image = again / "work/results/fused/mine/gff/a.png"
    content, other = image.read_bytes(), _stamp(again, "gff", "b")
    image.unlink()
    config = programs.configure(again / "work/again.json", _scenes(again))
    done = programs.run(again / "program", again / "work", config, "tables")
    assert done.returncode == 0, done.stderr[-3000:]
    assert image.read_bytes() == content
    assert _stamp(again, "gff", "b") == other, "what is there is not made again"
    assert _plan(again) == {}


def test_an_edited_metric_computes_that_metric_only(again):
    text = (again / "program/metrics/ssim.py").read_text(encoding="utf-8")
    found = re.search(r"^def score\(.*?\n(?=    [^ ])", text, re.MULTILINE | re.DOTALL)
    assert found
    _edit(again, "metrics/ssim.py", "def score(", "_EDITED = 1\n\n\ndef score(")
    _edit(again, "metrics/ssim.py", "    return ", "    assert _EDITED\n    return ")
    config = programs.configure(again / "work/again.json", _scenes(again))
    plan = programs.planned(again / "program", again / "work", config, "tables")
    assert plan["score_set"] == len(METHODS) and "fuse_set" not in plan
    done = programs.run(again / "program", again / "work", config, "tables")
    assert done.returncode == 0, done.stderr[-3000:]
    assert _computed(again) == {name: ["a: ssim", "b: ssim"] for name in METHODS}


def test_a_new_metric_computes_itself_only(again):
    config = programs.configure(again / "work/again.json", _scenes(again), metrics=["q_mi", "q_g", "ssim", "q_ncie"])
    before = (again / "work/results/fused/mine/gff/a.png").stat().st_mtime_ns
    done = programs.run(again / "program", again / "work", config, "tables")
    assert done.returncode == 0, done.stderr[-3000:]
    assert _computed(again) == {name: ["a: q_ncie", "b: q_ncie"] for name in METHODS}
    assert (again / "work/results/fused/mine/gff/a.png").stat().st_mtime_ns == before


def test_a_new_method_runs_itself_only(again):
    plan = _plan(again, methods=[*METHODS, "mgff"])
    assert plan["fuse_set"] == plan["score_set"] == 1


def test_a_label_or_a_note_makes_tables_again_and_nothing_else(again):
    _edit(again, "methods/gff.py", 'label="GFF"', 'label="Guided"')
    plan = _plan(again)
    assert plan and not plan.keys() & {"fuse_set", "score_set", "sources"}


def test_scenes_that_are_replaced_added_and_removed_are_noticed(finished, tmp_path):
    root = tmp_path
    programs.copy(root / "program")
    shutil.copytree(finished / "scenes", root / "scenes")
    config = programs.configure(root / "c.json", root / "scenes", methods=["average"], metrics=["q_mi"])

    def scores():
        done = programs.run(root / "program", root / "work", config, "results/tables/mine/scores.csv")
        assert done.returncode == 0, done.stderr[-3000:]
        lines = (root / "work/results/tables/mine/scores.csv").read_text(encoding="utf-8").splitlines()[1:]
        return {line.split(",")[0]: line for line in lines}

    first = scores()
    stamp = (root / "work/results/fused/mine/average/a.png").stat().st_mtime_ns
    write_image(root / "scenes/b/2.png", np.random.default_rng(9).random((24, 30, 3)).astype(np.float32))
    for number in (1, 2):
        write_image(
            root / f"scenes/c/{number}.png", np.random.default_rng(number).random((24, 30, 3)).astype(np.float32)
        )
    second = scores()
    assert set(second) == {"a", "b", "c"}
    assert second["a"] == first["a"] and second["b"] != first["b"]
    assert (root / "work/results/fused/mine/average/a.png").stat().st_mtime_ns == stamp
    shutil.rmtree(root / "scenes/b")
    assert set(scores()) == {"a", "c"}


MORTAL = '''
"""A method that ends as a test wants it to."""

import os

from methods import Fusion, Method

METHOD = Method(id="mortal", label="Mortal", title="t", citation="c", kind="spatial", cost=0.1, needs=("scene",))


def fuse(images, *, scene):
    """End on scene a."""
    if scene == "a":
        END
    return Fusion(images[1])
'''


def _statuses(root):
    rows = Results(str(root / "work/results")).read_tidy("mine").to_dict("records")
    return {(row["method"], row["scene"]): row["status"] for row in rows}


def _stamp(root, method, scene):
    return (root / f"work/results/fused/mine/{method}/{scene}.png").stat().st_mtime_ns


def test_a_method_that_dies_costs_its_scene_and_is_tried_again(finished, tmp_path):
    """Among them the timing, where the same method dies again, and a plug-in that ends the program when it is imported."""
    root = tmp_path
    programs.copy(root / "program")
    method = root / "program/methods/mortal.py"
    (root / "program/methods/unused.py").write_text("import sys\n\nsys.exit(0)\n", encoding="utf-8")
    timing = {"enabled": True, "datasets": ["mine"], "scenes": 2, "load": "mark"}
    more = {"methods": ["average", "mortal"], "metrics": ["q_mi"], "timing": timing}
    config = programs.configure(root / "c.json", finished / "scenes", **more)
    targets = ("results/tables/mine/scores.csv", "results/tables/mine/timing.csv")

    def run(end):
        method.write_text(MORTAL.replace("END", end), encoding="utf-8")
        done = programs.run(root / "program", root / "work", config, *targets)
        assert done.returncode == 0, done.stderr[-3000:]
        return _statuses(root)

    assert run("os._exit(0)") == {
        ("average", "a"): "ok",
        ("average", "b"): "ok",
        ("mortal", "a"): "failed",
        ("mortal", "b"): "ok",
    }
    stamps = _stamp(root, "average", "a"), _stamp(root, "mortal", "b")
    # Nothing changed: what failed is tried again, the rest is kept.
    assert run("os._exit(0)")["mortal", "a"] == "failed"
    assert (_stamp(root, "average", "a"), _stamp(root, "mortal", "b")) == stamps
    assert set(run("pass").values()) == {"ok"}
    assert _stamp(root, "average", "a") == stamps[0]
    with (root / "work/results/tables/mine/timing.csv").open(newline="", encoding="utf-8") as file:
        assert {row["status"] for row in csv.DictReader(file)} == {"ok"}
    assert programs.planned(root / "program", root / "work", config, *targets) == {}


def test_external_images_that_are_replaced_and_supplied_are_noticed(finished, tmp_path):
    root = tmp_path
    programs.copy(root / "program")
    external = root / "external"
    rng = np.random.default_rng(8)
    write_image(external / "a.png", rng.random((24, 30, 3)).astype(np.float32))
    variants = {"theirs": {"method": "precomputed", "options": {"folder": str(external)}}}
    more = {"methods": ["average", "theirs"], "variants": variants, "metrics": ["q_mi"]}
    config = programs.configure(root / "c.json", finished / "scenes", **more)

    def scores():
        done = programs.run(root / "program", root / "work", config, "results/tables/mine/scores.csv")
        assert done.returncode == 0, done.stderr[-3000:]
        rows = Results(str(root / "work/results")).read_tidy("mine").to_dict("records")
        return {(row["method"], row["scene"]): row for row in rows}

    first = scores()
    assert first["theirs", "a"]["status"] == "ok" and first["theirs", "b"]["status"] == "skipped"
    for name in "ab":
        write_image(external / f"{name}.png", rng.random((24, 30, 3)).astype(np.float32))
    second = scores()
    assert second["theirs", "b"]["status"] == "ok"
    assert second["theirs", "a"]["status"] == "ok" and second["theirs", "a"]["value"] != first["theirs", "a"]["value"]
    assert second["average", "a"] == first["average", "a"]
    (external / "a.png").unlink()
    assert scores()["theirs", "a"]["status"] == "skipped"


@pytest.mark.usefixtures("mirror")
def test_what_could_not_be_had_is_made_when_it_can_and_nothing_else(finished, tmp_path, monkeypatch):
    root = tmp_path
    programs.copy(root / "program")
    more = {"datasets": ["mine", "lytro_triple"], "methods": ["average", "sesf"], "metrics": ["q_mi"]}
    config = programs.configure(root / "c.json", finished / "scenes", budget={"lytro_triple": 1}, **more)
    targets = [f"results/tables/{name}/scores.csv" for name in ("mine", "lytro_triple")]
    found = os.environ["FOCUSBENCH_MIRROR"]
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(root / "cache"))
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")
    monkeypatch.delenv("FOCUSBENCH_MIRROR")
    done = programs.run(root / "program", root / "work", config, *targets)
    assert done.returncode == 0, done.stderr[-3000:]
    assert _statuses(root)["sesf", ""] == "unavailable"
    assert programs.planned(root / "program", root / "work", config, *targets) == {}
    monkeypatch.setenv("FOCUSBENCH_MIRROR", found)
    stamp = _stamp(root, "average", "a")
    planned = programs.planned(root / "program", root / "work", config, *targets)
    # sesf on both data sets, average on the one that was not there.
    assert (planned["sources"], planned["weights"], planned["fuse_set"], planned["score_set"]) == (1, 1, 3, 3)
    done = programs.run(root / "program", root / "work", config, *targets)
    assert done.returncode == 0, done.stderr[-3000:]
    assert set(_statuses(root).values()) == {"ok"}
    assert _stamp(root, "average", "a") == stamp
    assert programs.planned(root / "program", root / "work", config, *targets) == {}
