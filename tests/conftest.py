"""What the tests share: paths, the recordings, copies of the course.

Nothing here or in a test writes to the working tree, except below build/.
"""

import os
import shutil
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]
for folder in ("notebooks", "tools"):
    sys.path.insert(0, str(REPO / folder))

# Before anything imports TensorFlow or matplotlib.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "Agg")

# What a copy of the course leaves behind: what git does not know.
NOT_COPIED = ("__pycache__", ".*_checkpoints", ".pytest_cache", ".ruff_cache", "*.part")
NOT_COPIED_FROM_TOP = {".git", ".venv", "build", "data"}


@pytest.fixture(scope="session")
def repo() -> Path:
    """The top of the repository."""
    return REPO


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of the real recordings; without them the test is skipped."""
    named = os.environ.get("RAVDESS_DIR")
    usual = REPO / "data" / "Ravdess" / "audio_speech_actors_01-24"
    folder = Path(named).expanduser() if named else usual
    if not folder.is_dir() or len(list(folder.rglob("*.wav"))) < 1440:
        pytest.skip("needs the recordings: set RAVDESS_DIR to their folder")
    return folder.resolve()


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
