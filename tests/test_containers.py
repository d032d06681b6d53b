"""The recipes of the images: they copy all that the wheel needs, and both make the same image."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
APPTAINER = (ROOT / "apptainer.def").read_text(encoding="utf-8")


def _section(name):
    return re.search(rf"^%{name}\n(.*?)(?=^%|\Z)", APPTAINER, re.MULTILINE | re.DOTALL)[1]


def _docker_copies():
    """Source -> place, both relative to the folder of the sources."""
    copies = {}
    for line in re.findall(r"^COPY (.*)$", DOCKERFILE, re.MULTILINE):
        *sources, target = line.split()
        assert (target == "./") == (len(sources) > 1)
        copies |= {source: source if target == "./" else target for source in sources}
    return copies


def _apptainer_copies():
    copies = {}
    for source, target in map(str.split, filter(None, _section("files").splitlines())):
        place = target.removeprefix("/src/")
        copies[source] = f"{place}{source}" if place in ("", "/") else place
    return copies


def test_both_copy_what_the_wheel_is_made_of():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], "pyproject.toml", "constraints.txt", "LICENSE"}
    needed.add(project["project"]["readme"])
    assert _docker_copies() == {source: source for source in needed}
    assert _apptainer_copies() == _docker_copies()
    assert all((ROOT / source).exists() for source in needed)


def test_both_start_from_the_same_system_and_install_the_same():
    base = re.search(r"^ARG BASE=(\S+)$", DOCKERFILE, re.MULTILINE)[1]
    assert f"BASE={base}\n" in _section("arguments")
    docker = " ".join(DOCKERFILE.replace("\\\n", "").split())
    steps = [
        line.strip() for line in _section("post").splitlines() if line.strip() and not line.strip().startswith("cd ")
    ]
    assert len(steps) == 5
    assert all(step in docker for step in steps)
