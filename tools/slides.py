"""Slides of the notebooks, for a projector without a network.

    python tools/slides.py          build/slides/<notebook>.html for each notebook

What stands on a slide follows from the notebook by rule:

* ``##`` begins a column of slides, ``###`` a slide below it;
* of a paragraph, its key sentence is shown: the one with bold words, else the first;
* lists, tables, formulas and boxes are shown whole;
* a cell's figure, table, player or text is shown, with its code folded if it is long;
* the first paragraph after an output appears below it with the next key;
* the whole text is in the speaker view (key S), with the instructor guide's section.

A cell tagged ``skip-slide`` is left out; of one tagged ``whole-slide`` all is shown.
Each file is complete: reveal.js is inside, and formulas are MathML.
"""

import base64
import html
import re
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from clean import beyond_noise
from notebook_files import newest, numbered_notebooks
from pages import markdown_to_html
from repository import ROOT

GUIDE = "docs/instructor_guide.md"
STYLE = Path(__file__).with_name("slides.css")
LONGEST_CODE = 8  # lines that are shown unfolded
EXERCISE = "exercises.check("
LEAST_SAID = 45  # characters; a shorter sentence brings the next one along
ROOM_BESIDE_FIGURE = 260  # characters of text
HEADING = re.compile(r"(#{1,3}) +(.+)")
# A full stop that ends a sentence: no initial, no "et al." or "e.g." before it.
SENTENCE_END = re.compile(r"(?<!\b[A-Z])(?<!et al)(?<!\be\.g)[.!?]\**\)?\s+")
TALL = 0.65  # height over width; such a figure stands beside the text, not below


@dataclass
class Slide:
    """What is shown on a slide, and what the speaker sees."""

    title: str
    section: str  # the ## heading that it stands under
    first: bool = False  # of its section
    parts: list = field(default_factory=list)  # of HTML
    notes: list = field(default_factory=list)  # of markdown
    text: int = 0  # characters shown
    has_output: bool = False
    is_tall: bool = False  # its figure is

    def is_box(self) -> bool:
        return "alert" in "".join(self.parts)

    def takes_remark(self) -> bool:
        """Whether there is room below its output: beside a wide figure for one."""
        remarks = sum("remark" in part for part in self.parts)
        is_wide = not self.is_tall and any(p.startswith("<img") for p in self.parts)
        return self.has_output and remarks < (1 if is_wide else 2)

    def below(self) -> "Slide":
        """An empty slide that goes on with the same subject."""
        return Slide(self.title, self.section)


# --- prose --------------------------------------------------------------------


def blocks(text: str) -> list[str]:
    """A markdown text as headings, paragraphs, lists, boxes ..., each whole."""
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    found, current = [], ""
    for piece in re.split(r"\n\s*\n", text.strip()):
        current = f"{current}\n\n{piece}" if current else piece
        is_open = current.count("```") % 2 or current.count("$$") % 2
        for tag in ("div", "details"):
            is_open |= current.count(f"<{tag}") > current.count(f"</{tag}")
        if not is_open:
            found.append(current.strip())
            current = ""
    return found + ([current] if current else [])


def is_paragraph(block: str) -> bool:
    return not re.match(r"[*+-] |\d+\. |\||<|\$\$|!\[|>|```|\\begin|#", block)


def key_sentence(paragraph: str) -> str:
    """The sentence of a paragraph that stands on the slide."""
    sentences, current, start = [], "", 0
    ends = [found.end() for found in SENTENCE_END.finditer(paragraph)]
    for end in [*ends, len(paragraph)]:
        current += paragraph[start:end]
        start = end
        is_whole = not any(current.count(mark) % 2 for mark in ("**", "$", "`"))
        if is_whole and current.count("(") <= current.count(")"):
            sentences.append(current.strip())
            current = ""
    sentences += [current.strip()] if current.strip() else []
    bold = [number for number, text in enumerate(sentences) if "**" in text]
    first = bold[0] if bold else 0
    says_little = len(sentences[first]) < LEAST_SAID
    return " ".join(sentences[first : first + 1 + says_little])


def title_html(title: str) -> str:
    """A heading's text as HTML, without the heading's tags."""
    return re.sub(r"</?h1.*?>", "", rendered(f"# {title}")).strip()


def rendered(markdown: str) -> str:
    """Markdown as HTML; links between notebooks lead from slides to slides."""
    text = markdown_to_html(markdown)
    text = re.sub(r'<a class="anchor-link".*?</a>', "", text)
    text = re.sub(r'href="(\w+)\.ipynb(#[^"]*)?"', r'href="\1.html"', text)
    return text.replace('href="../', 'href="../../')


# --- code and its outputs -------------------------------------------------------


