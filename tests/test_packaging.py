"""The lists of packages and the pinned versions agree; the wheel has what the program needs, and no more at its top."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
#: Names that conda-forge gives to packages of the Python index.
CONDA = {"torch": "pytorch", "opencv-python-headless": "py-opencv", "matplotlib": "matplotlib-base"}


def _project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _name(requirement):
    return re.match(r"[A-Za-z0-9_.-]+", requirement)[0].lower()


def test_conda_environment_lists_the_same_packages():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    project = _project()["project"]
    # No Python: Snakemake refuses to bring another one than it runs with.
    expected = set()
    for requirement in project["dependencies"]:
        name = _name(requirement)
        expected.add(CONDA.get(name, name) + requirement[len(name) :])
    assert set(listed) == expected


def test_every_dependency_is_pinned():
    pins = [
        line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    ]
    assert all("==" in pin for pin in pins)
    pinned = {_name(pin) for pin in pins}
    assert {_name(r) for r in _project()["project"]["dependencies"]} <= pinned
    assert "torch==2.13.0" in pins


def _carried():
    """Source -> place in the wheel, as pyproject.toml says."""
    wheel = _project()["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == ["focusbench"]
    return wheel["force-include"]


def test_the_wheel_carries_the_tree_as_it_lies_in_a_clone():
    carried = _carried()
    assert all(place == f"focusbench/_tree/{source}" for source, place in carried.items())
    assert all((ROOT / source).exists() for source in carried)
    # All that Python or Snakemake could import, but what serves the development only.
    packages = {path.parent.name for path in ROOT.glob("*/*.py")} - {
        "focusbench",
        "benchmarks",
        "docs",
        "tests",
        "tools",
    }
    assert packages | {"Snakefile", "config", "environment.yml", "profiles"} <= carried.keys()


def test_files_that_the_program_reads_are_in_the_wheel():
    from files import catalogue
    from methods.gacn import weights
    from study import config
    from study.run.reference import REFERENCE

    folders = [ROOT / source for source in _carried()]
    read = [catalogue.FILE, config.SCHEMA, weights.RELEASED, Path(REFERENCE.table("scores.csv", "lytro"))]
    read += [Path(REFERENCE.page(name)) for name in ("run.json", "adopted.json")]
    for path in read:
        assert path.exists() and any(path.is_relative_to(folder) for folder in folders), path


def test_a_built_wheel_has_one_package_and_every_file_that_git_keeps(tmp_path):
    pytest.importorskip("hatchling", reason="hatchling builds the wheel; it belongs to the extra dev")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"focusbench"}
    assert any(name.endswith(".dist-info/entry_points.txt") for name in names)
    kept = subprocess.run(["git", "ls-files", "-z", *_carried()], cwd=ROOT, capture_output=True, check=True).stdout
    expected = {f"focusbench/_tree/{name}" for name in kept.decode().split("\0") if name and (ROOT / name).exists()}
    assert len(expected) > 500 and expected <= set(names)
