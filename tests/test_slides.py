"""The slides: what stands on them, what the speaker sees, and that nothing is cut."""

import base64
import io
import json
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import live_slides
import notebook_files
import slides
from browser_tools import SCREENSHOTS, assert_alone
from conftest import REPO

NOTEBOOKS = notebook_files.numbered_notebooks(REPO)
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
        new_markdown_cell(
            "## 1. Sound\n\nBefore. What **matters** more than all of the rest of it "
            "is here. End."
        ),
        new_code_cell("draw()", outputs=[figure(900, 400)]),
        new_markdown_cell("Look at the left edge of it, which is dark.\n\n### Levels"),
        new_code_cell("helper = 1"),
        new_code_cell("print(2)", outputs=[stream("2 < 3\n")]),
        new_markdown_cell(
            '<div class="alert alert-warning">\n\n**Exercise 1.1.** Add.\n\n'
            "<details><summary>Solution</summary>\n\nIt is 3.\n\n</details>\n</div>"
        ),
        new_code_cell(
            'x = ...\nexercises.check("1.1", x)', outputs=[stream("not attempted")]
        ),
        new_code_cell("many_panels()", outputs=[figure(900, 800)]),
        new_markdown_cell("Only for readers.", metadata={"tags": ["skip-slide"]}),
        new_markdown_cell(
            "A short one. A second one. A third.", metadata={"tags": ["whole-slide"]}
        ),
    ]
    return new_notebook(cells=cells)


def test_slides_follow_from_the_notebook():
    deck = slides.slides_of(toy())
    assert [(slide.title, slide.first) for slide in deck] == [
        ("Series", True),
        ("1. Sound", True),
        ("Levels", False),
        ("Levels", False),
        ("Levels", False),
    ]
    opening, sound, levels, task, panels = ("\n".join(s.parts) for s in deck)
    assert '<p class="subtitle">Notebook 1: a toy</p>' in opening
    assert "the rest of it is here." in sound
    assert "Before" not in sound and "End." not in sound
    assert 'alt="Level over &lt;time&gt;"' in sound
    assert '<div class="fragment remark"><p>Look at the left edge' in sound
    assert sound.index("<img") < sound.index("Look at")
    assert "helper" in levels and "2 &lt; 3" in levels
    assert "<details><summary>Solution" in task and "exercises" in task
    assert "not attempted" not in task
    assert deck[4].is_tall and not deck[1].is_tall
    assert "A third." in panels
    assert "Only for readers" not in "".join("".join(s.parts + s.notes) for s in deck)


def test_the_speaker_sees_the_whole_text_and_the_guide():
    page = slides.page(toy(), "toy", {"Sound": "* **Ask:** what do you hear?"})
    notes = page.split('<aside class="notes">')
    assert "what do you hear?" in notes[2]
    assert "Before." in notes[2]
    assert "<details open>" in notes[4]
    assert "what do you hear?" not in "".join(notes[3:])


@pytest.mark.parametrize(
    ("paragraph", "shown"),
    [
        (
            "This sentence has quite enough words to stand alone. Not this.",
            "This sentence has quite enough words to stand alone.",
        ),
        ("Short. Then the next one comes along. No.", None),
        (
            "First. See **B. Keller et al. 2020** for what has been found about it. Z.",
            "See **B. Keller et al. 2020** for what has been found about it.",
        ),
        (
            "A. What holds (it is so. Really) is $x. y$, and has been for long. Z.",
            None,
        ),
    ],
)
def test_key_sentence(paragraph, shown):
    found = slides.key_sentence(paragraph)
    assert found == (shown or paragraph[: paragraph.rindex(". ") + 1])
    for mark in ("**", "$"):
        assert found.count(mark) % 2 == 0


def test_blocks_keep_boxes_formulas_and_code_whole():
    box = '<div class="alert">\n\n**Box**\n\n<details>\n\nx\n\n</details>\n</div>'
    code = "```\na\n\nb\n```"
    formula = "$$\na\n\nb\n$$"
    text = f"One.\n\n{box}\n\n<!-- time -->{code}\n\n{formula}\n\n* a\n* b"
    assert slides.blocks(text) == ["One.", box, code, formula, "* a\n* b"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_guide_has_every_section(path):
    """And no other: a section that was renamed must be renamed in the guide."""
    notebook = nbformat.read(path, as_version=4)
    opening, *deck = slides.slides_of(notebook)
    sections = {slides.without_number(slide.section) for slide in deck}
    sections -= {opening.section, "Set-up", "What you can now answer"}
    assert set(GUIDE.get(path.name[0], {})) == sections
    for section, text in GUIDE[path.name[0]].items():
        assert text[0].isdigit() and " minutes" in text.split("\n")[0], section
        for word in ("Point", "Ask", "Expect", "Catch"):
            assert f"* **{word}:** " in text, f"{section}: {word}"
        prose = "\n".join(
            "\n".join([*slide.parts, *slide.notes])
            for slide in deck
            if slides.without_number(slide.section) == section
        )
        exercises = set(re.findall(r"<strong>Exercise (\d\.\d)", prose))
        planned = re.findall(r"\d\.\d", text.split("* **Point")[0])
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
    assert kinds == expected + ["skip", "subslide"]


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
        .filter(e => !e.closest('aside, details:not([open])'));
    const out = shown.filter(e => {
        const box = e.getBoundingClientRect();
        return box.right > frame.right + 1 || box.bottom > frame.bottom + 1;
    });
    if (slide.scrollHeight > slide.clientHeight + 1) out.push(slide);
    return [out.map(e => e.outerHTML.slice(0, 200)),
            parseFloat(getComputedStyle(slide).fontSize)];
}"""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_slide_is_cut_off(path, page, tmp_path):
    page.set_viewport_size({"width": 1280, "height": 720})
    notebook = nbformat.read(path, as_version=4)
    file = tmp_path / "slides.html"
    file.write_text(slides.page(notebook, path.stem, GUIDE.get(path.name[0], {})))
    page.goto(file.as_uri())
    page.wait_for_function("Reveal.isReady()")
    total = page.evaluate("Reveal.getTotalSlides()")
    assert total > 10
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    seen = 0
    while True:
        cut_off, size = page.evaluate(CUT_OFF)
        title = page.evaluate("Reveal.getCurrentSlide().innerText.slice(0, 60)")
        name = f"slides_{path.stem}_{seen + 1:02d}.png"
        page.screenshot(path=SCREENSHOTS / name)
        assert cut_off == [], f"say less, or tag it skip-slide: {title}"
        assert size >= 15, f"too small: say less, or tag it skip-slide: {title}"
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
    assert page.evaluate(title) == "Series"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(title) == "1. Sound"
    remark = page.locator(".remark").first
    assert not remark.evaluate("e => e.classList.contains('visible')")
    page.keyboard.press("ArrowDown")
    assert remark.evaluate("e => e.classList.contains('visible')")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(title) == "Levels"
    page.keyboard.press("ArrowUp")
    with page.context.expect_page() as opened:
        page.keyboard.press("s")
    notes = opened.value.locator(".speaker-controls-notes")
    notes.get_by_text("Ask what they hear.").wait_for()
    assert "Before." in notes.inner_text()
    assert_alone(page)
