"""Inline Markdown, the form of leads, notes and findings: escaping of foreign text, and what it is in HTML and in LaTeX."""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

#: Marks of Markdown (and of GitHub's dialect: ``$``, ``~``, ``|``): a bracket counts where a link could follow, an ampersand where an entity
#: could, an underscore where it does not join two letters.
_MARKUP = re.compile(r"[\\`*<|$~]|\](?=[(\[:])|&(?=#|\w+;)|(?<![^\W_])_|_(?![^\W_])")
#: What makes a line a heading, a list or a quotation.
_LINE_START = re.compile(r"^(?P<number>\d*)(?=(?:(?<=\d)[.)]|(?<!\d)(?:#+|[+=-]))(?:\s|$)|---|>)")
_CODE = re.compile(r"(`[^`]+`)")

_LATEX = (
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}", "`": r"\`{}"}
    | {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
    | {"–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "…": r"\dots{}", "\u00a0": "~", "\u00ad": ""}
    | {"−": "$-$", "·": r"$\cdot$", "×": r"$\times$", "±": r"$\pm$", "≤": r"$\leq$", "≥": r"$\geq$", "≈": r"$\approx$"}
    | {"²": "$^2$", "³": "$^3$", "µ": r"$\mu$", "μ": r"$\mu$", "χ": r"$\chi$", "σ": r"$\sigma$", "°": r"$^\circ$"}
    | {"↑": r"$\uparrow$", "↓": r"$\downarrow$", "→": r"$\to$"}
)


def escape(text: str) -> str:
    """Foreign plain text (a label, a name) as Markdown that shows it as it stands, also where a line begins with it."""
    return _LINE_START.sub(lambda found: found["number"] + "\\", escape_within(text))


def escape_within(text: str) -> str:
    """The same inside a line, where hyphens, digits and the like need no escape."""
    return _MARKUP.sub(lambda found: "\\" + found[0], re.sub(r"\s+", " ", text))


def message(text: str) -> str:
    """A message of a program as Markdown: as `escape`, but commands in backticks stay code."""
    return "".join(part if number % 2 else escape(part) for number, part in enumerate(_CODE.split(text)))


def escape_latex(text: str) -> str:
    """Plain text as LaTeX that prints it; characters that pdfLaTeX does not know lose their accents or become "?"."""
    return re.sub(r"-+|.", _latex, re.sub(r"\s", " ", text))


def _latex(found: re.Match[str]) -> str:
    character = found[0]
    if character[0] == "-":
        # Two hyphens side by side would become a dash.
        return "{}".join(character)
    if character in _LATEX:
        return _LATEX[character]
    if 32 <= ord(character) < 127 or 161 <= ord(character) <= 255:
        return character
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return "".join(_LATEX.get(c, c) for c in plain if c.isprintable()) or (
        "" if unicodedata.combining(character) else "?"
    )


@functools.cache
def parser() -> MarkdownIt:
    """The Markdown of this program: CommonMark with tables; HTML stays text, and only https addresses become links."""
    from markdown_it import MarkdownIt

    found = MarkdownIt("commonmark", {"html": False}).enable("table")
    found.add_render_rule("link_open", _link_open)
    found.add_render_rule("link_close", _link_close)
    return found


def to_html(text: str) -> str:
    """Inline Markdown as HTML, without a paragraph around it."""
    return str(parser().renderInline(text))


def _link_open(renderer: Any, tokens: Sequence[Token], place: int, options: Any, env: dict[str, Any]) -> str:
    target = str(tokens[place].attrs.get("href", ""))
    # A relative link has no target in a page that stands alone.
    env.setdefault("links", []).append(target.startswith("https://"))
    return f'<a href="{html.escape(target)}" rel="noreferrer">' if env["links"][-1] else ""


def _link_close(renderer: Any, tokens: Sequence[Token], place: int, options: Any, env: dict[str, Any]) -> str:
    return "</a>" if env["links"].pop() else ""


_OPEN = {"strong_open": r"\textbf{", "em_open": r"\emph{", "strong_close": "}", "em_close": "}"}


def to_latex(text: str) -> str:
    """Inline Markdown as LaTeX; links keep their text."""
    parts = []
    for token in parser().parseInline(text)[0].children or ():
        if token.type == "code_inline":
            parts.append(rf"\texttt{{{escape_latex(token.content)}}}")
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        else:
            parts.append(_OPEN.get(token.type) or escape_latex(token.content))
    return "".join(parts)
