"""What LaTeX would stop at or print wrongly, found without LaTeX."""

import re

#: Commands that the tables may use; all are in LaTeX itself or in booktabs.
KNOWN = set()
for _names in (
    r"\begin\end\caption\label\centering\toprule\midrule\bottomrule\addlinespace\shortstack\setlength\tabcolsep",
    r"\textbf\underline\par\smallskip\medskip\noindent\raggedright\scriptsize\footnotesize\small",
    r"\emph\texttt\mu\chi\sigma\geq\leq\approx\pm\to\circ\dots",
    r"\cdot\uparrow\downarrow\mathrm\times\epsilon\partial",
    r"\textless\textgreater\textbar\textasciitilde\textasciicircum\textbackslash",
):
    KNOWN |= set(_names[1:].split("\\"))


def problems(text):
    """What is wrong with a file of ``table`` environments and paragraphs (list of str, empty when nothing is).

    Looked at: nesting of environments and braces, math shifts, commands that booktabs and LaTeX do not have, special
    characters without a backslash, characters beyond Latin-1, and the number of cells of every row.
    """
    text = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    text = re.sub(r"\\label\{[\w:]+\}", "", text)
    found, stack = [], []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        if kind == "begin":
            stack.append(name)
        elif not stack or stack.pop() != name:
            found.append(f"\\end{{{name}}} closes nothing")
    found += [f"\\begin{{{name}}} is open" for name in stack]
    found += [f"unknown command \\{name}" for name in re.findall(r"(?<!\\)\\([A-Za-z]+)", text) if name not in KNOWN]
    bare = re.sub(r"\\[A-Za-z]+|\\.", " ", text)
    depth = 0
    for character in bare:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            break
    found += ["braces do not match"] if depth else []
    found += ["odd number of $"] if bare.count("$") % 2 else []
    outside = re.sub(r"\$[^$]*\$", " ", bare)
    found += [f"bare {c}" for c in "#%_^~<>|" if c in outside]
    found += [f"character {c!r}" for c in sorted({c for c in text if ord(c) > 255})]
    for columns, body in re.findall(r"\\begin\{tabular\}\{(\w+)\}(.*?)\\end\{tabular\}", text, re.DOTALL):
        found += _rows(columns, body)
    return found


def _rows(columns, body):
    body = re.sub(r"\\(toprule|midrule|bottomrule|addlinespace)", "", body)
    body = re.sub(r"\\shortstack\[[lrc]\]\{(?:[^{}]|\{[^{}]*\})*\}", "head", body)
    for row in re.split(r"\\\\", body):
        if row.strip():
            cells = len(re.findall(r"(?<!\\)&", row)) + 1
            if cells != len(columns):
                yield f"{cells} cells in {len(columns)} columns: {row.strip()[:60]}"
            if row.strip().startswith("["):
                yield f"a row that begins with [: {row.strip()[:60]}"
