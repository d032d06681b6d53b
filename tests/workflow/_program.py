"""A copy of the program to run, edit and break: Snakemake keeps its own state in the working folder."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("Snakefile", "workflow", "study", "files", "methods", "metrics", "imaging", "scenes", "config", "profiles")


def copy(folder):
    """A copy of the program in a folder, which is made when missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(
                ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
            )
        else:
            shutil.copy(ROOT / part, folder / part)
    return folder


def command(program, config, *targets):
    """The command of a run."""
    names = [sys.executable, "-m", "snakemake", "--cores", "2", "-s", str(program / "Snakefile")]
    return [*names, "--profile", str(program / "profiles" / "default"), *targets, "--configfile", str(config)]


def configure(path, folder, **more):
    """Write a small configuration."""
    config = {
        "datasets": ["mine"],
        "folders": {"mine": str(folder)},
        "methods": ["average", "lp", "gff"],
        "metrics": ["q_mi", "q_g", "ssim"],
        "timing": {"enabled": False},
        "figures": {"sheets": False},
    } | more
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(config), encoding="utf-8")
    return path


def run(program, work, config, *targets):
    """Run in a working folder; the finished process."""
    work.mkdir(exist_ok=True, parents=True)
    return subprocess.run(
        command(program, config, *targets), cwd=work, capture_output=True, text=True, timeout=300, check=False
    )


def planned(program, work, config, *targets):
    """What a dry run would do: rule -> number of jobs."""
    done = run(program, work, config, *targets, "--dry-run")
    assert done.returncode == 0, done.stderr[-3000:]
    rows = re.findall(r"^(\w+) +(\d+)$", done.stdout.partition("Job stats:")[2], re.MULTILINE)
    return {name: int(count) for name, count in rows if name not in ("total", *targets)}