def output_html(output) -> str:
    """An output as HTML; nothing for one that says nothing on a slide."""
    data = output.get("data", {})
    if "image/png" in data:
        alt = output.metadata.get("image/png", {}).get("alt", "figure")
        picture = data["image/png"].strip()
        return (
            f'<img src="data:image/png;base64,{picture}" '
            f'alt="{html.escape(alt, quote=True)}">'
        )
    if "text/html" in data:
        return f'<div class="output">{data["text/html"]}</div>'
    if "text/latex" in data:
        return rendered(data["text/latex"])
    if output.output_type == "stream" and output.name == "stderr":
        return ""
    text = output.get("text") or data.get("text/plain", "")
    text = beyond_noise(text)
    return f"<pre>{html.escape(text.rstrip())}</pre>" if text.strip() else ""


def code_html(sources: list[str], folded: bool) -> str:
    """Highlighted code, in a box that a click or Enter opens if it is long."""
    lexer, formatter = PythonLexer(), HtmlFormatter(cssclass="code")
    code = highlight("\n\n".join(sources), lexer, formatter)
    if not folded:
        return code
    return f"<details><summary>code</summary>{code}</details>"


def is_tall_figure(shown: str) -> bool:
    """Whether what a cell shows is a PNG picture of nearly the form of a slide."""
    picture = re.match(r'<img src="data:image/png;base64,([^"]{32})', shown)
    if not picture:
        return False
    # A PNG file begins with 16 bytes that are always the same, then its size.
    width, height = struct.unpack(">II", base64.b64decode(picture[1])[16:24])
    return height > TALL * width


# --- the deck -----------------------------------------------------------------------


def slides_of(notebook) -> list[Slide]:
    """The slides of an executed notebook, in order."""
    deck, pending = [], []
    cells = [c for c in notebook.cells if not has_tag(c, "skip-slide")]
    for number, cell in enumerate(cells):
        if cell.cell_type == "code":
            pending += [cell.source] if cell.source.strip() else []
            shown = [text for text in map(output_html, cell.outputs) if text]
            if EXERCISE in cell.source and deck[-1].is_box():
                # Below the task, to be filled in together; it says "not attempted".
                *earlier, task = pending
                if earlier:
                    deck[-1].parts.append(code_html(earlier, folded=True))
                deck[-1].parts.append(code_html([task], folded=False))
                pending = []
            elif shown:
                add_output(deck, pending, shown)
                pending = []
            continue
        if cell.cell_type != "markdown":
            continue
        pieces = blocks(cell.source)
        leads_on = number + 1 < len(cells) and cells[number + 1].cell_type == "code"
        for index, block in enumerate(pieces):
            heading = HEADING.match(block)
            if heading:
                if pending:
                    deck[-1].parts.append(code_html(pending, folded=True))
                    pending = []
                begin(deck, len(heading[1]), heading[2])
                continue
            ends = not leads_on or any(map(HEADING.match, pieces[index:]))
            looks_back = ends or (index == 0 and len(pieces) > 1)
            add_prose(deck, block, looks_back, has_tag(cell, "whole-slide"))
    if pending:
        deck[-1].parts.append(code_html(pending, folded=True))
    return [slide for slide in deck if slide.parts or slide.first]


def has_tag(cell, tag: str) -> bool:
    return tag in cell.metadata.get("tags", [])


def begin(deck: list[Slide], level: int, title: str) -> None:
    """A heading: a new slide, below the others of its section or beside them."""
    on_title_slide = len(deck) == 1 and not deck[0].parts
    if level == 2 and on_title_slide:
        deck[0].parts.append(f'<p class="subtitle">{title_html(title)}</p>')
    elif level == 3:
        deck.append(Slide(title, deck[-1].section))
    else:
        deck.append(Slide(title, title, first=True))


def add_prose(deck: list[Slide], block: str, looks_back: bool, whole: bool) -> None:
    """A paragraph's key sentence, or all of a list, a table, a formula or a box."""
    slide = deck[-1]
    if len(deck) > 1 and slide.section == deck[0].section:
        slide.notes.append(block)  # after the objectives: times, needs, the series
        return
    is_box = block.startswith("<")
    shown = key_sentence(block) if is_paragraph(block) and not whole else block
    if looks_back and is_paragraph(block) and slide.takes_remark():
        slide.parts.append(f'<div class="fragment remark">{rendered(shown)}</div>')
        slide.notes.append(block)
        return
    room = 0 if is_box else 850
    is_full = slide.text and slide.text + len(shown) > room
    if slide.has_output or is_full or slide.is_box():
        slide = slide.below()
        deck.append(slide)
    slide.parts.append(rendered(shown))
    slide.text += len(shown)
    if shown != block or "<details>" in block:
        slide.notes.append(block.replace("<details>", "<details open>"))


