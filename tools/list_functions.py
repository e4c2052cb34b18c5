"""Write docs/functions.md: every function of the science, and which lesson uses it.

Read off the code cells of the notebooks, so that no sentence about it can be stale.

python tools/list_functions.py
"""

import ast
from collections import defaultdict

import nbformat

import imports
from notebook_files import headings, numbered_notebooks
from repository import ROOT
from stamp import code_of

PAGE = ROOT / "docs" / "functions.md"
INTRODUCTION = """# Where each function is used

The public functions of the science (`notebooks/xai4ser/`), module by module: what each
gives, and the lesson and section whose cells call it. A function without a lesson
serves others. This page is written by `tools/list_functions.py` from the notebooks.
"""


def public(tree: ast.Module) -> dict[str, str]:
    """The public functions and classes of a module, with their first sentence."""
    kinds = ast.FunctionDef | ast.ClassDef
    return {
        node.name: " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
        for node in tree.body
        if isinstance(node, kinds) and not node.name.startswith("_")
    }


def imported_directly(tree: ast.Module) -> set[tuple[str, str]]:
    """(module, name) of what the code imports from a module of the science."""
    return {
        (node.module.removeprefix("xai4ser."), alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("xai4ser.")
        for alias in node.names
    }


def places_used() -> dict[tuple[str, str], list[str]]:
    """For each (module, name), the lessons and sections that use it, in order."""
    found = defaultdict(list)
    for path in numbered_notebooks():
        notebook = nbformat.read(path, as_version=4)
        imported = set()  # in one cell, and used in later ones
        for cell, heading in zip(notebook.cells, headings(notebook), strict=True):
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            tree = code_of(nbformat.v4.new_notebook(cells=[cell]))
            imported |= imported_directly(tree)
            nodes = list(ast.walk(tree))
            names = {node.id for node in nodes if isinstance(node, ast.Name)}
            used = {one for one in imported if one[1] in names} | {
                (node.value.id, node.attr)
                for node in nodes
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            }
            place = f"lesson {path.name[0]}, *{heading.replace('● ', '')}*"
            for one in used:
                if place not in found[one]:
                    found[one].append(place)
    return found


def page() -> str:
    """The whole page."""
    modules = imports.modules_below(ROOT / "notebooks")
    used, parts = places_used(), [INTRODUCTION]
    for name in sorted(m for m in modules if m.startswith("xai4ser.")):
        module = name.partition(".")[2]
        rows = [
            f"| `{function}` | {sentence} | {'; '.join(used[module, function])} |"
            for function, sentence in public(imports.parsed(modules[name])).items()
        ]
        if rows:
            header = "| | | used in |\n|---|---|---|"
            parts.append(f"## {module}\n\n{header}\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}")
