"""What a student sees: JupyterLab and the pages, in a real browser.

JupyterLab runs on this machine only, with settings of its own, in a copy of the
course without recordings. Screenshots are kept in build/screenshots/.
"""

import base64
import io

import nbformat
import numpy as np
import pytest
import soundfile
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import live_slides
import notebook_files
import pages
from browser_tools import (
    PANEL,
    SCREENSHOTS,
    assert_alone,
    assert_ran_cleanly,
    assert_shown,
    code_cell,
    keep_screenshots,
    open_notebook,
    run_all,
    save_and_read,
    type_into,
)
from conftest import REPO

NOTEBOOKS = notebook_files.numbered_notebooks(REPO)
# All are executed in tests/test_notebooks.py. A browser shows them alike, so here one
# is run, and the fifth, with its panels, in a test of its own.
RUN = [path.name for path in NOTEBOOKS if path.name.startswith("1_")]


@pytest.mark.parametrize("name", RUN)
def test_notebook_in_jupyterlab(name, page, lab):
    path = open_notebook(page, lab, name)
    run_all(page)
    keep_screenshots(page, path.stem)
    assert_ran_cleanly(save_and_read(page, path))
    players = page.locator(f"{PANEL} .jp-OutputArea audio")
    assert players.count() > 0 or "find.recordings" not in path.read_text()
    assert_shown(page, page.locator(f"{PANEL} .jp-RenderedImage img"), players)
    assert_alone(page)
    if name.startswith("1_"):
        solve_an_exercise(page)


def solve_an_exercise(page):
    """Wrong first, then right, by typing into the cell as a student does."""
    task = code_cell(page, 'exercises.check("1.1"')
    shown = task.locator(".jp-OutputArea-output").last
    assert "not attempted" in shown.inner_text()
    given = task.locator(".cm-content").inner_text()
    for answer, verdict in (
        ('"sad"', "not yet"),
        ('corpus.emotions[int(other_name.split("-")[2]) - 1]', "right"),
    ):
        type_into(page, task, given.replace("...", answer))
        shown.get_by_text(f"Exercise 1.1: {verdict}.").wait_for()
    task.screenshot(path=SCREENSHOTS / "exercise_solved.png")


@pytest.mark.parametrize("name", [p.name for p in NOTEBOOKS if p.name not in RUN])
def test_notebook_opens_with_its_results(name, page, lab):
    """As it is committed, before anything is run: cells, figures, no error."""
    path = open_notebook(page, lab, name)
    notebook = nbformat.read(path, as_version=4)
    assert page.locator(f"{PANEL} .jp-Cell").count() == len(notebook.cells)
    shown = [o for _, o in notebook_files.outputs(notebook) if "data" in o]
    figures = sum("image/png" in output.data for output in shown)
    pictures = page.locator(f"{PANEL} .jp-RenderedImage img")
    assert pictures.count() == figures
    if figures:
        assert_shown(page, pictures, page.locator("no-player"))
    keep_screenshots(page, path.stem)
    assert_alone(page)


def test_live_slides_in_jupyterlab(page, lab):
    """`make present`: the deck starts, and the arrow leads to the next section."""
    page.set_viewport_size({"width": 1280, "height": 720})
    path = lab[2] / "notebooks" / NOTEBOOKS[0].name
    notebook = nbformat.read(path, as_version=4)
    live_slides.mark_slides(notebook)
    notebook_files.write(notebook, path.with_name("live.ipynb"))
    open_notebook(page, lab, "live.ipynb")
    page.locator(f"{PANEL} .jp-Cell").first.click()
    page.locator('[title="Toggle Deck"]').first.click()
    headings = page.locator(f"{PANEL} .jp-MarkdownOutput h2")
    opening, set_up = headings.nth(0), headings.nth(1)
    set_up.wait_for(state="hidden")
    assert opening.is_visible()
    page.keyboard.press("ArrowRight")
    set_up.wait_for(state="visible")
    opening.wait_for(state="hidden")
    page.screenshot(path=SCREENSHOTS / "live_slides.png")
    assert page.outside == []


def test_page_needs_no_network(page, tmp_path):
    """An exported page shows its formulas, figures and sound all by itself."""
    source = tmp_path / "1_toy.ipynb"
    formulas = (
        "# A toy\n\nInline $\\phi_i$ and\n\n$$\\sum_{i=1}^{n} \\phi_i = f(x)$$\n\n"
        "\\begin{align} a &= b \\\\ c &= d \\end{align}\n\n"
        "<details><summary>Solution</summary>\n\nIt is $\\frac{1}{2}$.\n\n</details>"
        "\n\n[next](2_CNN_model.ipynb#top), [glossary](../docs/glossary.md)"
        "\n\n![drawn](dot.png)"
    )
    notebook = new_notebook(cells=[new_markdown_cell(formulas), new_code_cell("1")])
    picture = (  # one pixel
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
        "WjR9awAAAABJRU5ErkJggg=="
    )
    (tmp_path / "dot.png").write_bytes(base64.b64decode(picture))
    notebook.cells[1].outputs = [
        new_output("display_data", {"image/png": picture}),
        new_output("display_data", {"text/html": tone(seconds=2)}),
        new_output("display_data", {"text/latex": "$\\alpha$"}),
    ]
    target = tmp_path / "1_toy.html"
    target.write_text(pages.page(notebook, source), encoding="utf-8")

    page.goto(target.as_uri())
    assert page.locator("math").count() == 5
    assert page.locator("details math").is_hidden()
    page.locator("details summary").click()
    assert page.locator("details math").is_visible()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "page.png")
    boxes = page.locator("math").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect().width)"
    )
    assert min(boxes) > 4, boxes
    assert "$" not in page.locator("main").inner_text()
    assert page.title() == "A toy"
    links = page.locator("main a:not(.anchor-link)").evaluate_all(
        "all => all.map(e => e.getAttribute('href'))"
    )
    assert links == ["2_CNN_model.html#top", "../../docs/glossary.md"]
    target.with_name("dot.png").unlink()
    page.reload()
    assert page.locator("img").count() == 2
    assert_shown(page, page.locator("img"), page.locator("audio"))
    assert_alone(page)


def tone(seconds: float) -> str:
    """A player, as the library writes one, of a quiet tone."""
    samples = 0.1 * np.sin(2 * np.pi * 440 * np.arange(int(8000 * seconds)) / 8000)
    wav = io.BytesIO()
    soundfile.write(wav, samples, 8000, format="WAV", subtype="PCM_16")
    sound = base64.b64encode(wav.getvalue()).decode()
    return (
        '<figure class="player" aria-label="A tone"><figcaption>A tone</figcaption>'
        f'<audio controls src="data:audio/wav;base64,{sound}"></audio></figure>'
    )
