"""LaTeX of the stored tables: nothing that LaTeX would stop at; and the check itself sees what is wrong."""

from pathlib import Path

import pytest

from tests.study._latex import CLASSES, LATEX, overfull, problems

STORED = sorted((Path(__file__).resolve().parents[3] / "results" / "reference" / "tables").rglob("*.tex"))
SOUND = "\\begin{table}\n\\caption{c}\n\\begin{tabular}{l}\na \\\\\n1 \\\\\n\\end{tabular}\n\\end{table}\n"


def test_the_check_passes_a_sound_table():
    assert problems(SOUND) == []


@pytest.mark.parametrize(
    "broken",
    [
        SOUND.replace("{l}", "{lr}"),
        SOUND.replace("1 ", "1 & 2_3 "),
        SOUND.replace("{c}", "{c }}"),
        SOUND.replace("1 ", r"\foo "),
        SOUND.replace("1 ", "≥ 1 "),
        SOUND.replace("1 ", "[1] "),
        SOUND.replace("\\end{tabular}", ""),
    ],
)
def test_the_check_sees_what_is_wrong(broken):
    assert problems(broken)


def test_there_are_stored_tables():
    assert STORED


@pytest.mark.parametrize("path", STORED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_stored_tables_are_well_formed(path):
    assert problems(path.read_text(encoding="utf-8")) == []


@pytest.mark.skipif(not LATEX, reason="no LaTeX with threeparttable")
@pytest.mark.parametrize("options", CLASSES.values(), ids=CLASSES)
def test_stored_tables_stay_inside_the_text(options, tmp_path):
    assert overfull(STORED, tmp_path, options) == []
