"""Settings of the site, which tools/build_site.py builds with Sphinx."""

import sys
from pathlib import Path

from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from pages import mathml  # noqa: E402

project = "Explainable AI for Affective Speech Recognition"
author = "the authors named in CITATION.cff"
copyright = "text and code MIT, figures CC BY-NC-SA 4.0"
extensions = ["myst_nb"]
html_theme = "furo"
html_title = project
html_static_path = [str(Path(__file__).with_name("site.css"))]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
# The notebooks were executed before.
nb_execution_mode = "off"
# The text after a progress bar's widget says nothing; no widget is kept.
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", -1)]
myst_enable_extensions = ["dollarmath", "amsmath", "deflist"]
myst_heading_anchors = 3
# A formula is MathML, which browsers draw without a script from the network.
html_math_renderer = "mathml"
# Links to files of the repository that are no pages of the site.
suppress_warnings = ["myst.xref_missing", "mystnb.unknown_mime_type"]


def write_inline(translator, node):
    translator.body.append(mathml(node.astext(), "inline"))
    raise_skip()


def write_block(translator, node):
    translator.body.append(mathml(node.astext(), "block"))
    raise_skip()


def raise_skip():
    from docutils.nodes import SkipNode

    raise SkipNode


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("mathml", (write_inline, None), (write_block, None))
