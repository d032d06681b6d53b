"""Tables as LaTeX: escaped text and table environments that need only ``\\usepackage{booktabs}``."""

_SPECIAL = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        "–": "--",
        "−": "$-$",
        "·": r"$\cdot$",
        "×": r"$\times$",
    }
)


def escape(text):
    """Text that LaTeX prints as it stands."""
    return text.translate(_SPECIAL)


def table(caption, label, header, rows, notes=(), columns=None, size="footnotesize"):
    """A ``table`` environment.

    Parameters
    ----------
    caption, label : str
        LaTeX; the label without its ``tab:``.
    header : list of str
        LaTeX of the column heads.
    rows : list of (list of str) or None
        LaTeX of the cells; None is a little vertical space.
    notes : sequence of str
        Plain text under the table, one run-in paragraph.
    columns : str, optional
        Column specification; by default the first column to the left, the others to the right.
    size : {"footnotesize", "scriptsize"}
        Font size of the body, and with it of the column gaps.

    Returns
    -------
    str
    """
    columns = columns or "l" + "r" * (len(header) - 1)
    gap = {"footnotesize": "3pt", "scriptsize": "2.5pt"}[size]
    lines = [
        r"\begin{table}[tp]",
        r"\centering",
        rf"\caption{{{caption}}}",
        rf"\label{{tab:{label}}}",
        rf"\{size}",
        rf"\setlength{{\tabcolsep}}{{{gap}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        " & ".join(header) + r" \\",
        r"\midrule",
    ]
    lines += [r"\addlinespace" if row is None else " & ".join(row) + r" \\" for row in rows]
    lines += [r"\bottomrule", r"\end{tabular}"]
    if notes:
        lines += [r"\par\smallskip\scriptsize\raggedright", " ".join(escape(note) for note in notes)]
    lines.append(r"\end{table}")
    return "\n".join(lines) + "\n"


def stacked(*lines):
    """A column head of several lines (plain text)."""
    return rf"\shortstack[r]{{{(chr(92) * 2).join(escape(line) for line in lines)}}}"


def document(*parts):
    """A file for ``\\input``: the given environments or paragraphs under a line that names what they need."""
    return "\n".join(["% needs \\usepackage{booktabs}", *parts])


def paragraph(notes):
    """Notes as a small paragraph of their own, for tables that fill a page."""
    return "{\\scriptsize\\noindent " + " ".join(escape(note) for note in notes) + "\\par}\n"