def add_output(deck: list[Slide], sources: list[str], shown: list[str]) -> None:
    """What a cell shows, with the code that made it."""
    slide = deck[-1]
    has_figure = any(text.startswith("<img") for text in shown)
    is_tall = any(map(is_tall_figure, shown))
    lines = sum(len(source.splitlines()) for source in sources)
    is_full = slide.text > (ROOM_BESIDE_FIGURE if has_figure else 400)
    if slide.has_output or is_full or slide.is_box():
        slide = slide.below()
        deck.append(slide)
    slide.parts.append(code_html(sources, has_figure or lines > LONGEST_CODE))
    slide.parts += shown
    slide.has_output, slide.is_tall = True, is_tall


# --- the page -------------------------------------------------------------------------


def guide_sections(guide: str) -> dict[str, dict[str, str]]:
    """The instructor guide's text by notebook number and section heading."""
    found = {}
    for chapter in re.split(r"^## ", guide, flags=re.MULTILINE)[1:]:
        number = re.match(r"Notebook (\d)", chapter)
        if number:
            sections = re.split(r"^### ", chapter, flags=re.MULTILINE)[1:]
            pairs = (section.split("\n", 1) for section in sections)
            found[number[1]] = {without_number(t): text.strip() for t, text in pairs}
    return found


def without_number(title: str) -> str:
    """A section's heading without its number, which may change."""
    return re.sub(r"^\d+\. ", "", title.strip())


def section_html(slide: Slide, guide: dict[str, str]) -> str:
    """One slide with its notes."""
    level = "h1" if slide.first and slide.title == slide.section else "h2"
    notes = list(slide.notes)
    section = without_number(slide.section)
    if slide.first and section in guide:
        notes.insert(0, guide[section] + "\n\n---")
    kind = ' class="tall"' if slide.is_tall else ""
    shown = "\n".join([f"<{level}>{title_html(slide.title)}</{level}>", *slide.parts])
    said = rendered("\n\n".join(notes))
    return f'<section{kind}>{shown}\n<aside class="notes">{said}</aside></section>'


FIT = """
// Text that does not fit is made smaller, so that no slide is cut off.
function fit(slide) {
  if (!slide || slide.querySelector('section')) return;
  const wide = [...slide.querySelectorAll('table, .code, pre, math *')]
    .filter(element => !element.closest('aside'));
  for (let size = 100; size >= 50; size -= 5) {
    slide.style.fontSize = size + '%';
    const edge = slide.getBoundingClientRect().right;
    if (slide.scrollHeight <= slide.clientHeight + 1 &&
        wide.every(element => element.getBoundingClientRect().right <= edge)) return;
  }
}
const refit = () => fit(Reveal.getCurrentSlide());
for (const event of ['ready', 'slidechanged', 'resize']) Reveal.on(event, refit);
document.addEventListener('toggle', refit, true);
Reveal.initialize({
  width: 1280, height: 720, margin: 0, center: false, hash: true,
  transition: 'none', display: 'flex', slideNumber: 'c/t',
  plugins: [RevealNotes, RevealZoom],
});
"""


def page(notebook, name: str, guide: dict[str, str]) -> str:
    """The slides of an executed notebook as one HTML file."""
    # sphinx-revealjs is a package that brings reveal.js along.
    import sphinx_revealjs

    reveal = Path(sphinx_revealjs.__file__).parent / "_static" / "revealjs"

    def file(path: str) -> str:
        return (reveal / path).read_text(encoding="utf-8")

    columns = []
    deck = slides_of(notebook)
    for slide in deck:
        if slide.first or not columns:
            columns.append([])
        columns[-1].append(section_html(slide, guide))
    body = "\n".join(f"<section>{''.join(column)}</section>" for column in columns)
    scripts = "\n".join(
        f"<script>{file(path)}</script>"
        for path in ("dist/reveal.js", "plugin/notes/notes.js", "plugin/zoom/zoom.js")
    )
    colours = HtmlFormatter(cssclass="code", style="xcode").get_style_defs()
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{html.escape(name)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{file("dist/reveal.css")}\n{colours}\n{STYLE.read_text()}</style></head>
<body><div class="reveal"><div class="slides">
{body}
</div></div>
{scripts}
<script>{FIT}</script></body></html>
"""


def build(root: Path = ROOT) -> list[Path]:
    """Write the slides of all notebooks to build/slides/; the files' paths."""
    target = root / "build" / "slides"
    target.mkdir(parents=True, exist_ok=True)
    guide = guide_sections((root / GUIDE).read_text(encoding="utf-8"))
    made = []
    for path in numbered_notebooks(root):
        notebook = newest(path, root)
        text = page(notebook, path.stem, guide.get(path.name[0], {}))
        made.append(target / f"{path.stem}.html")
        made[-1].write_text(text, encoding="utf-8")
    return made


def main() -> int:
    for path in build():
        print(f"  {path.relative_to(ROOT)}")
    print("Arrow keys: right for the next section, down within it, Space for either.")
    print("S: speaker view with notes. Alt + click (Linux: Ctrl): enlarge a figure.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
