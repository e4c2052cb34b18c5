"""What a student sees: JupyterLab and the pages, in a real browser.

JupyterLab runs on this machine only, with settings of its own, in a copy of the
course without recordings. Screenshots are kept in build/screenshots/.
"""

import base64
import io
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import numpy as np
import pytest
import soundfile
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import run_notebooks
from conftest import REPO

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))),
    None,
)
SHOWN = sorted(path.name for path in (REPO / "notebooks").glob("[13]_*.ipynb"))
SCREENSHOTS = REPO / "build" / "screenshots"
LONGEST_RUN = 600  # seconds for one notebook

SETTINGS = {
    # Otherwise only the cells in view are in the page.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    # Otherwise a question about news hides the buttons.
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
}
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


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="needs playwright: see requirements-dev.txt"
    )
    if CHROMIUM is None:
        pytest.skip("needs Chromium: on Debian, apt-get install chromium")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",  # it refuses to start for root otherwise
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield opened
        opened.close()


@pytest.fixture
def page(browser):
    """A page that notes in ``page.outside`` what it wants from the network."""
    context = browser.new_context(viewport={"width": 1400, "height": 1500})
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    opened.outside, opened.mistakes = [], []
    inside = ("http://127.0.0.1:", "ws://127.0.0.1:", "file:", "data:", "blob:")

    def refuse(route):
        opened.outside.append(route.request.url)
        route.abort()

    context.route(lambda address: not address.startswith(inside), refuse)
    opened.on("pageerror", lambda error: opened.mistakes.append(str(error)))
    yield opened
    context.close()


@pytest.fixture(scope="module")
def lab(course_copy, browser, private_jupyter, tmp_path_factory):
    """JupyterLab on a copy of the course: its address, and the copy's folder."""
    root = course_copy("lab")
    settings = private_jupyter / "config_dir" / "labconfig"
    settings.mkdir(parents=True, exist_ok=True)
    overrides = settings / "default_setting_overrides.json"
    overrides.write_text(json.dumps(SETTINGS))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    hidden = {"RAVDESS_DIR", "MPLBACKEND"}
    environment = {k: v for k, v in os.environ.items() if k not in hidden}
    log = tmp_path_factory.mktemp("log") / "lab.log"
    with log.open("wb") as sink:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser"]
            + ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
            + [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}"]
            + ["--LabApp.extension_manager=readonly"],
            cwd=root,
            env=environment,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/api/status?token={token}", server, log)
        yield address, token, root
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


def wait_for(address, server, log):
    for _ in range(120):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            time.sleep(0.5)
    pytest.fail("JupyterLab does not start:\n" + log.read_text()[-3000:])


def menu(page, name, item):
    page.click(f'.lm-MenuBar-itemLabel:text-is("{name}")')
    page.click(f'.lm-Menu-itemLabel:text-is("{item}")')


def prompts(page):
    return page.locator(f"{PANEL} .jp-CodeCell .jp-InputArea-prompt").all_inner_texts()


def run_all(page):
    """Run > Run All Cells, and wait until no cell is queued and the kernel idle."""
    menu(page, "Run", "Run All Cells")
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


def save_and_read(page, path):
    """Save, then read the file: in the page, errors and warnings look the same."""

    def is_saved(answer):
        is_put = answer.request.method == "PUT" and "/api/contents/" in answer.url
        return is_put and answer.ok

    with page.expect_response(is_saved):
        menu(page, "File", "Save Notebook")
    return nbformat.read(path, as_version=4)


def keep_screenshots(page, name, most=24):
    """From top to bottom, a screenful each, in build/screenshots/."""
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


def assert_plays(page, player):
    """The player has a sound of more than a second, and playing it goes on."""
    player.evaluate("e => { e.preload = 'auto'; if (!e.readyState) e.load(); }")
    page.wait_for_function("e => e.readyState >= 1", arg=player.element_handle())
    assert player.evaluate("e => e.duration") > 1
    player.evaluate("e => { e.muted = true; return e.play(); }")
    page.wait_for_function("e => e.currentTime > 0.2", arg=player.element_handle())
    player.evaluate("e => e.pause()")


def assert_shown(page, pictures, players):
    """Every figure is a picture that was decoded, every player plays."""
    assert pictures.count() > 0
    widths = pictures.evaluate_all(
        "all => all.map(e => e.complete ? e.naturalWidth : 0)"
    )
    assert min(widths) > 0, widths
    for number in range(players.count()):
        assert_plays(page, players.nth(number))


@pytest.mark.parametrize("name", SHOWN)
def test_notebook_in_jupyterlab(name, page, lab):
    address, token, root = lab
    page.goto(f"{address}/lab/tree/notebooks/{name}?reset&token={token}")
    page.wait_for_selector(f"{PANEL} .jp-Cell", timeout=60_000)
    page.wait_for_function(KERNEL_IS_READY, timeout=60_000)
    run_all(page)
    keep_screenshots(page, name.removesuffix(".ipynb"))

    notebook = save_and_read(page, root / "notebooks" / name)
    cells = run_notebooks.code_cells(notebook)
    for number, output in run_notebooks.outputs(notebook):
        if output.output_type == "error":
            pytest.fail(f"code cell {number}: {output.ename}: {output.evalue}")
        assert run_notebooks.unknown_stderr(output) == "", f"code cell {number}"
    assert [c.execution_count for c in cells] == list(range(1, len(cells) + 1))

    players = page.locator(f"{PANEL} .jp-OutputArea audio")
    assert players.count() > 0, "there is nothing to hear"
    assert_shown(page, page.locator(f"{PANEL} .jp-RenderedImage img"), players)
    assert page.outside == []
    assert page.mistakes == []


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
    target.write_text(run_notebooks.page(notebook, source), encoding="utf-8")

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
    assert page.outside == []
    assert page.mistakes == []


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
