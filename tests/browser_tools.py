"""What the browser's tests share: how to use JupyterLab, and what must be shown.

The fixtures ``browser``, ``page`` and ``lab`` are in conftest.py.
"""

import shutil
import time
from pathlib import Path

import nbformat
import pytest

import clean
import notebook_files

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))),
    None,
)
SCREENSHOTS = Path(__file__).resolve().parents[1] / "build" / "screenshots"
LONGEST_RUN = 600  # seconds for one notebook

PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
# The circle in the toolbar is idle before there is a kernel; the status bar is
# not, and only after a second can it be believed.
KERNEL_IS_READY = """() => {
    const texts = [...document.querySelectorAll('.jp-StatusBar-TextItem')]
        .map(item => item.innerText);
    const kernel = texts.find(text => text.includes(' | ')) || '';
    const ready = kernel.endsWith('| Idle') && !kernel.startsWith('No Kernel');
    if (!ready) window.readySince = 0;
    else window.readySince ||= performance.now();
    return ready && performance.now() - window.readySince > 1000;
}"""


def open_notebook(page, lab, name: str) -> Path:
    """Open notebooks/``name`` and wait for its kernel; the path of its file."""
    address, token, root = lab
    page.goto(f"{address}/lab/tree/notebooks/{name}?reset&token={token}")
    page.wait_for_selector(f"{PANEL} .jp-Cell", timeout=60_000)
    page.wait_for_function(KERNEL_IS_READY, timeout=60_000)
    return root / "notebooks" / name


def menu(page, name: str, item: str) -> None:
    """Choose an item of one of JupyterLab's menus."""
    page.click(f'.lm-MenuBar-itemLabel:text-is("{name}")')
    page.click(f'.lm-Menu-itemLabel:text-is("{item}")')


def prompts(page) -> list[str]:
    """What stands before each code cell: "[3]:" when it was executed third."""
    return page.locator(f"{PANEL} .jp-CodeCell .jp-InputArea-prompt").all_inner_texts()


def run_all(page) -> None:
    """Run > Run All Cells, and wait until it is done."""
    menu(page, "Run", "Run All Cells")
    wait_until_done(page)


def wait_until_done(page) -> None:
    """Wait until no cell is queued and the kernel is idle for two seconds."""
    indicator = page.locator(f"{PANEL} .jp-Notebook-ExecutionIndicator")
    calm, end = 0, time.monotonic() + LONGEST_RUN
    while calm < 4:
        page.wait_for_timeout(500)
        if time.monotonic() > end:
            pytest.fail(f"not done after {LONGEST_RUN} s: {prompts(page)}")
        dialogs = page.locator(".jp-Dialog")
        if dialogs.count():
            pytest.fail("JupyterLab asks: " + dialogs.first.inner_text())
        is_idle = indicator.get_attribute("data-status") == "idle"
        calm = calm + 1 if is_idle and "[*]:" not in prompts(page) else 0


def code_cell(page, text: str):
    """The code cell whose source contains ``text``."""
    editor = page.locator(".jp-InputArea-editor", has_text=text)
    return page.locator(f"{PANEL} .jp-CodeCell").filter(has=editor)


def type_into(page, cell, source: str) -> None:
    """Replace the source of a code cell by typing, execute it with Shift+Enter."""
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(source)
    page.keyboard.press("Shift+Enter")
    wait_until_done(page)


def save_and_read(page, path: Path):
    """Save, then read the file: in the page, errors and warnings look the same."""

    def is_saved(answer):
        is_put = answer.request.method == "PUT" and "/api/contents/" in answer.url
        return is_put and answer.ok

    with page.expect_response(is_saved):
        menu(page, "File", "Save Notebook")
    return nbformat.read(path, as_version=4)


def keep_screenshots(page, name: str, most: int = 24) -> None:
    """The notebook from top to bottom, a screenful each, in build/screenshots/."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for old in SCREENSHOTS.glob(f"{name}_*.png"):
        old.unlink()
    scroller = page.locator(f"{PANEL} .jp-WindowedPanel-outer").first
    height = scroller.evaluate("e => e.clientHeight")
    length = scroller.evaluate("e => e.scrollHeight")
    for number in range(min(most, -(-length // height))):
        scroller.evaluate("(e, top) => e.scrollTo(0, top)", number * height)
        page.wait_for_timeout(200)
        page.screenshot(path=SCREENSHOTS / f"{name}_{number + 1:02d}.png")


def assert_plays(page, player) -> None:
    """The player has a sound of more than a second, and playing it goes on."""
    player.evaluate("e => { e.preload = 'auto'; if (!e.readyState) e.load(); }")
    page.wait_for_function("e => e.readyState >= 1", arg=player.element_handle())
    assert player.evaluate("e => e.duration") > 1
    player.evaluate("e => { e.muted = true; return e.play(); }")
    page.wait_for_function("e => e.currentTime > 0.2", arg=player.element_handle())
    player.evaluate("e => e.pause()")


def assert_shown(page, pictures, players) -> None:
    """Every figure is a picture that was decoded, every player plays."""
    assert pictures.count() > 0
    widths = pictures.evaluate_all(
        "all => all.map(e => e.complete ? e.naturalWidth : 0)"
    )
    assert min(widths) > 0, widths
    for number in range(players.count()):
        assert_plays(page, players.nth(number))


def assert_ran_cleanly(notebook) -> None:
    """Every cell of a saved notebook ran once, in order, and nothing complained."""
    cells = notebook_files.code_cells(notebook)
    for number, output in notebook_files.outputs(notebook):
        if output.output_type == "error":
            pytest.fail(f"code cell {number}: {output.ename}: {output.evalue}")
        assert clean.unknown_stderr(output) == "", f"code cell {number}"
    assert [c.execution_count for c in cells] == list(range(1, len(cells) + 1))


def assert_alone(page) -> None:
    """Nothing was wanted from the network, and no script failed."""
    assert page.outside == []
    assert page.mistakes == []
