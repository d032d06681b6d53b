"""Scripts of the workflow run by hand, without Snakemake's run around them."""

import subprocess
import sys

from tests.workflow import _program as programs


def test_a_script_builds_its_job_from_the_snakefile(tmp_path):
    program = programs.copy(tmp_path / "program")
    command = [sys.executable, "-m", "workflow.scripts.network_diagram"]
    done = subprocess.run(command, cwd=program, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (program / "results/figures/network.png").stat().st_size > 1000


def test_commands_that_moved_say_where_to():
    for old, new in (("adopt", "adopt"), ("regenerate", "refresh"), ("held_out", "held-out")):
        command = [sys.executable, "-m", f"workflow.{old}"]
        done = subprocess.run(command, cwd=programs.ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2
        assert done.stderr.strip() == f"error: python -m workflow.{old} is now: python -m study {new}"
