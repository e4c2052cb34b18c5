"""What stands on which slide: a notebook as a talk.

A slide shows one thing: a figure, a table, a sound, a list, a task or a few lines of
code. Its title is one statement, by rule:

* what the cell's metadata say: ``{"slide": "The statement"}``, or ``""`` for no slide;
* of the paragraph that follows a figure or a table, else of the one before, the
  sentence with bold words, else the first that is neither too long nor a request;
* of a box, its label: "Exercise 2.1: Count the twins".

All prose and all other code is for the speaker. Code is shown where the class types
it, with a table or a text that 3 to 6 lines make, and of cells tagged ``show-code``.
A cell tagged ``skip-slide`` is for the speaker, too.
"""

import base64
import html
import re
from dataclasses import dataclass, field

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

import figure_steps
from clean import beyond_noise
from notebook_files import has_tag, is_code
from pages import markdown_to_html

MOST_SLIDES = 45
EXERCISE = "exercises.check("
KEY_CODE = range(3, 7)  # lines
LONGEST_TEXT = 14  # lines of an output that are shown
FEW_LINES = 2  # of text: below a figure they are shown, alone they are not
KINDS = ("figure", "sound", "table", "text")  # what a slide is named by
SHORTEST_TITLE, LONGEST_TITLE = 16, 112  # characters
ON_A_LINE = 64  # characters of a title
# Dropped first, if there are too many: the speaker says it.
DISPENSABLE = ("text", "code", "list", "statement", "table", "box")
# Width and height for a picture below a title, and beside one, in pixels of 1280 x 720.
BELOW, LINE_OF_TITLE, LINE_OF_TEXT = (1240, 642), 40, 30
BESIDE = (904, 680)
LARGEST_SCALE = 1.7

HEADING = re.compile(r"(#{1,3}) +(.+)")
# A full stop that ends a sentence: no initial, no "et al." or "e.g." before it.
SENTENCE_END = re.compile(r"(?<!\b[A-Z])(?<!et al)(?<!\be\.g)[.!?]\**\)?\s+")
LABEL = re.compile(r"<div[^>]*>\s*\*\*([^*]{3,70}?)[.:]?\*\*[.:]?\s*")
TASK = re.compile(r"(Exercise|Question) \d\.\d+")
NUMBERED = re.compile(r"Exercise \d")
REQUEST = re.compile(
    r"(Read|Look|Rows|Columns|Compare|Note|Open|Run|Before|Listen|Take|Guess|Let|See)\b"
)
ABOUT_ITSELF = re.compile(r"\b(cells?|notebook \d|section \d|exercise)\b")
POINTS_BACK = re.compile(r"(It|They|This|That|These|Those|So|And|But|Then|Here|Now)\b")


@dataclass
class Slide:
    """What is shown on a slide, and what the speaker sees."""

    title: str  # markdown
    section: str  # the ## heading that it stands under
    kind: str  # figure, sound, table, text, code, list, task, box, statement, title
    parts: list = field(default_factory=list)  # of HTML
    notes: list = field(default_factory=list)  # of markdown
    first: bool = False  # of its section
    beside: bool = False  # the title stands beside the figure

    def is_open_task(self) -> bool:
        """A task whose cell has not been met yet."""
        return self.kind == "task" and not any('class="code' in p for p in self.parts)


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


def sentences(paragraph: str) -> list[str]:
    """Its sentences; formulas, bold words and brackets stay whole."""
    found, current, start = [], "", 0
    ends = [end.end() for end in SENTENCE_END.finditer(paragraph)]
    for end in [*ends, len(paragraph)]:
        current += paragraph[start:end]
        start = end
        is_whole = not any(current.count(mark) % 2 for mark in ("**", "$", "`"))
        if is_whole and current.count("(") <= current.count(")"):
            found.append(" ".join(current.split()))
            current = ""
    return found + ([" ".join(current.split())] if current.strip() else [])


def as_title(sentence: str) -> str:
    """A sentence without emphasis, links and its full stop."""
    text = re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", sentence)
    return text.replace("**", "").strip().removesuffix(".")


def could_be_title(sentence: str) -> bool:
    title = as_title(sentence)
    is_statement = sentence.rstrip("*) ").endswith((".", "?", "!"))
    fits = SHORTEST_TITLE <= len(title) <= LONGEST_TITLE
    return fits and is_statement and not REQUEST.match(title)


