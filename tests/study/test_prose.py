"""Prose from templates."""

import jinja2
import pytest

from study.prose import render


def test_a_template_gets_its_facts_and_no_empty_lines_in_a_row(tmp_path):
    template = tmp_path / "x.md.j2"
    template.write_text(
        "\n# {{ title }}\n\n{% if more %}\nmore\n{% endif %}\n\n\n{% for i in items %}\n- {{ i }}  \n{% endfor %}\n\n"
    )
    assert render(template, title="A & B", more=False, items=[1, 2]) == "# A & B\n\n- 1\n- 2\n"


def test_a_missing_fact_is_an_error(tmp_path):
    (tmp_path / "x.md.j2").write_text("{{ nothing }}")
    with pytest.raises(jinja2.UndefinedError, match="nothing"):
        render(tmp_path / "x.md.j2")
