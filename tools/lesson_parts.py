"""What there is in each section of a lesson, counted."""

import re
from dataclasses import dataclass

from notebook_files import code_cells, is_code

EXERCISE = "exercises.check("
SECTION = re.compile(r"^## +(.+)$", re.MULTILINE)


@dataclass
class Section:
    """A section: its title, and what a class does in it."""

    title: str
    words: int = 0  # of running text: no exercises, no questions
    lines: int = 0  # of code that is read together
    figures: int = 0
    exercises: int = 0
    questions: int = 0
    seconds: float = 0.0  # that its cells run

    def is_core(self) -> bool:
        return "●" in self.title


def running_text(prose: str) -> str:
    """The prose without exercises, questions and marks."""
    prose = re.sub(r"<!-- question.*?<!-- /question -->", "", prose, flags=re.DOTALL)
    prose = re.sub(r"<div[^>]*alert-warning.*?</div>", "", prose, flags=re.DOTALL)
    return re.sub(r"<!--.*?-->|<[^>]+>", "", prose, flags=re.DOTALL)


def sections_of(notebook) -> list[Section]:
    """The sections of an executed lesson, in order; the first is its opening."""
    found = [Section("")]
    cells = code_cells(notebook)
    measured = notebook.metadata.get("xai4ser", {})
    each = measured.get("seconds_of_cells", [])
    if len(each) != len(cells):  # only the sum was measured
        each = [measured.get("seconds", 0) / max(1, len(cells))] * len(cells)
    number = 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for place, piece in enumerate(SECTION.split(cell.source)):
                if place % 2:
                    found.append(Section(piece.strip()))
                else:
                    now = found[-1]
                    now.words += len(running_text(piece).split())
                    now.questions += len(re.findall(r"<!-- question", piece))
                    now.exercises += len(re.findall(r"\*\*Exercise \d", piece))
        elif is_code(cell):
            now = found[-1]
            now.seconds += each[number]
            number += 1
            if EXERCISE not in cell.source:
                now.lines += sum(1 for x in cell.source.splitlines() if x.strip())
                now.figures += sum(
                    "image/png" in o.get("data", {}) for o in cell.outputs
                )
    return found
