"""A figure for the screen: whole if its labels are large enough, else in steps.

A picture of 4 x 2 panels that is legible in a page is too small on a projector. Its
panels are found by their axes (a line to the left that meets one below), cut out, and
put together anew, as many on a step as leave the labels large. A label that belongs to
the whole figure, or to the lowest axis of a column, goes along with every step.
"""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

LABEL = 12 * 100 / 72  # pixels: the labels of the course have 12 points, at 100 dpi
LEAST_LABEL = 18  # pixels on the screen
LEAST_SCALE = LEAST_LABEL / LABEL
WHITE, GAP = 255, 10


@dataclass
class Panel:
    """The corners of an axis, in pixels."""

    left: int
    right: int
    top: int
    bottom: int


@dataclass
class Unit:
    """What stays together in a step: a panel with its labels, or a row of panels.

    ``foot`` is what it lacks below: the labels of the axis that it shares.
    """

    picture: np.ndarray
    foot: np.ndarray | None


def scale_in(shape, room: tuple[int, int]) -> float:
    """How much a picture of this shape can be enlarged in a room (width, height)."""
    height, width = shape[:2]
    return min(room[0] / width, room[1] / height)


def steps(png: bytes, room: tuple[int, int]) -> list[bytes]:
    """The picture in as few steps as have large labels in ``room``."""
    picture = trimmed(pixels(png))
    if scale_in(picture.shape, room) >= LEAST_SCALE:
        return [as_png(picture)]
    most = room[0] / LEAST_SCALE, room[1] / LEAST_SCALE
    parts = cut(picture, most)
    if len(parts) == 1:
        parts = enlarged(picture, most)
    return [as_png(part) for part in parts]


def pixels(png: bytes) -> np.ndarray:
    """(rows, columns, 3)"""
    with Image.open(io.BytesIO(png)) as picture:
        return np.asarray(picture.convert("RGB"))


def size(png: bytes) -> tuple[int, int]:
    """Width and height."""
    with Image.open(io.BytesIO(png)) as picture:
        return picture.size


def as_png(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).quantize(256, dither=Image.Dither.NONE).save(
        file, "PNG", optimize=True
    )
    return file.getvalue()


def ink(picture: np.ndarray) -> np.ndarray:
    """(rows, columns), True where something is drawn."""
    return picture.min(axis=2) < 250