def statement(paragraphs: list[str], used: set[str]) -> str:
    """The title that the paragraphs give, the nearest of which is first; or ""."""
    ordered = []
    for paragraph in paragraphs:
        all_of_it = sentences(paragraph)
        bold = [n for n, text in enumerate(all_of_it) if "**" in text]
        # A short sentence in bold is a label: the next one says something.
        bold = [n + (len(as_title(all_of_it[n])) < SHORTEST_TITLE) for n in bold]
        places = dict.fromkeys([*bold, *range(len(all_of_it))])
        ordered += [all_of_it[n] for n in places if n < len(all_of_it)]
    possible = [s for s in ordered if could_be_title(s) and as_title(s) not in used]
    possible.sort(key=lambda sentence: bool(ABOUT_ITSELF.search(sentence)))
    alone = [s for s in possible if not POINTS_BACK.match(as_title(s))]
    answers = [s for s in alone if not s.rstrip("*) ").endswith("?")]
    return as_title(next(iter([*answers, *alone, *possible]), ""))


def without_number(title: str) -> str:
    """A section's heading without its number, which may change."""
    return re.sub(r"^\d+\. ", "", title.strip())


def title_html(title: str) -> str:
    """A title as HTML, without the tags of a heading or paragraph."""
    return re.sub(r"</?(h1|p)\b.*?>", "", rendered(f"# {title}")).strip()


def rendered(markdown: str) -> str:
    """Markdown as HTML; links between notebooks lead from slides to slides."""
    text = markdown_to_html(markdown)
    text = re.sub(r'<a class="anchor-link".*?</a>', "", text)
    text = re.sub(r'href="(\w+)\.ipynb(#[^"]*)?"', r'href="\1.html"', text)
    return text.replace('href="../', 'href="../../')


# --- code and its outputs -------------------------------------------------------


def kind_of(output) -> str:
    """What an output is on a slide; "" for one that says nothing there."""
    data = output.get("data", {})
    if "image/png" in data:
        return "figure"
    if "text/html" in data:
        shown = data["text/html"]
        is_sound = "<audio" in shown or "Run this cell to hear" in shown
        return "sound" if is_sound else "table"
    if "text/latex" in data:
        return "table"
    if output.output_type == "stream" and output.name == "stderr":
        return ""
    return "text" if lines_of(output) else ""


def lines_of(output) -> list[str]:
    """The lines of a text that say something."""
    text = output.get("text") or output.get("data", {}).get("text/plain", "")
    return beyond_noise(text).splitlines()


def output_html(output) -> str:
    """A table, a player or a text as HTML."""
    data = output.get("data", {})
    if "text/html" in data:
        return f'<div class="output">{data["text/html"]}</div>'
    if "text/latex" in data:
        return rendered(data["text/latex"])
    lines = lines_of(output)
    lines = lines[:LONGEST_TEXT] + ["…"] * (len(lines) > LONGEST_TEXT)
    return f"<pre>{html.escape(chr(10).join(lines))}</pre>"


def rows_of(output) -> int:
    """How many rows a table has, or lines a text."""
    rows = output.get("data", {}).get("text/html", "").count("<tr")
    return rows or len(lines_of(output))


def players_in(output) -> int:
    shown = output_html(output)
    return shown.count("<audio") + shown.count("Run this cell to hear")


def code_lines(cell) -> int:
    return sum(1 for line in cell.source.splitlines() if line.strip())


def code_html(source: str) -> str:
    source = re.sub(r"\n{3,}", "\n\n", source)
    return highlight(source, PythonLexer(), HtmlFormatter(cssclass="code"))


def code_note(sources: list[str]) -> str:
    return "```python\n" + "\n\n".join(sources) + "\n```"


def figure_parts(outputs, title: str, lines_below: int) -> tuple[list[str], bool]:
    """The pictures in steps, and whether the title stands beside them.

    The place is taken that needs fewer steps, and of two that need as many, the one
    where the picture is clearly larger.
    """
    lines = 1 + (len(title) > ON_A_LINE)
    height = BELOW[1] - LINE_OF_TITLE * lines - LINE_OF_TEXT * lines_below
    made = {}
    for beside, room in ((False, (BELOW[0], height)), (True, BESIDE)):
        pictures = []
        for output in outputs:
            data = base64.b64decode(output.data["image/png"])
            pictures += figure_steps.steps(data, room)
        sizes = [figure_steps.size(png) for png in pictures]
        scales = [min(room[0] / w, room[1] / h, LARGEST_SCALE) for w, h in sizes]
        made[beside] = pictures, sizes, scales
    below, besides = ((len(s), -min(s)) for _, _, s in made.values())
    beside = besides[0] < below[0] or (
        besides[0] == below[0] and besides[1] < 1.15 * below[1]
    )
    alt = outputs[0].metadata.get("image/png", {}).get("alt", "figure")
    return [stack(*made[beside], alt)], beside


