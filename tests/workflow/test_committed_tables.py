"""The tables in the repository are those of the scores in the repository, byte for byte."""

import shutil
from pathlib import Path

import pytest

from workflow import regenerate

RESULTS = Path(__file__).resolve().parents[2] / "results"
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
def again(tmp_path_factory):
    """The results made again from a copy of what is kept."""
    root = tmp_path_factory.mktemp("results")
    for path in RESULTS.glob("tables/**/*"):
        if path.name in KEPT:
            target = root / path.relative_to(RESULTS)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    regenerate.run(root)
    return root


def _names(root):
    found = [p for p in root.glob("tables/**/*") if p.is_file() and not p.name.startswith(ELSEWHERE)]
    return {p.relative_to(root).as_posix() for p in found} | {"FINDINGS.md"}


def test_every_table_is_made_again(again):
    assert _names(again) == _names(RESULTS), "run `python -m workflow.regenerate` and commit what it writes"


def test_the_bytes_are_the_same(again):
    differing = [n for n in sorted(_names(RESULTS)) if (again / n).read_bytes() != (RESULTS / n).read_bytes()]
    assert not differing, (
        f"{differing} do not fit the scores: run `python -m workflow.regenerate` and commit what it writes"
    )


def test_the_readme_shows_the_main_table():
    readme = regenerate.README.read_text(encoding="utf-8")
    table = (RESULTS / "tables" / regenerate.MAIN / "table.md").read_text(encoding="utf-8")
    assert regenerate.START in readme and regenerate.END in readme
    assert readme == regenerate.with_table(readme, table), "run `python -m workflow.regenerate` and commit README.md"
