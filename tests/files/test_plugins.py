"""Plug-ins are found by file name; a broken one is listed with file and line, and concerns only who asks for it."""

import sys

import pytest

from files.errors import InputError
from files.plugins import Registry

GOOD = "from types import SimpleNamespace\n\nTHING = SimpleNamespace(id='good')\n"


@pytest.fixture
def registry(tmp_path, monkeypatch):
    package = tmp_path / "things_of_a_test"
    package.mkdir()
    for name, text in {
        "__init__": "",
        "_common": "",
        "good": GOOD,
        "syntax": "def f(:\n",
        "imports": "\n\nimport no_such_library\n",
        "other": GOOD,
        "silent": "",
        "exits": "import sys\n\nsys.exit(0)\n",
        "mapping": "THING = {}\n",
        "Large": GOOD.replace("'good'", "'Large'"),
        "with-hyphen": GOOD.replace("'good'", "'with-hyphen'"),
    }.items():
        (package / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    __import__(package.name)
    yield Registry(package.name, "THING")
    for name in [name for name in sys.modules if name.startswith(package.name)]:
        del sys.modules[name]


def test_every_module_without_underscore_is_a_plug_in(registry):
    assert registry.ids() == [
        *("Large", "exits", "good", "imports", "mapping", "other", "silent", "syntax", "with-hyphen")
    ]


def test_broken_ones_are_named_with_file_and_line(registry):
    broken = registry.broken()
    assert set(broken) == set(registry.ids()) - {"good"}
    assert "exits.py:3: SystemExit: 0" in broken["exits"]
    assert "declares id 'None'" in broken["mapping"]
    assert all("small letters" in broken[name] for name in ("Large", "with-hyphen"))
    assert "imports.py:3" in broken["imports"] and "no_such_library" in broken["imports"]
    assert "syntax.py:1" in broken["syntax"]
    assert "declares no THING" in broken["silent"]
    assert "must equal the file name 'other'" in broken["other"]


def test_the_good_ones_work_beside_them(registry):
    assert [thing.id for thing in registry.all()] == ["good"]
    with pytest.raises(InputError, match=r"imports\.py:3"):
        registry.get("imports")
    with pytest.raises(InputError, match="did you mean good"):
        registry.get("goood")


@pytest.fixture
def own(registry, tmp_path, monkeypatch):
    """The folder of the user's plug-ins, in the current folder."""
    folder = tmp_path / "elsewhere" / registry.package
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder.parent)
    return folder


def test_plug_ins_of_the_current_folder_count(registry, own):
    (own / "mine.py").write_text("from things_of_a_test import good\n\n" + GOOD.replace("'good'", "'mine'"))
    assert registry.own() == ["mine"] and "mine" in registry.ids()
    assert registry.get("mine").id == "mine"
    assert registry.module("mine").good is registry.module("good")


def test_an_own_plug_in_cannot_replace_one_of_the_program(registry, own):
    (own / "good.py").write_text(GOOD)
    with pytest.raises(InputError, match=r"good\.py: the program has a thing.* of this name; rename it"):
        registry.get("good")


def test_a_broken_own_plug_in_is_named_with_file_and_line(registry, own):
    (own / "hasty.py").write_text("\n\nimport no_such_library\n")
    assert f"{registry.package}/hasty.py:3" in registry.broken()["hasty"]


def test_an_own_plug_in_whose_file_has_another_name_is_told(registry, own, caplog):
    (own / "draft.py").write_text(GOOD.replace("'good'", "'mine'"))
    words = r"draft\.py declares id 'mine'; it must equal the file name 'draft': rename the file or change the id"
    for name in ("mine", "draft"):
        with pytest.raises(InputError, match=words):
            registry.get(name)
    with pytest.raises(InputError, match=r"unknown .*'nosuch'"):
        registry.get("nosuch")
    assert [thing.id for thing in registry.all()] == ["good"]
    assert "draft.py declares id 'mine'" in caplog.text


def test_a_package_in_the_current_folder_is_no_place_for_plug_ins(registry, own):
    (own / "__init__.py").write_text("")
    (own / "mine.py").write_text(GOOD.replace("'good'", "'mine'"))
    assert registry.own() == [] and "mine" not in registry.ids()
