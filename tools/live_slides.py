"""Where each cell stands when the notebook is shown as live slides in JupyterLab."""

import re


def mark_slides(notebook) -> None:
    """Say of each cell where it stands when the notebook is shown as slides.

    This is for live slides in JupyterLab; tools/slides.py makes its own. A title
    or ``##`` begins a slide, ``###`` one below it, and so does what follows a
    figure, a table or a player. A cell tagged ``skip-slide`` is not shown.
    """
    is_full = False
    for cell in notebook.cells:
        kind = None
        prose = cell.source if cell.cell_type == "markdown" else ""
        if "skip-slide" in cell.metadata.get("tags", []):
            kind = "skip"
        elif re.search(r"^##? ", prose, re.MULTILINE):
            kind = "slide"
        elif is_full or re.search(r"^### ", prose, re.MULTILINE):
            kind = "subslide"
        is_full = (is_full and kind in (None, "skip")) or any(
            {"image/png", "text/html"} & set(output.get("data", {}))
            for output in cell.get("outputs", [])
        )
        cell.metadata.pop("slideshow", None)
        # Without a kind there is no key: with an explicit "-" the cell vanishes.
        if kind:
            cell.metadata["slideshow"] = {"slide_type": kind}
