"""``focusbench``: its verbs, their help, and what it passes on."""

import importlib
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import focusbench
from files import machine
from focusbench import completion, listing, running
from focusbench.__main__ import STUDY, VERBS, main, parser

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("verb", [*VERBS, *STUDY, "completion"])
def test_every_verb_has_a_help_under_its_own_name(verb, capsys):
    try:
        status = main([verb, "--help"])
    except SystemExit as ended:
        status = ended.code
    assert not status
    assert capsys.readouterr().out.startswith(f"usage: focusbench {verb} ")


def test_the_help_names_every_verb():
    shown = parser().format_help()
    assert all(f"\n    {verb} " in shown or f"\n    {verb}\n" in shown for verb in (*VERBS, *STUDY))


def test_a_wrong_verb_is_one_line_with_the_known_ones(capsys):
    assert main(["fuze"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and "unknown 'fuze'; did you mean fuse" in said[0]


@pytest.mark.parametrize(
    ("words", "option", "meant"),
    [
        (["compare", "gff", "--dataset", "lytro"], "--dataset", "--datasets"),
        (["table", "--datset=lytro"], "--datset", "--dataset"),
        (["list", "--jsn"], "--jsn", "--json"),
        (["--versoin"], "--versoin", "--version"),
    ],
)
def test_a_wrong_option_is_one_line_with_the_nearest(words, option, meant, capsys):
    assert main(words) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and f"unknown option {option}; did you mean {meant}" in said[0]


def test_a_folder_is_scored_as_the_images_of_a_data_set(tmp_path, capsys):
    assert main(["score", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith(f"error: {tmp_path}: ")
    assert main(["score", "nosuch"]) == 2
    assert "nosuch: this folder does not exist" in capsys.readouterr().err
    assert main(["score", "nosuch", "--fused", "fused"]) == 2
    assert "this folder" not in capsys.readouterr().err
    assert main(["score", "near.png", "far.png"]) == 2
    assert "--fused" in capsys.readouterr().err


def test_the_help_of_score_shows_folders_first(capsys):
    with pytest.raises(SystemExit):
        main(["score", "--help"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("usage: focusbench score FOLDER ")
    assert lines[1].strip().startswith("focusbench score [-h] --fused IMAGE")


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert not ended.value.code
    assert capsys.readouterr().out == f"focusbench {focusbench.__version__}\n"
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    assert (ROOT / tool["version"]["path"]).samefile(str(machine.__file__))
    assert focusbench.__version__ == machine.VERSION


def test_the_list_is_what_the_rooms_say(monkeypatch, capsys):
    for what, room in listing.ROOMS.items():
        module = importlib.import_module(f"{room}.__main__")
        monkeypatch.setattr(module, "rows", lambda what=what: [{"id": f"one of {what}"}])
        monkeypatch.setattr(module, "print_rows", lambda rows: print(rows[0]["id"]))
    assert main(["list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {what: [{"id": f"one of {what}"}] for what in listing.ROOMS}
    assert main(["list"]) == 0
    heads_and_rows = [line for what in listing.ROOMS for line in (f"{what}:", f"one of {what}")]
    assert capsys.readouterr().out.splitlines() == heads_and_rows
    assert main(["list", "metrics"]) == 0
    assert capsys.readouterr().out == "one of metrics\n"


@pytest.fixture
def started(monkeypatch):
    """What would take the place of this process."""
    calls = []
    monkeypatch.setattr(os, "execv", lambda program, command: calls.append(command))
    return calls


def test_run_passes_everything_on_to_snakemake(started, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["run", "-n", "--configfile", "config/embedded.yaml", "--config", 'methods=["gff"]', "tables"]) == 0
    start = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--cores", "all"]
    placed = str(ROOT / "config" / "embedded.yaml")
    assert started == [[*start, "-n", "--configfile", placed, "--config", 'methods=["gff"]', "tables"]]


def test_report_is_a_target(started):
    main(["report", "--cores", "3"])
    assert started[0][-3:] == ["report", "--cores", "3"]


def test_help_of_run_starts_nothing(started, capsys):
    assert main(["run", "--help"]) == 0
    assert "passed on to Snakemake" in capsys.readouterr().out and not started


@pytest.mark.parametrize("cores", [["-c4"], ["--cores", "2"], ["--cores=2"], ["-j", "8"], ["--jobs=8"]])
def test_a_given_number_of_cores_stays(cores):
    assert "all" not in running.snakemake(cores)


def test_a_configuration_of_the_current_folder_comes_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert str(ROOT / "config" / "full.yaml") in running.snakemake(["--configfile", "config/full.yaml"])
    assert f"--configfile={ROOT / 'config' / 'full.yaml'}" in running.snakemake(["--configfile=config/full.yaml"])
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "full.yaml").write_text("datasets: [embedded]\n")
    assert running.snakemake(["--configfile", "config/full.yaml"])[-1] == "config/full.yaml"


def test_where_libraries_are_missing_the_doctor_still_speaks():
    def run(*arguments):
        code = "import sys; from focusbench.__main__ import main; sys.exit(main(sys.argv[1:]))"
        # Without the module `site` there is nothing but the standard library.
        return subprocess.run(
            [sys.executable, "-S", "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )

    done = run("doctor", "--json")
    assert done.returncode == 3, done.stderr
    said = json.loads(done.stdout)
    missing = {row["subject"] for row in said["findings"] if row["state"] == "missing"}
    assert said["works"] is False and {"numpy", "torch", "snakemake"} <= missing
    done = run("list")
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1 and "focusbench doctor says what is missing" in done.stderr


def test_the_completion_knows_the_verbs(capsys):
    pytest.importorskip("shtab")
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    assert all(verb in script for verb in VERBS) and "--decision-map" in script


def test_the_completion_knows_methods_and_files(tmp_path):
    shtab = pytest.importorskip("shtab")
    del shtab
    script = tmp_path / "completion"
    script.write_text(completion.script(parser(), "bash"))
    (tmp_path / "near.png").write_text("")

    def complete(*words):
        # What bash does at the key: the line in COMP_WORDS, the answer in COMPREPLY.
        line = f'source {script}; COMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}; {function}; printf "%s\\n" "${{COMPREPLY[@]}}"'
        done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.stdout.split()

    function = re.search(r"^complete .*-F (\w+) focusbench$", script.read_text(), re.MULTILINE)[1]
    assert complete("focusbench", "conv") == ["conventions"]
    assert complete("focusbench", "fuse", "dsi") == ["dsift"]
    assert complete("focusbench", "fuse", "dsift", "nea") == ["near.png"]
    assert complete("focusbench", "show", "lytro_t") == ["lytro_triple"]
