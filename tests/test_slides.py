"""The slides: what stands on them, what the speaker sees, and that nothing is cut."""

import base64
import functools
import io
import json
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import figure_steps
import live_slides
import notebook_files
import slide_deck
import slides
from browser_tools import SCREENSHOTS, assert_alone
from conftest import REPO

NOTEBOOKS = notebook_files.numbered_notebooks(REPO)


@functools.cache
def deck_of(path):
    return slide_deck.slides_of(nbformat.read(path, as_version=4))


GUIDE = slides.guide_sections((REPO / slides.GUIDE).read_text(encoding="utf-8"))


def stream(text):
    return new_output("stream", name="stdout", text=text)


def picture(width: int, height: int) -> str:
    """A PNG picture of that size, as a notebook stores it."""
    import matplotlib.pyplot as plt

    file = io.BytesIO()
    plt.imsave(file, [[0.0] * width] * height, format="png")
    return base64.b64encode(file.getvalue()).decode()


def figure(width: int, height: int):
    data = {"image/png": picture(width, height)}
    return new_output(
        "display_data", data, metadata={"image/png": {"alt": "Level over <time>"}}
    )


def toy():
    """A notebook with one of everything."""
    cells = [
        new_markdown_cell("# Series\n\n## Notebook 1: a toy\n\nIt begins. More of it."),
        new_markdown_cell("## 1. Sound\n\nBefore. What **matters** is here. End."),
        new_code_cell("draw()", outputs=[figure(900, 400)]),
        new_markdown_cell(
            "Look at the left edge of it. The left edge is dark, and stays so."
            "\n\n### Levels"
        ),
        new_code_cell("helper = 1"),
        new_code_cell("print(2)", outputs=[stream("2 < 3\n4\n5\n")]),
        new_markdown_cell(
            '<div class="alert alert-warning">\n\n'
            "**Exercise 1.1.** Add both. All of it.\n\n"
            "<details><summary>Solution</summary>\n\nIt is 3.\n\n</details>\n</div>"
        ),
        new_code_cell(
            'x = ...\nexercises.check("1.1", x)', outputs=[stream("not attempted")]
        ),
        new_code_cell("many_panels()", outputs=[figure(900, 800)]),
        new_markdown_cell("So it is. The last of them is the loudest of all. A third."),
        new_markdown_cell("Only for readers.", metadata={"tags": ["skip-slide"]}),
    ]
    return new_notebook(cells=cells)


def test_slides_follow_from_the_notebook():
    deck = slide_deck.slides_of(toy())
    assert [(slide.kind, slide.title, slide.first) for slide in deck] == [
        ("title", "Notebook 1: a toy", True),
        ("figure", "The left edge is dark, and stays so", True),
        ("text", "Levels", False),
        ("task", "Exercise 1.1: Add both", False),
        ("figure", "The last of them is the loudest of all", False),
    ]
    opening, sound, levels, task, panels = ("\n".join(s.parts) for s in deck)
    assert '<p class="series">Series</p>' in opening
    assert 'alt="Level over &lt;time&gt;"' in sound
    assert "print(2)" not in sound + panels
    assert "2 &lt; 3" in levels
    assert "<details><summary>Solution" in task and "exercises" in task
    assert "not attempted" not in task
    assert "Only for readers" not in opening + sound + levels + task + panels


def test_the_speaker_has_all_prose_and_code_and_the_guide():
    page = slides.page(toy(), "toy", {"Sound": "* **Ask:** what do you hear?"})
    notes = page.split('<aside class="notes">')
    assert "what do you hear?" in notes[2]
    for said in ("Before.", "Look at the left edge", "draw", "dark"):
        assert said in notes[2]
    assert "helper" in notes[3]
    assert "<details open>" in notes[4]
    assert "Only for readers." in notes[5]
    assert "what do you hear?" not in "".join(notes[3:])


def test_what_the_cell_says_goes_before_the_rule():
    notebook = toy()
    notebook.cells[2].metadata["slide"] = "Dark on the left"
    notebook.cells[5].metadata["slide"] = ""
    notebook.cells[5].outputs = [stream("of no slide")]
    notebook.cells[8].metadata["tags"] = ["skip-slide"]
    deck = slide_deck.slides_of(notebook)
    assert [slide.title for slide in deck][1:] == [
        "Dark on the left",
        "Exercise 1.1: Add both",
    ]
    assert "print(2)" in "".join(deck[1].notes)
    assert "many_panels()" in "".join(deck[2].notes)


