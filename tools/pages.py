"""An executed notebook as one HTML page that asks nothing of the network."""

import base64
import html
import logging
import mimetypes
import re
from pathlib import Path
from urllib.parse import unquote

import nbformat
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from notebook_files import headings


class OfflineRenderer(IPythonRenderer):
    """Markdown to HTML with formulas as MathML, which browsers draw unaided."""

    def inline_math(self, body: str) -> str:
        return mathml(body, "inline")

    def block_math(self, body: str) -> str:
        return mathml(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        return mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")


def mathml(formula: str, display: str) -> str:
    """A TeX formula as MathML; as it is written, if it cannot be converted."""
    try:
        from latex2mathml import converter

        return converter.convert(formula.strip(), display=display)
    except Exception as error:  # it raises what it likes, or is not installed
        print(f"Shown as it is written ({type(error).__name__}): {formula}")
        return f"<code>{html.escape(formula)}</code>"


class OfflineExporter(HTMLExporter):
    """A notebook as one HTML file that asks nothing of the network."""

    def markdown2html(self, source: str) -> str:
        return markdown_to_html(source)


def markdown_to_html(source: str) -> str:
    """Markdown as HTML that asks nothing of the network."""
    return MarkdownWithMath(OfflineRenderer(escape=False)).render(source)


PAGE_TEMPLATE = """
{%- extends 'index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block extra_css -%}
<style>
main { max-width: 64rem; margin: 0 auto; } audio { max-width: 100%; }
.jp-RenderedHTMLCommon .alert { color: black; }
</style>
{%- endblock -%}
{%- block data_latex scoped -%}
<div class="jp-RenderedMarkdown jp-OutputArea-output">
{{ output.data['text/latex'] | markdown2html }}</div>
{%- endblock -%}
{%- block data_png scoped -%}
{%- set alt = output | get_metadata('alt', 'image/png') or 'figure' -%}
<div class="jp-RenderedImage jp-OutputArea-output">
<img src="data:image/png;base64,{{ output.data['image/png'] }}"
 alt="{{ alt | escape_html }}"></div>
{%- endblock -%}
"""


def page(notebook, path: Path) -> str:
    """The executed notebook, read from ``path``, as one HTML page."""
    notebook = nbformat.from_dict(notebook)
    titles = [heading for heading in headings(notebook) if heading]
    notebook.metadata["title"] = titles[0] if titles else path.stem
    exporter = OfflineExporter(raw_template=PAGE_TEMPLATE)
    exporter.log.setLevel(logging.ERROR)
    text, _ = exporter.from_notebook_node(notebook)

    def embed(picture: re.Match) -> str:
        file = path.parent / unquote(picture[2])
        if not file.is_file():
            return picture[0]
        kind = mimetypes.guess_type(file.name)[0]
        data = base64.b64encode(file.read_bytes()).decode()
        return f"{picture[1]}data:{kind};base64,{data}"

    text = re.sub(r'(<img\b[^>]*?\bsrc=")([^":]+)(?=")', embed, text)
    # The page lies in build/pages/, one level deeper than the notebook.
    text = re.sub(r'href="(\w+)\.ipynb(#[^"]*)?"', r'href="\1.html\2"', text)
    return text.replace('href="../', 'href="../../')
