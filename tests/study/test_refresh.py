"""The tables in the repository are those of the scores in the repository, byte for byte.

A run writes into the same folder, so the files are taken from git's index: what is committed, or staged to be.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from study import regenerate

ROOT = Path(__file__).resolve().parents[2]
CHECKED = ("README.md", "results/FINDINGS.md", "results/tables")
#: What tables are made from; ``pooled/about.json`` names the data sets and is written again.
KEPT = (
    "scores.csv",
    "about.json",
    "timing.csv",
    "fidelity.csv",
    "metric_calibration.csv",
    "gacn_stacks.csv",
    "stack_quality.csv",
    "ablation.csv",
)
#: Tables of a run that are made from other things than scores.
ELSEWHERE = ("gacn_stacks", "stack_quality", "ablation", "training", "held_out")


@pytest.fixture(scope="module")
def committed(tmp_path_factory):
    """Folder with the README and the results as they are in git, or in an unpacked archive as they lie there."""
    root = tmp_path_factory.mktemp("committed")
    if not (ROOT / ".git").exists():
        for name in CHECKED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            (root / name).parent.mkdir(exist_ok=True)
            copy(ROOT / name, root / name)
        return root
    listed = subprocess.run(["git", "ls-files", "-z", "--", *CHECKED], cwd=ROOT, capture_output=True, check=True)
    command = ["git", "checkout-index", "-z", "--stdin", f"--prefix={root}/"]
    subprocess.run(command, cwd=ROOT, input=listed.stdout, check=True)
    return root


@pytest.fixture(scope="module")
def again(committed, tmp_path_factory):
    """The results made again from a copy of what is kept."""
    root = tmp_path_factory.mktemp("results")
    for path in (committed / "results").glob("tables/**/*"):
        if path.name in KEPT:
            target = root / path.relative_to(committed / "results")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    regenerate.run(root)
    return root


def _names(root):
    found = [p for p in root.glob("tables/**/*") if p.is_file() and not p.name.startswith(ELSEWHERE)]
    return {p.relative_to(root).as_posix() for p in found} | {"FINDINGS.md"}


def test_every_table_is_made_again(committed, again):
    assert _names(again) == _names(committed / "results"), "run `python -m study.regenerate` and add what it writes"


def test_the_bytes_are_the_same(committed, again):
    results = committed / "results"
    differing = [n for n in sorted(_names(results)) if (again / n).read_bytes() != (results / n).read_bytes()]
    assert not differing, f"{differing} do not fit the scores: run `python -m study.regenerate` and add what it writes"


def test_the_readme_shows_the_main_table(committed):
    readme = (committed / "README.md").read_text(encoding="utf-8")
    table = (committed / "results/tables" / regenerate.MAIN / "table.md").read_text(encoding="utf-8")
    assert regenerate.START in readme and regenerate.END in readme
    assert readme == regenerate.with_table(readme, table), "run `python -m study.regenerate` and add README.md"
