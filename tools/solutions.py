"""Fill in the folded hints, solutions and questions of the notebooks.

    python tools/solutions.py

Each stands between two marks, ``<!-- solution 1.2 -->`` and ``<!-- /solution -->`` or
``<!-- question 1.2 -->`` and ``<!-- /question -->``, and is made from
``notebooks/course/tasks/`` or ``notebooks/course/questions.toml``.
"""

import re

import nbformat

import repository  # noqa: F401  (the library is found through it)
from course import exercises
from notebook_files import numbered_notebooks, write

MARKED = re.compile(r"<!-- (solution|question) ([\d.]+) -->.*?<!-- /\1 -->", re.DOTALL)
BLOCKS = {"solution": exercises.solution_block, "question": exercises.question_block}


def filled(text: str) -> str:
    """``text`` with what is between the marks made anew."""

    def block(found: re.Match) -> str:
        kind, number = found.groups()
        inside = BLOCKS[kind](number)
        return f"<!-- {kind} {number} -->\n{inside}\n<!-- /{kind} -->"

    return MARKED.sub(block, text)


def fill(notebook) -> None:
    """Fill in all prose cells of ``notebook``, in place."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = filled(cell.source)


def main() -> None:
    for path in numbered_notebooks():
        notebook = nbformat.read(path, as_version=4)
        fill(notebook)
        write(notebook, path)
        print(f"{path.name}: hints, solutions and questions filled in")


if __name__ == "__main__":
    main()