def test_a_key_cell_is_shown_with_what_it_makes():
    source = "a = 1\nb = 2\nprint(a + b)"
    cells = [
        new_markdown_cell("# Series"),
        new_markdown_cell("## Sum\n\nThe sum of the two is three in all cases."),
        new_code_cell(source, outputs=[stream("3")]),
        new_code_cell("x = 1", metadata={"tags": ["show-code"]}),
    ]
    _, shown, tagged = slide_deck.slides_of(new_notebook(cells=cells))
    assert shown.title == "The sum of the two is three in all cases"
    assert "code" in shown.parts[0] and "3" in shown.parts[1]
    assert tagged.kind == "code"


def test_no_more_slides_than_a_talk_has():
    cells = [new_markdown_cell("# Series"), new_markdown_cell("## Many")]
    for number in range(60):
        cells.append(new_code_cell("print()", outputs=[stream(f"1\n2\nline {number}")]))
    deck = slide_deck.slides_of(new_notebook(cells=cells))
    assert len(deck) == slide_deck.MOST_SLIDES
    assert "line 59" in "".join(deck[-1].notes)


@pytest.mark.parametrize(
    ("paragraph", "title"),
    [
        (
            "A sentence has quite enough words. Another that could be taken.",
            "A sentence has quite enough words",
        ),
        (
            "**Blur.** A bell curve averages each band with its neighbours.",
            "A bell curve averages each band with its neighbours",
        ),
        (
            "Nothing here. See **B. Keller et al. 2020**. What **leaks** is no person.",
            "What leaks is no person",
        ),
        ("Read it from the left. It goes down. The [line](x.md) rises again.",)
        + ("The line rises again",),
        ("Here is a list of them:", ""),
    ],
)
def test_statement(paragraph, title):
    assert slide_deck.statement([paragraph], set()) == title
    assert title == "" or slide_deck.statement([paragraph], {title}) != title


def test_blocks_keep_boxes_formulas_and_code_whole():
    box = '<div class="alert">\n\n**Box**\n\n<details>\n\nx\n\n</details>\n</div>'
    code = "```\na\n\nb\n```"
    formula = "$$\na\n\nb\n$$"
    text = f"One.\n\n{box}\n\n<!-- time -->{code}\n\n{formula}\n\n* a\n* b"
    assert slide_deck.blocks(text) == ["One.", box, code, formula, "* a\n* b"]


@pytest.mark.notebooks
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_guide_has_every_section(path):
    """And no other: a section that was renamed must be renamed in the guide."""
    opening, *deck = deck_of(path)
    sections = {slide_deck.without_number(slide.section) for slide in deck}
    sections -= {opening.section, "Set-up", "What you can now answer"}
    assert set(GUIDE.get(path.name[0], {})) == sections
    for section, text in GUIDE[path.name[0]].items():
        assert re.match(r"\d+ minutes?\b", text), section
        for word in ("Point", "Ask", "Expect", "Catch"):
            assert f"* **{word}:** " in text, f"{section}: {word}"
        titles = "\n".join(
            slide.title
            for slide in deck
            if slide_deck.without_number(slide.section) == section
        )
        exercises = set(re.findall(r"Exercise (\d\.\d+)", titles))
        planned = re.findall(r"\d\.\d+", text.split("* **Point")[0])
        assert set(planned) == exercises, f"{section}: the exercises it holds"


@pytest.mark.notebooks
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_notebook_is_marked_for_live_slides(path):
    notebook = nbformat.read(path, as_version=4)
    found = [cell.metadata.get("slideshow") for cell in notebook.cells]
    live_slides.mark_slides(notebook)
    rule = [cell.metadata.get("slideshow") for cell in notebook.cells]
    assert found == rule, "run `make refresh`"
    assert {"slide_type": "-"} not in found  # such cells vanish in JupyterLab


