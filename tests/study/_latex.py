"""What LaTeX would stop at or print wrongly, found without LaTeX."""

import re
import shutil
import subprocess

#: Commands that the tables may use; all are in LaTeX itself, in booktabs or in threeparttable.
KNOWN = set()
for _names in (
    r"\begin\end\caption\label\centering\toprule\midrule\bottomrule\addlinespace\shortstack\setlength\tabcolsep",
    r"\item\textbf\underline\par\smallskip\medskip\noindent\raggedright\scriptsize\footnotesize\small",
    r"\emph\texttt\mu\chi\sigma\geq\leq\approx\pm\to\circ\dots",
    r"\cdot\mbox\uparrow\downarrow\mathrm\times\epsilon\partial\Delta",
    r"\textless\textgreater\textbar\textasciitilde\textasciicircum\textbackslash",
):
    KNOWN |= set(_names[1:].split("\\"))


def problems(text):
    """What is wrong with a file of ``table`` environments and paragraphs (list of str, empty when nothing is).

    Looked at: nesting of environments and braces, math shifts, commands that booktabs and LaTeX do not have, special
    characters without a backslash, characters beyond Latin-1, and the number of cells of every row.
    """
    text = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    text = re.sub(r"\\label\{[\w:]+\}|~\\cite\{[\w-]+\}", "", text)
    found, stack = [], []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+\*?)\}", text):
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


#: Whether there is a LaTeX that has what the tables need.
LATEX = bool(
    shutil.which("pdflatex")
    and subprocess.run(["kpsewhich", "threeparttable.sty"], capture_output=True, check=False).stdout
)

#: A class of one column and one of two, as journals have them.
CLASSES = {"one column": "a4paper", "two columns": "a4paper,twocolumn"}


def overfull(paths, folder, options):
    """What pdfLaTeX says of tables that leave the text of the article class (list of str), all in one document.

    Parameters
    ----------
    paths : sequence of path-like
    folder : pathlib.Path
        For the document.
    options : str
        Of the class.
    """
    lines = [rf"\documentclass[{options}]{{article}}\usepackage[T1]{{fontenc}}\usepackage{{booktabs,threeparttable}}"]
    lines += [r"\begin{document}"]
    for number, path in enumerate(paths):
        lines += [rf"\typeout{{<{number}>}}\input{{{path.as_posix()}}}\clearpage"]
    (folder / "main.tex").write_text("\n".join([*lines, r"\end{document}"]), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "main.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    found, at = [], ""
    for line in done.stdout.splitlines():
        if mark := re.search(r"<(\d+)>", line):
            at = "/".join(paths[int(mark[1])].parts[-2:])
        # A paragraph that sticks out by less than a point is not seen.
        too_wide = re.search(r"Overfull \\hbox \((\d+)", line)
        if (too_wide and int(too_wide[1]) > 0) or "Float too large" in line:
            found.append(f"{at}: {line}")
    return found
