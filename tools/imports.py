"""Which modules of the repository a piece of code imports, found without running it."""

import ast
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path


def modules_below(folder: Path) -> dict[str, Path]:
    """The modules in ``folder`` and its packages, by the name that imports them."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        if not any(part.startswith(".") for part in parts):
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def names_imported(tree: ast.AST, package: str = "") -> Iterator[str]:
    """Every dotted name that code in ``package`` imports, at the top or in a function.

    ``from a import b`` gives both ``a`` and ``a.b``: b may be a module.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            name = resolve_name("." * node.level + (node.module or ""), package)
            yield name
            yield from (f"{name}.{alias.name}" for alias in node.names)


def modules_imported(tree: ast.AST, modules: dict[str, Path], package: str = ""):
    """Those of ``modules`` that the code imports; a package with its module."""
    found = set()
    for name in names_imported(tree, package):
        parts = name.split(".")
        found |= {".".join(parts[:end]) for end in range(1, len(parts) + 1)}
    return found & modules.keys()


def package_of(name: str, modules: dict[str, Path]) -> str:
    """The package in which the code of a module stands."""
    is_package = modules[name].name == "__init__.py"
    return name if is_package else name.rpartition(".")[0]


def imports_of_all(modules: dict[str, Path]) -> dict[str, set[str]]:
    """For each module, which of the others it imports."""
    return {
        name: modules_imported(parsed(path), modules, package_of(name, modules))
        - {name}
        for name, path in modules.items()
    }


def followed(first: set[str], modules: dict[str, Path]) -> set[str]:
    """``first``, what these modules import, what those import, and so on."""
    found, waiting = set(), set(first)
    while waiting:
        name = waiting.pop()
        found.add(name)
        package = package_of(name, modules)
        waiting |= modules_imported(parsed(modules[name]), modules, package) - found
    return found
