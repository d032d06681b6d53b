"""``python -m scenes``: output, exit statuses, one line per error."""

import json

import numpy as np
import pytest

import scenes
from files import catalogue, command
from scenes import __main__ as cli


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Runs a command line in a cache of its own, offline; gives status, standard output and error lines."""
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")

    def call(*arguments):
        status = command.run(cli._parser(), [str(each) for each in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err.splitlines()

    return call


def test_list_json(run, monkeypatch):
    monkeypatch.setenv("FOCUSBENCH_MIRROR", "")
    status, out, errors = run("list", "--json")
    rows = {row["id"]: row for row in json.loads(out)}
    assert status == 0 and errors == []
    assert list(rows) == scenes.ids()
    assert rows["embedded"]["available"] is True and rows["embedded"]["reason"] == ""
    assert rows["v4"]["available"] is False and "python -m scenes fetch v4" in rows["v4"]["reason"]
    assert rows["lytro"]["scenes"] == 20
    assert rows["lytro"]["here"] == 0 and rows["embedded"]["here"] == 10


def test_list_for_people(run):
    status, out, _ = run("list")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == scenes.ids()


def test_show(run, monkeypatch):
    monkeypatch.setenv("FOCUSBENCH_MIRROR", "")
    status, out, _ = run("show", "embedded_stacks")
    assert status == 0 and "scikit-image" in out
    lines = {line.split()[1]: line for line in out.splitlines() if " images" in line and line.split()[0].isdigit()}
    assert lines["lights"].split() == ["1", "lights", "3", "images", "truth"]
    assert lines["coin_steps_breathing"].endswith("7 images  truth, not aligned")
    status, out, _ = run("show", "v4", "--json")
    assert status == 0 and "python -m scenes fetch v4" in json.loads(out)["scenes"][0]["reason"]


def test_some_scenes_are_shown_and_exported(run, tmp_path):
    status, out, _ = run("show", "embedded/2-3", "--json")
    names = [scene.name for scene in scenes.load("embedded").scenes]
    shown = json.loads(out)["scenes"]
    assert status == 0 and [(row["number"], row["scene"]) for row in shown] == [(2, names[1]), (3, names[2])]
    status, out, _ = run("export", f"embedded/{names[0]}", "-o", tmp_path / "out")
    assert status == 0 and [path.name for path in (tmp_path / "out").iterdir()] == names[:1]
    for wanted, words in (("embedded/", "behind the slash"), ("embedded/99", "has no scenes '99'")):
        status, _, errors = run("show", wanted)
        assert status == 2 and words in errors[0]


def test_fetch(run, mirror):
    status, out, errors = run("fetch", "lytro_triple", "gacn", "--json")
    rows = json.loads(out)
    assert status == 0 and errors == []
    assert [row["id"] for row in rows] == ["lytro_triple", "gacn"]
    assert rows[0]["files"] == 12
    assert rows[0]["bytes"] == sum(row.bytes for row in catalogue.rows("lytro_triple"))


def test_fetch_says_what_cannot_be_had_and_brings_the_rest(run, mirror):
    status, out, errors = run("fetch", "am2k_demo", "gacn")
    assert status == 3
    assert out.startswith("gacn: 2 files")
    assert len(errors) == 1 and errors[0].startswith("error: am2k_demo: ") and "FOCUSBENCH_OFFLINE" in errors[0]


def test_fetch_of_a_wrong_file(run, tmp_path, monkeypatch):
    row = catalogue.rows("csr")[0]
    place = tmp_path / "mirror" / row.location
    place.parent.mkdir(parents=True)
    place.write_bytes(b"wrong")
    monkeypatch.setenv("FOCUSBENCH_MIRROR", str(tmp_path / "mirror"))
    status, _, errors = run("fetch", "csr")
    assert status == 1
    assert len(errors) == 1 and row.sha256 in errors[0] and str(place) in errors[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fetch", "lytor"), "did you mean lytro"),
        (("fetch", "embeded"), "did you mean embedded"),
        (("fetch",), "NAME"),
        (("export", "lytor", "-o", "x"), "did you mean lytro"),
        (("export", "lytro"), "--output"),
        (("lst",), "list"),
        ((), "required"),
        (("catalogue", "--manifest", "nowhere"), "manifest.csv"),
    ],
)
def test_bad_input(run, arguments, words):
    status, out, errors = run(*arguments)
    assert status == 2 and out == ""
    assert len(errors) == 1 and words in errors[0]


def test_export_can_be_loaded_as_a_folder(run, mirror, tmp_path):
    folder = tmp_path / "my export"
    status, out, _ = run("export", "synth_wave", "-o", folder, "--json")
    assert status == 0 and json.loads(out)["sources"] == 30
    original, copy = scenes.load("synth_wave"), scenes.load("copy", folder=folder)
    assert [scene.name for scene in copy.scenes] == [scene.name for scene in original.scenes]
    first, second = original.scenes[4], copy.scenes[4]
    assert all(np.array_equal(a, b) for a, b in zip(first.sources, second.sources, strict=True))
    assert np.array_equal(first.truth().image, second.truth().image)
    assert np.array_equal(first.truth().index_map, second.truth().index_map)


def test_align_error(run, mirror):
    status, out, _ = run("align-error", "ma_mfif", "--json")
    rows = {row["scene"]: row for row in json.loads(out)}
    assert status == 0 and len(rows) == 8
    ring = rows["ma_mfif_v1_003"]
    assert ring["before"] > 1.5 * ring["after"] > 0
    status, out, errors = run("align-error", "lytro")
    assert status == 2 and errors[0].startswith("error: no points are known of lytro")


def test_export_to_a_file(run, tmp_path):
    (tmp_path / "file").write_text("")
    status, _, errors = run("export", "lytro", "-o", tmp_path / "file")
    assert status == 2 and len(errors) == 1
