"""Everything that tables name, for LaTeX: one entry per method, metric and data set.

The key of ``\\cite`` is the id of a method, ``metric-ID`` or ``data-ID``.
"""

import re
from collections.abc import Iterator

import methods
import metrics
import scenes
from files.atomic import write_text
from study.store import Results
from study.tables.inline import escape_latex

#: Initials, then a family name of one or more words; "et al." may follow the last.
_AUTHOR = re.compile(
    r"(?:[A-ZÀ-Ý]\.[ -]?)+ ?(?:(?:de|van|von|der) )*[A-ZÀ-Ýa-z][\w'’-]+(?: [A-Z][\w'’-]+)*(?: et al\.)?"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
#: The year as a part of its own: at the end, before pages, or in parentheses behind a volume.
_YEAR_APART = re.compile(r"(?:, ((?:19|20)\d\d)| \(((?:19|20)\d\d)\))(?P<rest>,| (?=\d)|$)")


def bibtex() -> str:
    """The bibliography: methods, metrics and data sets of the program that have a source."""
    return "\n".join(entry(*each) for each in _sources())


def _sources() -> Iterator[tuple[str, str, str]]:
    """Key, citation and DOI."""
    for method in methods.registry.all():
        if method.kind not in ("control", "external"):
            yield method.id, method.citation, method.doi
    for metric in metrics.registry.all():
        if not metric.citation.startswith("No source"):
            yield f"metric-{metric.id}", metric.citation, ""
    for name in scenes.ids():
        yield f"data-{name}", scenes.load(name).citation, ""


def entry(key: str, citation: str, doi: str = "") -> str:
    """One entry of BibTeX.

    Parameters
    ----------
    key : str
    citation : str
        Authors, title, where, year; in this order, with commas between. The year becomes a field where it is the only one and can be taken out;
        elsewhere it stays in the text, and there is no such field, so that it is never printed twice.
    doi : str

    Examples
    --------
    >>> print(entry("gff", "S. Li, X. Kang, J. Hu, Image fusion with guided filtering, IEEE TIP 22(7), 2013"))
    @misc{gff,
      author = {S. Li and X. Kang and J. Hu},
      title = {{Image fusion with guided filtering, IEEE TIP 22(7)}},
      year = {2013}
    }
    <BLANKLINE>
    """
    authors, rest = [], citation.strip().rstrip(".")
    while found := _AUTHOR.match(rest):
        authors += [found[0].removesuffix(" et al."), *(["others"] if found[0].endswith("et al.") else [])]
        rest = rest[found.end() :].lstrip(", ").removeprefix("and ")
    year = ""
    if len(_YEAR.findall(rest)) == 1 and (apart := _YEAR_APART.search(rest)):
        year = apart[1] or apart[2]
        between = apart["rest"].replace(" ", ", ")
        rest = rest[: apart.start()] + between + rest[apart.end() :]
    fields = {
        "author": " and ".join(map(escape_latex, authors)),
        # By which a work without authors is sorted.
        "key": "" if authors else key,
        # In braces, so that no style makes small letters of names.
        "title": f"{{{escape_latex(rest)}}}",
        "year": year,
        "doi": doi,
    }
    lines = ",\n".join(f"  {name} = {{{text}}}" for name, text in fields.items() if text)
    return f"@misc{{{key},\n{lines}\n}}\n"


def write(results: Results) -> None:
    """Write ``references.bib`` beside the tables."""
    write_text(results.table("references.bib"), bibtex())
