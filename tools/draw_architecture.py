"""Draw the map of the house: docs/architecture.svg, from the imports as they are.

python tools/draw_architecture.py
"""

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt

import imports
from repository import ROOT

PICTURE = ROOT / "docs" / "architecture.svg"
WINGS = {"course": "#FDE7CF", "xai4ser": "#D6E9F8"}  # what teaches, what computes


def wing_of(name: str) -> str:
    """The package that a module belongs to."""
    return name.split(".")[0]


def arrows() -> dict[str, set[str]]:
    """For each module of the two packages, which others it imports."""
    modules = imports.modules_below(ROOT / "notebooks")
    found = imports.imports_of_all(modules)
    packages = {name for name, path in modules.items() if path.name == "__init__.py"}
    return {
        name: others - packages
        for name, others in found.items()
        if name not in packages
    }


def levels(found: dict[str, set[str]]) -> dict[str, int]:
    """How high each module stands: above everything that it imports.

    Raises ValueError for imports that go round in a circle.
    """
    height = {}

    def climb(name: str, below: tuple[str, ...] = ()) -> int:
        if name in below:
            raise ValueError("A circle of imports: " + " → ".join((*below, name)))
        if name not in height:
            above = [climb(other, (*below, name)) + 1 for other in found[name]]
            height[name] = max(above, default=0)
        return height[name]

    for name in found:
        climb(name)
    return height


def draw() -> plt.Figure:
    """Modules as boxes, each above what it imports; an arrow for each import."""
    found = arrows()
    height = levels(found)
    rows = {}
    for name in sorted(found, key=lambda n: (wing_of(n) == "xai4ser", n)):
        rows.setdefault(height[name], []).append(name)
    widest = max(map(len, rows.values()))
    places = {
        name: ((column + 0.5) * widest / len(names), level)
        for level, names in rows.items()
        for column, name in enumerate(names)
    }
    figure, ax = plt.subplots(figsize=(2.1 * widest, 1.1 * len(rows)))
    for name, others in found.items():
        for other in sorted(others):
            ax.annotate(
                "",
                places[other],
                places[name],
                arrowprops={"arrowstyle": "->", "color": "#00000022", "shrinkB": 12},
            )
    for name, (x, y) in places.items():
        box = {"boxstyle": "round", "facecolor": WINGS[wing_of(name)], "linewidth": 0.6}
        ax.text(x, y, name.partition(".")[2], ha="center", va="center", bbox=box)
    ax.set(xlim=(0, widest), ylim=(-0.6, len(rows) - 0.4))
    ax.axis("off")
    return figure


def main() -> None:
    plt.rcParams["svg.hashsalt"] = "architecture"
    plt.rcParams["svg.fonttype"] = "none"
    draw().savefig(PICTURE, metadata={"Date": None}, bbox_inches="tight")
    print(f"written: {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
