"""Draw docs/architecture.svg: the wings, their modules, and what imports what.

    python tools/draw_architecture.py

A box is a module. It stands above all that it imports, and an arrow leads to each of
these, unless another import leads there already. Tools may import everything below
them, so that their arrows to the other wings are left out.
"""

from graphlib import TopologicalSorter
from html import escape

from imports import followed, imports_of_all, modules_below
from repository import ROOT

PICTURE = ROOT / "docs" / "architecture.svg"
# From top to bottom: name, colour, and the packages or folders of scripts.
WINGS = {
    "workshop": ("#f3e3d3", ("tools",)),
    "course": ("#dcebdc", ("notebooks/course",)),
    "science": ("#dbe7f5", ("notebooks/xai4ser",)),
}
BOX, GAP, ROW, MARGIN = (128, 30), 12, 66, 24  # pixels; a box is wide and high
MOST = 9  # boxes in a row


def all_modules() -> dict:
    """The modules of all wings but empty packages, by name."""
    found = modules_below(ROOT / "notebooks") | modules_below(ROOT / "tools")
    importing = imports_of_all(found)
    return {
        name: path
        for name, path in found.items()
        if path.name != "__init__.py" or importing[name]
    }


def wing_of(path) -> str:
    """The wing in which a module lies."""
    place = path.relative_to(ROOT).as_posix()
    for wing, (_, folders) in WINGS.items():
        if place.startswith(tuple(f"{folder}/" for folder in folders)):
            return wing
    raise ValueError(f"{place} is in no wing: move it, or name its folder in WINGS.")


def levels(names: set[str], graph: dict[str, set[str]]) -> list[list[str]]:
    """``names`` in rows, the top one first: each above what it imports of them."""
    inside = {name: graph[name] & names for name in sorted(names)}
    height = {}
    for name in TopologicalSorter(inside).static_order():
        height[name] = 1 + max((height[below] for below in inside[name]), default=-1)
    rows = [
        sorted(name for name in names if height[name] == level)
        for level in range(max(height.values(), default=-1), -1, -1)
    ]
    return [
        row[start : start + MOST] for row in rows for start in range(0, len(row), MOST)
    ]


def arrows(graph: dict[str, set[str]], modules: dict) -> list[tuple[str, str]]:
    """Who imports whom, without what follows from the others."""
    reached = {name: followed({name}, modules) - {name} for name in modules}
    wings = {name: wing_of(path) for name, path in modules.items()}
    return [
        (name, below)
        for name in sorted(graph)
        for below in sorted(graph[name])
        if not any(below in reached[other] for other in graph[name] - {below})
        and (wings[name] != "workshop" or wings[below] == "workshop")
    ]


def draw() -> str:
    """The picture as SVG."""
    modules = all_modules()
    graph = imports_of_all(modules)
    width = 2 * MARGIN + MOST * (BOX[0] + GAP)
    places, bands, top = {}, [], MARGIN
    for wing, (colour, _) in WINGS.items():
        rows = levels(
            {n for n, path in modules.items() if wing_of(path) == wing}, graph
        )
        if not rows:
            continue
        height = ROW * len(rows) + MARGIN
        bands.append(
            f'<rect x="8" y="{top}" width="{width - 16}" height="{height}" rx="8" '
            f'fill="{colour}"/><text x="18" y="{top + 19}" font-weight="bold">'
            f"{wing}</text>"
        )
        for number, row in enumerate(rows):
            left = (width - len(row) * (BOX[0] + GAP) + GAP) / 2
            for place, name in enumerate(row):
                y = top + MARGIN + 8 + number * ROW
                places[name] = left + place * (BOX[0] + GAP), y
        top += height + GAP
    lines = [
        line(places[above], places[below]) for above, below in arrows(graph, modules)
    ]
    boxes = [box(name, *place) for name, place in sorted(places.items())]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" '
            'font-family="sans-serif" font-size="13" role="img">',
            "<title>The modules of the three wings; every arrow leads down</title>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" '
            'markerWidth="7" markerHeight="7" orient="auto">'
            '<path d="M0 0 L8 4 L0 8 z" fill="#555"/></marker></defs>',
            *bands,
            *lines,
            *boxes,
            "</svg>\n",
        ]
    )


def line(above, below) -> str:
    """An arrow from the lower edge of one box to the upper edge of another."""
    (x1, y1), (x2, y2) = above, below
    middle = BOX[0] / 2
    return (
        f'<line x1="{x1 + middle:g}" y1="{y1 + BOX[1]}" x2="{x2 + middle:g}" y2="{y2}" '
        'stroke="#777" stroke-width="0.8" marker-end="url(#tip)"/>'
    )


def box(name: str, x: float, y: float) -> str:
    shown = escape(name.split(".", 1)[-1])
    return (
        f'<rect x="{x:g}" y="{y}" width="{BOX[0]}" height="{BOX[1]}" rx="4" '
        f'fill="white" stroke="#333"/><text x="{x + BOX[0] / 2:g}" y="{y + 20}" '
        f'text-anchor="middle">{shown}</text>'
    )


def main() -> None:
    PICTURE.write_text(draw(), encoding="utf-8")
    print(f"  {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
