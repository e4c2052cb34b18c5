"""The house: arrows between the wings only go down, and the picture shows them."""

from graphlib import TopologicalSorter

import pytest

import draw_architecture
import imports
from conftest import REPO

COURSE = REPO / "notebooks" / "course"
# What no wing but those above may import, besides other modules of the repository.
TEACHING = {"IPython", "ipywidgets"}
until_the_wings_stand = pytest.mark.xfail(
    not COURSE.is_dir(), reason="the course still stands in xai4ser"
)


def packages_imported(name: str, modules: dict) -> set[str]:
    """The first part of every name that a module imports."""
    package = imports.package_of(name, modules)
    tree = imports.parsed(modules[name])
    return {found.split(".")[0] for found in imports.names_imported(tree, package)}


@pytest.fixture(scope="module")
def modules():
    return draw_architecture.all_modules()


@pytest.mark.parametrize(
    ("wing", "forbidden"),
    [
        pytest.param("science", {"course"} | TEACHING, marks=until_the_wings_stand),
        ("course", set()),
    ],
)
def test_no_arrow_leads_up(wing, forbidden, modules):
    wings = {name: draw_architecture.wing_of(path) for name, path in modules.items()}
    above = {name for name, other in wings.items() if other == "workshop"}
    for name in (name for name, other in wings.items() if other == wing):
        wrong = packages_imported(name, modules) & (forbidden | above)
        assert not wrong, f"{name} imports {wrong}, which stands above it"


@until_the_wings_stand
def test_no_circle(modules):
    """Imports inside functions count: they are circles all the same."""
    TopologicalSorter(imports.imports_of_all(modules)).prepare()


@until_the_wings_stand
def test_the_picture_is_new():
    drawn = draw_architecture.draw()
    kept = draw_architecture.PICTURE.read_text(encoding="utf-8")
    assert kept == drawn, "run `make map`"


def test_a_module_stands_above_what_it_imports():
    graph = {"top": {"middle", "base"}, "middle": {"base"}, "base": set()}
    rows = draw_architecture.levels(set(graph), graph)
    assert rows == [["top"], ["middle"], ["base"]]
