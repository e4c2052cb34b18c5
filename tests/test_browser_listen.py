"""Notebook 5 as a student uses it: JupyterLab in a real browser, by keyboard.

On stand-in voices, since the copy of the course has no recordings. Screenshots are
kept in build/screenshots/.
"""

import io
import re

import librosa
import numpy as np
import pytest
import soundfile
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import clean
import pages
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
from course import stage
from xai4ser import features, voices
from xai4ser.ravdess import EMOTIONS

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
    return code_cell(page, source).locator(".jp-OutputArea").first


def shown_in(area):
    """The addresses of a panel's pictures: other pictures, other addresses."""
    return area.locator(".stage img").evaluate_all("all => all.map(e => e.src)")


def wait_for_another(page, area, before):
    page.wait_for_function(
        "([area, before]) => { const img = area.querySelector('.stage img');"
        " return img && img.src !== before[0] && img.complete; }",
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
    text = code_cell(page, "played := game.results()").locator(".jp-OutputArea")
    assert "answers come when you have played" in text.inner_text()
    assert_alone(page)


def state_of(stage):
    """Of each sound of a stage, its time and whether it is playing."""
    return stage.locator("audio").evaluate_all(
        "all => all.map(e => [e.currentTime, !e.paused])"
    )


def test_the_stage_plays_and_keeps_the_place_by_keyboard_alone(notebook):
    """Play, change the version while it plays, move, and pause: no mouse."""
    page, _ = notebook
    stage = panel(page, "versions = listen.variants").locator(".stage")
    stage.scroll_into_view_if_needed()
    cells = page.locator(f"{PANEL} .jp-Cell").count()
    play = stage.locator(".play")
    play.focus()
    page.keyboard.press("Space")
    cursor = stage.locator(".picture i")
    page.wait_for_function(
        "e => e.querySelector('audio').currentTime > 0.7", arg=stage.element_handle()
    )
    assert play.get_attribute("aria-pressed") == "true"
    page.keyboard.press("c")
    before, _, (time, is_playing), _ = state_of(stage)
    assert is_playing and not before[1]
    assert time == pytest.approx(before[0], abs=0.5)
    pressed = stage.locator('.version[aria-pressed="true"]')
    assert pressed.inner_text().startswith("C only what spoke against")
    assert stage.locator("img:not([hidden])").count() == 1
    assert stage.locator("img").nth(2).is_visible()
    said = stage.get_by_role("status").inner_text()
    assert said.startswith("only what spoke against angry: ")
    cursor.wait_for(state="visible", timeout=SLOWEST)  # when the voice begins
    page.screenshot(path=SCREENSHOTS / "5_stage.png")
    tab_to(page, stage.locator(".version").nth(3))
    page.keyboard.press("Enter")
    assert pressed.inner_text().startswith("D without")
    play.focus()
    page.keyboard.press("Space")
    assert not any(is_playing for _, is_playing in state_of(stage))
    place = stage.locator(".place")
    place.focus()
    page.keyboard.press("Home")
    assert state_of(stage)[3][0] == 0
    page.keyboard.press("End")
    assert state_of(stage)[3][0] > 1
    assert "seconds" in place.get_attribute("aria-valuetext")
    even = stage.locator(".even")
    even.focus()
    page.keyboard.press("Space")
    assert even.get_attribute("aria-pressed") == "true"
    volumes = stage.locator("audio").evaluate_all("all => all.map(e => e.volume)")
    assert max(volumes) == 1 and min(volumes) < 0.9
    page.keyboard.press("Space")
    # JupyterLab did not take a key for a command of its own.
    assert page.locator(f"{PANEL} .jp-Cell").count() == cells


def test_the_tone_control_is_a_slider(notebook):
    page, _ = notebook
    stage = panel(page, "stage.of_tone").locator(".stage")
    slider = stage.locator(".share input")
    slider.focus()
    said = [stage.get_by_role("status").inner_text()]
    for key in ("ArrowRight", "End"):
        page.keyboard.press(key)
        said.append(stage.get_by_role("status").inner_text())
    assert [text.split(":")[0] for text in said] == ["0 %", "10 %", "100 %"]
    assert slider.get_attribute("aria-valuetext") == "100 %"
    first, last = (text.split(": ")[1].split()[0] for text in (said[0], said[2]))
    assert first != last
    assert stage.locator(".bars tr.first th").inner_text() == last
    page.screenshot(path=SCREENSHOTS / "5_tone.png")


def test_the_stage_of_the_explorer_follows_its_controls(notebook):
    page, _ = notebook
    area = panel(page, "panels.Explorer(")
    area.locator(".stage img").first.wait_for(timeout=SLOWEST)
    for control in ("emotion", "explain"):
        seen = shown_in(area)
        label = re.compile(rf"^{control}")
        row = area.locator(".widget-toggle-buttons", has_text=label)
        button = row.locator("button:not(.mod-active)", has_text="sad")
        assert button.get_attribute("title") == f"{control}: sad"
        button.focus()
        page.keyboard.press("Space")
        wait_for_another(page, area, seen)
    handle = area.locator(".widget-slider .noUi-handle")
    handle.focus()
    page.keyboard.press("ArrowRight")
    area.get_by_text("without the 32 bands strongest for sad").first.wait_for(
        timeout=SLOWEST
    )
    assert "emotion sad" in area.get_by_role("status").first.inner_text()
    assert page.locator(f'{PANEL} button[title="null"]').count() == 0
    area.locator(".stage").scroll_into_view_if_needed()
    page.screenshot(path=SCREENSHOTS / "5_explorer.png")


def test_the_game_is_played_by_keyboard_alone(notebook):
    page, _ = notebook
    area = panel(page, "game = panels.Game")
    cells = page.locator(f"{PANEL} .jp-Cell").count()
    sound = area.locator("audio").nth(1)
    sound.focus()
    page.keyboard.press("Space")
    page.wait_for_function("e => !e.paused", arg=sound.element_handle())
    for number in range(1, 7):
        area.get_by_text(f"Recording {number} of 6").first.wait_for(timeout=SLOWEST)
        assert area.locator(".stage").count() == 0  # nothing is given away
        assert "network" not in area.inner_text()
        area.locator("audio").nth(1).focus()
        tab_to(page, area.get_by_role("button", name="sad"))
        page.keyboard.press("Space")
        tab_to(page, area.locator("input[type=checkbox]").first)
        page.keyboard.press("Space")
        tab_to(page, area.get_by_role("button", name="Answer", exact=True))
        page.keyboard.press("Space")
    area.get_by_text("The network: ").first.wait_for(timeout=SLOWEST)
    assert area.locator("table tbody tr").count() == 6
    area.scroll_into_view_if_needed()
    page.screenshot(path=SCREENSHOTS / "5_game.png")
    tab_to(page, area.get_by_role("button", name="1", exact=True))
    page.keyboard.press("Space")
    area.locator(".stage").wait_for(timeout=SLOWEST)
    area.locator(".stage").scroll_into_view_if_needed()
    page.screenshot(path=SCREENSHOTS / "5_game_stage.png")
    # JupyterLab did not take a key for a command of its own.
    assert page.locator(f"{PANEL} .jp-Cell").count() == cells
    cell = code_cell(page, "played := game.results()")
    cell.locator(".jp-InputArea-editor").click()
    page.keyboard.press("Shift+Enter")
    cell.get_by_text("you, 6 recordings").wait_for(timeout=SLOWEST)
    wait_until_done(page)
    assert "pitch" in cell.locator(".jp-OutputArea").inner_text()


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
    area.locator(".stage").wait_for(timeout=SLOWEST)
    assert area.locator("audio").count() == 4
    with page.expect_file_chooser() as chooser:
        area.get_by_role("button", name="Choose a sound file").click()
    chooser.value.set_files(files | {"name": "me.txt", "buffer": b"hello"})
    area.get_by_text("me.txt is not a sound").wait_for(timeout=SLOWEST)
    page.screenshot(path=SCREENSHOTS / "5_own_voice.png")


def test_a_page_shows_the_stage_without_a_network(page, tmp_path):
    """As on the pages and slides: one file, opened from a disk, its script inside."""
    sound, rate = voices.speak("happy", actor=12)
    sound = librosa.resample(sound, orig_sr=rate, target_sr=features.SAMPLING_RATE)
    moments = np.ones((len(features.mel_levels(sound)), features.BANDS))
    made = stage.Stage(
        tuple(
            stage.Version(name, gain * sound, np.eye(8)[number])
            for number, (name, gain) in enumerate({"loud": 1, "soft": 0.1}.items())
        ),
        (stage.picture(features.mel_levels(sound), moments),),
        EMOTIONS,
        "Two versions",
        "Spectrogram of a voice",
    )
    output = new_output("display_data", {"text/html": made._repr_html_()})
    cells = [new_markdown_cell("# Toy"), new_code_cell("1", outputs=[output])]
    notebook = new_notebook(cells=cells)
    file = tmp_path / "toy.html"
    file.write_text(pages.page(notebook, tmp_path / "5_toy.ipynb"))
    page.goto(file.as_uri())
    tab_to(page, page.get_by_role("button", name="Play"))
    page.keyboard.press("Space")
    page.wait_for_function("document.querySelector('audio').currentTime > 0.3")
    page.keyboard.press("b")
    (first, _), (second, is_playing) = state_of(page.locator(".stage"))
    assert is_playing and second == pytest.approx(first, abs=0.5)
    assert page.get_by_role("status").inner_text().startswith("soft: calm 100 %")
    page.screenshot(path=SCREENSHOTS / "5_stage_on_a_page.png")
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('audio').currentTime > 0.6")
    assert page.locator(".picture i").evaluate("e => e.style.left") != ""
    assert_alone(page)
    clean.clean(notebook, "toy", tmp_path)  # as it is committed
    file.write_text(pages.page(notebook, tmp_path / "5_toy.ipynb"))
    page.reload()
    assert page.locator(".stage img").is_visible()
    assert page.locator(".stage li").all_inner_texts()[1].startswith("soft: calm 100")
    assert page.locator(".stage button, .stage input, audio").count() == 0
    assert_alone(page)
