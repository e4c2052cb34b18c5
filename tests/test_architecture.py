"""The house: arrows that only go down, and a map that is up to date."""

import ast
import tomllib

import pytest

import draw_architecture
import imports
import list_functions
from conftest import REPO

MODULES = imports.modules_below(REPO / "notebooks")
SCIENCE = [name for name in MODULES if name.startswith("xai4ser")]
NOT_FOR_SCIENCE = {"course", "IPython", "ipywidgets", "jupyter", "nbformat", "tools"}


def test_no_import_goes_round_in_a_circle():
    draw_architecture.levels(draw_architecture.arrows())


def test_a_circle_is_found():
    with pytest.raises(ValueError, match="circle"):
        draw_architecture.levels({"a": {"b"}, "b": {"a"}})


@pytest.mark.parametrize("name", SCIENCE)
def test_the_science_needs_neither_course_nor_jupyter(name):
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    roots = {found.split(".")[0] for found in imports.names_imported(tree, "xai4ser")}
    assert not roots & NOT_FOR_SCIENCE


@pytest.mark.parametrize("name", SCIENCE)
def test_nothing_but_finding_and_synthesising_knows_ravdess(name):
    """The corpus is handed over, or read off the table and the manifest."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    used = set(imports.names_imported(tree, "xai4ser"))
    knowing = ("voices", "archives", "find", "ravdess", "corpora")
    allowed = {f"xai4ser.{module}" for module in knowing}
    assert name in allowed or "xai4ser.ravdess" not in used


def test_the_map_names_every_module():
    drawn = (REPO / "docs" / "architecture.svg").read_text(encoding="utf-8")
    for name in draw_architecture.arrows():
        assert f">{name.partition('.')[2]}<" in drawn, "run tools/draw_architecture.py"


def test_each_module_opens_with_a_sentence_of_its_own():
    first = [
        ast.get_docstring(ast.parse(p.read_text("utf-8"))) for p in MODULES.values()
    ]
    assert all(first)
    lines = [text.splitlines()[0] for text in first]
    assert len(set(lines)) == len(lines)


def test_the_page_of_functions_is_up_to_date():
    page = (REPO / "docs" / "functions.md").read_text(encoding="utf-8")
    assert page == list_functions.page(), "run: python tools/list_functions.py"


def test_the_requirements_make_the_library_importable_from_anywhere(repo):
    """They install this folder itself, editable, as pyproject.toml describes it."""
    assert "-e ." in (repo / "requirements.txt").read_text("utf-8").splitlines()
    described = tomllib.loads((repo / "pyproject.toml").read_text("utf-8"))
    assert described["tool"]["setuptools"]["package-dir"] == {"": "notebooks"}
