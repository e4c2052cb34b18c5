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

import check_notebooks
import clean
import execute
import notebook_files
import recordings
import run_notebooks
import stamp
from conftest import REPO
from made_corpus import OWN_EMOTIONS, SPEAKERS, write_own_voices

NOTEBOOKS = sorted(path.name for path in (REPO / "notebooks").glob("[1-9]_*.ipynb"))
TABLES = ("emoRav_data.csv", "speech_features.csv")
SHIPPED = (*TABLES, "trained_model/Speech_CNN.h5", "trained_model/Speech_CNN.json")
in_sequence = pytest.mark.parametrize("name", NOTEBOOKS)


def assert_nothing_complains(notebook):
    for number, output in notebook_files.outputs(notebook):
        assert output.output_type != "error", f"code cell {number}"
        assert clean.unknown_stderr(output) == "", f"code cell {number}"


# --- without recordings: stand-in voices, nothing shipped is touched ----------


@in_sequence
def test_runs_without_recordings(name, executed, repo):
    assert_nothing_complains(executed.notebook(name))
    if name.startswith("1_"):
        for shipped in SHIPPED:
            same = filecmp.cmp(repo / shipped, executed.root / shipped, False)
            assert same, f"{shipped} was overwritten by stand-in voices"
        made = {path.name for path in (executed.root / "data").rglob("*.csv")}
        assert made >= set(TABLES)


# --- on recordings of one's own ---------------------------------------------------


@pytest.mark.notebooks
def test_lessons_run_on_recordings_of_ones_own(course_copy, private_jupyter):
    root = course_copy("own")
    folder = write_own_voices(root / "data" / "my_voices")
    before = {file: (root / file).read_bytes() for file in SHIPPED}
    run_notebooks.run(root, corpus="data/my_voices")
    build = root / "build" / "my_voices"
    for name in NOTEBOOKS[:3]:
        assert (build / "pages" / name).with_suffix(".html").is_file()
        notebook = nbformat.read(build / "executed" / name, as_version=4)
        assert_nothing_complains(notebook)
        said = [o for _, o in notebook_files.outputs(notebook) if "data" in o]
        boxes = [o for o in said if "text was written about RAVDESS" in str(o.data)]
        assert len(boxes) == 1, f"{name} does not say that its text is not about these"
    made = {path.relative_to(folder).as_posix() for path in folder.glob("*")}
    assert {"corpus.toml", "recordings.csv", "speech_features.csv"} < made
    manifest = json.loads((folder / "trained_model" / "Speech_CNN.json").read_text())
    assert manifest["emotions"] == list(OWN_EMOTIONS)
    assert sorted(sum(manifest["actors"].values(), [])) == sorted(SPEAKERS)
    assert all((root / file).read_bytes() == was for file, was in before.items())
    assert {path.name for path in (root / "data").iterdir()} == {
        "README.md",
        "my_voices",
    }


# --- with recordings: the shipped tables are what the recordings give -----------

# Lesson 1 makes the tables, lesson 5 plays sounds. The others find recordings as
# lesson 5 does, or need none, and were executed on them when they were refreshed.
ON_RECORDINGS = [name for name in NOTEBOOKS if name[0] in "15"]


@pytest.mark.parametrize("name", ON_RECORDINGS)
def test_runs_with_recordings(name, executed_with_recordings, repo):
    import pandas as pd

    assert_nothing_complains(executed_with_recordings.notebook(name))
    if not name.startswith("1_"):
        return
    root = executed_with_recordings.root / "data" / "my_work"  # what is shipped stays
    recordings_table, features_table = TABLES
    rebuilt, kept = root / recordings_table, repo / recordings_table
    assert rebuilt.read_bytes() == kept.read_bytes()
    again, shipped_table = (
        pd.read_csv(top / features_table).set_index(["path", "version", "emotion"])
        for top in (root, repo)
    )
    assert again.index.equals(shipped_table.index)
    assert again.columns.equals(shipped_table.columns)
    # Another processor adds in another order, so that a value may be rounded, or a
    # frame counted, differently: rarely, and by little.
    difference = (again - shipped_table).abs().to_numpy()
    assert (difference > 1e-6).mean() < 0.01
    assert difference.max() < 2


