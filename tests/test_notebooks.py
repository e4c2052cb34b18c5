"""The notebooks run, in order, with and without recordings; their check works."""

import base64
import filecmp
import io
import json
import shutil

import nbformat
import numpy as np
import pytest
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)
from PIL import Image

import run_notebooks
from conftest import REPO

NOTEBOOKS = sorted(path.name for path in (REPO / "notebooks").glob("[1-9]_*.ipynb"))
TABLES = ("emoRav_data.csv", "speech_features.csv")
SHIPPED = (*TABLES, "trained_model/Speech_CNN.h5", "trained_model/Speech_CNN.json")
in_sequence = pytest.mark.parametrize("name", NOTEBOOKS)


class Course:
    """A copy of the course whose notebooks are executed one after another."""

    def __init__(self, root):
        self.root = root
        self.failed = None

    def execute(self, name: str):
        """Execute one notebook, unless an earlier one failed: it would fail too."""
        if self.failed:
            pytest.skip(f"needs {self.failed}, which failed")
        notebook, reason = None, ""
        try:
            notebook, _ = run_notebooks.execute(self.root / "notebooks" / name)
        except run_notebooks.NotebookError as error:
            self.failed = name
            reason = run_notebooks.ANSI_COLOUR.sub("", str(error))
        if reason:
            pytest.fail(reason, pytrace=False)
        for number, output in run_notebooks.outputs(notebook):
            assert output.output_type != "error", f"code cell {number}"
            assert run_notebooks.unknown_stderr(output) == "", f"code cell {number}"
        return notebook


# --- without recordings: stand-in voices, nothing shipped is touched ----------


@pytest.fixture(scope="module")
def bare_course(course_copy):
    return Course(course_copy("without_recordings"))


@in_sequence
def test_runs_without_recordings(name, bare_course, repo, monkeypatch):
    monkeypatch.delenv("RAVDESS_DIR", raising=False)
    bare_course.execute(name)
    if name.startswith("1_"):
        for shipped in SHIPPED:
            same = filecmp.cmp(repo / shipped, bare_course.root / shipped, False)
            assert same, f"{shipped} was overwritten by stand-in voices"
        made = {path.name for path in (bare_course.root / "data").rglob("*.csv")}
        assert made >= set(TABLES)


# --- with recordings: the shipped tables are what the recordings give -----------


@pytest.fixture(scope="module")
def full_course(course_copy, recordings):
    return Course(course_copy("with_recordings"))


# Notebook 4 asks for no recording: with and without are the same.
@pytest.mark.parametrize("name", [n for n in NOTEBOOKS if not n.startswith("4_")])
def test_runs_with_recordings(name, full_course, recordings, repo, monkeypatch):
    monkeypatch.setenv("RAVDESS_DIR", str(recordings))
    shipped = {table: (full_course.root / table).stat().st_mtime_ns for table in TABLES}
    full_course.execute(name)
    if not name.startswith("1_"):
        return
    import pandas as pd

    for table, written in shipped.items():
        now = (full_course.root / table).stat().st_mtime_ns
        assert now > written, f"{table} was not rebuilt"
    recordings_table, features_table = TABLES
    rebuilt, kept = full_course.root / recordings_table, repo / recordings_table
    assert rebuilt.read_bytes() == kept.read_bytes()
    again, shipped_table = (
        pd.read_csv(root / features_table).set_index(["path", "version", "emotion"])
        for root in (full_course.root, repo)
    )
    assert again.index.equals(shipped_table.index)
    assert again.columns.equals(shipped_table.columns)
    # Another processor adds in another order, so that a value may be rounded, or a
    # frame counted, differently: rarely, and by little.
    difference = (again - shipped_table).abs().to_numpy()
    assert (difference > 1e-6).mean() < 0.01
    assert difference.max() < 2


# --- what is committed ------------------------------------------------------------


@in_sequence
def test_committed_notebook_is_clean_and_up_to_date(name, repo):
    problems = run_notebooks.problems_of(repo / "notebooks" / name, repo)
    assert not problems, "\n".join(problems)


# --- the check and the refresh themselves, on a course of one small notebook ------

PLAYER = """from IPython.display import HTML
HTML('<figure class="player" aria-label="Actor 01, angry &amp; loud">'
     '<figcaption>Actor 01</figcaption><audio controls '
     'src="data:audio/wav;base64,UklGRg=="></audio></figure><p>after</p>')"""
PROSE = "A sentence that says what the next cell does and what to see in it. " * 8


@pytest.fixture
def toy_course(tmp_path, monkeypatch):
    """A course with one notebook, a library, tables, and 1440 empty recordings."""
    root = tmp_path / "toy"
    (root / "notebooks" / "xai4ser").mkdir(parents=True)
    (root / "notebooks" / "xai4ser" / "__init__.py").write_text("ANSWER = 42\n")
    (root / "trained_model").mkdir()
    for name in run_notebooks.DATA_FILES:
        (root / name).write_text("{}\n")
    voices = tmp_path / "voices"
    voices.mkdir()
    for number in range(1440):
        (voices / f"{number}.wav").touch()
    monkeypatch.setenv("RAVDESS_DIR", str(voices))
    make_notebook(root, "import xai4ser\nxai4ser.ANSWER", PLAYER)
    return root


