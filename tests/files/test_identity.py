"""The identity of code: what changes it and what does not."""

import shutil
from pathlib import Path

import pytest

import methods
import metrics
from files.identity import Code

ROOT = Path(__file__).resolve().parents[2]

FILTERS = '''
"""Filters."""

import logging

from imaging.levels import scale

log = logging.getLogger(__name__)

RADIUS = 3

def box(image, radius=RADIUS):
    """Box filter."""
    log.info("box %s", radius)
    if radius < 0:
        raise ValueError(f"radius {radius} is negative")
    return scale(image) * radius  # a comment

def cross(image):
    return image + 1
'''

METHOD = """
from __future__ import annotations

from imaging import filters
from imaging.filters import box as smooth

from methods import Method, Option

METHOD = Method(id="one", label="One", note="A note.", options={"k": Option(3, "Help.", minimum=1)})

def fuse(images, k):
    from ._common.machinery import helper
    return helper(smooth(images[0], k))
"""

OTHER = """
from imaging.filters import cross

from methods import Method

METHOD = Method(id="two", label="Two")

def fuse(images):
    return cross(images[0])
"""


@pytest.fixture
def program(tmp_path):
    """A small program: two methods, two filters, machinery."""
    for name, text in {
        "imaging/__init__.py": "",
        "imaging/levels.py": "def scale(image):\n    return image * 2\n\n\ndef unused(image):\n    return image\n",
        "imaging/filters.py": FILTERS,
        "methods/__init__.py": "class Method: ...\nclass Option: ...\n",
        "methods/_common/__init__.py": "",
        "methods/_common/machinery.py": "from files.errors import InputError\n\ndef helper(image):\n    return image\n",
        "methods/one.py": METHOD,
        "methods/two.py": OTHER,
        "files/__init__.py": "",
        "files/errors.py": "class InputError(ValueError): ...\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def identities(root):
    code = Code(root)
    return [code.of(f"methods.{name}", "fuse", "METHOD") for name in ("one", "two")]


def edit(root, name, before, after):
    path = root / name
    text = path.read_text()
    assert before in text, f"{name} has no {before!r}"
    path.write_text(text.replace(before, after))


def test_a_plug_in_of_the_user_is_read_from_its_own_folder(program):
    own = program / "elsewhere"
    (own / "methods").mkdir(parents=True)
    (own / "methods" / "mine.py").write_text(METHOD)

    def identity():
        return Code(program, own).of("methods.mine", "fuse", "METHOD")

    first = identity()
    edit(program, "imaging/filters.py", "* radius", "* radius + 1")
    second = identity()
    edit(own, "methods/mine.py", "images[0], k", "images[0], k + 1")
    assert len({first, second, identity()}) == 3


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("imaging/filters.py", '"""Box filter."""', '"""Box filter: mean of a window."""'),
        ("imaging/filters.py", "  # a comment", ""),
        ("imaging/filters.py", "* radius", "*(\n        radius\n    )"),
        (
            "imaging/filters.py",
            "def box(image, radius=RADIUS):",
            "def box(image: float, radius: int = RADIUS) -> float:",
        ),
        ("imaging/filters.py", "RADIUS = 3", "RADIUS: int = 3"),
        ("imaging/filters.py", "is negative", "must not be negative"),
        ("imaging/filters.py", 'log.info("box %s", radius)', 'log.debug("box filter %s", radius)'),
        ("imaging/levels.py", "return image\n", "return image + 0\n"),
        ("files/errors.py", "ValueError", "RuntimeError"),
        ("methods/one.py", 'label="One", note="A note."', 'label="First", note="Another.", citation="X"'),
        ("methods/one.py", '"Help."', '"Better help."'),
        ("methods/one.py", "from imaging import filters\n", ""),
    ],
)
def test_what_cannot_change_a_result_keeps_the_identity(program, name, before, after):
    first = identities(program)
    edit(program, name, before, after)
    assert identities(program) == first


@pytest.mark.parametrize(
    ("name", "before", "after", "changed"),
    [
        ("imaging/filters.py", "* radius", "* radius + 1", [True, False]),
        ("imaging/filters.py", "RADIUS = 3", "RADIUS = 4", [True, False]),
        ("imaging/filters.py", "image + 1", "image + 2", [False, True]),
        ("imaging/filters.py", "if radius < 0", "if radius < 1", [True, False]),
        ("imaging/levels.py", "image * 2", "image * 3", [True, False]),
        ("methods/_common/machinery.py", "return image", "return -image", [True, False]),
        ("methods/one.py", "minimum=1", "minimum=2", [True, False]),
        ("methods/one.py", "Option(3", "Option(5", [True, False]),
        ("methods/__init__.py", "class Method: ...", "class Method:\n    x = 1", [True, True]),
    ],
)
def test_arithmetic_changes_the_identity_of_what_uses_it_and_of_nothing_else(program, name, before, after, changed):
    first = identities(program)
    edit(program, name, before, after)
    assert [a != b for a, b in zip(identities(program), first, strict=True)] == changed


def test_the_name_of_a_file_does_not_count(program):
    first = identities(program)
    (program / "imaging/filters.py").rename(program / "imaging/smoothing.py")
    for name in ("methods/one.py", "methods/two.py"):
        path = program / name
        path.write_text(
            path.read_text()
            .replace("imaging.filters", "imaging.smoothing")
            .replace("import filters", "import smoothing")
        )
    assert identities(program) == first


def test_which_function_a_name_means_counts(program):
    both = program / "methods/one.py"
    both.write_text(
        "from imaging.filters import box as f, cross as g\nMETHOD = 1\n\ndef fuse(images):\n    return f(images) - g(images)\n"
    )
    first = identities(program)[0]
    both.write_text(both.read_text().replace("box as f, cross as g", "cross as f, box as g"))
    assert identities(program)[0] != first


def test_a_broken_module_has_an_identity_too(program):
    first = identities(program)
    (program / "methods/one.py").write_text("def fuse(:\n")
    second = identities(program)
    assert second[0] != first[0] and second[1] == first[1]


def test_every_plug_in_has_an_identity_of_its_own():
    code = Code(ROOT)
    for registry in (methods.registry, metrics.registry):
        # Published methods are data with one maker; their results have their ids in the key.
        written = [name for name in registry.ids() if getattr(registry.get(name), "kind", "") != "published"]
        found = {name: registry.identity(name, code) for name in written}
        assert len(set(found.values())) == len(found), "two plug-ins with the same identity"


def test_a_guided_filter_concerns_the_methods_that_use_it(tmp_path):
    for room in ("files", "imaging", "methods", "metrics", "scenes"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    before = {name: methods.registry.identity(name, Code(tmp_path)) for name in methods.registry.ids()}
    edit(tmp_path, "imaging/filters.py", "def guided_filter(", "def guided_filter(unused_by_any=0, *, ")
    after = {name: methods.registry.identity(name, Code(tmp_path)) for name in methods.registry.ids()}
    changed = {name for name in before if before[name] != after[name]}
    assert "gff" in changed and not changed & {"average", "lp", "dsift", "sf", "dct_corr"}
