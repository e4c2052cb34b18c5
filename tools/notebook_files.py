"""The notebooks as files: which there are, what is in them, writing them whole."""

import os
import re
from pathlib import Path

import nbformat

from repository import ROOT

COLAB = "colab"  # tag of the cell that sets Colab up (launch.py)


class NotebookError(Exception):
    """Something is wrong with a notebook; the message says what and where."""


def numbered_notebooks(root: Path = ROOT, numbers: list[int] | None = None):
    """The paths of the numbered notebooks, in order; all, or those asked for."""
    found = sorted((root / "notebooks").glob("[1-9]_*.ipynb"))
    if not found:
        raise NotebookError("There is no notebook named notebooks/[1-9]_*.ipynb.")
    if not numbers:
        return found
    by_number = {int(path.name[0]): path for path in found}
    for number in numbers:
        if number not in by_number:
            there = ", ".join(map(str, by_number))
            raise NotebookError(f"There is no notebook {number}, only {there}.")
    return [by_number[number] for number in sorted(set(numbers))]


def newest(path: Path, root: Path = ROOT):
    """The notebook at ``path``, with what `make run` showed here, sound included.

    Where it was not run, where it failed, or where its code has changed since, the
    outputs are the committed ones.
    """
    notebook = nbformat.read(path, as_version=4)
    executed = root / "build" / "executed" / path.name
    if executed.is_file():
        cells = code_cells(notebook)
        copies = code_cells(nbformat.read(executed, as_version=4))
        errors = [o for c in copies for o in c.outputs if o.output_type == "error"]
        if [c.source for c in cells] == [c.source for c in copies] and not errors:
            for cell, copy in zip(cells, copies, strict=True):
                cell.outputs = copy.outputs
    return notebook


def has_tag(cell, tag: str) -> bool:
    return tag in cell.metadata.get("tags", [])


def is_code(cell) -> bool:
    """Whether a cell is code of the lesson; what sets Colab up is not."""
    is_empty = cell.cell_type != "code" or not cell.source.strip()
    return not is_empty and not has_tag(cell, COLAB)


def code_cells(notebook) -> list:
    """The code cells of the lesson that hold code, in order."""
    return [cell for cell in notebook.cells if is_code(cell)]


def first_prose(notebook):
    """The first markdown cell, or None."""
    return next((c for c in notebook.cells if c.cell_type == "markdown"), None)


def outputs(notebook):
    """Every output of every code cell, with the cell's number among them."""
    for number, cell in enumerate(code_cells(notebook), start=1):
        for output in cell.outputs:
            yield number, output


def headings(notebook) -> list[str]:
    """For each cell, the heading that it stands under."""
    above, current = [], ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL)
            current = (re.findall(r"^#+ +(.+)$", prose, re.MULTILINE) or [current])[-1]
        above.append(current)
    return above


def write(notebook, path: Path) -> None:
    """Write a notebook under another name, then rename it: whole or not at all."""
    nbformat.validate(notebook)
    temporary = path.with_name(path.name + ".part")
    nbformat.write(notebook, temporary)
    os.replace(temporary, path)
