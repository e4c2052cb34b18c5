"""Execute a notebook, with a line for each cell as it runs."""

import os
import re
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from notebook_files import COLAB, NotebookError, code_cells, headings, is_code


class Progress:
    """Prints, cell by cell, where in the notebook the kernel is, and for how long."""

    def __init__(self, notebook, name: str):
        self.name = name
        self.above = headings(notebook)
        self.total = len(code_cells(notebook))
        self.number, self.source, self.since = 0, "", 0.0
        self.seconds = []  # of each cell

    def cell_starts(self, cell, cell_index):
        if is_code(cell):
            self.number += 1
            self.source, self.since = cell.source, time.monotonic()
            place = f"{self.name:18} {f'{self.number}/{self.total}':>7}"
            print(f"{place}  {self.above[cell_index][:44]:44}", end="", flush=True)

    def cell_ends(self, cell, cell_index, execute_reply):
        self.seconds.append(round(time.monotonic() - self.since, 1))
        print(f"  {self.seconds[-1]:6.1f} s", flush=True)


CORPUS = re.compile(r"^corpus = (corpora\.)?RAVDESS\b.*$", re.MULTILINE)


def on_corpus(notebook, folder: Path) -> bool:
    """Let the line ``corpus = ...`` of ``notebook`` read the recordings in ``folder``.

    Returns whether there is such a line.
    """
    line = f"corpus = corpora.read({Path(folder).as_posix()!r})"
    found = 0
    for cell in code_cells(notebook):
        cell.source, count = CORPUS.subn(lambda match: line, cell.source)
        found += count
    return found > 0


def execute(path: Path, corpus: Path | None = None):
    """Execute the notebook at ``path`` from its own folder; the file stays as it is.

    With ``corpus``, a folder of one's own recordings, it runs on these. Returns the
    executed notebook and the seconds it took. Raises NotebookError at the first cell
    that fails, with its source and traceback; its attribute ``notebook`` holds what was
    executed.
    """
    notebook = nbformat.read(path, as_version=4)
    if corpus and not on_corpus(notebook, corpus):
        failure = NotebookError(
            f"{path.name} has no line that begins with: corpus = corpora.RAVDESS. "
            "Restore it with: git checkout -- notebooks"
        )
        failure.notebook = notebook
        raise failure
    progress = Progress(notebook, path.stem)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        timeout=None,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        skip_cells_with_tag=COLAB,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=progress.cell_starts,
        on_cell_executed=progress.cell_ends,
    )
    # A drawing backend chosen for programs would take the figures away.
    environment = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
    started = time.monotonic()
    try:
        client.execute(env=environment)
        notebook.metadata["seconds_of_cells"] = progress.seconds
        return notebook, time.monotonic() - started
    except CellExecutionError as error:
        reason = str(error)
    except DeadKernelError:
        print()
        reason = (
            "Python itself stopped in this cell, mostly for lack of memory. "
            f"Close other programs, then run this again.\n\n{progress.source}"
        )
    place = f"code cell {progress.number} of {progress.total}"
    failure = NotebookError(f"{path.name} failed in {place}.\n\n{reason}")
    failure.notebook = notebook
    raise failure


def in_minutes(seconds: float) -> str:
    """A measured time, such as "1 min 05 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
