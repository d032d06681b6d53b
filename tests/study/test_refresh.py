"""The tables of the reference run are those of its scores, byte for byte.

Files are taken from git's index: what is committed, or staged to be.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from files.errors import InputError
from study import refresh

ROOT = Path(__file__).resolve().parents[2]
CHECKED = ("README.md", refresh.REFERENCE)
#: What tables are made from; ``pooled/about.json`` names the data sets and is written again.
KEPT = (
    "scores.csv",
    "about.json",
    "timing.csv",
    "fidelity.csv",
    "metric_calibration.csv",
    "metric_degradations.csv",
    "published_truth.csv",
    "published_behaviour.csv",
    "published_places.csv",
    "real_calibration.csv",
    "gacn_stacks.csv",
    "stack_quality.csv",
    "ablation.csv",
)
#: Tables that are made from other things than scores, by other targets.
ELSEWHERE = ("gacn_stacks", "stack_quality", "stack_memory", "ablation", "held_out")


@pytest.fixture(scope="module")
def committed(tmp_path_factory):
    """Folder with the README and the reference run as they are in git, or in an unpacked archive as they lie there."""
    root = tmp_path_factory.mktemp("committed")
    if not (ROOT / ".git").exists():
        for name in CHECKED:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, root / name)
        return root
    listed = subprocess.run(["git", "ls-files", "-z", "--", *CHECKED], cwd=ROOT, capture_output=True, check=True)
    command = ["git", "checkout-index", "-z", "--stdin", f"--prefix={root}/"]
    subprocess.run(command, cwd=ROOT, input=listed.stdout, check=True)
    return root


@pytest.fixture(scope="module")
def again(committed, tmp_path_factory):
    """The reference run made again from a copy of what is kept."""
    root = tmp_path_factory.mktemp("kept") / "reference"
    for path in (committed / refresh.REFERENCE).glob("tables/**/*"):
        if path.name in KEPT:
            target = root / path.relative_to(committed / refresh.REFERENCE)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    assert refresh.refresh(str(root)) == [str(root)]
    return root


def _names(root):
    found = [p for p in root.glob("tables/**/*") if p.is_file() and not p.name.startswith(ELSEWHERE)]
    return {p.relative_to(root).as_posix() for p in found} | {"FINDINGS.md"}


def test_every_table_is_made_again(committed, again):
    assert _names(again) == _names(committed / refresh.REFERENCE), (
        "run `python -m study refresh` and add what it writes"
    )


def test_the_bytes_are_the_same(committed, again):
    kept = committed / refresh.REFERENCE
    differing = [n for n in sorted(_names(kept)) if (again / n).read_bytes() != (kept / n).read_bytes()]
    assert not differing, f"{differing} do not fit the scores: run `python -m study refresh` and add what it writes"


def test_the_readme_shows_the_main_table(committed):
    readme = (committed / "README.md").read_text(encoding="utf-8")
    table = (committed / refresh.REFERENCE / "tables" / refresh.MAIN / "table.md").read_text(encoding="utf-8")
    assert refresh.START in readme and refresh.END in readme
    assert readme == refresh.with_table(readme, table), "run `python -m study refresh` and add README.md"


def test_only_the_reference_run_is_kept_and_it_is_small():
    listed = subprocess.run(["git", "ls-files", "-z", "results"], cwd=ROOT, capture_output=True, check=True).stdout
    names = [name for name in listed.decode().split("\0") if name]
    assert all(name.startswith(f"{refresh.REFERENCE}/") for name in names)
    assert sum((ROOT / name).stat().st_size for name in names if (ROOT / name).is_file()) < 13e6


def test_a_folder_without_tables_is_refused(tmp_path):
    with pytest.raises(InputError, match="results of a finished run"):
        refresh.refresh(str(tmp_path))
