"""Inline Markdown: foreign text shows as it stands, in HTML and in LaTeX."""

import re
from html import unescape

import pytest

from study.tables import inline
from tests.study._latex import problems

HOSTILE = [
    r"a|b", "a & b", "my_method", "_x_ and __y__", "<b>bold</b>", "$x$ costs 5 $", "*star*", "`code`", "[text](https://example.org)", r"back\slash",
    "# head", "1. first", "- item", "+ item", "> quote", "&amp;", "~~gone~~", "{brace}", "50 % ^ 2", "--option", "éß µ χ² ≥ 漢字 ő", "line\nbreak", "[a", "=",
]  # fmt: skip


def _text_of(html):
    return unescape(re.sub(r"<[^>]+>", "", html))


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_shows_as_it_stands(text):
    assert _text_of(inline.to_html(inline.escape(text))) == " ".join(text.split())
    document = inline.parser().render("- " + inline.escape(text))
    assert document.startswith("<ul>\n<li>") and document.count("<") == 4, "one list item, no markup of its own"


@pytest.mark.parametrize("text", HOSTILE)
def test_latex_of_any_text_is_well_formed(text):
    assert problems(inline.escape_latex(text)) == []
    assert problems(inline.to_latex(inline.escape(text))) == []


def test_metric_names_need_no_escape():
    assert inline.escape("Q_MI of SR (step 2)") == "Q_MI of SR (step 2)"


def test_a_message_keeps_its_commands_as_code():
    text = inline.message("no <file>; run `python -m scenes fetch a_b` first")
    assert inline.to_html(text) == "no &lt;file&gt;; run <code>python -m scenes fetch a_b</code> first"
    assert inline.to_latex(text) == r"no \textless{}file\textgreater{}; run \texttt{python -m scenes fetch a\_b} first"


def test_marks_and_links():
    assert inline.to_html("**a** *b* `c`") == "<strong>a</strong> <em>b</em> <code>c</code>"
    assert inline.to_latex("**a** *b* `c`") == r"\textbf{a} \emph{b} \texttt{c}"
    assert inline.to_html("[x](https://example.org)") == '<a href="https://example.org" rel="noreferrer">x</a>'
    assert inline.to_html("[x](extended.md) [y](javascript:alert(1))") == "x [y](javascript:alert(1))"
    assert inline.to_latex("[x](extended.md)") == "x"
    assert inline.to_html("<script>") == "&lt;script&gt;"


def test_latex_keeps_hyphens_and_drops_what_it_does_not_know():
    assert inline.escape_latex("--option a-b –") == "-{}-option a-b --"
    assert inline.escape_latex("ő 漢") == "o ?"
