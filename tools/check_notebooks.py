"""Check the committed notebooks without running them: clean, short, up to date."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat

from clean import WIDGET_VIEW, machine_paths
from notebook_files import code_cells, first_prose, numbered_notebooks, outputs
from repository import ROOT
from stamp import TIME_SENTENCE, digest, stated_time

LARGEST_NOTEBOOK = 2_000_000  # bytes
LONGEST_CELL = 25  # lines of code
LEAST_PROSE = 6  # words per line of code

# A problem, and what must be done about it before the notebook is refreshed.
Problem = tuple[str, str]


def wrong_stamp(notebook, path: Path) -> Iterator[Problem]:
    """The stamp, and the time that the first cell states."""
    mark = notebook.metadata.get("xai4ser", {})
    if "source_sha256" not in mark:
        yield "has no stamp", ""
    elif mark["source_sha256"] != digest(notebook, path):
        yield (
            "its code, a module that it imports or a data file has changed since its "
            "outputs were made",
            "",
        )
    opening = first_prose(notebook)
    sentence = TIME_SENTENCE.search(opening.source if opening else "")
    if sentence is None:
        yield (
            "its first markdown cell does not say how long it takes",
            "write `<!-- time --><!-- /time -->` there",
        )
    elif mark and sentence[2] != stated_time(mark.get("seconds", 0)):
        yield "states a time that was not measured", ""


def wrong_outputs(notebook, root: Path) -> Iterator[Problem]:
    """What was not executed, failed, or must not be committed."""
    cells = code_cells(notebook)
    if [c.execution_count for c in cells] != list(range(1, len(cells) + 1)):
        yield "was not executed once from top to bottom", ""
    for number, output in outputs(notebook):
        where = f"code cell {number}"
        if output.output_type == "error":
            yield f"{where} ends in {output.ename}", "put it right"
        if output.output_type == "stream" and output.name == "stderr":
            yield f"{where} holds stderr output", ""
        if "data:audio" in json.dumps(output):
            yield f"{where} holds sound", ""
        if WIDGET_VIEW in output.get("data", {}):
            yield f"{where} holds a widget", ""
        for shown in machine_paths(output, root):
            remedy = "print paths relative to the repository"
            yield f"{where} shows the path {shown}", remedy
    if "widgets" in notebook.metadata:
        yield "holds widget state", ""


def too_much(notebook, path: Path) -> Iterator[Problem]:
    """What a reader would find too long."""
    size = path.stat().st_size
    if size > LARGEST_NOTEBOOK:
        limit = f"more than {LARGEST_NOTEBOOK / 1e6:.0f}"
        yield f"has {size / 1e6:.1f} MB, {limit}", "draw smaller figures"
    for number, cell in enumerate(code_cells(notebook), start=1):
        length = len(cell.source.splitlines())
        if length > LONGEST_CELL:
            problem = f"code cell {number} has {length} lines, more than {LONGEST_CELL}"
            yield problem, "divide it or move a part to the library"
    words = words_per_line(notebook)
    if words < LEAST_PROSE:
        problem = f"has {words:.1f} words of prose per line of code, fewer than "
        yield f"{problem}{LEAST_PROSE}", "explain more, or move code to the library"


def words_per_line(notebook) -> float:
    """Words of prose per line of code; solutions in prose cells do not count."""
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    prose = re.sub(r"```.*?```|<!--.*?-->|<[^>]+>", " ", prose, flags=re.DOTALL)
    lines = [x for c in code_cells(notebook) for x in c.source.splitlines()]
    return len(prose.split()) / max(1, sum(1 for x in lines if x.strip()))


def problems_of(path: Path, root: Path = ROOT) -> list[str]:
    """What is wrong with a committed notebook, one sentence each, with the remedy."""
    notebook = nbformat.read(path, as_version=4)
    refresh = f"run `make refresh NOTEBOOKS={path.name[0]}`"
    problems = [
        *wrong_stamp(notebook, path),
        *wrong_outputs(notebook, root),
        *too_much(notebook, path),
    ]
    return [
        f"notebooks/{path.name}: {problem}: {f'{first}, then ' if first else ''}"
        f"{refresh}."
        for problem, first in problems
    ]


def check(root: Path = ROOT) -> list[str]:
    """All problems of all committed notebooks."""
    return [p for path in numbered_notebooks(root) for p in problems_of(path, root)]
