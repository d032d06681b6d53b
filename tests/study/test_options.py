"""The table of options in config/README.md is that of the schema."""

from study import options


def test_the_readme_has_every_option_of_the_schema():
    readme = options.README.read_text(encoding="utf-8")
    assert readme == options.with_table(readme), "run `python -m study options` and add config/README.md"


def test_every_option_says_what_it_means():
    lacking = [line for line in options.table().splitlines()[2:] if line.split("|")[3].strip() == ""]
    assert not lacking
