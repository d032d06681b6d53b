"""A Slurm cluster of one node: what is missing is named. Where a cluster is running, the workflow through it makes the same tables as here."""

import shutil
import subprocess

import pytest
import yaml

from benchmarks import kills
from tests.workflow import _program as programs
from tools import slurm_node


def _reachable():
    """Whether Slurm is installed and its daemons answer."""
    if shutil.which("sbatch") is None:
        return False
    try:
        command = ["sinfo", "--noheader", "--format=%t"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and bool({"idle", "mix", "alloc"} & set(done.stdout.split()))


def test_missing_programs_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(slurm_node, "PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=r"munged, .*sinfo: not installed.*apt install slurmctld"):
        slurm_node.start(tmp_path / "node")
    assert not (tmp_path / "node").exists()


def test_a_number_that_another_program_has_now_stops_nothing(tmp_path):
    """After a restart of the machine."""
    with subprocess.Popen(["sleep", "60"]) as other:
        (tmp_path / "slurmd.pid").write_text(str(other.pid))
        slurm_node.stop(tmp_path)
        assert other.poll() is None
        other.kill()


def test_the_profile_names_rules_that_there_are():
    profile = yaml.safe_load((programs.ROOT / "profiles/slurm/config.yaml").read_text(encoding="utf-8"))
    rules = "".join(path.read_text(encoding="utf-8") for path in (programs.ROOT / "workflow/rules").glob("*.smk"))
    assert all(f"rule {name}:" in rules for name in profile["set-resources"])
    default = yaml.safe_load((programs.ROOT / "profiles/default/config.yaml").read_text(encoding="utf-8"))
    shared = ("keep-going", "scheduler", "rerun-incomplete", "rerun-triggers", "nolock")
    assert {name: profile[name] for name in shared} == {name: default[name] for name in shared}


@pytest.mark.slow
@pytest.mark.skipif(not _reachable(), reason="no Slurm cluster is running here")
def test_the_tables_are_those_of_a_local_run(tmp_path):
    kills.make_scenes(tmp_path / "scenes")
    program = programs.copy(tmp_path / "program")
    config = programs.configure(tmp_path / "c.json", tmp_path / "scenes", methods=["average", "gff"], device="cpu")
    table = "results/tables/mine/table.csv"
    done = programs.run(program, tmp_path / "here", config, table)
    assert done.returncode == 0, done.stderr[-3000:]
    (tmp_path / "cluster").mkdir()
    command = programs.command(program, config, table)
    command[command.index("--profile") : command.index("--profile") + 2] = [
        *("--workflow-profile", str(program / "profiles" / "slurm")),
        # The cluster of one node has no accounting for sacct to ask.
        *("--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "5"),
    ]
    del command[command.index("--cores") : command.index("--cores") + 2]
    done = subprocess.run(command, cwd=tmp_path / "cluster", capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "submitted with SLURM jobid" in done.stderr
    for name in (table, "results/tables/mine/scores.csv"):
        assert (tmp_path / "cluster" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()
