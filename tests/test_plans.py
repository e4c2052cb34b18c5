"""The instructor guide's minutes: they follow from the lessons, and they add up."""

import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import marks
import plan_minutes
from conftest import REPO
from lesson_parts import Section, sections_of

LESSONS = plan_minutes.lessons()
GUIDE = (REPO / plan_minutes.GUIDE).read_text(encoding="utf-8")


def test_the_guide_is_up_to_date():
    made = plan_minutes.with_minutes(GUIDE, LESSONS)
    assert made == GUIDE, "run tools/plan_minutes.py"


@pytest.mark.parametrize("number", LESSONS)
def test_core_of_a_lesson_fits_in_45_minutes(number):
    sections = LESSONS[number]
    core = [section for section in sections if section.is_core()]
    assert core, "mark the sections of the core with ● in their headings"
    assert plan_minutes.minutes_of(sections, "core", 0) <= 45


@pytest.mark.parametrize("name", plan_minutes.PLANS)
def test_plans_add_up(name):
    available, lessons = plan_minutes.PLANS[name]
    assert plan_minutes.minutes_of_plan(lessons, LESSONS) <= available


def test_sections_of_the_guide_add_up_to_the_lesson():
    """Each is rounded; opening, set-up and close are not in the guide."""
    for number, sections in LESSONS.items():
        chapter = re.split(rf"^## (?:Notebook|Lesson) {number}\n", GUIDE, flags=re.M)[1]
        chapter = re.split(r"^## ", chapter, flags=re.M)[0]
        stated = [int(n) for n in re.findall(r"^(\d+) minutes?\b", chapter, re.M)]
        counted = [s for s in sections if not plan_minutes.is_frame(s)]
        total = sum(plan_minutes.taught(s) + plan_minutes.practised(s) for s in counted)
        assert len(stated) == len(counted)
        assert abs(sum(stated) - total) <= len(stated) / 2


def test_what_is_counted():
    figure = new_output("display_data", {"image/png": ""})
    exercise = (
        '<div class="alert alert-warning">\n\n**Exercise 1.1.** Add it up.\n\n</div>'
    )
    question = "<!-- question 1.1 -->\nWhich of all these?\n<!-- /question -->"
    cells = [
        new_markdown_cell("# Series\n\n## Lesson 1\n\nTwo words."),
        new_markdown_cell(f"## 1. ● Sound\n\nThree words here.\n\n{exercise}"),
        new_code_cell('x = ...\nexercises.check("1.1", x)'),
        new_markdown_cell(question),
        new_code_cell("draw()\n\nmore()", outputs=[figure]),
        new_markdown_cell("### Below\n\nOne.\n\n## 2. End"),
    ]
    notebook = new_notebook(cells=cells)
    notebook.metadata["xai4ser"] = {"seconds": 9, "seconds_of_cells": [1, 8]}
    _, opening, sound, end = sections_of(notebook)
    assert opening.words == 2
    assert (sound.lines, sound.figures, sound.exercises) == (2, 1, 1)
    assert sound.questions == 1 and sound.seconds == 9 and sound.is_core()
    assert 4 <= sound.words <= 6  # with the heading below it
    assert not end.is_core()
    del notebook.metadata["xai4ser"]["seconds_of_cells"]
    assert sections_of(notebook)[2].seconds == 9


def test_minutes():
    section = Section("1. ● A", words=260, lines=15, figures=1, exercises=1)
    assert plan_minutes.taught(section) == 2 + 1 + 1
    assert plan_minutes.practised(section) == 4
    section.seconds = 600  # longer than what there is to say
    assert plan_minutes.taught(section) == 10


def test_marks_that_are_missing():
    with pytest.raises(ValueError, match="<!-- plans -->"):
        marks.between("no marks", "plans", "x")
