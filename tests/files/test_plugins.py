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