def stack(pictures: list[bytes], sizes, scales, alt: str) -> str:
    """Pictures of which each takes the place of the one before, with the next key."""
    shown, last = [], len(pictures) - 1
    for number, (png, size, scale) in enumerate(
        zip(pictures, sizes, scales, strict=True)
    ):
        kind, index = "current-visible", number - 1
        if number == 0:
            kind, index = ("fade-out", 0)
        elif number == last:
            kind = ""
        order = f'class="fragment {kind}" data-fragment-index="{index}"' if last else ""
        said = alt if not last else f"{alt} (step {number + 1} of {last + 1})"
        width, height = (round(side * scale) for side in size)
        shown.append(
            f'<img {order} style="width: {width}px; height: {height}px" '
            f'src="data:image/png;base64,{base64.b64encode(png).decode()}" '
            f'alt="{html.escape(said, quote=True)}">'
        )
    return f'<div class="steps">{"".join(shown)}</div>'


# --- the deck -----------------------------------------------------------------------


class Deck:
    """The slides, as they come from one cell after the other."""

    def __init__(self):
        self.slides: list[Slide] = []
        self.section, self.heading = "", ""
        self.prose: list[str] = []  # for the notes of the next slide
        self.said: list[str] = []  # paragraphs since the last slide
        self.code: list[str] = []
        self.used: set[str] = set()

    def add(self, kind: str, title: str, parts: list[str]) -> Slide:
        """A slide with all that was said since the last one in its notes."""
        first = not self.slides or self.slides[-1].section != self.section
        slide = Slide(title, self.section, kind, parts, self.prose, first)
        self.slides.append(slide)
        self.used.add(title)
        self.prose, self.said = [], []
        return slide

    def note(self, block: str) -> None:
        if self.slides and self.slides[-1].section == self.section:
            self.slides[-1].notes.append(block)
        else:
            self.prose.append(block)

    def end_section(self) -> None:
        """What was said after the last slide; a section without any has one."""
        if self.code:
            self.note(code_note(self.code))
            self.code = []
        if not self.section:
            return
        if self.slides and self.slides[-1].section == self.section:
            self.slides[-1].notes += self.prose
            self.prose = []
        else:
            self.add("statement", self.title([]), [])

    def begin(self, level: int, title: str) -> None:
        if level == 3:
            self.heading, self.said = title, []
            return
        self.end_section()
        is_subtitle = len(self.slides) == 1 and self.slides[0].title == self.section
        if level == 2 and is_subtitle and not self.slides[0].parts:
            # The first heading is the series' name, the second the lesson's.
            self.slides[0].parts.append(
                f'<p class="series">{title_html(self.section)}</p>'
            )
            self.slides[0].title = title
        elif not self.slides:
            self.section = self.heading = title
            self.add("title", title, [])
        else:
            self.section = self.heading = title
        self.said = []

    def title(self, after: list[str]) -> str:
        """The statement of a slide, from what follows and what went before."""
        found = statement(after, self.used) or statement(self.said[::-1], self.used)
        return found or without_number(self.heading).lstrip("● ")

    def on_title_slide(self) -> bool:
        return len(self.slides) == 1 and self.section == self.slides[0].section

    def prose_cell(self, cell) -> None:
        own = cell.metadata.get("slide")
        looks_back = self.slides and not self.said and not self.code
        for block in blocks(cell.source):
            looks_back = looks_back and is_paragraph(block)
            heading = HEADING.match(block)
            if heading:
                self.begin(len(heading[1]), heading[2])
            elif has_tag(cell, "skip-slide") or own == "":
                self.note(block)
            elif block.startswith("<div"):
                self.box(block, own)
            elif is_paragraph(block) or self.on_title_slide():
                self.said.append(block)
                (self.slides[-1].notes if looks_back else self.prose).append(block)
            else:
                self.add("list", own or self.title([]), [rendered(block)])
                own = None
        if own and any(map(is_paragraph, blocks(cell.source))):
            self.add("statement", own, [])

    def box(self, block: str, own: str | None) -> None:
        if self.on_title_slide():
            self.slides[0].parts.append(rendered(block))
            return
        label = LABEL.match(block)
        title, inside = own or self.title([]), block
        if label and not own:
            task = TASK.match(label[1])
            title, rest = label[1], block[label.end() :]
            name = sentences(rest.split("\n\n")[0])
            if task and name and len(name[0]) <= 60 and len(name) > 1:
                title = f"{title}: {as_title(name[0])}"
                rest = rest.replace(name[0], "", 1).lstrip()
            if not rest[:1].islower():  # else the label begins a sentence
                inside = block[: block.index(">") + 1] + "\n\n" + rest
        kind = "task" if label and NUMBERED.match(label[1]) else "box"
        slide = self.add(kind, title, [rendered(inside)])
        if "<details>" in block:
            slide.notes.append(block.replace("<details>", "<details open>"))

    def code_cell(self, cell, after: list[str]) -> None:
        self.code.append(cell.source)
        shown = [(kind_of(output), output) for output in cell.outputs]
        shown = [(kind, output) for kind, output in shown if kind]
        own = cell.metadata.get("slide")
        open_tasks = [slide for slide in self.slides[-3:] if slide.is_open_task()]
        if EXERCISE in cell.source and open_tasks:
            # Below the task, to be filled in together; it says "not attempted".
            *earlier, task = self.code
            open_tasks[-1].parts.append(code_html(task))
            if earlier:
                open_tasks[-1].notes.append(code_note(earlier))
            self.code = []
        elif has_tag(cell, "skip-slide") or own == "":
            self.note(code_note(self.code))
            self.code = []
        elif shown or has_tag(cell, "show-code"):
            self.output(cell, shown, after)

    def output(self, cell, shown: list[tuple], after: list[str]) -> None:
        """What a cell shows: its pictures, or its tables, players and texts."""
        kinds = [kind for kind, _ in shown]
        kind = next((kind for kind in KINDS if kind in kinds), "code")
        own = cell.metadata.get("slide")
        is_long = sum(rows_of(output) for _, output in shown) > LONGEST_TEXT
        is_key = code_lines(cell) in KEY_CODE and kind in ("table", "text")
        is_key = is_key and not is_long
        with_code = has_tag(cell, "show-code") or (is_key and "ax." not in cell.source)
        rows = sum(len(lines_of(output)) for k, output in shown if k == "text")
        if kind == "text" and rows <= FEW_LINES and not with_code and not own:
            self.note(code_note(self.code))
            self.prose += [output_html(output) for _, output in shown]
            self.code = []
            return
        title, beside, unseen = own or self.title(after), False, []
        if kind == "figure":
            pictures = [output for k, output in shown if k == "figure"]
            others = [(k, output) for k, output in shown if k != "figure"]
            few = rows if 0 < rows <= FEW_LINES else 0
            sounds = sum(players_in(o) for k, o in others if k == "sound")
            parts, beside = figure_parts(pictures, title, few + 2 * sounds)
            for k, output in others:
                is_seen = k == "sound" or (k == "text" and few)
                (parts if is_seen else unseen).append(output_html(output))
        else:
            parts = [code_html(cell.source)] if with_code else []
            parts += [output_html(output) for _, output in shown]
            self.code = self.code[:-1] if with_code else self.code
        slide = self.add(kind, title, parts)
        slide.beside = beside
        slide.notes += unseen + ([code_note(self.code)] if self.code else [])
        self.code = []


def slides_of(notebook) -> list[Slide]:
    """The slides of an executed notebook, in order; at most 45."""
    deck = Deck()
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            deck.prose_cell(cell)
        elif is_code(cell):
            deck.code_cell(cell, read_after(notebook.cells[number + 1 :]))
    deck.end_section()
    return few_enough(deck.slides)


def read_after(cells) -> list[str]:
    """The paragraphs that directly follow a code cell: what is to be seen."""
    if not cells or cells[0].cell_type != "markdown":
        return []
    found = []
    for block in blocks(cells[0].source):
        if not is_paragraph(block):
            break
        found.append(block)
    return found


def few_enough(slides: list[Slide]) -> list[Slide]:
    """What is dispensable goes to the speaker, until there are few enough."""
    kept = list(slides)
    for kind in DISPENSABLE:
        for slide in reversed(slides):
            if len(kept) <= MOST_SLIDES:
                return kept
            at = next(n for n, other in enumerate(kept) if other is slide)
            if slide.kind == kind and not slide.first:
                kept[at - 1].notes += [*slide.notes, *slide.parts]
                del kept[at]
                slides = [other for other in slides if other is not slide]
    return kept