# --- what is committed ------------------------------------------------------------


@pytest.mark.notebooks
@in_sequence
def test_committed_notebook_is_clean_and_up_to_date(name, repo):
    problems = check_notebooks.problems_of(repo / "notebooks" / name, repo)
    assert not problems, "\n".join(problems)


# --- the check and the refresh themselves, on a course of one small notebook ------

PLAYER = """from IPython.display import HTML
HTML('<figure class="player" aria-label="Actor 01, angry &amp; loud">'
     '<figcaption>Actor 01</figcaption><audio controls '
     'src="data:audio/wav;base64,UklGRg=="></audio></figure><p>after</p>')"""
PROSE = "A sentence that says what the next cell does and what to see in it. " * 8


def make_course(root):
    """A course with a library of two modules, and tables."""
    library = root / "notebooks" / "xai4ser"
    library.mkdir(parents=True)
    (library / "__init__.py").write_text('"""Few words."""\nANSWER = 42\n')
    (library / "tables.py").write_text('FILE = "emoRav_data.csv"\n')
    (library / "other.py").write_text("WHY = 6 * 9\n")
    for name in stamp.DATA_FILES:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("{}\n")


@pytest.fixture
def toy_course(tmp_path, monkeypatch):
    """A course with one notebook, on a machine that has all recordings."""
    root = tmp_path / "toy"
    make_course(root)
    monkeypatch.setattr(recordings, "look", lambda: (True, "all there"))
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
    assert check_notebooks.check(toy_course) == []
    notebook = nbformat.read(path, as_version=4)
    counted, player = notebook_files.code_cells(notebook)
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
    stamp.stamp(notebook, path, 2.3)
    notebook_files.write(notebook, path)
    before = path.read_bytes()
    notebook = nbformat.read(path, as_version=4)
    assert clean.clean(notebook, "toy", toy_course) == []
    stamp.stamp(notebook, path, 1.7)
    notebook_files.write(notebook, path)
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
    with pytest.raises(notebook_files.NotebookError, match=message) as refusal:
        run_notebooks.refresh(toy_course)
    assert "code cell 2" in str(refusal.value)
    assert path.read_bytes() == before


