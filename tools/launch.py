"""Launch links for Binder and Colab, made from the repository's address.

    python tools/launch.py          README.md, and the first cell of each notebook

The address is one setting, ``repository`` under ``[tool.course]`` in pyproject.toml.
While it is empty there are no links, and notebooks have no cell for Colab. Binder reads
``.binder/``. Colab opens one notebook alone, so its first code cell fetches the course
and installs the requirements; elsewhere it does nothing. Nobody's results depend on it:
it is not executed here, and makes no notebook stale.
"""

import tomllib
from pathlib import Path

import nbformat

from marks import between
from notebook_files import COLAB, has_tag, numbered_notebooks, write
from repository import ROOT
from xai4ser.files import write_text

BRANCH = "main"
GITHUB = "https://github.com/"
CELL = """\
if "google.colab" in str(get_ipython()):  # sets Colab up; elsewhere nothing happens
    !git clone -q --depth 1 {repository} /content/course
    !cd /content/course && pip install -q -r requirements.txt
    %cd -q /content/course/notebooks"""
NEEDS = """
Binder needs no account; it builds the environment when it is first asked for, which
takes some minutes, and forgets what you did. Colab needs a Google account; run the
first cell, which fetches the course and installs what it needs.
"""


def address(root: Path = ROOT) -> str:
    """The repository's address, or "" while nobody has set it.

    Raises ValueError if it is no address on GitHub, from which both services start.
    """
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    found = tomllib.loads(text)["tool"]["course"]["repository"].rstrip("/")
    if found and (not found.startswith(GITHUB) or found.count("/") != 4):
        raise ValueError(
            f"repository in pyproject.toml is {found}; write it like "
            f'"{GITHUB}owner/name", or "" for no launch links.'
        )
    return found


def links(repository: str, notebook: str) -> dict[str, str]:
    """Where a notebook of the repository starts, by service."""
    place = repository.removeprefix(GITHUB)
    path = f"notebooks/{notebook}"
    return {
        "Binder": f"https://mybinder.org/v2/gh/{place}/{BRANCH}?labpath={path}",
        "Colab": f"https://colab.research.google.com/github/{place}/blob/{BRANCH}/{path}",
    }


def links_in_words(repository: str, root: Path = ROOT) -> str:
    """The links to all lessons, as Markdown; "" without an address."""
    if not repository:
        return ""
    lines = ["", "Without installing anything:", ""]
    for path in numbered_notebooks(root):
        shown = [f"[{k}]({v})" for k, v in links(repository, path.name).items()]
        lines.append(f"* lesson {path.name[0]}: {', '.join(shown)}")
    return "\n".join([*lines, NEEDS])


def with_cell(notebook, repository: str):
    """The notebook with the cell that sets Colab up, or without one."""
    cells = [cell for cell in notebook.cells if not has_tag(cell, COLAB)]
    if repository:
        cell = nbformat.v4.new_code_cell(CELL.format(repository=repository), id=COLAB)
        cell.metadata["tags"] = [COLAB]
        first_code = next(n for n, c in enumerate(cells) if c.cell_type == "code")
        cells.insert(first_code, cell)
    notebook.cells = cells
    return notebook


def main(root: Path = ROOT) -> None:
    repository = address(root)
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    write_text(readme, between(text, "launch", links_in_words(repository, root)))
    for path in numbered_notebooks(root):
        write(with_cell(nbformat.read(path, as_version=4), repository), path)
    print(
        f"Launch links start from {repository}." if repository else "No launch links."
    )


if __name__ == "__main__":
    main()
