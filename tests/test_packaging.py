"""The lists of packages and the pinned versions agree."""

import re
import tomllib
from pathlib import Path

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
    expected = {f"python{project['requires-python']}"}
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


def test_packages_are_listed_explicitly():
    listed = set(_project()["tool"]["setuptools"]["packages"])
    present = {p.parent.relative_to(ROOT).as_posix().replace("/", ".") for p in ROOT.glob("*/__init__.py")}
    present |= {p.parent.relative_to(ROOT).as_posix().replace("/", ".") for p in ROOT.glob("*/*/__init__.py")}
    present = {p for p in present if not p.startswith(("tests", "benchmarks", "."))}
    assert listed == present


def test_data_files_that_modules_read_are_part_of_their_package():
    from files import catalogue
    from methods.gacn import weights
    from study import config

    patterns = _project()["tool"]["setuptools"]["package-data"]
    included = {
        path
        for package, globs in patterns.items()
        for glob in globs
        for path in (ROOT / package.replace(".", "/")).glob(glob)
    }
    read = {catalogue.FILE, config.SCHEMA, *(ROOT / "scenes").glob("*.toml")}
    read |= set(weights.RELEASED.glob("*"))
    assert read <= included
