"""Prose: sentences stand in templates (Jinja), facts come from Python."""

from pathlib import Path
from typing import Any

import jinja2


def render(template: str | Path, **facts: Any) -> str:
    """The text of a Markdown template.

    Parameters
    ----------
    template : path-like
        A file ``NAME.md.j2`` that lies beside the module that knows its facts.
    facts
        What the template needs; a missing one is an error.

    Returns
    -------
    str
        Ends with one line break; never more than one empty line in a row.
    """
    path = Path(template)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(path.parent),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    lines: list[str] = []
    for line in environment.get_template(path.name).render(**facts).splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines).strip("\n") + "\n"
