"""The stamp of a notebook: what its outputs were made from, and how long it took.

Outputs depend on the notebook's own code, on the modules that it imports, directly
or through others, and on the data files that these name. Comments and docstrings of
modules do not count, and neither does a module that is not imported.
"""

import ast
import hashlib
import re
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

import imports
from notebook_files import code_cells, first_prose

DATA_FILES = (
    "emoRav_data.csv",
    "speech_features.csv",
    "trained_model/Speech_CNN.json",
    "trained_model/held_out_predictions.csv",
    "benchmarks/results.json",
)
TIME_SENTENCE = re.compile(r"(<!-- time -->)(.*?)(<!-- /time -->)", re.DOTALL)


def outline(node):
    """Code as nested lists, without what it would do the same without.

    ``ast.dump`` writes another text for another Python; this is the same for all.
    """
    if isinstance(node, ast.AST):
        fields = [(name, outline(value)) for name, value in ast.iter_fields(node)]
        kept = [[name, value] for name, value in fields if value not in ("None", [])]
        return [type(node).__name__, kept]
    return [outline(item) for item in node] if isinstance(node, list) else repr(node)


def without_docstrings(tree: ast.Module) -> ast.Module:
    """The code of a module without any docstring; comments went when it was parsed."""
    for node in ast.walk(tree):
        has_body = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        if isinstance(node, has_body) and ast.get_docstring(node) is not None:
            del node.body[0]
    return tree


def code_of(notebook) -> ast.Module:
    """The code cells as one module; magic commands as the calls that they stand for."""
    cells = "\n".join(cell.source for cell in code_cells(notebook))
    return ast.parse(TransformerManager().transform_cell(cells))


def modules_of(notebook, path: Path) -> dict[str, Path]:
    """The modules on which the outputs of the notebook at ``path`` depend."""
    modules = imports.modules_below(path.parent)
    first = imports.modules_imported(code_of(notebook), modules)
    # Of the tasks, which ``exercises`` loads by number, those of this lesson.
    own = f".tasks.lesson_{path.name[0]}"
    first |= {name for name in modules if name.endswith(own)}
    return {name: modules[name] for name in imports.followed(first, modules)}


def digest(notebook, path: Path) -> str:
    """What the outputs of the notebook at ``path`` depend on, as one checksum."""
    parts = [cell.source for cell in code_cells(notebook)]
    text = "\n".join(parts)
    for name, module in sorted(modules_of(notebook, path).items()):
        code = str(outline(without_docstrings(imports.parsed(module))))
        parts += [name, code]
        text += code
    total = hashlib.sha256("\0".join(parts).encode())
    for file in (path.parents[1] / name for name in DATA_FILES):
        if file.name in text and file.is_file():
            total.update(file.name.encode() + file.read_bytes().replace(b"\r\n", b"\n"))
    return total.hexdigest()


def stated_time(seconds: float) -> str:
    """A time as the first cell states it: to 10 s, from 2 minutes on to half of one."""
    tens = max(10, 10 * round(seconds / 10))
    if tens < 120:
        return f"about {tens} seconds"
    halves = round(seconds / 30)
    return f"about {halves / 2:g} minutes"


def stamp(notebook, path: Path, seconds: float) -> None:
    """Note in the notebook for ``path`` what it was made from and how long that took.

    A time already there stays if the new one is within a fifth of it, so that
    a refresh with nothing new changes nothing.
    """
    mark = notebook.metadata.setdefault("xai4ser", {})
    mark["source_sha256"] = digest(notebook, path)
    before, cells = mark.get("seconds", 0), len(code_cells(notebook))
    of_cells = notebook.metadata.pop("seconds_of_cells", [])
    is_as_before = abs(seconds - before) <= before / 5
    if not is_as_before:
        mark["seconds"] = max(1, round(seconds))
    if of_cells and (
        not is_as_before or len(mark.get("seconds_of_cells", [])) != cells
    ):
        mark["seconds_of_cells"] = of_cells
    seconds = mark["seconds"]
    cell = first_prose(notebook)
    if cell is not None:
        sentence = rf"\g<1>{stated_time(seconds)}\g<3>"
        cell.source = TIME_SENTENCE.sub(sentence, cell.source)
