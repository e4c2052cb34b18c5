"""Notebook 5 as a student uses it: JupyterLab in a real browser, by keyboard.

On stand-in voices, since the copy of the course has no recordings. Screenshots are
kept in build/screenshots/.
"""

import io
import re

import pytest
import soundfile

from browser_tools import (
    PANEL,
    SCREENSHOTS,
    assert_alone,
    assert_ran_cleanly,
    code_cell,
    keep_screenshots,
    open_notebook,
    run_all,
    save_and_read,
    wait_until_done,
)
from xai4ser import voices

NAME = "5_hear_the_explanation.ipynb"
INSIDE = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
SLOWEST = 20_000  # ms for a panel to react on a busy machine


@pytest.fixture(scope="module")
def notebook(browser, lab):
    """Notebook 5, run from top to bottom: its page and its file."""
    context = browser.new_context(viewport={"width": 1400, "height": 1500})
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.outside, page.mistakes = [], []
    page.on("pageerror", lambda error: page.mistakes.append(str(error)))
    page.on(
        "request",
        lambda asked: asked.url.startswith(INSIDE) or page.outside.append(asked.url),
    )
    path = open_notebook(page, lab, NAME)
    run_all(page)
    yield page, path
    context.close()


def panel(page, source):
    """The output of the code cell whose source holds ``source``."""
    return code_cell(page, source).locator(".jp-OutputArea")


def picture(area):
    """The address of a panel's figure: another figure, another address."""
    return area.locator("img[alt]").first.get_attribute("src")


def wait_for_another(page, area, before):
    page.wait_for_function(
        "([area, before]) => { const img = area.querySelector('img[alt]');"
        " return img && img.src !== before && img.complete && img.naturalWidth; }",
        arg=[area.element_handle(), before],
        timeout=SLOWEST,
    )


def tab_to(page, target, most=40):
    """Press Tab until ``target`` has the focus."""
    for _ in range(most):
        if target.evaluate("e => e === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach {target}")


def test_run_all_passes_through_without_an_answer(notebook):
    page, path = notebook
    keep_screenshots(page, path.stem, most=40)
    assert_ran_cleanly(save_and_read(page, path))
    text = code_cell(page, "answered = played").locator(".jp-OutputArea")
    assert "You answered 0 of 6" in text.inner_text()
    assert_alone(page)


def test_a_sound_plays_to_its_end(notebook):
    page, _ = notebook
    players = panel(page, "versions = listen.variants").locator("audio")
    assert players.count() == 4
    player = players.nth(1)
    player.evaluate("e => { e.preload = 'auto'; if (!e.readyState) e.load(); }")
    page.wait_for_function("e => e.readyState >= 1", arg=player.element_handle())
    assert 1 < player.evaluate("e => e.duration") < 8
    player.evaluate("e => { e.muted = true; return e.play(); }")
    page.wait_for_function("e => e.ended", arg=player.element_handle(), timeout=SLOWEST)


def test_the_figure_of_the_explorer_follows_its_controls(notebook):
    page, _ = notebook
    area = panel(page, "explorer = panels.Explorer")
    seen = [picture(area)]
    for control in ("emotion", "explain"):
        label = re.compile(rf"^{control}")
        row = area.locator(".widget-toggle-buttons", has_text=label)
        row.locator("button:not(.mod-active)", has_text="sad").focus()
        page.keyboard.press("Space")
        wait_for_another(page, area, seen[-1])
        seen.append(picture(area))
    handle = area.locator(".widget-slider .noUi-handle")
    handle.focus()
    page.keyboard.press("ArrowRight")
    wait_for_another(page, area, seen[-1])
    seen.append(picture(area))
    assert len(set(seen)) == 4
    assert "without the 32 bands strongest for sad" in area.inner_text()
    assert "emotion sad" in area.get_by_role("status").inner_text()
    assert area.locator("audio").count() == 4
    area.locator("audio").first.scroll_into_view_if_needed()
    page.screenshot(path=SCREENSHOTS / "5_explorer.png")


def test_the_game_is_played_by_keyboard_alone(notebook):
    page, _ = notebook
    area = panel(page, "game = panels.Game")
    sound = area.locator("audio").first
    assert area.locator("figcaption").first.inner_text() == "Recording 1 of 6"
    assert area.locator("img[alt]").count() == 0  # nothing is given away
    cells = page.locator(f"{PANEL} .jp-Cell").count()
    sound.focus()
    page.keyboard.press("Space")
    page.wait_for_function("e => !e.paused", arg=sound.element_handle())
    for number in range(1, 7):
        tab_to(page, area.get_by_role("button", name="sad"))
        page.keyboard.press("Space")
        tab_to(page, area.locator("input[type=checkbox]").first)
        page.keyboard.press("Space")
        tab_to(page, area.get_by_role("button", name="Answer and reveal"))
        page.keyboard.press("Space")
        area.get_by_text("You: sad.").wait_for(timeout=SLOWEST)
        assert area.locator("img[alt]").count() == 1
        if number == 1:
            area.locator("img[alt]").first.scroll_into_view_if_needed()
            page.screenshot(path=SCREENSHOTS / "5_game.png")
        if number < 6:
            sound.focus()
            tab_to(page, area.get_by_role("button", name="Next recording"))
            page.keyboard.press("Space")
            area.get_by_text(f"Recording {number + 1} of 6").wait_for(timeout=SLOWEST)
            sound.focus()
    # JupyterLab did not take a key for a command of its own.
    assert page.locator(f"{PANEL} .jp-Cell").count() == cells
    cell = code_cell(page, "answered = played")
    cell.locator(".jp-InputArea-editor").click()
    page.keyboard.press("Shift+Enter")
    cell.get_by_text("You answered 6 of 6").wait_for(timeout=SLOWEST)
    assert "pitch" in cell.locator(".jp-OutputArea").inner_text()
    page.keyboard.press("Escape")
    matrices = code_cell(page, "import confusion_matrix")
    matrices.locator(".jp-InputArea-editor").click()
    page.keyboard.press("Shift+Enter")
    wait_until_done(page)
    figure = matrices.locator(".jp-RenderedImage img")
    figure.scroll_into_view_if_needed()
    assert figure.evaluate("e => e.naturalWidth") > 1200  # two matrices now
    page.screenshot(path=SCREENSHOTS / "5_table.png")


def test_a_file_is_uploaded(notebook):
    page, _ = notebook
    area = panel(page, "panels.OwnVoice(")
    sound, rate = voices.speak("happy", actor=12)
    content = io.BytesIO()
    soundfile.write(content, sound, rate, format="WAV", subtype="PCM_16")
    files = {"name": "me.wav", "mimeType": "audio/wav", "buffer": content.getvalue()}
    with page.expect_file_chooser() as chooser:
        area.get_by_role("button", name="Choose a sound file").click()
    chooser.value.set_files(files)
    area.get_by_text("standard deviations per feature").wait_for(timeout=SLOWEST)
    assert area.locator("audio").count() == 4
    with page.expect_file_chooser() as chooser:
        area.get_by_role("button", name="Choose a sound file").click()
    chooser.value.set_files(files | {"name": "me.txt", "buffer": b"hello"})
    area.get_by_text("me.txt is not a sound").wait_for(timeout=SLOWEST)
    page.screenshot(path=SCREENSHOTS / "5_own_voice.png")
