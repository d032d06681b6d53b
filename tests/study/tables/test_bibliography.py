"""The bibliography of the LaTeX tables."""

import re
import subprocess

import pytest

import methods
from study.tables import bibliography
from tests.study._latex import LATEX


def test_every_method_but_the_controls_has_an_entry_of_its_own():
    keys = re.findall(r"^@misc\{(.+),$", bibliography.bibtex(), re.MULTILINE)
    assert len(keys) == len(set(keys))
    assert {m.id for m in methods.registry.all() if m.kind not in ("control", "external")} <= set(keys)
    assert not {m.id for m in methods.registry.all() if m.kind == "control"} & set(keys)


@pytest.mark.parametrize(
    ("citation", "authors", "title"),
    [
        ("R. J. O'Callaghan, X.-J. Wu, On & on, ICIP 2003.", "R. J. O'Callaghan and X.-J. Wu", r"On \& on, ICIP 2003"),
        (
            "H. Fu, Y. Gong, L. Wang et al., Some title, 2024",
            "H. Fu and Y. Gong and L. Wang and others",
            "Some title",
        ),
        ("MultiDimLab, A program of 2025", "", "MultiDimLab, A program of 2025"),
    ],
)
def test_authors_and_title_are_told_apart(citation, authors, title):
    text = bibliography.entry("key", citation)
    assert (f"author = {{{authors}}}" in text) == bool(authors)
    assert f"title = {{{{{title}}}}}" in text


@pytest.mark.parametrize(
    ("where", "title", "year"),
    [
        ("IEEE TIP 22(7), 2013", "IEEE TIP 22(7)", "2013"),
        ("Information Fusion 25 (2015) 72-84.", "Information Fusion 25, 72-84", "2015"),
        ("Displays 85, 2024, 102837", "Displays 85, 102837", "2024"),
        ("IJCV (2024)", "IJCV", "2024"),
        ("IAPR workshop (2018), LNCS, 1-17", "IAPR workshop, LNCS, 1-17", "2018"),
        ("Journal 8, 2007; settings of X, 2015", "Journal 8, 2007; settings of X, 2015", ""),
        ("PRCV 2023, LNCS", "PRCV 2023, LNCS", ""),
    ],
)
def test_a_year_is_a_field_or_in_the_text(where, title, year):
    text = bibliography.entry("key", f"X. Author, Some title, {where}")
    assert f"title = {{{{Some title, {title}}}}}" in text
    assert (f"year = {{{year}}}" in text) if year else ("year" not in text)


def test_no_entry_prints_a_year_twice():
    entries = re.split(r"\n(?=@misc)", bibliography.bibtex())
    fields = [(re.search(r"title = \{\{(.*)\}\}", each)[1], re.search(r"year = \{(\d+)\}", each)) for each in entries]
    assert sum(year is not None for _, year in fields) > len(fields) / 2
    assert not [title for title, year in fields if year and year[1] in title]


@pytest.mark.skipif(not LATEX, reason="no LaTeX with threeparttable")
def test_bibtex_takes_it(tmp_path):
    (tmp_path / "references.bib").write_text(bibliography.bibtex(), encoding="utf-8")
    document = r"\documentclass{article}\begin{document}\nocite{*}\bibliographystyle{plain}\bibliography{references}\end{document}"
    (tmp_path / "main.tex").write_text(document, encoding="utf-8")
    for command in (
        ["pdflatex", "-interaction=nonstopmode", "main"],
        ["bibtex", "main"],
        ["pdflatex", "-interaction=nonstopmode", "main"],
    ):
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False, timeout=60
        )
    assert "Warning" not in (tmp_path / "main.blg").read_text(errors="replace")
    assert done.returncode == 0, done.stdout[-1500:]
