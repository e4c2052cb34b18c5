"""What the tests share: paths, the recordings, copies of the course, a browser.

Nothing here or in a test writes to the working tree, except below build/.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]

# Before anything imports TensorFlow or matplotlib.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "Agg")

# What a copy of the course leaves behind: what git does not know.
NOT_COPIED = ("__pycache__", ".*_checkpoints", ".pytest_cache", ".ruff_cache", "*.part")
NOT_COPIED_FROM_TOP = {".git", ".venv", "build", "data"}


# What a test needs follows from its fixtures; what takes long is marked by hand.
MARKER_OF_FIXTURE = {
    "browser": "browser",
    "recordings": "recordings",
    "site": "notebooks",
    "trained": "training",
    "executed": "notebooks",
    "executed_with_recordings": "notebooks",
}


def pytest_collection_modifyitems(items):
    for item in items:
        for fixture in MARKER_OF_FIXTURE.keys() & set(item.fixturenames):
            item.add_marker(MARKER_OF_FIXTURE[fixture])


@pytest.fixture(scope="session")
def repo() -> Path:
    """The top of the repository."""
    return REPO


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of the real recordings; without them the test is skipped."""
    from xai4ser import find

    found = find.look().recordings
    if found is None or not found.complete:
        pytest.skip("needs the recordings: set RAVDESS_DIR to their folder")
    return found.folder.resolve()


def copy_course(target: Path) -> Path:
    """Copy the course to ``target``, without recordings and what was built."""
    by_name = shutil.ignore_patterns(*NOT_COPIED)

    def ignore(folder, names):
        ignored = set(by_name(folder, names))
        if Path(folder) == REPO:
            ignored |= NOT_COPIED_FROM_TOP & set(names)
        return ignored

    shutil.copytree(REPO, target, ignore=ignore)
    (target / "data").mkdir()
    readme = REPO / "data" / "README.md"
    if readme.is_file():
        shutil.copy(readme, target / "data")
    return target


@pytest.fixture(scope="module")
def course_copy(tmp_path_factory):
    """Call it with a name: a fresh copy of the course, in which to run notebooks."""
    made = []

    def make(name: str) -> Path:
        made.append(copy_course(tmp_path_factory.mktemp(name) / "course"))
        return made[-1]

    yield make
    for copy in made:
        shutil.rmtree(copy, ignore_errors=True)


class Course:
    """A copy of the course, each of whose notebooks is executed at most once."""

    def __init__(self, root: Path, recordings: Path | None):
        self.root = copy_course(root)
        self.recordings = recordings
        self.done = {}

    def notebook(self, name: str):
        """The notebook as it was executed; the test fails if it cannot be."""
        if name not in self.done:
            self.done[name] = self._execute(self.root / "notebooks" / name)
        notebook, reason = self.done[name]
        if reason:
            pytest.fail(reason, pytrace=False)
        return notebook

    def _execute(self, path: Path):
        from clean import ANSI_COLOUR
        from execute import execute
        from notebook_files import NotebookError

        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("RAVDESS_DIR", raising=False)
            patch.delenv("OTHER_CORPUS_DIR", raising=False)
            if self.recordings:
                patch.setenv("RAVDESS_DIR", str(self.recordings))
            try:
                return execute(path)[0], ""
            except NotebookError as error:
                return error.notebook, ANSI_COLOUR.sub("", str(error))


@pytest.fixture(scope="session")
def executed(tmp_path_factory, private_jupyter):
    """The course without recordings: ``executed.notebook(name)``, for all tests."""
    course = Course(tmp_path_factory.mktemp("without_recordings") / "course", None)
    yield course
    shutil.rmtree(course.root, ignore_errors=True)


@pytest.fixture(scope="session")
def executed_with_recordings(tmp_path_factory, private_jupyter, recordings):
    """The same with the real recordings."""
    course = Course(tmp_path_factory.mktemp("with_recordings") / "course", recordings)
    yield course
    shutil.rmtree(course.root, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def private_jupyter(tmp_path_factory):
    """Jupyter's settings and files apart from those of whoever runs the tests."""
    base = tmp_path_factory.mktemp("jupyter")
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
            patch.setenv(f"JUPYTER_{variable}", str(base / variable.lower()))
        patch.setenv("JUPYTERLAB_SETTINGS_DIR", str(base / "settings"))
        patch.setenv("JUPYTERLAB_WORKSPACES_DIR", str(base / "workspaces"))
        patch.setenv("IPYTHONDIR", str(base / "ipython"))
        yield base


@pytest.fixture(autouse=True)
def close_figures():
    """No test finds the figures of another."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


# --- a browser and JupyterLab; what can be done with them is in browser_tools.py ---


# Not longer than a module: playwright keeps asyncio's loop of this thread for
# itself, and the tests that execute notebooks need it.
@pytest.fixture(scope="module")
def browser():
    """Chromium, without a window; without it the test is skipped."""
    from browser_tools import CHROMIUM

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
    """A page that notes in ``page.outside`` what it wants from the network.

    ``page.mistakes`` are the errors of its scripts.
    """
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
    """JupyterLab on a copy of the course: its address, its token, the copy's folder."""
    root = course_copy("lab")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    hidden = {"RAVDESS_DIR", "OTHER_CORPUS_DIR", "MPLBACKEND"}
    environment = {k: v for k, v in os.environ.items() if k not in hidden}
    # The settings of `make present`: every cell is in the page, and no question about
    # news hides the buttons.
    environment["JUPYTER_CONFIG_PATH"] = str(root / "tools" / "jupyter")
    # Live slides leave a setting behind that hides the menus.
    own = tmp_path_factory.mktemp("lab_settings")
    for kind in ("SETTINGS", "WORKSPACES"):
        environment[f"JUPYTERLAB_{kind}_DIR"] = str(own / kind.lower())
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
    """Wait until the server answers; fail with its log if it stops before that."""
    for _ in range(120):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            time.sleep(0.5)
    pytest.fail("JupyterLab does not start:\n" + log.read_text()[-3000:])
