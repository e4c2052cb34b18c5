"""Figures in steps: large labels, every panel once, and shared labels on each step."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest

import figure_steps
from xai4ser import plots

ROOM = (1240, 560)


def drawn(rows: int, columns: int, size, **shared) -> bytes:
    """A figure of the course's style, as the PNG picture that Jupyter stores."""
    plots.use_course_style()
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, **shared)
    for number, ax in enumerate(axes.flat):
        ax.plot([0, 1], [number, 2 * number + 1])
        ax.set_title(f"panel {number}")
    for ax in axes[-1]:
        ax.set_xlabel("time (s)")
    file = io.BytesIO()
    figure.savefig(file, format="png", bbox_inches="tight")
    return file.getvalue()


@pytest.mark.parametrize(
    ("rows", "columns", "size", "steps"),
    [
        (1, 1, (9, 4), 1),  # large as it is
        (1, 2, (13, 4), 2),
        (4, 2, (13, 10), 7),  # the last two fit on one
        (4, 1, (9, 9), 2),
        (1, 1, (13, 4), 2),  # one panel, in two parts that overlap
        (1, 1, (9, 9), 2),
    ],
)
def test_labels_are_large_on_every_step(rows, columns, size, steps):
    made = figure_steps.steps(drawn(rows, columns, size), ROOM)
    assert len(made) == steps
    for png in made:
        scale = figure_steps.scale_in(figure_steps.pixels(png).shape, ROOM)
        assert scale * figure_steps.LABEL > figure_steps.LEAST_LABEL - 0.2


def test_all_panels_are_found():
    picture = figure_steps.trimmed(figure_steps.pixels(drawn(4, 2, (13, 10))))
    rows = figure_steps.rows_of(figure_steps.panels(picture))
    assert [len(row) for row in rows] == [2, 2, 2, 2]


def test_a_step_has_the_labels_that_panels_share():
    """The numbers of the lowest axis stand on the steps of the upper panels, too."""
    alone = figure_steps.steps(drawn(4, 2, (13, 10), sharex=True), ROOM)
    heights = [figure_steps.size(png)[1] for png in alone]
    assert max(heights) - min(heights) < 45
    lowest, upper = (
        figure_steps.trimmed(figure_steps.pixels(alone[number]))[-12:].min(axis=2)
        for number in (-1, 0)
    )
    assert (lowest < 100).sum() > 100 and (upper < 100).sum() > 100


def test_an_empty_picture():
    white = figure_steps.as_png(np.full((300, 400, 3), 255, dtype=np.uint8))
    assert len(figure_steps.steps(white, ROOM)) == 1
