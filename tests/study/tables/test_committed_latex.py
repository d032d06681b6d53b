"""LaTeX of the stored tables: nothing that LaTeX would stop at; and the check itself sees what is wrong."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.study._latex import problems

STORED = sorted((Path(__file__).resolve().parents[3] / "results").glob("**/tables/**/*.tex"))
DOCUMENT = r"\documentclass[a4paper]{article}\usepackage[T1]{fontenc}\usepackage{booktabs}\begin{document}\input{table}\end{document}"
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
def test_stored_tables_are_well_formed(path, tmp_path):
    text = path.read_text(encoding="utf-8")
    assert problems(text) == []
    if shutil.which("pdflatex"):
        (tmp_path / "table.tex").write_text(text, encoding="utf-8")
        (tmp_path / "main.tex").write_text(DOCUMENT, encoding="utf-8")
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "main.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
