"""The way in: launch links from one setting, and one version everywhere."""

import ast
import re
import tomllib

import nbformat
import pytest
import yaml
from IPython.core.inputtransformer2 import TransformerManager

import execute
import front_page
import launch
import notebook_files
import slide_deck
import stamp
from conftest import REPO

MADE_UP = "https://github.com/somebody/course"
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))
NOTEBOOKS = notebook_files.numbered_notebooks(REPO)


def lesson(path):
    return nbformat.read(path, as_version=4)


def test_what_is_committed_follows_from_the_setting():
    repository = launch.address(REPO)
    readme = (REPO / "README.md").read_text(encoding="utf-8")
    inside = re.search(r"<!-- launch -->(.*?)<!-- /launch -->", readme, re.DOTALL)
    assert inside[1] == launch.links_in_words(repository, REPO), "run tools/launch.py"
    for path in NOTEBOOKS:
        made = launch.with_cell(lesson(path), repository)
        assert made == lesson(path), "run tools/launch.py"


def test_without_an_address_there_are_no_links():
    assert launch.links_in_words("", REPO) == ""
    assert "clone" not in front_page.get("")


def test_with_an_address_there_are_links_to_every_lesson():
    said = launch.links_in_words(MADE_UP, REPO)
    for path in NOTEBOOKS:
        for service, link in launch.links(MADE_UP, path.name).items():
            assert f"[{service}]({link})" in said
            assert "somebody/course" in link and link.endswith(path.name)
    assert f"git clone {MADE_UP}" in front_page.get(MADE_UP)


@pytest.mark.parametrize("wrong", ["https://example.org/a/b", "https://github.com/a"])
def test_an_address_that_neither_service_reads(wrong, tmp_path):
    text = f'[tool.course]\nrepository = "{wrong}"\n'
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(ValueError, match="owner/name"):
        launch.address(tmp_path)


@pytest.mark.notebooks
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_cell_for_colab_makes_no_notebook_stale(path):
    before, after = lesson(path), launch.with_cell(lesson(path), MADE_UP)
    assert stamp.digest(after, path) == stamp.digest(before, path)
    first = next(cell for cell in after.cells if cell.cell_type == "code")
    assert first.metadata["tags"] == ["colab"]
    assert len(first.source.splitlines()) == 4 and MADE_UP in first.source
    assert launch.with_cell(after, MADE_UP).cells.count(first) == 1
    assert launch.with_cell(after, "") == before


def test_the_cell_for_colab_does_nothing_elsewhere(tmp_path):
    """Neither where a student runs it, nor where notebooks are refreshed."""
    source = launch.CELL.format(repository=MADE_UP)
    python = TransformerManager().transform_cell(source)
    assert isinstance(ast.parse(python).body[0], ast.If)
    steps = []

    class Shell:
        system = run_line_magic = lambda self, *given: steps.append(given)

    exec(python, {"get_ipython": Shell})
    assert steps == []
    Shell.__str__ = lambda self: "<google.colab._shell.Shell object>"
    exec(python, {"get_ipython": Shell})
    fetched, installed, moved = (" ".join(step) for step in steps)
    assert fetched.startswith("git clone") and moved.startswith("cd")
    # From the course's folder: the requirements hold the course itself, as ".".
    assert installed == "cd /content/course && pip install -q -r requirements.txt"
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# Toy"),
            nbformat.v4.new_code_cell("1"),
        ]
    )
    nbformat.write(launch.with_cell(notebook, MADE_UP), tmp_path / "1_toy.ipynb")
    executed, _ = execute.execute(tmp_path / "1_toy.ipynb")
    assert [cell.get("execution_count") for cell in executed.cells] == [None, None, 1]
    notes = "".join(note for s in slide_deck.slides_of(executed) for note in s.notes)
    assert "colab" not in notes


def test_binder_finds_what_it_needs():
    folder = REPO / ".binder"
    (line,) = (folder / "requirements.txt").read_text().split("\n")[:-1]
    assert (folder / line.removeprefix("-r ")).resolve() == REPO / "requirements.txt"
    version = (folder / "runtime.txt").read_text().strip().removeprefix("python-")
    tried = (REPO / ".github" / "workflows" / "tests.yml").read_text("utf-8")
    assert f'"{version}"' in tried


def test_one_version():
    version = PROJECT["project"]["version"]
    cff = yaml.safe_load((REPO / "CITATION.cff").read_text(encoding="utf-8"))
    assert cff["version"] == version
    assert f"version {version};" in (REPO / "README.md").read_text(encoding="utf-8")
    changes = (REPO / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## (\S+)", changes, re.M)[1] == version.removesuffix(".0")
