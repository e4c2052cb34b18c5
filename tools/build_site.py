"""The site and the hand-outs: everything to read, without a network.

    python tools/build_site.py      build/site/index.html, build/handouts/*.pdf

The site is made with Sphinx from the notebooks, as `make run` executed them if it
did, and from docs/. The hand-outs are printed by Chromium, if it is there.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from sphinx.cmd.build import build_main

import front_page
import pages
from notebook_files import (
    NotebookError,
    code_cells,
    first_prose,
    newest,
    numbered_notebooks,
)
from repository import ROOT

CHROMIUM = ("chromium", "google-chrome", "chromium-browser")
PRINT_STYLE = """<style>
@page { size: A4; margin: 15mm; }
@media print {
  audio { display: none; }
  .jp-Cell, img, table, pre { break-inside: avoid; }
  .jp-InputArea-editor pre { white-space: pre-wrap; }
}
</style>"""


def site_notebook(path: Path, root: Path):
    """The executed notebook, with a title of its own and its figures described."""
    notebook = newest(path, root)
    opening = first_prose(notebook)
    # The first heading is the series' name, which stands on every page anyway.
    opening.source = re.sub(r"\A# .*\n+## ", "# ", opening.source)
    for cell in code_cells(notebook):
        for output in cell.outputs:
            alt = output.get("metadata", {}).get("image/png", {}).get("alt")
            if alt:
                cell.metadata["mystnb"] = {"image": {"alt": alt}}
    return notebook


def build_site(root: Path = ROOT) -> Path:
    """Build the site in build/site/; the path of its first page."""
    source, target = root / "build" / "site_source", root / "build" / "site"
    for folder in (source, target):
        shutil.rmtree(folder, ignore_errors=True)
    # As in the repository, so that links from one file to another hold.
    for folder in ("notebooks", "docs"):
        (source / folder).mkdir(parents=True)
    for path in numbered_notebooks(root):
        nbformat.write(site_notebook(path, root), source / "notebooks" / path.name)
    front = front_page.filled(root)
    (source / "index.md").write_text(front, encoding="utf-8")
    for name in re.findall(r"^(docs/\w+)$", front, re.MULTILINE):
        shutil.copy(root / f"{name}.md", source / "docs")
    shutil.copy(root / "docs" / "result.png", source / "docs")
    arguments = ["-q", "-b", "html", "-c", str(root / "docs"), str(source), str(target)]
    if build_main(arguments):
        raise NotebookError("Sphinx failed; it says why above.")
    return target / "index.html"


def print_handouts(root: Path = ROOT) -> list[Path]:
    """Print each notebook to build/handouts/; their paths, none without Chromium."""
    browser = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if browser is None:
        print("No hand-outs: they are printed by Chromium, which is not here.")
        return []
    folder = root / "build" / "handouts"
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for path in numbered_notebooks(root):
        notebook = newest(path, root)
        page = pages.page(notebook, path)
        target = folder / f"{path.stem}.pdf"
        with tempfile.TemporaryDirectory() as temporary:
            html = Path(temporary) / "page.html"
            html.write_text(page.replace("</head>", PRINT_STYLE + "</head>", 1))
            # --no-sandbox: Chromium refuses to start for root otherwise.
            subprocess.run(
                [browser, "--headless", "--no-sandbox", "--disable-gpu"]
                + [f"--user-data-dir={temporary}/user", "--no-pdf-header-footer"]
                + [f"--print-to-pdf={target}", html.as_uri()],
                check=True,
                timeout=300,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        made.append(target)
    return made


def main() -> int:
    print("The site, which needs no network:")
    print(f"  {build_site().relative_to(ROOT)}")
    for path in print_handouts():
        print(f"  {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