def test_marks_for_live_slides():
    notebook = toy()
    live_slides.mark_slides(notebook)
    kinds = [c.metadata.get("slideshow", {}).get("slide_type") for c in notebook.cells]
    expected = ["slide", "slide", None, "subslide", None, None, None, None, None]
    assert kinds == expected + ["subslide", "skip"]


def test_settings_for_live_slides():
    """jupyterlab-slideshow shows only cells that are in the page."""
    folder = REPO / "tools" / "jupyter" / "labconfig"
    settings = json.loads((folder / "default_setting_overrides.json").read_text())
    tracker = settings["@jupyterlab/notebook-extension:tracker"]
    assert tracker == {"windowingMode": "none"}
    assert "JUPYTER_CONFIG_PATH=$(CURDIR)/tools/jupyter" in (
        REPO / "Makefile"
    ).read_text(encoding="utf-8")


# --- in a browser -----------------------------------------------------------------

PLACE = "(({h, v}) => `${h}/${v}`)(Reveal.getIndices())"
CUT_OFF = """() => {
    const slide = Reveal.getCurrentSlide(), frame = slide.getBoundingClientRect();
    const shown = [...slide.querySelectorAll('img, pre, table, math *, p, h1, h2, li')]
        .filter(e => !e.closest('aside, details:not([open])'))
        .filter(e => !e.closest('.scrolls > :is(.output, .alert, .code, pre, ol, ul)'));
    const out = shown.filter(e => {
        const box = e.getBoundingClientRect();
        return box.right > frame.right + 1 || box.bottom > frame.bottom + 1;
    });
    if (slide.scrollHeight > slide.clientHeight + 1) out.push(slide);
    return [out.map(e => e.outerHTML.slice(0, 200)),
            parseFloat(getComputedStyle(slide).fontSize)];
}"""
# Of each figure on the slide, by how much it is enlarged.
SCALES = """() => [...Reveal.getCurrentSlide().querySelectorAll('.steps img')]
    .map(e => e.getBoundingClientRect().width / e.naturalWidth)"""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_slide_is_cut_off(path, page, tmp_path):
    page.set_viewport_size({"width": 1280, "height": 720})
    notebook = nbformat.read(path, as_version=4)
    file = tmp_path / "slides.html"
    file.write_text(slides.page(notebook, path.stem, GUIDE.get(path.name[0], {})))
    page.goto(file.as_uri())
    page.wait_for_function("Reveal.isReady()")
    total = page.evaluate("Reveal.getTotalSlides()")
    assert 10 < total <= slide_deck.MOST_SLIDES
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    seen = 0
    while True:
        cut_off, size = page.evaluate(CUT_OFF)
        title = page.evaluate("Reveal.getCurrentSlide().innerText.slice(0, 60)")
        name = f"slides_{path.stem}_{seen + 1:02d}.png"
        page.screenshot(path=SCREENSHOTS / name)
        assert cut_off == [], f"say less, or tag it skip-slide: {title}"
        assert size >= 15, f"too small: say less, or tag it skip-slide: {title}"
        for scale in page.evaluate(SCALES):
            label = scale * figure_steps.LABEL
            assert label > figure_steps.LEAST_LABEL - 0.2, f"{label:.1f} px: {title}"
        seen += 1
        before = page.evaluate(PLACE)
        while page.evaluate("Reveal.availableFragments().next"):
            page.keyboard.press("Space")
        page.keyboard.press("Space")
        if page.evaluate(PLACE) == before:
            break
    assert seen == total
    assert_alone(page)


def test_slides_by_keyboard(page, tmp_path):
    file = tmp_path / "toy.html"
    file.write_text(slides.page(toy(), "toy", {"Sound": "Ask what they hear."}))
    page.goto(file.as_uri())
    page.wait_for_function("Reveal.isReady()")
    title = "Reveal.getCurrentSlide().querySelector('h1, h2').innerText"
    assert page.evaluate(title) == "Notebook 1: a toy"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(title) == "The left edge is dark, and stays so"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(title) == "Levels"
    page.keyboard.press("ArrowUp")
    with page.context.expect_page() as opened:
        page.keyboard.press("s")
    notes = opened.value.locator(".speaker-controls-notes")
    notes.get_by_text("Ask what they hear.").wait_for()
    assert "Before." in notes.inner_text()
    assert_alone(page)