def runs(there: np.ndarray, apart: int = 1) -> list[tuple[int, int]]:
    """First and last place of each run of True; gaps below ``apart`` are bridged."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], there.astype(int), [0]])))
    found = []
    for first, end in edges.reshape(-1, 2):
        if found and first - found[-1][1] - 1 < apart:
            found[-1] = found[-1][0], int(end) - 1
        else:
            found.append((int(first), int(end) - 1))
    return found


def trimmed(picture: np.ndarray) -> np.ndarray:
    """Without the white border."""
    drawn = ink(picture)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    if not len(rows):
        return picture
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def panels(picture: np.ndarray) -> list[Panel]:
    """The axes: where a long dark line to the left meets a long dark one below."""
    dark = picture.max(axis=2) < 60
    height, width = dark.shape
    shortest = max(40, 0.05 * height)
    lower = [
        (y, *run)
        for y in np.flatnonzero(dark.sum(axis=1) > 0.12 * width)
        for run in runs(dark[y])
        if run[1] - run[0] > 0.12 * width
    ]
    upright = [
        (x, *run)
        for x in np.flatnonzero(dark.sum(axis=0) > shortest)
        for run in runs(dark[:, x])
        if run[1] - run[0] > shortest
    ]
    found = []
    for x, top, end in upright:
        for y, left, right in lower:
            meet = abs(x - left) < 8 and abs(end - y) < 8
            known = any(abs(x - p.left) < 8 and abs(y - p.bottom) < 8 for p in found)
            if meet and not known:
                found.append(Panel(x, right, top, y))
    return found


def rows_of(found: list[Panel]) -> list[list[Panel]]:
    """The panels, row by row."""
    rows = []
    for panel in sorted(found, key=lambda panel: (panel.bottom, panel.left)):
        if rows and abs(rows[-1][0].bottom - panel.bottom) < 8:
            rows[-1].append(panel)
        else:
            rows.append([panel])
    return [sorted(row, key=lambda panel: panel.left) for row in rows]


def lines_below(drawn, row: list[Panel], end: int) -> list[tuple[int, int]]:
    """The lines of text from below a row of axes to ``end``: ticks, label, title."""
    inside = np.zeros(drawn.shape[1], dtype=bool)
    for panel in row:
        inside[panel.left + 2 : panel.right] = True
    start = max(panel.bottom for panel in row) + 8  # below the marks of the ticks
    there = drawn[start:end][:, inside].any(axis=1)
    return [(a + start, b + start) for a, b in runs(there, apart=2) if b - a > 4]


def cut(picture: np.ndarray, most: tuple[float, float]) -> list[np.ndarray]:
    """The picture as steps, each of at most so many pixels, if that can be done."""
    rows = rows_of(panels(picture))
    if sum(map(len, rows)) < 2:
        return [picture]
    grid = grid_of(picture, rows)
    each_alone = grid.picture.shape[1] > most[0]
    units = [
        unit
        for number in range(len(grid.rows))
        for unit in (
            panels_alone(grid, number) if each_alone else [whole_row(grid, number)]
        )
    ]
    return put_together(units, grid.head, most)


@dataclass
class Grid:
    """A picture of several rows of panels, and where to cut it.

    ``begins`` is where each row begins, and the end of the last; ``labels`` are the
    lines of text below the axes of each row; ``head`` what belongs above every step.
    """

    picture: np.ndarray
    rows: list[list[Panel]]
    head: list[np.ndarray]
    begins: list[int]
    labels: list[list[tuple[int, int]]]

    def row(self, number: int) -> np.ndarray:
        return self.picture[self.begins[number] : self.begins[number + 1]]

    def missing(self, number: int) -> list[tuple[int, int]]:
        """The lines of the lowest labels that this row does not have."""
        return self.labels[-1][len(self.labels[number]) :]


def grid_of(picture: np.ndarray, rows: list[list[Panel]]) -> Grid:
    head, picture, rows = without_side_label(picture, rows)
    drawn = ink(picture)
    titles = runs(drawn[: min(panel.top for panel in rows[0])].any(axis=1), apart=2)
    titles = [line for line in titles if line[1] - line[0] > 4]
    begins, labels = [0], []
    for row, following in zip(rows, rows[1:], strict=False):
        lines = lines_below(drawn, row, min(panel.top for panel in following) - 2)
        labels.append(lines[:-1] if titles else lines)  # the last is the next title
        bottom = max(panel.bottom for panel in row)
        begins.append(labels[-1][-1][1] + 2 if labels[-1] else bottom + 8)
    labels.append(lines_below(drawn, rows[-1], len(picture)))
    inner = column_edges(drawn, rows[-1])[1:-1]
    if len(titles) > 1 and any(crosses(drawn, titles[:1], edge) for edge in inner):
        begins[0] = titles[0][1] + 2  # below the title of the whole figure
        head.append(trimmed(picture[: begins[0]]))
    return Grid(picture, rows, head, [*begins, len(picture)], labels)


def whole_row(grid: Grid, number: int) -> Unit:
    missing = grid.missing(number)
    foot = grid.picture[missing[0][0] - 2 : missing[-1][1] + 2] if missing else None
    return Unit(grid.row(number), foot)


def panels_alone(grid: Grid, number: int) -> list[Unit]:
    """The panels of a row, each with the labels that it shares with others."""
    row, strip = grid.rows[number], grid.row(number)
    drawn = ink(strip)
    edges = column_edges(drawn, row)
    missing, shared = grid.missing(number), None
    lowest = grid.labels[-1][-1:]
    if any(crosses(ink(grid.picture), lowest, edge) for edge in edges[1:-1]):
        # The lowest label belongs to all columns.
        first, last = lowest[0]
        shared = trimmed(grid.picture[first : last + 1])
        strip = strip[: first - 2 - grid.begins[number]]
        missing = missing[:-1]
    units = []
    for panel, left, right in zip(row, edges, edges[1:], strict=False):
        part, foot = strip[:, left:right], []
        if missing:
            lines = slice(missing[0][0] - 2, missing[-1][1] + 2)
            foot.append(grid.picture[lines, left:right])
        foot += [] if shared is None else [shared]
        below = (
            stacked([*foot, blank(1, right - left)], in_middle=True) if foot else None
        )
        if panel is not row[0] and not has_labels(ink(grid.picture), panel, left):
            side = strip[:, : row[0].left - 1]
            part = np.hstack([side, part[:, max(0, panel.left - left - 8) :]])
            if below is not None:
                below = np.hstack([blank(len(below), side.shape[1]), below])
        units.append(Unit(part, below))
    return units


def without_side_label(picture, rows):
    """The label to the left of all rows, laid flat, and the picture without it."""
    drawn = ink(picture)
    first = runs(drawn.any(axis=0), apart=2)[0]
    words = runs(drawn[:, first[0] : first[1] + 1].any(axis=1), apart=20)
    is_shared = len(words) == 1 and any(
        words[0][0] < row[0].bottom < words[0][1] for row in rows[:-1]
    )
    if not is_shared or first[1] - first[0] > 40:
        return [], picture, rows
    flat = np.rot90(picture[words[0][0] : words[0][1] + 1, : first[1] + 1], -1)
    shift = first[1] + 1
    moved = [
        [Panel(p.left - shift, p.right - shift, p.top, p.bottom) for p in row]
        for row in rows
    ]
    return [trimmed(flat)], picture[:, shift:], moved


def column_edges(drawn: np.ndarray, row: list[Panel]) -> list[int]:
    """Where to cut a row between its panels: in the middle of the widest gap."""
    edges = [0]
    for panel, following in zip(row, row[1:], strict=False):
        between = ~drawn[:, panel.right + 1 : following.left - 6].any(axis=0)
        gaps = runs(between) or [(0, 0)]
        first, last = max(gaps, key=lambda gap: gap[1] - gap[0])
        edges.append(panel.right + 1 + (first + last) // 2)
    return [*edges, drawn.shape[1]]


def crosses(drawn, lines, column: int) -> bool:
    """Whether a line of text goes through this column."""
    return any(
        drawn[first : last + 1, max(0, column - 9) : column + 9].any()
        for first, last in lines
    )


def has_labels(drawn, panel: Panel, edge: int) -> bool:
    """Whether the ticks of its vertical axis have numbers, to the right of ``edge``."""
    first = max(edge, panel.left - 30)
    beside = drawn[panel.top : panel.bottom, first : panel.left - 8]
    return len(runs(beside.any(axis=1), apart=9)) > 1  # a label has no such gaps


def blank(height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), WHITE, dtype=np.uint8)


def stacked(pictures: list[np.ndarray], in_middle: bool = False) -> np.ndarray:
    """One above the other, to the left or in the middle."""
    width = max(picture.shape[1] for picture in pictures)
    lines = []
    for picture in pictures:
        spare = width - picture.shape[1]
        left = spare // 2 if in_middle else 0
        sides = [blank(len(picture), n) for n in (left, spare - left)]
        lines += [np.hstack([sides[0], picture, sides[1]]), blank(GAP, width)]
    return np.vstack(lines[:-1])


def put_together(units: list[Unit], head, most) -> list[np.ndarray]:
    """As many units on a step as there is room for."""

    def step(chosen: list[Unit]) -> np.ndarray:
        parts = [unit.picture for unit in chosen]
        if chosen[-1].foot is not None:
            parts.append(chosen[-1].foot)
        return stacked([*head, *parts])

    found = []
    for unit in units:
        together = step([*found[-1], unit]) if found else None
        fits = together is not None and scale_in(together.shape, most) >= 1
        if fits:
            found[-1].append(unit)
        else:
            found.append([unit])
    return [step(chosen) for chosen in found]


def enlarged(picture: np.ndarray, most: tuple[float, float]) -> list[np.ndarray]:
    """Two overlapping parts of a single panel, each with the labels of its axes."""
    dark = picture.max(axis=2) < 60
    height, width = dark.shape
    if width > most[0]:
        upright = np.flatnonzero(dark.sum(axis=0) > 0.4 * height)
        side = picture[:, : max(0, upright[0] - 1)] if len(upright) else picture[:, :0]
        rest = picture[:, width - (int(most[0]) - side.shape[1]) :]
        return [picture[:, : int(most[0])], np.hstack([side, rest])]
    lying = np.flatnonzero(dark.sum(axis=1) > 0.4 * width)
    foot = picture[lying[-1] - 1 :] if len(lying) else picture[:0]
    free = np.flatnonzero(~ink(picture).any(axis=1))
    middle = height // 2
    edge = int(free[np.abs(free - middle).argmin()]) if len(free) else middle
    edge = edge if abs(edge - middle) < height / 5 else middle
    return [np.vstack([picture[:edge], foot]), picture[edge:]]
