"""The rules of this room: all can be planned, from kept tables only what these can give."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_all_rules_of_the_room_can_be_planned(tmp_path):
    """A dry run: every table and figure of stacks and ablation can be made."""
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "--cores", "1", "-n"]
    command += ["stacks", "ablation", "train", "--directory", str(tmp_path), "--config", "align={v4: similarity}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    rules = ("time_stacks", "stack_time_table", "stack_time_figure", "stack_quality", "stack_view", "stack_alignment")
    rules += (
        "stack_alignment_figure",
        "ablation_table",
        "ablation_figure",
        "train_network",
        "training_figure",
        "train",
    )
    for rule in rules:
        assert f"rule {rule}:" in done.stdout + done.stderr, rule