def test_refresh_refuses_without_recordings(tmp_path, monkeypatch):
    monkeypatch.setenv("RAVDESS_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(notebook_files.NotebookError, match="nowhere") as refusal:
        run_notebooks.refresh(tmp_path)
    assert "Set RAVDESS_DIR to the folder that holds" in str(refusal.value)


def test_refresh_of_some_leaves_the_others(toy_course):
    first = toy_course / "notebooks" / "1_toy.ipynb"
    second = shutil.copy(first, first.with_name("2_toy.ipynb"))
    before = first.read_bytes()
    run_notebooks.refresh(toy_course, [2])
    assert first.read_bytes() == before
    assert check_notebooks.problems_of(second, toy_course) == []
    assert "make refresh NOTEBOOKS=1" in check_notebooks.check(toy_course)[0]


def test_known_noise_is_dropped(toy_course):
    bar = "print('\\r 50%|###   | 1/2 [00:01<00:01]', end='', file=sys.stderr)"
    widget = "from tqdm.notebook import tqdm\nfor _ in tqdm([1]): pass"
    make_notebook(toy_course, f"import sys\n{bar}\n{widget}\nprint('kept')")
    run_notebooks.refresh(toy_course)
    path = toy_course / "notebooks" / "1_toy.ipynb"
    (cell,) = notebook_files.code_cells(nbformat.read(path, as_version=4))
    assert [output.get("name") for output in cell.outputs] == ["stdout"]
    assert check_notebooks.check(toy_course) == []


@pytest.mark.notebooks
def test_figures_shrink_and_look_the_same(toy_course):
    draw = "import numpy as np, matplotlib.pyplot as plt\nplt.imshow(np.eye(40) + 0.5)"
    make_notebook(toy_course, f"%matplotlib inline\n{draw};")
    path = toy_course / "notebooks" / "1_toy.ipynb"
    executed, _ = execute.execute(path)
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
    make_course(root)
    path = make_notebook(root, "from xai4ser import tables", "print('two')")
    notebook = nbformat.read(path, as_version=4)
    for number, cell in enumerate(notebook_files.code_cells(notebook), start=1):
        cell.execution_count = number
    stamp.stamp(notebook, path, 8)
    notebook_files.write(notebook, path)
    assert check_notebooks.check(root) == []
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
        add_output(new_output("display_data", {clean.WIDGET_VIEW: {}})),
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
    problems = check_notebooks.check(root)
    (found,) = [text for text in problems if message.replace("\\\\", "\\") in text]
    assert found.startswith("notebooks/1_toy.ipynb: ")
    assert "make refresh" in found


LIBRARY = "notebooks/xai4ser"


def added_to(file, text, clean_toy, tmp_path):
    """What the check says of a course where ``text`` was added to a file."""
    root = shutil.copytree(clean_toy, tmp_path / "toy")
    (root / file).write_bytes((root / file).read_bytes().replace(b"\n", b"\r\n"))
    assert check_notebooks.check(root) == [], "line endings are not a change"
    with (root / file).open("a") as opened:
        opened.write(text)
    return check_notebooks.check(root)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("emoRav_data.csv", "another row"),
        (f"{LIBRARY}/__init__.py", "MORE = 1\n"),
        (f"{LIBRARY}/tables.py", "MORE = 1\n"),
    ],
)
def test_check_notices_what_outputs_depend_on(file, text, clean_toy, tmp_path):
    (problem,) = added_to(file, text, clean_toy, tmp_path)
    assert "has changed since its outputs were made: run `make refresh" in problem


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("speech_features.csv", "a row that nothing here reads"),
        (f"{LIBRARY}/tables.py", "# a comment\n"),
        (f"{LIBRARY}/other.py", "MORE = 1\n"),
    ],
)
def test_check_ignores_what_outputs_do_not_depend_on(file, text, clean_toy, tmp_path):
    assert added_to(file, text, clean_toy, tmp_path) == []


MODULE = 'def answer():\n    """{}"""\n    return {}\n'


@pytest.fixture
def lesson(tmp_path):
    """Call it: the digest of a lesson that imports two modules, one through another."""
    folder = tmp_path / "notebooks"
    (folder / "course" / "tasks").mkdir(parents=True)
    for name in ("__init__", "tasks/__init__", "tasks/lesson_1", "tasks/lesson_2"):
        (folder / "course" / f"{name}.py").write_text("")
    (folder / "course" / "panels.py").write_text("from . import far\n")
    (folder / "course" / "far.py").write_text(MODULE.format("Forty-two.", 42))
    cell = new_code_cell("%matplotlib inline\nfrom course import panels")
    notebook = new_notebook(cells=[cell])
    return folder / "course", lambda: stamp.digest(notebook, folder / "1_toy.ipynb")


@pytest.mark.parametrize(
    ("file", "code", "is_another"),
    [
        ("far.py", "# why\n" + MODULE.format("In other words.", 42), False),
        ("far.py", MODULE.format("Forty-two.", "42  # why"), False),
        ("far.py", MODULE.format("Forty-two.", 43), True),
        ("panels.py", "from . import far\nWIDE = 3", True),
        ("tasks/lesson_1.py", "TASK = 1", True),
        ("tasks/lesson_2.py", "TASK = 1", False),
        ("new.py", "import nothing", False),
    ],
)
def test_stamp_follows_the_code_that_is_imported(file, code, is_another, lesson):
    folder, digest = lesson
    before = digest()
    (folder / file).write_text(code)
    assert (digest() != before) == is_another


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
    notebook_files.write(notebook, path)
    assert check_notebooks.check(root) == []


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
    assert stamp.stated_time(seconds) == words
