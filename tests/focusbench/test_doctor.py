"""``focusbench doctor``: what it finds, and its exit status."""

import json

import pytest

from focusbench import doctor
from focusbench.__main__ import main


@pytest.mark.parametrize(
    ("requirement", "words"),
    [("numpy>=999.0", "too old; numpy>=999.0 is needed"), ("no-such-thing>=1", "not installed; no-such-thing>=1")],
)
def test_a_library_that_does_not_fit_is_named(requirement, words, monkeypatch):
    monkeypatch.setattr(doctor, "_requirements", lambda: ["tqdm>=4.0", requirement])
    wrong, rest = doctor._libraries()
    assert wrong.state == "missing" and words in wrong.text
    assert rest.state == "missing" and rest.text.startswith("tqdm 4.")


def test_a_library_that_cannot_be_imported_is_named(monkeypatch):
    def broken(name):
        raise ImportError("libGL.so.1: cannot open shared object file")

    monkeypatch.setattr(doctor, "_requirements", lambda: ["tqdm>=4.0"])
    monkeypatch.setattr(doctor.importlib, "import_module", broken)
    assert "libGL.so.1" in doctor._libraries()[0].text


def test_the_programs_own_requirements_are_read():
    assert any(requirement.startswith("torch>=") for requirement in doctor._requirements())


def test_a_cache_that_cannot_be_written_to_is_missing(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path / "file" / "cache"))
    found = doctor._cache()
    assert found.state == "missing" and "FOCUSBENCH_CACHE may name another folder" in found.text
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path / "cache"))
    assert doctor._cache().state == "ok"


def test_a_mirror_that_is_not_there_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("FOCUSBENCH_MIRROR", str(tmp_path / "nowhere"))
    found = doctor._mirror()
    assert found.state == "note" and "nowhere" in found.text


def test_own_plug_ins_are_told(monkeypatch, tmp_path):
    (tmp_path / "methods").mkdir()
    (tmp_path / "methods" / "hasty_one.py").write_text("import no_such_library\n")
    monkeypatch.chdir(tmp_path)
    (found,) = doctor._plugins()
    assert found.state == "note" and "methods/hasty_one.py:1" in found.text


@pytest.mark.parametrize(("state", "status"), [("ok", 0), ("note", 0), ("missing", 3)])
def test_only_what_is_missing_changes_the_status(state, status, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "diagnosis", lambda: iter([doctor.Finding("thing", state, "as it is")]))
    assert main(["doctor", "--json"]) == status
    said = json.loads(capsys.readouterr().out)
    assert said == {"works": not status, "findings": [{"subject": "thing", "state": state, "text": "as it is"}]}
