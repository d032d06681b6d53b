"""``import focusbench``: the Python entry."""

import sys
from types import ModuleType

import pytest

import focusbench
import methods
import metrics
import scenes


def test_the_entry_is_the_rooms_own():
    assert focusbench.fuse is methods.fuse
    assert focusbench.score is metrics.score
    assert focusbench.scenes is scenes
    with pytest.raises(AttributeError, match="nothing"):
        focusbench.nothing  # noqa: B018


def test_another_package_of_the_same_name_is_refused(monkeypatch, tmp_path):
    other = ModuleType("methods")
    other.__file__ = str(tmp_path / "methods.py")
    monkeypatch.setitem(sys.modules, "methods", other)
    with pytest.raises(ImportError, match=r"package 'methods'.*methods\.py"):
        focusbench._use(focusbench.TREE)
