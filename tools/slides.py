"""Slides of the notebooks, for a projector without a network.

    python tools/slides.py          build/slides/<notebook>.html for each notebook

What stands on them follows from the notebook by rule (slide_deck.py). A section is a
column of slides. What to say, with the instructor guide's section, is in the speaker
view (key S). Each file is complete: reveal.js is inside, and formulas are MathML.
"""

import html
import re
import sys
from pathlib import Path

from pygments.formatters import HtmlFormatter

from notebook_files import newest, numbered_notebooks
from repository import ROOT
from slide_deck import Slide, rendered, slides_of, title_html, without_number

GUIDE = "docs/instructor_guide.md"
HERE = Path(__file__).parent


def guide_sections(guide: str) -> dict[str, dict[str, str]]:
    """The instructor guide's text by notebook number and section heading."""
    found = {}
    for chapter in re.split(r"^## ", guide, flags=re.MULTILINE)[1:]:
        number = re.match(r"(?:Notebook|Lesson) (\d)", chapter)
        if number:
            sections = re.split(r"^### ", chapter, flags=re.MULTILINE)[1:]
            pairs = (section.split("\n", 1) for section in sections)
            found[number[1]] = {without_number(t): text.strip() for t, text in pairs}
    return found


def section_html(slide: Slide, guide: dict[str, str]) -> str:
    """One slide with its notes."""
    level = "h1" if slide.kind == "title" else "h2"
    notes = list(slide.notes)
    section = without_number(slide.section)
    if slide.first and section in guide:
        notes.insert(0, guide[section] + "\n\n---")
    kind = f"{slide.kind} beside" if slide.beside else slide.kind
    above = "" if slide.kind == "title" else title_html(slide.section)
    shown = [f'<p class="section">{above}</p>'] if above else []
    shown += [f"<{level}>{title_html(slide.title)}</{level}>", *slide.parts]
    said = rendered("\n\n".join(notes))
    return (
        f'<section class="{kind}">{chr(10).join(shown)}\n'
        f'<aside class="notes">{said}</aside></section>'
    )


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
    style, script = (
        (HERE / name).read_text("utf-8") for name in ("slides.css", "slides.js")
    )
    title = re.sub("<.*?>", "", title_html(deck[0].title)) or html.escape(name)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{file("dist/reveal.css")}\n{colours}\n{style}</style></head>
<body><div class="reveal"><div class="slides">
{body}
</div></div>
{scripts}
<script>{script}</script></body></html>
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