def make_notebook(root, *cells: str):
    opening = "# Toy\n\nTakes <!-- time --><!-- /time --> here. " + PROSE
    notebook = new_notebook(cells=[new_markdown_cell(opening)])
    notebook.cells += [new_code_cell(source) for source in cells]
    path = root / "notebooks" / "1_toy.ipynb"
    nbformat.write(notebook, path)
    return path


def test_refresh_cleans_and_stamps(toy_course):
    run_notebooks.refresh(toy_course)
    path = toy_course / "notebooks" / "1_toy.ipynb"
    assert run_notebooks.check(toy_course) == []
    notebook = nbformat.read(path, as_version=4)
    counted, player = run_notebooks.code_cells(notebook)
    assert counted.outputs[0].data["text/plain"] == "42"
    shown = player.outputs[0].data
    assert shown["text/plain"] == "▶ Run this cell to hear: Actor 01, angry & loud"
    assert shown["text/html"] == (
        "<p>▶ Run this cell to hear: Actor 01, angry &amp; loud</p><p>after</p>"
    )
    assert "about 10 seconds<!-- /time -->" in notebook.cells[0].source
    assert not list(path.parent.glob("*.part"))


def test_refresh_with_nothing_new_changes_nothing(toy_course):
    path = toy_course / "notebooks" / "1_toy.ipynb"
    run_notebooks.refresh(toy_course)
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.xai4ser.seconds = 2  # a small kernel starts in 1 to 3 s
    run_notebooks.stamp(notebook, 2.3, toy_course)
    run_notebooks.write(notebook, path)
    before = path.read_bytes()
    notebook = nbformat.read(path, as_version=4)
    assert run_notebooks.clean(notebook, "toy", toy_course) == []
    run_notebooks.stamp(notebook, 1.7, toy_course)
    run_notebooks.write(notebook, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import sys; print('look here', file=sys.stderr)", "look here"),
        ("from pathlib import Path; print(Path.home() / 'me')", "shows the path"),
    ],
    ids=["error", "stderr", "machine path"],
)
def test_refresh_refuses_and_changes_nothing(toy_course, source, message):
    path = make_notebook(toy_course, "1 + 1", source)
    before = path.read_bytes()
    with pytest.raises(run_notebooks.NotebookError, match=message) as refusal:
        run_notebooks.refresh(toy_course)
    assert "code cell 2" in str(refusal.value)
    assert path.read_bytes() == before


