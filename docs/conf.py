"""Sphinx builds the documentation site from the pages of this folder and the cards of `cards.py`: `make docs`."""

import sys
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

project = "focusbench"
author = "The focusbench authors"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
templates_path: list[str] = []
exclude_patterns = ["templates", "_site"]
html_theme = "furo"
html_title = "focusbench"
html_static_path = ["static"]
html_css_files = ["pictures.css"]
# Nothing says where a page came from: the sources are in the repository.
html_copy_source = False
html_show_copyright = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
# A list of attributes, not a second entry for each of them.
napoleon_use_ivar = True
nitpicky = False
# A name in backquotes is an object of the code, with a link where these pages have it.
default_role = "py:obj"
# Blocks without a language are commands of a shell.
highlight_language = "none"


def setup(app: Sphinx) -> None:
    """Write the cards before anything is read."""
    import cards

    app.connect("builder-inited", lambda app: cards.write(Path(app.srcdir)))
