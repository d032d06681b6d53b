"""LaTeX of the tables: nothing that LaTeX would stop at, whatever labels and notes hold."""

import shutil
import subprocess
from pathlib import Path

import pytest

from study.tables import latex
from tests.study._latex import problems

COMMITTED = sorted((Path(__file__).resolve().parents[2] / "results/tables").rglob("*.tex"))
DOCUMENT = r"\documentclass[a4paper]{article}\usepackage[T1]{fontenc}\usepackage{booktabs}\begin{document}\input{table}\end{document}"


def test_text_with_special_characters_is_escaped():
    nasty = r"50 % & 3 # of a_b^c ~ {x} \y <z> $ | – é"
    text = latex.document(
        latex.table(latex.escape(nasty), "x", ["Method", "$Q_{G}$"], [[latex.escape(nasty), "1"], None], notes=[nasty]),
        latex.paragraph([nasty]),
    )
    assert problems(text) == []


@pytest.mark.parametrize(
    "broken",
    [
        latex.table("c", "x", ["a", "b"], [["1"]]),
        latex.table("c", "x", ["a"], [["1 & 2_3"]]),
        latex.table("c }", "x", ["a"], [["1"]]),
        latex.table("c", "x", ["a"], [[r"\foo"]]),
        latex.table("c", "x", ["a"], [["≥ 1"]]),
        latex.table("c", "x", ["a"], [["1"]]).replace(r"\end{tabular}", ""),
    ],
)
def test_the_check_sees_what_is_wrong(broken):
    assert problems(broken)


@pytest.mark.parametrize("path", COMMITTED, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_committed_tables_are_well_formed(path, tmp_path):
    text = path.read_text(encoding="utf-8")
    assert problems(text) == []
    if shutil.which("pdflatex"):
        (tmp_path / "table.tex").write_text(text, encoding="utf-8")
        (tmp_path / "main.tex").write_text(DOCUMENT, encoding="utf-8")
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "main.tex"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:]