def test_refresh_refuses_without_recordings(toy_course, monkeypatch, tmp_path):
    monkeypatch.setenv("RAVDESS_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(run_notebooks.NotebookError, match="0 of 1440"):
        run_notebooks.refresh(toy_course)


def test_known_noise_is_dropped(toy_course):
    bar = "print('\\r 50%|###   | 1/2 [00:01<00:01]', end='', file=sys.stderr)"
    widget = "from tqdm.notebook import tqdm\nfor _ in tqdm([1]): pass"
    make_notebook(toy_course, f"import sys\n{bar}\n{widget}\nprint('kept')")
    run_notebooks.refresh(toy_course)
    path = toy_course / "notebooks" / "1_toy.ipynb"
    (cell,) = run_notebooks.code_cells(nbformat.read(path, as_version=4))
    assert [output.get("name") for output in cell.outputs] == ["stdout"]
    assert run_notebooks.check(toy_course) == []


def test_figures_shrink_and_look_the_same(toy_course):
    draw = "import numpy as np, matplotlib.pyplot as plt\nplt.imshow(np.eye(40) + 0.5)"
    make_notebook(toy_course, f"%matplotlib inline\n{draw};")
    path = toy_course / "notebooks" / "1_toy.ipynb"
    executed, _ = run_notebooks.execute(path)
    run_notebooks.refresh(toy_course)
    before, after = (
        base64.b64decode(notebook.cells[1].outputs[0].data["image/png"])
        for notebook in (executed, nbformat.read(path, as_version=4))
    )
    assert len(after) < len(before)
    first, second = (
        np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"), int)
        for picture in (before, after)
    )
    assert np.abs(first - second).max() <= 12


@pytest.fixture(scope="module")
def clean_toy(tmp_path_factory):
    """A toy course that passes the check, made once; no kernel is needed."""
    root = tmp_path_factory.mktemp("clean") / "toy"
    (root / "notebooks" / "xai4ser").mkdir(parents=True)
    (root / "notebooks" / "xai4ser" / "__init__.py").write_text("ANSWER = 42\n")
    (root / "trained_model").mkdir()
    for name in run_notebooks.DATA_FILES:
        (root / name).write_text("{}\n")
    path = make_notebook(root, "1 + 1", "print('two')")
    notebook = nbformat.read(path, as_version=4)
    for number, cell in enumerate(run_notebooks.code_cells(notebook), start=1):
        cell.execution_count = number
    run_notebooks.stamp(notebook, 8, root)
    run_notebooks.write(notebook, path)
    assert run_notebooks.check(root) == []
    return root


def text_output(text):
    return new_output("stream", name="stdout", text=text)


def html_output(text):
    return new_output("display_data", {"text/html": text})


def add_output(output):
    return lambda notebook: notebook.cells[1].outputs.append(output)


BREAKAGES = {
    "source": (
        lambda notebook: notebook.cells[1].update(source="1 + 2"),
        "has changed since its outputs",
    ),
    "no stamp": (lambda notebook: notebook.metadata.pop("xai4ser"), "has no stamp"),
    "order": (
        lambda notebook: notebook.cells[1].update(execution_count=7),
        "not executed once from top to bottom",
    ),
    "not run": (
        lambda notebook: notebook.cells[2].update(execution_count=None),
        "not executed once from top to bottom",
    ),
    "error": (
        add_output(new_output("error", ename="KeyError", evalue="x", traceback=[])),
        "ends in KeyError",
    ),
    "stderr": (
        add_output(new_output("stream", name="stderr", text="hm")),
        "holds stderr output",
    ),
    "sound": (
        add_output(html_output("<audio src='data:audio/wav;base64,AA'></audio>")),
        "holds sound",
    ),
    "widget": (
        add_output(new_output("display_data", {run_notebooks.WIDGET_VIEW: {}})),
        "holds a widget",
    ),
    "widget state": (
        lambda notebook: notebook.metadata.update(widgets={}),
        "holds widget state",
    ),
    "path of Linux": (add_output(text_output("in /home/me/x.csv")), "/home/me/x.csv"),
    "path of root": (add_output(html_output("<b>/root/x</b>")), "the path /root/x"),
    "path of macOS": (add_output(text_output("'/Users/me'")), "the path /Users/me"),
    "path of Windows": (add_output(text_output(r"C:\Users\me")), r"C:\\Users\\me"),
    "temporary path": (add_output(text_output("/tmp/x.png")), "the path /tmp/x.png"),
    "time": (
        lambda notebook: notebook.metadata.xai4ser.update(seconds=400),
        "a time that was not measured",
    ),
    "no time": (
        lambda notebook: notebook.cells[0].update(source=PROSE),
        "does not say how long it takes",
    ),
    "size": (add_output(text_output("x" * 2_000_001)), "more than 2"),
    "long cell": (
        lambda notebook: notebook.cells[1].update(source="\n".join(["1"] * 26)),
        "26 lines, more than 25",
    ),
    "little prose": (
        lambda notebook: notebook.cells[0].update(
            source="Takes <!-- time -->about 10 seconds<!-- /time -->."
        ),
        "words of prose per line of code",
    ),
}


@pytest.mark.parametrize("kind", BREAKAGES)
def test_check_notices(kind, clean_toy, tmp_path):
    break_it, message = BREAKAGES[kind]
    root = shutil.copytree(clean_toy, tmp_path / "toy")
    path = root / "notebooks" / "1_toy.ipynb"
    notebook = nbformat.read(path, as_version=4)
    break_it(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    problems = run_notebooks.check(root)
    (found,) = [text for text in problems if message.replace("\\\\", "\\") in text]
    assert found.startswith("notebooks/1_toy.ipynb: ")
    assert "make refresh" in found


@pytest.mark.parametrize("file", ["emoRav_data.csv", "notebooks/xai4ser/__init__.py"])
def test_check_notices_what_outputs_depend_on(file, clean_toy, tmp_path):
    root = shutil.copytree(clean_toy, tmp_path / "toy")
    (root / file).write_bytes((root / file).read_bytes().replace(b"\n", b"\r\n"))
    assert run_notebooks.check(root) == [], "line endings are not a change"
    with (root / file).open("a") as opened:
        opened.write("# more\n")
    (problem,) = run_notebooks.check(root)
    assert "has changed since its outputs were made: run `make refresh`" in problem


def test_check_lets_pass_what_only_looks_like_a_path(clean_toy, tmp_path):
    root = shutil.copytree(clean_toy, tmp_path / "toy")
    path = root / "notebooks" / "1_toy.ipynb"
    notebook = nbformat.read(path, as_version=4)
    picture = "data:image/png;base64,AAA/tmp/AAA/home/AA=="
    notebook.cells[1].outputs = [
        text_output("home/work, ../data/tmp/x, at home"),
        html_output(f"<img src='{picture}'>"),
        new_output("display_data", {"image/png": "AAA/root/AAA/work/"}),
    ]
    run_notebooks.write(notebook, path)
    assert run_notebooks.check(root) == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (2, "about 10 seconds"),
        (44, "about 40 seconds"),
        (114, "about 110 seconds"),
        (118, "about 2 minutes"),
        (140, "about 2.5 minutes"),
        (290, "about 5 minutes"),
    ],
)
def test_time_in_words(seconds, words):
    assert run_notebooks.in_words(seconds) == words
